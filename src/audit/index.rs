//! What is looked for: fingerprints in one table, and bitmaps that rule most places out at a look.

use super::form::Kind;
use super::print::{LONGEST, OF_WINDOW, Printer, WINDOW, load};

/// One spelling of something that a mask removed.
#[derive(Clone, Copy)]
pub(super) struct Needle {
    /// The fingerprint of all of it.
    pub(super) print: u64,
    /// The fingerprint of its first eight bytes; 0 where it is not looked for as a text.
    pub(super) window: u64,
    pub(super) length: u8,
    /// What it holds: see [`marks`](super::repeats::marks).
    pub(super) cuts: u8,
    pub(super) traits: Traits,
    /// The contract's field, by its place.
    pub(super) field: u16,
    pub(super) line: u32,
}

/// What is known of a needle beside its fingerprint.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) struct Traits {
    pub(super) kind: Kind,
    /// Whether it counts only where it ends with a word.
    pub(super) bounded: bool,
    /// See [`Printer::spelling`].
    pub(super) spelling: u8,
}

/// What the table answers.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) struct Found {
    pub(super) traits: Traits,
    /// The place in the list of places.
    pub(super) place: u16,
    /// Where it first stood in the input.
    pub(super) line: u32,
    /// In how many records it was noted, up to [`MOST_COUNTED`].
    pub(super) count: u16,
}

/// Beside the lengths of what begins with a window: whether any of it counts where it does not end with a word. Nothing
/// is so short that the bit would be that of a length.
pub(super) const UNBOUNDED: u64 = 1;
pub(super) const MOST_COUNTED: u16 = 511;
/// Most places, a field of an input each.
pub(super) const MOST_PLACES: u16 = (1 << 14) - 1;
const MOST_LINES: u32 = (1 << 28) - 1;

impl Found {
    fn pack(self) -> u64 {
        u64::from(self.place.min(MOST_PLACES))
            | (self.traits.kind.number() << 14)
            | (u64::from(self.traits.bounded) << 18)
            | (u64::from(self.count.min(MOST_COUNTED)) << 19)
            | (u64::from(self.traits.spelling) << 28)
            | (u64::from(self.line.min(MOST_LINES)) << 36)
    }

    #[allow(clippy::cast_possible_truncation, reason = "each part is masked to its width")]
    fn unpack(bits: u64) -> Self {
        let traits = Traits {
            kind: Kind::numbered((bits >> 14) & 15),
            bounded: (bits >> 18) & 1 == 1,
            spelling: ((bits >> 28) & 255) as u8,
        };
        Self {
            traits,
            place: bits as u16 & MOST_PLACES,
            line: (bits >> 36) as u32,
            count: (bits >> 19) as u16 & MOST_COUNTED,
        }
    }
}

/// Needles, within a number of bytes.
pub(super) struct Index {
    /// Fingerprints; 0 is an empty slot. Those of windows stand among those of needles. Beside a needle's fingerprint
    /// stands a [`Found`], beside a window's the lengths of what begins with it: where one is, the other is at hand.
    slots: Vec<[u64; 2]>,
    count: usize,
    most: usize,
    /// Whether any needle is one of digits, or of a digest.
    pub(super) has_digits: bool,
    pub(super) has_digests: bool,
    /// What any needle holds: see [`marks`](super::repeats::marks).
    pub(super) cuts: u8,
}

impl Index {
    pub(super) fn new(bytes: usize) -> Self {
        let mut slots = 1 << 10;
        // While it grows, the table and its half are there at once.
        while slots * 2 * 24 <= bytes {
            slots *= 2;
        }
        Self {
            slots: vec![[0; 2]; 1 << 10],
            count: 0,
            most: slots / 4 * 3,
            has_digits: false,
            has_digests: false,
            cuts: 0,
        }
    }

    /// Whether no more than a few fit.
    pub(super) fn is_full(&self) -> bool {
        self.count + 2 >= self.most
    }

    pub(super) fn is_empty(&self) -> bool {
        self.count == 0
    }

    /// Adds a needle, or counts one that is there; what is too much is left out.
    pub(super) fn insert(&mut self, needle: &Needle, place: u16) {
        let at = self.place(needle.print);
        if let Some([_, note]) = self.slots.get_mut(at).filter(|[print, _]| *print == needle.print) {
            let found = Found::unpack(*note);
            *note = Found { count: found.count.saturating_add(1), ..found }.pack();
            return;
        }
        if self.is_full() {
            return;
        }
        self.cuts |= needle.cuts;
        match needle.traits.kind {
            Kind::Digits | Kind::National => self.has_digits = true,
            Kind::Md5 | Kind::Sha1 | Kind::Sha256 => self.has_digests = true,
            _ => {}
        }
        self.put(needle.print, Found { traits: needle.traits, place, line: needle.line, count: 1 }.pack());
        if needle.window != 0 {
            let free = if needle.traits.bounded { 0 } else { UNBOUNDED };
            let length = free | 1 << (needle.length as usize).min(LONGEST - 1);
            let at = self.place(needle.window);
            match self.slots.get_mut(at) {
                Some([print, note]) if *print == needle.window => *note |= length,
                _ => self.put(needle.window, length),
            }
        }
    }

    pub(super) fn find(&self, print: u64) -> Option<Found> {
        self.note(print).map(Found::unpack)
    }

    /// The lengths of what begins with a window, a bit each, and [`UNBOUNDED`].
    pub(super) fn lengths(&self, window: u64) -> u64 {
        self.note(window).unwrap_or_default()
    }

    fn note(&self, print: u64) -> Option<u64> {
        self.slots.get(self.place(print)).filter(|[there, _]| *there == print).map(|[_, note]| *note)
    }

    fn put(&mut self, print: u64, note: u64) {
        if self.count * 4 >= self.slots.len() * 3 {
            let double = vec![[0; 2]; self.slots.len() * 2];
            for [print, note] in std::mem::replace(&mut self.slots, double).into_iter().filter(|[print, _]| *print != 0)
            {
                self.set(print, note);
            }
        }
        self.set(print, note);
        self.count += 1;
    }

    fn set(&mut self, print: u64, note: u64) {
        let at = self.place(print);
        if let Some(slot) = self.slots.get_mut(at) {
            *slot = [print, note];
        }
    }

    #[inline]
    fn place(&self, print: u64) -> usize {
        let mask = self.slots.len() - 1;
        #[allow(clippy::cast_possible_truncation, reason = "the low bits choose the slot")]
        let mut at = print as usize & mask;
        while self.slots.get(at).is_some_and(|[slot, _]| *slot != 0 && *slot != print) {
            at = (at + 1) & mask;
        }
        at
    }

    /// A bitmap of all needles: many begin alike (`https://`), and a look at the table for each length is dear.
    pub(super) fn wholes(&self) -> Windows {
        Windows::of(8, || self.of_kind(false).map(|[print, _]| print))
    }

    /// A bitmap of all windows, by which most places are ruled out without a look at the table.
    pub(super) fn windows(&self) -> Windows {
        Windows::of(16, || self.of_kind(true).filter(|[_, lengths]| lengths >> WINDOW != 0).map(|[print, _]| print))
    }

    /// The same of what is shorter than a window: few are, and most words of an output.
    pub(super) fn shorts(&self) -> Windows {
        let short = |lengths: u64| lengths & ((1 << WINDOW) - 1) & !UNBOUNDED != 0;
        Windows::of(16, || self.of_kind(true).filter(move |[_, lengths]| short(*lengths)).map(|[print, _]| print))
    }

    fn of_kind(&self, windows: bool) -> impl Iterator<Item = [u64; 2]> {
        self.slots.iter().copied().filter(move |[print, _]| *print != 0 && (*print & OF_WINDOW != 0) == windows)
    }
}

/// A bitmap of fingerprints. See [`Index::windows`].
pub(super) struct Windows {
    bits: Vec<u64>,
    mask: usize,
}

impl Windows {
    /// Of some fingerprints, about so many bits for each.
    fn of<P: Iterator<Item = u64>>(bits: usize, prints: impl Fn() -> P) -> Self {
        let bits = (prints().count() * bits).next_power_of_two().clamp(1 << 16, 1 << 25);
        let mut windows = Self { bits: vec![0; bits / 64], mask: bits - 1 };
        prints().for_each(|print| windows.set(print));
        windows
    }

    #[allow(clippy::cast_possible_truncation, reason = "a bit's place takes the upper half of the fingerprint")]
    fn at(&self, window: u64) -> usize {
        (window >> 24) as usize & self.mask
    }

    fn set(&mut self, window: u64) {
        let at = self.at(window);
        if let Some(word) = self.bits.get_mut(at / 64) {
            *word |= 1 << (at % 64);
        }
    }

    #[inline]
    pub(super) fn may_hold(&self, window: u64) -> bool {
        let at = self.at(window);
        self.bits.get(at / 64).is_some_and(|word| (word >> (at % 64)) & 1 == 1)
    }
}

/// The fingerprint of what a text begins with; a text shorter than the window is filled up.
pub(super) fn window(printer: Printer, text: &[u8]) -> u64 {
    printer.window(load(text.get(..text.len().min(WINDOW)).unwrap_or_default(), 0))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_packed_comes_back() {
        for kind in (0..Kind::ALL.len() as u64).map(Kind::numbered) {
            let traits = Traits { kind, bounded: true, spelling: 201 };
            let found = Found { traits, place: 12_345, line: 200_000_001, count: 509 };
            assert_eq!(Found::unpack(found.pack()), found);
        }
    }

    #[test]
    fn a_full_index_says_so_and_keeps_what_it_has() {
        let printer = Printer::new(1);
        let mut index = Index::new(1 << 16);
        let traits = Traits { kind: Kind::Whole, bounded: false, spelling: 0 };
        let needle = |number: u32| Needle {
            print: printer.of(&number.to_le_bytes()),
            window: printer.window(u64::from(number)),
            length: 8,
            cuts: 0,
            traits,
            field: 0,
            line: number,
        };
        let mut count = 0;
        while !index.is_full() {
            index.insert(&needle(count), 0);
            count += 1;
        }
        assert!(count > 500, "{count}");
        index.insert(&needle(count), 0);
        assert_eq!(index.find(needle(count).print), None);
        for number in 0..count {
            assert_eq!(index.find(needle(number).print).unwrap().line, number);
            assert_eq!(index.lengths(needle(number).window), 1 << 8 | UNBOUNDED);
            assert!(index.windows().may_hold(needle(number).window));
        }
    }
}
