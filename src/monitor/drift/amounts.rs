//! The numbers of a column with their counts, in bounded memory.

use std::collections::HashMap;
use std::hash::{BuildHasherDefault, Hasher};

/// Different values that are told apart.
const MOST: usize = 1 << 16;
/// Bits of the mantissa that are kept, one coarseness after the other; the last bounds any numbers below [`MOST`].
const KEPT: [u32; 8] = [52, 20, 16, 12, 10, 8, 6, 4];

/// Numbers and how often each came. Beyond [`MOST`] different ones each is rounded up to fewer bits of its mantissa: as
/// few as it takes, which depends on the numbers alone and not on their order or on how they were split. A bin whose
/// upper edge is such a number holds exactly the values that are not greater, so counts in bins stay exact.
#[derive(Clone, Debug, Default)]
pub(super) struct Amounts {
    counts: HashMap<u64, u64, BuildHasherDefault<Spread>>,
    coarse: usize,
    low: Option<f64>,
}

impl Amounts {
    /// Counts a finite number so many times.
    pub(super) fn add(&mut self, value: f64, times: u64) {
        // Adding zero makes −0 and 0 one.
        let value = value + 0.0;
        self.low = Some(self.low.map_or(value, |low| low.min(value)));
        *self.counts.entry(round_up(value, kept(self.coarse)).to_bits()).or_default() += times;
        while self.counts.len() > MOST && self.coarse + 1 < KEPT.len() {
            self.coarsen(self.coarse + 1);
        }
    }

    fn coarsen(&mut self, coarse: usize) {
        let counts = std::mem::take(&mut self.counts);
        self.coarse = coarse;
        for (bits, times) in counts {
            *self.counts.entry(round_up(f64::from_bits(bits), kept(coarse)).to_bits()).or_default() += times;
        }
    }

    /// Adds the counts of another part.
    pub(super) fn merge(&mut self, other: &Self) {
        if other.coarse > self.coarse {
            self.coarsen(other.coarse);
        }
        for (bits, times) in &other.counts {
            self.add(f64::from_bits(*bits), *times);
        }
        self.low = match (self.low, other.low) {
            (Some(ours), Some(theirs)) => Some(ours.min(theirs)),
            (ours, theirs) => ours.or(theirs),
        };
    }

    /// The least number.
    pub(super) fn low(&self) -> Option<f64> {
        self.low
    }

    /// The numbers in ascending order, with their counts.
    pub(super) fn sorted(&self) -> Vec<(f64, u64)> {
        let mut list: Vec<(f64, u64)> =
            self.counts.iter().map(|(bits, times)| (f64::from_bits(*bits), *times)).collect();
        list.sort_unstable_by(|left, right| left.0.total_cmp(&right.0));
        list
    }
}

fn kept(coarse: usize) -> u32 {
    KEPT.get(coarse).copied().unwrap_or(4)
}

/// The least number with so many bits of mantissa that is not less; the greatest of all doubles stands for what would
/// be infinite.
fn round_up(value: f64, kept: u32) -> f64 {
    let rest = (1_u64 << (52 - kept)) - 1;
    let bits = value.to_bits();
    if value < 0.0 {
        // Cutting off makes the size less, and so a negative number greater.
        return f64::from_bits(bits & !rest) + 0.0;
    }
    let up = f64::from_bits(bits.saturating_add(rest) & !rest);
    if up.is_finite() { up } else { f64::MAX }
}

/// Spreads the bits of a number, whose low ones are often all 0.
#[derive(Clone, Debug, Default)]
struct Spread(u64);

impl Hasher for Spread {
    fn finish(&self) -> u64 {
        self.0
    }

    fn write(&mut self, bytes: &[u8]) {
        for byte in bytes {
            self.write_u64(self.0 ^ u64::from(*byte));
        }
    }

    fn write_u64(&mut self, word: u64) {
        // The finaliser of SplitMix64 (Steele et al. 2014).
        let word = (word ^ (word >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        let word = (word ^ (word >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        self.0 = word ^ (word >> 31);
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::float_cmp, reason = "what is exact")]

    use super::{Amounts, KEPT, MOST, round_up};
    use proptest::prelude::*;

    fn of(values: &[f64]) -> Amounts {
        let mut amounts = Amounts::default();
        for value in values {
            amounts.add(*value, 1);
        }
        amounts
    }

    #[test]
    fn many_numbers_stay_few_and_their_order_does_not_show() {
        let values: Vec<f64> = (0..200_000).map(|at| f64::from(at * 7919 % 200_003) / 13.0 - 4000.0).collect();
        let whole = of(&values);
        assert!(whole.counts.len() <= MOST && whole.coarse > 0);
        let mut parts = of(&values[150_000..]);
        parts.merge(&of(&values[..10]));
        parts.merge(&of(&values[10..150_000]));
        assert_eq!((whole.sorted(), whole.coarse), (parts.sorted(), parts.coarse));
        let low = values.iter().copied().fold(f64::INFINITY, f64::min);
        assert_eq!((whole.low(), parts.low()), (Some(low), Some(low)));
        // Counts up to an edge are those of the numbers themselves.
        let sorted = whole.sorted();
        for (edge, _) in sorted.iter().step_by(997) {
            let counted: u64 = sorted.iter().filter(|(value, _)| value <= edge).map(|(_, count)| count).sum();
            assert_eq!(counted, values.iter().filter(|value| *value <= edge).count() as u64);
        }
    }

    proptest! {
        #[test]
        fn rounding_keeps_the_order(left in any::<f64>(), right in any::<f64>()) {
            prop_assume!(left.is_finite() && right.is_finite());
            for pair in KEPT.windows(2) {
                let up = round_up(left, pair[1]);
                prop_assert!(up >= left && up.is_finite());
                prop_assert_eq!(round_up(up, pair[1]), up);
                // Rounding twice is rounding once, and less is never more.
                prop_assert_eq!(round_up(round_up(left, pair[0]), pair[1]), up);
                prop_assert_eq!(left <= up, true);
                prop_assert_eq!(right <= up, round_up(right, pair[1]) <= up);
            }
        }
    }
}
