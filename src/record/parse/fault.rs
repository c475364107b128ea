//! Why bytes are no record, and where.

use std::fmt;

/// Why bytes are no record.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Fault {
    /// Not JSON; says what was expected instead.
    Syntax(&'static str),
    /// Not UTF-8.
    Utf8,
    /// Longer than [`Limits::bytes`](super::Limits::bytes).
    TooLong,
    /// Deeper than [`Limits::depth`](super::Limits::depth).
    TooDeep,
    /// More values than [`Limits::values`](super::Limits::values).
    TooMany,
    /// A key stands twice in one object: masking one of the two would leak the other.
    DuplicateKey,
    /// JSON, but not an object.
    NotAnObject,
}

impl Fault {
    /// The stable code of the violation.
    #[must_use]
    pub fn code(self) -> &'static str {
        match self {
            Self::Syntax(_) => "syntax",
            Self::Utf8 => "utf8",
            Self::TooLong => "too_long",
            Self::TooDeep => "too_deep",
            Self::TooMany => "too_many_values",
            Self::DuplicateKey => "duplicate_key",
            Self::NotAnObject => "type",
        }
    }

    /// What a well-formed record has in this place.
    #[must_use]
    pub fn expected(self) -> &'static str {
        match self {
            Self::Syntax(expected) => expected,
            Self::Utf8 => "UTF-8 text",
            Self::TooLong => "a shorter record",
            Self::TooDeep => "less nesting",
            Self::TooMany => "fewer values",
            Self::DuplicateKey => "each key once",
            Self::NotAnObject => "object",
        }
    }
}

/// Bytes that are no record: why, and where.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Malformed {
    /// What is wrong.
    pub fault: Fault,
    /// Byte offset of the fault, counted from 0 at the record's first byte.
    pub byte: usize,
}

impl fmt::Display for Malformed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let byte = self.byte;
        match self.fault {
            Fault::Syntax(expected) => write!(f, "not JSON at byte {byte}: expected {expected}"),
            Fault::Utf8 => write!(f, "not UTF-8 at byte {byte}"),
            Fault::TooLong => write!(f, "the record is longer than the limit of {byte} bytes"),
            Fault::TooDeep => write!(f, "nested too deeply at byte {byte}"),
            Fault::TooMany => write!(f, "too many values at byte {byte}"),
            Fault::DuplicateKey => write!(f, "a key stands twice in one object, at byte {byte}"),
            Fault::NotAnObject => write!(f, "not a JSON object, at byte {byte}"),
        }
    }
}

impl std::error::Error for Malformed {}
