//! Rows where a forest's branches part.

use super::splits;
use crate::forest::Forest;
use crate::onnx::number::Number;
use crate::onnx::prepare::Prepare;
use crate::onnx::step::Step;
use std::collections::BTreeSet;

/// Rows beyond which a check would take minutes.
const MOST: usize = 30_000;

/// Values that no threshold is made of; the last is the greatest of 32 bits.
const WILD: [f64; 4] = [f64::NAN, f64::INFINITY, f64::NEG_INFINITY, 3.402_823_466_385_288_6e38];

/// For each threshold a row at it and one at the number on either side that the column can hold, the other columns at thresholds of their own;
/// then rows with missing and infinite values. Of very many thresholds only some are taken, evenly.
pub(super) fn rows(forest: &Forest, prepare: &Prepare) -> Vec<f64> {
    let columns = prepare.columns();
    let mut values: Vec<BTreeSet<u64>> = vec![BTreeSet::new(); columns];
    for (feature, threshold) in splits(forest.trees()) {
        let own = prepare.marks(feature as usize).is_none();
        if let Some(values) = values.get_mut(feature as usize).filter(|_| own) {
            let beside = [threshold, threshold.next_up(), threshold.next_down()];
            values.extend(beside.map(|value| f64::from(value).to_bits()));
        }
    }
    for (column, values) in values.iter_mut().enumerate() {
        let marks = prepare.marks(column).unwrap_or_default().iter();
        values.extend(marks.flat_map(|mark| [*mark, mark.next_up(), mark.next_down()]).map(f64::to_bits));
    }
    let mut fussy = vec![false; columns];
    for (column, steps) in prepare.steps() {
        if let (Some(values), Some(fussy)) = (values.get_mut(column), fussy.get_mut(column)) {
            *fussy |= steps.iter().any(|step| matches!(step, Step::Among(_)));
            values.extend(categories(steps).map(f64::to_bits));
        }
    }
    let values: Vec<Vec<f64>> = values.into_iter().map(|set| set.into_iter().map(f64::from_bits).collect()).collect();
    let all: usize = values.iter().map(Vec::len).sum();
    let every = all.div_ceil(MOST).max(1);
    let mut draw = Draw(0);
    let mut rows = Vec::new();
    let marked =
        values.iter().enumerate().flat_map(|(column, values)| values.iter().map(move |&value| (column, value)));
    for (column, value) in marked.step_by(every) {
        let mut row = draw.row(&values);
        if let Some(cell) = row.get_mut(column) {
            *cell = value;
        }
        rows.extend(row);
    }
    for at in 0..1000 {
        let mut row = draw.row(&values);
        for (cell, fussy) in row.iter_mut().zip(&fussy) {
            if !fussy && draw.below(3) == 0 {
                *cell = WILD.get(if at % 2 == 0 { 0 } else { draw.below(4) }).copied().unwrap_or(f64::NAN);
            }
        }
        rows.extend(row);
    }
    rows
}

/// The categories that some steps ask for.
fn categories(steps: &[Step]) -> impl Iterator<Item = f64> {
    steps.iter().flat_map(|step| match step {
        Step::Is(category) => vec![category.real()],
        Step::Among(all) => all.iter().map(|category: &Number| category.real()).collect(),
        _ => Vec::new(),
    })
}

/// Always the same draws: Weyl's sequence, mixed.
struct Draw(u64);

impl Draw {
    #[allow(clippy::cast_possible_truncation, reason = "what is below a length fits")]
    fn below(&mut self, end: usize) -> usize {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mixed = (self.0 ^ (self.0 >> 31)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        ((mixed >> 33) % (end.max(1) as u64)) as usize
    }

    fn row(&mut self, values: &[Vec<f64>]) -> Vec<f64> {
        values.iter().map(|values| values.get(self.below(values.len())).copied().unwrap_or(0.0)).collect()
    }
}
