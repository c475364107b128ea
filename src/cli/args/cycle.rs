//! Arguments of `tamis cycle`.

use super::{Forest, TrackArgs, rate, records::InputFormat};
use clap::Args as ClapArgs;
use std::path::PathBuf;

/// Takes the new batches of a folder: validates and masks each, holds it against what is ordinary, and trains, measures
/// and promotes a model when that is called for. Ended at any point, even by kill -9, and run again, it comes to the same
/// end. Exit code 0: all well; 1: an alarm was raised or a challenger refused; 2: a file could not be read, or somebody
/// could not be told.
///
/// A batch is a file of the inbox, in the order of the names, known by its content: the same under another name is not
/// taken again. Hidden files and names that end in .tmp or .part wait, as does a file that changes while it is read. The
/// inbox is never changed.
#[derive(ClapArgs)]
pub(in crate::cli) struct CycleArgs {
    /// Folder in which batches arrive: NDJSON, JSON or CSV, perhaps .gz or .zst
    #[arg(long, value_name = "DIR")]
    pub(in crate::cli) inbox: PathBuf,
    /// Folder for all that is known and made: journal, masked batches, windows, page
    #[arg(long, value_name = "DIR")]
    pub(in crate::cli) state: PathBuf,
    /// Folder of models; `models` in the state's folder by default
    #[arg(long, value_name = "DIR")]
    pub(in crate::cli) registry: Option<PathBuf>,
    /// Public keys (PEM) of those whose models are trusted; else the variable `TAMIS_MODEL_PUBLIC_KEY`; without either no
    /// signature is asked for
    #[arg(long, value_name = "FILE")]
    pub(in crate::cli) public_key: Option<PathBuf>,
    /// Sign challengers with this private key (`tamis model keygen`)
    #[arg(long, value_name = "FILE")]
    pub(in crate::cli) sign_with: Option<PathBuf>,
    /// The contract, a JSON Schema; without it, the built-in one for web-shop orders
    #[arg(long, value_name = "FILE")]
    pub(in crate::cli) contract: Option<PathBuf>,
    /// File with the masking key; else the variable `TAMIS_KEY`, else a key for this run alone, whose masked records
    /// no later run can train on
    #[arg(long, value_name = "FILE")]
    pub(in crate::cli) key_file: Option<PathBuf>,
    /// How records stand in the files; told from each file's name and content by default
    #[arg(long, value_enum)]
    pub(in crate::cli) format: Option<InputFormat>,
    /// Threads to use; all cores by default. The result is the same for any number
    #[arg(long, value_name = "N")]
    pub(in crate::cli) threads: Option<usize>,
    /// A JSON file with any of the arguments from here to --times, by the same names (`{"new-records": 5000}`); what
    /// is said here goes before
    #[arg(long, value_name = "FILE")]
    pub(in crate::cli) config: Option<PathBuf>,
    #[command(flatten)]
    pub(in crate::cli) rules: RuleArgs,
    /// Labels of records, known later: NDJSON of `{"id": …, "outlier": true}`, ids as accepted.ndjson has them
    #[arg(long, value_name = "FILE")]
    pub(in crate::cli) labels: Option<PathBuf>,
    /// Field of the contract that holds a label: 1 or true for an outlier, 0 or false for another record
    #[arg(long, value_name = "FIELD", conflicts_with = "labels")]
    pub(in crate::cli) label: Option<String>,
    /// Tell this address of alarms and models by POST, signed with the secret in the variable `TAMIS_WEBHOOK_SECRET`
    #[arg(long, value_name = "URL")]
    pub(in crate::cli) webhook: Option<String>,
    /// Tell this repository by `repository_dispatch`, with the token in the variable `GITHUB_TOKEN`
    #[arg(long, value_name = "OWNER/REPO")]
    pub(in crate::cli) github: Option<String>,
    /// Hand over each batch's accepted, masked records: to a program, whose words are parted at blanks and which no shell
    /// runs, with JSON on its stdin; or to an address (http:// or https://) by POST
    #[arg(long, value_name = "COMMAND|URL")]
    pub(in crate::cli) on_accepted: Option<String>,
    /// Take what alarmed last for ordinary from now on, and forget what was before: the change is meant and lasts
    #[arg(long)]
    pub(in crate::cli) rebase: bool,
    /// Go on until SIGTERM or Ctrl-C, then finish what is begun
    #[arg(long)]
    pub(in crate::cli) watch: bool,
    /// How often to look into the inbox, such as 30s, 5m or 1h
    #[arg(long, value_name = "TIME", default_value = "30s", value_parser = time, requires = "watch")]
    pub(in crate::cli) every: u64,
    /// The time, in place of the clock's, such as 2026-01-31T00:00:00Z: for tests and simulations
    #[arg(long, value_name = "MOMENT", value_parser = moment)]
    pub(in crate::cli) now: Option<String>,
    #[command(flatten)]
    pub(in crate::cli) forest: Forest,
    #[command(flatten)]
    pub(in crate::cli) track: TrackArgs,
    /// Print the result as JSON
    #[arg(long)]
    pub(in crate::cli) json: bool,
}

/// When there is an alarm, when a challenger is trained, and when it may take the champion's place.
#[derive(Clone, Default, ClapArgs)]
pub(in crate::cli) struct RuleArgs {
    /// The triggers in force, of acceptance, anomaly, drift, records and age [default: all five]
    #[arg(long, value_name = "LIST", value_delimiter = ',')]
    pub(in crate::cli) triggers: Option<Vec<String>>,
    /// Chance that an ordinary batch raises the acceptance alarm [default: 0.00135, three sigma]
    #[arg(long, value_name = "RATE", value_parser = rate)]
    pub(in crate::cli) alpha: Option<f64>,
    /// Chance that an ordinary batch is above, and that it is below, the limits of the anomaly rate [default: 0.00135]
    #[arg(long, value_name = "RATE", value_parser = rate)]
    pub(in crate::cli) anomaly_alpha: Option<f64>,
    /// Chance that anything in an ordinary batch is called drift, were its records independent [default: 0.01]
    #[arg(long, value_name = "RATE", value_parser = rate)]
    pub(in crate::cli) drift_alpha: Option<f64>,
    /// Population stability index below which a difference is too small to be drift [default: 0.1]
    #[arg(long, value_name = "PSI")]
    pub(in crate::cli) drift_psi: Option<f64>,
    /// Batches that must have drifted, of the last --drift-of [default: 2]
    #[arg(long, value_name = "N")]
    pub(in crate::cli) drift_batches: Option<usize>,
    /// Batches that are looked back on for drift [default: 3]
    #[arg(long, value_name = "N")]
    pub(in crate::cli) drift_of: Option<usize>,
    /// Batches that are passed over after drift called [default: 3]
    #[arg(long, value_name = "N")]
    pub(in crate::cli) drift_pause: Option<usize>,
    /// Accepted records since the last training that call for the next [default: 50000]
    #[arg(long, value_name = "N")]
    pub(in crate::cli) new_records: Option<u64>,
    /// Days since the last training that call for the next [default: 30]
    #[arg(long, value_name = "DAYS")]
    pub(in crate::cli) max_age: Option<f64>,
    /// Days after a training in which no trigger calls for the next; alarms are raised all the same [default: 7]
    #[arg(long, value_name = "DAYS")]
    pub(in crate::cli) cooldown: Option<f64>,
    /// Accepted records to train on, at least, if there are as many: the latest batches, whole [default: 100000]
    #[arg(long, value_name = "N")]
    pub(in crate::cli) window_records: Option<u64>,
    /// Days before the latest batch beyond which no batch is trained on [default: none]
    #[arg(long, value_name = "DAYS")]
    pub(in crate::cli) window_days: Option<f64>,
    /// How much smaller the challenger's AUROC may be than the champion's, at 95 % confidence [default: 0.02]
    #[arg(long, value_name = "AUROC")]
    pub(in crate::cli) margin: Option<f64>,
    /// How many times more or less than --contamination the challenger may flag of the records held out [default: 3]
    #[arg(long, value_name = "N")]
    pub(in crate::cli) times: Option<f64>,
}

/// A number of seconds, with s, m, h or d for the unit.
fn time(text: &str) -> Result<u64, String> {
    let digits = text.trim_end_matches(|letter: char| letter.is_ascii_alphabetic());
    let unit = match text.get(digits.len()..).unwrap_or_default() {
        "" | "s" => Some(1),
        "m" => Some(60),
        "h" => Some(3600),
        "d" => Some(86_400),
        _ => None,
    };
    let seconds = digits.parse::<u64>().ok().zip(unit).and_then(|(count, unit)| count.checked_mul(unit));
    seconds.filter(|seconds| *seconds > 0).ok_or_else(|| "must be a time, such as 30s, 5m or 1h".to_owned())
}

fn moment(text: &str) -> Result<String, String> {
    match crate::cli::cycle::moment(text) {
        Some(_) => Ok(text.to_owned()),
        None => Err("must be a moment in UTC, such as 2026-01-31T00:00:00Z".to_owned()),
    }
}
