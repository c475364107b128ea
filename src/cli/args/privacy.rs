//! Masks: making them, their keys, and what they leave.

use super::Records;
use clap::{Args as ClapArgs, Subcommand};
use std::path::PathBuf;

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
pub(in crate::cli) struct AuditArgs {
    #[command(flatten)]
    pub(in crate::cli) records: Records,
    /// Outputs to search, of any kind, perhaps .gz or .zst: files, and folders with all files below
    #[arg(long, required = true, num_args = 1.., value_name = "OUT")]
    pub(in crate::cli) against: Vec<PathBuf>,
}

#[derive(ClapArgs)]
pub(in crate::cli) struct MaskArgs {
    #[command(flatten)]
    pub(in crate::cli) records: Records,
    /// Write to this file instead of stdout
    #[arg(long, value_name = "FILE")]
    pub(in crate::cli) out: Option<PathBuf>,
}

#[derive(ClapArgs)]
#[command(mut_arg("inputs", |inputs| inputs.help("Masked records or verdicts, perhaps .gz or .zst; - is stdin")))]
#[command(mut_arg("key_file", |file| file.help("File with the keys; else the variable `TAMIS_KEY`")))]
pub(in crate::cli) struct RevealArgs {
    #[command(flatten)]
    pub(in crate::cli) records: Records,
    /// Id of the key under which shapes were kept, where it is not the one in force (`tamis key list`)
    #[arg(long, value_name = "ID")]
    pub(in crate::cli) shape_key: Option<String>,
    /// Write to this file instead of stdout
    #[arg(long, value_name = "FILE")]
    pub(in crate::cli) out: Option<PathBuf>,
}

#[derive(ClapArgs)]
pub(in crate::cli) struct KeyArgs {
    #[command(subcommand)]
    pub(in crate::cli) command: KeyCommand,
}

#[derive(Subcommand)]
pub(in crate::cli) enum KeyCommand {
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
pub(in crate::cli) struct KeyRecords {
    #[command(flatten)]
    pub(in crate::cli) records: Records,
    /// Write to this file instead of stdout
    #[arg(long, value_name = "FILE")]
    pub(in crate::cli) out: Option<PathBuf>,
}

#[derive(ClapArgs)]
#[command(mut_arg("inputs", |inputs| inputs.help("Raw records, or accepted.ndjson of an earlier run; - is stdin")))]
pub(in crate::cli) struct PrivacyArgs {
    #[command(flatten)]
    pub(in crate::cli) records: Records,
    /// Records that must be alike in all fields with x-quasi; suggestions aim at it
    #[arg(long, default_value_t = crate::privacy::USUAL_K, value_parser = group)]
    pub(in crate::cli) k: u64,
    /// A field whose values must differ within a group, such as diagnosis; repeat it for several. By default those whose
    /// x-pii is a sensitive class, such as health
    #[arg(long, value_name = "FIELD")]
    pub(in crate::cli) sensitive: Vec<String>,
    /// Exit with 1 when a group of the records measured is smaller
    #[arg(long, value_name = "K", value_parser = group)]
    pub(in crate::cli) min_k: Option<u64>,
    /// Write the masked records to --out, without those in groups smaller than K
    #[arg(long, value_name = "K", value_parser = group, requires = "out")]
    pub(in crate::cli) enforce_k: Option<u64>,
    /// File for the records that --enforce-k leaves
    #[arg(long, value_name = "FILE", requires = "enforce_k")]
    pub(in crate::cli) out: Option<PathBuf>,
    /// Take the records as they are: they were masked before. By default this is told from their tokens
    #[arg(long)]
    pub(in crate::cli) masked: bool,
}

/// The size of a group: one record alone hides nobody.
fn group(text: &str) -> Result<u64, String> {
    text.parse().ok().filter(|size| *size >= 2).ok_or_else(|| "must be a whole number from 2 on".to_owned())
}
