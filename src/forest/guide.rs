//! Thresholds that are looked for instead of drawn.
//!
//! After isotree's `prob_pick_pooled_gain`, `prob_pick_avg_gain` and `prob_pick_density` (Cortes, *Revisiting
//! randomized choices in isolation forests*, 2021): where values cluster, a split between the clusters says more than one
//! through them.

use super::cut::round_down;
use super::params::Split;

/// What a threshold is chosen by, over the values of a node in ascending order.
pub(super) struct Guide<'a> {
    sorted: &'a [f32],
    /// For each count of values from the left their sum and their sum of squares, centred on the values' mean.
    sums: Vec<(f64, f64)>,
}

/// The best threshold for the values of a node, at least two of them different; missing ones are left out.
///
/// It lies halfway between two neighbouring values. Between equally good ones the least wins, so that the result does
/// not depend on the order of the rows. `sorted` is scratch.
pub(super) fn best(split: Split, values: &[f32], sorted: &mut Vec<f32>) -> Option<f32> {
    sorted.clear();
    sorted.extend(values.iter().filter(|value| !value.is_nan()));
    sorted.sort_unstable_by(f32::total_cmp);
    let guide = Guide::new(sorted);
    let mut best: Option<(f64, f32)> = None;
    for (at, pair) in sorted.windows(2).enumerate() {
        let &[low, high] = pair else { continue };
        if low < high {
            let gain = guide.gain(split, at + 1);
            if best.is_none_or(|(most, _)| gain > most) {
                best = Some((gain, between(low, high)));
            }
        }
    }
    best.map(|(_, threshold)| threshold)
}

impl<'a> Guide<'a> {
    #[allow(clippy::cast_precision_loss, reason = "a node has far fewer rows than 2^53")]
    fn new(sorted: &'a [f32]) -> Self {
        let mean = sorted.iter().map(|&value| f64::from(value)).sum::<f64>() / sorted.len().max(1) as f64;
        let add = |(sum, squares): &mut (f64, f64), value: &f32| {
            let value = f64::from(*value) - mean;
            (*sum, *squares) = (*sum + value, *squares + value * value);
            Some((*sum, *squares))
        };
        Self { sorted, sums: sorted.iter().scan((0.0, 0.0), add).collect() }
    }

    /// How good it is to send the first `left` values left; comparable within one node.
    #[allow(clippy::cast_precision_loss, reason = "a node has far fewer rows than 2^53")]
    fn gain(&self, split: Split, left: usize) -> f64 {
        let count = self.sorted.len();
        let (rows, left_rows) = (count as f64, left as f64);
        let right_rows = rows - left_rows;
        let at = |count: usize| count.checked_sub(1).and_then(|at| self.sums.get(at)).copied().unwrap_or_default();
        let ((sum, squares), (left_sum, left_squares)) = (at(count), at(left));
        let left_deviation = deviation(left_sum, left_squares, left_rows);
        let right_deviation = deviation(sum - left_sum, squares - left_squares, right_rows);
        match split {
            Split::Density => self.density(left, left_rows / rows),
            Split::Average => -(left_deviation + right_deviation),
            Split::Gain | Split::Random => -(left_rows * left_deviation + right_rows * right_deviation),
        }
    }

    /// Σ share of rows² / share of range over the two sides: 1 where both are equally dense.
    fn density(&self, left: usize, share: f64) -> f64 {
        let value = |at: usize| self.sorted.get(at).copied().map_or(0.0, f64::from);
        let (least, greatest) = (value(0), value(self.sorted.len().saturating_sub(1)));
        let middle = f64::midpoint(value(left.saturating_sub(1)), value(left));
        let range = (middle - least) / (greatest - least);
        share * share / range + (1.0 - share) * (1.0 - share) / (1.0 - range)
    }
}

fn deviation(sum: f64, squares: f64, rows: f64) -> f64 {
    let mean = sum / rows;
    libm::sqrt((squares / rows - mean * mean).max(0.0))
}

/// Halfway between two values, at least the lower and below the higher.
fn between(low: f32, high: f32) -> f32 {
    let middle = round_down(f64::midpoint(f64::from(low), f64::from(high)));
    if middle < high { middle.max(low) } else { low }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(split: Split, values: &[f32]) -> Option<f32> {
        best(split, values, &mut Vec::new())
    }

    #[test]
    fn clusters_are_parted() {
        let two = [0.0, 5.2, 0.1, 5.0, f32::NAN, 0.2, 5.1];
        for split in [Split::Gain, Split::Average] {
            let threshold = found(split, &two).unwrap_or(f32::NAN);
            assert!(threshold > 0.2 && threshold < 5.0, "{split:?}: {threshold}");
        }
        // Of three values beside a hundred, the density parts them off.
        let mut many: Vec<f32> = (0..100_u8).map(|i| f32::from(i) / 100.0).collect();
        many.extend([9.0, 9.5, 10.0]);
        let threshold = found(Split::Density, &many).unwrap_or(f32::NAN);
        assert!(threshold > 0.9 && threshold < 9.0, "{threshold}");
    }

    #[test]
    fn neighbouring_floats_are_parted() {
        let low = 1.0_f32;
        assert_eq!(found(Split::Gain, &[low, low.next_up()]), Some(low));
        assert_eq!(found(Split::Gain, &[f32::MIN, f32::MAX]), Some(0.0));
        assert_eq!(found(Split::Gain, &[3.0, 3.0, f32::NAN]), None);
    }
}
