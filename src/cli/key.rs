//! Finds the masking key: a file, the environment, or a fresh one.

use super::progress::say;
use crate::mask::Key;
use anyhow::{Context, Result};
use std::path::Path;
use zeroize::Zeroizing;

/// The variable that holds the key.
const VARIABLE: &str = "TAMIS_KEY";

/// The key of a file or of the environment, which can be had again; none where neither is given.
pub(super) fn lasting(file: Option<&Path>) -> Result<Option<Key>> {
    if let Some(path) = file {
        let text =
            std::fs::read_to_string(path).with_context(|| format!("cannot read the key file {}", path.display()))?;
        let key = Key::parse(&Zeroizing::new(text)).with_context(|| format!("in the key file {}", path.display()));
        return key.map(Some);
    }
    if let Ok(text) = std::env::var(VARIABLE)
        && !text.trim().is_empty()
    {
        let key = Key::parse(&Zeroizing::new(text)).with_context(|| format!("in the variable {VARIABLE}"));
        return key.map(Some);
    }
    Ok(None)
}

/// The lasting key, or one for this run alone, with a warning.
pub(super) fn find(file: Option<&Path>) -> Result<Key> {
    if let Some(key) = lasting(file)? {
        return Ok(key);
    }
    let key = fresh()?;
    say(&format!(
        "tamis: no key given ({VARIABLE} or --key-file): a random one masks this run, so its tokens match no other run's"
    ));
    Ok(key)
}

/// A random key that nobody will have again.
pub(super) fn fresh() -> Result<Key> {
    let mut bytes = Zeroizing::new([0; 32]);
    getrandom::fill(bytes.as_mut()).context("the system has no randomness for a key")?;
    Ok(Key::new(*bytes))
}
