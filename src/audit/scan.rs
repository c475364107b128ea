//! Searches a block of an output.
//!
//! Instead of encoding what is looked for in every way, the output is decoded in every way: folded, without escapes,
//! from hexadecimal digits and from base64 at every alignment. What is looked for begins with a word, so each text is
//! looked at once a word.

use super::fold::{fold, in_word};
use super::form::{Form, Kind};
use super::index::{Found, Index, Windows};
use super::print::{LONGEST, Printer, SHORTEST, WINDOW, load};
use super::runs::Mask;
use super::unescape::{stretches, unescape};
use super::{digest, encoded, letters};
use std::ops::Range;

/// How much of an output must be seen before and behind a block, so that its findings do not depend on where it was cut.
pub(crate) const AROUND: usize = 4096;
/// Most escapes around escapes that are taken back.
const DEPTH: usize = 2;
/// Longest stretch that is decoded as a whole; a longer one is decoded piece by piece, each with what a needle may need.
const STRETCH: usize = 3 << 12;

/// Something that was found.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) struct Hit {
    /// Where it begins in the block.
    pub(super) at: usize,
    pub(super) length: usize,
    pub(super) print: u64,
    pub(super) form: Form,
    pub(super) found: Found,
    /// Whether it is a part of what was found as a whole in the same place.
    pub(super) covered: bool,
}

/// An index that is complete.
pub(crate) struct Search {
    pub(super) index: Index,
    windows: Windows,
    printer: Printer,
}

/// How the text in hand came out of the file.
#[derive(Clone, Copy, PartialEq, Eq)]
enum View {
    Plain,
    Escaped,
    Base64,
    Hex,
}

impl Search {
    pub(super) fn new(index: Index, printer: Printer) -> Self {
        Self { windows: index.windows(), index, printer }
    }

    /// What begins in `core` of a block, in order. Around it the block should hold [`AROUND`] bytes of the file.
    pub(super) fn block(&self, bytes: &[u8], core: &Range<usize>) -> Vec<Hit> {
        if self.index.is_empty() {
            return Vec::new();
        }
        let mut hits = Vec::new();
        let mut mask = Mask::default();
        let mut folded = Vec::with_capacity(bytes.len());
        fold(bytes, &mut folded);
        // What stands before the core may cover what stands in it.
        let start = core.start.saturating_sub(LONGEST);
        mask.set(&folded, in_word);
        self.words(&folded, bytes, &mask, start..core.end, View::Plain, &mut hits);
        self.escapes(bytes, start..core.end, &mut hits);
        mask.set(bytes, encoded::is_base64);
        self.encodings(bytes, &mask, &mut hits);
        hits.sort_by_key(|hit| (hit.at, std::cmp::Reverse(hit.length), hit.found.traits.kind.is_part(), hit.form));
        uncovered(&mut hits);
        hits.retain(|hit| core.contains(&hit.at));
        hits
    }

    /// Looks at every word of a folded text that begins in `range`.
    fn words(&self, folded: &[u8], spelled: &[u8], mask: &Mask, range: Range<usize>, view: View, hits: &mut Vec<Hit>) {
        let mut at = range.start;
        while let Some((start, end)) = mask.run(at).filter(|(start, _)| *start < range.end) {
            let end = end.min(folded.len());
            at = end + 1;
            if start == range.start && start > 0 && folded.get(start - 1).is_some_and(|byte| in_word(*byte)) {
                // The word began before the range.
                continue;
            }
            self.word(folded, spelled, start, end, view, hits);
            if view == View::Plain && end - start >= encoded::SHORTEST_HEX {
                self.hex(spelled, start, end, hits);
            }
        }
    }

    /// Looks at what begins with the word from `start` to `end`.
    #[inline]
    fn word(&self, folded: &[u8], spelled: &[u8], start: usize, end: usize, view: View, hits: &mut Vec<Hit>) {
        let window = load(folded, start);
        if start + WINDOW <= folded.len() {
            let print = self.printer.window(window);
            if self.windows.may_hold(print) {
                self.long(folded, spelled, start, print, view, hits);
            }
        }
        if end < start + WINDOW {
            self.short(folded, spelled, start, end, window, view, hits);
        }
        if self.index.has_digits && folded.get(start).is_some_and(u8::is_ascii_digit) {
            self.number(spelled, start, view, hits);
        }
    }

    /// Compares what begins with a window that something has.
    fn long(&self, folded: &[u8], spelled: &[u8], start: usize, window: u64, view: View, hits: &mut Vec<Hit>) {
        let lengths = self.index.lengths(window);
        if lengths == 0 {
            return;
        }
        let mut hash = self.printer.begin();
        for (before, byte) in folded.iter().skip(start).take(LONGEST).enumerate() {
            hash = self.printer.step(hash, *byte);
            let length = before + 1;
            // The longest two share a bit.
            if (lengths >> length.min(LONGEST - 1)) & 1 == 1 {
                self.compare(folded, spelled, start, length, Printer::end(hash), view, hits);
            }
        }
    }

    /// Compares what is shorter than a window.
    #[allow(clippy::too_many_arguments, reason = "the text, the word in it and where to put what is found")]
    fn short(
        &self,
        folded: &[u8],
        spelled: &[u8],
        start: usize,
        mut end: usize,
        window: u64,
        view: View,
        hits: &mut Vec<Hit>,
    ) {
        while end < start + WINDOW && end <= folded.len() {
            let length = end - start;
            if length >= SHORTEST {
                let kept = window & (u64::MAX >> (64 - 8 * length));
                if self.windows.may_hold(self.printer.window(kept))
                    && self.index.lengths(self.printer.window(kept)) != 0
                {
                    let print = self.printer.of(folded.get(start..end).unwrap_or_default());
                    self.compare(folded, spelled, start, length, print, view, hits);
                }
            }
            // What is looked for may be of several short words.
            let next = folded.get(end..).and_then(|rest| rest.iter().position(|byte| in_word(*byte)));
            let Some(begin) = next.map(|gap| end + gap).filter(|begin| *begin < start + WINDOW) else { return };
            let word = folded.get(begin..).and_then(|rest| rest.iter().position(|byte| !in_word(*byte)));
            end = word.map_or(folded.len(), |length| begin + length);
        }
    }

    #[allow(clippy::too_many_arguments, reason = "the text, the place in it and where to put what is found")]
    fn compare(
        &self,
        folded: &[u8],
        spelled: &[u8],
        start: usize,
        length: usize,
        print: u64,
        view: View,
        hits: &mut Vec<Hit>,
    ) {
        let Some(found) = self.index.find(print) else { return };
        let ends_word = !folded.get(start + length).is_some_and(|byte| in_word(*byte));
        // In what was decoded the bytes around a value may be anything.
        let free = matches!(view, View::Base64 | View::Hex) && length >= WINDOW;
        if found.traits.bounded && !ends_word && !free {
            return;
        }
        let form = match found.traits.kind {
            Kind::Whole | Kind::Named => {
                let text = spelled.get(start..start + length).unwrap_or_default();
                if self.printer.spelling(text) == found.traits.spelling {
                    Form::Raw
                } else if text.iter().any(u8::is_ascii_uppercase) || !text.iter().any(u8::is_ascii_lowercase) {
                    Form::Respelled
                } else {
                    Form::LowerCase
                }
            }
            Kind::Normal => Form::Normalised,
            Kind::Address => Form::Address,
            Kind::Local => Form::LocalPart,
            Kind::Word => Form::Word,
            // Fingerprints of other kinds are never those of texts.
            Kind::Digits | Kind::National | Kind::Md5 | Kind::Sha1 | Kind::Sha256 => return,
        };
        hits.push(Hit { at: start, length, print, form, found, covered: false });
    }

    /// Compares the digits of a number, whatever separates them.
    fn number(&self, text: &[u8], start: usize, view: View, hits: &mut Vec<Hit>) {
        if is_inside_number(text, start) {
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
        if digits.len() < 8 || digits.len() > 19 || !bounded || is_fraction(text, start) {
            return;
        }
        let print = self.printer.of_digits(digits);
        let Some(found) = self.index.find(print) else { return };
        let form = if found.traits.kind == Kind::National { Form::NationalNumber } else { Form::Digits };
        let form = match view {
            View::Base64 => Form::Base64,
            View::Hex => Form::Hex,
            View::Plain | View::Escaped => form,
        };
        hits.push(Hit { at: start, length: end - start, print, form, found, covered: false });
    }

    /// Looks at what escapes hide.
    fn escapes(&self, bytes: &[u8], range: Range<usize>, hits: &mut Vec<Hit>) {
        for stretch in stretches(bytes).into_iter().flat_map(pieces) {
            if stretch.end <= range.start || stretch.start >= range.end {
                continue;
            }
            let mut places: Vec<Box<dyn Fn(usize) -> usize>> = Vec::new();
            let mut text = bytes.get(stretch.clone()).unwrap_or_default().to_vec();
            for _ in 0..DEPTH {
                let Some(plain) = unescape(&text) else { break };
                text.clone_from(&plain.bytes);
                places.push(Box::new(move |at| plain.place(at)));
                let place = |at: usize| stretch.start + places.iter().rev().fold(at, |at, place| place(at));
                let mut found = Vec::new();
                self.text(&text, View::Escaped, &mut found);
                for hit in found {
                    let (start, end) = (place(hit.at), place(hit.at + hit.length));
                    let original = bytes.get(start..end).unwrap_or_default();
                    let apart =
                        start == 0 || !bytes.get(start - 1).is_some_and(|byte| in_word(byte.to_ascii_lowercase()));
                    if original.len() == hit.length && apart || hit.at == 0 && !apart {
                        // It stands there without escapes, and was found; or the stretch begins within a word.
                        continue;
                    }
                    let form = match original.iter().find(|byte| matches!(byte, b'\\' | b'&' | b'%')) {
                        Some(b'\\') => Form::JsonEscaped,
                        Some(b'&') => Form::HtmlEscaped,
                        Some(_) => Form::UrlEncoded,
                        None => hit.form,
                    };
                    hits.push(Hit { at: start, length: end - start, form, ..hit });
                }
            }
        }
    }

    /// Looks at a text that was decoded.
    fn text(&self, text: &[u8], view: View, hits: &mut Vec<Hit>) {
        let mut folded = Vec::with_capacity(text.len());
        fold(text, &mut folded);
        let mut mask = Mask::default();
        mask.set(&folded, in_word);
        self.words(&folded, text, &mask, 0..folded.len(), view, hits);
    }

    /// The same for a text that may begin in the middle of a word.
    fn decoded(&self, text: &[u8], view: View, found: &mut Vec<Hit>) {
        let mut folded = Vec::with_capacity(text.len());
        fold(text, &mut folded);
        for start in 0..folded.len() {
            let is = |at: usize| folded.get(at).is_some_and(|byte| in_word(*byte));
            if !is(start) {
                continue;
            }
            if start == 0 || !is(start - 1) {
                let end = (start..folded.len()).take(WINDOW + 1).find(|at| !is(*at));
                self.word(&folded, text, start, end.unwrap_or((start + WINDOW).min(folded.len())), view, found);
            } else if start + WINDOW <= folded.len() {
                let print = self.printer.window(load(&folded, start));
                if self.windows.may_hold(print) {
                    self.long(&folded, text, start, print, view, found);
                }
            }
        }
    }

    /// Looks into what may be base64.
    fn encodings(&self, bytes: &[u8], mask: &Mask, hits: &mut Vec<Hit>) {
        let mut at = 0;
        let mut decoded = Vec::new();
        let mut found = Vec::new();
        while let Some((start, end)) = mask.run(at) {
            let end = end.min(bytes.len());
            at = end + 1;
            if end < start + encoded::SHORTEST_BASE64 {
                continue;
            }
            let run = bytes.get(start..end).unwrap_or_default();
            if !encoded::may_be_base64(run) {
                continue;
            }
            if self.index.has_digests && digest::LENGTHS.contains(&(run.len() * 3 / 4)) && run.len() % 4 != 1 {
                encoded::base64(run, &mut decoded);
                self.digest(&decoded, start, run.len(), hits);
            }
            for shift in 0..4 {
                encoded::base64(run.get(shift..).unwrap_or_default(), &mut decoded);
                found.clear();
                self.decoded(&decoded, View::Base64, &mut found);
                for hit in found.drain(..) {
                    let place = |at| start + shift + encoded::base64_place(at);
                    let (from, to) = (place(hit.at), place(hit.at + hit.length));
                    hits.push(Hit { at: from, length: to - from, form: Form::Base64, ..hit });
                }
            }
        }
    }

    /// Looks into what may be hexadecimal digits.
    fn hex(&self, bytes: &[u8], start: usize, end: usize, hits: &mut Vec<Hit>) {
        let word = bytes.get(start..end).unwrap_or_default();
        let (start, word) = match word.strip_prefix(b"0x") {
            Some(rest) => (start + 2, rest),
            None => (start, word),
        };
        if !word.iter().all(|byte| encoded::is_hex(*byte)) {
            return;
        }
        let mut decoded = Vec::new();
        let mut found = Vec::new();
        for shift in 0..2 {
            encoded::hex(word.get(shift..).unwrap_or_default(), &mut decoded);
            if shift == 0 && self.index.has_digests && digest::LENGTHS.contains(&decoded.len()) && word.len() % 2 == 0 {
                self.digest(&decoded, start, word.len(), hits);
            }
            found.clear();
            self.decoded(&decoded, View::Hex, &mut found);
            for hit in found.drain(..) {
                hits.push(Hit { at: start + shift + 2 * hit.at, length: 2 * hit.length, form: Form::Hex, ..hit });
            }
        }
    }

    fn digest(&self, bytes: &[u8], at: usize, length: usize, hits: &mut Vec<Hit>) {
        let print = self.printer.of(bytes);
        let Some(found) = self.index.find(print) else { return };
        let form = match found.traits.kind {
            Kind::Md5 => Form::Md5,
            Kind::Sha1 => Form::Sha1,
            Kind::Sha256 => Form::Sha256,
            _ => return,
        };
        hits.push(Hit { at, length, print, form, found, covered: false });
    }
}

/// Cuts a long stretch where it may be, so that hostile escapes cost no more than others.
fn pieces(stretch: Range<usize>) -> impl Iterator<Item = Range<usize>> {
    let step = STRETCH - 1024;
    let count = stretch.len().saturating_sub(1024).div_ceil(step).max(1);
    (0..count).map(move |index| {
        let start = stretch.start + index * step;
        start..stretch.end.min(start + STRETCH)
    })
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

/// Leaves each thing once, and marks parts that stand in a found whole.
fn uncovered(hits: &mut Vec<Hit>) {
    hits.dedup_by_key(|hit| (hit.at, hit.print));
    let mut until = 0;
    for hit in hits {
        let part = hit.found.traits.kind.is_part() || matches!(hit.form, Form::Digits | Form::NationalNumber);
        let end = hit.at + hit.length;
        if part {
            hit.covered = end <= until;
        } else {
            until = until.max(end);
        }
    }
}
