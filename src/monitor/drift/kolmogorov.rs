//! The Kolmogorov-Smirnov statistic over bins.

use super::cells::float;
use libm::{exp, fabs, sqrt};

/// The greatest distance of the two distribution functions at the edges of the ordered cells, in \[0, 1\]. Within the
/// bins they may be further apart.
pub(super) fn statistic(reference: &[u64], current: &[u64]) -> f64 {
    let (n, m) = (reference.iter().sum::<u64>(), current.iter().sum::<u64>());
    if n == 0 || m == 0 {
        return 0.0;
    }
    let (mut below, mut most) = ((0, 0), 0.0_f64);
    for (p, q) in reference.iter().zip(current) {
        below = (below.0 + p, below.1 + q);
        most = most.max(fabs(float(below.0) / float(n) - float(below.1) / float(m)));
    }
    most
}

/// The chance of so great a distance or a greater one without drift, by Kolmogorov's limit. Over bins it is an upper
/// bound, for the statistic is no greater than over the values themselves.
pub(super) fn p_value(statistic: f64, reference: u64, current: u64) -> f64 {
    let (n, m) = (float(reference), float(current));
    if reference == 0 || current == 0 {
        return 1.0;
    }
    limit(statistic * sqrt(n / (n + m)) * sqrt(m))
}

/// 2 Σ (−1)^(k−1) exp(−2 k² x²), below 1 by its theta transform, which converges where the series does not.
fn limit(x: f64) -> f64 {
    const PI: f64 = std::f64::consts::PI;
    if x <= 0.04 {
        return 1.0;
    }
    let p = if x < 1.0 {
        let one = |k: u32| {
            let odd = f64::from(2 * k + 1) * PI / x;
            exp(-odd * odd / 8.0)
        };
        1.0 - sqrt(2.0 * PI) / x * (0..20).map(one).sum::<f64>()
    } else {
        let one = |k: u32| {
            let term = exp(-2.0 * f64::from(k) * f64::from(k) * x * x);
            if k % 2 == 1 { term } else { -term }
        };
        2.0 * (1..30).map(one).sum::<f64>()
    };
    p.clamp(0.0, 1.0)
}

#[cfg(test)]
mod tests {
    use super::{limit, statistic};

    /// From `scipy.special.kolmogorov` (1.17).
    #[test]
    #[allow(clippy::unreadable_literal, clippy::excessive_precision, reason = "as SciPy prints them")]
    fn agrees_with_scipy() {
        for (x, wanted) in include!("kolmogorov.in") {
            let found = limit(x);
            assert!((found - wanted).abs() <= 1e-11 * wanted + 1e-14, "K({x}) = {found}, not {wanted}");
        }
        let found = statistic(&[0, 10, 10, 0], &[5, 5, 0, 10]);
        assert!((found - 0.5).abs() < 1e-15, "{found}");
    }
}
