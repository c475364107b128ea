//! Finds the masking key: a file, the environment, or a fresh one.

use super::progress::say;
use crate::mask::Key;
use anyhow::{Context, Result};
use std::path::Path;
use zeroize::Zeroizing;

/// The variable that holds the key.
const VARIABLE: &str = "TAMIS_KEY";

/// The key of a file, of the environment, or one for this run alone, with a warning.
pub(super) fn find(file: Option<&Path>) -> Result<Key> {
    if let Some(path) = file {
        let text =
            std::fs::read_to_string(path).with_context(|| format!("cannot read the key file {}", path.display()))?;
        return Key::parse(&Zeroizing::new(text)).with_context(|| format!("in the key file {}", path.display()));
    }
    if let Ok(text) = std::env::var(VARIABLE)
        && !text.trim().is_empty()
    {
        return Key::parse(&Zeroizing::new(text)).with_context(|| format!("in the variable {VARIABLE}"));
    }
    let mut bytes = Zeroizing::new([0; 32]);
    getrandom::fill(bytes.as_mut()).context("the system has no randomness for a key")?;
    say(&format!(
        "tamis: no key given ({VARIABLE} or --key-file): a random one masks this run, so its tokens match no other run's"
    ));
    Ok(Key::new(*bytes))
}
