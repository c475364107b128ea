//! Laney's p′-chart, made to predict.

use super::beta::{bisect, incomplete, normal, student};
use super::blocks::Observed;
use super::spread::{At, Spread, rarer};
use serde::{Deserialize, Serialize};

/// Batches from which a majority can outvote an alarm, and a batch is left out of the baseline only if it is bad beyond doubt.
pub const ENOUGH_BATCHES: usize = 10;
/// The latest batches that a chart looks at: a year of slow change is no alarm, and memory is bounded.
pub const MOST_BATCHES: usize = 100;
/// The least skew that limits have, in that of a gamma distribution: what is less is as good as normal.
const LEAST_SKEW: f64 = 0.25;
/// The chance of an ordinary batch to be left out of the baseline.
const BAD: f64 = 3e-6;
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

/// The share of hits that is ordinary, and how far an ordinary batch may lie from it.
///
/// Laney's chart (*Quality Engineering* 14, 2002) has the limits `p̄ ± k·σ_z·√(p̄(1 − p̄)/n)`, where `σ_z`, the deviation of
/// the batches' z-values from their moving range, holds what binomial limits leave out: records that depend on each
/// other, and days that differ. Its limits hold for many batches of about one size with many hits; these hold from the second
/// batch on, because what a short past does not tell widens them:
///
/// * `σ_z` is a [`Spread`]: what neighbours share comes from blocks within the batches, so that one batch is enough; what
///   batches differ by comes from the moving range, corrected for skewed shares, and until there are some from an assumption
///   that counts as much as seventeen batches. The limits have Student's quantile for the degrees of freedom of both.
/// * The batch is held against the baseline as one sample against another: given the hits of both, its part of them is as
///   large as its part of the records. Where many hits alone are watched for, the variance is that of the share of both
///   together; with the baseline's own share a first batch that has few hits by luck would make the limits of all others
///   narrow. Where both sides are, it is the baseline's: a wave of frauds is to be seen on its first day. And what batches
///   differ by is then a posterior ([`Differ`](super::Differ)), because such a baseline begins with small batches: the rows
///   that a training held out.
/// * Few groups of hits are skewed. The part has a beta distribution, stretched so that its skew is that of a negative
///   binomial number of hits with that `σ_z`: little for independent records, much for large groups.
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
    /// Hits of the baseline.
    pub hits: f64,
    /// Its records.
    pub records: f64,
    /// Its batches.
    pub batches: usize,
    /// How far ordinary batches lie apart.
    pub spread: Spread,
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
    /// now; from [`ENOUGH_BATCHES`] on, those of three in a million: what is beyond them is bad beyond doubt, while leaving
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
        let mut chart = Self::of(past, &inside, rule.sides);
        for _ in 0..ROUNDS {
            let found = chart?;
            let keep = |batch: &Past| (!enough && !batch.alarmed) || !found.is_out(&batch.observed, rule);
            let next: Vec<bool> = past.iter().map(keep).collect();
            if next == inside {
                break;
            }
            inside = next;
            chart = Self::of(past, &inside, rule.sides).or(chart);
        }
        chart
    }

    /// The chart of the chosen batches.
    #[allow(clippy::cast_precision_loss, reason = "counts of records stay far below 2^53")]
    fn of(past: &[Past], inside: &[bool], sides: Sides) -> Option<Self> {
        let chosen: Vec<&Observed> =
            past.iter().zip(inside).filter(|(_, inside)| **inside).map(|(batch, _)| &batch.observed).collect();
        let records = chosen.iter().map(|batch| batch.records).sum::<u64>() as f64;
        let hits = chosen.iter().map(|batch| batch.hits).sum::<u64>() as f64;
        if records <= 0.0 {
            return None;
        }
        // Half a hit more, and half a miss: without any hit there is still a variance.
        let spread = Spread::of(&chosen, (hits + 0.5) / (records + 1.0), sides)?;
        // The prior counts as much as one group of records that fall together.
        let centre = (hits + spread.groups / 2.0) / (records + spread.groups);
        Some(Self { centre, hits, records, batches: chosen.len(), spread })
    }

    /// The limits for a batch of so many records.
    #[must_use]
    #[allow(clippy::cast_precision_loss, reason = "counts of records stay far below 2^53")]
    pub fn limits(&self, records: u64, rule: Rule) -> Limits {
        if records == 0 {
            return Limits { low: 0.0, high: 1.0 };
        }
        let size = records as f64;
        let at = self.spread.at(size);
        let width = width(rule.alpha, at.freedom);
        let low = match rule.sides {
            Sides::Both if self.is_low(size, 0.0, at, width, rule) => {
                bisect(0.0, size, |hits| self.is_low(size, hits, at, width, rule)) / size
            }
            _ => 0.0,
        };
        Limits { low, high: bisect(0.0, size, |hits| !self.is_high(size, hits, at, width, rule)) / size }
    }

    /// Whether a batch is beyond a limit.
    #[must_use]
    #[allow(clippy::cast_precision_loss, reason = "counts of records stay far below 2^53")]
    pub fn is_out(&self, batch: &Observed, rule: Rule) -> bool {
        let (size, hits) = (batch.records as f64, batch.hits as f64);
        let at = self.spread.at(size);
        let beyond = |width: f64| {
            self.is_high(size, hits, at, width, rule)
                || (rule.sides == Sides::Both && self.is_low(size, hits, at, width, rule))
        };
        // What is within the normal limits is within Student's, whose quantile costs more than all else.
        beyond(1.0) && beyond(width(rule.alpha, at.freedom))
    }

    /// Whether an ordinary batch has so many hits, or more, with a chance below alpha.
    fn is_high(&self, size: f64, hits: f64, at: At, width: f64, rule: Rule) -> bool {
        self.below(size, hits - 0.5, at, width, rule.sides).is_some_and(|below| below > 1.0 - rule.alpha)
    }

    /// Whether an ordinary batch has so many hits, or fewer, with a chance below alpha.
    fn is_low(&self, size: f64, hits: f64, at: At, width: f64, rule: Rule) -> bool {
        self.below(size, hits + 0.5, at, width, rule.sides).is_some_and(|below| below < rule.alpha)
    }

    /// The chance that an ordinary batch has fewer hits; none where so few records tell nothing.
    fn below(&self, size: f64, hits: f64, at: At, width: f64, sides: Sides) -> Option<f64> {
        // Of hits and misses the rarer are counted: their number is the skewed one.
        let misses = self.centre > 0.5;
        let (count, known) = if misses { (size - hits, self.records - self.hits) } else { (hits, self.hits) };
        let known = known + at.groups / 2.0;
        let found = known + count.max(0.0);
        let records = self.records + at.groups + size;
        let part = size / records;
        let both = match sides {
            Sides::High => found,
            Sides::Both => known / (1.0 - part),
        };
        let share = both / records;
        // The relative variance of a batch's share that days which differ add.
        let days = at.days / size / rarer(self.centre) * (1.0 + self.spread.mean / self.records);
        let relative = (at.groups * (1.0 - share) / both + part * (1.0 - part) * days) * width * width;
        let less = 2.0 / skew(at.groups + at.days, share);
        let beta = less * less / relative - 1.0;
        if relative >= 1.0 || !beta.is_finite() {
            return None;
        }
        let place = part + (count - part * found) / both / less;
        let below = incomplete(part * beta, (1.0 - part) * beta, place.clamp(0.0, 1.0));
        Some(if misses { 1.0 - below } else { below })
    }
}

/// How much wider Student's quantile makes the limits than the normal one.
fn width(alpha: f64, freedom: f64) -> f64 {
    student(alpha, freedom) / normal(alpha)
}

/// The skew of a beta-binomial number whose variance is so many times the binomial one, in its coefficients of variation: 1 of
/// rare independent hits, 2 of rare large groups, as of a gamma distribution, and less the nearer the share is to a half.
fn skew(square: f64, share: f64) -> f64 {
    ((2.0 - 1.0 / square) * (1.0 - 2.0 * share) / (1.0 - share)).max(2.0 * LEAST_SKEW)
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
