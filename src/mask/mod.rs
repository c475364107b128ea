//! `Checked` -> `Masked`: personal data is removed before anything else sees the record.
//!
//! Features, verdicts, logs, metrics, reports and the registry take a `Masked` and nothing before it, so what this
//! stage removes cannot reach them. A value that failed its check is removed whatever its mask: a phone number in the
//! wrong field must not leave in the quarantine file.

mod key;
mod masker;
mod output;
pub(crate) mod scan;

pub use key::{Key, KeyError};
pub use masker::Masker;
pub(crate) use output::{write_number, write_text};
pub use scan::{Confidence, Finding, Kind, Kinds, find, find_with, scan_with};

use crate::contract::{Field, FieldId, Types};
use crate::normalise::Repair;
use crate::record::document::{Document, NodeId, Value};
use crate::validate::Violation;
use serde_json::Value as Json;

/// What happens to a field's value, by `x-mask`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Mask {
    /// The value stays.
    Keep,
    /// The field is left out.
    Drop,
    /// The value is replaced by a fixed text, or by null where it was no text.
    Redact,
    /// The value is replaced by a keyed token: equal values of a domain get equal tokens.
    Pseudonym {
        /// Separates the tokens of one field from those of another; the field itself where none is named.
        domain: Option<String>,
    },
    /// The first characters stay.
    Generalise {
        /// How many.
        prefix: usize,
    },
    /// A URL without user, query and fragment.
    Url,
    /// Personal data inside free text is replaced, the rest stays.
    Scan,
}

impl Mask {
    /// Whether masked values are equal where the values are, and only there: by them duplicates are told.
    pub(crate) fn keeps_equality(&self) -> bool {
        match self {
            Self::Keep | Self::Pseudonym { .. } => true,
            Self::Drop | Self::Redact | Self::Generalise { .. } | Self::Url | Self::Scan => false,
        }
    }

    /// Whether the mask of a list is the mask of each of its items.
    pub(crate) fn covers_items(&self) -> bool {
        !matches!(self, Self::Keep | Self::Drop)
    }
}

/// Reads `x-mask`: a name, or an object with `op` and the parameters of that mask.
///
/// # Errors
/// What the keyword takes, in words.
pub(crate) fn read(stated: &Json, field: &Field) -> Result<Mask, String> {
    let (name, parameters) = match stated {
        Json::String(name) => (name.as_str(), None),
        Json::Object(object) => (object.get("op").and_then(Json::as_str).unwrap_or_default(), Some(object)),
        _ => ("", None),
    };
    let parameter = |key: &str| parameters.and_then(|parameters| parameters.get(key));
    let (mask, known): (Mask, &[&str]) = match name {
        "keep" => (Mask::Keep, &[]),
        "drop" => (Mask::Drop, &[]),
        "redact" => (Mask::Redact, &[]),
        "url" => (Mask::Url, &[]),
        "scan" => (Mask::Scan, &[]),
        "pseudonym" => {
            let domain = match parameter("domain") {
                None => None,
                Some(Json::String(domain)) if !domain.is_empty() => Some(domain.clone()),
                Some(_) => return Err("a text as domain of a pseudonym".into()),
            };
            (Mask::Pseudonym { domain }, &["domain"])
        }
        "generalise" => {
            let prefix = parameter("prefix").and_then(Json::as_u64).and_then(|count| usize::try_from(count).ok());
            let prefix = prefix.ok_or("the count of characters to keep as prefix of generalise")?;
            (Mask::Generalise { prefix }, &["prefix"])
        }
        _ => return Err("one of keep, drop, redact, pseudonym, generalise, url, scan".into()),
    };
    let unknown =
        parameters.into_iter().flatten().map(|(key, _)| key).find(|key| *key != "op" && !known.contains(&key.as_str()));
    if let Some(unknown) = unknown {
        return Err(format!("no parameter {unknown} for {name}"));
    }
    fits(&mask, name, field)?;
    Ok(mask)
}

/// A mask that can do nothing to a field's type would leave the value as it is: that does not load.
fn fits(mask: &Mask, name: &str, field: &Field) -> Result<(), String> {
    let wanted = match mask {
        Mask::Keep | Mask::Drop | Mask::Redact => return Ok(()),
        Mask::Pseudonym { .. } => Types::STRING.with(Types::NUMBER),
        Mask::Generalise { .. } | Mask::Url | Mask::Scan => Types::STRING,
    };
    let wanted = wanted.with(Types::NULL).with(Types::ARRAY);
    if field.types != Types::ANY && wanted.has(field.types) {
        Ok(())
    } else {
        Err(format!("{name} only on a field whose type says {}", wanted.without(Types::ARRAY).describe()))
    }
}

/// A record that may be shown.
pub(crate) struct Masked {
    doc: Document,
    slots: Vec<NodeId>,
    pub(crate) repairs: Vec<Repair>,
    pub(crate) violations: Vec<Violation>,
}

impl Masked {
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
            Value::Text(span) => write_text(self.doc.str(span), out),
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
}
