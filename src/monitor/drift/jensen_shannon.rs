//! The Jensen-Shannon distance.

use super::cells::float;
use libm::{log2, sqrt};

/// The root of the divergence in bits, in \[0, 1\], over all cells as they are: what
/// `scipy.spatial.distance.jensenshannon` gives with base 2.
pub(super) fn distance(reference: &[u64], current: &[u64]) -> f64 {
    let (n, m) = (reference.iter().sum::<u64>(), current.iter().sum::<u64>());
    if n == 0 || m == 0 {
        return 0.0;
    }
    let part = |share: f64, mean: f64| if share > 0.0 { share * log2(share / mean) } else { 0.0 };
    let one = |(p, q): (&u64, &u64)| {
        let (p, q) = (float(*p) / float(n), float(*q) / float(m));
        let mean = f64::midpoint(p, q);
        part(p, mean) + part(q, mean)
    };
    let divergence = reference.iter().zip(current).map(one).sum::<f64>() / 2.0;
    // Rounding may leave next to nothing below nothing.
    sqrt(divergence.clamp(0.0, 1.0))
}
