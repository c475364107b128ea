//! Finds the masking key: a file, the environment, or a fresh one.

use super::progress::say;
use crate::mask::{Key, KeyRing};
use anyhow::{Context, Result};
use std::path::Path;
use zeroize::Zeroizing;

/// The variable that holds the key.
const VARIABLE: &str = "TAMIS_KEY";

/// The keys of a file or of the environment, which can be had again; none where neither is given.
pub(super) fn lasting(file: Option<&Path>) -> Result<Option<KeyRing>> {
    if let Some(path) = file {
        return read(path).map(Some);
    }
    if let Ok(text) = std::env::var(VARIABLE).map(Zeroizing::new)
        && !text.trim().is_empty()
    {
        let ring = KeyRing::parse(&text).with_context(|| format!("in the variable {VARIABLE}"));
        return ring.map(Some);
    }
    Ok(None)
}

/// The keys of a file.
pub(super) fn read(path: &Path) -> Result<KeyRing> {
    let text = std::fs::read_to_string(path).map(Zeroizing::new);
    let text = text.with_context(|| format!("cannot read the key file {}", path.display()))?;
    KeyRing::parse(&text).with_context(|| format!("in the key file {}", path.display()))
}

/// The lasting keys, for what would make no sense under a key that nobody has again.
pub(super) fn needed(file: Option<&Path>, what: &str) -> Result<KeyRing> {
    lasting(file)?.with_context(|| format!("{what} needs the key ({VARIABLE} or --key-file)"))
}

/// The lasting keys, or one key for this run alone, with a warning.
pub(super) fn find(file: Option<&Path>) -> Result<KeyRing> {
    if let Some(ring) = lasting(file)? {
        return Ok(ring);
    }
    say(&format!(
        "tamis: no key given ({VARIABLE} or --key-file): a random one masks this run, so its tokens match no other run's"
    ));
    fresh().map(|key| KeyRing::from(&key))
}

/// A new key out of the system's randomness.
pub(super) fn fresh() -> Result<Key> {
    random().map(|bytes| Key::new(*bytes))
}

/// 32 bytes of the system's randomness.
pub(super) fn random() -> Result<Zeroizing<[u8; 32]>> {
    let mut bytes = Zeroizing::new([0; 32]);
    getrandom::fill(bytes.as_mut()).context("the system has no randomness for a key")?;
    Ok(bytes)
}
