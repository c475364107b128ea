//! Cells that are large enough for the chi-square distribution to hold.

use super::bins::Bins;

/// Records that the smaller side must have in a cell on average if nothing drifted (Cochran 1954).
const LEAST: f64 = 5.0;

/// The counts of the two sides over the same cells.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Cells {
    /// The reference's.
    pub reference: Vec<u64>,
    /// The window's.
    pub current: Vec<u64>,
}

impl Cells {
    /// Joins cells until each is large enough: neighbours where the cells have an order, else the small ones with each
    /// other; what then is still too small goes into the smallest that is not.
    ///
    /// Which cells are joined depends on the sums of both sides alone, and these say nothing about how the sides differ.
    pub(super) fn joined(bins: &Bins, reference: &[u64], current: &[u64]) -> Self {
        let pairs: Vec<(u64, u64)> = reference.iter().copied().zip(current.iter().copied()).collect();
        let (sum, other) = pairs.iter().fold((0, 0), |sum, pair| (sum.0 + pair.0, sum.1 + pair.1));
        let share = float(sum.min(other)) / float((sum + other).max(1));
        let enough = |pair: (u64, u64)| float(pair.0 + pair.1) * share >= LEAST;
        let mut cells = Self::default();
        if let (Bins::Number { .. }, Some((missing, ordered))) = (bins, pairs.split_last()) {
            let mut held = (0, 0);
            for pair in ordered {
                held = (held.0 + pair.0, held.1 + pair.1);
                if enough(held) {
                    cells.push(std::mem::take(&mut held));
                }
            }
            // The last range is the one beside it.
            if !cells.add_to(cells.len().checked_sub(1), held) && held != (0, 0) {
                cells.push(held);
            }
            cells.add(*missing, enough(*missing));
            return cells;
        }
        let mut rest = (0, 0);
        for pair in pairs {
            if enough(pair) {
                cells.push(pair);
            } else {
                rest = (rest.0 + pair.0, rest.1 + pair.1);
            }
        }
        cells.add(rest, enough(rest));
        cells
    }

    /// How many there are.
    #[must_use]
    pub fn len(&self) -> usize {
        self.reference.len()
    }

    /// Whether there are none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.reference.is_empty()
    }

    /// The sums of the two sides.
    pub(super) fn totals(&self) -> (u64, u64) {
        (self.reference.iter().sum(), self.current.iter().sum())
    }

    /// The counts of each cell.
    pub(super) fn pairs(&self) -> impl Iterator<Item = (u64, u64)> {
        self.reference.iter().copied().zip(self.current.iter().copied())
    }

    fn push(&mut self, pair: (u64, u64)) {
        self.reference.push(pair.0);
        self.current.push(pair.1);
    }

    /// Adds a cell of its own, or to the smallest one.
    fn add(&mut self, pair: (u64, u64), own: bool) {
        let smallest = self.pairs().enumerate().min_by_key(|(_, pair)| pair.0 + pair.1).map(|(at, _)| at);
        if pair != (0, 0) && (own || !self.add_to(smallest, pair)) {
            self.push(pair);
        }
    }

    fn add_to(&mut self, at: Option<usize>, pair: (u64, u64)) -> bool {
        let Some(at) = at else { return false };
        match (self.reference.get_mut(at), self.current.get_mut(at)) {
            (Some(reference), Some(current)) => {
                *reference += pair.0;
                *current += pair.1;
                true
            }
            _ => false,
        }
    }
}

/// A count as a number to compute with.
#[allow(clippy::cast_precision_loss, reason = "counts stay below 2^53")]
pub(super) fn float(count: u64) -> f64 {
    count as f64
}

#[cfg(test)]
mod tests {
    #![allow(clippy::cast_precision_loss, clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "small")]
    #![allow(clippy::float_cmp, reason = "what is exact")]

    use super::{Bins, Cells};
    use proptest::prelude::*;

    fn numbers(edges: usize) -> Bins {
        Bins::Number { low: 0.0, edges: (0..edges).map(|edge| edge as f64).collect() }
    }

    fn categories(values: usize) -> Bins {
        Bins::Category { values: (0..values).map(|value| value.to_string()).collect() }
    }

    #[test]
    fn small_cells_are_joined() {
        let cells = Cells::joined(&numbers(3), &[0, 100, 100, 100, 0, 0], &[2, 8, 3, 12, 4, 1]);
        // 330 in all, 30 of them current: a cell needs 55.
        assert_eq!(cells.reference, [100, 100, 100]);
        assert_eq!(cells.current, [10, 4, 16]);
        let cells = Cells::joined(&categories(3), &[200, 90, 4, 3, 3], &[10, 16, 1, 2, 1]);
        assert_eq!((cells.reference, cells.current), (vec![200, 100], vec![10, 20]));
        // Too few to tell anything apart.
        let cells = Cells::joined(&numbers(2), &[0, 3, 3, 0, 0], &[0, 1, 1, 0, 1]);
        assert_eq!((cells.reference, cells.current), (vec![6], vec![3]));
    }

    proptest! {
        #[test]
        fn nothing_is_lost_and_the_sides_may_change_places(
            pairs in prop::collection::vec((0..400_u64, 0..40_u64), 5..20),
            ordered in any::<bool>(),
        ) {
            let bins = if ordered { numbers(pairs.len() - 3) } else { categories(pairs.len() - 2) };
            let (reference, current): (Vec<u64>, Vec<u64>) = pairs.into_iter().unzip();
            let cells = Cells::joined(&bins, &reference, &current);
            prop_assert_eq!(cells.totals(), (reference.iter().sum(), current.iter().sum()));
            let other = Cells::joined(&bins, &current, &reference);
            prop_assert_eq!((cells.reference, cells.current), (other.current, other.reference));
        }
    }
}
