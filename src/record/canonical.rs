//! One text for all spellings of a JSON value: equal values have equal forms (JSON Schema Core §4.2.2).

use super::decimal::Decimal;
use super::document::{Document, NodeId, Value};
use std::fmt::Write;

/// Appends the canonical form of a value. It is for comparing, not for reading.
pub(crate) fn canonical(doc: &Document, id: NodeId, form: &mut String) {
    match doc.value(id) {
        Value::Null => form.push('n'),
        Value::Bool(value) => form.push(if value { 't' } else { 'f' }),
        Value::Number { text, .. } => {
            form.push('#');
            Decimal::read(doc.str(text)).write(form);
        }
        Value::Text(span) => {
            let text = doc.str(span);
            // Writing to a String cannot fail.
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
