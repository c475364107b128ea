//! Reversible tokens: AES-256-SIV (RFC 5297), so that equal values give equal tokens and no token can be made or changed
//! without the key.
//!
//! A token is `rev_`, four characters that tell the key, `_`, and the sealed value in lower-case base32. It is longer
//! than the value by the same factor, so its length tells the value's.

use super::Key;
use super::token::prefix;
use aes_siv::KeyInit;
use aes_siv::siv::Aes256Siv;
use base32ct::{Base32Unpadded, Encoding};
use zeroize::Zeroizing;

/// Says of a sealed value what it was, so that a number comes back as one.
const TEXT: u8 = b't';
const NUMBER: u8 = b'n';

/// A value that a token gives back.
pub(crate) struct Revealed {
    /// The text, or the digits of a number; wiped from memory when dropped.
    pub(crate) text: Zeroizing<String>,
    pub(crate) is_number: bool,
}

/// Seals the values of one domain under one key.
pub(super) struct Reversible {
    prefix: String,
    domain: String,
    key: Zeroizing<[u8; 64]>,
}

impl Reversible {
    pub(super) fn new(key: &Key, domain: &str) -> Self {
        let derived = key.derive(&format!("tamis/v2/reversible/{domain}"));
        Self { prefix: prefix("rev", key), domain: domain.to_owned(), key: derived }
    }

    pub(super) fn token(&self, text: &str, is_number: bool) -> String {
        let mut value = Zeroizing::new(Vec::with_capacity(1 + text.len()));
        value.push(if is_number { NUMBER } else { TEXT });
        value.extend_from_slice(text.as_bytes());
        // Only more than 126 headers are ever refused.
        let sealed = self.cipher().encrypt([self.domain.as_bytes()], &value).unwrap_or_default();
        format!("{}{}", self.prefix, Base32Unpadded::encode_string(&sealed))
    }

    /// The value of a token that this key made in this domain; none for any other text.
    pub(super) fn reveal(&self, text: &str) -> Option<Revealed> {
        let letters = text.strip_prefix(self.prefix.as_str())?;
        let sealed = Base32Unpadded::decode_vec(letters).ok()?;
        // Where the last letter has bits to spare, one token is its only spelling.
        if Base32Unpadded::encode_string(&sealed) != letters {
            return None;
        }
        let value = Zeroizing::new(self.cipher().decrypt([self.domain.as_bytes()], &sealed).ok()?);
        let (kind, text) = value.split_first()?;
        let text = Zeroizing::new(std::str::from_utf8(text).ok()?.to_owned());
        matches!(*kind, TEXT | NUMBER).then_some(Revealed { text, is_number: *kind == NUMBER })
    }

    /// It is made for each value because it is changed by its work, and threads share the keys.
    fn cipher(&self) -> Aes256Siv {
        let key: &[u8; 64] = &self.key;
        Aes256Siv::new(key.into())
    }
}

#[cfg(test)]
mod tests {
    use super::Reversible;
    use crate::mask::Key;
    use proptest::prelude::*;

    fn seals(key: u8, domain: &str) -> Reversible {
        Reversible::new(&Key::new([key; 32]), domain)
    }

    proptest! {
        #[test]
        fn gives_back_what_it_took(value in ".{0,60}", is_number: bool, at in any::<prop::sample::Index>()) {
            let ours = seals(7, "mail");
            let token = ours.token(&value, is_number);
            let revealed = ours.reveal(&token).unwrap();
            prop_assert_eq!(revealed.text.as_str(), &value);
            prop_assert_eq!(revealed.is_number, is_number);
            prop_assert_eq!(&token, &ours.token(&value, is_number));
            prop_assert_ne!(&token, &ours.token(&value, !is_number));
            prop_assert!(seals(8, "mail").reveal(&token).is_none());
            prop_assert!(seals(7, "phone").reveal(&token).is_none());
            prop_assert!(ours.reveal(&value).is_none());
            let mut forged = token.clone().into_bytes();
            let at = at.index(forged.len());
            forged[at] = if forged[at] == b'a' { b'b' } else { b'a' };
            prop_assert!(ours.reveal(std::str::from_utf8(&forged).unwrap()).is_none());
            prop_assert!(ours.reveal(&token[..at]).is_none());
        }
    }
}
