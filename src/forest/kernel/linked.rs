//! Trees of any height: a node knows where its left child is, and the right one is beside it.
//!
//! A leaf is its own left child and lets nothing go right, so a walk may take more steps than a path has edges, and
//! needs a test for the end only now and then.

use super::{Slot, slot_of};
use crate::forest::tree::{Node, Tree};

/// All trees of a forest.
#[derive(Clone, Debug)]
pub(super) struct Linked {
    steps: Vec<Step>,
    /// The weight of each leaf, beside the steps; 0 for a split.
    weights: Vec<f32>,
    /// The number of each leaf in its tree, counted from the left, beside the steps; 0 for a split.
    leaves: Vec<u32>,
    roots: Vec<Root>,
}

/// A node as a walk needs it.
#[derive(Clone, Copy, Debug)]
struct Step {
    threshold: f32,
    slot: u32,
    left: u32,
}

/// Where a tree begins, and how many steps lead to every leaf of it.
#[derive(Clone, Copy, Debug)]
pub(super) struct Root {
    node: u32,
    height: u32,
}

/// Trees that one row walks side by side.
const TREES: usize = 8;

/// What stands for a node that is not there: none is ever asked for.
const NOWHERE: Step = Step { threshold: f32::INFINITY, slot: 0, left: 0 };

impl Linked {
    pub(super) fn new(trees: &[Tree], place: impl Fn(Slot) -> usize) -> Self {
        let roots = Vec::with_capacity(trees.len());
        let mut linked = Self { steps: Vec::new(), weights: Vec::new(), leaves: Vec::new(), roots };
        for tree in trees {
            linked.push(tree, &place);
        }
        linked
    }

    pub(super) fn roots(&self) -> &[Root] {
        &self.roots
    }

    /// Appends a tree. Its nodes come in pre-order; a pair of children gets its two places when their parent comes.
    fn push(&mut self, tree: &Tree, place: impl Fn(Slot) -> usize) {
        let root = self.reserve(1);
        self.roots.push(Root { node: root, height: tree.height() });
        let mut at = root;
        let mut pending = Vec::new();
        let mut leaf = 0;
        for node in tree.nodes() {
            let (step, weight, next) = match *node {
                Node::Split { threshold, .. } => {
                    let left = self.reserve(2);
                    pending.push(left + 1);
                    let slot = u32::try_from(slot_of(node).map_or(0, &place)).unwrap_or(0);
                    (Step { threshold, slot, left }, 0.0, left)
                }
                Node::Leaf { weight } => {
                    if let Some(to) = self.leaves.get_mut(at as usize) {
                        *to = leaf;
                    }
                    leaf += 1;
                    (Step { threshold: f32::INFINITY, slot: 0, left: at }, weight, pending.pop().unwrap_or(root))
                }
            };
            if let (Some(to), Some(of)) = (self.steps.get_mut(at as usize), self.weights.get_mut(at as usize)) {
                (*to, *of) = (step, weight);
            }
            at = next;
        }
    }

    /// Places for so many nodes; returns the first.
    fn reserve(&mut self, count: usize) -> u32 {
        let first = u32::try_from(self.steps.len()).unwrap_or(u32::MAX);
        self.steps.resize(self.steps.len() + count, NOWHERE);
        self.weights.resize(self.steps.len(), 0.0);
        self.leaves.resize(self.steps.len(), 0);
        first
    }

    fn step(&self, at: u32) -> Step {
        self.steps.get(at as usize).copied().unwrap_or(NOWHERE)
    }

    /// The weight of the leaf at a place.
    pub(super) fn weight(&self, at: u32) -> f64 {
        self.weights.get(at as usize).copied().map_or(0.0, f64::from)
    }

    /// The number of the leaf at a place.
    pub(super) fn leaf(&self, at: u32) -> u32 {
        self.leaves.get(at as usize).copied().unwrap_or(0)
    }

    /// Adds to each of `W` rows' sums the weight of its leaf. The block holds the rows' values slot by slot.
    #[inline]
    pub(super) fn walk_rows<const W: usize>(&self, root: Root, block: &[[f32; W]], sums: &mut [f64; W]) {
        let mut at = [root.node; W];
        walk(&mut at, root.height, |lane, at| {
            let step = self.step(at);
            let value = block.get(step.slot as usize).and_then(|lanes| lanes.get(lane));
            step.left + u32::from(value.is_some_and(|&value| value > step.threshold))
        });
        for (sum, at) in sums.iter_mut().zip(at) {
            *sum += self.weight(at);
        }
    }

    /// Walks one row down the trees and tells, in their order, the place where it ends.
    pub(super) fn walk_trees(&self, values: &[f32], mut tell: impl FnMut(u32)) {
        let (groups, rest) = self.roots.as_chunks::<TREES>();
        for group in groups {
            self.walk_group(group, values, &mut tell);
        }
        for root in rest {
            self.walk_group(std::array::from_ref(root), values, &mut tell);
        }
    }

    #[inline]
    fn walk_group<const N: usize>(&self, roots: &[Root; N], values: &[f32], tell: &mut impl FnMut(u32)) {
        let mut at = roots.map(|root| root.node);
        let height = roots.iter().map(|root| root.height).max().unwrap_or(0);
        walk(&mut at, height, |_, at| {
            let step = self.step(at);
            let value = values.get(step.slot as usize);
            step.left + u32::from(value.is_some_and(|&value| value > step.threshold))
        });
        at.into_iter().for_each(tell);
    }
}

/// Steps between two looks at whether anybody still moves.
const STEPS: u32 = 4;

/// Steps with every lane, `height` times at most: once nobody moved, all stand at their leaves.
#[inline]
fn walk<const W: usize>(at: &mut [u32; W], height: u32, step: impl Fn(usize, u32) -> u32) {
    let mut left = height;
    while left > 0 {
        let mut before = *at;
        for _ in 0..left.min(STEPS) {
            before = *at;
            for (lane, at) in at.iter_mut().enumerate() {
                *at = step(lane, *at);
            }
        }
        if *at == before {
            return;
        }
        left = left.saturating_sub(STEPS);
    }
}
