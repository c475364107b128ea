//! The one source of chance: a generator for each tree, the same on every target.

use rand_xoshiro::Xoshiro256PlusPlus;
use rand_xoshiro::rand_core::{Rng, SeedableRng};

/// A tree's own stream of random numbers.
///
/// xoshiro256++ (Blackman and Vigna, 2018) seeded through splitmix64 from the forest's seed and the tree's position.
/// How numbers are drawn from it is written out here, so that no release of another crate can change a forest.
pub(super) struct Random(Xoshiro256PlusPlus);

impl Random {
    /// The stream of the tree at this position.
    pub(super) fn for_tree(seed: u64, tree: usize) -> Self {
        let stream = mix(seed).wrapping_add((tree as u64).wrapping_mul(0x9e37_79b9_7f4a_7c15));
        Self(Xoshiro256PlusPlus::seed_from_u64(mix(stream)))
    }

    /// Uniform in [0, 1): 53 bits over 2^53, exact in an f64.
    #[allow(clippy::cast_precision_loss, reason = "53 bits fit an f64 exactly")]
    pub(super) fn unit(&mut self) -> f64 {
        (self.0.next_u64() >> 11) as f64 * (1.0 / (1_u64 << 53) as f64)
    }

    /// Uniform in 0..`bound`, without bias; 0 for a bound of 0 (Lemire, *Fast random integer generation in an
    /// interval*, 2019).
    #[allow(clippy::cast_possible_truncation, reason = "the low half of the product is meant, and below a usize")]
    pub(super) fn below(&mut self, bound: usize) -> usize {
        let bound = bound as u64;
        let mut product = u128::from(self.0.next_u64()) * u128::from(bound);
        if (product as u64) < bound {
            let threshold = bound.wrapping_neg().checked_rem(bound).unwrap_or(0);
            while (product as u64) < threshold {
                product = u128::from(self.0.next_u64()) * u128::from(bound);
            }
        }
        (product >> 64) as usize
    }

    /// Standard normal (Box and Muller, 1958), with the libraries' own logarithm and cosine: the same on every target.
    pub(super) fn normal(&mut self) -> f64 {
        let (radius, turn) = (1.0 - self.unit(), self.unit());
        libm::sqrt(-2.0 * libm::log(radius)) * libm::cos(std::f64::consts::TAU * turn)
    }

    /// True half of the time.
    pub(super) fn coin(&mut self) -> bool {
        self.0.next_u64() >> 63 == 1
    }
}

/// splitmix64's finaliser (Steele, Lea and Flood, 2014).
fn mix(z: u64) -> u64 {
    let z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    let z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    z ^ (z >> 31)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn streams_differ_and_repeat() {
        let draw = |seed, tree| {
            let mut random = Random::for_tree(seed, tree);
            (random.unit(), random.below(1000), random.coin())
        };
        assert_eq!(draw(1, 2), draw(1, 2));
        assert_ne!(draw(1, 2), draw(2, 1));
        assert_ne!(draw(0, 0), draw(0, 1));
    }

    #[test]
    fn bounds_are_kept_and_reached() {
        let mut random = Random::for_tree(5, 0);
        let mut seen = [0_u32; 7];
        for _ in 0..7000 {
            if let Some(count) = seen.get_mut(random.below(7)) {
                *count += 1;
            }
            assert!((0.0..1.0).contains(&random.unit()));
        }
        assert!(seen.iter().all(|&n| (850..1150).contains(&n)), "{seen:?}");
        assert_eq!(random.below(0), 0);
    }
}
