//! Why a body is not answered, and where in it.

use std::fmt;

/// A fault in a body.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fault {
    /// Where it is.
    pub place: Place,
    /// What is wrong there.
    pub flaw: Flaw,
}

/// A place in a body.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Place {
    /// A JSON Pointer, with the names of the protocol and of the features alone; empty for the whole body.
    Pointer(String),
    /// A byte of the text.
    Text {
        /// Its line, from 1.
        line: usize,
        /// Its offset in the body, from 0.
        byte: usize,
    },
    /// A line of CSV, from 1, and the feature of the cell, if it is about one.
    Line(u64, Option<String>),
    /// A row, from 1, and its feature.
    Row(usize, String),
}

/// What can be wrong.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Flaw {
    /// The body is not JSON; perhaps because a number is called NaN or Infinity.
    Syntax {
        /// Whether such a word stands there.
        word: bool,
    },
    /// The body is not UTF-8.
    Utf8,
    /// Something else should stand there; says what.
    Expected(String),
    /// These are missing, all that are expected being the others.
    Missing {
        /// The names that are missing.
        missing: String,
        /// All names that are expected.
        expected: String,
    },
    /// The member or the column is there a second time.
    Twice,
    /// There are not as many values as there should be.
    Count {
        /// So many should be there.
        expected: usize,
        /// So many are.
        found: usize,
    },
    /// There are more rows than are answered at once.
    Rows {
        /// So many may be there.
        most: usize,
    },
    /// The value is a category that the model does not know and refuses.
    Category,
    /// The model's engine failed.
    Engine,
}

impl Fault {
    /// A fault at a JSON Pointer.
    pub(super) fn at(pointer: &str, flaw: Flaw) -> Self {
        Self { place: Place::Pointer(pointer.to_owned()), flaw }
    }

    /// A code that stays the same from version to version.
    #[must_use]
    pub fn kind(&self) -> &'static str {
        match self.flaw {
            Flaw::Syntax { .. } => "syntax",
            Flaw::Utf8 => "utf8",
            Flaw::Expected(_) => "expected",
            Flaw::Missing { .. } => "missing",
            Flaw::Twice => "twice",
            Flaw::Count { .. } => "count",
            Flaw::Rows { .. } => "rows",
            Flaw::Category => "category",
            Flaw::Engine => "engine",
        }
    }
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Pointer(pointer) if pointer.is_empty() => f.write_str("the body"),
            Self::Pointer(pointer) => f.write_str(pointer),
            Self::Text { line, byte } => write!(f, "line {line}, byte {byte} of the body"),
            Self::Row(row, column) => write!(f, "row {row}, column {column}"),
            Self::Line(line, None) => write!(f, "line {line}"),
            Self::Line(line, Some(column)) => write!(f, "line {line}, column {column}"),
        }
    }
}

impl fmt::Display for Flaw {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Syntax { word: false } => f.write_str("expected JSON"),
            Self::Syntax { word: true } => f.write_str("expected JSON, in which a missing number is null"),
            Self::Utf8 => f.write_str("expected UTF-8"),
            Self::Expected(what) => write!(f, "expected {what}"),
            Self::Missing { missing, expected } => write!(f, "{missing} missing; expected {expected}"),
            Self::Twice => f.write_str("it is there twice"),
            Self::Count { expected, found } => write!(f, "expected {expected} values, found {found}"),
            Self::Rows { most } => write!(f, "expected at most {most} rows"),
            Self::Category => f.write_str("expected a category that the model knows"),
            Self::Engine => f.write_str("the model's engine failed"),
        }
    }
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.place, self.flaw)
    }
}

impl std::error::Error for Fault {}
