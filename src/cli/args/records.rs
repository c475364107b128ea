//! What every command that reads records takes.

use crate::cli::track::Lineage;
use clap::{Args as ClapArgs, ValueEnum};
use std::path::PathBuf;

/// What every command that reads records takes.
#[derive(Clone, ClapArgs)]
pub(in crate::cli) struct Records {
    /// Files of records: NDJSON, a JSON array or CSV, perhaps .gz or .zst; - is stdin
    #[arg(required = true, value_name = "INPUT")]
    pub(in crate::cli) inputs: Vec<PathBuf>,
    /// The contract, a JSON Schema; without it, the built-in one for web-shop orders
    #[arg(long, value_name = "FILE")]
    pub(in crate::cli) contract: Option<PathBuf>,
    /// File with the masking key: 32 bytes as hex or base64, after it older keys (`tamis key`); else the variable
    /// `TAMIS_KEY`, else a key for this run alone
    #[arg(long, value_name = "FILE")]
    pub(in crate::cli) key_file: Option<PathBuf>,
    /// How records stand in the input; told from the file's name and content by default
    #[arg(long, value_enum)]
    pub(in crate::cli) format: Option<InputFormat>,
    /// Threads to use; all cores by default. The result is the same for any number
    #[arg(long, value_name = "N")]
    pub(in crate::cli) threads: Option<usize>,
    /// Name of the batch, for pseudonyms of the scope `batch`; without it, the first record tells the batch
    #[arg(long, value_name = "NAME")]
    pub(in crate::cli) batch_id: Option<String>,
    /// Memory for finding duplicates by x-unique, such as 512K or 2G; beyond it, keyed digests go to a temporary file
    #[arg(long, default_value = "64MiB", value_name = "SIZE", value_parser = size)]
    pub(in crate::cli) memory_budget: usize,
    /// Print the result as JSON where a table for people is the default
    #[arg(long)]
    pub(in crate::cli) json: bool,
    /// Hashes the inputs while they are read, once a run that is tracked turns it on.
    #[arg(skip)]
    pub(in crate::cli) lineage: Lineage,
}

#[derive(Clone, Copy, ValueEnum)]
pub(in crate::cli) enum InputFormat {
    /// One JSON object a line
    Ndjson,
    /// A JSON array, or JSON values one after another
    Json,
    /// Comma, semicolon or tab separated, with a header
    Csv,
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
