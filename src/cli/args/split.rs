//! Parts of a data set.

use super::{Records, rate};
use clap::Args as ClapArgs;
use std::path::PathBuf;

/// Writes the accepted records, masked, into three files: to fit on, to choose by, and to measure on.
///
/// By default a hash of the record's id decides, so a record stays in its part when more data come in. With --by the latest
/// records are measured on, as a model in use meets them; records of one moment stay together.
#[derive(ClapArgs)]
pub(in crate::cli) struct SplitArgs {
    #[command(flatten)]
    pub(in crate::cli) records: Records,
    /// Folder for train.ndjson, dev.ndjson and test.ndjson
    #[arg(long, value_name = "DIR")]
    pub(in crate::cli) out: PathBuf,
    /// Split by this date-time field, a name or a JSON Pointer
    #[arg(long, value_name = "FIELD")]
    pub(in crate::cli) by: Option<String>,
    /// Share of the records in dev.ndjson
    #[arg(long, default_value_t = 0.2, value_name = "RATE", value_parser = rate)]
    pub(in crate::cli) dev: f64,
    /// Share of the records in test.ndjson
    #[arg(long, default_value_t = 0.2, value_name = "RATE", value_parser = rate)]
    pub(in crate::cli) test: f64,
}
