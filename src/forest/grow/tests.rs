//! The two ways to grow a tree, held against each other.

use super::{Plan, grow_by_lists, small};
use crate::forest::fit::plan;
use crate::forest::{Data, Height, Matrix, Params, Tree};
use proptest::prelude::*;

/// Values that ties, gaps, the extremes and the signs of zero come from.
fn value() -> impl Strategy<Value = f32> {
    prop_oneof![
        4 => -4.0_f32..4.0,
        2 => (-2_i8..3).prop_map(f32::from),
        1 => prop::sample::select(vec![f32::NAN, 0.0, f32::INFINITY, f32::NEG_INFINITY, f32::MAX, 1e-45, -1e-45]),
    ]
}

fn matrix(columns: usize, mut values: Vec<f32>) -> Matrix {
    values.truncate(values.len() / columns * columns);
    Matrix::from_vec(columns, values).unwrap()
}

fn prepared(rows: &Matrix, params: Params) -> Plan {
    plan(&Data::from(rows), params.check().unwrap().get()).unwrap()
}

/// Every bit of a tree: text tells −0 from 0.
fn text(tree: &Tree) -> String {
    format!("{tree:?}")
}

proptest! {
    #[test]
    fn both_ways_grow_the_same_tree(
        columns in 1_usize..6,
        values in prop::collection::vec(value(), 12..3000),
        samples in 2_usize..300,
        full in any::<bool>(),
        bootstrap in any::<bool>(),
        seed in any::<u64>(),
    ) {
        let rows = matrix(columns, values);
        let height = if full { Height::Full } else { Height::Average };
        let plan = prepared(&rows, Params { samples: samples.into(), height, bootstrap, seed, ..Params::default() });
        for position in 0..3 {
            let tree = small::grow(&Data::from(&rows), &plan, position);
            prop_assert_eq!(tree.is_some(), plan.draw.count <= 256);
            if let Some(tree) = tree {
                prop_assert_eq!(text(&tree), text(&grow_by_lists(&Data::from(&rows), &plan, position)));
            }
        }
    }

    #[test]
    fn signed_zeros_beside_gaps_are_left_to_lists(
        values in prop::collection::vec(prop::sample::select(vec![0.0_f32, -0.0, 1.0, f32::NAN]), 20..600),
        seed in any::<u64>(),
    ) {
        let rows = matrix(2, values);
        let plan = prepared(&rows, Params { seed, ..Params::default() });
        if let Some(tree) = small::grow(&Data::from(&rows), &plan, 0) {
            prop_assert_eq!(text(&tree), text(&grow_by_lists(&Data::from(&rows), &plan, 0)));
        }
    }
}

#[test]
fn only_small_plain_trees_are_grown_by_place() {
    let rows = matrix(2, (0..800_u16).map(f32::from).collect());
    let is_small = |params| small::grow(&Data::from(&rows), &prepared(&rows, params), 0).is_some();
    assert!(is_small(Params::default()));
    assert!(!is_small(Params { samples: 257.into(), ..Params::default() }));
    assert!(!is_small(Params { extension: Some(1), ..Params::default() }));
    assert!(!is_small(Params { split: crate::forest::Split::Gain, ..Params::default() }));
    let mixed = matrix(1, vec![0.0, -0.0, f32::NAN, 1.0]);
    assert!(small::grow(&Data::from(&mixed), &prepared(&mixed, Params::default()), 0).is_none());
}
