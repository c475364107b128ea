//! Contracts, and data made up for them.

use super::{InputFormat, rate};
use clap::{Args as ClapArgs, Subcommand};
use std::path::PathBuf;

#[derive(ClapArgs)]
pub(in crate::cli) struct ContractArgs {
    #[command(subcommand)]
    pub(in crate::cli) command: ContractCommand,
}

#[derive(Subcommand)]
pub(in crate::cli) enum ContractCommand {
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
pub(in crate::cli) struct InferArgs {
    /// Files of records: NDJSON, a JSON array or CSV, perhaps .gz or .zst; - is stdin
    #[arg(required = true, value_name = "INPUT")]
    pub(in crate::cli) inputs: Vec<PathBuf>,
    /// How records stand in the input; told from the file's name and content by default
    #[arg(long, value_enum)]
    pub(in crate::cli) format: Option<InputFormat>,
    /// The contract's name; that of the first input by default
    #[arg(long)]
    pub(in crate::cli) name: Option<String>,
    /// Write to this file instead of stdout
    #[arg(long, value_name = "FILE")]
    pub(in crate::cli) out: Option<PathBuf>,
}

#[derive(ClapArgs)]
pub(in crate::cli) struct GenerateArgs {
    /// How many records
    #[arg(long)]
    pub(in crate::cli) rows: u64,
    /// The same seed gives the same records
    #[arg(long, default_value_t = 42)]
    pub(in crate::cli) seed: u64,
    /// Share of records with defects, in [0, 1]
    #[arg(long, default_value_t = 0.3, value_parser = rate)]
    pub(in crate::cli) defects: f64,
    /// Share of clean records that are anomalous, in [0, 1]
    #[arg(long, default_value_t = 0.02, value_parser = rate)]
    pub(in crate::cli) anomalies: f64,
    /// File for the records; stdout by default
    #[arg(long, value_name = "FILE")]
    pub(in crate::cli) out: Option<PathBuf>,
    /// File for the truth about each record
    #[arg(long, value_name = "FILE")]
    pub(in crate::cli) truth: Option<PathBuf>,
}
