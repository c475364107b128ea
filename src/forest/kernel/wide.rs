//! Many rows at once: every split of a tree is decided for a whole block of rows, a bit a row.
//!
//! A walk makes 8 steps down a tree of some 60 splits, but each is a load that waits for the one before it, and a vector
//! register cannot make it for many rows. Deciding all 60 for 128 to 512 rows in some instructions each is less work.
//!
//! A block's values become ranks among their feature's thresholds ([`ranks`](super::ranks)), and a rank two numbers of half
//! its bits. For each number k that one half can exceed there is a *plane*, a bit for each row, of the rows whose half
//! does. Any threshold of the forest is then decided by three planes: rank > t where the high half exceeds t's, or is not
//! less than it while the low half exceeds t's. What a tree does with these is in [`cuts`].
#![allow(
    clippy::inline_always,
    reason = "a caller's vector instructions reach only what is inlined into it, and loops over lanes are what becomes of them"
)]

mod block;
mod cuts;

use super::bits::{self, Plane};
use super::ranks::Ranks;
use crate::forest::derived::{Column, Derived, Scaling};
use crate::forest::tree::{Node, Tree};
use crate::vectors::{Work, vectorised};
use block::Block;
use cuts::{Cuts, Lookup};
use std::sync::Arc;

/// Rows in a block where there are enough of them, and where there are few.
const BLOCK: usize = 512;
const BLOCK_WORDS: usize = BLOCK / 64;
pub(super) const SMALL: usize = 64;

/// Rows from which a large block that is not full takes less time than small ones.
const LARGE_FROM: usize = 3 * SMALL;

/// A large block of so many features would leave the caches.
const MOST_IN_BLOCK: usize = 128;

/// Terms of planes a split, on average, up to which deciding all splits is less work than a walk.
const MOST_TERMS: usize = 8;

/// Features that are marked in a list instead of being sorted.
const MOST_MARKED: usize = 1 << 16;

/// Trees of few leaves, laid out for blocks of rows.
#[derive(Clone, Debug)]
pub(super) struct Wide {
    /// The features that some split asks for, sorted.
    features: Vec<u32>,
    /// How planes of an extended forest see them, where there are such.
    scaling: Option<Arc<Scaling>>,
    /// The features that are compared as they are.
    ranked: Vec<Ranked>,
    /// The first of the planes for a tree's derived columns.
    derived: usize,
    /// All planes.
    planes: usize,
    trees: Vec<Cuts>,
}

/// A feature that is compared as it is, and where its planes are.
#[derive(Clone, Debug)]
struct Ranked {
    /// Its place among all features.
    place: usize,
    ranks: Ranks,
    /// A plane of all rows, one for each number that the high half of a rank can exceed, and one of no rows.
    high: usize,
    /// The same for the low half, without the first.
    low: usize,
    /// The rows whose value is missing.
    missing: usize,
}

/// The plane of no rows.
const NONE: usize = 0;

impl Wide {
    /// Lays out trees; none if one has too many leaves, if all have too many thresholds, or if an extended forest's planes
    /// are not worth it.
    pub(super) fn new(trees: &[Tree]) -> Option<Self> {
        let (features, scaling) = (features(trees), scaling(trees)?);
        let place = |feature| features.binary_search(&feature).ok();
        let mut thresholds: Vec<Vec<f32>> = vec![Vec::new(); features.len()];
        for (feature, threshold) in trees.iter().flat_map(plain_splits) {
            thresholds.get_mut(place(feature)?)?.push(threshold);
        }
        let mut planes = NONE + 1;
        let ranked = thresholds.into_iter().enumerate().filter(|(_, thresholds)| !thresholds.is_empty());
        let ranked = ranked.map(|(place, thresholds)| Ranked::new(place, thresholds, &mut planes));
        let ranked = ranked.collect::<Option<Vec<_>>>()?;
        let mut of_feature = vec![None; features.len()];
        for ranked in &ranked {
            *of_feature.get_mut(ranked.place)? = Some(ranked);
        }
        let lookup = Lookup {
            ranked: &|feature| of_feature.get(place(feature)?).copied().flatten(),
            feature: &place,
            derived: planes,
            changes: &cuts::changes(),
        };
        let cuts = trees.iter().map(|tree| Cuts::new(tree, &lookup)).collect::<Option<Vec<_>>>()?;
        let columns = cuts.iter().map(|cuts| cuts.columns().len()).max().unwrap_or(0);
        Some(Self { derived: planes, planes: planes + columns, scaling, ranked, trees: cuts, features })
    }

    /// Appends for each row the sum of its leaves' weights in the order of the trees, for as many of the first rows as
    /// fill blocks well.
    pub(super) fn sums(&self, rows: &[f32], width: usize, all: &mut Vec<f64>) {
        let count = rows.len() / width;
        let large = match count % BLOCK {
            _ if self.features.len() > MOST_IN_BLOCK => 0,
            LARGE_FROM.. => count,
            rest => count - rest,
        };
        let (blocks, rest) = rows.split_at(large * width);
        self.sums_of_blocks::<BLOCK, BLOCK_WORDS>(blocks, width, all);
        // A small block takes as long as a third of its rows one by one.
        let odd = rest.len() / width % SMALL;
        let small = if odd > SMALL / 3 { count - large } else { count - large - odd };
        self.sums_of_blocks::<SMALL, 1>(rest.get(..small * width).unwrap_or_default(), width, all);
    }

    fn sums_of_blocks<const W: usize, const N: usize>(&self, rows: &[f32], width: usize, all: &mut Vec<f64>) {
        let mut sums = [0.0; W];
        let mut visit = |told: Told<'_, W>| match told {
            Told::Trees(trees, codes) => cuts::add(trees, codes, &mut sums),
            Told::End { rows } => {
                all.extend(sums.iter().take(rows));
                sums = [0.0; W];
            }
        };
        vectorised(Walk::<W, N> { wide: self, rows, width, visit: &mut visit });
    }

    /// For each tree the leaves, counted from the left, of up to [`SMALL`] rows.
    pub(super) fn leaves(&self, rows: &[f32], width: usize, all: &mut Vec<[u32; SMALL]>) {
        let mut visit = |told: Told<'_, SMALL>| {
            if let Told::Trees(trees, codes) = told {
                all.extend(trees.iter().zip(codes).map(|(tree, codes)| tree.leaves(codes)));
            }
        };
        vectorised(Walk::<SMALL, 1> { wide: self, rows, width, visit: &mut visit });
    }
}

impl Ranked {
    /// Reserves planes for a feature; none if it has too many thresholds.
    fn new(place: usize, mut thresholds: Vec<f32>, planes: &mut usize) -> Option<Self> {
        thresholds.sort_unstable_by(f32::total_cmp);
        thresholds.dedup();
        let ranks = Ranks::new(&thresholds)?;
        let (low_bits, high_bits) = ranks.bits();
        let mut reserve = |count: usize| {
            let first = *planes;
            *planes += count;
            first
        };
        let (high, low) = (reserve((1 << high_bits) + 1), reserve(1 << low_bits));
        Some(Self { place, ranks, high, low, missing: reserve(1) })
    }

    /// Fills the planes with a block's values, and tells whether one is missing.
    #[inline(always)]
    fn fill<const W: usize, const N: usize>(&self, values: &[f32; W], planes: &mut [Plane<N>]) -> bool {
        let (mut low, mut high) = ([0; W], [0; W]);
        self.ranks.rank(values, &mut low, &mut high);
        let (low_bits, high_bits) = self.ranks.bits();
        compare(&high, high_bits, planes, self.high + 1);
        compare(&low, low_bits, planes, self.low);
        let missing = values.map(|value| u8::from(value.is_nan()));
        let any = missing.iter().fold(0, |any, missing| any | missing) != 0;
        if let Some(plane) = planes.get_mut(self.missing) {
            *plane = if any { bits::plane(&missing) } else { [0; N] };
        }
        any
    }
}

/// Sets a plane for each number that bytes of so many bits can exceed, from the `first` on.
#[inline(always)]
fn compare<const W: usize, const N: usize>(numbers: &[u8; W], width: u32, planes: &mut [Plane<N>], first: usize) {
    let mut turned = bits::words(numbers);
    bits::transpose(&mut turned);
    let (Some(bits), Some(planes)) = (turned.get(..width as usize), planes.get_mut(first..)) else { return };
    if let Some(planes) = planes.get_mut(..(1 << width) - 1) {
        bits::compare(bits, planes);
    }
}

/// Finds the codes of the leaves that blocks of rows fall into.
struct Walk<'a, const W: usize, const N: usize> {
    wide: &'a Wide,
    rows: &'a [f32],
    width: usize,
    visit: &'a mut Visit<'a, W>,
}

/// Is told the codes of a block's rows in all trees, some of these at a time, then how many rows the block has.
type Visit<'a, const W: usize> = dyn FnMut(Told<'_, W>) + 'a;

enum Told<'a, const W: usize> {
    Trees(&'a [Cuts], &'a [[u16; W]]),
    End { rows: usize },
}

/// Trees whose codes are told at once.
const TREES: usize = 4;

impl<const W: usize, const N: usize> Work for Walk<'_, W, N> {
    #[inline(always)]
    fn run(self) {
        let Self { wide, rows, width, visit } = self;
        if rows.is_empty() {
            return;
        }
        let mut block = Block::<W, N>::new(wide);
        let mut reached = [[0; N]; _];
        let mut codes = [[0; W]; TREES];
        for rows in rows.chunks(width * W) {
            block.spread(rows, width, &wide.features);
            let missing = block.compare(wide);
            for trees in wide.trees.chunks(TREES) {
                for (tree, codes) in trees.iter().zip(&mut codes) {
                    block.decide(wide, tree);
                    if missing {
                        tree.codes::<W, N, true>(&block.planes, &mut reached, codes);
                    } else {
                        tree.codes::<W, N, false>(&block.planes, &mut reached, codes);
                    }
                }
                visit(Told::Trees(trees, codes.get(..trees.len()).unwrap_or_default()));
            }
            visit(Told::End { rows: rows.len() / width });
        }
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

fn split(node: &Node) -> Option<(u32, f32)> {
    match *node {
        Node::Split { feature, threshold, .. } => Some((feature, threshold)),
        Node::Leaf { .. } => None,
    }
}
