//! The bytes of a view: what stands at a place, and what class it is of.

/// Stands for any letter beyond ASCII.
pub(super) const LETTER: u8 = 0x80;
/// Stands for any other character beyond ASCII that is seen.
pub(super) const SYMBOL: u8 = 0x81;

/// The bytes of a view. A place outside reads as zero.
#[derive(Clone, Copy)]
pub(super) struct Text<'t>(pub(super) &'t [u8]);

impl<'t> Text<'t> {
    pub(super) fn at(self, place: usize) -> u8 {
        step(1);
        self.0.get(place).copied().unwrap_or(0)
    }

    /// The byte before a place.
    pub(super) fn before(self, place: usize) -> u8 {
        self.at(place.wrapping_sub(1))
    }

    /// What stands between two places, as far as there is text.
    pub(super) fn slice(self, from: usize, to: usize) -> &'t [u8] {
        let slice = self.0.get(from..to.min(self.0.len())).unwrap_or_default();
        step(slice.len());
        slice
    }

    /// The first place from here on whose byte is not of the class.
    pub(super) fn skip(self, from: usize, class: impl Fn(u8) -> bool) -> usize {
        let rest = self.0.get(from..).unwrap_or_default();
        let count = rest.iter().position(|byte| !class(*byte)).unwrap_or(rest.len());
        step(count + 1);
        from + count
    }

    /// The same, but not past `most` bytes.
    pub(super) fn skip_up_to(self, from: usize, most: usize, class: impl Fn(u8) -> bool) -> usize {
        let most = self.0.get(from..self.0.len().min(from + most)).unwrap_or_default();
        let count = most.iter().take_while(|byte| class(**byte)).count();
        step(count + 1);
        from + count
    }

    /// The first place of the bytes of the class that end here; never before `floor`.
    pub(super) fn skip_back(self, to: usize, floor: usize, class: impl Fn(u8) -> bool) -> usize {
        let before = self.0.get(floor..to).unwrap_or_default();
        let start = before.iter().rposition(|byte| !class(*byte)).map_or(0, |last| last + 1);
        step(before.len() - start + 1);
        floor + start
    }

    /// Whether the text has this from here on, in any letter case.
    pub(super) fn has(self, from: usize, word: &[u8]) -> bool {
        self.slice(from, from + word.len()).eq_ignore_ascii_case(word)
    }
}

pub(super) fn is_letter(byte: u8) -> bool {
    byte.is_ascii_alphabetic() || byte == LETTER
}

pub(super) fn is_alnum(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || byte == LETTER
}

/// Not white space and not the end.
pub(super) fn is_seen(byte: u8) -> bool {
    byte > b' '
}

/// Tests count what is read, and so see how it grows with the text.
#[cfg(test)]
fn step(count: usize) {
    STEPS.set(STEPS.get() + count);
}

#[cfg(not(test))]
fn step(_: usize) {}

#[cfg(test)]
thread_local! {
    pub(super) static STEPS: std::cell::Cell<usize> = const { std::cell::Cell::new(0) };
}
