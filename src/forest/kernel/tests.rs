//! The kernel against the simple walk, bit for bit, over trees of any shape.

use super::Kernel;
use crate::forest::matrix::Matrix;
use crate::forest::tree::{Node, Tree};
use proptest::prelude::*;

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
    let kernel = Kernel::new(trees);
    let simple = |row: &[f32]| trees.iter().fold(0.0, |sum, tree| sum + f64::from(tree.weight(row)));
    let expected: Vec<u64> = rows.iter().map(|row| simple(row).to_bits()).collect();
    let bits = |sums: Vec<f64>| sums.into_iter().map(f64::to_bits).collect::<Vec<_>>();
    prop_assert_eq!(bits(kernel.sums::<16>(rows)), expected.clone());
    prop_assert_eq!(bits(kernel.sums::<8>(rows)), expected.clone());
    prop_assert_eq!(bits(rows.iter().map(|row| kernel.sum(row)).collect()), expected);
    Ok(())
}

fn matrix(columns: usize, rows: usize) -> impl Strategy<Value = Matrix> {
    prop::collection::vec(value(), 0..rows * columns).prop_map(move |mut values| {
        values.truncate(values.len() / columns * columns);
        Matrix::from_vec(columns, values).unwrap_or_default()
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(128))]

    #[test]
    fn heaps_are_the_simple_walk(trees in forest(8, 5), rows in matrix(5, 300)) {
        same(&trees, &rows)?;
    }

    #[test]
    fn linked_trees_are_the_simple_walk(trees in forest(13, 5), rows in matrix(5, 40)) {
        same(&trees, &rows)?;
    }

    #[test]
    fn wide_rows_are_the_simple_walk(trees in forest(8, 600), rows in matrix(600, 5)) {
        same(&trees, &rows)?;
    }

    #[test]
    fn a_short_row_lacks_its_last_values(trees in forest(8, 5), rows in matrix(3, 40)) {
        same(&trees, &rows)?;
    }
}
