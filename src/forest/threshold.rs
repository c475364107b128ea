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

/// A threshold that keeps a budget of alarms, and what it rests on.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Budgeted {
    /// Rows with a greater score are flagged.
    pub threshold: f64,
    /// Rows that it was calibrated on.
    pub rows: usize,
    /// How many of them lie above it: fewer than the budget, for safety.
    pub above: usize,
}

/// Why no threshold keeps a budget.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TooFewForBudget {
    /// Rows there are.
    pub rows: usize,
    /// Rows that it takes.
    pub needed: usize,
}

/// The lowest threshold that flags at most a share `rate` of further rows, with so much confidence.
///
/// The scores are of rows that the forest has not seen and that come as the further ones will. The share of further
/// scores above the k-th greatest of m is Beta(k, m − k + 1) distributed, whatever the scores' own distribution (Wilks
/// 1941); the threshold is the greatest k for which that share is at most `rate` with the confidence asked for, which is
/// where a binomial of m and `rate` reaches k with that probability. Ties make it flag less, never more. Reorders the
/// scores.
///
/// # Errors
/// When even the greatest score of so few rows could not promise it.
///
/// # Example
/// ```
/// use tamis::forest::threshold_for_budget;
///
/// let mut scores: Vec<f64> = (0..1000).map(|at| f64::from(at) / 1000.0).collect();
/// let kept = threshold_for_budget(&mut scores, 0.01, 0.95)?;
/// assert_eq!((kept.threshold, kept.above), (0.995, 4));
/// assert_eq!(threshold_for_budget(&mut scores[..100], 0.01, 0.95).unwrap_err().needed, 299);
/// # Ok::<(), tamis::forest::TooFewForBudget>(())
/// ```
pub fn threshold_for_budget(scores: &mut [f64], rate: f64, confidence: f64) -> Result<Budgeted, TooFewForBudget> {
    let rows = scores.len();
    let above = allowed_above(rows, rate, 1.0 - confidence);
    let Some(above) = above.filter(|above| *above < rows) else {
        return Err(TooFewForBudget { rows, needed: needed(rate, 1.0 - confidence) });
    };
    let (_, threshold, _) = scores.select_nth_unstable_by(above, |a, b| b.total_cmp(a));
    Ok(Budgeted { threshold: *threshold, rows, above })
}

/// The most that may lie above the threshold: the greatest j with P(Bin(rows, rate) ≤ j) ≤ risk.
#[allow(clippy::cast_precision_loss, reason = "counts of rows")]
fn allowed_above(rows: usize, rate: f64, risk: f64) -> Option<usize> {
    let odds = libm::log(rate) - libm::log1p(-rate);
    // Logarithms, because (1 − rate)^rows may be less than any double.
    let mut term = rows as f64 * libm::log1p(-rate);
    let mut sum = 0.0;
    let mut allowed = None;
    for above in 0..rows {
        sum += libm::exp(term);
        if sum > risk {
            break;
        }
        allowed = Some(above);
        term += libm::log((rows - above) as f64 / (above + 1) as f64) + odds;
    }
    allowed
}

/// The fewest rows with (1 − rate)^rows ≤ risk.
#[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "saturates, and is not negative")]
fn needed(rate: f64, risk: f64) -> usize {
    libm::ceil(libm::log(risk) / libm::log1p(-rate)) as usize
}
