//! An ensemble's trees laid out as the kernel takes them: pre-order, `≤`, 32-bit thresholds.

use super::ensemble::{Ensemble, EnsembleNode, Test};
use crate::forest::{Node, Tree};

/// The question of a split, without its place in the tree.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Split {
    pub(super) threshold: f64,
    pub(super) test: Test,
    pub(super) missing_true: bool,
}

/// What the kernel is to ask in place of a split.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Fold {
    /// This: with the branches swapped, its left branch is what was the false one.
    Split { feature: u32, threshold: f32, missing: bool, swapped: bool },
    /// Nothing: all rows take this branch.
    Always(bool),
}

impl Split {
    /// The 32-bit float that a 32-bit value must not exceed for the split to hold, if one says it.
    #[allow(clippy::cast_possible_truncation, reason = "rounded down right after")]
    #[allow(clippy::float_cmp, reason = "whether the rounding was exact")]
    pub(super) fn at_most(self) -> Option<f32> {
        let nearest = self.threshold as f32;
        // Between 32-bit floats x ≤ t is x ≤ the greatest of them that t is not below, and x < t is x ≤ the one before.
        let down = |strict: bool| {
            let above = f64::from(nearest) > self.threshold || (strict && f64::from(nearest) == self.threshold);
            if above { nearest.next_down() } else { nearest }
        };
        let threshold = match self.test {
            Test::AtMost => down(false),
            Test::Less => down(true),
            _ => return None,
        };
        threshold.is_finite().then_some(threshold)
    }
}

impl Ensemble {
    /// One of the trees with each split folded, if every split can be and every leaf has one weight.
    #[allow(clippy::cast_possible_truncation, reason = "the kernel's weights are 32-bit floats")]
    pub(super) fn tree(&self, nodes: &[EnsembleNode], fold: &impl Fn(u32, Split) -> Option<Fold>) -> Option<Tree> {
        let weight = |leaf: usize| match self.leaf_weights(nodes, leaf) {
            Some(&[(_, weight)]) => Some(weight as f32),
            _ => None,
        };
        lay(nodes, fold, weight)
    }

    /// The entries of the leaf at a position.
    pub(super) fn leaf_weights(&self, nodes: &[EnsembleNode], leaf: usize) -> Option<&[(usize, f64)]> {
        match *nodes.get(leaf)? {
            EnsembleNode::Leaf { first, end } => self.weights.get(first..end),
            EnsembleNode::Split { .. } => None,
        }
    }
}

/// Lays out a tree whose leaf at a position has the weight that `weight` says.
pub(super) fn lay(
    nodes: &[EnsembleNode],
    fold: &impl Fn(u32, Split) -> Option<Fold>,
    weight: impl Fn(usize) -> Option<f32>,
) -> Option<Tree> {
    let mut laid: Vec<Node> = Vec::with_capacity(nodes.len());
    let mut pending = vec![(0_usize, None)];
    while let Some((at, right_of)) = pending.pop() {
        let here = u32::try_from(laid.len()).ok()?;
        if let Some(Node::Split { right, .. }) = right_of.and_then(|parent: usize| laid.get_mut(parent)) {
            *right = here;
        }
        match *nodes.get(at)? {
            EnsembleNode::Leaf { .. } => laid.push(Node::Leaf { weight: weight(at)? }),
            EnsembleNode::Split { feature, threshold, test, otherwise, missing_true } => {
                let (truth, otherwise) = (at + 1, otherwise as usize);
                match fold(feature, Split { threshold, test, missing_true })? {
                    Fold::Always(branch) => pending.push((if branch { truth } else { otherwise }, right_of)),
                    Fold::Split { feature, threshold, missing, swapped } => {
                        let (left, right) = if swapped { (otherwise, truth) } else { (truth, otherwise) };
                        pending.push((right, Some(laid.len())));
                        pending.push((left, None));
                        laid.push(Node::Split { feature, threshold, right: 0, missing_left: missing });
                    }
                }
            }
        }
    }
    Some(Tree::new(laid))
}
