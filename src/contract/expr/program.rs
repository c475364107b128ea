//! The compiled form of an expression.

use super::lex::Binary;
use super::time::{Part, Time};
use crate::contract::FieldId;
use regex_lite::Regex;

/// How a number of the record is read: the contract says whether it is an integer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Leaf {
    Int,
    Double,
    /// As its text says: with a point or an exponent it is a double.
    AsWritten,
}

/// The loops over lists.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Macro {
    All,
    Exists,
    ExistsOne,
    Filter,
    Map,
}

/// What a function makes of the values on the stack.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Function {
    Size,
    Int,
    Double,
    Text,
    Bool,
    Time,
    Duration,
    StartsWith,
    EndsWith,
    Contains,
    Lower,
    Upper,
    Trim,
    Approx,
    Abs,
    /// Of a list; empty, it is 0 (true: 0.0).
    Sum(bool),
    /// The least of a list, or of so many arguments where that is not 0.
    Least(u32),
    /// The greatest, likewise.
    Greatest(u32),
    /// A part of a timestamp, so many minutes east of UTC.
    Part(Part, i16),
    /// A part of a duration.
    Span(Part),
}

/// One step of a program, working on a stack. Jumps name the step that comes next.
#[derive(Clone, Copy, Debug)]
pub(super) enum Op {
    Int(i64),
    Double(f64),
    Bool(bool),
    Text(u32),
    Time(Time),
    Duration(i64),
    Null,
    /// The value of a field that has a slot.
    Field(FieldId, Leaf),
    Has(FieldId),
    /// The place of the text on the stack in the field's list of values.
    Position(FieldId),
    /// The item of the loop that lies so deep, counted from the outermost.
    Item(u32),
    /// The member of an object, by name.
    Member(u32, Leaf),
    /// Whether the value on the stack is there.
    Present,
    /// The item at a position of a list.
    Index,
    /// A list of the topmost values.
    List(u32),
    Not,
    Negate,
    Binary(Binary),
    And,
    Or,
    Call(Function),
    Matches(u32),
    /// Goes to the step where the topmost value is this one already: `false &&`, `true ||`.
    Skip(bool, u32),
    /// Takes a condition: true goes on, false goes to the first, a missing one is the result and goes to the second.
    Branch(u32, u32),
    Jump(u32),
    /// Takes a list and begins a loop over it; the step behind the loop.
    Loop(Macro, u32),
    /// Takes what the loop's body gave; the body's first step.
    Next(Macro, u32),
}

/// A pattern of `matches`, with what it may cost for each byte of a text.
#[derive(Clone, Debug)]
pub(super) struct Pattern {
    pub(super) regex: Regex,
    pub(super) weight: u32,
}

/// A compiled expression.
#[derive(Clone, Debug, Default)]
pub(crate) struct Program {
    pub(super) ops: Vec<Op>,
    pub(super) texts: Vec<String>,
    pub(super) patterns: Vec<Pattern>,
    pub(super) fields: Vec<FieldId>,
    pub(super) below: Vec<FieldId>,
    /// Its result is true or false.
    pub(super) truth: bool,
}

impl Program {
    /// The fields that the expression names by their path.
    pub(crate) fn fields(&self) -> &[FieldId] {
        &self.fields
    }

    /// The field, if the expression is but its value or the place of its text.
    pub(crate) fn plain(&self) -> Option<FieldId> {
        match *self.ops.as_slice() {
            [Op::Field(field, _)] => Some(field),
            [Op::Field(field, _), Op::Position(same)] if field == same => Some(field),
            _ => None,
        }
    }

    /// Whether the result is true or false.
    pub(crate) fn is_truth(&self) -> bool {
        self.truth
    }

    /// The fields that it reaches in the items of lists.
    pub(crate) fn fields_below(&self) -> &[FieldId] {
        &self.below
    }
}
