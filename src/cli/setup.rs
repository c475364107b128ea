//! From arguments to a sieve.

use super::args::Records;
use super::key;
use crate::contract::Contract;
use crate::pipeline::Sieve;
use anyhow::{Context, Result, bail};
use std::path::Path;

/// Reads the contract at a path, or the built-in one.
pub(super) fn contract(path: Option<&Path>) -> Result<Contract> {
    let (name, loaded) = match path {
        None => ("the built-in contract".to_owned(), Contract::orders()),
        Some(path) => {
            let name = path.display().to_string();
            let bytes = std::fs::read(path).with_context(|| format!("cannot read the contract {name}"))?;
            (name, Contract::load(&bytes))
        }
    };
    match loaded {
        Ok(contract) => Ok(contract),
        Err(faults) => {
            let faults: Vec<String> = faults.iter().map(|fault| format!("\n  {fault}")).collect();
            bail!("{name} does not load:{}", faults.concat());
        }
    }
}

/// A sieve that validates and masks, and the threads it may use.
pub(super) fn sieve(records: &Records) -> Result<(Sieve, rayon::ThreadPool)> {
    let contract = contract(records.contract.as_deref())?;
    for warning in contract.warnings() {
        super::progress::say(&format!("tamis: {warning}"));
    }
    let key = key::find(records.key_file.as_deref())?;
    let threads = records.threads.unwrap_or(0);
    let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().context("cannot start threads")?;
    Ok((Sieve::new(contract, &key), pool))
}
