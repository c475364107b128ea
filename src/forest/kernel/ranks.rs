//! Values as ranks among a feature's thresholds: a small whole number decides every split exactly.
//!
//! Of sorted distinct thresholds t₀ < t₁ < … a value has the rank r = the number of those below it, and v > tᵢ ⇔ r > i.
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

/// Sizes of tables: thresholds, of which the last ones stay infinite, and buckets.
type Small = Table<64, 256>;
type Middle = Table<1024, 2048>;
type Large = Table<LARGEST, LARGEST>;
const LARGEST: usize = 65_536;

/// With more thresholds in some bucket all are searched each time; three steps tell as many as this apart.
const MOST_IN_BUCKET: u32 = 7;

/// Infinite thresholds that a search looks at beyond the last one: as many as its first step.
const ROOM: usize = 4;

/// Adding it to a number of 0 to 2²² leaves that number, rounded, in the low bits.
const INTEGER: f32 = 8_388_608.0;

/// A feature's thresholds, ready to rank values.
#[derive(Clone, Debug)]
pub(super) struct Ranks {
    tables: Tables,
    /// How many of a rank's bits are its low part.
    low: u32,
    /// And how many the high part.
    high: u32,
}

/// Tables of a length that is known when the loops over them are compiled.
#[derive(Clone, Debug)]
enum Tables {
    Small(Small),
    Middle(Middle),
    Large(Large),
}

/// Up to `T` - [`ROOM`] thresholds, in `B` buckets.
///
/// A value's place between the least and the greatest threshold names a bucket; only the thresholds in there are searched.
/// Rounding cannot put two values into buckets of the wrong order, because each step of the way is monotone.
#[derive(Clone, Debug)]
struct Table<const T: usize, const B: usize> {
    least: f32,
    greatest: f32,
    scale: f32,
    /// The first step of a search.
    step: u32,
    /// For each bucket the number of thresholds in those before it.
    starts: Box<[u32; B]>,
    /// Sorted, then infinite.
    thresholds: Box<[f32; T]>,
}

impl Ranks {
    /// Takes finite thresholds, sorted, none twice; none at all if there are too many.
    pub(super) fn new(sorted: &[f32]) -> Option<Self> {
        let bits = usize::BITS - sorted.len().leading_zeros();
        let tables = Small::new(sorted).map(Tables::Small).or_else(|| Middle::new(sorted).map(Tables::Middle));
        let tables = tables.or_else(|| Large::new(sorted).map(Tables::Large))?;
        Some(Self { tables, low: bits / 2, high: bits - bits / 2 })
    }

    /// Bits of the low part of a rank, and of the high part.
    pub(super) fn bits(&self) -> (u32, u32) {
        (self.low, self.high)
    }

    /// The low and the high part of what stands for a threshold: a value is above it when its rank is greater than this.
    pub(super) fn of_threshold(&self, threshold: f32) -> (usize, usize) {
        let below = match &self.tables {
            Tables::Small(table) => table.below(threshold),
            Tables::Middle(table) => table.below(threshold),
            Tables::Large(table) => table.below(threshold),
        };
        (below & ((1 << self.low) - 1), below >> self.low)
    }

    /// Ranks a value in each lane; a missing one has rank 0.
    #[inline(always)]
    pub(super) fn rank<const W: usize>(&self, values: &[f32; W], low: &mut [u8; W], high: &mut [u8; W]) {
        let mut ranks = [0; W];
        match &self.tables {
            Tables::Small(table) => table.rank(values, &mut ranks),
            Tables::Middle(table) => table.rank(values, &mut ranks),
            Tables::Large(table) => table.rank(values, &mut ranks),
        }
        for lane in 0..W {
            high[lane] = (ranks[lane] >> self.low).to_le_bytes()[0];
            low[lane] = (ranks[lane] & ((1 << self.low) - 1)).to_le_bytes()[0];
        }
    }
}

#[allow(clippy::cast_possible_truncation, reason = "tables are small")]
impl<const T: usize, const B: usize> Table<T, B> {
    /// The first step of a search among all thresholds.
    const STEP: u32 = T as u32 / 2;
    const BUCKETS: u32 = B as u32;

    fn new(sorted: &[f32]) -> Option<Self> {
        if sorted.len() > T - ROOM {
            return None;
        }
        let (least, greatest) = (sorted.first().copied().unwrap_or(0.0), sorted.last().copied().unwrap_or(0.0));
        let span = greatest - least;
        #[allow(clippy::cast_precision_loss, reason = "at most 2^16")]
        let scale = (B - 2) as f32 / span;
        let (mut thresholds, starts) = (boxed(f32::INFINITY), boxed(0));
        for (to, of) in thresholds.iter_mut().zip(sorted) {
            *to = *of;
        }
        let mut table = Self { least, greatest, scale, step: Self::STEP, starts, thresholds };
        if scale.is_normal() && span.is_normal() {
            table.fill_buckets(sorted);
        } else {
            (table.least, table.greatest, table.scale) = (0.0, 0.0, 0.0);
        }
        Some(table)
    }

    /// Counts the thresholds bucket by bucket; where some bucket holds too many, all are searched each time.
    fn fill_buckets(&mut self, sorted: &[f32]) {
        for &threshold in sorted {
            let bucket = self.bucket(threshold);
            self.starts[bucket as usize % B] += 1;
        }
        let most = self.starts.iter().copied().max().unwrap_or(0);
        if most > MOST_IN_BUCKET {
            self.starts.fill(0);
            return;
        }
        self.step = (most + 1).next_power_of_two() / 2;
        let mut before = 0;
        for start in self.starts.iter_mut() {
            before += std::mem::replace(start, before);
        }
    }

    #[inline(always)]
    fn bucket(&self, value: f32) -> u32 {
        let value = if value > self.least { value } else { self.least };
        let value = if value < self.greatest { value } else { self.greatest };
        ((value - self.least) * self.scale + INTEGER).to_bits() % Self::BUCKETS
    }

    /// The number of thresholds below another one.
    fn below(&self, threshold: f32) -> usize {
        self.thresholds.partition_point(|&other| other < threshold)
    }

    /// A binary search in each lane, from its bucket's start on and without branches.
    #[inline(always)]
    fn rank<const W: usize>(&self, values: &[f32; W], ranks: &mut [u32; W]) {
        for lane in 0..W {
            ranks[lane] = self.bucket(values[lane]);
        }
        for lane in 0..W {
            ranks[lane] = self.starts[ranks[lane] as usize % B];
        }
        let mut step = self.step;
        while step > 0 {
            for lane in 0..W {
                let over = self.thresholds[(ranks[lane] + step - 1) as usize % T] < values[lane];
                // In so many words, or a compiler without vectors may branch on it.
                ranks[lane] += step & u32::from(over).wrapping_neg();
            }
            step /= 2;
        }
    }
}

/// An array on the heap, where a large one must be made.
fn boxed<T: Copy, const N: usize>(value: T) -> Box<[T; N]> {
    vec![value; N].try_into().unwrap_or_else(|_| Box::new([value; N]))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::cast_precision_loss, clippy::cast_possible_truncation, reason = "small numbers")]

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

    /// Whether values around the thresholds, and one above all, get the ranks that a plain search gives them.
    fn check(mut sorted: Vec<f32>) {
        sorted.sort_unstable_by(f32::total_cmp);
        sorted.dedup();
        let ranks = Ranks::new(&sorted).unwrap();
        let beside = |at: usize| sorted[at * 7919 % sorted.len()] + f32::from(at as u8 % 3) - 1.0;
        let values: [f32; 64] = std::array::from_fn(beside);
        let above = sorted[sorted.len() - 1].next_up();
        let values = values.map(|value| if value < 1.0 { above } else { value });
        let (mut low, mut high) = ([0; 64], [0; 64]);
        ranks.rank(&values, &mut low, &mut high);
        for (lane, value) in values.into_iter().enumerate() {
            let rank = usize::from(high[lane]) << ranks.bits().0 | usize::from(low[lane]);
            assert_eq!(rank, sorted.partition_point(|&threshold| threshold < value), "{}: {value}", sorted.len());
        }
    }

    #[test]
    fn tables_of_every_size_rank_alike() {
        for count in [1_u16, 59, 60, 61, 63, 64, 1019, 1020, 1021, 1024, 30_000, 65_532] {
            check((0..count).map(f32::from).collect());
            check((0..count).map(|at| f32::from(at) + f32::from(at % 4) * 0.01 - f32::from(at % 4)).collect());
            // Half of them crowd into one bucket.
            check((0..count).map(|at| if at % 2 == 0 { f32::from(at) } else { 7.0 + f32::from(at) / 1e6 }).collect());
        }
        let many: Vec<f32> = (0..65_533_u32).map(|at| at as f32).collect();
        assert!(Ranks::new(&many).is_none());
    }

    proptest! {
        #[test]
        fn a_rank_decides_every_comparison(
            thresholds in prop::collection::vec(value().prop_filter("finite", |value| value.is_finite()), 1..700),
            mut values in prop::collection::vec(value(), 60),
        ) {
            let mut sorted = thresholds;
            sorted.sort_unstable_by(f32::total_cmp);
            sorted.dedup();
            values.extend([f32::INFINITY, f32::NEG_INFINITY, sorted[0], sorted[sorted.len() - 1]]);
            let values: [f32; 64] = values.try_into().unwrap_or([0.0; 64]);
            let ranks = Ranks::new(&sorted).unwrap();
            let (mut low, mut high) = ([0; 64], [0; 64]);
            ranks.rank(&values, &mut low, &mut high);
            for (lane, value) in values.into_iter().enumerate() {
                for &threshold in &sorted {
                    let split = ranks.of_threshold(threshold);
                    let above = (usize::from(high[lane]), usize::from(low[lane])) > (split.1, split.0);
                    prop_assert_eq!(above, value > threshold);
                    prop_assert!(split.0 < 1 << ranks.bits().0 && split.1 < 1 << ranks.bits().1);
                }
            }
        }
    }
}
