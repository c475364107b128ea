//! Trimming, letter case, and words that stand for values.

use super::{Codes, insert};
use crate::contract::Literal;
use crate::record::document::{Document, NodeId, Value};
use unicode_normalization::{IsNormalized, UnicodeNormalization, is_nfc_quick};

/// White space, zero-width characters and a byte order mark.
pub(crate) fn is_blank(letter: char) -> bool {
    letter.is_whitespace() || matches!(letter, '\u{200B}'..='\u{200F}' | '\u{2060}' | '\u{FEFF}' | '\u{180E}')
}

/// Takes blanks off both ends of a text, then composes it (NFC).
pub(super) fn trim(doc: &mut Document, id: NodeId, repairs: &mut Codes) {
    let Value::Text(mut span) = doc.value(id) else {
        return;
    };
    let text = doc.str(span);
    // The usual text is clean ASCII, and is told by two bytes and one pass.
    let edge = |byte: Option<&u8>| byte.is_some_and(|byte| !byte.is_ascii_graphic());
    if edge(text.as_bytes().first()) || edge(text.as_bytes().last()) {
        let left = text.trim_start_matches(is_blank);
        let kept = left.trim_end_matches(is_blank);
        if kept.len() != text.len() {
            let place = |length: usize| u32::try_from(length).unwrap_or(u32::MAX);
            let start = span.start + place(text.len() - left.len());
            span = crate::record::document::Span { start, end: start + place(kept.len()) };
            doc.set(id, Value::Text(span));
            repairs.push("trimmed");
        }
    }
    let text = doc.str(span);
    if text.is_ascii() || is_nfc_quick(text.chars()) == IsNormalized::Yes {
        return;
    }
    let composed: String = text.nfc().collect();
    if composed != text {
        let span = doc.write(&composed);
        doc.set(id, Value::Text(span));
        repairs.push("composed");
    }
}

/// Replaces a text by what `change` makes of it, noting the repair if that is anything else. `clean` tells the usual
/// text, on which nothing is to be done, without making another.
fn replace(
    doc: &mut Document,
    id: NodeId,
    code: &'static str,
    repairs: &mut Codes,
    clean: impl Fn(&str) -> bool,
    change: impl Fn(&str) -> String,
) {
    if let Value::Text(span) = doc.value(id) {
        let text = doc.str(span);
        if clean(text) {
            return;
        }
        let changed = change(text);
        if changed != text {
            let span = doc.write(&changed);
            doc.set(id, Value::Text(span));
            repairs.push(code);
        }
    }
}

fn is_lower(text: &str) -> bool {
    text.bytes().all(|byte| byte.is_ascii() && !byte.is_ascii_uppercase())
}

fn is_upper(text: &str) -> bool {
    text.bytes().all(|byte| byte.is_ascii() && !byte.is_ascii_lowercase())
}

#[allow(clippy::unnecessary_wraps, reason = "every step of a normaliser has the same form")]
pub(super) fn lowercase(doc: &mut Document, id: NodeId, repairs: &mut Codes) -> Result<(), &'static str> {
    replace(doc, id, "lowercased", repairs, is_lower, str::to_lowercase);
    Ok(())
}

#[allow(clippy::unnecessary_wraps, reason = "every step of a normaliser has the same form")]
pub(super) fn uppercase(doc: &mut Document, id: NodeId, repairs: &mut Codes) -> Result<(), &'static str> {
    replace(doc, id, "uppercased", repairs, is_upper, str::to_uppercase);
    Ok(())
}

/// Lower-cases what follows the last `@`: the domain is the same in any case, the part before it need not be.
#[allow(clippy::unnecessary_wraps, reason = "every step of a normaliser has the same form")]
pub(super) fn lowercase_domain(doc: &mut Document, id: NodeId, repairs: &mut Codes) -> Result<(), &'static str> {
    replace(doc, id, "lowercased_domain", repairs, is_lower, |text| match text.rsplit_once('@') {
        Some((local, domain)) => format!("{local}@{}", domain.to_lowercase()),
        None => text.to_owned(),
    });
    Ok(())
}

/// Replaces a word by its value; other texts are left for what follows.
#[allow(clippy::unnecessary_wraps, reason = "every step of a normaliser has the same form")]
pub(super) fn map(
    doc: &mut Document,
    id: NodeId,
    values: &[(String, Literal)],
    repairs: &mut Codes,
) -> Result<(), &'static str> {
    if let Value::Text(span) = doc.value(id) {
        let word = doc.str(span).to_lowercase();
        if let Some((_, value)) = values.iter().find(|(known, _)| *known == word) {
            let value = insert(doc, value);
            doc.set(id, value);
            repairs.retain(|code| *code != "trimmed");
            repairs.push("mapped");
        }
    }
    Ok(())
}
