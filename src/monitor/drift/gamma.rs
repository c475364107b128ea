//! The incomplete gamma function, of which the chi-square distribution is a case.

use libm::{exp, fabs, lgamma, log};

/// Terms after which a series has long converged for any number of cells.
const MOST_TERMS: u32 = 10_000;
/// Below this a term no longer changes a sum of doubles.
const SMALL: f64 = 1e-17;

/// Q(a, x) = Γ(a, x) / Γ(a), the regularised upper incomplete gamma function, for a > 0 and x ≥ 0 (DLMF 8.2.4).
///
/// Below a + 1 by the series of P (DLMF 8.7.1), beyond by Legendre's continued fraction (DLMF 8.9.2) after Lentz.
#[allow(clippy::many_single_char_names, reason = "the names of the sources")]
pub(super) fn upper(a: f64, x: f64) -> f64 {
    if x <= 0.0 {
        return 1.0;
    }
    let front = exp(a * log(x) - x - lgamma(a));
    if x < a + 1.0 {
        let (mut term, mut sum) = (1.0 / a, 1.0 / a);
        for n in 1..MOST_TERMS {
            term *= x / (a + f64::from(n));
            sum += term;
            if term < sum * SMALL {
                break;
            }
        }
        return (1.0 - front * sum).clamp(0.0, 1.0);
    }
    let tiny = f64::MIN_POSITIVE / f64::EPSILON;
    let mut b = x + 1.0 - a;
    let mut c = 1.0 / tiny;
    let mut d = 1.0 / b;
    let mut fraction = d;
    for step in 1..MOST_TERMS {
        let numerator = -f64::from(step) * (f64::from(step) - a);
        b += 2.0;
        d = numerator * d + b;
        d = 1.0 / if fabs(d) < tiny { tiny } else { d };
        c = b + numerator / c;
        c = if fabs(c) < tiny { tiny } else { c };
        fraction *= d * c;
        if fabs(d * c - 1.0) < f64::EPSILON {
            break;
        }
    }
    (front * fraction).clamp(0.0, 1.0)
}

/// The chance that a chi-square variable of so many degrees of freedom is at least x.
pub(super) fn chi_square_tail(x: f64, freedom: usize) -> f64 {
    if freedom == 0 { 1.0 } else { upper(half(freedom), x / 2.0) }
}

/// The value that a chi-square variable exceeds with the chance `tail`, in (0, 1).
pub(super) fn chi_square_critical(tail: f64, freedom: usize) -> f64 {
    if freedom == 0 {
        return 0.0;
    }
    let (mut low, mut high) = (0.0, 1.0);
    while chi_square_tail(high, freedom) > tail && high < 1e9 {
        low = high;
        high *= 2.0;
    }
    // Halving ends when the two are neighbours: 60 bits of a number below 2^30 and its fraction.
    for _ in 0..100 {
        let middle = low + (high - low) / 2.0;
        *(if chi_square_tail(middle, freedom) > tail { &mut low } else { &mut high }) = middle;
    }
    high
}

#[allow(clippy::cast_precision_loss, reason = "a count of cells")]
fn half(freedom: usize) -> f64 {
    freedom as f64 / 2.0
}

#[cfg(test)]
mod tests {
    use super::{chi_square_critical, chi_square_tail, upper};

    /// From `scipy.special.gammaincc` and `scipy.stats.chi2.isf` (1.17).
    #[test]
    #[allow(clippy::unreadable_literal, clippy::excessive_precision, reason = "as SciPy prints them")]
    fn agrees_with_scipy() {
        for (a, x, wanted) in include!("gamma.in") {
            let found = upper(a, x);
            assert!((found - wanted).abs() <= 1e-12 * wanted + 1e-15, "Q({a}, {x}) = {found}, not {wanted}");
        }
        for (tail, freedom, wanted) in
            [(0.01, 9, 21.665_994_333_461_93), (0.05, 1, 3.841_458_820_694_124), (1e-6, 19, 63.677_052_285_677_995)]
        {
            let found = chi_square_critical(tail, freedom);
            assert!((found - wanted).abs() < 1e-9 * wanted, "{found} {wanted}");
        }
        assert_eq!((chi_square_tail(5.0, 0), chi_square_critical(0.01, 0)), (1.0, 0.0));
    }
}
