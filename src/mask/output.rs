//! A document as JSON text.

use crate::record::document::{Document, NodeId, Value};

pub(crate) fn write_value(doc: &Document, id: NodeId, out: &mut Vec<u8>) {
    match doc.value(id) {
        Value::Null => out.extend_from_slice(b"null"),
        Value::Bool(true) => out.extend_from_slice(b"true"),
        Value::Bool(false) => out.extend_from_slice(b"false"),
        Value::Number { text, .. } => out.extend_from_slice(doc.str(text).as_bytes()),
        Value::Text(span) => write_text(doc.str(span), out),
        Value::List(_) => write_children(doc, id, *b"[]", out),
        Value::Object(_) => write_children(doc, id, *b"{}", out),
    }
}

fn write_children(doc: &Document, id: NodeId, [open, close]: [u8; 2], out: &mut Vec<u8>) {
    out.push(open);
    let mut first = true;
    for child in doc.children(id) {
        let node = doc.node(child);
        if node.dropped || node.failed {
            continue;
        }
        if !first {
            out.push(b',');
        }
        first = false;
        if open == b'{' {
            write_text(doc.str(node.key), out);
            out.push(b':');
        }
        write_value(doc, child, out);
    }
    out.push(close);
}

/// Writes a text as a JSON string.
pub(crate) fn write_text(text: &str, out: &mut Vec<u8>) {
    out.push(b'"');
    let plain = |byte: &u8| *byte >= 0x20 && *byte != b'"' && *byte != b'\\';
    if text.as_bytes().iter().all(plain) {
        out.extend_from_slice(text.as_bytes());
    } else {
        for letter in text.chars() {
            match letter {
                '"' => out.extend_from_slice(b"\\\""),
                '\\' => out.extend_from_slice(b"\\\\"),
                '\n' => out.extend_from_slice(b"\\n"),
                '\r' => out.extend_from_slice(b"\\r"),
                '\t' => out.extend_from_slice(b"\\t"),
                '\0'..='\u{1f}' => out.extend_from_slice(format!("\\u{:04x}", u32::from(letter)).as_bytes()),
                _ => out.extend_from_slice(letter.encode_utf8(&mut [0; 4]).as_bytes()),
            }
        }
    }
    out.push(b'"');
}

/// Writes a double in its shortest form that reads back to the same double; what is not finite is null.
pub(crate) fn write_number(value: f64, out: &mut Vec<u8>) {
    match serde_json::Number::from_f64(value) {
        Some(number) => out.extend_from_slice(number.to_string().as_bytes()),
        None => out.extend_from_slice(b"null"),
    }
}
