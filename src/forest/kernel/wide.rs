//! Many rows at once: every split of a tree is decided for a whole block of rows, byte by byte in vector registers.
//!
//! A walk makes 8 steps down a tree of some 60 splits, but each is a load that waits for the one before it, and a vector
//! register cannot make it for many rows. Deciding all 60 for 16, 32 or 64 rows in one instruction each is less work. A
//! row's *place* is the first leaf that it may still reach; a split that it stands at and whose threshold it exceeds
//! moves it to the first leaf on the right. Splits come in pre-order, so a row has met all splits above one before it,
//! and stands at that split's first leaf exactly when its path leads there.
#![allow(
    clippy::indexing_slicing,
    reason = "every index is a u8 into an array of 256, or a lane below the arrays' common length: none can be out of \
              bounds, and the compiler removes the checks"
)]
#![allow(
    clippy::inline_always,
    clippy::needless_range_loop,
    reason = "a caller's vector instructions reach only what is inlined into it, and loops over lanes are what becomes of them"
)]

use super::column::{self, ColumnCut};
use super::ranks::{MOST, MOST_IN_BUCKETS, Ranks};
use crate::forest::derived::{Column, Derived, Scaling};
use crate::forest::tree::{Node, Tree};
use crate::vectors::{Work, vectorised};
use std::sync::Arc;

/// Leaves that a byte tells apart.
const LEAVES: usize = 256;

/// Rows in a block where there are enough of them, and where there are few.
pub(super) const BLOCK: usize = 256;
pub(super) const SMALL: usize = 64;

/// Slots of features in a group; what a tree's derived columns need beyond is less than half of it.
const MOST_SLOTS: u16 = 1 << 15;

/// A block of so many features would leave the caches.
const MOST_IN_BLOCK: usize = 128;

/// Terms of planes a split, on average, up to which deciding all splits is less work than a walk.
const MOST_TERMS: usize = 8;

/// Features that are marked in a list instead of being sorted.
const MOST_MARKED: usize = 1 << 16;

/// Trees of at most [`LEAVES`] leaves, laid out for blocks of rows.
#[derive(Clone, Debug)]
pub(super) struct Wide {
    /// The features that some split asks for, sorted.
    features: Vec<u32>,
    /// How planes see them, where there are planes.
    scaling: Option<Arc<Scaling>>,
    groups: Vec<Group>,
}

/// Trees in a row which together have few enough thresholds of each feature for ranks of one byte.
#[derive(Clone, Debug)]
struct Group {
    /// With the place of each feature among all.
    ranks: Vec<(usize, Ranks)>,
    trees: Vec<Cuts>,
}

/// A tree: its splits in pre-order and its leaves' weights from left to right.
#[derive(Clone, Debug)]
struct Cuts {
    splits: Vec<Cut>,
    /// Those of the splits that compare derived columns.
    columns: Vec<ColumnCut>,
    weights: [f64; LEAVES],
}

/// A split.
#[derive(Clone, Copy, Debug)]
struct Cut {
    /// Twice the place of its feature in the group, and one more where missing values go left. Past all of these come the
    /// tree's derived columns.
    slot: u16,
    threshold: i8,
    /// The first leaf below it, and what makes of it the first leaf on its right by exclusive or.
    first: u8,
    change: u8,
}

/// What a block of rows needs while it is in work.
struct Block<const W: usize> {
    values: Vec<[f32; W]>,
    /// The values as planes see them; none where there are no planes.
    scaled: Vec<[f64; W]>,
    slots: Vec<[i8; W]>,
}

impl Wide {
    /// Lays out trees; none if one has too many leaves or features, or if their planes are not worth it.
    pub(super) fn new(trees: &[Tree]) -> Option<Self> {
        let (features, scaling) = (features(trees), scaling(trees)?);
        let mut groups = Vec::new();
        let mut rest = trees;
        while !rest.is_empty() {
            let (these, others) = rest.split_at(group_size(rest, &features));
            groups.push(Group::new(these, &features)?);
            rest = others;
        }
        Some(Self { features, scaling, groups })
    }

    /// Appends for each row the sum of its leaves' weights in the order of the trees, for as many of the first rows as
    /// fill blocks well.
    pub(super) fn sums(&self, rows: &[f32], width: usize, all: &mut Vec<f64>) {
        let count = rows.len() / width;
        let large = if self.features.len() > MOST_IN_BLOCK { 0 } else { count / BLOCK * BLOCK };
        let (blocks, rest) = rows.split_at(large * width);
        vectorised(Sums::<BLOCK> { wide: self, rows: blocks, width, all });
        // A small block takes as long as a third of its rows one by one.
        let odd = rest.len() / width % SMALL;
        let small = if odd > SMALL / 3 { count - large } else { count - large - odd };
        vectorised(Sums::<SMALL> { wide: self, rows: rest.get(..small * width).unwrap_or_default(), width, all });
    }

    /// For each tree the leaves, counted from the left, of up to [`SMALL`] rows.
    pub(super) fn leaves(&self, rows: &[f32], width: usize, all: &mut Vec<[u32; SMALL]>) {
        vectorised(Leaves { wide: self, rows, width, all });
    }

    /// Finds for each tree the leaves, counted from the left, of a block's rows.
    #[inline(always)]
    fn walk<const W: usize>(&self, block: &mut Block<W>, visit: &mut impl FnMut(&Cuts, &[u8; W])) {
        let Block { values, scaled, slots } = block;
        if let Some(scaling) = &self.scaling {
            for ((&feature, values), scaled) in self.features.iter().zip(&*values).zip(&mut *scaled) {
                column::scale(scaling, feature, values, scaled);
            }
        }
        for group in &self.groups {
            for ((place, ranks), to) in group.ranks.iter().zip(slots.as_chunks_mut().0) {
                if let Some(values) = values.get(*place) {
                    ranks.rank(values, to);
                }
            }
            for tree in &group.trees {
                for (column, to) in tree.columns.iter().zip(slots.iter_mut().skip(2 * group.ranks.len())) {
                    column.decide(values, scaled, to);
                }
                visit(tree, &tree.places(slots));
            }
        }
    }

    fn block<const W: usize>(&self) -> Block<W> {
        let columns = |group: &Group| group.trees.iter().map(|tree| tree.columns.len()).max().unwrap_or(0);
        let slots = self.groups.iter().map(|group| 2 * group.ranks.len() + columns(group)).max().unwrap_or(0);
        let features = self.features.len();
        let scaled = if self.scaling.is_some() { features } else { 0 };
        Block { values: vec![[0.0; W]; features], scaled: vec![[0.0; W]; scaled], slots: vec![[0; W]; slots] }
    }
}

/// Sums of leaves' weights.
struct Sums<'a, const W: usize> {
    wide: &'a Wide,
    rows: &'a [f32],
    width: usize,
    all: &'a mut Vec<f64>,
}

impl<const W: usize> Work for Sums<'_, W> {
    #[inline(always)]
    fn run(self) {
        let mut block = self.wide.block::<W>();
        for rows in self.rows.chunks(self.width * W) {
            block.spread(rows, self.width, &self.wide.features);
            let mut sums = [0.0; W];
            self.wide.walk(&mut block, &mut |tree: &Cuts, places: &[u8; W]| {
                for lane in 0..W {
                    sums[lane] += tree.weights[usize::from(places[lane])];
                }
            });
            self.all.extend(sums.iter().take(rows.len() / self.width));
        }
    }
}

/// Leaves themselves.
struct Leaves<'a> {
    wide: &'a Wide,
    rows: &'a [f32],
    width: usize,
    all: &'a mut Vec<[u32; SMALL]>,
}

impl Work for Leaves<'_> {
    #[inline(always)]
    fn run(self) {
        let mut block = self.wide.block::<SMALL>();
        block.spread(self.rows, self.width, &self.wide.features);
        self.wide.walk(&mut block, &mut |_: &Cuts, places: &[u8; SMALL]| self.all.push(places.map(u32::from)));
    }
}

impl<const W: usize> Block<W> {
    /// Turns rows into columns. What a missing row leaves behind is never read; a value past a row's end is missing.
    #[inline(always)]
    fn spread(&mut self, rows: &[f32], width: usize, features: &[u32]) {
        for (&feature, lanes) in features.iter().zip(&mut self.values) {
            for (row, lane) in rows.chunks_exact(width).zip(lanes) {
                *lane = row.get(feature as usize).copied().unwrap_or(f32::NAN);
            }
        }
    }
}

impl Cuts {
    /// The leaf of each row of a block.
    #[inline(always)]
    fn places<const W: usize>(&self, slots: &[[i8; W]]) -> [u8; W] {
        let mut places = [0_u8; W];
        for cut in &self.splits {
            let Some(ranks) = slots.get(usize::from(cut.slot)) else { continue };
            for lane in 0..W {
                let right = if ranks[lane] > cut.threshold { u8::MAX } else { 0 };
                let here = if places[lane] == cut.first { u8::MAX } else { 0 };
                places[lane] ^= right & here & cut.change;
            }
        }
        places
    }
}

impl Group {
    fn new(trees: &[Tree], features: &[u32]) -> Option<Self> {
        let mut thresholds: Vec<Vec<f32>> = vec![Vec::new(); features.len()];
        for (feature, threshold) in trees.iter().flat_map(plain_splits) {
            thresholds.get_mut(features.binary_search(&feature).ok()?)?.push(threshold);
        }
        let mut ranks = Vec::new();
        let mut slots = vec![None; features.len()];
        for ((place, mut thresholds), slot) in thresholds.into_iter().enumerate().zip(&mut slots) {
            if thresholds.is_empty() {
                continue;
            }
            thresholds.sort_unstable_by(f32::total_cmp);
            thresholds.dedup();
            if thresholds.len() > MOST {
                return None;
            }
            *slot = Some(u16::try_from(2 * ranks.len()).ok().filter(|slot| *slot < MOST_SLOTS)?);
            ranks.push((place, Ranks::new(&thresholds)));
        }
        let place = |feature| features.binary_search(&feature).ok();
        let slot = |feature| *slots.get(place(feature)?)?;
        let trees = trees.iter().map(|tree| Cuts::new(tree, &ranks, slot, place)).collect::<Option<_>>()?;
        Some(Self { ranks, trees })
    }
}

impl Cuts {
    fn new(
        tree: &Tree,
        ranks: &[(usize, Ranks)],
        slot: impl Fn(u32) -> Option<u16>,
        place: impl Fn(u32) -> Option<usize>,
    ) -> Option<Self> {
        let mut cuts = Self { splits: Vec::new(), columns: Vec::new(), weights: [0.0; LEAVES] };
        let Self { splits, columns, weights } = &mut cuts;
        splits.reserve_exact(tree.nodes().len() / 2);
        let mut leaf = 0;
        // The splits whose left side is being laid out: once a leaf is, the last of them gets its right side.
        let mut open: Vec<usize> = Vec::new();
        for node in tree.nodes() {
            match *node {
                Node::Split { feature, threshold, missing_left, .. } => {
                    let (slot, threshold) = if let Some(column) = column(tree, feature) {
                        let slot = u16::try_from(2 * ranks.len() + columns.len()).ok()?;
                        columns.push(ColumnCut::new(column, threshold, missing_left, &place)?);
                        (slot, 0)
                    } else {
                        let slot = slot(feature)?;
                        let (_, ranks) = ranks.get(usize::from(slot / 2))?;
                        (slot + u16::from(missing_left), ranks.of_threshold(threshold))
                    };
                    open.push(splits.len());
                    splits.push(Cut { slot, threshold, first: u8::try_from(leaf).ok()?, change: 0 });
                }
                Node::Leaf { weight } => {
                    *weights.get_mut(leaf)? = f64::from(weight);
                    leaf += 1;
                    if let Some(cut) = open.pop().and_then(|at| splits.get_mut(at)) {
                        cut.change = cut.first ^ u8::try_from(leaf).ok()?;
                    }
                }
            }
        }
        Some(cuts)
    }
}

/// How planes see the features, if there are planes; none at all if trees see them differently or planes have many terms.
#[allow(clippy::option_option, reason = "there may be no way to lay the trees out, or no need of a scaling")]
fn scaling(trees: &[Tree]) -> Option<Option<Arc<Scaling>>> {
    let mut derived = trees.iter().filter_map(Tree::derived).filter(|derived| !derived.columns().is_empty());
    let splits: usize = trees.iter().map(|tree| tree.nodes().len() / 2).sum();
    let terms = derived.clone().flat_map(Derived::columns).map(|column| features_of(column).count());
    if terms.sum::<usize>() > MOST_TERMS * splits {
        return None;
    }
    let Some(first) = derived.next().map(Derived::scaling) else { return Some(None) };
    let same = derived.all(|derived| Arc::ptr_eq(first, derived.scaling()) || first == derived.scaling());
    same.then(|| Some(Arc::clone(first)))
}

/// The derived column that a split of a tree names, if it is no plain feature.
fn column(tree: &Tree, feature: u32) -> Option<&Column> {
    tree.derived()?.column(feature)
}

/// The features that a derived column is made of.
fn features_of(column: &Column) -> impl Iterator<Item = u32> {
    let (plane, among) = match column {
        Column::Plane(terms) => (terms.as_slice(), None),
        Column::Among { feature, .. } => (&[][..], Some(*feature)),
    };
    plane.iter().map(|term| term.0).chain(among)
}

/// Features and thresholds of the splits of a tree that compare plain features.
fn plain_splits(tree: &Tree) -> impl Iterator<Item = (u32, f32)> {
    tree.nodes().iter().filter_map(split).filter(move |(feature, _)| column(tree, *feature).is_none())
}

/// The features that some split asks for, sorted.
fn features(trees: &[Tree]) -> Vec<u32> {
    let plain = || trees.iter().flat_map(plain_splits).map(|(feature, _)| feature);
    let columns = || trees.iter().filter_map(Tree::derived).flat_map(Derived::columns);
    let all = || plain().chain(columns().flat_map(features_of));
    let most = all().max().map_or(0, |feature| feature as usize + 1);
    if most <= MOST_MARKED {
        let mut marks = vec![false; most];
        for feature in all() {
            if let Some(mark) = marks.get_mut(feature as usize) {
                *mark = true;
            }
        }
        return (0..).zip(marks).filter(|(_, mark)| *mark).map(|(feature, _)| feature).collect();
    }
    let mut features: Vec<u32> = all().collect();
    features.sort_unstable();
    features.dedup();
    features
}

/// How many trees go into a group: as long as no feature has more thresholds than a short search takes; at least one.
fn group_size(trees: &[Tree], features: &[u32]) -> usize {
    let mut counts = vec![0_usize; features.len()];
    let mut fits = |tree: &Tree| {
        plain_splits(tree).all(|(feature, _)| {
            let count = features.binary_search(&feature).ok().and_then(|place| counts.get_mut(place));
            count.is_none_or(|count| {
                *count += 1;
                *count <= MOST_IN_BUCKETS
            })
        })
    };
    trees.iter().take_while(|tree| fits(tree)).count().max(1)
}

fn split(node: &Node) -> Option<(u32, f32)> {
    match *node {
        Node::Split { feature, threshold, .. } => Some((feature, threshold)),
        Node::Leaf { .. } => None,
    }
}
