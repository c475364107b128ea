//! A tree's rows: some of all.

use super::random::Random;
use std::sync::Arc;

/// How the rows of every tree are drawn.
#[derive(Clone, Debug)]
pub(super) struct Draw {
    /// Rows there are.
    pub(super) total: u32,
    /// Rows to draw, ψ.
    pub(super) count: u32,
    /// Whether a row may be drawn more than once.
    pub(super) repeated: bool,
    /// How readily each row is drawn; none where all are equal.
    pub(super) weights: Option<Arc<Weights>>,
}

impl Draw {
    /// The rows of a tree.
    pub(super) fn rows(&self, random: &mut Random) -> Vec<u32> {
        let row = |row: usize| u32::try_from(row).unwrap_or(u32::MAX);
        match (&self.weights, self.repeated) {
            (None, false) => sample(self.total, self.count, random),
            (None, true) => (0..self.count).map(|_| row(random.below(self.total as usize))).collect(),
            (Some(weights), true) => (0..self.count).map(|_| weights.draw(random)).collect(),
            (Some(weights), false) => weights.sample(self.count, random),
        }
    }
}

/// The weights of all rows: for each the sum up to it.
#[derive(Debug)]
pub(super) struct Weights {
    sums: Vec<f64>,
}

impl Weights {
    /// The weights, finite and at least 0, and how many of them are above 0.
    pub(super) fn new(weights: &[f64]) -> (Self, usize) {
        let mut sum = 0.0;
        let mut add = |weight: &f64| {
            sum += weight;
            sum
        };
        let sums: Vec<f64> = weights.iter().map(&mut add).collect();
        let weights = Self { sums };
        let drawable = (0..weights.sums.len()).filter(|&row| weights.of(row) > 0.0).count();
        (weights, drawable)
    }

    /// The weight of a row, as much of it as the sum could take up.
    fn of(&self, row: usize) -> f64 {
        let at = |row: usize| self.sums.get(row).copied().unwrap_or(0.0);
        at(row) - row.checked_sub(1).map_or(0.0, at)
    }

    /// One row.
    fn draw(&self, random: &mut Random) -> u32 {
        let total = self.sums.last().copied().unwrap_or(0.0);
        let mark = random.unit() * total;
        let row = self.sums.partition_point(|&sum| sum <= mark);
        // A product that was rounded up to the total stands for the last row that weighs anything.
        let last = self.sums.partition_point(|&sum| sum < total);
        u32::try_from(row.min(last)).unwrap_or(u32::MAX)
    }

    /// `count` different rows, drawn one after the other among those that are left: as numpy's `choice` without
    /// replacement. No more than weigh anything may be asked for.
    ///
    /// A row that comes up again is drawn again, which is the same distribution. Where few rows have nearly all the
    /// weight that could take for ever; the rest are then those with the shortest waits, exponential with the rates of
    /// their weights (Efraimidis and Spirakis, 2006), which once more is the same.
    fn sample(&self, count: u32, random: &mut Random) -> Vec<u32> {
        let mut seen = Seen::new(count);
        let mut rows = Vec::with_capacity(count as usize);
        for _ in 0..u64::from(count) * 8 {
            if rows.len() == count as usize {
                return rows;
            }
            let row = self.draw(random);
            if seen.insert(row) {
                rows.push(row);
            }
        }
        let left = (0..self.sums.len()).filter(|&row| self.of(row) > 0.0);
        let left = left.filter_map(|row| u32::try_from(row).ok()).filter(|row| !rows.contains(row));
        let wait = |row: u32| (-libm::log(1.0 - random.unit()) / self.of(row as usize), row);
        let mut waits: Vec<(f64, u32)> = left.map(wait).collect();
        waits.sort_unstable_by(|a, b| a.0.total_cmp(&b.0));
        let missing = count as usize - rows.len();
        rows.extend(waits.into_iter().take(missing).map(|wait| wait.1));
        rows
    }
}

/// `count` different rows of 0..`total`, each set equally likely, in time that depends on `count` alone.
///
/// Floyd's method (Bentley and Floyd, *A sample of brilliance*, 1987): at the k-th step a row of the first
/// total − count + k + 1 is drawn, and the last of them stands in for one that was drawn before.
pub(super) fn sample(total: u32, count: u32, random: &mut Random) -> Vec<u32> {
    if count >= total {
        return (0..total).collect();
    }
    let mut seen = Seen::new(count);
    let draw = |last| {
        let drawn = random.below(last as usize + 1);
        let drawn = u32::try_from(drawn).unwrap_or(last);
        if seen.insert(drawn) {
            return drawn;
        }
        seen.insert(last);
        last
    };
    (total - count..total).map(draw).collect()
}

/// The rows drawn so far: open addressing over a table so empty that few rows meet another, or, where that would take much
/// memory, at most half full.
struct Seen {
    slots: Vec<u32>,
    shift: u32,
}

/// No row has this number: a matrix holds fewer than 2^32 − 1.
const FREE: u32 = u32::MAX;

/// As many rows get eight slots each.
const FEW: u32 = 1024;

impl Seen {
    fn new(count: u32) -> Self {
        let size = (u64::from(count) * if count <= FEW { 8 } else { 2 }).next_power_of_two();
        let slots = vec![FREE; usize::try_from(size).unwrap_or(usize::MAX)];
        Self { slots, shift: 64 - size.trailing_zeros() }
    }

    /// Adds a row; false if it was there.
    fn insert(&mut self, row: u32) -> bool {
        let hash = u64::from(row).wrapping_mul(0x9e37_79b9_7f4a_7c15) >> self.shift;
        let (mut at, last) = (usize::try_from(hash).unwrap_or(0), self.slots.len() - 1);
        while let Some(slot) = self.slots.get_mut(at) {
            if *slot == FREE {
                *slot = row;
                return true;
            }
            if *slot == row {
                return false;
            }
            at = (at + 1) & last;
        }
        false
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rows_are_different_and_fair() {
        let mut hits = [0_u32; 10];
        for tree in 0..2000 {
            let mut rows = sample(10, 4, &mut Random::for_tree(3, tree));
            rows.sort_unstable();
            rows.dedup();
            assert_eq!(rows.len(), 4);
            for row in rows {
                if let Some(hit) = hits.get_mut(row as usize) {
                    *hit += 1;
                }
            }
        }
        assert!(hits.iter().all(|&n| (700..900).contains(&n)), "{hits:?}");
    }

    #[test]
    fn weights_are_probabilities() {
        let (weights, drawable) = Weights::new(&[0.0, 1.0, 2.0, 0.0, 5.0, 0.0]);
        assert_eq!(drawable, 3);
        let mut hits = [0_u32; 6];
        let mut firsts = [0_u32; 6];
        for tree in 0..8000 {
            let mut random = Random::for_tree(9, tree);
            let one = weights.draw(&mut random) as usize;
            if let Some(hit) = hits.get_mut(one) {
                *hit += 1;
            }
            let two = weights.sample(2, &mut random);
            assert_eq!(two.len(), 2);
            assert_ne!(two.first(), two.last());
            let pair = two.iter().sum::<u32>() as usize;
            if let Some(hit) = firsts.get_mut(pair) {
                *hit += 1;
            }
        }
        assert!((900..1100).contains(&hits[1]) && (1850..2150).contains(&hits[2]) && (4850..5150).contains(&hits[4]));
        // Rows 1 and 2, in either order: 1/8 · 2/7 + 2/8 · 1/6 of all pairs.
        let expected = 8000.0 * (1.0 / 8.0 * 2.0 / 7.0 + 2.0 / 8.0 * 1.0 / 6.0);
        assert!((f64::from(firsts[3]) - expected).abs() < 80.0, "{firsts:?}");
    }

    #[test]
    fn one_row_with_nearly_all_the_weight_does_not_hold_up() {
        let mut heavy = vec![1e-9; 1000];
        heavy.push(1.0);
        let (weights, drawable) = Weights::new(&heavy);
        assert_eq!(drawable, 1001);
        let mut rows = weights.sample(256, &mut Random::for_tree(1, 2));
        rows.sort_unstable();
        rows.dedup();
        assert_eq!((rows.len(), rows.last()), (256, Some(&1000)));
    }

    #[test]
    fn all_rows_when_there_are_no_more() {
        assert_eq!(sample(3, 5, &mut Random::for_tree(0, 0)), [0, 1, 2]);
    }
}
