//! One isolation tree.

/// A binary tree in pre-order: the first node is the root, and a split's left child is the node after it.
#[derive(Clone, Debug, PartialEq)]
pub struct Tree {
    nodes: Vec<Node>,
}

/// A node of a [`Tree`].
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Node {
    /// Sends a row left when its value is at most the threshold, else right.
    Split {
        /// Position of the value in a row.
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
        Self { nodes }
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
                    let value = row.get(feature as usize).copied().unwrap_or(f32::NAN);
                    at = if goes_left(value, threshold, missing_left) { at + 1 } else { right as usize };
                }
                Some(&Node::Leaf { weight }) => return weight,
                None => return 0.0,
            }
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
