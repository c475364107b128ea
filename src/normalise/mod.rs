//! `Record` -> [`Normalised`]: repairs what has one obvious reading, and notes each repair.
//!
//! One file a normaliser. A normaliser that cannot read a value leaves a violation; it never guesses.

mod boolean;
mod datetime;
mod form;
mod list;
mod missing;
mod number;
pub(crate) mod read;
mod text;
mod url;
mod walk;

pub(crate) use datetime::{civil_from_days, days_from_civil, days_of_month, is_stored_moment};
pub(crate) use missing::{TOKENS, is_missing};
pub(crate) use text::is_blank;
pub(crate) use url::parts as url_parts;

use crate::contract::{Contract, Field, FieldId, Literal, Number};
use crate::record::Record;
use crate::record::document::{Document, Node, NodeId, Span, Value};
use crate::validate::{Place, Trail, Violation};
use serde_json::Value as Json;

/// A step that `x-normalize` names.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Normaliser {
    /// White space and zero-width characters at both ends, then NFC. Every other one begins with it.
    Trim,
    Lowercase,
    Uppercase,
    LowercaseDomain,
    Number,
    Boolean,
    Datetime,
    /// A number becomes its own text.
    Text,
    /// `"a, b"` becomes a list.
    Split,
    /// Items of blank text leave their list.
    DropBlank,
    /// What is no http(s) URL becomes null.
    HttpUrl,
    /// Words become values, in any case.
    Map(Vec<(String, Literal)>),
    /// Nothing but what each of them does: tokens for "no value" are told from values.
    Missing,
}

impl Normaliser {
    const NAMED: [(&'static str, Self); 12] = [
        ("trim", Self::Trim),
        ("lowercase", Self::Lowercase),
        ("uppercase", Self::Uppercase),
        ("lowercase_domain", Self::LowercaseDomain),
        ("number", Self::Number),
        ("boolean", Self::Boolean),
        ("datetime", Self::Datetime),
        ("text", Self::Text),
        ("split", Self::Split),
        ("drop_blank", Self::DropBlank),
        ("http_url", Self::HttpUrl),
        ("missing", Self::Missing),
    ];

    /// Reads one entry of `x-normalize`: a name, or `{"op": "map", "values": {…}}`.
    pub(crate) fn read(entry: &Json) -> Option<Self> {
        if let Some(name) = entry.as_str() {
            return Self::NAMED.iter().find(|(known, _)| *known == name).map(|(_, step)| step.clone());
        }
        let entry = entry.as_object()?;
        if entry.len() != 2 || entry.get("op")?.as_str()? != "map" {
            return None;
        }
        let mut values = Vec::new();
        for (word, value) in entry.get("values")?.as_object()? {
            let value = match value {
                Json::String(text) => Literal::Text(text.clone()),
                Json::Bool(value) => Literal::Bool(*value),
                Json::Number(_) => Literal::Number(Number::read(value)?),
                _ => return None,
            };
            values.push((word.to_lowercase(), value));
        }
        Some(Self::Map(values))
    }

    /// The name in `x-normalize`.
    pub(crate) fn name(&self) -> &'static str {
        Self::NAMED.iter().find(|(_, step)| step == self).map_or("map", |(name, _)| name)
    }

    /// The names, for an error message.
    pub(crate) fn names() -> String {
        let names: Vec<&str> = Self::NAMED.iter().map(|(name, _)| *name).collect();
        format!("{} (or {{\"op\": \"map\", \"values\": {{…}}}})", names.join(", "))
    }

    /// Trims a value, as every normaliser does first, and applies the step; answers whether it could be read.
    pub(crate) fn attempt(&self, doc: &mut Document, id: NodeId, field: &Field) -> bool {
        let mut codes = Codes::new();
        text::trim(doc, id, &mut codes);
        self.apply(doc, id, field, &mut codes).is_ok()
    }

    /// Applies the step to one value that is not missing.
    fn apply(&self, doc: &mut Document, id: NodeId, field: &Field, repairs: &mut Codes) -> Result<(), &'static str> {
        match self {
            Self::Trim | Self::Missing => Ok(()),
            Self::Lowercase => text::lowercase(doc, id, repairs),
            Self::Uppercase => text::uppercase(doc, id, repairs),
            Self::LowercaseDomain => text::lowercase_domain(doc, id, repairs),
            Self::Number => number::number(doc, id, repairs),
            Self::Boolean => boolean::boolean(doc, id, repairs),
            Self::Datetime => datetime::datetime(doc, id, repairs),
            Self::Text => number::to_text(doc, id, repairs),
            Self::Split => list::split(doc, id, repairs),
            Self::DropBlank => list::drop_blank(doc, id, repairs),
            Self::HttpUrl => url::http_or_null(doc, id, field, repairs),
            Self::Map(values) => text::map(doc, id, values, repairs),
        }
    }
}

/// The repairs of one value.
type Codes = Vec<&'static str>;

/// One repair: where, and what kind.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Repair {
    pub(crate) place: Place,
    pub(crate) code: &'static str,
}

/// A record whose values stand in the forms that the contract checks.
pub(crate) struct Normalised {
    pub(crate) doc: Document,
    /// The node of each field of the contract; none where it is absent.
    pub(crate) slots: Vec<NodeId>,
    pub(crate) repairs: Vec<Repair>,
    /// What could not be read.
    pub(crate) violations: Vec<Violation>,
}

/// Tells whether a text is a token that was made of a value of this field: such a value is not repaired, for it was when
/// the token was made.
pub(crate) type Tokens<'t> = &'t dyn Fn(FieldId, &str) -> bool;

/// Repairs a record by its contract.
pub(crate) fn normalise(record: Record, contract: &Contract, tokens: Tokens<'_>, slots: Vec<NodeId>) -> Normalised {
    walk::normalise(record, contract, tokens, slots)
}

/// Puts a value of the contract itself into a document.
fn insert(doc: &mut Document, literal: &Literal) -> Value {
    match literal {
        Literal::Null => Value::Null,
        Literal::Bool(value) => Value::Bool(*value),
        Literal::Number(number) => Value::Number { text: doc.write(&number.text), value: number.value },
        Literal::Text(text) => Value::Text(doc.write(text)),
        Literal::Compound { value, .. } => insert_json(doc, value),
    }
}

fn insert_json(doc: &mut Document, json: &Json) -> Value {
    let mut members = Chain::default();
    match json {
        Json::Null => return Value::Null,
        Json::Bool(value) => return Value::Bool(*value),
        Json::String(text) => return Value::Text(doc.write(text)),
        Json::Number(number) => {
            return Value::Number { text: doc.write(&number.to_string()), value: number.as_f64().unwrap_or(f64::NAN) };
        }
        Json::Array(list) => {
            for item in list {
                let value = insert_json(doc, item);
                let item = doc.add(Node::new(Span::default(), value));
                members.push(doc, item);
            }
        }
        Json::Object(map) => {
            for (name, member) in map {
                let key = doc.write(name);
                let value = insert_json(doc, member);
                let member = doc.add(Node::new(key, value));
                members.push(doc, member);
            }
        }
    }
    if json.is_array() { Value::List(members.first) } else { Value::Object(members.first) }
}

/// A list of siblings under construction.
struct Chain {
    first: NodeId,
    last: NodeId,
}

impl Default for Chain {
    fn default() -> Self {
        Self { first: NodeId::NONE, last: NodeId::NONE }
    }
}

impl Chain {
    fn push(&mut self, doc: &mut Document, id: NodeId) {
        doc.link(id, NodeId::NONE);
        if self.last == NodeId::NONE {
            self.first = id;
        } else {
            doc.link(self.last, id);
        }
        self.last = id;
    }

    /// Puts another list behind this one.
    fn append(&mut self, doc: &mut Document, other: &Self) {
        if other.first == NodeId::NONE {
            return;
        }
        if self.last == NodeId::NONE {
            self.first = other.first;
        } else {
            doc.link(self.last, other.first);
        }
        self.last = other.last;
    }
}

/// What the walk hands from field to field.
struct State<'c> {
    contract: &'c Contract,
    tokens: Tokens<'c>,
    doc: Document,
    slots: Vec<NodeId>,
    repairs: Vec<Repair>,
    violations: Vec<Violation>,
    /// The way from the record to the current value.
    trail: Trail,
    /// The members of the objects around the current value, by property.
    found: Vec<NodeId>,
    codes: Codes,
}

impl State<'_> {
    fn place(&self, field: FieldId) -> Place {
        self.trail.place(self.contract, &self.doc, field)
    }
}
