//! The training rows that a stream leaves.

use super::split::{Part, Shares, SplitBy};
use super::{FOLDS, MOST_ROWS};
use crate::forest::{Data, Matrix};
use rand_xoshiro::Xoshiro256PlusPlus;
use rand_xoshiro::rand_core::{Rng, SeedableRng};
use siphasher::sip::SipHasher13;
use std::hash::Hasher;

/// A uniform sample of a stream's rows (Vitter 1985, algorithm R), so that memory does not grow with its length: at
/// most [`MOST_ROWS`] rows of 4 bytes a feature and 40 beside them.
pub struct Sample {
    columns: usize,
    values: Vec<f32>,
    kept: Vec<Kept>,
    seen: u64,
    most: usize,
    random: Xoshiro256PlusPlus,
    moments: Option<Moments>,
    categorical: Vec<usize>,
    weighted: bool,
}

/// What is known of a row beside its features.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Mark {
    /// Its label as it was given; NaN where there is none.
    pub label: f32,
    /// When it happened, in seconds since 1970.
    pub moment: Option<i64>,
    /// How readily a tree draws it, see [`Data::weights`]; 1 for all is as if nothing was said.
    pub weight: f64,
}

impl Default for Mark {
    fn default() -> Self {
        Self { label: f32::NAN, moment: None, weight: 1.0 }
    }
}

#[derive(Clone, Copy)]
pub(super) struct Kept {
    /// The part of the sample in which it is held out.
    pub(super) fold: u8,
    pub(super) mark: Mark,
}

/// The rows of a stream that have a moment.
#[derive(Clone, Copy)]
struct Moments {
    first: i64,
    last: i64,
    rows: u64,
}

impl Sample {
    /// An empty sample of rows with so many features.
    #[must_use]
    pub fn new(columns: usize, seed: u64) -> Self {
        Self::with_most(columns, seed, MOST_ROWS)
    }

    /// The same, of at most so many rows.
    #[must_use]
    pub fn with_most(columns: usize, seed: u64, most: usize) -> Self {
        Self {
            columns,
            values: Vec::new(),
            kept: Vec::new(),
            seen: 0,
            most,
            random: Xoshiro256PlusPlus::seed_from_u64(seed),
            moments: None,
            categorical: Vec::new(),
            weighted: false,
        }
    }

    /// The same sample, in which the features at these positions have categories.
    #[must_use]
    pub fn with_categorical(self, categorical: Vec<usize>) -> Self {
        Self { categorical, ..self }
    }

    /// The positions of the features that have categories, in ascending order.
    pub(super) fn categories(&self) -> impl Iterator<Item = usize> {
        (0..self.columns).filter(|at| self.categorical.contains(at))
    }

    /// Rows that were offered.
    #[must_use]
    pub fn seen(&self) -> u64 {
        self.seen
    }

    /// Rows that are kept.
    #[must_use]
    pub fn rows(&self) -> usize {
        self.kept.len()
    }

    /// Rows a second between the first and the last moment; none where there are no two.
    #[must_use]
    #[allow(clippy::cast_precision_loss, reason = "a count of rows and of seconds")]
    pub fn pace(&self) -> Option<f64> {
        let Moments { first, last, rows } = self.moments?;
        (last > first).then(|| rows as f64 / (last - first) as f64)
    }

    /// Offers one row; `id` decides the part in which it is held out, so that equal ids stay together.
    pub fn push(&mut self, row: &[f32], id: &[u8], mark: Mark) {
        let mut hasher = SipHasher13::new();
        hasher.write(id);
        let fold = u8::try_from(hasher.finish() % u64::from(FOLDS)).unwrap_or_default();
        let kept = Kept { fold, mark };
        if let Some(moment) = mark.moment {
            let moments = self.moments.get_or_insert(Moments { first: moment, last: moment, rows: 0 });
            moments.first = moments.first.min(moment);
            moments.last = moments.last.max(moment);
            moments.rows += 1;
        }
        self.seen += 1;
        self.weighted |= mark.weight.to_bits() != 1.0_f64.to_bits();
        if self.kept.len() < self.most {
            self.values.extend_from_slice(row);
            self.kept.push(kept);
            return;
        }
        // The high half of a product with a 64-bit number is uniform below `seen`, but for a bias under 2^-40.
        let place = (u128::from(self.random.next_u64()) * u128::from(self.seen)) >> 64;
        let Ok(place) = usize::try_from(place) else {
            return;
        };
        let from = place * self.columns;
        if let (Some(kept_there), Some(there)) =
            (self.kept.get_mut(place), self.values.get_mut(from..from + self.columns))
        {
            *kept_there = kept;
            there.copy_from_slice(row);
        }
    }

    /// Replaces every label by what it means: 1 for an outlier, 0 for another row, NaN for neither.
    pub fn read_labels(&mut self, outlier: impl Fn(f32) -> Option<bool>) {
        for kept in &mut self.kept {
            kept.mark.label = outlier(kept.mark.label).map_or(f32::NAN, |outlier| f32::from(u8::from(outlier)));
        }
    }

    /// The rows for which `keep` says so by the row's number and what is kept beside it.
    pub(super) fn matrix(&self, keep: impl Fn(usize, &Kept) -> bool) -> Matrix {
        let rows = self.values.chunks_exact(self.columns.max(1)).zip(&self.kept).enumerate();
        let rows = rows.filter(|(at, (_, kept))| keep(*at, kept));
        let values = rows.flat_map(|(_, (row, _))| row.iter().copied()).collect();
        Matrix::from_vec(self.columns, values).unwrap_or_default()
    }

    /// The rows for which `keep` says so, with all that a forest is fitted on.
    pub(super) fn part(&self, keep: impl Fn(usize, &Kept) -> bool) -> Fitting {
        let kept = self.kept.iter().enumerate().filter(|(at, kept)| keep(*at, kept));
        let weights = self.weighted.then(|| kept.map(|(_, kept)| kept.mark.weight).collect());
        Fitting { rows: self.matrix(keep), weights, categorical: self.categorical.clone() }
    }

    /// To which part each row belongs.
    pub(super) fn split(&self, by: SplitBy) -> Vec<Part> {
        match by {
            SplitBy::Id => self.kept.iter().map(|kept| Part::of_fold(kept.fold)).collect(),
            SplitBy::Moment => Shares::FIFTHS.by_moment(self.kept.iter().map(|kept| kept.mark.moment)),
        }
    }

    /// The labels of the rows, where they are known.
    pub(super) fn outliers(&self) -> impl Iterator<Item = Option<bool>> {
        let read = |label: f32| (!label.is_nan()).then_some(label > 0.5);
        self.kept.iter().map(move |kept| read(kept.mark.label))
    }

    /// Whether any row has a label.
    #[must_use]
    pub fn is_labelled(&self) -> bool {
        self.outliers().any(|outlier| outlier.is_some())
    }
}

/// What a forest is fitted on, owned.
pub(super) struct Fitting {
    pub(super) rows: Matrix,
    weights: Option<Vec<f64>>,
    categorical: Vec<usize>,
}

impl Fitting {
    pub(super) fn data(&self) -> Data<'_> {
        Data { rows: &self.rows, weights: self.weights.as_deref(), categorical: &self.categorical }
    }
}

#[cfg(test)]
mod tests {
    use super::{Mark, Sample};

    /// However long the stream, the memory is that of the sample, and every part of the stream is in it alike.
    #[test]
    #[allow(clippy::cast_precision_loss, reason = "below 2^24")]
    #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "one of ten")]
    fn a_long_stream_leaves_a_uniform_sample_in_bounded_memory() {
        let mut sample = Sample::with_most(2, 9, 5_000);
        for row in 0..3_000_000_u32 {
            sample.push(&[row as f32, 1.0], &row.to_le_bytes(), Mark::default());
            if row == 5_000 {
                // From here on nothing grows.
                sample.values.shrink_to_fit();
                sample.kept.shrink_to_fit();
            }
        }
        assert_eq!((sample.seen(), sample.rows()), (3_000_000, 5_000));
        assert_eq!((sample.values.capacity(), sample.kept.capacity()), (10_000, 5_000));
        let mut tenths = [0_u32; 10];
        for row in sample.values.chunks_exact(2) {
            tenths[(row[0] / 300_000.0) as usize] += 1;
        }
        // 500 expected, with a deviation of 21.
        assert!(tenths.iter().all(|count| (400..600).contains(count)), "{tenths:?}");
    }
}
