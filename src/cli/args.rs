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
    /// Train an isolation forest on the accepted, masked records and write it as ONNX.
    Train(TrainArgs),
    /// Print one verdict a line.
    Score(ScoreArgs),
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
    /// Share of the splits that are not at random, in [0, 1]; the preset's 1 (tuned: 0.25) by default
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
    /// Better on most data, three times as slow: 300 trees of 512 records, grown to full height, a quarter of the splits guided
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
    #[command(flatten)]
    pub(super) forest: Forest,
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
