//! The keys that vouch for models: Ed25519 (RFC 8032).

use super::pem;
use crate::contract::sha256_hex;
use ed25519_dalek as dalek;
use std::fmt;
use zeroize::Zeroizing;

/// A key that signs models. It prints nothing of itself.
pub struct SigningKey(dalek::SigningKey);

impl SigningKey {
    /// The key of 32 random bytes.
    #[must_use]
    pub fn new(bytes: &[u8; 32]) -> Self {
        Self(dalek::SigningKey::from_bytes(bytes))
    }

    /// Reads a private key in PEM (PKCS #8), as `tamis model keygen` and `openssl genpkey -algorithm ed25519` write it.
    ///
    /// # Errors
    /// For a text that does not hold exactly one such key.
    pub fn from_pem(text: &str) -> Result<Self, KeyError> {
        pem::read_private(text).map(|bytes| Self::new(&bytes)).ok_or(KeyError::Private)
    }

    /// The key as PEM (PKCS #8).
    #[must_use]
    pub fn to_pem(&self) -> Zeroizing<String> {
        pem::write_private(self.0.as_bytes())
    }

    /// The key that checks what this one signs.
    #[must_use]
    pub fn public(&self) -> PublicKey {
        PublicKey(self.0.verifying_key())
    }

    pub(super) fn sign(&self, message: &[u8]) -> [u8; 64] {
        use dalek::Signer as _;
        self.0.sign(message).to_bytes()
    }
}

impl fmt::Debug for SigningKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SigningKey").field("id", &self.public().id()).finish_non_exhaustive()
    }
}

/// A key that checks signatures.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PublicKey(dalek::VerifyingKey);

impl PublicKey {
    /// A short name for the key: the first 16 digits of its bytes' SHA-256.
    #[must_use]
    pub fn id(&self) -> String {
        let mut hex = sha256_hex(self.0.as_bytes());
        hex.truncate(16);
        hex
    }

    /// The key as PEM (`SubjectPublicKeyInfo`), which `openssl pkey -pubin` reads.
    #[must_use]
    pub fn to_pem(&self) -> String {
        pem::write_public(self.0.as_bytes())
    }

    /// Whether the key's owner signed the message. Keys and points of small order, with which one signature fits several
    /// messages, never check.
    pub(super) fn checks(&self, message: &[u8], signature: &[u8; 64]) -> bool {
        self.0.verify_strict(message, &dalek::Signature::from_bytes(signature)).is_ok()
    }
}

/// The keys that are trusted: a signature by any one of them is enough, so that a new key can stand beside an old one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PublicKeys(Vec<PublicKey>);

impl PublicKeys {
    /// Reads one or several public keys in PEM. A literal `\n` counts as a line end, since variables of some systems hold
    /// no other.
    ///
    /// # Errors
    /// For a text that holds none, or one that is no Ed25519 key.
    pub fn from_pem(text: &str) -> Result<Self, KeyError> {
        let keys = pem::read_public(&text.replace("\\n", "\n")).ok_or(KeyError::Public)?;
        let keys = keys.iter().map(dalek::VerifyingKey::from_bytes).map(|key| key.map(PublicKey));
        let keys: Vec<_> = keys.collect::<Result<_, _>>().map_err(|_| KeyError::Public)?;
        if keys.is_empty() || keys.iter().any(|key| key.0.is_weak()) {
            return Err(KeyError::Public);
        }
        Ok(Self(keys))
    }

    /// The keys, in their order.
    pub fn iter(&self) -> impl Iterator<Item = &PublicKey> {
        self.0.iter()
    }

    /// The ids of the keys, for people.
    #[must_use]
    pub fn ids(&self) -> String {
        self.0.iter().map(PublicKey::id).collect::<Vec<_>>().join(", ")
    }
}

impl From<PublicKey> for PublicKeys {
    fn from(key: PublicKey) -> Self {
        Self(vec![key])
    }
}

/// A text holds no key. It says nothing of the text: it might be a private key in the wrong place.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum KeyError {
    /// No private key.
    Private,
    /// No public key.
    Public,
}

impl KeyError {
    /// A code that stays the same from version to version.
    #[must_use]
    pub fn kind(&self) -> &'static str {
        match self {
            Self::Private => "private_key",
            Self::Public => "public_key",
        }
    }
}

impl fmt::Display for KeyError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Private => {
                "it is no Ed25519 private key in PEM (BEGIN PRIVATE KEY), as `tamis model keygen` writes it"
            }
            Self::Public => "it is no Ed25519 public key in PEM (BEGIN PUBLIC KEY), as `tamis model keygen` writes it",
        })
    }
}

impl std::error::Error for KeyError {}
