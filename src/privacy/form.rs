//! Whether a record looks as the masks of a contract leave it: how a file that was masked before is told from raw data.
//!
//! It cannot be proved, as the key of that run may be gone; but a value that a mask would have replaced is a sure sign of
//! the opposite.

use crate::contract::{Contract, Field, FieldId, Property, Severity, Unknown};
use crate::mask::Mask;
use crate::record::document::{Document, NodeId, Value};

/// What a record looks like.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Form {
    /// A value stands there that a mask would have replaced, or a key that the contract would have left out.
    Raw,
    /// Nothing speaks against its being masked, and nothing for it.
    Open,
    /// Where the contract has tokens, tokens stand.
    Masked,
}

/// Looks at a record as it was parsed.
pub(crate) fn form(doc: &Document, contract: &Contract) -> Form {
    let mut look = Look { doc, contract, tokens: 0 };
    match look.fits(Document::ROOT, FieldId::ROOT) {
        false => Form::Raw,
        true if look.tokens > 0 => Form::Masked,
        true => Form::Open,
    }
}

/// Whether a contract has a mask that puts something else in a value's place: only then does a masked record look
/// different from a raw one, and may the contract reject it for that.
#[must_use]
pub fn replaces(contract: &Contract) -> bool {
    contract.fields.iter().any(|field| !matches!(field.mask, Mask::Keep | Mask::Drop))
}

struct Look<'d> {
    doc: &'d Document,
    contract: &'d Contract,
    tokens: usize,
}

impl Look<'_> {
    fn fits(&mut self, id: NodeId, field_id: FieldId) -> bool {
        let (contract, doc) = (self.contract, self.doc);
        let field = contract.field(field_id);
        if let Some(union) = &field.union {
            return union.variants.iter().any(|form| self.fits(id, form.field));
        }
        match doc.value(id) {
            Value::Null => true,
            _ if field.mask == Mask::Drop => false,
            Value::Object(_) if field.mask == Mask::Redact => false,
            Value::Object(_) if field.is_opaque() && field.mask != Mask::Keep => false,
            Value::Object(_) => {
                self.is_complete(id, field) && doc.children(id).all(|child| self.member_fits(child, field))
            }
            Value::List(_) => doc.children(id).enumerate().all(|(position, item)| {
                match field.prefix.get(position).copied().or(field.items) {
                    Some(below) => self.fits(item, below),
                    None => self.is_left(item, &field.mask),
                }
            }),
            _ => self.is_left(id, &field.mask),
        }
    }

    fn member_fits(&mut self, member: NodeId, field: &Field) -> bool {
        let doc = self.doc;
        let name = doc.str(doc.node(member).key);
        let named = field.properties.iter().find(|property| property.name == name).map(|found| found.field);
        let by_pattern = || field.patterns.iter().find(|(pattern, _)| pattern.is_match(name)).map(|(_, id)| *id);
        match named.or_else(by_pattern).or(field.additional) {
            Some(below) => self.fits(member, below),
            None => field.unknown == Unknown::Keep,
        }
    }

    /// Whether all is there that an accepted record must have and no mask takes away.
    fn is_complete(&self, id: NodeId, field: &Field) -> bool {
        let stays = |property: &&Property| {
            let of = self.contract.field(property.field);
            property.required && of.mask != Mask::Drop && of.severity == Severity::Error
        };
        let is_there = |name: &str| self.doc.children(id).any(|child| self.doc.str(self.doc.node(child).key) == name);
        field.properties.iter().filter(stays).all(|property| is_there(&property.name))
    }

    /// Whether a mask may leave this value.
    fn is_left(&mut self, id: NodeId, mask: &Mask) -> bool {
        let doc = self.doc;
        match (doc.value(id), mask) {
            (Value::Null, _) | (_, Mask::Keep | Mask::Scan(_)) => true,
            (Value::Text(span), mask) => {
                let left = mask.may_leave(doc.str(span));
                self.tokens += usize::from(left && mask.leaves_tokens());
                left
            }
            (Value::Number { text, value }, mask) => mask.may_leave_number(doc.str(text), value),
            (Value::Object(_), _) | (_, Mask::Redact | Mask::Drop) => false,
            (Value::List(_), _) => doc.children(id).all(|item| self.is_left(item, mask)),
            (Value::Bool(_), _) => true,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::record::{Limits, Record};

    const CONTRACT: &str = r#"{"type": "object", "required": ["id", "street"], "properties": {
        "id": {"type": "integer"},
        "mail": {"type": ["string", "null"], "x-mask": "pseudonym"},
        "mails": {"type": "array", "x-mask": "pseudonym", "items": {"type": "string"}},
        "zip": {"type": "string", "x-mask": {"op": "generalise", "prefix": 2}},
        "street": {"type": "string", "x-mask": "drop"},
        "note": {"type": ["string", "integer", "null"], "x-mask": "redact"},
        "link": {"type": "string", "x-mask": "url"},
        "whole": {"type": "object", "x-mask": "redact"},
        "town": {"type": "string"},
        "meta": {"type": "object", "properties": {"by": {"type": "string", "x-mask": "pseudonym"}}, "x-unknown": "keep"}
    }}"#;
    const TOKEN: &str = "tok_ab2d_abcdefghijklmnopqrstuvwxyz234567";

    #[test]
    fn what_a_mask_would_have_replaced_is_raw() {
        let contract = Contract::load(CONTRACT.as_bytes()).unwrap();
        for (record, wanted) in [
            (format!(r#"{{"mail": "{TOKEN}", "town": "Bern"}}"#), Form::Masked),
            (format!(r#"{{"mails": ["{TOKEN}", "tok_k2aa_{}"]}}"#, "a7".repeat(16)), Form::Masked),
            (format!(r#"{{"mails": ["{TOKEN}", "a@example.com"]}}"#), Form::Raw),
            (format!(r#"{{"meta": {{"by": "{TOKEN}", "more": 1}}}}"#), Form::Masked),
            (format!(r#"{{"mail": "{TOKEN}", "street": "x"}}"#), Form::Raw),
            (format!(r#"{{"mail": "{TOKEN}", "unknown": "x"}}"#), Form::Raw),
            (r#"{"mail": "tok_me@example.com"}"#.to_owned(), Form::Raw),
            (r#"{"mail": null, "town": "Bern", "zip": "10"}"#.to_owned(), Form::Open),
            (r#"{"zip": "101"}"#.to_owned(), Form::Raw),
            (r#"{"note": "[redacted]", "link": "https://example.com/a", "whole": null}"#.to_owned(), Form::Open),
            (r#"{"note": 7}"#.to_owned(), Form::Raw),
            (r#"{"note": "x"}"#.to_owned(), Form::Raw),
            (r#"{"link": "https://example.com/a?b"}"#.to_owned(), Form::Raw),
            (r#"{"whole": {"a": 1}}"#.to_owned(), Form::Raw),
            ("{}".to_owned(), Form::Open),
        ] {
            let record = record.replacen('{', r#"{"id": 1, "#, 1).replace(", }", "}");
            let doc = Record::parse(record.as_bytes(), Limits::default()).unwrap().0;
            assert_eq!(form(&doc, &contract), wanted, "{record}");
        }
        let doc = Record::parse(br#"{"town": "Bern"}"#, Limits::default()).unwrap().0;
        assert_eq!(form(&doc, &contract), Form::Raw, "no id");
    }
}
