//! The interval of an AUROC, after DeLong, DeLong and Clarke-Pearson (1988).
//!
//! An AUROC is the mean, over the outliers, of the share of others that each is ranked above, and likewise over the
//! others; the variances of both shares give its variance. For the mean of several runs each row's share is the mean of
//! its shares, which makes the variance of that mean exact and not a sum of what is correlated.

use super::ranking::is;
use super::{CONFIDENCE, Ranking, Z};

/// The interval of the runs' mean AUROC, on the logit scale so that it stays within (0, 1).
///
/// A ranking without a fault has no variance to go by: then the lower bound is that of k pairs without a common row
/// all being right, (1 − confidence)^(1/k). None where one of the kinds has a single row.
#[allow(clippy::cast_precision_loss, reason = "counts of rows")]
pub(super) fn interval(labels: &[bool], rankings: &[Ranking]) -> Option<(f64, f64)> {
    let outliers = labels.iter().filter(|label| **label).count();
    let others = labels.len() - outliers;
    let shares = shares(labels, rankings, (outliers as f64, others as f64));
    let of = |kind: bool| shares.iter().zip(labels).filter(move |(_, label)| **label == kind).map(|(share, _)| *share);
    let area = of(true).sum::<f64>() / outliers as f64;
    let pairs = outliers.min(others);
    if pairs < 2 {
        return None;
    }
    let edge = libm::pow(1.0 - CONFIDENCE, 1.0 / pairs as f64);
    if area >= 1.0 - 1e-12 {
        return Some((edge, 1.0));
    }
    if area <= 1e-12 {
        return Some((0.0, 1.0 - edge));
    }
    let variance = |kind: bool, count: usize| {
        let squares: f64 = of(kind).map(|share| (share - area) * (share - area)).sum();
        squares / (count as f64 - 1.0) / count as f64
    };
    let deviation = libm::sqrt(variance(true, outliers) + variance(false, others));
    let logit = libm::log(area / (1.0 - area));
    let width = Z * deviation / (area * (1.0 - area));
    let back = |value: f64| 1.0 / (1.0 + libm::exp(-value));
    Some((back(logit - width), back(logit + width)))
}

/// For each outlier the share of others below it, for each other the share of outliers above it, ties half; the mean of
/// the runs.
#[allow(clippy::cast_precision_loss, reason = "counts of rows")]
pub(super) fn shares(labels: &[bool], rankings: &[Ranking], (outliers, others): (f64, f64)) -> Vec<f64> {
    let mut shares = vec![0.0; labels.len()];
    for ranking in rankings {
        let (mut odd_above, mut rest_above) = (0.0, 0.0);
        for group in ranking.groups() {
            let odd = group.iter().filter(|row| is(labels, **row)).count() as f64;
            let rest = group.len() as f64 - odd;
            let of_odd = (others - rest_above - rest / 2.0) / others;
            let of_rest = (odd_above + odd / 2.0) / outliers;
            for row in group {
                if let Some(share) = shares.get_mut(*row as usize) {
                    *share += if is(labels, *row) { of_odd } else { of_rest };
                }
            }
            odd_above += odd;
            rest_above += rest;
        }
    }
    let runs = rankings.len() as f64;
    for share in &mut shares {
        *share /= runs;
    }
    shares
}
