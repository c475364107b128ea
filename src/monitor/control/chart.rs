//! Laney's p′-chart, made to predict.

use super::beta::{incomplete, normal, quantile, student};
use super::blocks::Observed;
use serde::{Deserialize, Serialize};

/// Batches from which what differs between batches is estimated, and from which a majority can outvote an alarm.
pub const ENOUGH_BATCHES: usize = 10;
/// The latest batches that a chart looks at: a year of slow change is no alarm, and memory is bounded.
pub const MOST_BATCHES: usize = 100;
/// The mean of the range of two normal values, in standard deviations (Shewhart's d₂).
const D2: f64 = std::f64::consts::FRAC_2_SQRT_PI;
/// Degrees of freedom that each moving range adds: neighbours share a value.
const FREEDOM: f64 = 0.62;
/// How much less skewed a batch's share is than a beta distribution of its mean and variance. Measured on years of days
/// made of a real shop's invoices: with 1 one bad day in ten is missed, with 2 there are twice as many false alarms.
const LESS_SKEWED: f64 = 1.4;
/// The chance of an ordinary batch to be left out of the baseline.
const BAD: f64 = 1e-6;
/// Rounds in which a baseline settles; more never happened, and a cycle between two baselines must end.
const ROUNDS: usize = 20;

/// When a batch is out of control.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Rule {
    /// The chance that an ordinary batch is beyond a limit; with both sides, beyond each of them.
    pub alpha: f64,
    /// Which limits there are.
    pub sides: Sides,
}

/// Which limits a chart has.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Sides {
    /// Too many hits.
    High,
    /// Too many and too few.
    Both,
}

/// A batch that was judged before.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Past {
    /// What it showed.
    pub observed: Observed,
    /// Whether it was out of control when it came.
    pub alarmed: bool,
}

/// Where the records' dependence was estimated.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Source {
    /// From blocks of neighbours within batches: what differs between batches is not in it.
    Blocks,
    /// From the moving range of batches, as Laney has it.
    Batches,
}

/// The share of hits that is ordinary, and how far an ordinary batch may lie from it.
///
/// Laney's chart (*Quality Engineering* 14, 2002) has the limits `p̄ ± k·σ_z·√(p̄(1 − p̄)/n)`, where `σ_z`, the deviation of
/// the batches' z-values from their moving range, holds what binomial limits leave out: records that depend on each
/// other, and days that differ. Three things are added, each of which vanishes as the baseline grows:
///
/// * Before there are [`ENOUGH_BATCHES`], `σ_z` comes from blocks of neighbours within the batches; after that it is never
///   less than those show, nor less than 1.
/// * The limits are those of a prediction: 1/n + 1/N in place of 1/n for a baseline of N records, and Student's quantile
///   for the degrees of freedom of `σ_z`.
/// * The quantiles are those of a scaled beta distribution with that mean and variance: hits come in groups, so few are
///   skewed, and normal limits would alarm too often. Of many it is normal.
///
/// # Example
/// ```
/// use tamis::monitor::control::{Blocks, Chart, Past, Rule, Sides};
/// let batch = |every: u64| {
///     let mut blocks = Blocks::default();
///     (0..2000).for_each(|record: u64| blocks.push(record.is_multiple_of(every)));
///     blocks.observed()
/// };
/// let rule = Rule { alpha: 0.00135, sides: Sides::High };
/// let chart = Chart::learn(&[Past { observed: batch(50), alarmed: false }], rule).unwrap();
/// assert!(!chart.is_out(&batch(40), rule));
/// assert!(chart.is_out(&batch(10), rule));
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Chart {
    /// The share of hits in the baseline.
    pub centre: f64,
    /// Records of the baseline.
    pub records: f64,
    /// Batches of the baseline.
    pub batches: usize,
    /// `σ_z`.
    pub sigma: f64,
    /// Its degrees of freedom.
    pub freedom: f64,
    /// Where it comes from.
    pub source: Source,
}

/// The limits for a batch of some size.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Limits {
    /// The least ordinary share; 0 where there is no such limit.
    pub low: f64,
    /// The greatest; 1 where the baseline cannot tell for so few records.
    pub high: f64,
}

impl Chart {
    /// Learns what is ordinary from the latest batches, in their order; none where no batch has neighbours to compare.
    ///
    /// A batch that was out of control is not in the baseline, unless it lies within the limits that the others set by
    /// now; from [`ENOUGH_BATCHES`] on, those of one in a million: what is beyond them is bad beyond doubt, while leaving
    /// out what is merely unusual would narrow the limits, and more and more ordinary batches would fall beyond them.
    /// Where most of the latest [`MOST_BATCHES`] were out of control, the baseline grows anew from the half of them that
    /// is nearest to their median: neither a lucky first day nor a lasting change shuts out for ever what comes after it.
    #[must_use]
    pub fn learn(past: &[Past], rule: Rule) -> Option<Self> {
        let past = past.get(past.len().saturating_sub(MOST_BATCHES)..).unwrap_or_default();
        let alarmed = past.iter().filter(|batch| batch.alarmed).count();
        let enough = past.len() >= ENOUGH_BATCHES;
        let voted = enough && 2 * alarmed > past.len();
        let rule = if enough { Rule { alpha: rule.alpha.min(BAD), ..rule } } else { rule };
        let mut inside: Vec<bool> = if voted { core(past) } else { past.iter().map(|batch| !batch.alarmed).collect() };
        let mut chart = Self::of(past, &inside);
        for _ in 0..ROUNDS {
            let found = chart?;
            let width = found.width(rule.alpha);
            let keep = |batch: &Past| (!enough && !batch.alarmed) || !found.is_beyond(&batch.observed, rule, width);
            let next: Vec<bool> = past.iter().map(keep).collect();
            if next == inside {
                break;
            }
            inside = next;
            chart = Self::of(past, &inside).or(chart);
        }
        chart
    }

    /// The chart of the chosen batches.
    #[allow(clippy::cast_precision_loss, reason = "counts of records stay far below 2^53")]
    fn of(past: &[Past], inside: &[bool]) -> Option<Self> {
        let chosen: Vec<&Observed> =
            past.iter().zip(inside).filter(|(_, inside)| **inside).map(|(batch, _)| &batch.observed).collect();
        let records = chosen.iter().map(|batch| batch.records).sum::<u64>() as f64;
        let hits = chosen.iter().map(|batch| batch.hits).sum::<u64>() as f64;
        if records <= 0.0 {
            return None;
        }
        // Half a hit more, and half a miss: without any hit there is still a variance.
        let safe = (hits + 0.5) / (records + 1.0);
        let unit = safe * (1.0 - safe);
        let mut estimate = within(&chosen, unit).map(|(square, freedom)| (square, freedom, Source::Blocks));
        if chosen.len() >= ENOUGH_BATCHES {
            let (square, freedom) = between(&chosen, hits / records, unit);
            estimate = estimate.filter(|estimate| estimate.0 >= square).or(Some((square, freedom, Source::Batches)));
        }
        let (square, freedom, source) = estimate?;
        let square = square.max(1.0);
        // The prior counts as much as one group of records that fall together.
        let centre = (hits + square / 2.0) / (records + square);
        Some(Self { centre, records, batches: chosen.len(), sigma: libm::sqrt(square), freedom, source })
    }

    /// The limits for a batch of so many records.
    #[must_use]
    pub fn limits(&self, records: u64, rule: Rule) -> Limits {
        let Some((a, b)) = self.beta(records, self.width(rule.alpha)) else {
            return Limits { low: 0.0, high: 1.0 };
        };
        let low = match rule.sides {
            Sides::High => 0.0,
            Sides::Both => self.wide(quantile(rule.alpha, a, b)),
        };
        Limits { low, high: self.wide(quantile(1.0 - rule.alpha, a, b)) }
    }

    /// Whether a batch is beyond a limit.
    #[must_use]
    pub fn is_out(&self, batch: &Observed, rule: Rule) -> bool {
        self.is_beyond(batch, rule, self.width(rule.alpha))
    }

    /// The same, with the width that was computed before.
    fn is_beyond(&self, batch: &Observed, rule: Rule, width: f64) -> bool {
        let Some((a, b)) = self.beta(batch.records, width) else {
            return false;
        };
        let below = incomplete(a, b, self.centre + (batch.rate() - self.centre) / LESS_SKEWED);
        below > 1.0 - rule.alpha || (rule.sides == Sides::Both && below < rule.alpha)
    }

    /// A share of the narrower distribution of [`beta`](Self::beta) as one of a batch.
    fn wide(&self, share: f64) -> f64 {
        (self.centre + (share - self.centre) * LESS_SKEWED).clamp(0.0, 1.0)
    }

    /// How much wider Student's quantile makes the limits than the normal one.
    fn width(&self, alpha: f64) -> f64 {
        student(alpha, self.freedom) / normal(alpha)
    }

    /// The parameters of a beta distribution whose deviations from the mean are those of an ordinary batch's share, divided
    /// by [`LESS_SKEWED`]: as much less skewed is the share for it; none where so few records tell nothing.
    #[allow(clippy::cast_precision_loss, reason = "counts of records stay far below 2^53")]
    fn beta(&self, records: u64, width: f64) -> Option<(f64, f64)> {
        let square = self.sigma * self.sigma;
        let relative = square * (1.0 / records as f64 + 1.0 / (self.records + square)) * width * width;
        let size = LESS_SKEWED * LESS_SKEWED / relative - 1.0;
        (relative < 1.0 && size.is_finite()).then_some((self.centre * size, (1.0 - self.centre) * size))
    }
}

/// The half of the batches whose shares are nearest to their median.
fn core(past: &[Past]) -> Vec<bool> {
    let mut rates: Vec<f64> = past.iter().map(|batch| batch.observed.rate()).collect();
    rates.sort_unstable_by(f64::total_cmp);
    let median = rates.get(rates.len() / 2).copied().unwrap_or_default();
    let distance = |batch: &Past| (batch.observed.rate() - median).abs();
    let mut distances: Vec<f64> = past.iter().map(distance).collect();
    distances.sort_unstable_by(f64::total_cmp);
    let edge = distances.get(distances.len() / 2).copied().unwrap_or_default();
    past.iter().map(|batch| distance(batch) <= edge).collect()
}

/// `σ_z`² from blocks within the batches, and its degrees of freedom.
#[allow(clippy::cast_precision_loss, reason = "counts of blocks")]
fn within(batches: &[&Observed], unit: f64) -> Option<(f64, f64)> {
    let freedom = batches.iter().map(|batch| batch.freedom).sum::<u64>() as f64;
    let spread: f64 = batches.iter().map(|batch| batch.spread).sum();
    (freedom > 0.0).then(|| (spread / freedom / unit, freedom))
}

/// `σ_z`² from the moving range between batches, and its degrees of freedom.
#[allow(clippy::cast_precision_loss, reason = "counts of records and batches")]
fn between(batches: &[&Observed], centre: f64, unit: f64) -> (f64, f64) {
    let z = |batch: &&Observed| (batch.rate() - centre) / libm::sqrt(unit / batch.records.max(1) as f64);
    let values: Vec<f64> = batches.iter().map(z).collect();
    let ranges = values.iter().zip(values.iter().skip(1)).map(|(before, after)| (after - before).abs());
    let steps = values.len().saturating_sub(1).max(1) as f64;
    let sigma = ranges.sum::<f64>() / steps / D2;
    (sigma * sigma, FREEDOM * steps)
}
