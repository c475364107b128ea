//! How long a search in a random tree is, on average.

/// Euler's constant γ, with the digits of `numpy.euler_gamma`.
const EULER_GAMMA: f64 = 0.577_215_664_901_532_9;

/// c(n), the average length of an unsuccessful search in a binary search tree of `n` keys.
///
/// It is what a leaf that still holds `n` rows adds to its depth, and what normalises a score: equation 1 of Liu, Ting
/// and Zhou, *Isolation Forest* (ICDM 2008). Exactly scikit-learn's: 0 for n ≤ 1, 1 for n = 2, else
/// 2 (ln(n − 1) + γ) − 2 (n − 1) / n. Other libraries take the logarithm at n = 2 too, or harmonic numbers.
///
/// # Example
/// ```
/// use tamis::forest::path_length::c;
///
/// assert_eq!((c(1), c(2)), (0.0, 1.0));
/// assert!((c(256) - 10.244_770_920_119_917).abs() < 1e-12);
/// ```
#[must_use]
#[allow(clippy::cast_precision_loss, reason = "counts of rows stay far below 2^53")]
pub fn c(n: usize) -> f64 {
    match n {
        0 | 1 => 0.0,
        2 => 1.0,
        _ => {
            let n = n as f64;
            2.0 * (libm::log(n - 1.0) + EULER_GAMMA) - 2.0 * (n - 1.0) / n
        }
    }
}

/// The count n ≥ 1 whose c(n) is nearest to `length`: what an exported leaf remembers of its rows.
///
/// A leaf's weight is a 32-bit float, so the count comes back exactly up to some 300,000 rows, and nearly above.
pub(crate) fn rows_for(length: f64) -> usize {
    if length.is_nan() || length < 0.5 {
        return 1;
    }
    let (mut below, mut above) = (1_usize, 2_usize);
    while c(above) < length && above < 1 << 31 {
        below = above;
        above *= 2;
    }
    while above - below > 1 {
        let middle = below + (above - below) / 2;
        if c(middle) < length {
            below = middle;
        } else {
            above = middle;
        }
    }
    if length - c(below) < c(above) - length { below } else { above }
}

/// The height that no tree of `samples` rows exceeds: ⌈log₂ max(samples, 2)⌉.
pub(super) fn tallest(samples: usize) -> u32 {
    usize::BITS - (samples.max(2) - 1).leading_zeros()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    #[allow(clippy::cast_possible_truncation, reason = "the rounding that an exported leaf goes through")]
    fn a_leaf_remembers_its_rows() {
        for n in (1..3000).chain([10_000, 65_535, 65_536, 262_144]) {
            let (depth, scale) = (12.0, 100.0 * c(n.max(256)));
            let weight = ((depth + c(n)) / scale) as f32;
            assert_eq!(rows_for(f64::from(weight) * scale - depth), n, "{n}");
        }
    }

    #[test]
    fn heights_are_scikit_learns() {
        let heights = [(1, 1), (2, 1), (3, 2), (4, 2), (5, 3), (255, 8), (256, 8), (257, 9)];
        for (samples, height) in heights {
            assert_eq!(tallest(samples), height, "{samples}");
        }
    }
}
