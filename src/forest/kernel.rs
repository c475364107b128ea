//! The forest laid out for the cache, and the two walks over it: many rows at once, and one.
//!
//! A walk down one tree is a chain of dependent loads; the processor waits for each. Several walks side by side (many
//! rows down one tree, or one row down many trees) hide the waits, and a walk without branches has nothing to
//! mispredict: about ten times as fast as the simple walk of [`Tree::weight`], with the same bits.
//!
//! A missing value costs nothing: a row is first spread over *slots*, one for each pair of a feature and a side for
//! its missing values that some split has, and a NaN becomes −∞ in a slot whose splits send it left, +∞ in the other.
//! Thresholds are finite, so one comparison serves all.

mod heap;
mod linked;

use super::matrix::Matrix;
use super::tree::{Node, Tree};
use heap::{Heap, SLOTS, TALLEST};
use linked::Linked;

/// A forest laid out for scoring.
#[derive(Clone, Debug)]
pub(crate) struct Kernel {
    slots: Slots,
    layout: Layout,
}

/// The slots of a forest, sorted.
#[derive(Clone, Debug)]
struct Slots {
    list: Vec<Slot>,
    /// Whether they are the two slots of each feature, so that a slot's place follows from its feature.
    dense: bool,
}

/// A feature as some splits see it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Slot {
    feature: u32,
    missing_left: bool,
}

/// Small trees are full heaps; a deep one would waste memory, so its nodes are linked.
#[derive(Clone, Debug)]
enum Layout {
    Heap { trees: Vec<Heap>, height: u32 },
    Linked(Linked),
}

/// Blocks of rows for which a tree stays in the first-level cache.
const TILE: usize = 8;

/// Above so many trees a full heap for each, whatever its size, is no longer a bargain.
const MOST_HEAPS: usize = 4096;

impl Kernel {
    pub(crate) fn new(trees: &[Tree]) -> Self {
        let slots = Slots::of(trees);
        let height = trees.iter().map(Tree::height).max().unwrap_or(0);
        let layout = if height <= TALLEST && slots.list.len() <= SLOTS && trees.len() <= MOST_HEAPS {
            let trees = trees.iter().map(|tree| Heap::new(tree, height, |slot| slots.place(slot)));
            Layout::Heap { trees: trees.collect(), height }
        } else {
            Layout::Linked(Linked::new(trees, |slot| slots.place(slot)))
        };
        Self { slots, layout }
    }

    /// For each row the sum of its leaves' weights, added in the order of the trees. The rows are walked `W` at a time.
    pub(crate) fn sums<const W: usize>(&self, rows: &Matrix) -> Vec<f64> {
        let width = rows.columns().max(1);
        // A few rows are walked faster alone than in a block that they do not fill.
        let odd = rows.rows() % W;
        let alone = if odd <= W * 5 / 8 { odd } else { 0 };
        let (blocks, rest) = rows.values().split_at(rows.values().len() - alone * width);
        let mut sums = match &self.layout {
            Layout::Heap { trees, height } => {
                let walk = |tree: &Heap, block: &_, sums: &mut _| tree.walk_rows(*height, block, sums);
                self.tiles(blocks, width, &[[0.0; W]; SLOTS], trees, walk)
            }
            Layout::Linked(linked) => {
                let blank = vec![[0.0; W]; self.slots.list.len()];
                let walk = |root: &linked::Root, block: &Vec<_>, sums: &mut _| linked.walk_rows(*root, block, sums);
                self.tiles(blocks, width, &blank, linked.roots(), walk)
            }
        };
        sums.extend(rest.chunks_exact(width).map(|row| self.sum(row)));
        sums
    }

    /// The sum of one row's leaves' weights: the same bits as [`sums`](Self::sums).
    pub(crate) fn sum(&self, row: &[f32]) -> f64 {
        match &self.layout {
            Layout::Heap { trees, height } => {
                let mut values = [0.0; SLOTS];
                self.spread(row, &mut values);
                Heap::walk_trees(trees, *height, &values)
            }
            Layout::Linked(linked) => {
                let mut values = vec![0.0; self.slots.list.len()];
                self.spread(row, &mut values);
                linked.walk_trees(&values)
            }
        }
    }

    /// Walks all trees with a tile of blocks, then with the next tile.
    fn tiles<const W: usize, B: AsMut<[[f32; W]]> + Clone, T>(
        &self,
        rows: &[f32],
        width: usize,
        blank: &B,
        trees: &[T],
        walk: impl Fn(&T, &B, &mut [f64; W]),
    ) -> Vec<f64> {
        let mut all = Vec::with_capacity(rows.len() / width + W);
        let mut blocks = vec![blank.clone(); rows.len().div_ceil(width * W).min(TILE)];
        for tile in rows.chunks(width * W * TILE) {
            let mut sums = [[0.0; W]; TILE];
            let in_tile = tile.len().div_ceil(width * W);
            for (block, rows) in blocks.iter_mut().zip(tile.chunks(width * W)) {
                self.spread_rows(rows, width, block.as_mut());
            }
            for tree in trees {
                for (block, sums) in blocks.iter().zip(&mut sums).take(in_tile) {
                    walk(tree, block, sums);
                }
            }
            all.extend(sums.iter().flatten().take(tile.len() / width));
        }
        all
    }

    /// Fills a block: for each slot the values of up to `W` rows. What a missing row leaves behind is never read.
    fn spread_rows<const W: usize>(&self, rows: &[f32], width: usize, block: &mut [[f32; W]]) {
        for (slot, lanes) in self.slots.list.iter().zip(block) {
            for (row, lane) in rows.chunks_exact(width).zip(lanes) {
                *lane = slot.of(row);
            }
        }
    }

    fn spread(&self, row: &[f32], values: &mut [f32]) {
        for (slot, value) in self.slots.list.iter().zip(values) {
            *value = slot.of(row);
        }
    }
}

impl Slot {
    /// What a row holds in this slot; past its end it holds nothing, which is a missing value.
    fn of(self, row: &[f32]) -> f32 {
        match row.get(self.feature as usize) {
            Some(&value) if !value.is_nan() => value,
            _ if self.missing_left => f32::NEG_INFINITY,
            _ => f32::INFINITY,
        }
    }
}

impl Slots {
    /// The slots that the splits of some trees need; of few features both, of many only those.
    fn of(trees: &[Tree]) -> Self {
        let needed = || trees.iter().flat_map(Tree::nodes).filter_map(slot_of);
        let features = needed().map(|slot| slot.feature + 1).max().unwrap_or(0);
        let dense = features as usize <= SLOTS / 2;
        let list = if dense {
            (0..features).flat_map(|feature| [false, true].map(|missing_left| Slot { feature, missing_left })).collect()
        } else {
            let mut list: Vec<Slot> = needed().collect();
            list.sort_unstable();
            list.dedup();
            list
        };
        Self { list, dense }
    }

    fn place(&self, slot: Slot) -> usize {
        if self.dense {
            2 * slot.feature as usize + usize::from(slot.missing_left)
        } else {
            self.list.binary_search(&slot).unwrap_or(0)
        }
    }
}

fn slot_of(node: &Node) -> Option<Slot> {
    match *node {
        Node::Split { feature, missing_left, .. } => Some(Slot { feature, missing_left }),
        Node::Leaf { .. } => None,
    }
}

#[cfg(test)]
mod tests;
