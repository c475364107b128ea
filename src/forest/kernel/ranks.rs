//! Values as ranks among a feature's thresholds: what a byte holds decides every split exactly.
//!
//! Of sorted distinct thresholds t₀ < t₁ < … a value has the rank r = the number of those below it, and v > tᵢ ⇔ r > i.
//! Ranks are kept less 128, because the narrowest comparison that every processor has is that of signed bytes.
#![allow(
    clippy::indexing_slicing,
    reason = "every index is masked to the length of its array, or a lane below the arrays' common length: none can be \
              out of bounds, and the compiler removes the checks"
)]
#![allow(
    clippy::inline_always,
    clippy::needless_range_loop,
    reason = "a caller's vector instructions reach only what is inlined into it, and loops over lanes are what becomes of them"
)]

/// Thresholds that a byte tells apart.
pub(super) const MOST: usize = 255;

/// More thresholds than this leave no room for the sentinels that a short search may look at.
pub(super) const MOST_IN_BUCKETS: usize = 248;

const BUCKETS: u32 = 512;

/// The steps of a search among all thresholds, and the longest one that pays within a bucket.
const ALL: u32 = 8;
const FEW: u32 = 3;

/// Adding it to a number of 0 to 2²² leaves that number, rounded, in the low bits.
const INTEGER: f32 = 8_388_608.0;

/// A feature's thresholds, ready to rank values.
///
/// A value's place between the least and the greatest threshold names a bucket; only the thresholds in there are searched.
/// Rounding cannot put two values into buckets of the wrong order, because each step of the way is monotone.
#[derive(Clone, Debug)]
pub(super) struct Ranks {
    least: f32,
    greatest: f32,
    scale: f32,
    steps: u32,
    /// For each bucket the number of thresholds in those before it.
    starts: [u8; BUCKETS as usize],
    /// Sorted, then infinite.
    thresholds: [f32; 256],
}

impl Ranks {
    /// Takes finite thresholds, sorted, none twice; those beyond [`MOST`] are not looked at.
    pub(super) fn new(sorted: &[f32]) -> Self {
        let mut thresholds = [f32::INFINITY; 256];
        for (to, of) in thresholds.iter_mut().zip(sorted.iter().take(MOST)) {
            *to = *of;
        }
        let (least, greatest) = (sorted.first().copied().unwrap_or(0.0), sorted.last().copied().unwrap_or(0.0));
        let span = greatest - least;
        let scale = 510.0 / span;
        let mut ranks = Self { least, greatest, scale, steps: ALL, starts: [0; BUCKETS as usize], thresholds };
        if scale.is_normal() && span.is_normal() && sorted.len() <= MOST_IN_BUCKETS {
            ranks.fill_buckets(sorted);
        } else {
            (ranks.least, ranks.greatest, ranks.scale) = (0.0, 0.0, 0.0);
        }
        ranks
    }

    /// Counts the thresholds bucket by bucket; where some bucket holds too many, all are searched each time.
    fn fill_buckets(&mut self, sorted: &[f32]) {
        let mut counts = [0_u8; BUCKETS as usize];
        for &threshold in sorted {
            counts[(self.bucket(threshold) % BUCKETS) as usize] += 1;
        }
        let most = counts.iter().copied().max().unwrap_or(0);
        let steps = u8::BITS - most.leading_zeros();
        if steps > FEW {
            return;
        }
        self.steps = steps;
        let mut before = 0;
        for (start, count) in self.starts.iter_mut().zip(counts) {
            *start = before;
            before += count;
        }
    }

    #[inline(always)]
    fn bucket(&self, value: f32) -> u32 {
        let value = if value > self.least { value } else { self.least };
        let value = if value < self.greatest { value } else { self.greatest };
        ((value - self.least) * self.scale + INTEGER).to_bits() % BUCKETS
    }

    /// What stands for a threshold: a value is above it when its rank is greater than this.
    pub(super) fn of_threshold(&self, threshold: f32) -> i8 {
        let below = self.thresholds.partition_point(|&other| other < threshold);
        biased(u8::try_from(below).unwrap_or(u8::MAX))
    }

    /// Ranks a value in each lane: first for splits that send a missing one right, then for those that send it left.
    #[inline(always)]
    pub(super) fn rank<const W: usize>(&self, values: &[f32; W], ranks: &mut [[i8; W]; 2]) {
        let mut buckets = [0_u32; W];
        for lane in 0..W {
            buckets[lane] = self.bucket(values[lane]);
        }
        let mut below = [0_u8; W];
        match self.steps {
            0 | 1 => self.search::<W, 1>(values, &buckets, &mut below),
            2 => self.search::<W, 2>(values, &buckets, &mut below),
            3 => self.search::<W, 3>(values, &buckets, &mut below),
            _ => self.search::<W, ALL>(values, &buckets, &mut below),
        }
        let [right, left] = ranks;
        for lane in 0..W {
            let (rank, missing) = (biased(below[lane]), values[lane].is_nan());
            right[lane] = if missing { i8::MAX } else { rank };
            left[lane] = if missing { i8::MIN } else { rank };
        }
    }

    /// A binary search in each lane, from its bucket's start and without branches.
    #[inline(always)]
    fn search<const W: usize, const STEPS: u32>(&self, values: &[f32; W], buckets: &[u32; W], below: &mut [u8; W]) {
        for lane in 0..W {
            let mut rank = u32::from(self.starts[(buckets[lane] % BUCKETS) as usize]);
            for step in (0..STEPS).rev() {
                let next = rank + (1 << step);
                let over = self.thresholds[(next - 1) as usize % 256] < values[lane];
                rank = if over { next } else { rank };
            }
            below[lane] = rank.to_le_bytes()[0];
        }
    }
}

#[inline(always)]
fn biased(rank: u8) -> i8 {
    (rank ^ 0x80).cast_signed()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn value() -> impl Strategy<Value = f32> {
        prop_oneof![
            4 => -4.0_f32..4.0,
            2 => (-9_i8..9).prop_map(f32::from),
            1 => any::<f32>(),
            1 => prop::sample::select(vec![0.0, -0.0, 1e-42, -1e-42, f32::MAX, f32::MIN, f32::MIN_POSITIVE]),
        ]
    }

    proptest! {
        #[test]
        fn a_rank_decides_every_comparison(
            thresholds in prop::collection::vec(value().prop_filter("finite", |value| value.is_finite()), 1..300),
            mut values in prop::collection::vec(value(), 60),
        ) {
            let mut sorted = thresholds;
            sorted.sort_unstable_by(f32::total_cmp);
            sorted.dedup();
            sorted.truncate(MOST);
            values.extend([f32::INFINITY, f32::NEG_INFINITY, sorted[0], sorted[sorted.len() - 1]]);
            let values: [f32; 64] = values.try_into().unwrap_or([0.0; 64]);
            let ranks = Ranks::new(&sorted);
            let mut ranked = [[0; 64]; 2];
            ranks.rank(&values, &mut ranked);
            for (lane, value) in values.into_iter().enumerate() {
                for &threshold in &sorted {
                    let split = ranks.of_threshold(threshold);
                    prop_assert_eq!(ranked[0][lane] > split, value > threshold || value.is_nan());
                    prop_assert_eq!(ranked[1][lane] > split, value > threshold);
                }
            }
        }
    }
}
