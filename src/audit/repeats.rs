//! What outputs say again and again is searched once.
//!
//! An output is cut at bytes that nothing that is looked for holds. No find reaches over a cut, and whether something is a
//! find does not depend on which cut bounds it. So a piece that was searched and held nothing holds nothing wherever it
//! comes again: a verdict repeats the record that was accepted, and every line the names of what it says.

use super::fold::in_word;
use super::print::{Printer, WINDOW, load};
use super::runs::Mask;
use memchr::memchr3;
use std::ops::Range;
use std::sync::atomic::{AtomicU64, Ordering};

/// The bytes at which an output may be cut. None is a separator of words or digits, or a part of an escape, of base64 or
/// of hexadecimal digits.
const CUTS: [u8; 3] = *b"\n{}";
/// Shorter pieces are searched sooner than remembered.
const SHORT: usize = 12;

/// Set where several words stand in less than a window.
pub(super) const JOINED: u8 = 1 << 6;
/// Set where base64 of nothing but digits may say it.
pub(super) const OF_DIGITS: u8 = 1 << 7;

/// Which of the cuts a text holds, a bit each.
pub(super) fn held(text: &[u8]) -> u8 {
    let [first, second, third] = CUTS;
    if memchr3(first, second, third, text).is_none() {
        return 0;
    }
    (0..).zip(CUTS).fold(0, |held, (bit, cut)| held | (u8::from(text.contains(&cut)) << bit))
}

/// Beside the cuts what the search can spare where nothing has it.
pub(super) fn marks(folded: &[u8]) -> u8 {
    let joined = folded.len() < WINDOW && !folded.iter().all(|byte| in_word(*byte));
    held(folded) | if joined { JOINED } else { 0 } | if of_digits(folded) { OF_DIGITS } else { 0 }
}

/// Whether what base64 makes of digits alone may fold to a text. The digits stand for 52 to 61, so the first of every
/// three bytes has its highest bits set: it begins a letter beyond ASCII, of which the next byte is a part, or it is none.
fn of_digits(folded: &[u8]) -> bool {
    let may = |at: usize| match folded.get(at) {
        Some(b' ') => folded.get(at + 1).is_none_or(|next| *next == b' '),
        Some(byte) => *byte == 0 || *byte >= 0x80,
        None => true,
    };
    (0..3).any(|first| (first..folded.len()).step_by(3).all(may))
}

/// Fingerprints of the pieces that held nothing.
pub(super) struct Repeats {
    /// The latest piece for each slot. Which one that is may depend on the threads; what is found does not.
    slots: Vec<AtomicU64>,
    cuts: Vec<u8>,
    printer: Printer,
}

impl Repeats {
    /// For a number of slots, where no cut may be one that is held by something that is looked for.
    pub(super) fn new(slots: usize, held: u8, printer: Printer) -> Self {
        let cuts: Vec<u8> = (0..).zip(CUTS).filter(|(bit, _)| (held >> bit) & 1 == 0).map(|(_, cut)| cut).collect();
        let slots = if cuts.is_empty() { 1 } else { slots.next_power_of_two() };
        Self { slots: (0..slots).map(|_| AtomicU64::new(0)).collect(), cuts, printer }
    }

    fn slot(&self, print: u64) -> Option<&AtomicU64> {
        #[allow(clippy::cast_possible_truncation, reason = "the low bits choose the slot")]
        self.slots.get(print as usize & (self.slots.len() - 1))
    }

    fn holds(&self, print: u64) -> bool {
        self.slot(print).is_some_and(|slot| slot.load(Ordering::Relaxed) == print)
    }

    /// A text without the pieces that are known to hold nothing. Only pieces that lie in `range` are left out: what
    /// stands around it is not searched as a whole.
    pub(super) fn fresh(&self, bytes: &[u8], range: &Range<usize>) -> Fresh {
        let mut fresh = Fresh { bytes: Vec::with_capacity(bytes.len()), places: Vec::new(), pieces: Vec::new() };
        let [first, second, third] = match *self.cuts.as_slice() {
            [first, second, third] => [first, second, third],
            [first, second] => [first, second, second],
            [first] => [first; 3],
            _ => {
                fresh.keep(bytes, 0..bytes.len());
                return fresh;
            }
        };
        let mut mask = Mask::default();
        #[allow(clippy::needless_bitwise_bool, reason = "without branches, 16 bytes are looked at at once")]
        mask.set(bytes, |byte| (byte == first) | (byte == second) | (byte == third));
        // What stands before the first cut may have begun before the block.
        let mut cuts = mask.marked();
        let mut from = cuts.next().map_or(0, |first| first + 1);
        let mut pieces = Vec::with_capacity(bytes.len() / 32);
        for cut in cuts {
            let piece = from..cut + 1;
            from = cut + 1;
            if piece.len() >= SHORT && piece.start >= range.start && piece.end <= range.end {
                let print = self.printer.piece(bytes.get(piece.clone()).unwrap_or_default());
                pieces.push((piece, print));
            }
        }
        // The memory is large: looked at by themselves, many of its slots are fetched at a time.
        let known: Vec<bool> = pieces.iter().map(|(_, print)| self.holds(*print)).collect();
        let mut kept = 0;
        for ((piece, print), known) in pieces.into_iter().zip(known) {
            if known {
                fresh.keep(bytes, kept..piece.start);
                kept = piece.end;
            } else {
                let start = fresh.bytes.len() + piece.start - kept;
                fresh.pieces.push((start..start + piece.len(), print));
            }
        }
        fresh.keep(bytes, kept..bytes.len());
        fresh
    }

    /// Remembers the pieces of a searched text in which nothing begins; `finds` in order.
    pub(super) fn remember(&self, fresh: &Fresh, finds: impl Iterator<Item = usize>) {
        let mut finds = finds.peekable();
        for (piece, print) in &fresh.pieces {
            while finds.next_if(|find| *find < piece.start).is_some() {}
            if finds.peek().is_none_or(|find| *find >= piece.end)
                && let Some(slot) = self.slot(*print)
            {
                slot.store(*print, Ordering::Relaxed);
            }
        }
    }
}

/// What of a text is still to be searched.
pub(super) struct Fresh {
    pub(super) bytes: Vec<u8>,
    /// Where a stretch begins here, and where in the text.
    places: Vec<(usize, usize)>,
    /// The whole pieces among it.
    pieces: Vec<(Range<usize>, u64)>,
}

impl Fresh {
    fn keep(&mut self, bytes: &[u8], stretch: Range<usize>) {
        if !stretch.is_empty() {
            self.places.push((self.bytes.len(), stretch.start));
            self.bytes.extend_from_slice(bytes.get(stretch).unwrap_or_default());
        }
    }

    /// Where a byte stands in the text.
    pub(super) fn place(&self, at: usize) -> usize {
        let index = self.places.partition_point(|(here, _)| *here <= at);
        index.checked_sub(1).and_then(|index| self.places.get(index)).map_or(at, |(here, there)| there + (at - here))
    }

    /// Where the first byte that stands at a place of the text or behind it is here.
    pub(super) fn from(&self, place: usize) -> usize {
        let index = self.places.partition_point(|(_, there)| *there <= place);
        let next = self.places.get(index).map_or(self.bytes.len(), |(here, _)| *here);
        let last = index.checked_sub(1).and_then(|index| self.places.get(index));
        last.map_or(next, |(here, there)| next.min(here + (place - there)))
    }
}

impl Printer {
    /// The fingerprint of a piece, taken 16 bytes at a time.
    pub(super) fn piece(self, bytes: &[u8]) -> u64 {
        let (first, second) = self.keys();
        let mut hash = second ^ bytes.len() as u64;
        for at in (0..bytes.len()).step_by(16) {
            let product = u128::from(load(bytes, at) ^ first) * u128::from(load(bytes, at + 8) ^ hash);
            #[allow(clippy::cast_possible_truncation, reason = "the two halves of a product")]
            {
                hash = (product >> 64) as u64 ^ product as u64 ^ second;
            }
        }
        Self::end(hash)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn places_lead_back() {
        let repeats = Repeats::new(64, 0, Printer::new(7));
        let text = b"first\n{a piece of text}\n{another piece}\n{a piece of text}\nlast";
        let range = 0..text.len();
        let fresh = repeats.fresh(text, &range);
        assert_eq!(fresh.bytes, text);
        // What was found in the second piece keeps it from being passed over.
        repeats.remember(&fresh, [26].into_iter());
        let again = repeats.fresh(text, &range);
        assert_eq!(again.bytes, b"first\n{\n{another piece}\n{\nlast");
        for at in 0..again.bytes.len() {
            assert_eq!(text[again.place(at)], again.bytes[at]);
            assert_eq!(again.from(again.place(at)), at);
        }
        assert_eq!(again.from(9), 7);
        assert_eq!(again.from(text.len()), again.bytes.len());
        // A piece that reaches out of the range stays.
        assert_eq!(repeats.fresh(text, &(8..text.len())).bytes, b"first\n{a piece of text}\n{another piece}\n{\nlast");
        // Nothing is cut at what something holds.
        assert_eq!(held(b"a}\n"), 0b101);
        let whole = Repeats::new(64, 0b111, Printer::new(7));
        assert!(whole.fresh(text, &range).pieces.is_empty());
    }

    proptest! {
        #[test]
        fn pieces_are_told_apart(left in prop::collection::vec(any::<u8>(), 0..70), right in prop::collection::vec(any::<u8>(), 0..70)) {
            let printer = Printer::new(3);
            prop_assert_eq!(printer.piece(&left) == printer.piece(&right), left == right);
        }
    }
}
