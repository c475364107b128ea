//! Pseudonyms: keyed tokens that are equal where values are, and that prove to be ours.
//!
//! A token is `tok_`, four characters that tell the key, `_`, and 32 characters of lower-case base32, so that a database
//! that ignores letter case joins it too. They hold 120 bits of HMAC-SHA-256 (RFC 2104) over the value, and a check over
//! those bits by SipHash-2-4 of 40 bits: without the key nobody can write a text that passes for a token, and with it a
//! token is told from a value that only begins like one. Each domain has its own keys, by HKDF-SHA-256 (RFC 5869).

use super::Key;
use super::key::ID_LETTERS;
use base32ct::{Base32Unpadded, Encoding};
use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;
use siphasher::sip::SipHasher24;
use std::hash::Hasher;

/// Bytes of a token that tell the value: by chance two of a million values share them once in 10^24 batches.
const TAG: usize = 15;
/// Bytes of a token that prove it.
const CHECK: usize = 5;
/// Letters of both: five bits each.
const LETTERS: usize = (TAG + CHECK) * 8 / 5;

/// What a token of either kind begins with.
pub(super) fn prefix(kind: &str, key: &Key) -> String {
    format!("{kind}_{}_", key.id())
}

/// Whether a text is built like a token of a kind, whoever made it: the kind, a key's id, and base32.
pub(crate) fn is_shaped(kind: &str, text: &str) -> bool {
    let letters = |text: &str| text.bytes().all(|byte| matches!(byte, b'a'..=b'z' | b'2'..=b'7'));
    let rest = text.strip_prefix(kind).and_then(|rest| rest.strip_prefix('_'));
    rest.and_then(|rest| rest.split_once('_'))
        .is_some_and(|(id, body)| id.len() == ID_LETTERS && letters(id) && body.len() >= 26 && letters(body))
}

/// Whether a text is built like a token of any kind.
pub(crate) fn is_token(text: &str) -> bool {
    is_shaped("tok", text) || is_shaped("rev", text)
}

/// The keyed states of one domain under one key.
pub(super) struct Tokens {
    prefix: String,
    mac: Hmac<Sha256>,
    check: SipHasher24,
}

impl Tokens {
    /// The tokens of a domain; `scope` keeps those that are equal everywhere apart from those of one batch or record.
    pub(super) fn new(key: &Key, scope: &str, domain: &str) -> Self {
        let keys = key.derive::<48>(&format!("tamis/v2/pseudonym/{scope}/{domain}"));
        let (mac, check) = keys.split_at(32);
        let mut sip = [0; 16];
        sip.copy_from_slice(check);
        // A key of any length is taken.
        let mac =
            Hmac::new_from_slice(mac).unwrap_or_else(|_| Hmac::new(&hmac::digest::Key::<Hmac<Sha256>>::default()));
        Self { prefix: prefix("tok", key), mac, check: SipHasher24::new_with_key(&sip) }
    }

    /// The token of a value in its canonical form; `salt` is empty where the token is the same everywhere.
    pub(super) fn token(&self, salt: &[u8], value: &str) -> String {
        let mut mac = self.mac.clone();
        mac.update(salt);
        mac.update(value.as_bytes());
        let digest = mac.finalize().into_bytes();
        let mut bytes = [0; TAG + CHECK];
        let (tag, check) = bytes.split_at_mut(TAG);
        tag.iter_mut().zip(digest).for_each(|(byte, from)| *byte = from);
        check.copy_from_slice(&self.check(tag));
        let mut token = String::with_capacity(self.prefix.len() + LETTERS);
        token.push_str(&self.prefix);
        let mut letters = [0; LETTERS];
        // The letters have just that length.
        token.push_str(Base32Unpadded::encode(&bytes, &mut letters).unwrap_or_default());
        token
    }

    /// Whether this key made the token in this domain.
    pub(super) fn made(&self, text: &str) -> bool {
        let Some(letters) = text.strip_prefix(self.prefix.as_str()).filter(|letters| letters.len() == LETTERS) else {
            return false;
        };
        let mut bytes = [0; TAG + CHECK];
        if Base32Unpadded::decode(letters, &mut bytes).is_err() {
            return false;
        }
        let (tag, check) = bytes.split_at(TAG);
        // Every byte is looked at, so that the time tells nothing of how far a forgery came.
        self.check(tag).iter().zip(check).fold(0, |differs, (ours, theirs)| differs | (ours ^ theirs)) == 0
    }

    fn check(&self, tag: &[u8]) -> [u8; CHECK] {
        let mut hasher = self.check;
        hasher.write(tag);
        let mut check = [0; CHECK];
        check.iter_mut().zip(hasher.finish().to_le_bytes()).for_each(|(byte, from)| *byte = from);
        check
    }
}

#[cfg(test)]
mod tests {
    use super::{Base32Unpadded, Encoding, Tokens, is_shaped};
    use crate::mask::Key;
    use proptest::prelude::*;

    fn tokens(key: u8, scope: &str, domain: &str) -> Tokens {
        Tokens::new(&Key::new([key; 32]), scope, domain)
    }

    #[test]
    fn letters_are_lower_case() {
        assert_eq!(Base32Unpadded::encode_string(&[0, 0xff, 7, 9, 0x80]), "ad7qocma");
    }

    proptest! {
        #[test]
        fn a_token_is_told_from_all_else(value in ".{0,40}", other in ".{0,40}", flip in 0..41_usize) {
            let ours = tokens(7, "", "mail");
            let token = ours.token(b"", &value);
            prop_assert!(ours.made(&token) && is_shaped("tok", &token));
            prop_assert_eq!(&token, &ours.token(b"", &value));
            prop_assert_eq!(value == other, token == ours.token(b"", &other));
            for others in [tokens(8, "", "mail"), tokens(7, "", "phone"), tokens(7, "batch", "mail")] {
                prop_assert!(!others.made(&token));
                prop_assert_ne!(&others.token(b"", &value), &token);
            }
            let mut forged = token.clone().into_bytes();
            forged[flip] = if forged[flip] == b'a' { b'b' } else { b'a' };
            prop_assert!(!ours.made(std::str::from_utf8(&forged).unwrap()));
            let longer = format!("{token}a");
            prop_assert!(!ours.made(&token[..40]) && !ours.made(&longer) && !ours.made(&value));
            let salted = ours.token(&[1; 16], &value);
            prop_assert_ne!(salted, token);
        }
    }

    /// Random texts that only begin like tokens: none passes, and a check of 40 bits lets none through by luck either.
    #[test]
    fn what_begins_like_a_token_is_none() {
        let ours = tokens(7, "", "mail");
        let token = ours.token(b"", "x");
        let (prefix, _) = token.split_at(9);
        for number in 0..100_000_u64 {
            let mut bytes = [0; 20];
            bytes[..8].copy_from_slice(&number.to_le_bytes());
            assert!(!ours.made(&format!("{prefix}{}", Base32Unpadded::encode_string(&bytes))));
        }
    }
}
