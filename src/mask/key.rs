//! Masking keys, and the ring that holds the one in force beside those that only read older tokens.

use base32ct::Base32Unpadded;
use base64ct::{Base64, Base64Unpadded, Base64Url, Base64UrlUnpadded, Encoding};
use hkdf::Hkdf;
use sha2::Sha256;
use std::fmt;
use zeroize::{Zeroize, ZeroizeOnDrop, Zeroizing};

/// A masking key of 32 bytes. It is wiped from memory when dropped and never shown.
#[derive(Clone, Zeroize, ZeroizeOnDrop)]
pub struct Key([u8; 32]);

/// Why a text is no key, or no ring of keys.
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
    /// No key at all.
    Empty,
    /// One of several keys is none.
    At {
        /// Its 1-based place among the keys.
        place: usize,
        /// How many bytes it has; none where it is neither hexadecimal nor base64.
        bytes: Option<usize>,
    },
    /// Two keys have one id, because they are the same key (or, once in a million pairs, by chance).
    Twice {
        /// The 1-based place of the later one.
        place: usize,
    },
}

impl KeyError {
    /// A code that stays the same from version to version.
    #[must_use]
    pub fn kind(&self) -> &'static str {
        match self {
            Self::Encoding | Self::At { bytes: None, .. } => "encoding",
            Self::Length { .. } | Self::At { .. } => "length",
            Self::Empty => "empty",
            Self::Twice { .. } => "twice",
        }
    }

    fn at(self, place: usize) -> Self {
        match self {
            Self::Encoding => Self::At { place, bytes: None },
            Self::Length { bytes } => Self::At { place, bytes: Some(bytes) },
            other => other,
        }
    }
}

impl fmt::Display for KeyError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Encoding => f.write_str("the key is neither hexadecimal nor base64"),
            Self::Length { bytes } => write!(f, "the key has {bytes} bytes, but must have 32"),
            Self::Empty => f.write_str("there is no key"),
            Self::At { place, bytes: None } => write!(f, "key {place} is neither hexadecimal nor base64"),
            Self::At { place, bytes: Some(bytes) } => write!(f, "key {place} has {bytes} bytes, but must have 32"),
            Self::Twice { place } => write!(f, "key {place} has the id of another one: leave one of them out"),
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
        let text = text.trim();
        let base64 =
            [Base64::decode_vec, Base64Unpadded::decode_vec, Base64Url::decode_vec, Base64UrlUnpadded::decode_vec];
        let decoded = base16ct::mixed::decode_vec(text).ok();
        let decoded = decoded.or_else(|| base64.iter().find_map(|decode| decode(text).ok()));
        let mut bytes = decoded.ok_or(KeyError::Encoding)?;
        let key = <[u8; 32]>::try_from(bytes.as_slice()).map_err(|_| KeyError::Length { bytes: bytes.len() });
        bytes.zeroize();
        key.map(Self)
    }

    /// The key as 64 hexadecimal digits, for the file that is to hold it; wiped from memory when dropped.
    #[must_use]
    pub fn to_hex(&self) -> Zeroizing<String> {
        Zeroizing::new(base16ct::lower::encode_string(&self.0))
    }

    /// What tells the key from others without telling the key: four characters, which its tokens carry.
    ///
    /// # Example
    /// ```
    /// use tamis::mask::Key;
    /// assert_eq!(Key::new([7; 32]).id().len(), 4);
    /// ```
    #[must_use]
    pub fn id(&self) -> String {
        let mut id =
            <Base32Unpadded as base32ct::Encoding>::encode_string(self.derive::<3>("tamis/v1/key-id").as_slice());
        id.truncate(ID_LETTERS);
        id
    }

    /// Another key, for one purpose alone, by HKDF-SHA-256 (RFC 5869); it tells nothing of this one.
    pub(crate) fn derive<const N: usize>(&self, purpose: &str) -> Zeroizing<[u8; N]> {
        let mut key = Zeroizing::new([0; N]);
        // Only an output of more than 8160 bytes is ever refused.
        let _ = Hkdf::<Sha256>::new(None, &self.0).expand(purpose.as_bytes(), key.as_mut());
        key
    }
}

/// Letters of a key's id: 20 bits, so that the keys of one ring hardly ever share one.
pub(crate) const ID_LETTERS: usize = 4;

/// Shows nothing of the key.
impl fmt::Debug for Key {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Key(…)")
    }
}

/// The masking keys of one owner: the first is in force and makes all tokens, the others read tokens made before a
/// rotation.
#[derive(Clone, Debug)]
pub struct KeyRing(Vec<Key>);

impl KeyRing {
    /// Reads keys as [`Key::parse`] does, one after another with white space or commas between them; what follows a `#`
    /// on a line is a comment.
    ///
    /// # Errors
    /// [`KeyError`], with the place of the key that is none.
    ///
    /// # Example
    /// ```
    /// use tamis::mask::KeyRing;
    /// let ring = KeyRing::parse(&format!("# since May\n{}\n{}\n", "0f".repeat(32), "0e".repeat(32))).unwrap();
    /// assert_eq!(ring.ids().len(), 2);
    /// ```
    pub fn parse(text: &str) -> Result<Self, KeyError> {
        let lines = text.lines().map(|line| line.split('#').next().unwrap_or_default());
        let words = lines.flat_map(|line| line.split([' ', '\t', ',', ';'])).filter(|word| !word.is_empty());
        let words: Vec<&str> = words.collect();
        let mut ring = Self(Vec::new());
        for (index, word) in words.iter().enumerate() {
            let place = index + 1;
            let key = Key::parse(word).map_err(|error| if words.len() > 1 { error.at(place) } else { error })?;
            if ring.find(&key.id()).is_some() {
                return Err(KeyError::Twice { place });
            }
            ring.0.push(key);
        }
        if ring.0.is_empty() { Err(KeyError::Empty) } else { Ok(ring) }
    }

    /// The ring in which a new key is in force and the ones so far only read.
    ///
    /// # Errors
    /// [`KeyError::Twice`] where a key of the ring has the new one's id.
    pub fn rotate(self, key: Key) -> Result<Self, KeyError> {
        if self.find(&key.id()).is_some() {
            return Err(KeyError::Twice { place: 1 });
        }
        Ok(Self(std::iter::once(key).chain(self.0).collect()))
    }

    /// The key that makes all tokens.
    #[must_use]
    pub fn in_force(&self) -> &Key {
        // No way of making a ring leaves it empty.
        self.0.first().unwrap_or(&NO_KEY)
    }

    /// All keys, the one in force first.
    pub fn keys(&self) -> impl Iterator<Item = &Key> {
        self.0.iter()
    }

    /// The ids of all keys, that of the one in force first.
    #[must_use]
    pub fn ids(&self) -> Vec<String> {
        self.0.iter().map(Key::id).collect()
    }

    /// The key of an id.
    #[must_use]
    pub fn find(&self, id: &str) -> Option<&Key> {
        self.0.iter().find(|key| key.id() == id)
    }
}

static NO_KEY: Key = Key([0; 32]);

impl From<&Key> for KeyRing {
    fn from(key: &Key) -> Self {
        Self(vec![key.clone()])
    }
}

impl From<&KeyRing> for KeyRing {
    fn from(ring: &KeyRing) -> Self {
        ring.clone()
    }
}

#[cfg(test)]
mod tests {
    use super::{Key, KeyError, KeyRing};

    #[test]
    fn reads_rings() {
        let (one, two) = ("0f".repeat(32), "0e".repeat(32));
        for (text, keys) in [
            (one.clone(), Ok(1)),
            (format!("{one}\n{two}\n"), Ok(2)),
            (format!("{one}, {two}"), Ok(2)),
            (format!("# a comment\n\n{one} # in force\n#{two}\n"), Ok(1)),
            (format!("{one}\r\n{two}"), Ok(2)),
            (String::new(), Err(KeyError::Empty)),
            ("# nothing".into(), Err(KeyError::Empty)),
            ("zz".into(), Err(KeyError::Encoding)),
            (format!("{one} 0f"), Err(KeyError::At { place: 2, bytes: Some(1) })),
            (format!("{one} !"), Err(KeyError::At { place: 2, bytes: None })),
            (format!("{one} {two} {one}"), Err(KeyError::Twice { place: 3 })),
        ] {
            assert_eq!(KeyRing::parse(&text).map(|ring| ring.ids().len()), keys);
        }
    }

    #[test]
    fn rotation_puts_the_new_key_first() {
        let ring = KeyRing::from(&Key::new([1; 32]));
        let ring = ring.rotate(Key::new([2; 32])).unwrap();
        assert_eq!(ring.ids(), [Key::new([2; 32]).id(), Key::new([1; 32]).id()]);
        assert_eq!(ring.in_force().id(), Key::new([2; 32]).id());
        assert_eq!(ring.rotate(Key::new([1; 32])).unwrap_err().kind(), "twice");
    }

    #[test]
    fn shows_nothing() {
        let ring = KeyRing::from(&Key::new([9; 32]));
        assert_eq!(format!("{ring:?}"), "KeyRing([Key(…)])");
        assert_eq!(*Key::new([0xab; 32]).to_hex(), "ab".repeat(32));
    }
}
