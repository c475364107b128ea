//! Tells "no value" from a value.

use crate::contract::Field;
use crate::record::document::{Document, NodeId, Value};

/// What feeds write where they have no value, in any case.
pub(crate) const TOKENS: [&str; 8] = ["n/a", "na", "none", "null", "nil", "unknown", "-", "?"];

/// Whether a trimmed value stands for "no value". A token that the contract lists as a value is one.
#[allow(clippy::inline_always, reason = "measured: on the hot path, and called from a second place that is not")]
#[inline(always)]
pub(crate) fn is_missing(doc: &Document, id: NodeId, field: &Field) -> bool {
    match doc.value(id) {
        Value::Null => true,
        Value::Text(span) => {
            let text = doc.str(span);
            (text.is_empty() || is_token(text)) && !listed(field, text)
        }
        _ => false,
    }
}

pub(super) fn is_token(text: &str) -> bool {
    // Few texts begin as a token does, so most are told by a byte.
    let first = text.as_bytes().first().map(u8::to_ascii_lowercase);
    matches!(first, Some(b'n' | b'u' | b'-' | b'?'))
        && text.len() <= 7
        && TOKENS.iter().any(|token| token.eq_ignore_ascii_case(text))
}

fn listed(field: &Field, text: &str) -> bool {
    field.values().is_some_and(|values| {
        values.iter().any(|value| match value {
            crate::contract::Literal::Text(value) => value.eq_ignore_ascii_case(text),
            _ => false,
        })
    })
}
