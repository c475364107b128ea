//! Keeps a rejected original for later, encrypted: what `--seal` writes and `tamis replay` opens.
//!
//! AES-256-SIV (RFC 5297) under a key of its own, so that the same record in the same place gives the same bytes and no
//! nonce can be used twice. The contract's name, the source and the line are authenticated with it: a seal moved to
//! another line, file or feed does not open, and equal originals on different lines give seals that share nothing.

use crate::contract::Contract;
use crate::mask::KeyRing;
use aes_siv::KeyInit;
use aes_siv::siv::Aes256Siv;
use base64ct::{Base64UrlUnpadded, Encoding};
use std::fmt;
use zeroize::Zeroizing;

/// The version of the form; it separates the key and stands first in what is authenticated.
const VERSION: &str = "tamis/v1/seal";

/// Seals and opens the rejected originals of one contract: the key in force seals, every key of the ring opens.
///
/// # Example
/// ```
/// use tamis::{contract::Contract, mask::Key, seal::Sealer};
/// let contract = Contract::load(br#"{"title": "people", "type": "object"}"#).unwrap();
/// let sealer = Sealer::new(&contract, &Key::new([7; 32]));
/// let sealed = sealer.seal(None, 3, b"no JSON at all");
/// assert_eq!(sealer.open(None, 3, &sealed).unwrap().as_slice(), b"no JSON at all");
/// assert!(sealer.open(None, 4, &sealed).is_err());
/// ```
pub struct Sealer {
    /// That of the key in force first.
    keys: Vec<Zeroizing<[u8; 64]>>,
    contract: String,
}

/// A seal that does not open: of another key, contract, source or line, or altered since. Nobody can tell which.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SealError;

impl fmt::Display for SealError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the seal does not open: another key or contract name sealed it, or the line was altered")
    }
}

impl std::error::Error for SealError {}

impl Sealer {
    /// Derives the sealing keys. Of the contract its name counts, so that a mended one opens what it sealed before.
    #[must_use]
    pub fn new(contract: &Contract, keys: impl Into<KeyRing>) -> Self {
        let keys = keys.into().keys().map(|key| key.derive(VERSION)).collect();
        Self { keys, contract: contract.name().to_owned() }
    }

    /// Encrypts the bytes of the record that starts on `line` of `source`; base64url without padding.
    #[must_use]
    pub fn seal(&self, source: Option<&str>, line: u64, original: &[u8]) -> String {
        let place = Place::new(source, line);
        // A ring is never empty, and only more than 126 headers are ever refused.
        let sealed = self.keys.first().map(|key| cipher(key).encrypt(place.headers(&self.contract), original));
        sealed.and_then(Result::ok).map(|sealed| Base64UrlUnpadded::encode_string(&sealed)).unwrap_or_default()
    }

    /// Gives back what [`Sealer::seal`] took in the same place; it is wiped from memory when dropped.
    ///
    /// # Errors
    /// [`SealError`].
    pub fn open(&self, source: Option<&str>, line: u64, sealed: &str) -> Result<Zeroizing<Vec<u8>>, SealError> {
        let sealed = Base64UrlUnpadded::decode_vec(sealed).map_err(|_| SealError)?;
        let place = Place::new(source, line);
        let mut opened = self.keys.iter().map(|key| cipher(key).decrypt(place.headers(&self.contract), &sealed).ok());
        opened.find_map(|opened| opened.map(Zeroizing::new)).ok_or(SealError)
    }
}

/// It is made for each record because it is changed by its work, and threads share the sealer.
fn cipher(key: &[u8; 64]) -> Aes256Siv {
    Aes256Siv::new(key.into())
}

/// Shows nothing of the key.
impl fmt::Debug for Sealer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Sealer").field("contract", &self.contract).finish_non_exhaustive()
    }
}

/// Where a record stood. No source is not the same as one without a name.
struct Place<'p> {
    sourced: [u8; 1],
    source: &'p str,
    line: [u8; 8],
}

impl<'p> Place<'p> {
    fn new(source: Option<&'p str>, line: u64) -> Self {
        Self { sourced: [u8::from(source.is_some())], source: source.unwrap_or_default(), line: line.to_be_bytes() }
    }

    /// RFC 5297 authenticates each as a string of its own: none can borrow from its neighbour.
    fn headers<'h>(&'h self, contract: &'h str) -> [&'h [u8]; 5] {
        [VERSION.as_bytes(), contract.as_bytes(), &self.sourced, self.source.as_bytes(), &self.line]
    }
}

/// Adds a seal to a finished verdict, as its last member; null where the original could not be kept.
pub fn attach(sealed: Option<&str>, verdict: &mut Vec<u8>) {
    let end = verdict.iter().rposition(|byte| *byte == b'}').unwrap_or(verdict.len());
    verdict.truncate(end);
    verdict.extend_from_slice(b",\"sealed\":");
    match sealed {
        // base64url has nothing that JSON escapes.
        Some(sealed) => {
            verdict.push(b'"');
            verdict.extend_from_slice(sealed.as_bytes());
            verdict.push(b'"');
        }
        None => verdict.extend_from_slice(b"null"),
    }
    verdict.extend_from_slice(b"}\n");
}

#[cfg(test)]
mod tests {
    use super::{SealError, Sealer, attach};
    use crate::contract::Contract;
    use crate::mask::Key;
    use proptest::prelude::*;

    fn sealer(key: u8, name: &str) -> Sealer {
        let contract = format!(r#"{{"title": "{name}", "type": "object"}}"#);
        Sealer::new(&Contract::load(contract.as_bytes()).unwrap(), &Key::new([key; 32]))
    }

    proptest! {
        #[test]
        fn opens_in_its_own_place_alone(
            original in prop::collection::vec(any::<u8>(), 0..100),
            source in prop::option::of("[a-z]{0,3}"),
            line: u64,
            flip in any::<prop::sample::Index>(),
        ) {
            let ours = sealer(7, "orders");
            let sealed = ours.seal(source.as_deref(), line, &original);
            prop_assert_eq!(&sealed, &ours.seal(source.as_deref(), line, &original));
            let opened = ours.open(source.as_deref(), line, &sealed).unwrap();
            prop_assert_eq!(opened.as_slice(), &original);
            prop_assert!(ours.open(source.as_deref(), line.wrapping_add(1), &sealed).is_err());
            prop_assert!(ours.open(Some("other"), line, &sealed).is_err());
            let other = if source.is_none() { Some("") } else { None };
            prop_assert!(ours.open(other, line, &sealed).is_err());
            prop_assert!(sealer(8, "orders").open(source.as_deref(), line, &sealed).is_err());
            prop_assert!(sealer(7, "others").open(source.as_deref(), line, &sealed).is_err());
            let mut altered = sealed.clone().into_bytes();
            let at = flip.index(altered.len());
            altered[at] = if altered[at] == b'A' { b'B' } else { b'A' };
            let altered = String::from_utf8(altered).unwrap();
            prop_assert!(ours.open(source.as_deref(), line, &altered).is_err());
            prop_assert!(ours.open(source.as_deref(), line, &sealed[..at]).is_err());
        }

        #[test]
        fn never_panics(text in "\\PC{0,60}") {
            prop_assert_eq!(sealer(7, "orders").open(None, 1, &text).map(|_| ()), Err(SealError));
        }
    }

    #[test]
    fn equal_originals_share_nothing() {
        let ours = sealer(7, "orders");
        let original = b"the same record twice";
        let [left, right] = [1, 2].map(|line| ours.seal(None, line, original));
        let same = left.bytes().zip(right.bytes()).filter(|(left, right)| left == right).count();
        assert!(same < left.len() / 4, "{left} {right}");
        assert_eq!(left.len(), (original.len() + 16) * 4 / 3 + 1);
    }

    #[test]
    fn stands_last_in_a_verdict() {
        for (sealed, line) in
            [(Some("abc"), "{\"line\":1,\"sealed\":\"abc\"}\n"), (None, "{\"line\":1,\"sealed\":null}\n")]
        {
            let mut verdict = b"{\"line\":1}\n".to_vec();
            attach(sealed, &mut verdict);
            assert_eq!(String::from_utf8(verdict).unwrap(), line);
        }
    }
}
