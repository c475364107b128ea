//! Random draws that are equal on every target: integers and doubles of 53 bits out of xoshiro256++, transcendental
//! functions from `libm` alone.

use rand_core::{Rng, SeedableRng};
use rand_xoshiro::Xoshiro256PlusPlus;

/// A stream of draws that its seed decides.
pub(super) struct Random(Xoshiro256PlusPlus);

impl Random {
    pub(super) fn new(seed: u64) -> Self {
        Self(Xoshiro256PlusPlus::seed_from_u64(seed))
    }

    /// A stream of its own for one of many things that share a seed, such as one customer.
    pub(super) fn of(seed: u64, number: u64) -> Self {
        // The multiplier is odd, so that different numbers never meet; the seeding mixes the rest.
        Self::new(seed ^ number.wrapping_add(1).wrapping_mul(0x9E37_79B9_7F4A_7C15))
    }

    /// In [0, 1), all 53 bits of a double used.
    #[allow(clippy::cast_precision_loss, reason = "53 bits are exact")]
    pub(super) fn unit(&mut self) -> f64 {
        const STEP: f64 = 1.0 / (1_u64 << 53) as f64;
        (self.0.next_u64() >> 11) as f64 * STEP
    }

    /// An integer in `0..bound`; 0 when the bound is 0.
    ///
    /// Multiplied rather than divided down; the bias is below `bound` / 2^64, which no test of these data can see.
    #[allow(clippy::cast_possible_truncation, reason = "the upper half of a 128-bit product")]
    pub(super) fn below(&mut self, bound: u64) -> u64 {
        ((u128::from(self.0.next_u64()) * u128::from(bound)) >> 64) as u64
    }

    /// An integer from `least` to `most`, both included.
    pub(super) fn between(&mut self, least: u64, most: u64) -> u64 {
        least + self.below(most.saturating_sub(least) + 1)
    }

    pub(super) fn chance(&mut self, probability: f64) -> bool {
        self.unit() < probability
    }

    /// One of the items, all equally likely; the default of an empty list.
    pub(super) fn pick<T: Copy + Default>(&mut self, items: &[T]) -> T {
        let place = self.below(items.len() as u64);
        usize::try_from(place).ok().and_then(|place| items.get(place)).copied().unwrap_or_default()
    }

    /// One of the items, as likely as its weight; none where the weights sum to 0.
    pub(super) fn weighted<'t, T>(&mut self, items: &'t [T], weight: impl Fn(&T) -> u64) -> Option<&'t T> {
        let mut left = self.below(items.iter().map(&weight).sum());
        items.iter().find(|item| match left.checked_sub(weight(item)) {
            Some(rest) => {
                left = rest;
                false
            }
            None => true,
        })
    }

    /// A standard normal variate (Box and Muller 1958).
    pub(super) fn normal(&mut self) -> f64 {
        // 1 − u lies in (0, 1], where the logarithm is finite.
        let radius = libm::sqrt(-2.0 * libm::log(1.0 - self.unit()));
        radius * libm::cos(std::f64::consts::TAU * self.unit())
    }
}

#[cfg(test)]
mod tests {
    use super::Random;

    #[test]
    fn draws_are_the_same_everywhere() {
        let mut random = Random::new(7);
        let drawn: Vec<u64> = (0..4).map(|_| random.below(1_000_000)).collect();
        assert_eq!(drawn, DRAWN);
        assert_eq!(random.normal().to_bits(), NORMAL);
    }

    // Written down from the first run: a change of them is a change of every file that was ever generated.
    const DRAWN: [u64; 4] = [55_360, 172_115, 717_576, 427_209];
    const NORMAL: u64 = 13_836_218_315_391_149_946;

    #[test]
    fn draws_keep_their_ranges() {
        let mut random = Random::new(1);
        for _ in 0..10_000 {
            assert!((0.0..1.0).contains(&random.unit()));
            assert!((3..=9).contains(&random.between(3, 9)));
            assert!([1, 2].contains(&random.pick(&[1, 2])));
            assert_eq!(random.weighted(&[1, 0, 5], |weight| *weight).copied().unwrap_or(0) % 2, 1);
        }
        assert_eq!(random.below(0), 0);
        assert_eq!(random.pick::<u8>(&[]), 0);
        assert_eq!(random.weighted(&[0_u64], |weight| *weight), None);
    }

    #[test]
    fn normal_has_mean_zero_and_deviation_one() {
        let mut random = Random::new(2);
        let draws: Vec<f64> = (0..20_000).map(|_| random.normal()).collect();
        let count = 20_000.0;
        let mean = draws.iter().sum::<f64>() / count;
        let variance = draws.iter().map(|draw| (draw - mean) * (draw - mean)).sum::<f64>() / count;
        assert!(mean.abs() < 0.03 && (variance - 1.0).abs() < 0.05, "{mean} {variance}");
    }
}
