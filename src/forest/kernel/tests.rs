//! The kernel against the simple walk, bit for bit, over trees of any shape.
#![allow(clippy::cast_precision_loss, clippy::cast_possible_truncation, reason = "small numbers")]

use super::{Kernel, ROWS};
use crate::forest::derived::{Column, Derived, Scaling};
use crate::forest::matrix::Matrix;
use crate::forest::tree::{Node, Tree, goes_left};
use proptest::prelude::*;
use std::sync::Arc;

/// A tree drawn from a list of choices: each says leaf or split, and which.
fn tree(choices: &[(bool, u32, f32, bool)], tallest: usize) -> Tree {
    let mut nodes = Vec::new();
    let mut choices = choices.iter().copied().cycle().take(400);
    grow(&mut nodes, &mut choices, tallest);
    Tree::new(nodes)
}

fn grow(nodes: &mut Vec<Node>, choices: &mut dyn Iterator<Item = (bool, u32, f32, bool)>, below: usize) {
    let at = nodes.len();
    match choices.next() {
        Some((true, feature, threshold, missing_left)) if below > 0 => {
            nodes.push(Node::Split { feature, threshold, right: 0, missing_left });
            grow(nodes, choices, below - 1);
            let next = u32::try_from(nodes.len()).unwrap_or(0);
            if let Some(Node::Split { right, .. }) = nodes.get_mut(at) {
                *right = next;
            }
            grow(nodes, choices, below - 1);
        }
        choice => nodes.push(Node::Leaf { weight: choice.map_or(0.25, |(_, _, weight, _)| weight.abs() + 0.01) }),
    }
}

fn value() -> impl Strategy<Value = f32> {
    prop_oneof![
        8 => -4.0_f32..4.0,
        1 => Just(f32::NAN),
        1 => prop::sample::select(vec![f32::INFINITY, f32::NEG_INFINITY, 0.0, -0.0, f32::MIN_POSITIVE, f32::MAX]),
    ]
}

fn forest(tallest: usize, columns: u32) -> impl Strategy<Value = Vec<Tree>> {
    let choice = (prop::bool::weighted(0.8), 0..columns, -3.0_f32..3.0, any::<bool>());
    let choices = prop::collection::vec(choice, 1..200);
    prop::collection::vec(choices.prop_map(move |choices| tree(&choices, tallest)), 1..25)
}

fn same(trees: &[Tree], rows: &Matrix) -> Result<(), TestCaseError> {
    same_leaves(&same_sums(trees, rows)?, trees, rows)
}

fn same_sums(trees: &[Tree], rows: &Matrix) -> Result<Kernel, TestCaseError> {
    let kernel = Kernel::new(trees.into());
    let simple = |row: &[f32]| trees.iter().fold(0.0, |sum, tree| sum + f64::from(tree.weight(row)));
    let expected: Vec<u64> = rows.iter().map(|row| simple(row).to_bits()).collect();
    let bits = |sums: Vec<f64>| sums.into_iter().map(f64::to_bits).collect::<Vec<_>>();
    prop_assert_eq!(bits(kernel.sums::<16>(rows)), expected.clone());
    prop_assert_eq!(bits(kernel.sums::<8>(rows)), expected.clone());
    prop_assert_eq!(bits(rows.iter().map(|row| kernel.sum(row)).collect()), expected);
    Ok(kernel)
}

/// Trees over 5 features and 4 columns that are derived from them.
fn derived_forest() -> impl Strategy<Value = Vec<Tree>> {
    let terms = prop::collection::vec((0..5_u32, -2.0_f32..2.0), 1..4);
    let among = (0..5_u32, prop::collection::vec(value(), 0..6));
    let column = prop_oneof![
        2 => terms.prop_map(Column::Plane),
        1 => among.prop_map(|(feature, values)| Column::Among { feature, values }),
    ];
    let scaling = prop::collection::vec((-1.0_f32..1.0, 0.0_f32..3.0), 5);
    (forest(9, 9), prop::collection::vec(column, 4), scaling).prop_map(|(trees, columns, scaling)| {
        let (mean, rate) = scaling.into_iter().unzip();
        let derived = Derived::new(5, Arc::new(Scaling { mean, rate }), columns);
        trees.into_iter().map(|tree| tree.with_derived(derived.clone())).collect()
    })
}

/// The leaves that rows fall into, alone and together, against the simple walk.
fn same_leaves(kernel: &Kernel, trees: &[Tree], rows: &Matrix) -> Result<(), TestCaseError> {
    let width = rows.columns();
    let mut together = Vec::new();
    for block in rows.values().chunks(width * ROWS) {
        kernel.leaves_of_rows(block, width, &mut together);
        for (lane, row) in block.chunks_exact(width).enumerate() {
            let expected: Vec<u32> = trees.iter().map(|tree| leaf(tree, row)).collect();
            let mut alone = Vec::new();
            kernel.leaves(row, |leaf| alone.push(leaf));
            prop_assert_eq!(&alone, &expected);
            prop_assert_eq!(together.iter().map(|leaves| leaves[lane]).collect::<Vec<_>>(), expected);
        }
    }
    Ok(())
}

/// The leaf that a row falls into, counted from the left.
fn leaf(tree: &Tree, row: &[f32]) -> u32 {
    let mut at = 0;
    while let Some(&Node::Split { feature, threshold, right, missing_left }) = tree.nodes().get(at) {
        let value = row.get(feature as usize).copied().unwrap_or(f32::NAN);
        at = if goes_left(value, threshold, missing_left) { at + 1 } else { right as usize };
    }
    tree.nodes().iter().take(at).filter(|node| matches!(node, Node::Leaf { .. })).count() as u32
}

fn matrix(columns: usize, rows: usize) -> impl Strategy<Value = Matrix> {
    prop::collection::vec(value(), 0..rows * columns).prop_map(move |mut values| {
        values.truncate(values.len() / columns * columns);
        Matrix::from_vec(columns, values).unwrap_or_default()
    })
}

/// A tree that goes on at one side only, to the right or to the left.
fn chain(splits: u32, columns: u32, right: bool) -> Tree {
    let split = |at: u32| {
        let threshold = if right { at as f32 } else { (splits - at) as f32 } / splits as f32 - 0.5;
        let next = if right { 2 * at + 2 } else { 2 * splits - at };
        Node::Split { feature: at % columns, threshold, right: next, missing_left: at.is_multiple_of(3) }
    };
    let leaf = |at: u32| Node::Leaf { weight: 1.0 + at as f32 };
    let nodes: Vec<Node> = if right {
        (0..splits).flat_map(|at| [split(at), leaf(at)]).chain([leaf(splits)]).collect()
    } else {
        (0..splits).map(split).chain((0..=splits).map(leaf)).collect()
    };
    Tree::new(nodes)
}

#[test]
fn chains_and_lonely_leaves_are_the_simple_walk() {
    let lonely = Tree::new(vec![Node::Leaf { weight: 0.5 }]);
    let mut values: Vec<f32> = (0..700).map(|at| (at * 37 % 701) as f32 / 701.0 - 0.5).collect();
    values.extend([f32::NAN, f32::INFINITY, f32::NEG_INFINITY, 0.0, -0.0, 0.5, -0.5]);
    for columns in [1, 7] {
        let rows = Matrix::from_vec(columns, values.iter().copied().take(700 + columns).collect()).unwrap();
        for splits in [1, 2, 8, 9, 200, 255, 256, 1000, 1023, 1024, 2000] {
            let columns = columns as u32;
            let trees = [chain(splits, columns, true), lonely.clone(), chain(splits, columns, false), lonely.clone()];
            same(&trees, &rows).unwrap();
        }
        same(&[lonely.clone(), lonely.clone()], &rows).unwrap();
        same(&[], &rows).unwrap();
    }
}

#[test]
fn ten_thousand_columns_are_the_simple_walk() {
    let columns = 10_000;
    let splits: Vec<(bool, u32, f32, bool)> = (0..3000_u32)
        .map(|at| (at % 5 != 4, at * 7919 % columns, (at * 31 % 97) as f32 / 97.0 - 0.5, at % 2 == 0))
        .collect();
    let trees: Vec<Tree> = splits.chunks(150).map(|choices| tree(choices, 8)).collect();
    let value = |at: u32| if at.is_multiple_of(41) { f32::NAN } else { (at * 7919 % 1009) as f32 / 1009.0 - 0.5 };
    let rows = Matrix::from_vec(columns as usize, (0..columns * 70).map(value).collect()).unwrap();
    same(&trees, &rows).unwrap();
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn small_trees_are_the_simple_walk(trees in forest(8, 5), rows in matrix(5, 1500)) {
        same(&trees, &rows)?;
    }

    #[test]
    fn tall_trees_are_the_simple_walk(trees in forest(13, 5), rows in matrix(5, 300)) {
        same(&trees, &rows)?;
    }

    #[test]
    fn any_number_of_columns_is_the_simple_walk(
        (trees, rows) in (1_u32..=64).prop_flat_map(|columns| (forest(8, columns), matrix(columns as usize, 100))),
    ) {
        same(&trees, &rows)?;
    }

    #[test]
    fn wide_rows_are_the_simple_walk(trees in forest(8, 600), rows in matrix(600, 5)) {
        same(&trees, &rows)?;
    }

    #[test]
    fn thresholds_that_are_met_go_left(trees in forest(8, 3), picks in prop::collection::vec(any::<usize>(), 300)) {
        let thresholds: Vec<f32> = trees.iter().flat_map(Tree::nodes).filter_map(|node| match node {
            Node::Split { threshold, .. } => Some(*threshold),
            Node::Leaf { .. } => None,
        }).collect();
        prop_assume!(!thresholds.is_empty());
        let values = picks.iter().map(|pick| thresholds[pick % thresholds.len()]).collect();
        same(&trees, &Matrix::from_vec(3, values).unwrap())?;
    }

    #[test]
    fn derived_columns_are_the_simple_walk(trees in derived_forest(), rows in matrix(5, 600)) {
        same_sums(&trees, &rows)?;
    }

    #[test]
    fn a_short_row_lacks_its_last_values(trees in forest(8, 5), rows in matrix(3, 400)) {
        same(&trees, &rows)?;
    }
}
