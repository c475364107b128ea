//! The way, its first half, and what was rejected on it.

use super::{Forest, Records, TrackArgs, TrustArgs, rate};
use clap::Args as ClapArgs;
use std::path::PathBuf;

#[derive(ClapArgs)]
pub(in crate::cli) struct RunArgs {
    #[command(flatten)]
    pub(in crate::cli) records: Records,
    /// Score with this model instead of training one: an ONNX file, a registry (its champion), or REGISTRY@ID
    #[arg(long, value_name = "MODEL")]
    pub(in crate::cli) model: Option<PathBuf>,
    #[command(flatten)]
    pub(in crate::cli) trust: TrustArgs,
    /// Folder for the results
    #[arg(long, default_value = "out", value_name = "DIR")]
    pub(in crate::cli) out: PathBuf,
    #[command(flatten)]
    pub(in crate::cli) forest: Forest,
    /// Keep each rejected original beside its verdict, encrypted under the key, for `tamis replay`
    #[arg(long)]
    pub(in crate::cli) seal: bool,
    /// Exit with 1 when a smaller share of the records is accepted
    #[arg(long, value_name = "RATE", value_parser = rate)]
    pub(in crate::cli) min_acceptance: Option<f64>,
    /// Do not search the results for what the masks removed
    #[arg(long)]
    pub(in crate::cli) no_audit: bool,
    #[command(flatten)]
    pub(in crate::cli) track: TrackArgs,
}

#[derive(ClapArgs)]
pub(in crate::cli) struct ValidateArgs {
    #[command(flatten)]
    pub(in crate::cli) records: Records,
    /// Folder for accepted.ndjson, rejected.ndjson and summary.json
    #[arg(long, value_name = "DIR")]
    pub(in crate::cli) out: PathBuf,
    /// Keep each rejected original beside its verdict, encrypted under the key, for `tamis replay`
    #[arg(long)]
    pub(in crate::cli) seal: bool,
    /// Exit with 1 when a smaller share of the records is accepted
    #[arg(long, value_name = "RATE", value_parser = rate)]
    pub(in crate::cli) min_acceptance: Option<f64>,
    /// File for the counts as one flat JSON object, as `dvc metrics` reads them
    #[arg(long, value_name = "FILE")]
    pub(in crate::cli) metrics_out: Option<PathBuf>,
}

#[derive(ClapArgs)]
#[command(mut_arg("inputs", |inputs| inputs.help("rejected.ndjson as --seal wrote it, perhaps .gz or .zst; - is stdin")))]
#[command(mut_arg("key_file", |file| file.help("File with the key that sealed; else the variable `TAMIS_KEY`")))]
pub(in crate::cli) struct ReplayArgs {
    #[command(flatten)]
    pub(in crate::cli) records: Records,
    /// Folder for accepted.ndjson (the rescued), rejected.ndjson (the rest) and summary.json; without it, nothing is written
    #[arg(long, value_name = "DIR")]
    pub(in crate::cli) out: Option<PathBuf>,
    /// accepted.ndjson of an earlier run: what has a twin there stays out. Repeat it for several files
    #[arg(long, value_name = "FILE")]
    pub(in crate::cli) against: Vec<PathBuf>,
}

#[derive(ClapArgs)]
pub(in crate::cli) struct ReportArgs {
    #[command(flatten)]
    pub(in crate::cli) records: Records,
    /// The model: an ONNX file, a registry (its champion), or REGISTRY@ID; without it, the built-in one for web-shop orders
    #[arg(long, value_name = "MODEL")]
    pub(in crate::cli) model: Option<PathBuf>,
    #[command(flatten)]
    pub(in crate::cli) trust: TrustArgs,
    /// File for the report
    #[arg(short, long, default_value = "report.html", value_name = "FILE")]
    pub(in crate::cli) out: PathBuf,
}
