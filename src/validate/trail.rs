//! The way from a record to one of its values, kept while walking, and written down only where a field may stand in
//! many places.

use super::violation::Place;
use crate::contract::{Contract, FieldId};
use crate::record::document::{Document, NodeId};
use std::fmt::Write;

/// One step down.
#[derive(Clone, Copy)]
pub(crate) enum Step {
    /// To a property that the contract names.
    Property(FieldId),
    /// To a member under any name.
    Member(NodeId),
    /// To an item of a list, by its position.
    Item(u32),
}

/// The steps from the record to the current value.
#[derive(Default)]
pub(crate) struct Trail(Vec<Step>);

impl Trail {
    pub(crate) fn push(&mut self, step: Step) {
        self.0.push(step);
    }

    pub(crate) fn pop(&mut self) {
        self.0.pop();
    }

    /// The place of a field at the end of the trail.
    pub(crate) fn place(&self, contract: &Contract, doc: &Document, field: FieldId) -> Place {
        if !contract.field(field).repeated {
            return Place::new(field);
        }
        let mut path = String::new();
        for step in &self.0 {
            path.push('/');
            match *step {
                Step::Property(field) => {
                    let pointer = &contract.field(field).pointer;
                    path.push_str(pointer.rsplit('/').next().unwrap_or_default());
                }
                Step::Member(node) => {
                    let name = doc.str(doc.node(node).key);
                    path.push_str(if is_plain_name(name) { name } else { "*" });
                }
                // Writing to a String cannot fail.
                Step::Item(position) => drop(write!(path, "{position}")),
            }
        }
        Place::at(field, path)
    }
}

/// A key that is shown: it looks like a name that a programmer gave, not like an address, a number or a sentence.
pub(crate) fn is_plain_name(name: &str) -> bool {
    let digits = name.bytes().filter(u8::is_ascii_digit).count();
    name.len() <= 40
        && digits < 5
        && name.starts_with(|first: char| first.is_ascii_alphabetic() || first == '_')
        && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-'))
}
