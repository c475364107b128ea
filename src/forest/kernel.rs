//! The forest laid out for the cache and the registers, for many rows at once and for one.
//!
//! One row walks down many trees side by side ([`heap`], [`linked`]): each walk is a chain of dependent loads, several
//! hide each other's waits, and a walk without branches has nothing to mispredict. Many rows do not walk: of trees with
//! few leaves every split is decided for a block of rows, a bit a row ([`wide`]). Taller trees are walked by many rows
//! side by side. All give the bits of the simple walk, [`Tree::weight`].
//!
//! A missing value costs nothing: a row is first spread over *slots*, one for each pair of a feature and a side for
//! its missing values that some split has, and a NaN becomes −∞ in a slot whose splits send it left, +∞ in the other.
//! Thresholds are finite, so one comparison serves all.

mod bits;
mod column;
mod heap;
mod linked;
mod ranks;
mod wide;

use super::matrix::Matrix;
use super::tree::{Node, Tree};
use super::walk;
use heap::{Heap, SLOTS, TALLEST};
use linked::Linked;
use std::sync::{Arc, OnceLock};
use wide::Wide;

/// A forest laid out for scoring: for one row when the first is scored, for many when the first many are. A forest that is
/// only loaded, or grown and written, is never laid out.
#[derive(Clone, Debug)]
pub(crate) struct Kernel {
    trees: Arc<[Tree]>,
    walks: OnceLock<Walks>,
    wide: OnceLock<Option<Wide>>,
}

/// A forest that rows walk down.
#[derive(Clone, Debug)]
struct Walks {
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

/// How one row is walked: small trees are full heaps; a deep one would waste memory, so its nodes are linked. Trees that
/// compare derived columns stay as they are.
#[derive(Clone, Debug)]
enum Layout {
    Heap { trees: Vec<Heap>, height: u32 },
    Linked(Linked),
    Derived(Arc<[Tree]>),
}

/// Rows whose leaves are found together.
pub(super) const ROWS: usize = wide::SMALL;

/// Blocks of rows for which a tree stays in the first-level cache.
const TILE: usize = 8;

/// Above so many trees a full heap for each, whatever its size, is no longer a bargain.
const MOST_HEAPS: usize = 4096;

impl Kernel {
    pub(crate) fn new(trees: Arc<[Tree]>) -> Self {
        Self { trees, walks: OnceLock::new(), wide: OnceLock::new() }
    }

    fn walks(&self) -> &Walks {
        self.walks.get_or_init(|| Walks::new(&self.trees))
    }

    /// The layout for so many rows at once, if there are enough of them and the trees allow it.
    fn wide(&self, rows: usize) -> Option<&Wide> {
        if rows <= ROWS / 3 || self.trees.len() > MOST_HEAPS {
            return None;
        }
        self.wide.get_or_init(|| Wide::new(&self.trees)).as_ref()
    }

    /// For each row the sum of its leaves' weights, added in the order of the trees. Rows that walk do so `W` at a time.
    pub(crate) fn sums<const W: usize>(&self, rows: &Matrix) -> Vec<f64> {
        let width = rows.columns().max(1);
        let mut sums = Vec::with_capacity(rows.rows());
        if let Some(wide) = self.wide(rows.rows()) {
            wide.sums(rows.values(), width, &mut sums);
        } else if rows.rows() > W / 2 {
            // A few rows are walked faster alone than in a block that they do not fill.
            self.walks().sums::<W>(rows, &mut sums);
        }
        let rest = rows.values().get(sums.len() * width..).unwrap_or_default();
        sums.extend(rest.chunks_exact(width).map(|row| self.sum(row)));
        sums
    }

    /// The sum of one row's leaves' weights: the same bits as [`sums`](Self::sums).
    pub(crate) fn sum(&self, row: &[f32]) -> f64 {
        let mut sum = 0.0;
        self.walks().each(row, |weight, _| sum += weight);
        sum
    }

    /// The leaf of each tree that a row falls into, counted from the left.
    pub(super) fn leaves(&self, row: &[f32], mut tell: impl FnMut(u32)) {
        self.walks().each(row, |_, leaf| tell(leaf));
    }

    /// Finds the leaves of up to [`ROWS`] rows: for each tree those of all of them.
    pub(super) fn leaves_of_rows(&self, rows: &[f32], width: usize, leaves: &mut Vec<[u32; ROWS]>) {
        leaves.clear();
        if let Some(wide) = self.wide(rows.len() / width) {
            return wide.leaves(rows, width, leaves);
        }
        leaves.resize(self.trees.len(), [0; ROWS]);
        for (lane, row) in rows.chunks_exact(width).enumerate() {
            let mut trees = leaves.iter_mut();
            self.leaves(row, |leaf| {
                if let Some(to) = trees.next().and_then(|leaves| leaves.get_mut(lane)) {
                    *to = leaf;
                }
            });
        }
    }
}

impl Walks {
    fn new(trees: &Arc<[Tree]>) -> Self {
        if walk::is_needed(trees) {
            let slots = Slots { list: Vec::new(), dense: true };
            return Self { slots, layout: Layout::Derived(Arc::clone(trees)) };
        }
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

    /// Walks one row down all trees and tells, in their order, the weight and the number of the leaf; where some tree
    /// compares derived columns nobody asks the numbers.
    #[inline]
    fn each(&self, row: &[f32], mut tell: impl FnMut(f64, u32)) {
        match &self.layout {
            Layout::Heap { trees, height } => {
                let mut values = [0.0; SLOTS];
                self.slots.spread(row, &mut values);
                Heap::walk_trees(trees, *height, &values, |tree, at| tell(tree.weight(at), tree.leaf(at)));
            }
            Layout::Linked(linked) => {
                let mut values = vec![0.0; self.slots.list.len()];
                self.slots.spread(row, &mut values);
                linked.walk_trees(&values, |at| tell(linked.weight(at), linked.leaf(at)));
            }
            Layout::Derived(trees) => trees.iter().for_each(|tree| tell(f64::from(tree.weight(row)), 0)),
        }
    }

    /// Appends the sum of each row; none where the trees are heaps, which many rows do not walk down.
    fn sums<const W: usize>(&self, rows: &Matrix, all: &mut Vec<f64>) {
        match &self.layout {
            Layout::Heap { .. } => {}
            Layout::Linked(linked) => self.tiles::<W>(rows.values(), rows.columns().max(1), linked, all),
            Layout::Derived(trees) => all.extend(walk::sums(trees, rows)),
        }
    }

    /// Walks all trees with a tile of blocks, then with the next tile. The last block may lack rows.
    fn tiles<const W: usize>(&self, rows: &[f32], width: usize, linked: &Linked, all: &mut Vec<f64>) {
        let blank = vec![[0.0; W]; self.slots.list.len()];
        let mut blocks = vec![blank; rows.len().div_ceil(width * W).min(TILE)];
        for tile in rows.chunks(width * W * TILE) {
            let mut sums = [[0.0; W]; TILE];
            let in_tile = tile.len().div_ceil(width * W);
            for (block, rows) in blocks.iter_mut().zip(tile.chunks(width * W)) {
                self.slots.spread_rows(rows, width, block);
            }
            for root in linked.roots() {
                for (block, sums) in blocks.iter().zip(&mut sums).take(in_tile) {
                    linked.walk_rows(*root, block, sums);
                }
            }
            all.extend(sums.iter().flatten().take(tile.len() / width));
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

    /// Fills a block: for each slot the values of up to `W` rows. What a missing row leaves behind is never read.
    fn spread_rows<const W: usize>(&self, rows: &[f32], width: usize, block: &mut [[f32; W]]) {
        for (slot, lanes) in self.list.iter().zip(block) {
            for (row, lane) in rows.chunks_exact(width).zip(lanes) {
                *lane = slot.of(row);
            }
        }
    }

    fn spread(&self, row: &[f32], values: &mut [f32]) {
        for (slot, value) in self.list.iter().zip(values) {
            *value = slot.of(row);
        }
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
