//! Contracts that are drafted: from data, and from the JSON Schema of a Pydantic model.
//!
//! A draft is a beginning: its author reads it, and mends it. It accepts the records that it was drafted from but for
//! dirt, which is what a small part of them has and the rest has not. What looks personal is masked, and no value of it
//! stands in the draft, be it as a value, a bound or a part of a pattern.

mod features;
mod field;
mod formats;
mod number;
mod observe;
mod personal;
pub mod pydantic;
mod reading;
mod record;
mod shape;
mod text;
mod trial;
mod values;
mod view;
mod words;

use crate::record::document::Document;
use crate::record::{Frame, Limits, Malformed, Record};
use observe::Tree;
pub(crate) use personal::is_quasi as is_quasi_name;
use serde_json::Value;
use std::fmt;
use trial::Sample;

/// Drafts a contract from records that come one by one. Memory is bounded by sketches and a sample of the records.
///
/// # Example
/// ```
/// use tamis::draft::Draft;
/// use tamis::record::Frame;
/// let mut draft = Draft::new("signups");
/// for line in 1..=30 {
///     let record = format!(r#"{{"signup_id": "S-{}", "email": "u{line}@example.com", "age": {}}}"#, 1000 + line, line + 18);
///     draft.push(Frame { line, bytes: record.as_bytes(), fault: None });
/// }
/// let drafted = draft.finish().unwrap();
/// let properties = &drafted.contract["properties"];
/// assert_eq!(properties["signup_id"]["pattern"], r"^S-\d{4,8}$");
/// assert_eq!(properties["email"]["x-mask"], "pseudonym");
/// assert_eq!(properties["age"]["minimum"], 0);
/// ```
pub struct Draft {
    name: String,
    tree: Tree,
    sample: Sample,
    records: u64,
    faults: u64,
    first_fault: Option<(u64, Malformed)>,
    doc: Document,
}

/// A drafted contract.
#[derive(Clone, Debug)]
pub struct Drafted {
    /// The contract: it loads.
    pub contract: Value,
    /// What its author should know. No value of a record stands in them.
    pub remarks: Vec<String>,
}

/// Why there is no draft.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum DraftError {
    /// There was nothing to draft from.
    Empty,
    /// Nothing that was there is a record; the first place and why.
    NoRecord {
        /// The line, or the position in an array.
        line: u64,
        /// Why it is none.
        fault: Malformed,
    },
    /// The draft does not load, which is a fault of Tamis.
    DoesNotLoad(String),
}

impl fmt::Display for DraftError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Empty => f.write_str("there is no record to draft a contract from"),
            Self::NoRecord { line, fault } => write!(f, "none of the input is a record; line {line}: {fault}"),
            Self::DoesNotLoad(faults) => write!(f, "the draft does not load, which is a fault of tamis: {faults}"),
        }
    }
}

impl std::error::Error for DraftError {}

impl Draft {
    /// A draft without records yet; `name` becomes the contract's.
    #[must_use]
    pub fn new(name: &str) -> Self {
        Self {
            name: name.to_owned(),
            tree: Tree::default(),
            sample: Sample::default(),
            records: 0,
            faults: 0,
            first_fault: None,
            doc: Document::default(),
        }
    }

    /// Looks at one record.
    pub fn push(&mut self, frame: Frame<'_>) {
        self.sample.offer(&frame);
        let parsed = match frame.fault {
            Some(fault) => Err(fault),
            None => match Record::parse_into(std::mem::take(&mut self.doc), frame.bytes, Limits::default()) {
                Ok(record) => {
                    self.tree.add(&record.0);
                    self.records += 1;
                    self.doc = record.0;
                    Ok(())
                }
                Err((fault, doc)) => {
                    self.doc = doc;
                    Err(fault)
                }
            },
        };
        if let Err(fault) = parsed {
            self.faults += 1;
            self.first_fault.get_or_insert((frame.line, fault));
        }
    }

    /// Makes the contract of what was seen, and tries it on a sample.
    ///
    /// # Errors
    /// [`DraftError`] where there was no record.
    pub fn finish(self) -> Result<Drafted, DraftError> {
        if self.records == 0 {
            return Err(self
                .first_fault
                .map_or(DraftError::Empty, |(line, fault)| DraftError::NoRecord { line, fault }));
        }
        record::draft(&self)
    }
}
