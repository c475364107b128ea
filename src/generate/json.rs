//! Writing JSON, and making clean JSON unusual without changing what it says.

use std::fmt::Write;

/// Appends a string literal (RFC 8259 section 7).
pub(super) fn push_text(text: &str, out: &mut String) {
    out.push('"');
    // Nearly every text here has nothing to escape and is copied as a whole.
    if text.bytes().any(|byte| matches!(byte, b'"' | b'\\' | 0..=0x1F)) {
        for letter in text.chars() {
            match letter {
                '"' => out.push_str("\\\""),
                '\\' => out.push_str("\\\\"),
                '\n' => out.push_str("\\n"),
                '\t' => out.push_str("\\t"),
                '\r' => out.push_str("\\r"),
                '\0'..='\u{1F}' => push_escape(u16::try_from(u32::from(letter)).unwrap_or(0), out),
                other => out.push(other),
            }
        }
    } else {
        out.push_str(text);
    }
    out.push('"');
}

fn push_escape(unit: u16, out: &mut String) {
    let _ = write!(out, "\\u{unit:04x}");
}

/// Replaces every letter beyond ASCII by its escape, as Python's `json` does unless it is told not to.
pub(super) fn to_ascii(line: &str) -> String {
    let mut out = String::with_capacity(line.len() + 16);
    for letter in line.chars() {
        if letter.is_ascii() {
            out.push(letter);
        } else {
            for unit in letter.encode_utf16(&mut [0; 2]) {
                push_escape(*unit, &mut out);
            }
        }
    }
    out
}

#[cfg(test)]
mod tests {
    #[test]
    fn texts_come_back() {
        for text in ["", "plain", "a\"b\\c", "tab\tand\nline\u{1}", "Zürich 😀 \u{200b}"] {
            let mut json = String::new();
            super::push_text(text, &mut json);
            for written in [super::to_ascii(&json), json] {
                assert_eq!(serde_json::from_str::<String>(&written).unwrap(), text, "{written}");
            }
        }
    }
}
