//! Many columns are tested at once, so some look different by chance.

/// The p-values adjusted after Benjamini and Hochberg (1995), in their order: a value of at most `alpha` is one that the
/// procedure at the level `alpha` rejects. Where nothing drifts, the chance that anything at all is rejected is at most
/// `alpha`, for columns that are independent or positively dependent (Benjamini and Yekutieli 2001).
pub(super) fn adjusted(p: &[f64]) -> Vec<f64> {
    let mut order: Vec<usize> = (0..p.len()).collect();
    let value = |at: usize| p.get(at).copied().unwrap_or(1.0);
    order.sort_by(|left, right| value(*left).total_cmp(&value(*right)));
    let mut adjusted = vec![1.0; p.len()];
    let mut least = 1.0_f64;
    for (rank, at) in order.iter().enumerate().rev() {
        #[allow(clippy::cast_precision_loss, reason = "a count of columns")]
        let factor = p.len() as f64 / (rank + 1) as f64;
        least = least.min(value(*at) * factor);
        if let Some(place) = adjusted.get_mut(*at) {
            *place = least;
        }
    }
    adjusted
}

#[cfg(test)]
mod tests {
    use super::adjusted;

    /// From `scipy.stats.false_discovery_control` (1.17).
    #[test]
    fn agrees_with_scipy() {
        let found = adjusted(&[0.01, 0.04, 0.03, 0.005, 0.8]);
        for (found, wanted) in found.iter().zip([0.025, 0.05, 0.05, 0.025, 0.8]) {
            assert!((found - wanted).abs() < 1e-15, "{found} {wanted}");
        }
        assert_eq!((adjusted(&[]), adjusted(&[0.2])), (vec![], vec![0.2]));
    }
}
