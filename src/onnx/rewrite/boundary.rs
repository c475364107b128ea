//! Rows where a forest's branches part.

use super::splits;
use crate::forest::{Forest, Matrix};
use crate::onnx::number::Number;
use crate::onnx::prepare::Prepare;
use crate::onnx::step::Step;
use std::collections::BTreeSet;

/// Rows beyond which a check would take minutes.
const MOST: usize = 30_000;

/// Values that no threshold is made of.
const WILD: [f32; 4] = [f32::NAN, f32::INFINITY, f32::NEG_INFINITY, f32::MAX];

/// For each threshold a row at it and one at the float on either side, the other columns at thresholds of their own;
/// then rows with missing and infinite values. Of very many thresholds only some are taken, evenly.
pub(super) fn rows(forest: &Forest, prepare: &Prepare) -> Matrix {
    let columns = prepare.columns();
    let mut values: Vec<BTreeSet<u32>> = vec![BTreeSet::new(); columns];
    for (feature, threshold) in splits(forest.trees()) {
        if let Some(values) = values.get_mut(feature as usize) {
            values.extend([threshold, threshold.next_up(), threshold.next_down()].map(f32::to_bits));
        }
    }
    let mut fussy = vec![false; columns];
    for (column, steps) in prepare.steps() {
        if let (Some(values), Some(fussy)) = (values.get_mut(column), fussy.get_mut(column)) {
            *fussy |= steps.iter().any(|step| matches!(step, Step::Among(_)));
            values.extend(categories(steps).map(f32::to_bits));
        }
    }
    let values: Vec<Vec<f32>> = values.into_iter().map(|set| set.into_iter().map(f32::from_bits).collect()).collect();
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
                *cell = WILD.get(if at % 2 == 0 { 0 } else { draw.below(4) }).copied().unwrap_or(f32::NAN);
            }
        }
        rows.extend(row);
    }
    Matrix::from_vec(columns, rows).unwrap_or_default()
}

/// The categories that some steps ask for.
#[allow(clippy::cast_possible_truncation, reason = "a category of a 32-bit column is a 32-bit float")]
fn categories(steps: &[Step]) -> impl Iterator<Item = f32> {
    steps.iter().flat_map(|step| match step {
        Step::Is(category) => vec![category.real() as f32],
        Step::Among(all) => all.iter().map(|category: &Number| category.real() as f32).collect(),
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

    fn row(&mut self, values: &[Vec<f32>]) -> Vec<f32> {
        values.iter().map(|values| values.get(self.below(values.len())).copied().unwrap_or(0.0)).collect()
    }
}
