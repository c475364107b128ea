//! Tells "no value" from a value.

use crate::contract::Field;
use crate::record::document::{Document, NodeId, Value};

/// What feeds write where they have no value, in any case.
pub(crate) const TOKENS: [&str; 8] = ["n/a", "na", "none", "null", "nil", "unknown", "-", "?"];

/// Whether a trimmed value stands for "no value". A token that the contract lists as a value is one.
pub(super) fn is_missing(doc: &Document, id: NodeId, field: &Field) -> bool {
    match doc.value(id) {
        Value::Null => true,
        Value::Text(span) => {
            let text = doc.str(span);
            let token =
                text.is_empty() || (text.len() <= 7 && TOKENS.iter().any(|token| token.eq_ignore_ascii_case(text)));
            token && !listed(field, text)
        }
        _ => false,
    }
}

fn listed(field: &Field, text: &str) -> bool {
    field.values().is_some_and(|values| {
        values.iter().any(|value| match value {
            crate::contract::Literal::Text(value) => value.eq_ignore_ascii_case(text),
            _ => false,
        })
    })
}
