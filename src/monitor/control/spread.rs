//! How far an ordinary batch's share may lie from the others', and how surely that is known.

use super::blocks::Observed;
use super::chart::Sides;
use super::differ::Differ;
use serde::{Deserialize, Serialize};

/// The mean of the range of two normal values, in standard deviations (Shewhart's d₂).
const D2: f64 = std::f64::consts::FRAC_2_SQRT_PI;
/// Degrees of freedom that each moving range adds: neighbours share a value.
const FREEDOM: f64 = 0.62;
/// How far the chances of a hit differ from batch to batch, as a part of their mean, before batches have shown it.
pub(super) const ASSUMED: f64 = 0.2;
/// What that assumption counts in degrees of freedom: as much as seventeen batches. With less, a large batch of independent records
/// could not be out of control for days, because nothing but the assumption would tell how far it may lie.
const ASSUMED_FREEDOM: f64 = 10.0;

/// `σ_z`², the factor by which the variance of a batch's z-value exceeds that of independent records, in its two parts.
///
/// What neighbours share (the lines of an invoice) raises it by the same factor in a batch of any size; what batches differ by
/// (a chance of a hit that is another every day) raises it in proportion to the batch. Laney's `σ_z` is both together, at the
/// size that his batches have on average; that size is where the two parts are told apart.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Spread {
    /// The factor by which neighbours raise the variance, from blocks within the batches; at least 1.
    pub groups: f64,
    /// Its degrees of freedom.
    pub groups_freedom: f64,
    /// Laney's `σ_z`², from the moving range of the batches.
    pub range: f64,
    /// Its degrees of freedom; 0 of a single batch.
    pub range_freedom: f64,
    /// Records of a batch on average.
    pub mean: f64,
    /// Records of the largest batch.
    pub largest: f64,
    /// What batches are assumed to differ by, a record.
    pub assumed: f64,
    /// What batches differ by where both sides are watched.
    pub differ: Option<Differ>,
}

/// A [`Spread`] for a batch of some size.
#[derive(Clone, Copy, Debug)]
pub(super) struct At {
    /// The part of neighbours.
    pub(super) groups: f64,
    /// The part of batches that differ.
    pub(super) days: f64,
    /// Degrees of freedom of the sum.
    pub(super) freedom: f64,
}

impl Spread {
    /// Learns from batches in their order, of which the share `safe` are hits; none where no batch has neighbours to compare.
    #[allow(clippy::cast_precision_loss, reason = "counts of records and batches stay far below 2^53")]
    pub(super) fn of(batches: &[&Observed], safe: f64, sides: Sides) -> Option<Self> {
        let unit = safe * (1.0 - safe);
        let (groups, groups_freedom) = within(batches, unit)?;
        let groups = groups.max(1.0);
        let records = batches.iter().map(|batch| batch.records).sum::<u64>() as f64;
        let mean = records / batches.len() as f64;
        let odds = rarer(safe);
        let range_freedom = FREEDOM * batches.len().saturating_sub(1) as f64;
        let range = if range_freedom > 0.0 { between(batches, unit, mean * odds, groups) } else { groups };
        let largest = batches.iter().map(|batch| batch.records).max().unwrap_or_default() as f64;
        let assumed = ASSUMED * ASSUMED * odds;
        let differ = (sides == Sides::Both).then(|| Differ::of(range, range_freedom, groups, (mean, odds)));
        Some(Self { groups, groups_freedom, range, range_freedom, mean, largest, assumed, differ })
    }

    /// The parts for a batch of so many records. What batches differ by is not extrapolated beyond the largest one seen.
    ///
    /// The degrees of freedom are Satterthwaite's of a sum of estimates, the assumption being one of them.
    pub(super) fn at(&self, records: f64) -> At {
        let records = records.min(self.largest);
        let square = |value: f64| value * value;
        if let Some(differ) = &self.differ {
            let days = records * differ.mean;
            let error = square(self.groups) / self.groups_freedom + square(records) * differ.variance / 2.0;
            return At { groups: self.groups, days, freedom: square(self.groups + days) / error };
        }
        let weight = self.range_freedom / (self.range_freedom + ASSUMED_FREEDOM);
        let assumed = (1.0 - weight) * self.assumed * records;
        let slope = weight * records / self.mean;
        let days = assumed + slope * (self.range - self.groups);
        if days <= 0.0 {
            return At { groups: self.groups, days: 0.0, freedom: self.groups_freedom };
        }
        let mut error = square(self.groups * (1.0 - slope)) / self.groups_freedom + square(assumed) / ASSUMED_FREEDOM;
        if self.range_freedom > 0.0 {
            error += square(slope * self.range) / self.range_freedom;
        }
        At { groups: self.groups, days, freedom: square(self.groups + days) / error }
    }
}

/// The odds of a hit, or of a miss where that is rarer.
pub(super) fn rarer(share: f64) -> f64 {
    let rare = share.min(1.0 - share);
    rare / (1.0 - rare)
}

/// `σ_z`² from blocks within the batches, and its degrees of freedom.
#[allow(clippy::cast_precision_loss, reason = "counts of blocks")]
fn within(batches: &[&Observed], unit: f64) -> Option<(f64, f64)> {
    let freedom = batches.iter().map(|batch| batch.freedom).sum::<u64>() as f64;
    let spread: f64 = batches.iter().map(|batch| batch.spread).sum();
    (freedom > 0.0).then(|| (spread / freedom / unit, freedom))
}

/// `σ_z`² from the moving range between batches that hold `hits` hits on average, and have at least the spread `least`.
#[allow(clippy::cast_precision_loss, reason = "counts of records and batches")]
fn between(batches: &[&Observed], unit: f64, hits: f64, least: f64) -> f64 {
    let records = batches.iter().map(|batch| batch.records).sum::<u64>().max(1) as f64;
    let centre = batches.iter().map(|batch| batch.hits).sum::<u64>() as f64 / records;
    let z = |batch: &&Observed| (batch.rate() - centre) / libm::sqrt(unit / batch.records.max(1) as f64);
    let values: Vec<f64> = batches.iter().map(z).collect();
    let ranges = values.iter().zip(values.iter().skip(1)).map(|(before, after)| (after - before).abs());
    let steps = values.len().saturating_sub(1).max(1) as f64;
    let sigma = ranges.sum::<f64>() / steps / D2;
    let square = sigma * sigma;
    // How skewed the shares are depends on their spread; the second time the spread is nearly right.
    let first = square / shortfall(hits / square.max(least));
    square / shortfall(hits / first.max(least))
}

/// The square of the mean range of two values of a gamma distribution, in that of two normal ones of the same variance: below 1
/// where the distribution is skewed, as that of few groups of hits is, because most values are then near each other.
fn shortfall(shape: f64) -> f64 {
    // Beyond this the logarithms of the gamma function would cancel, and their difference is known.
    let ratio = if shape > 1000.0 {
        1.0 - 1.0 / (8.0 * shape)
    } else {
        libm::exp(libm::lgamma(shape + 0.5) - libm::lgamma(shape)) / libm::sqrt(shape)
    };
    ratio * ratio
}

#[cfg(test)]
#[allow(clippy::cast_precision_loss, reason = "counts of records and blocks")]
mod tests {
    use super::{ASSUMED_FREEDOM, FREEDOM, Observed, Sides, Spread, shortfall};

    /// The Gini mean difference of an exponential distribution is its deviation; of a normal one 2/√π of it.
    #[test]
    fn skewed_values_have_shorter_ranges() {
        assert!((shortfall(1.0) - std::f64::consts::FRAC_PI_4).abs() < 1e-12);
        assert!((shortfall(999.0) / shortfall(1001.0) - 1.0).abs() < 1e-5);
        assert!(shortfall(0.1) < shortfall(0.2) && shortfall(1e9) <= 1.0);
    }

    /// Batches of one share and evenness: hits and the spread of independent records.
    fn batch(records: u64, hits: u64) -> Observed {
        let rate = hits as f64 / records as f64;
        let freedom = records / 50 - 1;
        Observed { records, hits, spread: freedom as f64 * rate * (1.0 - rate), freedom }
    }

    #[test]
    fn batches_that_differ_spread_more_the_larger_they_are() {
        let shown = [batch(1000, 20), batch(1000, 80), batch(1000, 20), batch(1000, 80), batch(1000, 50)];
        let spread = Spread::of(&shown.iter().collect::<Vec<_>>(), 0.05, Sides::High).unwrap();
        let (small, mean, huge) = (spread.at(100.0), spread.at(1000.0), spread.at(1e6));
        assert!((mean.days / small.days - 10.0).abs() < 1e-9);
        assert!((mean.groups - small.groups).abs() < 1e-12);
        // Nothing is said of sizes that were not seen.
        assert!((huge.days - mean.days).abs() < 1e-9);
        // At the mean size it is about Laney's, and no surer than that; of a small one the blocks are surer.
        let weight = 4.0 * FREEDOM / (4.0 * FREEDOM + ASSUMED_FREEDOM);
        assert!(mean.groups + mean.days > weight * spread.range && mean.groups + mean.days < 1.1 * spread.range);
        assert!(mean.freedom < 2.0 * spread.range_freedom && small.freedom > mean.freedom);
    }

    #[test]
    fn one_batch_is_not_taken_for_all() {
        let one = batch(10_000, 500);
        let spread = Spread::of(&[&one], 0.05, Sides::High).unwrap();
        assert!(spread.range_freedom == 0.0 && spread.at(10_000.0).days > 5.0);
        assert!(spread.at(10_000.0).freedom < 12.0);
        // In a small batch it is chance that counts.
        assert!(spread.at(100.0).freedom > 50.0);
    }
}
