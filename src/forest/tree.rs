//! One isolation tree.

use super::derived::Derived;
use super::path_length::{c, rows_for};

/// A binary tree in pre-order: the first node is the root, and a split's left child is the node after it.
#[derive(Clone, Debug, PartialEq)]
pub struct Tree {
    nodes: Vec<Node>,
    derived: Option<Box<Derived>>,
}

/// A node of a [`Tree`].
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Node {
    /// Sends a row left when its value is at most the threshold, else right.
    Split {
        /// Position of the value in a row; past a row's end, of a column that the tree derives from it.
        feature: u32,
        /// Finite, and a 32-bit float as the rows are, so that the comparison is exact.
        threshold: f32,
        /// Position of the right child in the tree.
        right: u32,
        /// Whether a missing value (NaN) goes left.
        missing_left: bool,
    },
    /// Ends a path.
    Leaf {
        /// (depth + c(rows)) / (trees · c(ψ)): this tree's part of the exponent of the score.
        weight: f32,
    },
}

impl Tree {
    /// A tree of nodes in pre-order whose `right`s lie inside it.
    pub(crate) fn new(nodes: Vec<Node>) -> Self {
        Self { nodes, derived: None }
    }

    /// The same tree, whose splits past the features of a row name these columns.
    pub(crate) fn with_derived(self, derived: Derived) -> Self {
        Self { derived: Some(Box::new(derived)), ..self }
    }

    /// What the tree's splits compare beside plain features, if anything.
    #[must_use]
    pub fn derived(&self) -> Option<&Derived> {
        self.derived.as_deref()
    }

    /// The same tree in a forest of another scale (trees · c(ψ)).
    ///
    /// Each leaf gets the weight that it would have been grown with: depth and rows are whole numbers, which its old
    /// weight still tells (but for leaves of more than some 300,000 rows, where the weight is right to its last digit).
    #[allow(clippy::cast_possible_truncation, reason = "a leaf's weight is a 32-bit float")]
    pub(super) fn rescaled(&self, before: f64, after: f64) -> Self {
        let depths: Vec<u32> = self.depths().collect();
        let mut tree = self.clone();
        for (node, depth) in tree.nodes.iter_mut().zip(depths) {
            if let Node::Leaf { weight } = node {
                let depth = f64::from(depth);
                let rows = rows_for(f64::from(*weight) * before - depth);
                *weight = ((depth + c(rows)) / after) as f32;
            }
        }
        tree
    }

    /// The nodes in pre-order.
    #[must_use]
    pub fn nodes(&self) -> &[Node] {
        &self.nodes
    }

    /// The weight of the leaf that a row falls into, found the simple way.
    ///
    /// The forest's scores come from a faster kernel; this is what it is held against. A value past the row's end
    /// counts as missing.
    #[must_use]
    pub fn weight(&self, row: &[f32]) -> f32 {
        let mut at = 0;
        loop {
            match self.nodes.get(at) {
                Some(&Node::Split { feature, threshold, right, missing_left }) => {
                    let value = self.value(feature, row);
                    at = if goes_left(value, threshold, missing_left) { at + 1 } else { right as usize };
                }
                Some(&Node::Leaf { weight }) => return weight,
                None => return 0.0,
            }
        }
    }

    /// What a split that names this feature sees of a row.
    pub(crate) fn value(&self, feature: u32, row: &[f32]) -> f32 {
        match &self.derived {
            None => row.get(feature as usize).copied().unwrap_or(f32::NAN),
            Some(derived) => derived.value(feature, row),
        }
    }

    /// Edges between the root and the deepest leaf.
    #[must_use]
    pub fn height(&self) -> u32 {
        self.depths().max().unwrap_or(0)
    }

    /// Edges between the root and each node, in pre-order.
    pub(crate) fn depths(&self) -> impl Iterator<Item = u32> {
        let mut right_depths = Vec::new();
        let mut depth = 0;
        self.nodes.iter().map(move |node| {
            let here = depth;
            match node {
                Node::Split { .. } => {
                    depth += 1;
                    right_depths.push(depth);
                }
                Node::Leaf { .. } => depth = right_depths.pop().unwrap_or(0),
            }
            here
        })
    }
}

/// The comparison of a split.
pub(crate) fn goes_left(value: f32, threshold: f32, missing_left: bool) -> bool {
    value <= threshold || (missing_left && value.is_nan())
}
