//! Rows by how odd they are, with ties.

/// Rows in descending order of their scores; rows of one score stand together.
#[derive(Clone, Debug)]
pub struct Ranking {
    rows: Vec<u32>,
    /// Where each group of equal scores ends in `rows`.
    ends: Vec<u32>,
}

impl Ranking {
    /// Ranks the rows of these scores, higher first; NaN ranks lowest. Rows beyond 2^32 are left out.
    #[must_use]
    pub fn new(scores: &[f64]) -> Self {
        // Adding zero makes −0 and 0 one; a score that is no number is the least of all.
        let key = |row: u32| {
            let score = scores.get(row as usize).copied().unwrap_or(f64::NAN) + 0.0;
            if score.is_nan() { f64::NEG_INFINITY } else { score }
        };
        let count = u32::try_from(scores.len()).unwrap_or(u32::MAX);
        let mut keyed: Vec<(f64, u32)> = (0..count).map(|row| (key(row), row)).collect();
        keyed.sort_unstable_by(|a, b| b.0.total_cmp(&a.0).then(a.1.cmp(&b.1)));
        let mut ends = Vec::new();
        for group in keyed.chunk_by(|a, b| a.0.total_cmp(&b.0).is_eq()) {
            let start = ends.last().copied().unwrap_or(0);
            ends.push(start + u32::try_from(group.len()).unwrap_or(0));
        }
        Self { rows: keyed.into_iter().map(|(_, row)| row).collect(), ends }
    }

    /// The rows of each score, from the highest on.
    pub fn groups(&self) -> impl Iterator<Item = &[u32]> {
        let starts = std::iter::once(0).chain(self.ends.iter().copied());
        starts.zip(&self.ends).map(|(start, end)| self.rows.get(start as usize..*end as usize).unwrap_or_default())
    }

    /// The rows from the highest score on; equal ones in the order they came.
    #[must_use]
    pub fn rows(&self) -> &[u32] {
        &self.rows
    }

    /// The area under the ROC curve: the share of pairs of an outlier and another row that are ranked rightly, ties half.
    ///
    /// Exact up to the last division; NaN where the labels are of one kind.
    #[must_use]
    #[allow(clippy::cast_precision_loss, reason = "counts of pairs")]
    pub fn auroc(&self, labels: &[bool]) -> f64 {
        let (mut outliers, mut others, mut halves) = (0_u64, 0_u64, 0_u128);
        for group in self.groups() {
            let odd = group.iter().filter(|row| is(labels, **row)).count() as u64;
            let rest = group.len() as u64 - odd;
            // Every other row here has the outliers above it right, and those beside it half.
            halves += u128::from(rest) * u128::from(2 * outliers + odd);
            outliers += odd;
            others += rest;
        }
        halves as f64 / (2.0 * outliers as f64 * others as f64)
    }

    /// The average precision: Σ (Rₙ − Rₙ₋₁) Pₙ over the different scores, from the highest on.
    #[must_use]
    pub fn average_precision(&self, labels: &[bool]) -> f64 {
        self.weighted_average_precision(labels, |_| 1)
    }

    /// The same, each row counting so many times.
    #[allow(clippy::cast_precision_loss, reason = "counts of rows")]
    pub(super) fn weighted_average_precision(&self, labels: &[bool], times: impl Fn(u32) -> u32) -> f64 {
        let (mut found, mut seen, mut sum) = (0_u64, 0_u64, 0.0);
        for group in self.groups() {
            let before = found;
            for row in group {
                let times = u64::from(times(*row));
                seen += times;
                found += if is(labels, *row) { times } else { 0 };
            }
            if found > before {
                sum += (found - before) as f64 * (found as f64 / seen as f64);
            }
        }
        sum / found as f64
    }

    /// The share of outliers among the first `count` rows; of rows that tie for the last places, the expected share.
    #[must_use]
    #[allow(clippy::cast_precision_loss, reason = "counts of rows")]
    pub fn precision_at(&self, labels: &[bool], count: usize) -> f64 {
        let (mut left, mut found) = (count, 0.0);
        for group in self.groups() {
            let odd = group.iter().filter(|row| is(labels, **row)).count() as f64;
            let taken = left.min(group.len());
            found += odd * (taken as f64 / group.len() as f64);
            left -= taken;
            if left == 0 {
                break;
            }
        }
        found / count as f64
    }
}

pub(super) fn is(labels: &[bool], row: u32) -> bool {
    labels.get(row as usize).copied().unwrap_or(false)
}

#[cfg(test)]
#[allow(clippy::cast_precision_loss, reason = "counts of rows")]
mod tests {
    use super::Ranking;
    use proptest::prelude::*;

    #[test]
    fn ties_count_half_and_are_one_step() {
        let labels = [true, false, true, false, false];
        let all_tied = Ranking::new(&[0.5; 5]);
        assert!((all_tied.auroc(&labels) - 0.5).abs() < 1e-15);
        assert!((all_tied.average_precision(&labels) - 0.4).abs() < 1e-15);
        assert!((all_tied.precision_at(&labels, 2) - 0.4).abs() < 1e-15);
        let perfect = Ranking::new(&[0.9, 0.1, 0.8, f64::NAN, -0.0]);
        let values = [perfect.auroc(&labels), perfect.average_precision(&labels), perfect.precision_at(&labels, 2)];
        assert!(values.iter().all(|value| (value - 1.0).abs() < 1e-15), "{values:?}");
    }

    proptest! {
        /// By the definition: over all pairs, and over all thresholds.
        #[test]
        fn equal_the_definitions(rows in prop::collection::vec((0_u8..9, any::<bool>()), 2..60)) {
            let labels: Vec<bool> = rows.iter().map(|row| row.1).collect();
            let scores: Vec<f64> = rows.iter().map(|row| f64::from(row.0) / 7.0).collect();
            let outliers = labels.iter().filter(|label| **label).count();
            prop_assume!(outliers > 0 && outliers < rows.len());
            let ranking = Ranking::new(&scores);
            let (mut right, mut pairs) = (0.0, 0.0);
            for (a, odd) in scores.iter().zip(&labels) {
                for (b, other) in scores.iter().zip(&labels) {
                    if *odd && !*other {
                        pairs += 1.0;
                        right += if a > b { 1.0 } else if a < b { 0.0 } else { 0.5 };
                    }
                }
            }
            prop_assert!((ranking.auroc(&labels) - right / pairs).abs() < 1e-12);
            let mut steps: Vec<f64> = scores.clone();
            steps.sort_by(|a, b| b.total_cmp(a));
            steps.dedup();
            let (mut recall, mut sum) = (0.0, 0.0);
            for step in steps {
                let above = scores.iter().zip(&labels).filter(|(score, _)| **score >= step);
                let (hits, all) = above.fold((0.0, 0.0), |(hits, all), (_, odd)| (hits + f64::from(u8::from(*odd)), all + 1.0));
                sum += (hits / outliers as f64 - recall) * (hits / all);
                recall = hits / outliers as f64;
            }
            prop_assert!((ranking.average_precision(&labels) - sum).abs() < 1e-12);
        }
    }
}
