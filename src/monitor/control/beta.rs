//! Quantiles of the beta, Student's and the normal distribution, equal bit for bit on every target.
//!
//! All come from the regularised incomplete beta function by bisection: a chart is drawn a few times a batch, so that
//! being right at every corner is worth more than being fast.

/// Halvings until two doubles in \[0, 1\] are neighbours, however small they are.
const HALVINGS: usize = 1100;
/// Terms of the continued fraction; it needs about the root of the larger parameter.
const TERMS: u32 = 10_000;
/// What stands for a denominator of 0 in Lentz's method.
const TINY: f64 = 1e-300;

/// The regularised incomplete beta function `I_x(a, b)`, for a and b above 0 and x in \[0, 1\].
///
/// The continued fraction of *Numerical Recipes* (third edition, 6.4), by the modified method of Lentz.
pub(super) fn incomplete(a: f64, b: f64, x: f64) -> f64 {
    if x <= 0.0 {
        return 0.0;
    }
    if x >= 1.0 {
        return 1.0;
    }
    let front = libm::lgamma(a + b) - libm::lgamma(a) - libm::lgamma(b) + a * libm::log(x) + b * libm::log1p(-x);
    let front = libm::exp(front);
    // The fraction converges quickly on this side of the mean alone.
    if x < (a + 1.0) / (a + b + 2.0) {
        front * fraction(a, b, x) / a
    } else {
        1.0 - front * fraction(b, a, 1.0 - x) / b
    }
}

#[allow(clippy::many_single_char_names, reason = "the names that the literature has")]
fn fraction(a: f64, b: f64, x: f64) -> f64 {
    let kept = |value: f64| if value.abs() < TINY { TINY } else { value };
    let mut c = 1.0;
    let mut d = 1.0 / kept(1.0 - (a + b) * x / (a + 1.0));
    let mut sum = d;
    for term in 1..=TERMS {
        let m = f64::from(term);
        let even = m * (b - m) * x / ((a + 2.0 * m - 1.0) * (a + 2.0 * m));
        d = 1.0 / kept(1.0 + even * d);
        c = kept(1.0 + even / c);
        sum *= d * c;
        let odd = -(a + m) * (a + b + m) * x / ((a + 2.0 * m) * (a + 2.0 * m + 1.0));
        d = 1.0 / kept(1.0 + odd * d);
        c = kept(1.0 + odd / c);
        let step = d * c;
        sum *= step;
        if (step - 1.0).abs() < 1e-15 {
            break;
        }
    }
    sum
}

/// The value below which a beta distribution has the share `share`.
fn quantile(share: f64, a: f64, b: f64) -> f64 {
    bisect(0.0, 1.0, |x| incomplete(a, b, x) < share)
}

/// The value that Student's distribution with so many degrees of freedom exceeds with the chance `alpha`, below ½.
pub(super) fn student(alpha: f64, freedom: f64) -> f64 {
    // t² / (ν + t²) is beta distributed; on this side it keeps its digits when ν is large.
    let share = quantile(1.0 - 2.0 * alpha, 0.5, freedom / 2.0);
    libm::sqrt(freedom * share / (1.0 - share))
}

/// The value that the normal distribution exceeds with the chance `alpha`, below ½.
pub(super) fn normal(alpha: f64) -> f64 {
    bisect(0.0, 40.0, |x| libm::erfc(x / std::f64::consts::SQRT_2) / 2.0 > alpha)
}

/// Where a condition that holds at first stops holding.
pub(super) fn bisect(mut low: f64, mut high: f64, holds: impl Fn(f64) -> bool) -> f64 {
    for _ in 0..HALVINGS {
        let middle = low + (high - low) / 2.0;
        if middle <= low || middle >= high {
            break;
        }
        if holds(middle) {
            low = middle;
        } else {
            high = middle;
        }
    }
    high
}

#[cfg(test)]
mod tests {
    use super::{incomplete, normal, quantile, student};

    /// By scipy 1.16: `scipy.stats.beta.ppf`, `t.isf`, `norm.isf`.
    #[test]
    #[allow(clippy::unreadable_literal, reason = "as scipy prints them")]
    fn agree_with_scipy() {
        let close = |ours: f64, theirs: f64| assert!((ours / theirs - 1.0).abs() < 1e-9, "{ours} {theirs}");
        for (share, a, b, theirs) in [
            (0.99865, 0.35, 12.5, 0.3127203663208949),
            (0.99865, 40.0, 3000.0, 0.020213318991509677),
            (0.00135, 40.0, 3000.0, 0.0078042036510178455),
            (0.5, 0.01, 2.0, 2.916507216282999e-31),
            (0.99865, 3000.0, 20000.0, 0.13718192378911512),
            (0.01, 0.5, 0.5, 0.00024671981713422146),
        ] {
            close(quantile(share, a, b), theirs);
            close(incomplete(a, b, theirs), share);
        }
        for (alpha, freedom, theirs) in [
            (0.00135, 1.0, 235.7836871584926),
            (0.00135, 5.0, 5.506984967354847),
            (0.00135, 38.5, 3.206962279716898),
            (0.025, 300.0, 1.967903011261087),
            (0.00135, 10000000.0, 2.9999777426874608),
        ] {
            close(student(alpha, freedom), theirs);
        }
        close(normal(0.00135), 2.9999769927033935);
    }
}
