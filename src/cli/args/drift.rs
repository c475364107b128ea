//! What drift takes.

use super::{Records, TrustArgs, rate};
use clap::Args as ClapArgs;
use std::path::PathBuf;

/// Compares records with a reference: drift by column, of the scores, of the acceptance and the anomaly rate. Exit code
/// 1 on drift.
///
/// REFERENCE is a model that `tamis train` wrote (it brings its training records' counts) or a registry of such, records, counters that
/// `--reference-out` or `--window-out` wrote, or a folder of `tamis run`. CURRENT is records, raw or masked, counters of
/// the same reference, or such a folder; several are added up. Only counts are compared, in bins of the reference: of the
/// contract's features, and of the fields whose mask is `keep` that are numbers, truth values or texts of few values.
///
/// A column drifts where its index (PSI) is above --min-psi and two tests are sure of it at --alpha, corrected for all that
/// is tested at once. Where nothing drifts, a comparison alarms in at most that share of cases, whatever the size of the
/// window. Records are taken to be independent of each other.
#[derive(ClapArgs)]
#[command(mut_arg("inputs", |inputs| inputs.value_names(["REFERENCE", "CURRENT"]).num_args(1..).help("A model, records, counters or a folder of `tamis run` to compare with; and records, counters or folders to compare, added up")))]
#[command(mut_arg("key_file", |file| file.help("File with the masking key; for counting any key will do")))]
pub(in crate::cli) struct DriftArgs {
    #[command(flatten)]
    pub(in crate::cli) records: Records,
    /// Score both sides with this model; by default with the one that is the reference, or that belongs to it
    #[arg(long, value_name = "MODEL")]
    pub(in crate::cli) model: Option<PathBuf>,
    #[command(flatten)]
    pub(in crate::cli) trust: TrustArgs,
    /// The share of comparisons without drift that may alarm, in (0, 0.5]
    #[arg(long, default_value_t = 0.01, value_name = "RATE", value_parser = level)]
    pub(in crate::cli) alpha: f64,
    /// The index below which a difference is too small to matter
    #[arg(long, default_value_t = 0.1, value_name = "PSI", value_parser = index)]
    pub(in crate::cli) min_psi: f64,
    /// Records that both sides must have for a verdict
    #[arg(long, default_value_t = 50, value_name = "N")]
    pub(in crate::cli) min_records: u64,
    /// Write the comparison as one HTML file
    #[arg(long, value_name = "FILE")]
    pub(in crate::cli) report: Option<PathBuf>,
    /// Write the counters of CURRENT, all of them added up, as JSON
    #[arg(long, value_name = "FILE")]
    pub(in crate::cli) window_out: Option<PathBuf>,
    /// Write the reference as JSON; CURRENT may then be left out
    #[arg(long, value_name = "FILE")]
    pub(in crate::cli) reference_out: Option<PathBuf>,
}

fn level(text: &str) -> Result<f64, String> {
    let level = rate(text).ok().filter(|level| *level > 0.0 && *level <= 0.5);
    level.ok_or_else(|| "must be a share in (0, 0.5]".to_owned())
}

fn index(text: &str) -> Result<f64, String> {
    let index = text.parse::<f64>().ok().filter(|index| index.is_finite() && *index >= 0.0);
    index.ok_or_else(|| "must be a number from 0 on".to_owned())
}
