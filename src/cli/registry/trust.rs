//! Which keys are trusted, and which one signs.

use crate::registry::{PublicKeys, SigningKey};
use anyhow::{Context, Result};
use std::path::Path;
use zeroize::Zeroizing;

/// The variable that holds the keys that are trusted, or the path of a file with them.
pub(in crate::cli) const VARIABLE: &str = "TAMIS_MODEL_PUBLIC_KEY";

/// The keys that a file or the environment names; none where neither does, so that no signature is asked for.
pub(in crate::cli) fn configured(file: Option<&Path>) -> Result<Option<PublicKeys>> {
    if let Some(path) = file {
        return read(path).map(Some);
    }
    match std::env::var(VARIABLE) {
        Ok(text) if text.contains("-----BEGIN") => {
            let keys = PublicKeys::from_pem(&text).with_context(|| format!("in the variable {VARIABLE}"));
            keys.map(Some)
        }
        Ok(path) if !path.trim().is_empty() => {
            read(Path::new(&path)).with_context(|| format!("from the variable {VARIABLE}")).map(Some)
        }
        Err(std::env::VarError::NotUnicode(_)) => anyhow::bail!("the variable {VARIABLE} is no text"),
        _ => Ok(None),
    }
}

fn read(path: &Path) -> Result<PublicKeys> {
    let text = std::fs::read_to_string(path);
    let text = text.with_context(|| format!("cannot read the public key {}", path.display()))?;
    PublicKeys::from_pem(&text).with_context(|| format!("cannot use the public key {}", path.display()))
}

/// The private key of a file.
pub(in crate::cli) fn signing_key(path: &Path) -> Result<SigningKey> {
    let text = std::fs::read_to_string(path).map(Zeroizing::new);
    let text = text.with_context(|| format!("cannot read the signing key {}", path.display()))?;
    SigningKey::from_pem(&text).with_context(|| format!("cannot use the signing key {}", path.display()))
}
