//! The masking key.

use data_encoding::{BASE64, BASE64_NOPAD, BASE64URL, BASE64URL_NOPAD, HEXLOWER_PERMISSIVE};
use hkdf::Hkdf;
use sha2::Sha256;
use std::fmt;
use zeroize::{Zeroize, ZeroizeOnDrop, Zeroizing};

/// A masking key of 32 bytes. It is wiped from memory when dropped and never shown.
#[derive(Clone, Zeroize, ZeroizeOnDrop)]
pub struct Key([u8; 32]);

/// Why a text is no key.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum KeyError {
    /// Neither hexadecimal nor base64.
    Encoding,
    /// Not 32 bytes.
    Length {
        /// How many there are.
        bytes: usize,
    },
}

impl fmt::Display for KeyError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Encoding => f.write_str("the key is neither hexadecimal nor base64"),
            Self::Length { bytes } => write!(f, "the key has {bytes} bytes, but must have 32"),
        }
    }
}

impl std::error::Error for KeyError {}

impl Key {
    /// A key from its bytes.
    #[must_use]
    pub fn new(bytes: [u8; 32]) -> Self {
        Self(bytes)
    }

    /// Reads a key as 64 hexadecimal digits or as base64, white space around it ignored.
    ///
    /// # Errors
    /// [`KeyError`], which never shows the text.
    ///
    /// # Example
    /// ```
    /// use tamis::mask::Key;
    /// assert!(Key::parse(&"0f".repeat(32)).is_ok());
    /// assert_eq!(Key::parse("0f").unwrap_err().to_string(), "the key has 1 bytes, but must have 32");
    /// ```
    pub fn parse(text: &str) -> Result<Self, KeyError> {
        let text = text.trim().as_bytes();
        let encodings = [&HEXLOWER_PERMISSIVE, &BASE64, &BASE64_NOPAD, &BASE64URL, &BASE64URL_NOPAD];
        let mut decoded = encodings.iter().filter_map(|encoding| encoding.decode(text).ok());
        let mut bytes = decoded.next().ok_or(KeyError::Encoding)?;
        let key = <[u8; 32]>::try_from(bytes.as_slice()).map_err(|_| KeyError::Length { bytes: bytes.len() });
        bytes.zeroize();
        key.map(Self)
    }

    /// Another key, for one purpose alone, by HKDF-SHA-256 (RFC 5869); it tells nothing of this one.
    pub(crate) fn derive<const N: usize>(&self, purpose: &str) -> Zeroizing<[u8; N]> {
        let mut key = Zeroizing::new([0; N]);
        // Only an output of more than 8160 bytes is ever refused.
        let _ = Hkdf::<Sha256>::new(None, &self.0).expand(purpose.as_bytes(), key.as_mut());
        key
    }

    pub(super) fn bytes(&self) -> &[u8; 32] {
        &self.0
    }
}

/// Shows nothing of the key.
impl fmt::Debug for Key {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Key(…)")
    }
}
