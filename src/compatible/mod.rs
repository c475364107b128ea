//! Two contracts -> whether every record that the old one accepts is accepted by the new one.
//!
//! Yes is only said where it is proven, place by place (`proof`); no only with a record that went through both
//! contracts (`example`). All else is unknown, with the places that could not be compared. Records are judged one by
//! one, after their repairs; what is masked and what the model looks at does not matter.

mod checks;
mod example;
mod forms;
mod members;
mod proof;
mod record;
mod same;
mod steps;

use crate::contract::Contract;
use crate::mask::Key;
use crate::pipeline::{Desk, Sieve};
use crate::record::Frame;
use crate::verdict::Status;

/// Whether the new contract accepts all that the old one accepts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Answer {
    /// It does: that is proven.
    Yes,
    /// It does not: there is an example.
    No,
    /// Neither a proof nor an example was found.
    Unknown,
}

impl Answer {
    /// The name on the wire.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Yes => "yes",
            Self::No => "no",
            Self::Unknown => "unknown",
        }
    }
}

/// One ground of an answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Because {
    /// JSON Pointer in the record; an item of a list and a member under any name are `*`.
    pub path: String,
    /// The keyword that broke or could not be compared, or the code of the violation.
    pub keyword: String,
    /// The ground in plain English.
    pub text: String,
}

/// What comparing two contracts gave.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Comparison {
    /// The answer.
    pub answer: Answer,
    /// For no: a record, as one line of JSON, that the old contract accepts and the new one rejects. All its values are
    /// made up or stand in one of the contracts.
    pub example: Option<String>,
    /// For no, what the new contract finds wrong with the example; for unknown, what could not be compared.
    pub because: Vec<Because>,
}

/// Compares two contracts.
///
/// # Example
/// ```
/// use tamis::compatible::{Answer, compatible};
/// use tamis::contract::Contract;
/// let integer = || Contract::load(br#"{"type": "object", "properties": {"n": {"type": "integer"}}}"#).unwrap();
/// let number = || Contract::load(br#"{"type": "object", "properties": {"n": {"type": "number"}}}"#).unwrap();
/// assert_eq!(compatible(integer(), number()).answer, Answer::Yes);
/// let back = compatible(number(), integer());
/// assert_eq!((back.answer, back.example.as_deref()), (Answer::No, Some(r#"{"n":0.5}"#)));
/// ```
#[must_use]
pub fn compatible(old: Contract, new: Contract) -> Comparison {
    // The same way that records take, from their bytes on; the key says nothing about who is accepted.
    let sieve = |contract| Sieve::new(contract, &Key::new([0; 32]));
    let (old, new) = (sieve(old), sieve(new));
    let because = proof::gaps(old.contract(), new.contract());
    if because.is_empty() {
        return Comparison { answer: Answer::Yes, example: None, because };
    }
    let real = |line: &String| status(&old, line) == Status::Accepted && status(&new, line) == Status::Rejected;
    // Where rules differ, a place of which both contracts say the same may still break one.
    let everywhere = because.iter().any(|it| it.keyword == "x-rules");
    match example::find(old.contract(), new.contract(), everywhere).filter(real) {
        Some(line) => {
            let because = example::violations(new.contract(), &line);
            Comparison { answer: Answer::No, example: Some(line), because }
        }
        None => Comparison { answer: Answer::Unknown, example: None, because },
    }
}

fn status(sieve: &Sieve, line: &str) -> Status {
    sieve.examine(Frame { line: 1, bytes: line.as_bytes(), fault: None }, &mut Desk::default()).status()
}
