//! Who vouches for a version: Ed25519 over the hashes of its files.

use super::format::{self, FormatError};
use super::key::{PublicKey, PublicKeys, SigningKey};
use crate::contract::sha256_hex;
use base64ct::{Base64, Encoding};
use serde::{Deserialize, Serialize};
use std::fmt;

/// What is signed: the names and hashes of a version's files, as a text of its own form.
///
/// The text is what `sha256sum` prints, below a line that says what it is, so that a signature can be checked with openssl
/// and no Tamis at hand, and none made for another purpose is one for a model.
///
/// # Example
/// ```
/// use tamis::registry::{Manifest, PublicKeys, Signatures, SigningKey};
///
/// let key = SigningKey::new(&[7; 32]);
/// let manifest = Manifest::of(&[("model.onnx", b"a model"), ("card.json", b"{}")]);
/// let mut signatures = Signatures::default();
/// signatures.add(&key, &manifest);
/// let trusted = PublicKeys::from(key.public());
/// assert!(signatures.check(&trusted, &manifest).is_ok());
/// let other = Manifest::of(&[("model.onnx", b"another"), ("card.json", b"{}")]);
/// assert_eq!(signatures.check(&trusted, &other).unwrap_err().kind(), "forged");
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Manifest(String);

const TITLE: &str = "tamis.model-signature/1\n";

impl Manifest {
    /// The manifest of files by their names and bytes, in any order.
    #[must_use]
    pub fn of(files: &[(&str, &[u8])]) -> Self {
        let mut lines: Vec<_> = files.iter().map(|(name, bytes)| format!("{}  {name}\n", sha256_hex(bytes))).collect();
        // By hash and not by name; any order serves, as long as it is always the same.
        lines.sort_unstable();
        Self(TITLE.to_owned() + &lines.concat())
    }

    /// The text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// The signature of one key.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Signature {
    /// The id of the key. It only says which one to try.
    pub key: String,
    /// The 64 bytes of the signature, in base64.
    pub ed25519: String,
}

/// Everybody who vouches for a version: the file `signature.json`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Signatures(Vec<Signature>);

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Document {
    format: String,
    signatures: Vec<Signature>,
}

const FORMAT: &str = "tamis.signature/1";

impl Signatures {
    /// Reads the file.
    ///
    /// # Errors
    /// For another format.
    pub fn from_json(bytes: &[u8]) -> Result<Self, SignatureError> {
        let document: Document = format::read(bytes, FORMAT).map_err(SignatureError::Format)?;
        Ok(Self(document.signatures))
    }

    /// The file.
    ///
    /// # Errors
    /// None in practice: every member is a text.
    pub fn to_json(&self) -> serde_json::Result<String> {
        let document = Document { format: FORMAT.to_owned(), signatures: self.0.clone() };
        serde_json::to_string_pretty(&document).map(|json| json + "\n")
    }

    /// Signs a manifest; answers whether the key had not signed it before. What it signed otherwise is replaced.
    pub fn add(&mut self, key: &SigningKey, manifest: &Manifest) -> bool {
        let id = key.public().id();
        let ed25519 = Base64::encode_string(&key.sign(manifest.0.as_bytes()));
        let signature = Signature { key: id, ed25519 };
        if self.0.contains(&signature) {
            return false;
        }
        self.0.retain(|other| other.key != signature.key);
        self.0.push(signature);
        true
    }

    /// The ids of the keys that say they signed. Only [`check`](Self::check) knows whether it is true.
    pub fn keys(&self) -> impl Iterator<Item = &str> {
        self.0.iter().map(|signature| signature.key.as_str())
    }

    /// Checks that a trusted key signed the manifest; answers with that key.
    ///
    /// # Errors
    /// When nobody signed, none of the trusted keys did, or one of them signed something else.
    pub fn check(&self, trusted: &PublicKeys, manifest: &Manifest) -> Result<PublicKey, SignatureError> {
        if self.0.is_empty() {
            return Err(SignatureError::Unsigned);
        }
        let mut forged = None;
        for key in trusted.iter() {
            let id = key.id();
            for signature in self.0.iter().filter(|signature| signature.key == id) {
                let mut bytes = [0; 64];
                let whole = Base64::decode(&signature.ed25519, &mut bytes).is_ok_and(|bytes| bytes.len() == 64);
                if whole && key.checks(manifest.0.as_bytes(), &bytes) {
                    return Ok(*key);
                }
                forged = Some(id.clone());
            }
        }
        Err(match forged {
            Some(key) => SignatureError::Forged(key),
            None => SignatureError::Untrusted(self.0.iter().map(|signature| signature.key.clone()).collect()),
        })
    }
}

/// A version is not vouched for.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum SignatureError {
    /// The file is not one of signatures.
    Format(FormatError),
    /// Nobody signed.
    Unsigned,
    /// Only keys signed that are not trusted; their ids.
    Untrusted(Vec<String>),
    /// The signature under the name of this key does not fit: the model, the card or the signature was changed.
    Forged(String),
}

impl SignatureError {
    /// A code that stays the same from version to version.
    #[must_use]
    pub fn kind(&self) -> &'static str {
        match self {
            Self::Format(_) => "format",
            Self::Unsigned => "unsigned",
            Self::Untrusted(_) => "untrusted",
            Self::Forged(_) => "forged",
        }
    }
}

impl fmt::Display for SignatureError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Format(error) => write!(f, "its signature cannot be read: {error}"),
            Self::Unsigned => f.write_str("it is not signed"),
            Self::Untrusted(keys) => {
                write!(f, "it is signed by {}, which is none of the keys trusted", keys.join(", "))
            }
            Self::Forged(key) => write!(
                f,
                "its signature by {key} does not fit: the model, its card or the signature was changed after signing"
            ),
        }
    }
}

impl std::error::Error for SignatureError {}
