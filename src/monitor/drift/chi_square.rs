//! Pearson's chi-square test that two samples are of one distribution.

use super::cells::{Cells, float};
use super::gamma::chi_square_tail;

/// The statistic and the chance of so great a one without drift, in \[0, 1\], over joined cells: what
/// `scipy.stats.chi2_contingency` gives without a continuity correction.
pub(super) fn test(cells: &Cells) -> (f64, f64) {
    let (reference, current) = cells.totals();
    let whole = float(reference + current);
    if reference == 0 || current == 0 || cells.len() < 2 {
        return (0.0, 1.0);
    }
    let one = |(p, q): (u64, u64)| {
        let both = float(p + q);
        let side = |count: u64, total: u64| {
            let expected = both * (float(total) / whole);
            if expected > 0.0 { (float(count) - expected) * (float(count) - expected) / expected } else { 0.0 }
        };
        side(p, reference) + side(q, current)
    };
    let statistic = cells.pairs().map(one).sum();
    (statistic, chi_square_tail(statistic, cells.len() - 1))
}
