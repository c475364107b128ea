//! Why counters cannot be read, merged or compared.

use std::fmt;

/// Why counters cannot be read, merged or compared.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum DriftError {
    /// The bytes are not the JSON of a reference or a window; what the reader says of it.
    Json(String),
    /// The `format` is not one that this version knows.
    Format {
        /// What stands there.
        found: String,
    },
    /// The counts contradict themselves.
    Invalid {
        /// The column, or what else it is about.
        place: String,
        /// What is wrong, in plain English.
        fault: &'static str,
    },
    /// The other side was counted under another contract.
    OtherContract {
        /// The contract of the reference: name, version and the first digits of its SHA-256.
        reference: String,
        /// The other one, likewise.
        found: String,
    },
    /// The other side has other columns, or the same ones in other bins; the first that differs.
    OtherColumn(String),
    /// The other side was scored by another model.
    OtherModel {
        /// The model of the reference.
        reference: String,
        /// The other one.
        found: String,
    },
    /// A rule is no share or no count; its name.
    Rule(&'static str),
}

impl DriftError {
    /// A code that stays the same from version to version.
    #[must_use]
    pub fn kind(&self) -> &'static str {
        match self {
            Self::Json(_) => "json",
            Self::Format { .. } => "format",
            Self::Invalid { .. } => "invalid",
            Self::OtherContract { .. } => "other_contract",
            Self::OtherColumn(_) => "other_column",
            Self::OtherModel { .. } => "other_model",
            Self::Rule(_) => "rule",
        }
    }

    pub(super) fn invalid(place: impl Into<String>, fault: &'static str) -> Self {
        Self::Invalid { place: place.into(), fault }
    }
}

impl fmt::Display for DriftError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Json(reason) => write!(f, "not the counters of a reference or a window: {reason}"),
            Self::Format { found } => write!(
                f,
                "the format is {found:?}; this version reads tamis.reference/1 and tamis.window/1 (a newer one needs a \
                 newer Tamis)"
            ),
            Self::Invalid { place, fault } => write!(f, "the counters contradict themselves: {place}: {fault}"),
            Self::OtherContract { reference, found } => {
                write!(f, "the reference was counted under the contract {reference}, the other side under {found}")
            }
            Self::OtherColumn(name) => {
                write!(f, "the two sides were not counted in the same bins: the column {name} differs")
            }
            Self::OtherModel { reference, found } => {
                write!(f, "the reference was scored by the model {reference}, the other side by {found}")
            }
            Self::Rule(name) => write!(f, "{name} is out of its range"),
        }
    }
}

impl std::error::Error for DriftError {}
