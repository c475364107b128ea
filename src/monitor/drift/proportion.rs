//! Whether a share differs from the reference's.

use super::cells::float;
use libm::{asin, erfc, exp, fabs, lgamma, sqrt};

/// Records of the smallest of the four cells from which the normal distribution is close enough.
const LEAST: f64 = 10.0;
/// The 97.5 % point of the normal distribution.
const Z: f64 = 1.959_963_984_540_054;

/// The chance, in \[0, 1\], of shares that differ as much or more without drift: `part` of `whole` on each side.
///
/// By the pooled test of two proportions (the chi-square test of the four cells, without a correction); by Fisher's
/// exact test where a cell would hold fewer than ten records on average.
pub(super) fn p_value(reference: (u64, u64), current: (u64, u64)) -> f64 {
    let (part, whole) = (reference.0 + current.0, reference.1 + current.1);
    if reference.1 == 0 || current.1 == 0 || part == 0 || part == whole {
        return 1.0;
    }
    let pooled = float(part) / float(whole);
    let least = float(reference.1.min(current.1)) * pooled.min(1.0 - pooled);
    if least < LEAST {
        return fisher(reference, current);
    }
    let apart = share(reference) - share(current);
    let error = sqrt(pooled * (1.0 - pooled) * (1.0 / float(reference.1) + 1.0 / float(current.1)));
    erfc(fabs(apart / error) / std::f64::consts::SQRT_2)
}

/// Fisher's exact test, both sides: the chance of all tables with the same margins that are no likelier than this one.
fn fisher(reference: (u64, u64), current: (u64, u64)) -> f64 {
    let (part, whole) = (reference.0 + current.0, reference.1 + current.1);
    let chance = |in_window: u64| {
        let ways = |of: u64, taken: u64| {
            lgamma(float(of) + 1.0) - lgamma(float(taken) + 1.0) - lgamma(float(of - taken) + 1.0)
        };
        exp(ways(current.1, in_window) + ways(reference.1, part - in_window) - ways(whole, part))
    };
    let (least, most) = (part.saturating_sub(reference.1), part.min(current.1));
    // Rounding must not make the table itself likelier than itself.
    let here = chance(current.0) * (1.0 + 1e-7);
    let counted = |value: f64| if value <= here { value } else { 0.0 };
    let middle = mode(part, current.1, whole).clamp(least, most);
    let mut sum = counted(chance(middle));
    // Outwards from the likeliest table until nothing more comes.
    for at in middle + 1..=most {
        let value = chance(at);
        sum += counted(value);
        if value < sum * 1e-18 || value < 1e-300 {
            break;
        }
    }
    for at in (least..middle).rev() {
        let value = chance(at);
        sum += counted(value);
        if value < sum * 1e-18 || value < 1e-300 {
            break;
        }
    }
    sum.min(1.0)
}

/// The likeliest number of the parts that lie in the window.
#[allow(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "not negative, and below the count of records"
)]
fn mode(part: u64, current: u64, whole: u64) -> u64 {
    (float(part + 1) * (float(current + 1) / float(whole + 2))) as u64
}

/// A share in \[0, 1\]; 0 of nothing.
pub(super) fn share((part, whole): (u64, u64)) -> f64 {
    if whole == 0 { 0.0 } else { float(part) / float(whole) }
}

/// Cohen's h: the distance of two shares on the scale 2 asin √p, where it means the same for rare and for common things.
/// From 1 % to 2.2 %, from 20 % to 24 % and from 50 % to 55 % it is 0.1.
pub(super) fn effect(reference: (u64, u64), current: (u64, u64)) -> f64 {
    let scale = |side| 2.0 * asin(sqrt(share(side)));
    scale(current) - scale(reference)
}

/// Wilson's interval of a share at 95 % (1927); all of \[0, 1\] where nothing was seen.
pub(super) fn wilson((part, whole): (u64, u64)) -> (f64, f64) {
    if whole == 0 {
        return (0.0, 1.0);
    }
    let (n, p) = (float(whole), share((part, whole)));
    let scale = 1.0 + Z * Z / n;
    let middle = (p + Z * Z / (2.0 * n)) / scale;
    let reach = Z / scale * sqrt(p * (1.0 - p) / n + Z * Z / (4.0 * n * n));
    ((middle - reach).max(0.0), (middle + reach).min(1.0))
}

#[cfg(test)]
mod tests {
    use super::{effect, p_value, wilson};

    /// From `scipy.stats.chi2_contingency(correction=False)`, `fisher_exact` and statsmodels' `proportion_confint` (scipy 1.17).
    #[test]
    #[allow(clippy::unreadable_literal, clippy::excessive_precision, reason = "as SciPy prints them")]
    fn agrees_with_scipy() {
        for (reference, current, wanted) in include!("proportion.in") {
            let found = p_value(reference, current);
            let fault = format!("{reference:?} {current:?}: {found}, not {wanted}");
            assert!((found - wanted).abs() <= 1e-9 * wanted + 1e-15, "{fault}");
        }
        let (low, high) = wilson((8, 40));
        assert!(
            (low - 0.104_999_897_254_377).abs() < 1e-9 && (high - 0.347_573_063_463_995).abs() < 1e-9,
            "{low} {high}"
        );
        assert!((effect((1, 100), (22, 1000)) - 0.0978).abs() < 1e-3, "{}", effect((1, 100), (22, 1000)));
    }
}
