//! Who may ask.

use super::problem::Problem;
use super::serving::variable;
use sha2::{Digest, Sha256};
use worker::{Env, Headers};

/// Lets a request pass that shows an accepted key.
pub(super) fn check(headers: &Headers, env: &Env) -> Result<(), Problem> {
    let shown = headers.get("authorization")?;
    let keys = variable(env, "TAMIS_API_KEYS");
    match keys {
        Some(keys) => admit(&keys, shown.as_deref()),
        None if is_open(env) => Ok(()),
        None => Err(Problem::Locked),
    }
}

/// Whether anyone can pass: keys are configured, or none are asked for.
pub(super) fn is_configured(env: &Env) -> bool {
    variable(env, "TAMIS_API_KEYS").is_some() || is_open(env)
}

fn is_open(env: &Env) -> bool {
    variable(env, "TAMIS_OPEN").is_some_and(|value| value == "1")
}

fn admit(keys: &str, shown: Option<&str>) -> Result<(), Problem> {
    let token = shown.and_then(bearer).ok_or(Problem::Key { shown: false })?;
    let digest: [u8; 32] = Sha256::digest(token).into();
    // All are looked at, whichever fits: the time it takes says nothing about which.
    let known = digests(keys).fold(false, |known, accepted| known | same(&accepted, &digest));
    if known { Ok(()) } else { Err(Problem::Key { shown: true }) }
}

/// The token of an `Authorization` header; the scheme's name is read in any case (RFC 9110, section 11.1).
fn bearer(header: &str) -> Option<&str> {
    let (scheme, token) = header.trim().split_once(' ')?;
    let token = token.trim();
    (scheme.eq_ignore_ascii_case("bearer") && !token.is_empty()).then_some(token)
}

/// The accepted digests. An entry that is no SHA-256, such as a key put there by mistake, lets nobody in.
fn digests(keys: &str) -> impl Iterator<Item = [u8; 32]> {
    let digest = |entry: &str| base16ct::mixed::decode_vec(entry.trim()).ok()?.try_into().ok();
    keys.split(',').filter_map(digest)
}

/// Compares in a time that does not depend on where two digests differ.
fn same(left: &[u8; 32], right: &[u8; 32]) -> bool {
    let differing = left.iter().zip(right).fold(0, |differing, (left, right)| differing | (left ^ right));
    std::hint::black_box(differing) == 0
}
