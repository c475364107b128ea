//! Curves over all thresholds, short enough to be drawn.

use super::ranking::{Ranking, is};

/// Most points of a curve beside its two ends.
const MOST: usize = 200;

/// What a threshold gives: what scores at least as high is flagged.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Point {
    /// Outliers that are flagged, of all outliers.
    pub recall: f64,
    /// Other rows that are flagged, of all others.
    pub false_alarms: f64,
    /// Outliers among the flagged rows.
    pub precision: f64,
}

/// The points from the strictest threshold to the laxest, which flags all; none where the labels are of one kind.
///
/// Points that are close to the one before are left out, so that there are about 200 at most; those that are kept are points
/// of the full curve, the first and the last among them.
#[must_use]
#[allow(clippy::cast_precision_loss, reason = "counts of rows")]
pub fn curve(ranking: &Ranking, labels: &[bool]) -> Vec<Point> {
    let outliers = labels.iter().filter(|label| **label).count();
    let others = labels.len() - outliers;
    if outliers == 0 || others == 0 {
        return Vec::new();
    }
    let (mut found, mut seen) = (0, 0);
    let points = ranking.groups().map(|group| {
        found += group.iter().filter(|row| is(labels, **row)).count();
        seen += group.len();
        Point {
            recall: found as f64 / outliers as f64,
            false_alarms: (seen - found) as f64 / others as f64,
            precision: found as f64 / seen as f64,
        }
    });
    thinned(&points.collect::<Vec<_>>())
}

/// Keeps a point where the curve has gone far enough since the last one kept; its whole length, along the axes, is 2.
#[allow(clippy::cast_precision_loss, reason = "a small constant")]
fn thinned(points: &[Point]) -> Vec<Point> {
    let step = 2.0 / MOST as f64;
    let mut kept: Vec<Point> = Vec::new();
    for (at, point) in points.iter().enumerate() {
        let far = kept
            .last()
            .is_none_or(|last| (point.recall - last.recall) + (point.false_alarms - last.false_alarms) >= step);
        if far || at + 1 == points.len() {
            kept.push(*point);
        }
    }
    kept
}

#[cfg(test)]
mod tests {
    use super::{MOST, curve};
    use crate::evaluation::Ranking;
    use proptest::prelude::*;

    #[test]
    fn one_kind_has_no_curve() {
        let ranking = Ranking::new(&[0.1, 0.2]);
        assert!(curve(&ranking, &[true, true]).is_empty() && curve(&ranking, &[false, false]).is_empty());
    }

    proptest! {
        /// It rises, ends with all rows, is short, and the area below it is the AUROC but for what thinning takes.
        #[test]
        fn is_the_roc(rows in prop::collection::vec((0.0..1.0_f64, any::<bool>()), 2..3000)) {
            let labels: Vec<bool> = rows.iter().map(|row| row.1).collect();
            let scores: Vec<f64> = rows.iter().map(|row| row.0).collect();
            let outliers = labels.iter().filter(|label| **label).count();
            prop_assume!(outliers > 0 && outliers < rows.len());
            let ranking = Ranking::new(&scores);
            let points = curve(&ranking, &labels);
            prop_assert!(points.len() <= MOST + 2);
            let last = points.last().unwrap();
            prop_assert!((last.recall, last.false_alarms) == (1.0, 1.0));
            let (mut before, mut area) = ((0.0, 0.0), 0.0);
            for point in &points {
                prop_assert!(point.recall >= before.0 && point.false_alarms >= before.1);
                area += (point.false_alarms - before.1) * (point.recall + before.0) / 2.0;
                before = (point.recall, point.false_alarms);
            }
            prop_assert!((area - ranking.auroc(&labels)).abs() < 0.02, "{area}");
        }
    }
}
