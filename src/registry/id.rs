//! The name of a version: the hash of its model.

use crate::contract::sha256_hex;
use serde::{Deserialize, Serialize};
use std::fmt;
use std::str::FromStr;

/// The id of a version: the SHA-256 of the model's bytes, as 64 lower-case hexadecimal digits.
///
/// # Example
/// ```
/// use tamis::registry::Id;
///
/// let id = Id::of(b"a model");
/// assert_eq!(id.as_str().len(), 64);
/// assert_eq!(id.as_str().parse(), Ok(id.clone()));
/// assert!(id.begins_with(&id.short().to_uppercase()));
/// assert!("champion".parse::<Id>().is_err());
/// ```
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Id(String);

impl Id {
    /// The id of a model by its bytes.
    #[must_use]
    pub fn of(model: &[u8]) -> Self {
        Self(sha256_hex(model))
    }

    /// All 64 digits.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The first 8 digits, as verdicts name a model.
    #[must_use]
    pub fn short(&self) -> &str {
        self.0.get(..8).unwrap_or_default()
    }

    /// Whether the id begins with these digits, in either case; nothing is no beginning.
    #[must_use]
    pub fn begins_with(&self, prefix: &str) -> bool {
        !prefix.is_empty() && self.0.get(..prefix.len()).is_some_and(|head| head.eq_ignore_ascii_case(prefix))
    }
}

impl FromStr for Id {
    type Err = IdError;

    fn from_str(text: &str) -> Result<Self, IdError> {
        let digits = text.len() == 64 && text.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'));
        if digits { Ok(Self(text.to_owned())) } else { Err(IdError) }
    }
}

impl TryFrom<String> for Id {
    type Error = IdError;

    fn try_from(text: String) -> Result<Self, IdError> {
        text.parse()
    }
}

impl From<Id> for String {
    fn from(id: Id) -> Self {
        id.0
    }
}

impl fmt::Display for Id {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// A text is no id.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct IdError;

impl IdError {
    /// A code that stays the same from version to version.
    #[must_use]
    pub fn kind(&self) -> &'static str {
        "id"
    }
}

impl fmt::Display for IdError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the id of a version is 64 lower-case hexadecimal digits")
    }
}

impl std::error::Error for IdError {}
