//! All arguments of the command line.

use crate::forest::{Amount, Contamination, Height, Params, Split};
use clap::{Args as ClapArgs, Parser, Subcommand, ValueEnum};
use std::path::PathBuf;

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
    Run(RunArgs),
    /// Check and repair records; write the accepted, masked, and the rejected with reasons.
    Validate(ValidateArgs),
    /// Run quarantined records again, after the contract was mended.
    Replay(ReplayArgs),
    /// Print the accepted records, masked, as NDJSON.
    Mask(MaskArgs),
    /// Train an isolation forest on the accepted, masked records, or on bare numbers, and write it as ONNX.
    Train(TrainArgs),
    /// Print one verdict a line; of bare numbers (.npz, .npy, CSV) one score a line.
    Score(ScoreArgs),
    /// Measure how well scores tell known outliers: AUROC, average precision, precision at the threshold.
    Evaluate(EvaluateArgs),
    /// Write the data-quality report as one HTML file.
    Report(ReportArgs),
    /// Check, show or draft a contract.
    Contract(ContractArgs),
    /// Make synthetic orders, with the truth about each in a side file.
    Generate(GenerateArgs),
}

/// What every command that reads records takes.
#[derive(Clone, ClapArgs)]
pub(super) struct Records {
    /// Files of records: NDJSON, a JSON array or CSV, perhaps .gz or .zst; - is stdin
    #[arg(required = true, value_name = "INPUT")]
    pub(super) inputs: Vec<PathBuf>,
    /// The contract, a JSON Schema; without it, the built-in one for web-shop orders
    #[arg(long, value_name = "FILE")]
    pub(super) contract: Option<PathBuf>,
    /// File with the masking key: 32 bytes as hex or base64; else the variable `TAMIS_KEY`, else a key for this run alone
    #[arg(long, value_name = "FILE")]
    pub(super) key_file: Option<PathBuf>,
    /// How records stand in the input; told from the file's name and content by default
    #[arg(long, value_enum)]
    pub(super) format: Option<InputFormat>,
    /// Threads to use; all cores by default. The result is the same for any number
    #[arg(long, value_name = "N")]
    pub(super) threads: Option<usize>,
    /// Memory for finding duplicates by x-unique, such as 512K or 2G; beyond it, keyed digests go to a temporary file
    #[arg(long, default_value = "64MiB", value_name = "SIZE", value_parser = size)]
    pub(super) memory_budget: usize,
    /// Print the result as JSON where a table for people is the default
    #[arg(long)]
    pub(super) json: bool,
}

#[derive(Clone, Copy, ValueEnum)]
pub(super) enum InputFormat {
    /// One JSON object a line
    Ndjson,
    /// A JSON array, or JSON values one after another
    Json,
    /// Comma, semicolon or tab separated, with a header
    Csv,
}

/// How a forest is trained.
#[derive(ClapArgs)]
pub(super) struct Forest {
    /// The parameters to start from; those below change them one by one
    #[arg(long, value_enum, default_value_t = Preset::Default)]
    preset: Preset,
    /// Trees of the forest; the preset's 100 (tuned: 300) by default
    #[arg(long)]
    trees: Option<usize>,
    /// Records that each tree is grown on, a count or a share such as 0.5; the preset's 256 (tuned: 512) by default
    #[arg(long, value_name = "N")]
    samples: Option<Amount>,
    /// Features that each tree may split, a count or a share such as 0.5; all by default
    #[arg(long, value_name = "N")]
    features_per_tree: Option<Amount>,
    /// Draw the records of a tree with replacement
    #[arg(long)]
    bootstrap: bool,
    /// Records to flag: a share of the training records in (0, 0.5], count:N of them, or auto for a fixed score of 0.5
    #[arg(long, default_value = "0.01", value_name = "RATE")]
    contamination: Contamination,
    /// How a split finds its threshold: at random, or where it parts the values best
    #[arg(long, value_enum)]
    split: Option<SplitArg>,
    /// Share of the splits that are not at random, in [0, 1]; the preset's 1 (tuned: 0.2) by default
    #[arg(long, value_name = "RATE", value_parser = rate)]
    guided: Option<f64>,
    /// Grow trees until each record is alone, not only to the height of an average path
    #[arg(long)]
    full_height: bool,
    /// An extended forest: split by planes of N + 1 features, 0 to one less than there are
    #[arg(long, value_name = "N", conflicts_with_all = ["split", "guided", "full_height", "features_per_tree"])]
    extension_level: Option<usize>,
    /// A feature whose values are codes without an order, to be split by subset. Repeat it for several
    #[arg(long, value_name = "FEATURE")]
    pub(super) categorical: Vec<String>,
    /// The same seed and records give the same forest
    #[arg(long, default_value_t = 42)]
    pub(super) seed: u64,
}

#[derive(Clone, Copy, ValueEnum)]
enum Preset {
    /// scikit-learn's defaults
    Default,
    /// Better on most data, three times as slow: 300 trees of 512 records, grown to full height, a fifth of the splits guided
    Tuned,
}

#[derive(Clone, Copy, ValueEnum)]
enum SplitArg {
    /// Anywhere between the least and the greatest value
    Random,
    /// Where the two sides deviate least, weighted by their records (pooled gain)
    Gain,
    /// Where the mean deviation of the two sides is least (averaged gain)
    Average,
    /// Where the densities of the two sides differ most
    Density,
}

impl Forest {
    pub(super) fn params(&self) -> Params {
        let preset = match self.preset {
            Preset::Default => Params::default(),
            Preset::Tuned => Params::tuned(),
        };
        let split = self.split.map(|split| match split {
            SplitArg::Random => Split::Random,
            SplitArg::Gain => Split::Gain,
            SplitArg::Average => Split::Average,
            SplitArg::Density => Split::Density,
        });
        Params {
            trees: self.trees.unwrap_or(preset.trees),
            samples: self.samples.unwrap_or(preset.samples),
            features: self.features_per_tree.unwrap_or(preset.features),
            bootstrap: self.bootstrap,
            contamination: self.contamination,
            split: split.unwrap_or(preset.split),
            guided: self.guided.unwrap_or(preset.guided),
            height: if self.full_height { Height::Full } else { preset.height },
            extension: self.extension_level,
            seed: self.seed,
        }
    }
}

#[derive(ClapArgs)]
pub(super) struct RunArgs {
    #[command(flatten)]
    pub(super) records: Records,
    /// Score with this model instead of training one
    #[arg(long, value_name = "FILE")]
    pub(super) model: Option<PathBuf>,
    /// Folder for the results
    #[arg(long, default_value = "out", value_name = "DIR")]
    pub(super) out: PathBuf,
    #[command(flatten)]
    pub(super) forest: Forest,
    /// Keep each rejected original beside its verdict, encrypted under the key, for `tamis replay`
    #[arg(long)]
    pub(super) seal: bool,
    /// Exit with 1 when a smaller share of the records is accepted
    #[arg(long, value_name = "RATE", value_parser = rate)]
    pub(super) min_acceptance: Option<f64>,
}

#[derive(ClapArgs)]
pub(super) struct ValidateArgs {
    #[command(flatten)]
    pub(super) records: Records,
    /// Folder for accepted.ndjson, rejected.ndjson and summary.json
    #[arg(long, value_name = "DIR")]
    pub(super) out: PathBuf,
    /// Keep each rejected original beside its verdict, encrypted under the key, for `tamis replay`
    #[arg(long)]
    pub(super) seal: bool,
    /// Exit with 1 when a smaller share of the records is accepted
    #[arg(long, value_name = "RATE", value_parser = rate)]
    pub(super) min_acceptance: Option<f64>,
}

#[derive(ClapArgs)]
#[command(mut_arg("inputs", |inputs| inputs.help("rejected.ndjson as --seal wrote it, perhaps .gz or .zst; - is stdin")))]
#[command(mut_arg("key_file", |file| file.help("File with the key that sealed; else the variable `TAMIS_KEY`")))]
pub(super) struct ReplayArgs {
    #[command(flatten)]
    pub(super) records: Records,
    /// Folder for accepted.ndjson (the rescued), rejected.ndjson (the rest) and summary.json; without it, nothing is written
    #[arg(long, value_name = "DIR")]
    pub(super) out: Option<PathBuf>,
    /// accepted.ndjson of an earlier run: what has a twin there stays out. Repeat it for several files
    #[arg(long, value_name = "FILE")]
    pub(super) against: Vec<PathBuf>,
}

/// A number of bytes, with K, M, G or T for powers of 1024; `64MiB`, `64MB` and `64m` are the same.
fn size(text: &str) -> Result<usize, String> {
    let digits = text.trim_end_matches(|letter: char| letter.is_ascii_alphabetic());
    let power = match text.get(digits.len()..).unwrap_or_default().to_ascii_lowercase().as_str() {
        "" | "b" => Some(0),
        "k" | "kb" | "kib" => Some(10),
        "m" | "mb" | "mib" => Some(20),
        "g" | "gb" | "gib" => Some(30),
        "t" | "tb" | "tib" => Some(40),
        _ => None,
    };
    let bytes = digits.trim().parse::<usize>().ok().zip(power);
    let bytes = bytes.and_then(|(count, power)| count.checked_mul(1_usize.checked_shl(power)?));
    bytes.filter(|bytes| *bytes > 0).ok_or_else(|| "must be a number of bytes, such as 512K, 64MiB or 2G".to_owned())
}

fn rate(text: &str) -> Result<f64, String> {
    let rate = text.parse::<f64>().ok().filter(|rate| (0.0..=1.0).contains(rate));
    rate.ok_or_else(|| "must be a share in [0, 1]".to_owned())
}

#[derive(ClapArgs)]
pub(super) struct MaskArgs {
    #[command(flatten)]
    pub(super) records: Records,
    /// Write to this file instead of stdout
    #[arg(long, value_name = "FILE")]
    pub(super) out: Option<PathBuf>,
}

#[derive(ClapArgs)]
pub(super) struct TrainArgs {
    #[command(flatten)]
    pub(super) records: Records,
    /// File for the model
    #[arg(long, value_name = "FILE")]
    pub(super) model_out: PathBuf,
    /// File for a second ONNX model, which gives what each feature did to a row's path length
    #[arg(long, value_name = "FILE")]
    pub(super) explain_out: Option<PathBuf>,
    #[command(flatten)]
    pub(super) forest: Forest,
    /// The field that says how readily a tree draws a record: a number of at least 0, 1 for all where this is left out
    #[arg(long, value_name = "FIELD")]
    pub(super) weights: Option<String>,
    /// Add trees to this model until it has --trees of them. Its own parameters and seed apply, so that with the same records
    /// the result is the forest that they would have made at once
    #[arg(long, value_name = "MODEL", requires = "trees", conflicts_with_all = ["preset", "samples", "features_per_tree", "bootstrap", "split", "guided", "full_height", "extension_level", "seed"])]
    pub(super) warm_start: Option<PathBuf>,
    /// Flag what scores above this, in (0, 1), instead of a share of the records
    #[arg(long, value_name = "SCORE", value_parser = score, conflicts_with_all = ["contamination", "alarms"])]
    pub(super) threshold: Option<f64>,
    /// Flag at most so many records a time, such as 20/day, at the rate that --volume names; calibrated on records that are
    /// held out, with 95 % confidence
    #[arg(long, value_name = "N/TIME", value_parser = pace, conflicts_with = "contamination")]
    pub(super) alarms: Option<Pace>,
    /// Accepted records a time, such as 50000/day; with --split-by it is taken from the records
    #[arg(long, value_name = "N/TIME", value_parser = pace, requires = "alarms")]
    pub(super) volume: Option<Pace>,
    /// Hold out the latest records by this date-time field, a name or a JSON Pointer; else by a hash of the id
    #[arg(long, value_name = "FIELD")]
    pub(super) split_by: Option<String>,
    /// The field that says 1 for a known outlier and 0 for others (or -1 and 1): it is measured against, never trained on
    #[arg(long, value_name = "FIELD")]
    pub(super) label: Option<String>,
}

/// A number of records a second.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Pace(pub(super) f64);

/// A number over a time: `20/day`, `1.5/h`.
fn pace(text: &str) -> Result<Pace, String> {
    let seconds = |unit: &str| match unit.trim().to_ascii_lowercase().as_str() {
        "s" | "sec" | "second" => Some(1.0),
        "m" | "min" | "minute" => Some(60.0),
        "h" | "hour" => Some(3600.0),
        "d" | "day" => Some(86_400.0),
        "w" | "week" => Some(604_800.0),
        _ => None,
    };
    let parsed = text.split_once('/').and_then(|(count, unit)| {
        let count = count.trim().parse::<f64>().ok().filter(|count| *count > 0.0 && count.is_finite())?;
        Some(Pace(count / seconds(unit)?))
    });
    parsed.ok_or_else(|| "must be a number over second, minute, hour, day or week, such as 20/day".to_owned())
}

fn score(text: &str) -> Result<f64, String> {
    let score = text.parse::<f64>().ok().filter(|score| *score > 0.0 && *score < 1.0);
    score.ok_or_else(|| "must be a score in (0, 1)".to_owned())
}

#[derive(ClapArgs)]
pub(super) struct ScoreArgs {
    #[command(flatten)]
    pub(super) records: Records,
    /// The model; without it, the built-in one for web-shop orders
    #[arg(long, value_name = "FILE")]
    pub(super) model: Option<PathBuf>,
    /// Give up to N reasons for every record; by default up to three for flagged ones
    #[arg(long, value_name = "N")]
    pub(super) explain: Option<usize>,
    /// Write to this file instead of stdout
    #[arg(long, value_name = "FILE")]
    pub(super) out: Option<PathBuf>,
}

#[derive(ClapArgs)]
#[command(mut_arg("inputs", |inputs| inputs.help(
    "Files of records, or of bare numbers: .npz with X and y, .npy, CSV. One line of the result each")))]
#[command(mut_arg("seed", |seed| seed.help("Seed of the bootstrap; the forests take the seeds 0 to N-1")))]
pub(super) struct EvaluateArgs {
    #[command(flatten)]
    pub(super) records: Records,
    /// The field that says 1 for an outlier and 0 for others (or -1 and 1). Of bare numbers, the array or the column, by name
    /// or counted from 1; by default y, or the last column
    #[arg(long, value_name = "FIELD")]
    pub(super) label: Option<String>,
    /// Score with this model; without it, forests are fitted on all rows and score the same rows
    #[arg(long, value_name = "FILE")]
    pub(super) model: Option<PathBuf>,
    /// Forests to fit, one a seed from 0 on
    #[arg(long, default_value_t = 10, value_name = "N", value_parser = clap::value_parser!(u16).range(1..=1000), conflicts_with = "model")]
    pub(super) seeds: u16,
    #[command(flatten)]
    pub(super) forest: Forest,
}

#[derive(ClapArgs)]
pub(super) struct ReportArgs {
    #[command(flatten)]
    pub(super) records: Records,
    /// The model; without it, the built-in one for web-shop orders
    #[arg(long, value_name = "FILE")]
    pub(super) model: Option<PathBuf>,
    /// File for the report
    #[arg(short, long, default_value = "report.html", value_name = "FILE")]
    pub(super) out: PathBuf,
}

#[derive(ClapArgs)]
pub(super) struct ContractArgs {
    #[command(subcommand)]
    pub(super) command: ContractCommand,
}

#[derive(Subcommand)]
pub(super) enum ContractCommand {
    /// Load a contract and say what it does, or every reason why it does not load
    Check {
        /// The contract, a JSON Schema
        file: PathBuf,
        /// Print the result as JSON
        #[arg(long)]
        json: bool,
    },
    /// Draft a contract from data: types, formats, patterns, repairs, masks
    Infer(InferArgs),
    /// Take the JSON Schema of a Pydantic model for a contract, and suggest masks, repairs and features
    FromPydantic {
        /// What `Model.model_json_schema()` gives; - is stdin
        file: PathBuf,
        /// Put the suggestions into the contract that is printed
        #[arg(long)]
        apply: bool,
        /// Write to this file instead of stdout
        #[arg(long, value_name = "FILE")]
        out: Option<PathBuf>,
    },
    /// Say whether a new contract accepts every record that the old one accepts: 0 yes, 1 no or unknown
    Compatible {
        /// The contract in force
        old: PathBuf,
        /// The contract that is to follow it
        new: PathBuf,
        /// Print the result as JSON
        #[arg(long)]
        json: bool,
    },
    /// Print the built-in contract
    Show,
}

#[derive(ClapArgs)]
pub(super) struct InferArgs {
    /// Files of records: NDJSON, a JSON array or CSV, perhaps .gz or .zst; - is stdin
    #[arg(required = true, value_name = "INPUT")]
    pub(super) inputs: Vec<PathBuf>,
    /// How records stand in the input; told from the file's name and content by default
    #[arg(long, value_enum)]
    pub(super) format: Option<InputFormat>,
    /// The contract's name; that of the first input by default
    #[arg(long)]
    pub(super) name: Option<String>,
    /// Write to this file instead of stdout
    #[arg(long, value_name = "FILE")]
    pub(super) out: Option<PathBuf>,
}

#[derive(ClapArgs)]
pub(super) struct GenerateArgs {
    /// How many records
    #[arg(long)]
    pub(super) rows: u64,
    /// The same seed gives the same records
    #[arg(long, default_value_t = 42)]
    pub(super) seed: u64,
    /// Share of records with defects, in [0, 1]
    #[arg(long, default_value_t = 0.3, value_parser = rate)]
    pub(super) defects: f64,
    /// Share of clean records that are anomalous, in [0, 1]
    #[arg(long, default_value_t = 0.02, value_parser = rate)]
    pub(super) anomalies: f64,
    /// File for the records; stdout by default
    #[arg(long, value_name = "FILE")]
    pub(super) out: Option<PathBuf>,
    /// File for the truth about each record
    #[arg(long, value_name = "FILE")]
    pub(super) truth: Option<PathBuf>,
}

#[cfg(test)]
mod tests {
    use super::{Args, Pace, pace};
    use clap::CommandFactory;

    #[test]
    fn the_arguments_do_not_contradict_each_other() {
        Args::command().debug_assert();
    }

    #[test]
    fn a_pace_has_a_number_and_a_time() {
        assert_eq!(pace("20/day"), Ok(Pace(20.0 / 86_400.0)));
        assert_eq!(pace(" 1.5 / Hour"), Ok(Pace(1.5 / 3600.0)));
        for wrong in ["20", "/day", "0/day", "-1/day", "inf/day", "20/month", "NaN/s"] {
            assert!(pace(wrong).is_err(), "{wrong}");
        }
    }
}
