//! Numbers in an output, whatever separates their digits.

use super::fold::in_word;
use super::form::{Form, Kind};
use super::letters;
use super::scan::{AROUND, Hit, Search, View};

/// Fewest digits of a number that is looked for, without the zeros before it.
const FEWEST: usize = 8;

impl Search {
    /// Compares the digits of a number, whatever separates them.
    pub(super) fn number(&self, text: &[u8], start: usize, view: View, hits: &mut Vec<Hit>) {
        if is_inside_number(text, start) || !has_enough(text.get(start..).unwrap_or_default()) {
            return;
        }
        let mut digits = Vec::with_capacity(24);
        let mut at = start;
        let mut end = start;
        let mut gap = 0;
        let mut group = (start, 0);
        while let Some(byte) = text.get(at) {
            let width = letters::separator(text.get(at..).unwrap_or_default());
            if byte.is_ascii_digit() {
                if gap > 0 {
                    group = (at, digits.len());
                    gap = 0;
                }
                digits.push(*byte);
                at += 1;
                end = at;
                if digits.len() > AROUND / 8 {
                    return;
                }
            } else if width > 0 && gap < letters::SEPARATORS {
                if gap == 0 {
                    self.group(&digits, text, group, end, view, hits);
                }
                gap += 1;
                at += width;
            } else {
                break;
            }
        }
        if gap == 0 {
            self.group(&digits, text, group, end, view, hits);
        }
        if group.0 != start {
            self.digits(&digits, text, start, end, view, hits);
        }
    }

    /// A group of digits between separators is a number by itself, too.
    fn group(&self, digits: &[u8], text: &[u8], group: (usize, usize), end: usize, view: View, hits: &mut Vec<Hit>) {
        let own = digits.get(group.1..).unwrap_or_default();
        self.digits(own, text, group.0, end, view, hits);
    }

    fn digits(&self, digits: &[u8], text: &[u8], start: usize, end: usize, view: View, hits: &mut Vec<Hit>) {
        let digits = letters::significant(digits);
        let bounded = !text.get(end).is_some_and(|byte| in_word(byte.to_ascii_lowercase()));
        if digits.len() < FEWEST || digits.len() > 19 || !bounded || is_fraction(text, start) {
            return;
        }
        let print = self.printer.of_digits(digits);
        if !self.wholes.may_hold(print) {
            return;
        }
        let Some(found) = self.index.find(print) else { return };
        let form = if found.traits.kind == Kind::National { Form::NationalNumber } else { Form::Digits };
        let form = match view {
            View::Base64 => Form::Base64,
            View::Hex => Form::Hex,
            View::Plain | View::Escaped => form,
        };
        hits.push(Hit { at: start, length: end - start, print, form, found, covered: false });
    }
}

/// Whether a number that begins here has enough digits to be looked for: most have not.
fn has_enough(text: &[u8]) -> bool {
    let (mut at, mut digits, mut gap) = (0, 0, 0);
    while let Some(byte) = text.get(at).filter(|_| digits < FEWEST) {
        let width = if byte.is_ascii_digit() { 1 } else { letters::separator(text.get(at..).unwrap_or_default()) };
        gap = if byte.is_ascii_digit() { 0 } else { gap + 1 };
        if width == 0 || gap > letters::SEPARATORS {
            return false;
        }
        digits += usize::from(gap == 0);
        at += width;
    }
    digits >= FEWEST
}

/// Whether the digit at `at` continues a number: then the number was looked at from its beginning.
fn is_inside_number(text: &[u8], at: usize) -> bool {
    let before = text.get(..at).unwrap_or_default();
    let mut back = before;
    for _ in 0..letters::SEPARATORS {
        back = match back {
            [rest @ .., b' ' | b'-' | b'.' | b'/' | b'(' | b')']
            | [rest @ .., 0xC2, 0xA0]
            | [rest @ .., 0xE2, 0x80, 0x91 | 0xAF] => rest,
            _ => break,
        };
    }
    back.len() < before.len() && back.last().is_some_and(u8::is_ascii_digit)
}

/// Whether digits stand behind a decimal point: those of a score are like those of any number.
fn is_fraction(text: &[u8], start: usize) -> bool {
    let before = text.get(..start).unwrap_or_default();
    matches!(before, [.., digit, b'.'] if digit.is_ascii_digit())
}
