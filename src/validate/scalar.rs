//! The checks of one value. Each says something of one JSON type and lets the others pass (JSON Schema Validation §6).

use super::format::is_format;
use super::schema::satisfies;
use crate::contract::{Check, Literal, Number, Schema, Types};
use crate::record::canonical::canonical;
use crate::record::decimal::{Decimal, compare};
use crate::record::document::{Document, NodeId, Value};
use std::cmp::Ordering;

#[allow(clippy::inline_always, reason = "measured: on the hot path, and called from a second place that is not")]
#[inline(always)]
pub(super) fn holds(check: &Check, schemas: &[Schema], doc: &Document, id: NodeId) -> bool {
    let value = doc.value(id);
    match check {
        Check::Enum(values) | Check::Const(values) => match value {
            Value::Text(span) => values.position(doc.str(span)).is_some(),
            _ => values.as_slice().iter().any(|listed| is(doc, id, listed)),
        },
        Check::Pattern(pattern) => text(doc, value).is_none_or(|text| pattern.is_match(text)),
        Check::Format(format) => text(doc, value).is_none_or(|text| is_format(*format, text)),
        Check::MinLength(least) => text(doc, value).is_none_or(|text| length(text) >= *least),
        Check::MaxLength(most) => text(doc, value).is_none_or(|text| length(text) <= *most),
        Check::Minimum(least) => order(doc, value, least).is_none_or(Ordering::is_ge),
        Check::Maximum(most) => order(doc, value, most).is_none_or(Ordering::is_le),
        Check::ExclusiveMinimum(bound) => order(doc, value, bound).is_none_or(Ordering::is_gt),
        Check::ExclusiveMaximum(bound) => order(doc, value, bound).is_none_or(Ordering::is_lt),
        Check::MultipleOf(divisor) => match value {
            Value::Number { text, .. } => Decimal::read(doc.str(text)).is_multiple_of(&Decimal::read(&divisor.text)),
            _ => true,
        },
        Check::MinItems(least) => items(doc, id).is_none_or(|count| count >= *least),
        Check::MaxItems(most) => items(doc, id).is_none_or(|count| count <= *most),
        Check::UniqueItems => !matches!(value, Value::List(_)) || unique(doc, id),
        Check::MinProperties(least) => members(doc, id).is_none_or(|count| count >= *least),
        Check::MaxProperties(most) => members(doc, id).is_none_or(|count| count <= *most),
        Check::Schema(_, schema) => satisfies(schemas, *schema, doc, id),
    }
}

pub(crate) fn has_type(value: Value, doc: &Document, types: Types) -> bool {
    types.has(match value {
        Value::Null => Types::NULL,
        Value::Bool(_) => Types::BOOLEAN,
        Value::Number { .. } if types.has(Types::NUMBER) => Types::NUMBER,
        // JSON Schema counts 12.0 among the integers.
        Value::Number { text, .. } if types.has(Types::INTEGER) => {
            let digits = doc.str(text);
            let plain = !digits.contains(['.', 'e', 'E']);
            if plain || Decimal::read(digits).is_whole() { Types::INTEGER } else { Types::NUMBER }
        }
        Value::Number { .. } => Types::NUMBER,
        Value::Text(_) => Types::STRING,
        Value::List(_) => Types::ARRAY,
        Value::Object(_) => Types::OBJECT,
    })
}

fn text(doc: &Document, value: Value) -> Option<&str> {
    match value {
        Value::Text(span) => Some(doc.str(span)),
        _ => None,
    }
}

/// How a number stands to a bound, exactly.
fn order(doc: &Document, value: Value, bound: &Number) -> Option<Ordering> {
    match value {
        Value::Number { text, value } => Some(compare((doc.str(text), value), (&bound.text, bound.value))),
        _ => None,
    }
}

/// JSON Schema counts code points.
fn length(text: &str) -> u64 {
    text.chars().count() as u64
}

fn items(doc: &Document, id: NodeId) -> Option<u64> {
    matches!(doc.value(id), Value::List(_)).then(|| doc.children(id).count() as u64)
}

fn members(doc: &Document, id: NodeId) -> Option<u64> {
    matches!(doc.value(id), Value::Object(_)).then(|| doc.children(id).count() as u64)
}

fn is(doc: &Document, id: NodeId, listed: &Literal) -> bool {
    match (doc.value(id), listed) {
        (Value::Null, Literal::Null) => true,
        (Value::Bool(value), Literal::Bool(listed)) => value == *listed,
        (value @ Value::Number { .. }, Literal::Number(listed)) => order(doc, value, listed) == Some(Ordering::Equal),
        (Value::Text(span), Literal::Text(listed)) => doc.str(span) == listed,
        (Value::List(_) | Value::Object(_), Literal::Compound { canonical: listed, .. }) => {
            let mut form = String::new();
            canonical(doc, id, &mut form);
            form == *listed
        }
        _ => false,
    }
}

/// Whether no two items are equal. Each item is written in one canonical form, so that sorting finds the equal ones:
/// comparing all pairs would let a long list cost its square.
fn unique(doc: &Document, id: NodeId) -> bool {
    let mut forms: Vec<String> = doc
        .children(id)
        .map(|item| {
            let mut form = String::new();
            canonical(doc, item, &mut form);
            form
        })
        .collect();
    forms.sort_unstable();
    forms.windows(2).all(|pair| pair.first() != pair.last())
}
