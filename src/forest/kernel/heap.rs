//! Trees of height 8 at most as full binary heaps: the child of node i is 2 i or 2 i + 1, so there is nothing to load
//! but the threshold and the slot.
#![allow(
    clippy::indexing_slicing,
    reason = "every index is a u8 into an array of 256, or a lane below the arrays' common length: none can be out of \
              bounds, and the compiler removes the checks"
)]

use super::{Slot, slot_of};
use crate::forest::tree::{Node, Tree};

/// The height up to which every position in a heap fits a u8.
pub(super) const TALLEST: u32 = 8;

/// Slots that a u8 names.
pub(super) const SLOTS: usize = 256;

/// Trees that one row walks side by side.
const TREES: usize = 10;

/// A tree as a heap: the root is at 1; after `height` steps from it a row stands at its leaf. A heap of height 8 would
/// have its leaves at 256..512, which a u8 wraps to 0..256. A leaf further up fills all places below it.
#[derive(Clone, Debug)]
pub(super) struct Heap {
    thresholds: [f32; 256],
    slots: [u8; SLOTS],
    weights: [f32; 256],
    /// The leaf at each place, counted from the left.
    leaves: [u8; 256],
}

impl Heap {
    /// Lays out a tree that is no taller than `height`, itself at most [`TALLEST`].
    pub(super) fn new(tree: &Tree, height: u32, place: impl Fn(Slot) -> usize) -> Self {
        let mut heap = Self { thresholds: [0.0; 256], slots: [0; SLOTS], weights: [0.0; 256], leaves: [0; 256] };
        let (mut at, mut depth) = (1_u8, 0);
        let mut pending = Vec::new();
        let mut leaf = 0_u8;
        for node in tree.nodes() {
            match *node {
                Node::Split { threshold, .. } => {
                    heap.thresholds[usize::from(at)] = threshold;
                    let slot = slot_of(node).map_or(0, &place);
                    heap.slots[usize::from(at)] = u8::try_from(slot).unwrap_or(0);
                    at = at.wrapping_mul(2);
                    depth += 1;
                    pending.push((at.wrapping_add(1), depth));
                }
                Node::Leaf { weight } => {
                    heap.put_leaf(at, height.saturating_sub(depth), weight, leaf);
                    leaf = leaf.wrapping_add(1);
                    (at, depth) = pending.pop().unwrap_or((1, 0));
                }
            }
        }
        heap
    }

    /// Writes a leaf to every place that its position has after `below` further steps.
    fn put_leaf(&mut self, at: u8, below: u32, weight: f32, leaf: u8) {
        let first = (usize::from(at) << below) % 256;
        for place in first..(first + (1 << below)).min(256) {
            self.weights[place] = weight;
            self.leaves[place] = leaf;
        }
    }

    /// The weight of the leaf at a place.
    pub(super) fn weight(&self, at: u8) -> f64 {
        f64::from(self.weights[usize::from(at)])
    }

    /// The leaf at a place, counted from the left.
    pub(super) fn leaf(&self, at: u8) -> u32 {
        u32::from(self.leaves[usize::from(at)])
    }

    /// Walks one row down the trees and tells, in their order, the place where it ends.
    pub(super) fn walk_trees(trees: &[Self], height: u32, values: &[f32; SLOTS], mut tell: impl FnMut(&Self, u8)) {
        let (groups, rest) = trees.as_chunks::<TREES>();
        for group in groups {
            Self::walk_group(group, height, values, &mut tell);
        }
        for tree in rest {
            Self::walk_group(std::array::from_ref(tree), height, values, &mut tell);
        }
    }

    #[inline]
    fn walk_group<const N: usize>(
        trees: &[Self; N],
        height: u32,
        values: &[f32; SLOTS],
        tell: &mut impl FnMut(&Self, u8),
    ) {
        let mut at = [1_u8; N];
        for _ in 0..height {
            for lane in 0..N {
                let (tree, node) = (&trees[lane], usize::from(at[lane]));
                let right = values[usize::from(tree.slots[node])] > tree.thresholds[node];
                at[lane] = at[lane].wrapping_mul(2).wrapping_add(u8::from(right));
            }
        }
        for (tree, at) in trees.iter().zip(at) {
            tell(tree, at);
        }
    }
}
