//! Truth values.

use super::Codes;
use crate::record::document::{Document, NodeId, Value};

const TRUE: [&str; 5] = ["true", "yes", "y", "1", "on"];
const FALSE: [&str; 5] = ["false", "no", "n", "0", "off"];

/// Reads a truth value from a word or from the numbers 1 and 0; anything else is the violation `boolean`.
pub(super) fn boolean(doc: &mut Document, id: NodeId, repairs: &mut Codes) -> Result<(), &'static str> {
    let (value, code) = match doc.value(id) {
        Value::Bool(_) => return Ok(()),
        Value::Number { value: 1.0, .. } => (true, "boolean_from_number"),
        Value::Number { value: 0.0, .. } => (false, "boolean_from_number"),
        Value::Text(span) => (word(doc.str(span)).ok_or("boolean")?, "boolean_from_text"),
        _ => return Err("boolean"),
    };
    doc.set(id, Value::Bool(value));
    repairs.retain(|code| *code != "trimmed");
    repairs.push(code);
    Ok(())
}

/// The truth value that a word stands for.
pub(super) fn word(word: &str) -> Option<bool> {
    let is = |list: &[&str]| list.iter().any(|known| known.eq_ignore_ascii_case(word));
    match (is(&TRUE), is(&FALSE)) {
        (true, _) => Some(true),
        (_, true) => Some(false),
        _ => None,
    }
}
