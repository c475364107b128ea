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

    /// Where the fingerprint of a text begins; [`Printer::step`] adds a byte.
    #[inline]
    pub(super) fn begin(self) -> u64 {
        self.start
    }

    #[inline]
    pub(super) fn step(self, hash: u64, byte: u8) -> u64 {
        (hash.rotate_left(7) ^ u64::from(byte)).wrapping_mul(self.factor)
    }

    /// The fingerprint of what was added; never 0.
    #[inline]
    pub(super) fn end(hash: u64) -> u64 {
        let mixed = (hash ^ (hash >> 29)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        ((mixed ^ (mixed >> 32)) & !OF_WINDOW).max(1)
    }

    pub(super) fn of(self, bytes: &[u8]) -> u64 {
        Self::end(bytes.iter().fold(self.begin(), |hash, byte| self.step(hash, *byte)))
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

/// Up to eight bytes as a number, filled up with zeros.
#[inline]
pub(super) fn load(bytes: &[u8], at: usize) -> u64 {
    if let Some(window) = bytes.get(at..at + WINDOW).and_then(|window| <[u8; WINDOW]>::try_from(window).ok()) {
        return u64::from_le_bytes(window);
    }
    let mut window = [0; WINDOW];
    for (to, from) in window.iter_mut().zip(bytes.get(at..).unwrap_or_default()) {
        *to = *from;
    }
    u64::from_le_bytes(window)
}
