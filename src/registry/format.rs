//! The member `format` of a file: what it is, and by which rules.

use serde::Deserialize;
use serde::de::DeserializeOwned;
use std::fmt;

/// Reads a JSON document whose `format` must be the one that is expected.
pub(super) fn read<T: DeserializeOwned>(bytes: &[u8], expected: &'static str) -> Result<T, FormatError> {
    #[derive(Deserialize)]
    struct Head {
        format: Option<String>,
    }
    let json = |error: serde_json::Error| FormatError::Json { expected, reason: error.to_string() };
    let head: Head = serde_json::from_slice(bytes).map_err(json)?;
    match head.format {
        Some(found) if found == expected => serde_json::from_slice(bytes).map_err(json),
        found => Err(FormatError::Other { expected, found: found.unwrap_or_default() }),
    }
}

/// A file is not what it should be.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum FormatError {
    /// It is no JSON, or has not the members of its format.
    Json {
        /// The format that it should have.
        expected: &'static str,
        /// What the reader says, with line and column.
        reason: String,
    },
    /// It says another format, or none.
    Other {
        /// The format that it should have.
        expected: &'static str,
        /// The one that it says.
        found: String,
    },
}

impl FormatError {
    /// A code that stays the same from version to version.
    #[must_use]
    pub fn kind(&self) -> &'static str {
        match self {
            Self::Json { .. } => "json",
            Self::Other { .. } => "format",
        }
    }
}

impl fmt::Display for FormatError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Json { expected, reason } => write!(f, "it is no {expected}: {reason}"),
            Self::Other { expected, found } if found.is_empty() => {
                write!(f, "it has no member \"format\", which should be {expected}")
            }
            Self::Other { expected, found } => {
                let kind = |format: &str| format.split('/').next().map(ToOwned::to_owned);
                if kind(expected) == kind(found) {
                    write!(
                        f,
                        "it has the format {found}, and this version of Tamis reads {expected}: a newer one wrote it"
                    )
                } else {
                    write!(f, "it has the format {found} and should have {expected}")
                }
            }
        }
    }
}

impl std::error::Error for FormatError {}

#[cfg(test)]
mod tests {
    use super::{FormatError, read};
    use serde_json::Value as Json;

    #[test]
    fn only_the_expected_format_is_read() {
        assert!(read::<Json>(br#"{"format": "tamis.card/1"}"#, "tamis.card/1").is_ok());
        for (text, kind, words) in [
            (r#"{"format": "tamis.card/2"}"#, "format", "a newer one wrote it"),
            (r#"{"format": "tamis.window/1"}"#, "format", "should have tamis.card/1"),
            ("{}", "format", "no member \"format\""),
            ("{", "json", "line 1"),
        ] {
            let error: FormatError = read::<Json>(text.as_bytes(), "tamis.card/1").unwrap_err();
            assert_eq!(error.kind(), kind);
            assert!(error.to_string().contains(words), "{error}");
        }
    }
}
