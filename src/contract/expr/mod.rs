//! The expressions of `x-rules` and `x-features`: a subset of CEL, compiled and type-checked when the contract loads.
//!
//! `docs/expressions.md` is the manual. Where CEL gives an answer, this gives the same or does not load; two extensions
//! are stated there: arithmetic may mix integers and doubles, and there are `approx`, `sum`, `min`, `max` and `abs`.
//!
//! A value that is missing (absent, null, or failed its own check) makes what is computed from it missing too, and so
//! does an error such as an integer division by zero; `false && x` and `true || x` are decided without `x`, on either
//! side. A rule whose result is missing is not broken, and a feature whose result is missing is NaN.
//!
//! The compiler reads tokens and writes the program in one go, without a tree between them, so that a long flat
//! expression costs no stack; nesting is bounded. The program is flat and runs on its own stack within a budget of
//! steps, so that no record can make it deep or endless.

mod compile;
mod lex;
mod literal;
mod number;
mod program;
mod run;
#[cfg(test)]
mod tests;
mod time;
mod types;

pub(crate) use program::Program;
pub(crate) use run::Outcome;
pub(crate) use types::{FieldType, Fields, Wanted};

use std::fmt;

/// Why an expression does not load, and where.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ExprError {
    /// 1-based column, in characters.
    pub column: usize,
    /// What is wrong, in plain English.
    pub message: String,
}

impl ExprError {
    fn new(column: usize, message: impl Into<String>) -> Self {
        Self { column, message: message.into() }
    }
}

impl fmt::Display for ExprError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "column {}: {}", self.column, self.message)
    }
}

/// Most tokens of one expression, which bounds its operations too.
const MOST_NODES: usize = 1000;
/// Deepest nesting of one expression.
const MOST_DEPTH: usize = 64;
/// Longest pattern of `matches`, in bytes, as for the keyword `pattern`.
const LONGEST_PATTERN: usize = 4096;
/// Most steps of one run, about 20 ms: some dozens for each of 100,000 items. A list's item, a member that is looked
/// at and a few bytes of a searched text count as steps too.
const MOST_STEPS: u32 = 4_000_000;

/// Compiles `source` against the fields of a contract.
///
/// # Errors
/// [`ExprError`] with the column: a syntax error, a name the contract does not have, an operand of the wrong type, or a
/// limit passed.
pub(crate) fn compile(source: &str, fields: &dyn Fields, wanted: Wanted) -> Result<Program, ExprError> {
    compile::compile(source, fields, wanted)
}

/// The seconds since 1970 of a moment in the form of RFC 3339.
pub(crate) fn moment(text: &str) -> Option<i64> {
    time::Time::read(text).map(time::Time::seconds)
}
