//! All arguments of the command line, one file a subject.

mod contract;
mod cycle;
mod drift;
mod forest;
mod model;
mod privacy;
mod records;
mod registry;
mod run;
mod split;
mod track;

pub(super) use contract::{ContractArgs, ContractCommand, GenerateArgs, InferArgs};
pub(super) use cycle::{CycleArgs, RuleArgs};
pub(super) use drift::DriftArgs;
pub(super) use forest::Forest;
pub(super) use model::{EvaluateArgs, ScoreArgs, TrainArgs};
pub(super) use privacy::{AuditArgs, KeyArgs, KeyCommand, KeyRecords, MaskArgs, PrivacyArgs, RevealArgs};
pub(super) use records::{InputFormat, Records};
pub(super) use registry::{AddArgs, ModelArgs, ModelCommand, RegistryArgs, SignArgs, StatementArgs, TrustArgs};
pub(super) use run::{ReplayArgs, ReportArgs, RunArgs, ValidateArgs};
pub(super) use split::SplitArgs;
pub(super) use track::{FolderArgs, RecordArgs, RunsArgs, RunsCommand, TrackArgs};

use clap::{Parser, Subcommand};

/// Decides, record by record, what may enter: validates and repairs against a contract, masks personal data, scores
/// anomalies.
#[derive(Parser)]
#[command(name = "tamis", version, max_term_width = 100, propagate_version = true)]
pub(super) struct Args {
    #[command(subcommand)]
    pub(super) command: Command,
}

#[derive(Subcommand)]
pub(super) enum Command {
    /// The whole way: validate, mask, train a model (or use one), score, report.
    Run(Box<RunArgs>),
    /// Check and repair records; write the accepted, masked, and the rejected with reasons.
    Validate(ValidateArgs),
    /// Run quarantined records again, after the contract was mended.
    Replay(ReplayArgs),
    /// Search outputs for what the masks remove from the inputs; 1 when any is found.
    Audit(AuditArgs),
    /// Print the accepted records, masked, as NDJSON.
    Mask(MaskArgs),
    /// Turn reversible tokens, and values that kept their shape, back with the key.
    Reveal(RevealArgs),
    /// Make, rotate and list masking keys, and carry tokens over to a new one.
    Key(KeyArgs),
    /// Split the accepted records, masked, into files to fit on, to choose by and to measure on.
    Split(SplitArgs),
    /// Train an isolation forest on the accepted, masked records, or on bare numbers, and write it as ONNX.
    Train(Box<TrainArgs>),
    /// Print one verdict a line; of bare numbers (.npz, .npy, CSV) one score a line.
    Score(ScoreArgs),
    /// Measure how well scores tell known outliers: AUROC, average precision, precision at the threshold.
    Evaluate(Box<EvaluateArgs>),
    /// Write the data-quality report as one HTML file.
    Report(ReportArgs),
    /// Compare records with what a model was trained on, or with other records; 1 on drift.
    Drift(DriftArgs),
    /// Measure how well masked records hide who they are about: k-anonymity, l-diversity, what would improve them.
    Privacy(PrivacyArgs),
    /// Check, show or draft a contract.
    Contract(ContractArgs),
    /// Keep models: versions, the champion, cards, signatures.
    Model(ModelArgs),
    /// Take the new batches of a folder: validate, mask, watch, retrain; one turn of the lifecycle, or on and on.
    Cycle(Box<CycleArgs>),
    /// List, show, compare and chart earlier runs, or send one to an MLflow server.
    Runs(RunsArgs),
    /// Make synthetic orders, with the truth about each in a side file.
    Generate(GenerateArgs),
}

fn rate(text: &str) -> Result<f64, String> {
    let rate = text.parse::<f64>().ok().filter(|rate| (0.0..=1.0).contains(rate));
    rate.ok_or_else(|| "must be a share in [0, 1]".to_owned())
}

#[cfg(test)]
mod tests {
    use super::Args;
    use clap::CommandFactory;

    #[test]
    fn the_arguments_do_not_contradict_each_other() {
        Args::command().debug_assert();
    }
}
