//! The expressions of `x-rules` and `x-features`: a subset of CEL, compiled and type-checked when the contract loads.
//!
//! Literals (`12`, `0.5`, `'text'`, `true`, `null`), field paths (`shipping.city`), `+ - * / %`, comparison,
//! `&& || !`, `has(path)` and `size(text or list)`. There is one numeric type, the IEEE 754 double.
//!
//! A value that is missing (absent, null, or failed its own check) makes what is computed from it missing too, as do a
//! division by zero and a result that is not finite; `false && x` and `true || x` are decided without `x`, as in CEL.
//! A rule whose result is missing is not broken, and a feature whose result is missing is NaN.

mod check;
mod parse;
mod run;

pub(crate) use check::{Fields, Type};
pub(crate) use run::{Outcome, Program};

use std::fmt;

/// Why an expression does not load, and where.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ExprError {
    /// 1-based column, in characters.
    pub column: usize,
    /// What is wrong, in plain English.
    pub message: String,
}

impl fmt::Display for ExprError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "column {}: {}", self.column, self.message)
    }
}

/// Most operations of one expression.
const MOST_NODES: usize = 1000;
/// Deepest nesting of one expression.
const MOST_DEPTH: usize = 64;

/// Compiles `source` against the fields of a contract; the result must have one of the types `wanted`.
///
/// # Errors
/// [`ExprError`] with the column: a syntax error, a name the contract does not have, an operand of the wrong type, or a
/// limit passed.
pub(crate) fn compile(source: &str, fields: &dyn Fields, wanted: &[Type]) -> Result<Program, ExprError> {
    let tree = parse::parse(source)?;
    check::check(&tree, fields, wanted)
}
