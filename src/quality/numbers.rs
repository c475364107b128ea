//! Numbers of a stream: each value with its count while they are few, sketches beyond.

use super::digest::{Map, of_bits};
use super::distinct::{Distinct, FEW};
use super::moments::{Moments, deviation};
use super::top::Top;

/// Mantissa bits that a bucket keeps: 64 buckets for each power of two.
const KEPT: u32 = 6;
/// Most values that wait to be counted: sorting many at once is faster than finding each its place.
const PENDING: usize = 512;

/// What is known of the numbers of one field.
///
/// Exact as long as there are at most [`FEW`] different ones, however often each comes. Beyond, quantiles come from
/// buckets that are exact in rank and within 1.6 % in value.
#[derive(Clone, Debug, Default)]
pub(super) struct Numbers {
    pending: Vec<f64>,
    /// Values by their bits; empty once there were too many.
    values: Map<u64, u64>,
    many: Option<Box<Many>>,
}

#[derive(Clone, Debug, Default)]
struct Many {
    buckets: Map<i64, u64>,
    distinct: Distinct,
    top: Top,
    moments: Moments,
}

impl Numbers {
    /// Counts a finite number.
    pub(super) fn add(&mut self, value: f64) {
        // Adding zero makes −0 and 0 one.
        self.pending.push(value + 0.0);
        if self.pending.len() >= PENDING {
            self.settle();
        }
    }

    /// Counts what waits.
    pub(super) fn settle(&mut self) {
        let mut pending = std::mem::take(&mut self.pending);
        pending.sort_unstable_by(f64::total_cmp);
        for same in pending.chunk_by(|left, right| left.to_bits() == right.to_bits()) {
            if let Some(value) = same.first() {
                self.count(*value, same.len() as u64);
            }
        }
        pending.clear();
        self.pending = pending;
    }

    /// Counts a finite number so many times.
    pub(super) fn count(&mut self, value: f64, times: u64) {
        if let Some(many) = &mut self.many {
            many.count(value, times);
            return;
        }
        *self.values.entry(value.to_bits()).or_default() += times;
        if self.values.len() > FEW {
            let mut many = Box::<Many>::default();
            for (value, times) in sorted(&std::mem::take(&mut self.values)) {
                many.count(value, times);
            }
            self.many = Some(many);
        }
    }

    pub(super) fn merge(&mut self, other: &Self) {
        for value in &other.pending {
            self.add(*value);
        }
        if let Some(theirs) = &other.many {
            let mut ours = self.many.take().unwrap_or_default();
            for (value, times) in sorted(&std::mem::take(&mut self.values)) {
                ours.count(value, times);
            }
            ours.merge(theirs);
            self.many = Some(ours);
        }
        if self.many.is_some() {
            // Rounding may show the order of a sum.
            for (value, times) in sorted(&other.values) {
                self.count(value, times);
            }
        } else {
            for (bits, times) in &other.values {
                self.count(f64::from_bits(*bits), *times);
            }
        }
    }

    /// All that can be said of the numbers; none where there are none.
    pub(super) fn ordered(&self) -> Option<Ordered> {
        let mut settled = self.clone();
        settled.settle();
        let ordered = match &settled.many {
            Some(many) => many.ordered(),
            None => Ordered::exact(sorted(&settled.values)),
        };
        (ordered.count > 0).then_some(ordered)
    }
}

/// Values with their counts, in ascending order.
fn sorted(values: &Map<u64, u64>) -> Vec<(f64, u64)> {
    let mut list: Vec<(f64, u64)> = values.iter().map(|(bits, times)| (f64::from_bits(*bits), *times)).collect();
    list.sort_unstable_by(|left, right| left.0.total_cmp(&right.0));
    list
}

impl Many {
    fn count(&mut self, value: f64, times: u64) {
        *self.buckets.entry(bucket(value)).or_default() += times;
        self.distinct.insert(of_bits(value.to_bits()));
        self.top.add(value.to_bits(), "", times);
        self.moments.add(value, times);
    }

    fn merge(&mut self, other: &Self) {
        for (bucket, times) in &other.buckets {
            *self.buckets.entry(*bucket).or_default() += times;
        }
        self.distinct.merge(&other.distinct);
        self.top.merge(&other.top);
        self.moments.merge(&other.moments);
    }

    fn ordered(&self) -> Ordered {
        let mut list: Vec<(i64, u64)> = self.buckets.iter().map(|(bucket, times)| (*bucket, *times)).collect();
        list.sort_unstable();
        let Moments { min, max, .. } = self.moments;
        // The exact extremes bound what the buckets say.
        let values = list.into_iter().map(|(bucket, times)| (middle(bucket).clamp(min, max), times)).collect();
        let most = |list: Vec<super::top::Frequent<'_>>, short| {
            let mut top: Vec<_> = list.iter().map(|one| (f64::from_bits(one.key), one.count)).collect();
            top.sort_by(|left, right| right.1.cmp(&left.1).then(left.0.total_cmp(&right.0)));
            (top, short)
        };
        let (top, short) = self.top.frequent(super::profile::MOST_FREQUENT, most);
        let (distinct, _) = self.distinct.count();
        let (mean, sd) = (self.moments.mean(), self.moments.deviation());
        Ordered { values, count: self.moments.count, exact: false, min, max, mean, sd, distinct, top, short }
    }
}

/// Doubles of one sign order like their bits; negative ones are mirrored.
#[allow(clippy::cast_possible_wrap, reason = "the sign bit is cleared")]
fn bucket(value: f64) -> i64 {
    let size = (value.abs().to_bits() >> (52 - KEPT)) as i64;
    if value < 0.0 { -size } else { size }
}

/// The middle of a bucket; whole numbers up to 64 have buckets of their own and come back exactly.
#[allow(clippy::cast_sign_loss, reason = "an absolute value")]
fn middle(bucket: i64) -> f64 {
    let low = f64::from_bits((bucket.unsigned_abs()) << (52 - KEPT));
    let high = f64::from_bits((bucket.unsigned_abs() + 1) << (52 - KEPT));
    let exact = crate::contract::is_whole(low) && high - low <= 1.0;
    let size = if exact { low } else { low + (high - low) / 2.0 };
    if bucket < 0 { -size } else { size }
}

/// Numbers in their order, with their counts: the values themselves, or the middles of their buckets.
pub(super) struct Ordered {
    values: Vec<(f64, u64)>,
    pub(super) count: u64,
    pub(super) exact: bool,
    pub(super) min: f64,
    pub(super) max: f64,
    pub(super) mean: f64,
    /// The standard deviation with n − 1 below; 0 for a single value.
    pub(super) sd: f64,
    pub(super) distinct: u64,
    /// The most frequent values with lower bounds of their counts, and how far those may be from the truth.
    pub(super) top: Vec<(f64, u64)>,
    pub(super) short: u64,
}

impl Ordered {
    fn exact(values: Vec<(f64, u64)>) -> Self {
        let mut moments = Moments::default();
        for (value, times) in &values {
            moments.add(*value, *times);
        }
        let mean = moments.mean();
        let sd = deviation(&values, mean, moments.count);
        let mut top = values.clone();
        top.sort_by(|left, right| right.1.cmp(&left.1).then(left.0.total_cmp(&right.0)));
        top.truncate(super::profile::MOST_FREQUENT);
        let Moments { count, min, max, .. } = moments;
        let distinct = values.len() as u64;
        Self { values, count, exact: true, min, max, mean, sd, distinct, top, short: 0 }
    }

    /// The quantile `q`, between two values by linear interpolation as numpy does it, in its very operations.
    #[allow(clippy::cast_precision_loss, reason = "a count of records stays far below 2^53")]
    #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a rank is not negative")]
    pub(super) fn quantile(&self, q: f64) -> f64 {
        let rank = q * self.count.saturating_sub(1) as f64;
        let (whole, part) = (libm::floor(rank), rank - libm::floor(rank));
        let low = self.at(whole as u64);
        if part == 0.0 || !self.exact {
            return low;
        }
        let high = self.at(whole as u64 + 1);
        let apart = high - low;
        if part >= 0.5 { high - apart * (1.0 - part) } else { low + apart * part }
    }

    /// The value of a rank, counted from 0.
    fn at(&self, rank: u64) -> f64 {
        let mut below = 0;
        for (value, times) in &self.values {
            below += times;
            if below > rank {
                return *value;
            }
        }
        self.max
    }

    /// How many values lie below `low` and above `high`; to the width of a bucket where they are not exact.
    pub(super) fn outside(&self, low: f64, high: f64) -> (u64, u64) {
        let (low, high) = if self.exact { (low, high) } else { (middle(bucket(low)), middle(bucket(high))) };
        let sum = |outside: &dyn Fn(f64) -> bool| -> u64 {
            self.values.iter().filter(|(value, _)| outside(*value)).map(|(_, times)| times).sum()
        };
        (sum(&|value| value < low), sum(&|value| value > high))
    }

    /// Counts in `bins` of equal width from `from` to `to`; what lies outside is left out.
    #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a bin is small and not negative")]
    pub(super) fn histogram(&self, from: f64, to: f64, bins: u32) -> Vec<u64> {
        let mut counts = vec![0; bins as usize];
        let width = (to - from) / f64::from(bins);
        for (value, times) in self.values.iter().filter(|(value, _)| (from..=to).contains(value)) {
            let bin = if width > 0.0 { ((value - from) / width) as usize } else { 0 };
            if let Some(count) = counts.get_mut(bin.min(bins as usize - 1)) {
                *count += times;
            }
        }
        counts
    }
}

#[cfg(test)]
mod tests {
    use super::Numbers;
    use proptest::prelude::*;

    fn of(values: &[f64]) -> Numbers {
        let mut numbers = Numbers::default();
        for value in values {
            numbers.add(*value);
        }
        numbers
    }

    #[test]
    fn many_values_stay_near_the_exact_quantiles() {
        let values: Vec<f64> = (0..30_000).map(|index| f64::from(index) / 7.0 - 900.0).collect();
        let (left, right): (Vec<f64>, Vec<f64>) = values.iter().partition(|value| value.to_bits() % 2 == 0);
        let mut all = of(&left);
        all.merge(&of(&right));
        let all = all.ordered().unwrap();
        assert!(!all.exact && all.count == 30_000);
        assert!(all.distinct.abs_diff(30_000) < 1000, "{}", all.distinct);
        for q in [0.0, 0.01, 0.25, 0.5, 0.75, 0.99, 1.0] {
            let exact = q * 29_999.0 / 7.0 - 900.0;
            let found = all.quantile(q);
            assert!((found - exact).abs() <= 0.016 * exact.abs() + 0.2, "{q}: {found} {exact}");
        }
        let (below, above) = all.outside(-600.0, 3000.0);
        assert!(below.abs_diff(2100) < 70 && above.abs_diff(2699) < 400, "{below} {above}");
        let mean = values.iter().sum::<f64>() / 30_000.0;
        let squares: f64 = values.iter().map(|value| (value - mean) * (value - mean)).sum();
        assert!((all.mean - mean).abs() < 1e-9 && (all.sd - (squares / 29_999.0).sqrt()).abs() < 1e-9);
    }

    proptest! {
        #[test]
        #[allow(clippy::cast_precision_loss, clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "small")]
        #[allow(clippy::float_cmp, reason = "the values themselves come back")]
        fn few_values_are_exact_however_they_are_split(
            values in prop::collection::vec((-50..50_i32).prop_map(|value| f64::from(value) / 8.0), 1..1500),
            at in any::<prop::sample::Index>(),
        ) {
            let (left, right) = values.split_at(at.index(values.len()));
            let mut all = of(left);
            all.merge(&of(right));
            let all = all.ordered().unwrap();
            let mut sorted = values.clone();
            sorted.sort_by(f64::total_cmp);
            prop_assert_eq!((all.exact, all.count, all.min), (true, values.len() as u64, sorted[0]));
            for q in [0.01, 0.25, 0.5, 0.75, 0.95] {
                let rank = q * (sorted.len() - 1) as f64;
                let (low, high) = (sorted[rank.floor() as usize], sorted[rank.ceil() as usize]);
                prop_assert!((all.quantile(q) - (low + (high - low) * rank.fract())).abs() < 1e-12);
            }
            let outside = (
                sorted.iter().filter(|value| **value < -3.0).count() as u64,
                sorted.iter().filter(|value| **value > 2.0).count() as u64,
            );
            prop_assert_eq!(all.outside(-3.0, 2.0), outside);
            let inside = sorted.len() as u64 - outside.0 - outside.1;
            prop_assert_eq!(all.histogram(-3.0, 2.0, 7).iter().sum::<u64>(), inside);
            let top = all.top[0];
            let count = |wanted: f64| sorted.iter().filter(|value| **value == wanted).count() as u64;
            prop_assert!(sorted.iter().all(|value| count(*value) <= top.1) && count(top.0) == top.1);
            let mean = sorted.iter().sum::<f64>() / sorted.len() as f64;
            prop_assert!((all.mean - mean).abs() < 1e-9);
        }
    }
}
