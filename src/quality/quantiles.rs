//! Quantiles of a stream in bounded memory, exact in rank and within 1.6 % in value.

use std::collections::BTreeMap;

/// Mantissa bits that a bucket keeps: 64 buckets for each power of two.
const KEPT: u32 = 6;

/// Counts by bucket; the buckets follow the bits of a double, so merging is adding.
#[derive(Clone, Debug, Default)]
pub(super) struct Quantiles {
    buckets: BTreeMap<i64, u64>,
    count: u64,
    /// Buckets of values that are not counted yet: sorting many at once is faster than finding each its place.
    pending: Vec<i64>,
}

/// Most values that wait to be counted.
const PENDING: usize = 2048;

impl Quantiles {
    pub(super) fn add(&mut self, value: f64) {
        self.count += 1;
        self.pending.push(bucket(value));
        if self.pending.len() >= PENDING {
            self.settle();
        }
    }

    fn settle(&mut self) {
        self.pending.sort_unstable();
        for same in self.pending.chunk_by(|left, right| left == right) {
            if let Some(bucket) = same.first() {
                *self.buckets.entry(*bucket).or_default() += same.len() as u64;
            }
        }
        self.pending.clear();
    }

    /// All buckets with their counts.
    fn settled(&self) -> Self {
        let mut settled = self.clone();
        settled.settle();
        settled
    }

    pub(super) fn merge(&mut self, other: &Self) {
        for (bucket, count) in &other.buckets {
            *self.buckets.entry(*bucket).or_default() += count;
        }
        self.count += other.count;
        self.pending.extend_from_slice(&other.pending);
        if self.pending.len() >= PENDING {
            self.settle();
        }
    }

    /// The value below which a share `q` of the values lies; none without values.
    pub(super) fn quantile(&self, q: f64) -> Option<f64> {
        #[allow(clippy::cast_precision_loss, reason = "a count of records")]
        let rank = q * (self.count.checked_sub(1)?) as f64;
        let settled = self.settled();
        let mut below = 0;
        for (bucket, count) in &settled.buckets {
            below += count;
            #[allow(clippy::cast_precision_loss, reason = "a count of records")]
            if below as f64 > rank {
                return Some(value(*bucket));
            }
        }
        settled.buckets.last_key_value().map(|(bucket, _)| value(*bucket))
    }

    /// How many values lie below `low` and above `high`, to the width of a bucket.
    pub(super) fn outside(&self, low: f64, high: f64) -> (u64, u64) {
        let settled = self.settled();
        let below = settled.buckets.range(..bucket(low)).map(|(_, count)| count).sum();
        let above = settled.buckets.range(bucket(high).saturating_add(1)..).map(|(_, count)| count).sum();
        (below, above)
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
fn value(bucket: i64) -> f64 {
    let low = f64::from_bits((bucket.unsigned_abs()) << (52 - KEPT));
    let high = f64::from_bits((bucket.unsigned_abs() + 1) << (52 - KEPT));
    let exact = crate::contract::is_whole(low) && high - low <= 1.0;
    let size = if exact { low } else { low + (high - low) / 2.0 };
    if bucket < 0 { -size } else { size }
}

#[cfg(test)]
mod tests {
    use super::Quantiles;

    #[test]
    fn stays_near_the_exact_quantiles() {
        let mut all = Quantiles::default();
        let mut half = Quantiles::default();
        for index in 0..10_000 {
            let value = f64::from(index) / 7.0 - 300.0;
            if index % 2 == 0 {
                all.add(value);
            } else {
                half.add(value);
            }
        }
        all.merge(&half);
        for q in [0.0, 0.01, 0.25, 0.5, 0.75, 0.99, 1.0] {
            let exact = q * 9999.0 / 7.0 - 300.0;
            let found = all.quantile(q).unwrap();
            assert!((found - exact).abs() <= 0.016 * exact.abs() + 0.2, "{q}: {found} {exact}");
        }
        let (below, above) = all.outside(-200.0, 1000.0);
        assert!(below.abs_diff(700) < 20 && above.abs_diff(899) < 100, "{below} {above}");
        assert_eq!(Quantiles::default().quantile(0.5), None);
    }
}
