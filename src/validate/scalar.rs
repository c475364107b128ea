//! The checks of one value. Each says something of one JSON type and lets the others pass (JSON Schema Validation §6).

use super::email::is_email;
use crate::contract::{Check, Literal, TextFormat};
use crate::normalise::is_rfc3339;
use crate::record::document::{Document, NodeId, Value};
use std::fmt::Write;

#[allow(clippy::inline_always, reason = "measured: on the hot path, and called from a second place that is not")]
#[inline(always)]
pub(super) fn holds(check: &Check, doc: &Document, id: NodeId) -> bool {
    let value = doc.value(id);
    match check {
        Check::Enum(values) => values.iter().any(|listed| is(doc, value, listed)),
        Check::Pattern(regex) => text(doc, value).is_none_or(|text| regex.is_match(text)),
        Check::Format(TextFormat::Email) => text(doc, value).is_none_or(is_email),
        Check::Format(TextFormat::DateTime) => text(doc, value).is_none_or(is_rfc3339),
        Check::MinLength(least) => text(doc, value).is_none_or(|text| length(text) >= *least),
        Check::MaxLength(most) => text(doc, value).is_none_or(|text| length(text) <= *most),
        Check::Minimum(least) => number(value).is_none_or(|number| number >= *least),
        Check::Maximum(most) => number(value).is_none_or(|number| number <= *most),
        Check::ExclusiveMinimum(bound) => number(value).is_none_or(|number| number > *bound),
        Check::ExclusiveMaximum(bound) => number(value).is_none_or(|number| number < *bound),
        Check::MinItems(least) => items(doc, id).is_none_or(|count| count >= *least),
        Check::MaxItems(most) => items(doc, id).is_none_or(|count| count <= *most),
        Check::UniqueItems => !matches!(value, Value::List(_)) || unique(doc, id),
        Check::MinProperties(least) => members(doc, id).is_none_or(|count| count >= *least),
        Check::MaxProperties(most) => members(doc, id).is_none_or(|count| count <= *most),
    }
}

fn text(doc: &Document, value: Value) -> Option<&str> {
    match value {
        Value::Text(span) => Some(doc.str(span)),
        _ => None,
    }
}

fn number(value: Value) -> Option<f64> {
    match value {
        Value::Number { value, .. } => Some(value),
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

#[allow(clippy::float_cmp, reason = "JSON Schema compares numbers by their mathematical value")]
fn is(doc: &Document, value: Value, listed: &Literal) -> bool {
    match (value, listed) {
        (Value::Null, Literal::Null) => true,
        (Value::Bool(value), Literal::Bool(listed)) => value == *listed,
        (Value::Number { value, .. }, Literal::Number { value: listed, .. }) => value == *listed,
        (Value::Text(span), Literal::Text(listed)) => doc.str(span) == listed,
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

fn canonical(doc: &Document, id: NodeId, form: &mut String) {
    match doc.value(id) {
        Value::Null => form.push('n'),
        Value::Bool(value) => form.push(if value { 't' } else { 'f' }),
        // Adding zero makes −0 and 0 one.
        Value::Number { value, .. } => {
            form.push('#');
            // Writing to a String cannot fail.
            let _ = write!(form, "{:x}", (value + 0.0).to_bits());
        }
        Value::Text(span) => {
            let text = doc.str(span);
            let _ = write!(form, "\"{}:", text.len());
            form.push_str(text);
        }
        Value::List(_) => {
            form.push('[');
            for item in doc.children(id) {
                canonical(doc, item, form);
                form.push(',');
            }
            form.push(']');
        }
        Value::Object(_) => {
            let mut members: Vec<String> = doc
                .children(id)
                .map(|member| {
                    let key = doc.str(doc.node(member).key);
                    let mut form = format!("{}:{key}=", key.len());
                    canonical(doc, member, &mut form);
                    form
                })
                .collect();
            members.sort_unstable();
            form.push('{');
            form.push_str(&members.join(","));
            form.push('}');
        }
    }
}
