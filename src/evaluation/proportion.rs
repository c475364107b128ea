//! How sure a share is.

use super::Z;

/// Wilson's score interval (1927) of `hits` among `of`, at [`CONFIDENCE`](super::CONFIDENCE); none of nothing.
///
/// # Example
/// ```
/// let (low, high) = tamis::evaluation::wilson(0, 100).unwrap();
/// assert!(low == 0.0 && (high - 0.03699).abs() < 1e-5);
/// ```
#[must_use]
#[allow(clippy::cast_precision_loss, reason = "counts of rows")]
pub fn wilson(hits: usize, of: usize) -> Option<(f64, f64)> {
    if of == 0 || hits > of {
        return None;
    }
    let (count, share) = (of as f64, hits as f64 / of as f64);
    let square = Z * Z;
    let middle = share + square / (2.0 * count);
    let width = Z * libm::sqrt(share * (1.0 - share) / count + square / (4.0 * count * count));
    let whole = 1.0 + square / count;
    // Rounding must not leave a bound just inside where the count leaves nothing.
    let low = if hits == 0 { 0.0 } else { (middle - width) / whole };
    let high = if hits == of { 1.0 } else { (middle + width) / whole };
    Some((low, high))
}
