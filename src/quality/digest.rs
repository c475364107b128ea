//! Digests of values: 64 evenly spread bits, the same on every target.

use siphasher::sip::SipHasher13;
use std::hash::{BuildHasherDefault, Hasher};

pub(super) fn of_text(text: &str) -> u64 {
    let mut hasher = SipHasher13::new();
    hasher.write(text.as_bytes());
    hasher.finish()
}

/// A keyed token is a digest already, so its end only has to be folded: ten bytes of it decide.
pub(super) fn of_token(token: &str) -> u64 {
    let bytes = token.as_bytes();
    match (bytes.last_chunk::<16>(), bytes.len()) {
        (Some(end), 16..) => {
            let (left, right) = end.split_at(8);
            let word = |bytes: &[u8]| bytes.iter().fold(0_u64, |word, byte| word << 8 | u64::from(*byte));
            of_bits(word(left) ^ of_bits(word(right)))
        }
        _ => of_text(token),
    }
}

/// The finaliser of `SplitMix64` (Steele et al. 2014): a bijection, so different bits never meet.
pub(super) fn of_bits(bits: u64) -> u64 {
    let bits = (bits ^ (bits >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    let bits = (bits ^ (bits >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
    bits ^ (bits >> 31)
}

/// A map whose keys are digests or the bits of a number.
pub(super) type Map<K, V> = std::collections::HashMap<K, V, BuildHasherDefault<Spread>>;

/// Hashes one word.
#[derive(Default)]
pub(super) struct Spread(u64);

impl Hasher for Spread {
    fn finish(&self) -> u64 {
        self.0
    }

    fn write(&mut self, bytes: &[u8]) {
        for byte in bytes {
            self.0 = of_bits(self.0 ^ u64::from(*byte));
        }
    }

    fn write_u64(&mut self, word: u64) {
        self.0 = of_bits(word);
    }

    fn write_i64(&mut self, word: i64) {
        self.write_u64(word.cast_unsigned());
    }
}
