//! Explanations against the simple walk, and what they say of rows that were made to be odd.
#![allow(clippy::cast_precision_loss, clippy::cast_possible_truncation, reason = "small numbers")]

use super::paths::Lengths;
use super::{Explainer, Reason, Side};
use crate::forest::kernel::ROWS;
use crate::forest::tree::{Node, goes_left};
use crate::forest::{Amount, Forest, Matrix, Params, Tree, fit};
use proptest::prelude::*;

/// Rows around 0, without any in the middle of the first column.
fn usual(columns: usize) -> Matrix {
    let mut state = 7_u64;
    let mut draw = || {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (state >> 40) as f32 / (1 << 24) as f32 - 0.5
    };
    let mut rows = Matrix::new(columns);
    for _ in 0..2000 {
        let mut row: Vec<f32> = (0..columns).map(|_| draw() + draw()).collect();
        row[0] += if draw() < 0.0 { -9.0 } else { 9.0 };
        rows.push_row(&row).unwrap();
    }
    rows
}

fn grown(rows: &Matrix, samples: usize) -> Forest {
    fit(rows, &Params { samples: Amount::Count(samples), seed: 3, ..Params::default() }.check().unwrap()).unwrap()
}

fn first(forest: &Forest, row: &[f32]) -> Reason {
    Explainer::new(forest).reasons(forest, row, 1)[0]
}

#[test]
fn a_reason_says_where_the_value_lies() {
    let forest = grown(&usual(4), 256);
    let cases = [
        ([9.0, 0.0, 30.0, 0.0], 2, Side::Above),
        ([9.0, 0.0, -30.0, 0.0], 2, Side::Below),
        ([0.0, 0.0, 0.0, 0.0], 0, Side::Between),
        ([-40.0, 0.0, 0.0, 0.0], 0, Side::Below),
        ([40.0, 0.0, 0.0, 0.0], 0, Side::Above),
    ];
    for (row, feature, side) in cases {
        let reason = first(&forest, &row);
        assert_eq!((reason.feature, reason.side), (feature, side), "{row:?}");
        assert!((-1.0..=1.0).contains(&reason.direction));
    }
}

#[test]
fn a_missing_value_lies_nowhere() {
    let mut rows = Matrix::new(2);
    for (at, row) in usual(1).iter().enumerate() {
        rows.push_row(&[row[0], if at % 100 == 3 { f32::NAN } else { 1.0 }]).unwrap();
    }
    let reason = first(&grown(&rows, 256), &[9.0, f32::NAN]);
    assert_eq!((reason.feature, reason.side), (1, Side::Missing));
}

/// What each side of each feature did, by the definition.
fn simple(forest: &Forest, row: &[f32]) -> Vec<[f64; 2]> {
    let mut sides = vec![[0.0; 2]; forest.columns()];
    for tree in forest.trees() {
        let lengths = Lengths::of(forest).expected(tree);
        let mut at = 0;
        while let Some(&Node::Split { feature, threshold, right, missing_left }) = tree.nodes().get(at) {
            let left = goes_left(row[feature as usize], threshold, missing_left);
            let next = if left { at + 1 } else { right as usize };
            sides[feature as usize][usize::from(!left)] += lengths[next] - lengths[at];
            at = next;
        }
    }
    let count = forest.trees().len() as f64;
    sides.into_iter().map(|sides| sides.map(|sum| sum / count)).collect()
}

#[test]
fn tables_are_the_simple_walk() {
    let rows = usual(5);
    let part = Matrix::from_vec(5, rows.values()[..5 * (2 * ROWS + 9)].to_vec()).unwrap();
    for samples in [2, 16, 256, 1024] {
        let forest = grown(&rows, samples);
        let explainer = Explainer::new(&forest);
        for row in part.iter() {
            let why = explainer.contributions(&forest, row);
            for (feature, [below, above]) in simple(&forest, row).into_iter().enumerate() {
                assert!((why.parts[feature] - (below + above)).abs() < 1e-12);
                assert!((why.above[feature] - above).abs() < 1e-12);
            }
        }
    }
}

#[test]
fn a_tall_tree_is_explained_too() {
    // Splits down the left side, each with a leaf on its right; the last one has two.
    let splits = 40_u32;
    let scale = crate::forest::path_length::c(256);
    let leaf = |depth: u32| Node::Leaf { weight: (f64::from(depth) / scale) as f32 };
    let split = |at: u32| Node::Split {
        feature: at % 2,
        threshold: (splits - at) as f32,
        right: 2 * splits - at,
        missing_left: true,
    };
    let leaves = std::iter::once(splits).chain((1..=splits).rev()).map(leaf);
    let tree = Tree::new((0..splits).map(split).chain(leaves).collect());
    let forest = Forest::new(vec![tree], 2, 256, -0.5);
    let explainer = Explainer::new(&forest);
    for value in [-1.0, 3.5, 20.5, 39.5, 99.0] {
        let row = [value, value];
        let why = explainer.contributions(&forest, &row);
        for (feature, [below, above]) in simple(&forest, &row).into_iter().enumerate() {
            assert!((why.parts[feature] - (below + above)).abs() < 1e-12);
            assert!((why.above[feature] - above).abs() < 1e-12);
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(32))]

    #[test]
    fn together_is_as_alone(count in 1_usize..200, columns in 1_usize..40, samples in prop::sample::select(vec![8, 256, 700])) {
        let forest = grown(&usual(columns), samples);
        let rows = usual(columns);
        let some = Matrix::from_vec(columns, rows.values()[..count * columns].to_vec()).unwrap();
        let explainer = Explainer::new(&forest);
        let table = explainer.contributions_batch(&forest, &some);
        let alone: Vec<_> = some.iter().map(|row| explainer.contributions(&forest, row)).collect();
        let bits = |parts: &[f64]| parts.iter().map(|part| part.to_bits()).collect::<Vec<_>>();
        prop_assert_eq!(table.columns, columns);
        for (why, parts) in alone.iter().zip(table.parts.chunks(columns)) {
            prop_assert_eq!(why.base.to_bits(), table.base.to_bits());
            prop_assert_eq!(bits(&why.parts), bits(parts));
        }
        let reasons: Vec<_> = some.iter().map(|row| explainer.reasons(&forest, row, 3)).collect();
        prop_assert_eq!(explainer.reasons_batch(&forest, &some, 3), reasons);
    }
}
