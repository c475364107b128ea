//! Keyed fingerprints: what is kept of a value, so that it can be recognised and not be read.

/// Hashes under a key that lives as long as the audit.
#[derive(Clone, Copy)]
pub(super) struct Printer {
    start: u64,
    factor: u64,
}

/// Longest text of which a fingerprint is taken.
pub(super) const LONGEST: usize = 64;
/// How many bytes the prefilter looks at; shorter texts are looked for as whole words alone.
pub(super) const WINDOW: usize = 8;
/// The bit by which the fingerprint of a window is told from that of a text.
pub(super) const OF_WINDOW: u64 = 1 << 63;
/// Shortest text that is looked for.
pub(super) const SHORTEST: usize = 4;

impl Printer {
    pub(super) fn new(key: u64) -> Self {
        Self { start: key.rotate_left(17) ^ 0x9E37_79B9_7F4A_7C15, factor: (key ^ 0xD6E8_FEB8_6659_FD93) | 1 }
    }

    /// The key's two halves.
    #[inline]
    pub(super) fn keys(self) -> (u64, u64) {
        (self.start, self.factor)
    }

    /// The last step of a fingerprint, which is never 0.
    #[inline]
    pub(super) fn end(hash: u64) -> u64 {
        let mixed = (hash ^ (hash >> 29)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        ((mixed ^ (mixed >> 32)) & !OF_WINDOW).max(1)
    }

    /// The fingerprint of a text.
    #[inline]
    pub(super) fn of(self, bytes: &[u8]) -> u64 {
        Begun::new(self).upto(bytes, bytes.len())
    }

    #[inline]
    fn step(self, hash: u64, eight: u64) -> u64 {
        let product = u128::from(hash ^ eight) * u128::from(self.factor);
        #[allow(clippy::cast_possible_truncation, reason = "the two halves of a product")]
        {
            (product >> 64) as u64 ^ product as u64
        }
    }

    /// The fingerprint of digits, which no text of digits has.
    pub(super) fn of_digits(self, digits: &[u8]) -> u64 {
        self.of(digits) ^ 0x5555_AAAA_5555_AAAA
    }

    /// Eight bits that tell one spelling of a text from another.
    pub(super) fn spelling(self, bytes: &[u8]) -> u8 {
        self.of(bytes).to_le_bytes().first().copied().unwrap_or_default()
    }

    /// The fingerprint of the first eight bytes; shorter texts are filled up with zeros.
    #[inline]
    pub(super) fn window(self, bytes: u64) -> u64 {
        let mixed = (bytes ^ self.start).wrapping_mul(self.factor);
        let mixed = (mixed ^ (mixed >> 31)).wrapping_mul(0x94D0_49BB_1331_11EB);
        (mixed ^ (mixed >> 29)) | OF_WINDOW
    }
}

/// Takes the fingerprints of the beginnings of a text, each longer than the one before: what they share is read once.
pub(super) struct Begun {
    printer: Printer,
    hash: u64,
    /// How many bytes are in the hash, eight at a time.
    done: usize,
}

impl Begun {
    #[inline]
    pub(super) fn new(printer: Printer) -> Self {
        Self { printer, hash: printer.start, done: 0 }
    }

    /// The fingerprint of the first bytes of a text.
    #[inline]
    pub(super) fn upto(&mut self, text: &[u8], length: usize) -> u64 {
        while self.done + WINDOW < length {
            self.hash = self.printer.step(self.hash, load(text, self.done));
            self.done += WINDOW;
        }
        let rest = load(text.get(..length).unwrap_or_default(), self.done);
        Printer::end(self.printer.step(self.hash, rest) ^ length as u64)
    }
}

/// Up to eight bytes as a number, filled up with zeros.
#[inline]
pub(super) fn load(bytes: &[u8], at: usize) -> u64 {
    let rest = bytes.get(at..).unwrap_or_default();
    if let Some(window) = rest.first_chunk::<WINDOW>() {
        return u64::from_le_bytes(*window);
    }
    if let (Some(first), Some(last)) = (rest.first_chunk::<4>(), rest.last_chunk::<4>()) {
        // Where the two overlap they are the same bytes.
        let last = u64::from(u32::from_le_bytes(*last)) << (8 * (rest.len() - 4));
        return u64::from(u32::from_le_bytes(*first)) | last;
    }
    rest.iter().rev().fold(0, |number, byte| (number << 8) | u64::from(*byte))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn beginnings_have_the_fingerprints_of_whole_texts(bytes in prop::collection::vec(any::<u8>(), 0..80), at in 0..90_usize) {
            let printer = Printer::new(9);
            let mut begun = Begun::new(printer);
            for length in 0..=bytes.len() {
                prop_assert_eq!(begun.upto(&bytes, length), printer.of(&bytes[..length]));
            }
            let slow = (0..WINDOW).map(|place| u64::from(bytes.get(at + place).copied().unwrap_or_default()) << (8 * place));
            prop_assert_eq!(load(&bytes, at), slow.sum::<u64>());
        }

        #[test]
        fn texts_are_told_apart(left in prop::collection::vec(0..3_u8, 0..20), right in prop::collection::vec(0..3_u8, 0..20)) {
            let printer = Printer::new(3);
            prop_assert_eq!(printer.of(&left) == printer.of(&right), left == right);
        }
    }
}
