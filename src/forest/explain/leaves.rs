//! What the path to each leaf did, feature by feature: explanations as a table that a file can hold.

use super::paths::{Lengths, paths};
use crate::forest::Forest;
use crate::forest::tree::Node;
use std::collections::BTreeMap;

/// A leaf of a forest, and what each feature on the path to it added to the path's length or saved.
pub(crate) struct LeafParts {
    /// Position of the tree in the forest.
    pub(crate) tree: usize,
    /// Position of the leaf in the tree.
    pub(crate) node: usize,
    /// The features with their parts, in edges.
    pub(crate) parts: BTreeMap<u32, f64>,
}

/// Tells every leaf of a forest without derived columns, tree by tree, in pre-order; answers the path length that the
/// forest expects of any row, in edges.
#[allow(clippy::cast_precision_loss, reason = "a forest has at most 100,000 trees")]
pub(crate) fn leaf_parts(forest: &Forest, mut tell: impl FnMut(LeafParts)) -> f64 {
    let lengths = Lengths::of(forest);
    let mut base = 0.0;
    for (tree, grown) in forest.trees().iter().enumerate() {
        let expected = lengths.expected(grown);
        base += expected.first().copied().unwrap_or(0.0);
        let leaves = grown.nodes().iter().enumerate().filter(|(_, node)| matches!(node, Node::Leaf { .. }));
        for ((node, _), path) in leaves.zip(paths(grown, &expected)) {
            let mut parts = BTreeMap::new();
            for (side, change) in path {
                *parts.entry(side / 2).or_insert(0.0) += change;
            }
            tell(LeafParts { tree, node, parts });
        }
    }
    base / forest.trees().len().max(1) as f64
}

#[cfg(test)]
mod tests {
    use super::leaf_parts;
    use crate::forest::{Explainer, Matrix, Node, Params, fit};
    use proptest::prelude::*;
    use std::collections::BTreeMap;

    proptest! {
        /// The parts of the leaves that a row falls into are the row's contributions.
        #[test]
        fn the_table_equals_the_walk(values in prop::collection::vec(-9_i8..9, 30..240), seed in any::<u64>()) {
            let columns = 3;
            let rows = values.len() / columns * columns;
            let values: Vec<f32> = values.iter().take(rows).map(|value| f32::from(*value)).collect();
            let data = Matrix::from_vec(columns, values).unwrap();
            let params = Params { trees: 7, seed, ..Params::default() }.check().unwrap();
            let forest = fit(&data, &params).unwrap();
            let explainer = Explainer::new(&forest);
            let mut leaves = BTreeMap::new();
            let base = leaf_parts(&forest, |leaf| {
                leaves.insert((leaf.tree, leaf.node), leaf.parts);
            });
            for row in data.iter().take(20) {
                let mut parts = vec![0.0; columns];
                for (tree, nodes) in forest.trees().iter().enumerate() {
                    let mut at = 0;
                    while let Node::Split { feature, threshold, right, .. } = nodes.nodes()[at] {
                        at = if row[feature as usize] <= threshold { at + 1 } else { right as usize };
                    }
                    for (feature, part) in &leaves[&(tree, at)] {
                        parts[*feature as usize] += part / 7.0;
                    }
                }
                let walked = explainer.contributions(&forest, row);
                prop_assert!(walked.parts.iter().zip(&parts).all(|(a, b)| (a - b).abs() < 1e-9));
                prop_assert!((walked.base - base).abs() < 1e-9);
            }
        }
    }
}
