//! The Wasserstein-1 distance over bins.

use super::cells::float;
use libm::{fabs, sqrt};

/// How far the window's values lie from the reference's on average, in the column's own unit: the area between the two
/// distribution functions, each cell's records standing at its representative (see `Bins::representatives`).
pub(super) fn distance(points: &[f64], reference: &[u64], current: &[u64]) -> f64 {
    let (n, m) = (reference.iter().sum::<u64>(), current.iter().sum::<u64>());
    if n == 0 || m == 0 {
        return 0.0;
    }
    let (mut below, mut area) = ((0, 0), 0.0);
    let cells = points.iter().zip(points.iter().skip(1)).zip(reference.iter().zip(current));
    for ((from, to), (p, q)) in cells {
        below = (below.0 + p, below.1 + q);
        area += (to - from) * fabs(float(below.0) / float(n) - float(below.1) / float(m));
    }
    area
}

/// The standard deviation of the reference over the same points.
pub(super) fn deviation(points: &[f64], counts: &[u64]) -> f64 {
    let total = float(counts.iter().sum::<u64>());
    if total == 0.0 {
        return 0.0;
    }
    let mean = points.iter().zip(counts).map(|(point, count)| point * (float(*count) / total)).sum::<f64>();
    let square = |(point, count): (&f64, &u64)| (point - mean) * (point - mean) * (float(*count) / total);
    sqrt(points.iter().zip(counts).map(square).sum())
}
