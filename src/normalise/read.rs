//! What a text can be read as: asked when a contract is drafted from data, so that it names the normalisers that help.

use super::{boolean, datetime, missing, number, text};

/// A text without the blanks that every normaliser takes off its ends.
pub(crate) fn trimmed(text: &str) -> &str {
    text.trim_matches(text::is_blank)
}

/// Whether a trimmed text stands for "no value".
pub(crate) fn is_no_value(text: &str) -> bool {
    text.is_empty() || missing::is_token(text)
}

/// The number that a trimmed text is, as JSON writes it.
pub(crate) fn number(text: &str) -> Option<String> {
    number::read(text).ok()
}

/// The truth value that a trimmed text is.
pub(crate) fn truth(text: &str) -> Option<bool> {
    boolean::word(text)
}

/// Whether a trimmed text is a point in time in one of the forms that are repaired.
pub(crate) fn is_moment(text: &str) -> bool {
    datetime::is_readable(text)
}
