//! Searches a block of an output.
//!
//! Instead of encoding what is looked for in every way, the output is decoded in every way: folded, without escapes,
//! from hexadecimal digits and from base64 at every alignment. What is looked for begins with a word, so each text is
//! looked at once a word.

use super::encoded;
use super::fold::{fold, in_word};
use super::form::{Form, Kind};
use super::index::{Found, Index, UNBOUNDED, Windows};
use super::print::{Begun, LONGEST, Printer, SHORTEST, WINDOW, load};
use super::repeats::{JOINED, Repeats};
use super::runs::Mask;
use super::set::Set;
use std::ops::Range;
use std::sync::Arc;

/// How much of an output must be seen before and behind a block, so that its findings do not depend on where it was cut.
pub(crate) const AROUND: usize = 4096;

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

/// What may stand in an output, as far as it is known when a pass begins.
pub(super) struct ByRight {
    pub(super) allowed: Arc<Set>,
    /// A word that more records have is nobody's.
    pub(super) common: u16,
}

impl ByRight {
    /// Whether a hit is no finding, whatever the rest of the inputs will show.
    fn has(&self, hit: &Hit) -> bool {
        let word = hit.found.traits.kind == Kind::Word && !hit.covered;
        word && hit.found.count > self.common || self.allowed.contains(hit.print)
    }
}

/// An index that is complete.
pub(crate) struct Search {
    pub(super) index: Index,
    windows: Windows,
    shorts: Windows,
    pub(super) wholes: Windows,
    repeats: Repeats,
    by_right: ByRight,
    pub(super) printer: Printer,
}

/// How the text in hand came out of the file.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum View {
    Plain,
    Escaped,
    Base64,
    Hex,
}

impl Search {
    /// A search that remembers so many pieces of outputs that hold nothing.
    pub(super) fn new(index: Index, printer: Printer, by_right: ByRight, pieces: usize) -> Self {
        let repeats = Repeats::new(pieces, index.cuts, printer);
        Self {
            windows: index.windows(),
            shorts: index.shorts(),
            wholes: index.wholes(),
            repeats,
            by_right,
            index,
            printer,
        }
    }

    /// What begins in `core` of a block, in order. Around it the block should hold [`AROUND`] bytes of the file.
    pub(super) fn block(&self, bytes: &[u8], core: &Range<usize>) -> Vec<Hit> {
        if self.index.is_empty() {
            return Vec::new();
        }
        // What stands before the core may cover what stands in it.
        let range = core.start.saturating_sub(LONGEST)..core.end;
        let fresh = self.repeats.fresh(bytes, &range);
        let (bytes, range) = (fresh.bytes.as_slice(), fresh.from(range.start)..fresh.from(range.end));
        let mut hits = Vec::new();
        let mut mask = Mask::default();
        let mut folded = Vec::with_capacity(bytes.len());
        fold(bytes, &mut folded);
        mask.set(&folded, in_word);
        self.words(&folded, bytes, &mask, range.clone(), View::Plain, &mut hits);
        self.escapes(bytes, range, &mut hits);
        self.encodings(bytes, &mut hits);
        uncovered(&mut hits);
        hits.retain(|hit| !self.by_right.has(hit));
        self.repeats.remember(&fresh, hits.iter().map(|hit| hit.at));
        for hit in &mut hits {
            hit.at = fresh.place(hit.at);
        }
        hits.retain(|hit| core.contains(&hit.at));
        hits
    }

    /// Looks at every word of a folded text that begins in `range`.
    pub(super) fn words(
        &self,
        folded: &[u8],
        spelled: &[u8],
        mask: &Mask,
        range: Range<usize>,
        view: View,
        hits: &mut Vec<Hit>,
    ) {
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
    #[allow(clippy::needless_bitwise_bool, reason = "a branch that cannot be foretold is dearer than a look")]
    fn word(&self, folded: &[u8], spelled: &[u8], start: usize, end: usize, view: View, hits: &mut Vec<Hit>) {
        let window = load(folded, start);
        let print = self.printer.window(window);
        // Both are looked up for every word: which of them it is cannot be foretold, and to guess wrong is dearer.
        let short = end < start + WINDOW;
        let kept = window & (u64::MAX >> (64 - 8 * (end - start).clamp(1, WINDOW)));
        let begins_long = self.windows.may_hold(print);
        let begins_short = self.shorts.may_hold(self.printer.window(kept)) | (self.index.cuts & JOINED != 0);
        if begins_long | (begins_short & short) {
            if begins_long && start + WINDOW <= folded.len() {
                self.long(folded, spelled, start, print, view, hits);
            }
            if short {
                self.short(folded, spelled, start, end, window, view, hits);
            }
        }
        if self.index.has_digits && folded.get(start).is_some_and(u8::is_ascii_digit) {
            // Few digits are a number only with those behind a separator; all separators fold to one of these.
            let goes_on = matches!(folded.get(end), Some(b' ' | b'/' | b'(' | b')'));
            if goes_on || end - start >= WINDOW {
                self.number(spelled, start, view, hits);
            }
        }
    }

    /// Compares what begins with a window that something has.
    fn long(&self, folded: &[u8], spelled: &[u8], start: usize, window: u64, view: View, hits: &mut Vec<Hit>) {
        let lengths = self.index.lengths(window);
        if lengths == 0 {
            return;
        }
        let any_end = lengths & UNBOUNDED != 0 || matches!(view, View::Base64 | View::Hex);
        let text = folded.get(start..folded.len().min(start + LONGEST)).unwrap_or_default();
        let mut begun = Begun::new(self.printer);
        let mut left = lengths & !UNBOUNDED;
        while left != 0 {
            let length = left.trailing_zeros() as usize;
            left &= left - 1;
            // The longest two share a bit.
            let last = if length == LONGEST - 1 { LONGEST } else { length };
            for length in length..=last.min(text.len()) {
                if any_end || !folded.get(start + length).is_some_and(|byte| in_word(*byte)) {
                    let print = begun.upto(text, length);
                    if self.wholes.may_hold(print) {
                        self.compare(folded, spelled, start, length, print, view, hits);
                    }
                }
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
                if self.shorts.may_hold(self.printer.window(kept)) && self.index.lengths(self.printer.window(kept)) != 0
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
    pub(super) fn compare(
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

    /// Looks at a text that was decoded.
    pub(super) fn text(&self, text: &[u8], view: View, hits: &mut Vec<Hit>) {
        let mut folded = Vec::with_capacity(text.len());
        fold(text, &mut folded);
        let mut mask = Mask::default();
        mask.set(&folded, in_word);
        self.words(&folded, text, &mask, 0..folded.len(), view, hits);
    }

    /// The same for a text that may begin in the middle of a word.
    pub(super) fn decoded(&self, text: &[u8], view: View, folded: &mut Vec<u8>, found: &mut Vec<Hit>) {
        folded.clear();
        fold(text, folded);
        for start in 0..folded.len() {
            let is = |at: usize| folded.get(at).is_some_and(|byte| in_word(*byte));
            if !is(start) {
                continue;
            }
            if start == 0 || !is(start - 1) {
                let end = (start..folded.len()).take(WINDOW + 1).find(|at| !is(*at));
                self.word(folded, text, start, end.unwrap_or((start + WINDOW).min(folded.len())), view, found);
            } else if start + WINDOW <= folded.len() {
                let print = self.printer.window(load(folded, start));
                if self.windows.may_hold(print) {
                    self.long(folded, text, start, print, view, found);
                }
            }
        }
    }
}

/// Leaves each thing once, and marks parts that stand in a found whole.
pub(super) fn uncovered(hits: &mut Vec<Hit>) {
    // By the fingerprint too: of two things in one place, each may have come out of both layers of escapes.
    hits.sort_by_key(|hit| {
        (hit.at, std::cmp::Reverse(hit.length), hit.found.traits.kind.is_part(), hit.form, hit.print)
    });
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
