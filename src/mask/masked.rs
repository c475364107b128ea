//! A record whose masks were applied: the only form in which anything behind this stage sees one.

use super::{is_token, output};
use crate::contract::FieldId;
use crate::normalise::Repair;
use crate::record::document::{Document, NodeId, Value};
use crate::validate::Violation;

/// Two tokens of one value, under two keys.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TokenPair {
    /// The field's JSON Pointer; an item of a list is `*`.
    pub path: String,
    /// The token under the older key.
    pub old: String,
    /// The token under the newer key.
    pub new: String,
}

/// A record that may be shown.
pub struct Masked {
    pub(super) doc: Document,
    pub(super) slots: Vec<NodeId>,
    pub(crate) repairs: Vec<Repair>,
    pub(crate) violations: Vec<Violation>,
}

impl Masked {
    /// A record that was masked before it came here.
    pub(crate) fn adopted(doc: Document) -> Self {
        Self { doc, slots: Vec::new(), repairs: Vec::new(), violations: Vec::new() }
    }

    /// The record as JSON, in the contract's order, without what failed or is dropped.
    pub(crate) fn write_json(&self, out: &mut Vec<u8>) {
        output::write_value(&self.doc, Document::ROOT, out);
    }

    /// The masked value of a field; none where it is absent, null, dropped or failed.
    pub(crate) fn value(&self, field: FieldId) -> Option<Value> {
        self.doc.usable(*self.slots.get(field.0)?)
    }

    /// The masked value of a field as a part of a unique key; none where it is no scalar.
    pub(crate) fn part(&self, field: FieldId) -> Option<crate::unique::Part<'_>> {
        crate::unique::Part::of(&self.doc, self.value(field)?)
    }

    /// The masked record's nodes.
    pub(crate) fn document(&self) -> &Document {
        &self.doc
    }

    /// The node of a field that a record has at most once.
    pub(crate) fn node(&self, field: FieldId) -> Option<NodeId> {
        self.slots.get(field.0)?.get()
    }

    /// The text of a scalar, as a table would show it; empty for null and containers.
    pub(crate) fn scalar(&self, value: Value) -> &str {
        match value {
            Value::Text(span) | Value::Number { text: span, .. } => self.doc.str(span),
            Value::Bool(true) => "true",
            Value::Bool(false) => "false",
            _ => "",
        }
    }

    /// Writes a scalar as JSON; null for containers.
    pub(crate) fn write_scalar(&self, value: Value, out: &mut Vec<u8>) {
        match value {
            Value::Text(span) => output::write_text(self.doc.str(span), out),
            Value::Number { .. } | Value::Bool(_) => out.extend_from_slice(self.scalar(value).as_bytes()),
            _ => out.extend_from_slice(b"null"),
        }
    }

    /// Whether the field's value failed a check, which is not the same as having none.
    pub(crate) fn failed(&self, field: FieldId) -> bool {
        let id = self.slots.get(field.0).and_then(|id| id.get());
        id.is_some_and(|id| self.doc.node(id).failed)
    }

    pub(crate) fn run(
        &self,
        program: &crate::contract::Program,
        contract: &crate::contract::Contract,
    ) -> crate::contract::Outcome {
        program.run(&self.doc, &self.slots, &|field, text| contract.position(field, text))
    }

    /// Gives the buffers back for the next record.
    pub(crate) fn into_buffers(self) -> (Document, Vec<NodeId>) {
        (self.doc, self.slots)
    }

    /// The tokens that differ between this record and the same one under another key.
    pub(crate) fn token_pairs(&self, new: &Self) -> Vec<TokenPair> {
        let mut pairs = Vec::new();
        pairs_below(&self.doc, &new.doc, [Document::ROOT; 2], "", &mut pairs);
        pairs
    }
}

fn pairs_below(old: &Document, new: &Document, [left, right]: [NodeId; 2], path: &str, pairs: &mut Vec<TokenPair>) {
    match (old.value(left), new.value(right)) {
        (Value::Text(left), Value::Text(right)) => {
            let (old, new) = (old.str(left), new.str(right));
            if old != new && is_token(old) && is_token(new) {
                pairs.push(TokenPair { path: path.to_owned(), old: old.to_owned(), new: new.to_owned() });
            }
        }
        (Value::List(_) | Value::Object(_), Value::List(_) | Value::Object(_)) => {
            let in_list = matches!(old.value(left), Value::List(_));
            for (left, right) in old.children(left).zip(new.children(right)) {
                let node = old.node(left);
                if node.dropped || node.failed {
                    continue;
                }
                let name =
                    if in_list { "*".to_owned() } else { old.str(node.key).replace('~', "~0").replace('/', "~1") };
                pairs_below(old, new, [left, right], &format!("{path}/{name}"), pairs);
            }
        }
        _ => {}
    }
}
