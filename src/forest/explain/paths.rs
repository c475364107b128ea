//! What the path to each leaf did, feature by feature and side by side.

use crate::forest::Forest;
use crate::forest::derived::{Column, Derived};
use crate::forest::fit::scale;
use crate::forest::kernel::ROWS;
use crate::forest::path_length::{c, rows_for};
use crate::forest::tree::{Node, Tree, goes_left};

/// The paths of all trees of a forest.
#[derive(Clone, Debug)]
pub(super) struct Paths {
    trees: Vec<TreePaths>,
    /// The mean of the path lengths expected at the roots.
    base: f64,
    count: f64,
    columns: usize,
}

/// The paths of a tree.
#[derive(Clone, Debug)]
enum TreePaths {
    /// For each leaf, from left to right, `stride` steps: the side that each belongs to, and by how much it changed the
    /// expected length. Paths with fewer steps are filled up with such as belong nowhere and do nothing, so that adding
    /// them up has no branch to mispredict.
    Table { stride: usize, sides: Vec<u32>, changes: Vec<f64> },
    /// For each node the expected length. A table of a tall tree might take the square of the tree's memory, and what a
    /// plane did depends on the row.
    Walk(Vec<f64>),
}

/// The height of the tallest tree that gets a table: that of 65,536 samples.
const TALLEST_TABLE: u32 = 16;

/// Numbers in which rows are added up at once; they stay in the first-level cache.
const SUMS: usize = 4096;

impl Paths {
    #[allow(clippy::cast_precision_loss, reason = "a forest has at most 100,000 trees")]
    pub(super) fn new(forest: &Forest) -> Self {
        let columns = forest.columns();
        let lengths = Lengths::of(forest);
        let count = forest.trees().len().max(1) as f64;
        let mut base = 0.0;
        let mut trees = Vec::with_capacity(forest.trees().len());
        // Where one tree is walked all are: the kernel then tells no leaves.
        let walked = forest.is_derived();
        for tree in forest.trees() {
            let expected = lengths.expected(tree);
            base += expected.first().copied().unwrap_or(0.0);
            trees.push(TreePaths::new(tree, expected, columns, walked));
        }
        Self { trees, base: base / count, count, columns }
    }

    pub(super) fn base(&self) -> f64 {
        self.base
    }

    /// For each feature of a row what its splits did whose threshold the value did not exceed, then the others.
    pub(super) fn of_row(&self, forest: &Forest, row: &[f32]) -> Vec<f64> {
        let mut sums = vec![0.0; self.width()];
        let mut trees = forest.trees().iter().zip(&self.trees);
        forest.kernel.leaves(row, |leaf| {
            if let Some((tree, paths)) = trees.next() {
                paths.add(tree, row, leaf, &mut sums);
            }
        });
        self.finish(&mut sums);
        sums.truncate(2 * self.columns);
        sums
    }

    /// The same of up to [`ROWS`] rows, whose leaves in each tree are given.
    pub(super) fn of_rows(
        &self,
        forest: &Forest,
        rows: &[f32],
        width: usize,
        leaves: &[[u32; ROWS]],
        tell: &mut impl FnMut(&[f32], &[f64]),
    ) {
        let at_once = (SUMS / self.width()).max(1);
        let mut sums = vec![0.0; at_once * self.width()];
        for (part, rows) in rows.chunks(at_once * width).enumerate() {
            sums.fill(0.0);
            for ((tree, paths), leaves) in forest.trees().iter().zip(&self.trees).zip(leaves) {
                let leaves = leaves.iter().skip(part * at_once);
                let each = rows.chunks_exact(width).zip(leaves).zip(sums.chunks_exact_mut(self.width()));
                for ((row, leaf), sums) in each {
                    paths.add(tree, row, *leaf, sums);
                }
            }
            for (row, sums) in rows.chunks_exact(width).zip(sums.chunks_exact_mut(self.width())) {
                self.finish(sums);
                tell(row, sums.get(..2 * self.columns).unwrap_or_default());
            }
        }
    }

    /// Two sides of each feature, and a place for what belongs nowhere.
    fn width(&self) -> usize {
        2 * self.columns + 1
    }

    fn finish(&self, sums: &mut [f64]) {
        for sum in sums {
            *sum /= self.count;
        }
    }
}

impl TreePaths {
    fn new(tree: &Tree, expected: Vec<f64>, columns: usize, walked: bool) -> Self {
        if walked || tree.height() > TALLEST_TABLE {
            return Self::Walk(expected);
        }
        let nowhere = u32::try_from(2 * columns).unwrap_or(u32::MAX);
        let paths = paths(tree, &expected);
        let stride = paths.iter().map(Vec::len).max().unwrap_or(0);
        let mut sides = vec![nowhere; paths.len() * stride];
        let mut changes = vec![0.0; sides.len()];
        let lines = sides.chunks_exact_mut(stride.max(1)).zip(changes.chunks_exact_mut(stride.max(1)));
        for ((sides, changes), path) in lines.zip(paths) {
            for ((to_side, to_change), (side, change)) in sides.iter_mut().zip(changes).zip(path) {
                (*to_side, *to_change) = (side, change);
            }
        }
        Self::Table { stride, sides, changes }
    }

    /// Adds what the path to a leaf did, which is the one that the row takes.
    #[inline]
    fn add(&self, tree: &Tree, row: &[f32], leaf: u32, sums: &mut [f64]) {
        match self {
            Self::Table { stride, sides, changes } => {
                let from = leaf as usize * stride;
                let line = |end: usize| from..end;
                let sides = sides.get(line(from + stride)).unwrap_or_default();
                let changes = changes.get(line(from + stride)).unwrap_or_default();
                for (side, change) in sides.iter().zip(changes) {
                    if let Some(sum) = sums.get_mut(*side as usize) {
                        *sum += change;
                    }
                }
            }
            Self::Walk(expected) => walk(tree, expected, row, |side, change| {
                if let Some(sum) = sums.get_mut(side as usize) {
                    *sum += change;
                }
            }),
        }
    }
}

/// Which of a feature's two sides a split's child is.
fn side(feature: u32, right: bool) -> u32 {
    feature.saturating_mul(2).saturating_add(u32::from(right))
}

/// Follows a row down a tree and tells each split's side and doing.
fn walk(tree: &Tree, expected: &[f64], row: &[f32], mut tell: impl FnMut(u32, f64)) {
    let length = |at: usize| expected.get(at).copied().unwrap_or(0.0);
    let mut at = 0;
    while let Some(&Node::Split { feature, threshold, right, missing_left }) = tree.nodes().get(at) {
        let left = goes_left(tree.value(feature, row), threshold, missing_left);
        let next = if left { at + 1 } else { right as usize };
        let change = length(next) - length(at);
        match tree.derived().and_then(|derived| Some((derived, derived.column(feature)?))) {
            None => tell(side(feature, !left), change),
            Some((derived, column)) => share(derived, column, feature, row, change, &mut tell),
        }
        at = next;
    }
}

/// Divides what a split on a derived column did among its features. A plane's feature is above where it is above its mean;
/// categories have no order, so they are as much above as below.
fn share(derived: &Derived, column: &Column, feature: u32, row: &[f32], change: f64, tell: &mut impl FnMut(u32, f64)) {
    derived.shares(feature, row, |feature, share| match column {
        Column::Plane(_) => {
            let value = row.get(feature as usize).copied().unwrap_or(f32::NAN);
            tell(side(feature, derived.scaling().of(feature, value) > 0.0), share * change);
        }
        Column::Among { .. } => {
            tell(side(feature, false), share * change / 2.0);
            tell(side(feature, true), share * change / 2.0);
        }
    });
}

/// For each leaf, from left to right, what each side that its path takes did.
pub(super) fn paths(tree: &Tree, expected: &[f64]) -> Vec<Vec<(u32, f64)>> {
    let length = |at: usize| expected.get(at).copied().unwrap_or(0.0);
    let mut all = Vec::new();
    // The splits above the node at hand, and what each step down from them did.
    let mut above: Vec<(usize, u32, usize)> = Vec::new();
    let mut steps: Vec<(u32, f64)> = Vec::new();
    for ((at, node), depth) in tree.nodes().iter().enumerate().zip(tree.depths()) {
        above.truncate(depth as usize);
        if let Some(&(parent, feature, right)) = above.last() {
            steps.truncate(above.len() - 1);
            steps.push((side(feature, right == at), length(at) - length(parent)));
        }
        match *node {
            Node::Split { feature, right, .. } => above.push((at, feature, right as usize)),
            Node::Leaf { .. } => all.push(merged(&steps)),
        }
    }
    all
}

/// Adds up what steps of the same side did.
fn merged(steps: &[(u32, f64)]) -> Vec<(u32, f64)> {
    let mut path: Vec<(u32, f64)> = Vec::with_capacity(steps.len());
    for &(side, change) in steps {
        match path.iter_mut().find(|(other, _)| *other == side) {
            Some((_, sum)) => *sum += change,
            None => path.push((side, change)),
        }
    }
    path
}

/// Expected path lengths, with c(n) of small n at hand.
pub(super) struct Lengths {
    scale: f64,
    small: Vec<f64>,
}

/// Counts of rows whose c(n) is kept.
const MOST_KEPT: usize = 4096;

impl Lengths {
    pub(super) fn of(forest: &Forest) -> Self {
        let small = (0..=forest.samples().min(MOST_KEPT)).map(c).collect();
        Self { scale: scale(forest.trees().len(), forest.samples()), small }
    }

    fn c(&self, rows: usize) -> f64 {
        self.small.get(rows).copied().unwrap_or_else(|| c(rows))
    }

    /// The count whose c(n) is nearest to a length.
    fn rows_for(&self, length: f64) -> usize {
        let above = self.small.partition_point(|&other| other < length);
        match (self.small.get(above.wrapping_sub(1)), self.small.get(above)) {
            (Some(low), Some(high)) if above > 1 => {
                if length - low < high - length {
                    above - 1
                } else {
                    above
                }
            }
            _ => rows_for(length),
        }
    }

    /// The expected path length at each node of a tree. At a leaf it is the length that its weight states; at a split
    /// it is depth + c(rows), the rows being those of its leaves.
    pub(super) fn expected(&self, tree: &Tree) -> Vec<f64> {
        let depths: Vec<u32> = tree.depths().collect();
        let mut rows = vec![0_usize; depths.len()];
        let mut lengths = vec![0.0; depths.len()];
        let nodes = tree.nodes().iter().zip(depths).enumerate();
        for (at, (node, depth)) in nodes.rev() {
            let depth = f64::from(depth);
            let of = |child: usize| rows.get(child).copied().unwrap_or(0);
            let (count, length) = match *node {
                Node::Leaf { weight } => {
                    let length = f64::from(weight) * self.scale;
                    (self.rows_for(length - depth), length)
                }
                Node::Split { right, .. } => {
                    let count = of(at + 1).saturating_add(of(right as usize));
                    (count, depth + self.c(count))
                }
            };
            if let (Some(to_rows), Some(to_length)) = (rows.get_mut(at), lengths.get_mut(at)) {
                (*to_rows, *to_length) = (count, length);
            }
        }
        lengths
    }
}
