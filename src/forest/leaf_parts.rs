//! What the path to each leaf did, feature by feature: explanations as a table instead of a walk.

use super::Forest;
use super::explain::Explainer;
use super::tree::Node;
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

impl Explainer {
    /// The path length that the forest expects of any row, in edges.
    #[must_use]
    #[allow(clippy::cast_precision_loss, reason = "a forest has at most 100,000 trees")]
    pub fn base(&self) -> f64 {
        let roots = self.expected.iter().map(|expected| expected.first().copied().unwrap_or(0.0));
        roots.sum::<f64>() / self.expected.len().max(1) as f64
    }

    /// Tells every leaf of the forest, tree by tree, in pre-order.
    pub(crate) fn leaf_parts(&self, forest: &Forest, mut tell: impl FnMut(LeafParts)) {
        for (tree, (nodes, expected)) in forest.trees().iter().map(super::Tree::nodes).zip(&self.expected).enumerate() {
            let length = |at: usize| expected.get(at).copied().unwrap_or(0.0);
            let mut path: Vec<(u32, f64)> = Vec::new();
            let mut open = vec![(0, 0, None)];
            while let Some((node, depth, step)) = open.pop() {
                // The path ends at the parent of this node.
                path.truncate(depth);
                path.extend(step);
                match nodes.get(node) {
                    Some(&Node::Split { feature, right, .. }) => {
                        for child in [right as usize, node + 1] {
                            open.push((child, path.len(), Some((feature, length(child) - length(node)))));
                        }
                    }
                    Some(Node::Leaf { .. }) => {
                        let mut parts = BTreeMap::new();
                        for (feature, change) in &path {
                            *parts.entry(*feature).or_insert(0.0) += change;
                        }
                        tell(LeafParts { tree, node, parts });
                    }
                    None => {}
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::forest::{Explainer, Matrix, Node, Params, fit};
    use proptest::prelude::*;

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
            let mut leaves = std::collections::BTreeMap::new();
            explainer.leaf_parts(&forest, |leaf| {
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
                prop_assert!((walked.base - explainer.base()).abs() < 1e-9);
            }
        }
    }
}
