//! The words around a value: they name what it is, or say that it is something else.
//!
//! A word counts in the 48 bytes before a value and the 24 after it, on the same line; before the first value of a line
//! also on the line above, where that ends in a colon. A bracket ends the context, so that what was masked before says
//! nothing about what is left.

use super::text::{Text, is_letter};

const BEFORE: usize = 48;
const AFTER: usize = 24;

/// The words before a place, the nearest first.
pub(super) fn before(text: Text<'_>, place: usize) -> Before<'_> {
    Before { text, at: place, floor: place.saturating_sub(BEFORE) }
}

pub(super) struct Before<'t> {
    text: Text<'t>,
    at: usize,
    floor: usize,
}

impl<'t> Iterator for Before<'t> {
    type Item = &'t [u8];

    fn next(&mut self) -> Option<Self::Item> {
        while self.at > self.floor && !is_letter(self.text.before(self.at)) {
            match self.text.before(self.at) {
                b'[' | b']' => return None,
                b'\n' => {
                    let above = self.text.skip_back(self.at, self.floor, |byte| byte <= b' ');
                    if self.text.before(above) != b':' {
                        return None;
                    }
                    self.at = above;
                }
                _ => self.at -= 1,
            }
        }
        let end = self.at;
        self.at = self.text.skip_back(end, self.floor, is_letter);
        // A word that reaches out of the window is not read in part.
        (self.at > self.floor || self.at == 0).then(|| self.text.slice(self.at, end)).filter(|word| !word.is_empty())
    }
}

/// The words after a place, the nearest first.
pub(super) fn after(text: Text<'_>, place: usize) -> impl Iterator<Item = &[u8]> {
    let line = text.slice(place, place + AFTER);
    let line = line.split(|byte| matches!(byte, b'\n' | b'[' | b']')).next().unwrap_or_default();
    line.split(|byte| !is_letter(*byte)).filter(|word| !word.is_empty())
}

/// Whether a word is in a list: its words are in lower case with a space between; one that ends in `*` stands for all
/// that begin so.
pub(super) fn is_listed(word: &[u8], list: &str) -> bool {
    let first = word.first().map(u8::to_ascii_lowercase);
    list.as_bytes().split(|byte| *byte == b' ').filter(|listed| listed.first().copied() == first).any(|listed| {
        match listed.strip_suffix(b"*") {
            Some(stem) => word.get(..stem.len()).is_some_and(|start| start.eq_ignore_ascii_case(stem)),
            None => word.eq_ignore_ascii_case(listed),
        }
    })
}

/// A long list, its words by their first letter.
pub(super) type ByLetter = [&'static str; 26];

/// Whether a word is in a long list.
pub(super) fn is_listed_by_letter(word: &[u8], list: &ByLetter) -> bool {
    let letter = word.first().and_then(|first| first.to_ascii_lowercase().checked_sub(b'a'));
    letter.and_then(|letter| list.get(usize::from(letter))).is_some_and(|list| is_listed(word, list))
}

/// The words around a value.
pub(super) fn around(text: Text<'_>, start: usize, end: usize) -> impl Iterator<Item = &[u8]> {
    before(text, start).chain(after(text, end))
}

/// Whether any word around a value is in a list.
pub(super) fn names(text: Text<'_>, start: usize, end: usize, list: &str) -> bool {
    !list.is_empty() && around(text, start, end).any(|word| is_listed(word, list))
}
