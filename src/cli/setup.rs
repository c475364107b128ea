//! From arguments to a sieve.

use super::args::Records;
use super::key;
use crate::contract::Contract;
use crate::mask::KeyRing;
use crate::pipeline::Sieve;
use crate::seal::Sealer;
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
    sieve_under(records, None)
}

/// The same under a key that was read already: a key file may be a pipe, which can be read once.
pub(super) fn sieve_under(records: &Records, keys: Option<&KeyRing>) -> Result<(Sieve, rayon::ThreadPool)> {
    let contract = contract(records.contract.as_deref())?;
    for warning in contract.warnings() {
        super::progress::say(&format!("tamis: {warning}"));
    }
    let found;
    let keys = if let Some(keys) = keys {
        keys
    } else {
        found = key::find(records.key_file.as_deref())?;
        &found
    };
    Ok((Sieve::new(contract, keys), threads(records)?))
}

/// The threads that a command may use.
pub(super) fn threads(records: &Records) -> Result<rayon::ThreadPool> {
    let threads = records.threads.unwrap_or(0);
    rayon::ThreadPoolBuilder::new().num_threads(threads).build().context("cannot start threads")
}

/// What seals rejected originals, if that is asked for. It comes before [`sieve`], which would make up a key.
pub(super) fn sealing_key(records: &Records, wanted: bool) -> Result<Option<KeyRing>> {
    if !wanted {
        return Ok(None);
    }
    match key::lasting(records.key_file.as_deref())? {
        Some(keys) => Ok(Some(keys)),
        None => {
            bail!("--seal needs a key that can be had again (TAMIS_KEY or --key-file), or nobody could open the seals")
        }
    }
}

/// The sealer under a ring of keys, for the contract of a sieve.
pub(super) fn sealer(keys: Option<&KeyRing>, sieve: &Sieve) -> Option<Sealer> {
    keys.map(|keys| Sealer::new(sieve.contract(), keys))
}
