//! Whether one model ranks better than another on the same rows, after DeLong, DeLong and Clarke-Pearson (1988).

use super::delong::{interval, shares};
use super::{Ranking, Z};
use serde::{Deserialize, Serialize};

/// Two areas under the ROC curve over the same rows.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Paired {
    /// The first one's.
    pub first: f64,
    /// The second one's.
    pub second: f64,
    /// How much the second is greater.
    pub difference: f64,
    /// The interval of the difference at [`CONFIDENCE`](super::CONFIDENCE).
    pub interval: (f64, f64),
}

/// Compares two scores of the same rows, higher being odder; none where a kind has fewer than two rows, or the lengths
/// differ.
///
/// Both rank the same rows, so what makes a row hard for both cancels: the interval is narrower than those of the two
/// areas would suggest.
///
/// # Example
/// ```
/// use tamis::evaluation::paired;
/// let labels = [false, false, true, true];
/// let found = paired(&labels, &[0.1, 0.6, 0.5, 0.9], &[0.1, 0.2, 0.5, 0.9]).unwrap();
/// assert!((found.difference - 0.25).abs() < 1e-12);
/// ```
#[must_use]
#[allow(clippy::cast_precision_loss, reason = "counts of rows")]
pub fn paired(labels: &[bool], first: &[f64], second: &[f64]) -> Option<Paired> {
    if first.len() != labels.len() || second.len() != labels.len() {
        return None;
    }
    let outliers = labels.iter().filter(|label| **label).count();
    let others = labels.len() - outliers;
    if outliers < 2 || others < 2 {
        return None;
    }
    let counts = (outliers as f64, others as f64);
    let of = |scores: &[f64]| shares(labels, &[Ranking::new(scores)], counts);
    let (first, second) = (of(first), of(second));
    let area = |shares: &[f64]| {
        let odd = shares.iter().zip(labels).filter(|(_, label)| **label).map(|(share, _)| share);
        odd.sum::<f64>() / counts.0
    };
    let (first_area, second_area) = (area(&first), area(&second));
    let difference = second_area - first_area;
    let variance = |kind: bool, count: f64| {
        let rows = first.iter().zip(&second).zip(labels).filter(|(_, label)| **label == kind);
        let squares = rows.map(|((first, second), _)| second - first - difference).map(|off| off * off);
        squares.sum::<f64>() / (count - 1.0) / count
    };
    let width = Z * libm::sqrt(variance(true, counts.0) + variance(false, counts.1));
    Some(Paired {
        first: first_area,
        second: second_area,
        difference,
        interval: (difference - width, difference + width),
    })
}

/// The area under the ROC curve of some scores, higher being odder, and its interval at
/// [`CONFIDENCE`](super::CONFIDENCE); none where a kind has fewer than two rows, or the lengths differ.
#[must_use]
pub fn area(labels: &[bool], scores: &[f64]) -> Option<(f64, (f64, f64))> {
    let outliers = labels.iter().filter(|label| **label).count();
    if scores.len() != labels.len() || outliers < 2 || labels.len() - outliers < 2 {
        return None;
    }
    let ranking = Ranking::new(scores);
    let area = ranking.auroc(labels);
    Some((area, interval(labels, &[ranking])?))
}

#[cfg(test)]
#[allow(clippy::cast_precision_loss, reason = "counts of rows")]
mod tests {
    use super::paired;
    use proptest::prelude::*;

    /// The shares written out by their definition, and the covariances of the paper.
    fn by_definition(labels: &[bool], scores: [&[f64]; 2]) -> (f64, f64) {
        let pick = |scores: &[f64], kind: bool| -> Vec<f64> {
            scores.iter().zip(labels).filter(|(_, label)| **label == kind).map(|(score, _)| *score).collect()
        };
        let above = |a: f64, b: f64| {
            if a > b {
                1.0
            } else if a < b {
                0.0
            } else {
                0.5
            }
        };
        let mean = |values: &[f64]| values.iter().sum::<f64>() / values.len() as f64;
        let parts = scores.map(|scores| {
            let (odd, rest) = (pick(scores, true), pick(scores, false));
            let v10: Vec<f64> =
                odd.iter().map(|x| mean(&rest.iter().map(|y| above(*x, *y)).collect::<Vec<_>>())).collect();
            let v01: Vec<f64> =
                rest.iter().map(|y| mean(&odd.iter().map(|x| above(*x, *y)).collect::<Vec<_>>())).collect();
            (v10, v01)
        });
        let covariance = |a: &[f64], b: &[f64]| {
            let (ma, mb) = (mean(a), mean(b));
            a.iter().zip(b).map(|(x, y)| (x - ma) * (y - mb)).sum::<f64>() / (a.len() as f64 - 1.0) / a.len() as f64
        };
        let [(a10, a01), (b10, b01)] = &parts;
        let s = |x10: &[f64], y10: &[f64], x01: &[f64], y01: &[f64]| covariance(x10, y10) + covariance(x01, y01);
        let variance = s(a10, a10, a01, a01) + s(b10, b10, b01, b01) - 2.0 * s(a10, b10, a01, b01);
        (mean(b10) - mean(a10), variance)
    }

    proptest! {
        #[test]
        fn equals_the_paper(rows in prop::collection::vec((0_u8..9, 0_u8..9, any::<bool>()), 4..50)) {
            let labels: Vec<bool> = rows.iter().map(|row| row.2).collect();
            let first: Vec<f64> = rows.iter().map(|row| f64::from(row.0)).collect();
            let second: Vec<f64> = rows.iter().map(|row| f64::from(row.1)).collect();
            let outliers = labels.iter().filter(|label| **label).count();
            prop_assume!(outliers > 1 && outliers + 1 < labels.len());
            let found = paired(&labels, &first, &second).unwrap();
            let (difference, variance) = by_definition(&labels, [&first, &second]);
            prop_assert!((found.difference - difference).abs() < 1e-12);
            let width = 1.959_963_984_540_054 * variance.max(0.0).sqrt();
            prop_assert!((found.interval.1 - difference - width).abs() < 1e-7, "{:?} {width}", found);
        }
    }
}
