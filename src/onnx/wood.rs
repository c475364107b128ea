//! Trees as the attributes of one operator, in the words of ai.onnx.ml 1 to 3 or of 5.
#![allow(clippy::needless_update, reason = "tract's messages have more fields than those of a build without it")]

use super::attributes::{floats, int, ints, tensor, text, texts};
use super::ensemble::{EnsembleNode, Test};
use crate::forest::{Node, Tree};
use crate::pb::tensor_proto::DataType;
use crate::pb::{AttributeProto, TensorProto};

/// Which operator states the trees.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum MlOpset {
    /// `TreeEnsembleRegressor`, which every runtime knows.
    Three,
    /// `TreeEnsemble`: less than half as large, for runtimes of 2024 and later.
    Five,
}

/// Trees in pre-order, whose leaves name one weight each.
#[derive(Debug, Default)]
pub(super) struct Wood {
    trees: Vec<Vec<EnsembleNode>>,
    weights: Vec<f32>,
}

impl Wood {
    /// Adds a tree with the weights of its leaves in their order.
    pub(super) fn push(&mut self, nodes: &[EnsembleNode], weights: impl Iterator<Item = f32>) {
        let mut next = self.weights.len();
        self.weights.extend(weights);
        let node = |node: &EnsembleNode| match *node {
            EnsembleNode::Leaf { .. } => {
                next += 1;
                EnsembleNode::Leaf { first: next - 1, end: next }
            }
            split @ EnsembleNode::Split { .. } => split,
        };
        self.trees.push(nodes.iter().map(node).collect());
    }

    /// Adds a tree of a forest.
    pub(super) fn plant(&mut self, tree: &Tree) {
        let node = |node: &Node| match *node {
            Node::Split { feature, threshold, right, missing_left } => EnsembleNode::Split {
                feature,
                threshold: f64::from(threshold),
                test: Test::AtMost,
                otherwise: right,
                missing_true: missing_left,
            },
            Node::Leaf { .. } => EnsembleNode::Leaf { first: 0, end: 0 },
        };
        let nodes: Vec<EnsembleNode> = tree.nodes().iter().map(node).collect();
        let weights = tree.nodes().iter().filter_map(|node| match *node {
            Node::Leaf { weight } => Some(weight),
            Node::Split { .. } => None,
        });
        self.push(&nodes, weights);
    }

    /// The type and the attributes of the operator. Thresholds are written as 32-bit floats.
    pub(super) fn operator(&self, opset: MlOpset) -> (&'static str, Vec<AttributeProto>) {
        match opset {
            MlOpset::Three => ("TreeEnsembleRegressor", self.three()),
            MlOpset::Five => ("TreeEnsemble", self.five()),
        }
    }

    #[allow(clippy::cast_possible_truncation, reason = "the thresholds are 32-bit floats")]
    fn three(&self) -> Vec<AttributeProto> {
        let (mut ids, mut features, mut modes, mut values) = (vec![], vec![], vec![], vec![]);
        let (mut trees, mut truths, mut falses, mut missing) = (vec![], vec![], vec![], vec![]);
        let (mut leaf_trees, mut leaf_ids) = (vec![], vec![]);
        for (nodes, tree) in self.trees.iter().zip(0_i64..) {
            for (node, at) in nodes.iter().zip(0_i64..) {
                let (mode, feature, value, truth, otherwise, track) = match *node {
                    EnsembleNode::Split { feature, threshold, test, otherwise, missing_true } => {
                        (test.name(), feature, threshold as f32, at + 1, i64::from(otherwise), missing_true)
                    }
                    EnsembleNode::Leaf { .. } => {
                        leaf_trees.push(tree);
                        leaf_ids.push(at);
                        ("LEAF", 0, 0.0, 0, 0, false)
                    }
                };
                trees.push(tree);
                ids.push(at);
                features.push(i64::from(feature));
                modes.push(mode.as_bytes().to_vec());
                values.push(value);
                truths.push(truth);
                falses.push(otherwise);
                missing.push(i64::from(track));
            }
        }
        vec![
            text("aggregate_function", "SUM"),
            int("n_targets", 1),
            text("post_transform", "NONE"),
            ints("nodes_treeids", trees),
            ints("nodes_nodeids", ids),
            ints("nodes_featureids", features),
            texts("nodes_modes", modes),
            floats("nodes_values", values),
            ints("nodes_truenodeids", truths),
            ints("nodes_falsenodeids", falses),
            ints("nodes_missing_value_tracks_true", missing),
            ints("target_treeids", leaf_trees),
            ints("target_nodeids", leaf_ids),
            ints("target_ids", vec![0; self.weights.len()]),
            floats("target_weights", self.weights.clone()),
        ]
    }

    /// Inner nodes are numbered through all trees; a tree of one leaf is a node both of whose branches are that leaf.
    #[allow(clippy::cast_possible_truncation, reason = "the thresholds are 32-bit floats")]
    fn five(&self) -> Vec<AttributeProto> {
        let (mut roots, mut features, mut modes, mut splits) = (vec![], vec![], vec![], vec![]);
        let (mut truths, mut falses, mut true_leaves, mut false_leaves) = (vec![], vec![], vec![], vec![]);
        let mut missing = vec![];
        for nodes in &self.trees {
            let first = features.len();
            roots.push(index(first));
            let mut number = first;
            let places: Vec<(i64, bool)> = nodes
                .iter()
                .map(|node| match *node {
                    EnsembleNode::Leaf { first, .. } => (index(first), true),
                    EnsembleNode::Split { .. } => {
                        number += 1;
                        (index(number - 1), false)
                    }
                })
                .collect();
            let place = |at: usize| places.get(at).copied().unwrap_or((0, true));
            let alone = (nodes.len() == 1).then_some((0, 0.0, Test::AtMost, place(0), place(0), false));
            let inner = nodes.iter().enumerate().filter_map(|(at, node)| match *node {
                EnsembleNode::Split { feature, threshold, test, otherwise, missing_true } => {
                    Some((feature, threshold, test, place(at + 1), place(otherwise as usize), missing_true))
                }
                EnsembleNode::Leaf { .. } => None,
            });
            for (feature, threshold, test, truth, otherwise, track) in alone.into_iter().chain(inner) {
                features.push(i64::from(feature));
                modes.push(test.code());
                splits.push(threshold as f32);
                truths.push(truth.0);
                true_leaves.push(i64::from(truth.1));
                falses.push(otherwise.0);
                false_leaves.push(i64::from(otherwise.1));
                missing.push(i64::from(track));
            }
        }
        let modes = TensorProto { raw_data: modes, ..list(DataType::Uint8, features.len()) };
        let splits = TensorProto { float_data: splits, ..list(DataType::Float, features.len()) };
        let weights = TensorProto { float_data: self.weights.clone(), ..list(DataType::Float, self.weights.len()) };
        vec![
            int("aggregate_function", 1),
            int("n_targets", 1),
            int("post_transform", 0),
            ints("tree_roots", roots),
            ints("nodes_featureids", features),
            tensor("nodes_modes", modes),
            tensor("nodes_splits", splits),
            ints("nodes_truenodeids", truths),
            ints("nodes_trueleafs", true_leaves),
            ints("nodes_falsenodeids", falses),
            ints("nodes_falseleafs", false_leaves),
            ints("nodes_missing_value_tracks_true", missing),
            ints("leaf_targetids", vec![0; self.weights.len()]),
            tensor("leaf_weights", weights),
        ]
    }
}

fn index(at: usize) -> i64 {
    i64::try_from(at).unwrap_or(i64::MAX)
}

fn list(kind: DataType, length: usize) -> TensorProto {
    TensorProto { dims: vec![index(length)], data_type: kind as i32, ..TensorProto::default() }
}

impl Test {
    /// The test as an entry of `nodes_modes` in ai.onnx.ml 1 to 3.
    pub(super) fn name(self) -> &'static str {
        match self {
            Self::AtMost => "BRANCH_LEQ",
            Self::Less => "BRANCH_LT",
            Self::AtLeast => "BRANCH_GTE",
            Self::Greater => "BRANCH_GT",
            Self::Equal => "BRANCH_EQ",
            Self::Different => "BRANCH_NEQ",
        }
    }

    /// The test as an entry of `nodes_modes` in ai.onnx.ml 5.
    fn code(self) -> u8 {
        match self {
            Self::AtMost => 0,
            Self::Less => 1,
            Self::AtLeast => 2,
            Self::Greater => 3,
            Self::Equal => 4,
            Self::Different => 5,
        }
    }
}
