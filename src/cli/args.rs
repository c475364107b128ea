//! All arguments of the command line.

use super::track::{Lineage, RunsArgs, TrackArgs};
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
    /// Search outputs for what the masks remove from the inputs; 1 when any is found.
    Audit(AuditArgs),
    /// Print the accepted records, masked, as NDJSON.
    Mask(MaskArgs),
    /// Turn reversible tokens, and values that kept their shape, back with the key.
    Reveal(RevealArgs),
    /// Make, rotate and list masking keys, and carry tokens over to a new one.
    Key(KeyArgs),
    /// Train an isolation forest on the accepted, masked records and write it as ONNX.
    Train(TrainArgs),
    /// Print one verdict a line.
    Score(ScoreArgs),
    /// Write the data-quality report as one HTML file.
    Report(ReportArgs),
    /// Measure how well masked records hide who they are about: k-anonymity, l-diversity, what would improve them.
    Privacy(PrivacyArgs),
    /// Check, show or draft a contract.
    Contract(ContractArgs),
    /// Rewrite models.
    Model(ModelArgs),
    /// List, show, compare and chart earlier runs, or send one to an MLflow server.
    Runs(RunsArgs),
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
    /// File with the masking key: 32 bytes as hex or base64, after it older keys (`tamis key`); else the variable
    /// `TAMIS_KEY`, else a key for this run alone
    #[arg(long, value_name = "FILE")]
    pub(super) key_file: Option<PathBuf>,
    /// How records stand in the input; told from the file's name and content by default
    #[arg(long, value_enum)]
    pub(super) format: Option<InputFormat>,
    /// Threads to use; all cores by default. The result is the same for any number
    #[arg(long, value_name = "N")]
    pub(super) threads: Option<usize>,
    /// Name of the batch, for pseudonyms of the scope `batch`; without it, the first record tells the batch
    #[arg(long, value_name = "NAME")]
    pub(super) batch_id: Option<String>,
    /// Memory for finding duplicates by x-unique, such as 512K or 2G; beyond it, keyed digests go to a temporary file
    #[arg(long, default_value = "64MiB", value_name = "SIZE", value_parser = size)]
    pub(super) memory_budget: usize,
    /// Print the result as JSON where a table for people is the default
    #[arg(long)]
    pub(super) json: bool,
    /// Hashes the inputs while they are read, once a run that is tracked turns it on.
    #[arg(skip)]
    pub(super) lineage: Lineage,
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
    /// Do not search the results for what the masks removed
    #[arg(long)]
    pub(super) no_audit: bool,
    #[command(flatten)]
    pub(super) track: TrackArgs,
}

/// Searches outputs for what the masks remove from the inputs: values of masked fields, of unknown keys, and those that
/// failed a check. Exit code 1 when any is found.
///
/// Looked for are the values as they came and as they are repaired, in any letter case, with other separators, escaped
/// as in JSON, HTML and URLs, in base64, in hexadecimal digits, and as MD5, SHA-1 and SHA-256 without a key; addresses
/// inside texts; what stands before an @ (6 letters or digits with a digit or separator among them, or 8 letters, no
/// role such as support); numbers of 9 to 19 digits with any separators or without the country's code; words of 6
/// letters and more of names and streets, unless many records have them. Dates and short numbers are found
/// behind the name of their field; less than 4 bytes are never looked for. What a mask leaves, and
/// what the records or the contract show by right, is no finding.
#[derive(ClapArgs)]
#[command(mut_arg("inputs", |inputs| inputs.value_name("RAW").help("The inputs as they were before masking: NDJSON, a JSON array or CSV, perhaps .gz or .zst; - is stdin")))]
#[command(mut_arg("key_file", |file| file.help("File with the key that masked; else the variable `TAMIS_KEY`; needed only where masked values look like raw ones")))]
#[command(mut_arg("memory_budget", |budget| budget.help("Memory for fingerprints, such as 512K or 2G; beyond it, the outputs are searched in several passes")))]
pub(super) struct AuditArgs {
    #[command(flatten)]
    pub(super) records: Records,
    /// Outputs to search, of any kind, perhaps .gz or .zst: files, and folders with all files below
    #[arg(long, required = true, num_args = 1.., value_name = "OUT")]
    pub(super) against: Vec<PathBuf>,
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
#[command(mut_arg("inputs", |inputs| inputs.help("Masked records or verdicts, perhaps .gz or .zst; - is stdin")))]
#[command(mut_arg("key_file", |file| file.help("File with the keys; else the variable `TAMIS_KEY`")))]
pub(super) struct RevealArgs {
    #[command(flatten)]
    pub(super) records: Records,
    /// Id of the key under which shapes were kept, where it is not the one in force (`tamis key list`)
    #[arg(long, value_name = "ID")]
    pub(super) shape_key: Option<String>,
    /// Write to this file instead of stdout
    #[arg(long, value_name = "FILE")]
    pub(super) out: Option<PathBuf>,
}

#[derive(ClapArgs)]
pub(super) struct KeyArgs {
    #[command(subcommand)]
    pub(super) command: KeyCommand,
}

#[derive(Subcommand)]
pub(super) enum KeyCommand {
    /// Make a key out of the system's randomness
    New {
        /// File for the key, which only its owner can read; without it the key goes to stdout
        #[arg(long, value_name = "FILE")]
        out: Option<PathBuf>,
    },
    /// Put a new key in front of those of a file; the older ones only read from then on
    Rotate {
        /// The key file
        file: PathBuf,
    },
    /// Print the ids of the keys, never a key
    List {
        /// The key file; else the variable `TAMIS_KEY`
        #[arg(long, value_name = "FILE")]
        key_file: Option<PathBuf>,
        /// Print the result as JSON
        #[arg(long)]
        json: bool,
    },
    /// From raw records, print which tokens of older keys are which of the key in force
    Link(KeyRecords),
    /// Issue the reversible tokens of masked records anew under the key in force
    Renew(KeyRecords),
}

#[derive(ClapArgs)]
#[command(mut_arg("key_file", |file| file.help("File with the keys, the one in force first; else the variable `TAMIS_KEY`")))]
pub(super) struct KeyRecords {
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
    #[command(flatten)]
    pub(super) track: TrackArgs,
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
#[command(mut_arg("inputs", |inputs| inputs.help("Raw records, or accepted.ndjson of an earlier run; - is stdin")))]
pub(super) struct PrivacyArgs {
    #[command(flatten)]
    pub(super) records: Records,
    /// Records that must be alike in all fields with x-quasi; suggestions aim at it
    #[arg(long, default_value_t = crate::privacy::USUAL_K, value_parser = group)]
    pub(super) k: u64,
    /// A field whose values must differ within a group, such as diagnosis; repeat it for several. By default those whose
    /// x-pii is a sensitive class, such as health
    #[arg(long, value_name = "FIELD")]
    pub(super) sensitive: Vec<String>,
    /// Exit with 1 when a group of the records measured is smaller
    #[arg(long, value_name = "K", value_parser = group)]
    pub(super) min_k: Option<u64>,
    /// Write the masked records to --out, without those in groups smaller than K
    #[arg(long, value_name = "K", value_parser = group, requires = "out")]
    pub(super) enforce_k: Option<u64>,
    /// File for the records that --enforce-k leaves
    #[arg(long, value_name = "FILE", requires = "enforce_k")]
    pub(super) out: Option<PathBuf>,
    /// Take the records as they are: they were masked before. By default this is told from their tokens
    #[arg(long)]
    pub(super) masked: bool,
}

/// The size of a group: one record alone hides nobody.
fn group(text: &str) -> Result<u64, String> {
    text.parse().ok().filter(|size| *size >= 2).ok_or_else(|| "must be a whole number from 2 on".to_owned())
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
pub(super) struct ModelArgs {
    #[command(subcommand)]
    pub(super) command: ModelCommand,
}

#[derive(Subcommand)]
pub(super) enum ModelCommand {
    /// Rewrite an isolation forest's graph (skl2onnx's, coniferest's, ours) as one ensemble, equal in result
    Fold {
        /// The model
        file: PathBuf,
        /// File for the rewritten model
        #[arg(short, long, value_name = "FILE")]
        out: PathBuf,
        /// Opset of ai.onnx.ml: 3 for `TreeEnsembleRegressor`, which every runtime knows, 5 for the smaller `TreeEnsemble`
        #[arg(long, value_name = "OPSET", default_value = "3", value_parser = ["3", "5"])]
        ml: String,
    },
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
