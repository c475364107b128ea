//! Finds personal data inside free text: what has a form, a checksum or a context word that tells it.
//!
//! **Names and street addresses are not found**, nor dates of birth, nor anything else that only its meaning tells: that
//! takes a language model. Where a field holds them, mask the field.
//!
//! A text is read once, from anchor to anchor: a digit, an `@`, or eight bytes without white space. Prose between anchors
//! is passed over eight bytes at a time. What is looked at from an anchor is bounded, or is passed over afterwards, so
//! the time grows with the length of the text whatever stands in it. There is no regular expression.
//!
//! What is looked at is not the text itself but what it shows: full-width and other digits are digits, any white
//! space is a space, and characters that are not seen are not there ([`view`]). What is found is given in bytes
//! of the original and holds the unseen characters too.

mod anchor;
mod card;
mod compact;
mod context;
mod crypto;
mod date;
mod email;
mod hit;
mod iban;
mod ids;
mod ip;
mod kind;
mod mac;
mod number;
mod phone;
mod secret;
mod text;
mod url;
mod view;
mod walk;

#[cfg(test)]
mod cases;
#[cfg(test)]
mod laws;

pub use kind::{Confidence, Kind, Kinds};

use std::ops::Range;

/// A piece of personal data in a text.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Finding {
    /// Where it stands, in bytes of the text; always on the bounds of characters.
    pub range: Range<usize>,
    /// What it is.
    pub kind: Kind,
    /// How sure that is.
    pub confidence: Confidence,
}

/// Finds personal data of every kind: in the order of the text, none overlapping another.
///
/// # Example
/// ```
/// use tamis::mask::{Kind, find};
///
/// let found = find("write to jürgen.6106@example.com");
/// assert_eq!((found[0].kind, found[0].range.clone()), (Kind::Email, 9..33));
/// ```
#[must_use]
pub fn find(text: &str) -> Vec<Finding> {
    find_with(text, Kinds::ALL)
}

/// Finds personal data of the kinds that are asked for.
#[must_use]
pub fn find_with(text: &str, kinds: Kinds) -> Vec<Finding> {
    walk::find(text, kinds)
}

/// Replaces personal data of the kinds that are asked for by its kind in brackets, such as `[email]`; none when nothing
/// was found.
#[must_use]
pub fn scan_with(text: &str, kinds: Kinds) -> Option<String> {
    let found = find_with(text, kinds);
    if found.is_empty() {
        return None;
    }
    let mut masked = String::with_capacity(text.len());
    let mut at = 0;
    for Finding { range, kind, .. } in found {
        masked.push_str(text.get(at..range.start).unwrap_or_default());
        masked.push('[');
        masked.push_str(kind.name());
        masked.push(']');
        at = range.end;
    }
    masked.push_str(text.get(at..).unwrap_or_default());
    Some(masked)
}

/// Replaces personal data of every kind by its kind in brackets; none when nothing was found.
pub(crate) fn scan(text: &str) -> Option<String> {
    scan_with(text, Kinds::ALL)
}
