//! Where the decision function changes its sign.

/// scikit-learn's `offset_` for a contamination: the percentile of −score over the training rows.
///
/// Interpolates linearly between neighbours, as `numpy.percentile` does. `rate` is in (0, 0.5]; the scores are
/// reordered in place. Without scores it is −0.5, which is [`Contamination::Auto`](super::Contamination::Auto)'s.
///
/// # Example
/// ```
/// use tamis::forest::offset_for;
///
/// let offset = offset_for(&mut [0.4, 0.6, 0.5, 0.3, 0.7], 0.25);
/// assert!((offset - -0.6).abs() < 1e-12);
/// ```
#[must_use]
#[allow(clippy::cast_precision_loss, reason = "counts of rows stay far below 2^53")]
#[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "between 0 and the count of rows")]
pub fn offset_for(scores: &mut [f64], rate: f64) -> f64 {
    let Some(last) = scores.len().checked_sub(1) else {
        return AUTO_OFFSET;
    };
    let position = last as f64 * (100.0 * rate / 100.0);
    let below = (position as usize).min(last);
    let share = position - below as f64;
    // Descending scores are ascending −scores.
    let (_, &mut low, rest) = scores.select_nth_unstable_by(below, |a, b| b.total_cmp(a));
    let high = rest.iter().copied().max_by(f64::total_cmp).unwrap_or(low);
    let (low, high) = (-low, -high);
    let step = high - low;
    if share >= 0.5 { high - step * (1.0 - share) } else { low + step * share }
}

/// The offset without a contamination, as the paper and scikit-learn have it.
pub(super) const AUTO_OFFSET: f64 = -0.5;
