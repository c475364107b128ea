//! Why a contract does not load.

use super::ExprError;
use crate::record::Malformed;
use std::fmt;

/// One fault of a contract, and its place.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LoadError {
    /// JSON Pointer of the schema in which the fault lies; empty for the record itself.
    pub pointer: String,
    /// What is wrong there.
    pub problem: Problem,
}

/// What can be wrong with a contract.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Problem {
    /// The document is not JSON, or has a key twice.
    NotJson(Malformed),
    /// A keyword that neither JSON Schema nor Tamis knows.
    UnknownKeyword(String),
    /// A keyword, or a value of one, that Tamis does not support.
    Unsupported(String),
    /// A keyword's value has the wrong form.
    Invalid {
        /// The keyword.
        keyword: String,
        /// What it takes.
        expected: String,
    },
    /// Two statements of the contract that cannot both hold.
    Contradiction(String),
    /// An expression does not compile.
    Expression {
        /// The rule or feature.
        name: String,
        /// Where and why.
        error: ExprError,
    },
}

impl Problem {
    /// A stable code for machines.
    #[must_use]
    pub fn code(&self) -> &'static str {
        match self {
            Self::NotJson(_) => "not_json",
            Self::UnknownKeyword(_) => "unknown_keyword",
            Self::Unsupported(_) => "unsupported",
            Self::Invalid { .. } => "invalid",
            Self::Contradiction(_) => "contradiction",
            Self::Expression { .. } => "expression",
        }
    }
}

impl fmt::Display for LoadError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.pointer.is_empty() {
            f.write_str("/: ")?;
        } else {
            write!(f, "{}: ", self.pointer)?;
        }
        match &self.problem {
            Problem::NotJson(error) => error.fmt(f),
            Problem::UnknownKeyword(keyword) => write!(f, "the keyword {keyword} is not known"),
            Problem::Unsupported(what) => write!(f, "{what} is not supported"),
            Problem::Invalid { keyword, expected } => write!(f, "{keyword} takes {expected}"),
            Problem::Contradiction(what) => f.write_str(what),
            Problem::Expression { name, error } => write!(f, "{name}: {error}"),
        }
    }
}

impl std::error::Error for LoadError {}
