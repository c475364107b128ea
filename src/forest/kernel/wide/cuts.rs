//! One tree's splits, decided for a block of rows.
//!
//! A leaf's *code* is a number: a row has bit b of it where it goes right at a split of that bit. In a tree of at most eight
//! levels a split's bit is that of its level; in a taller one a split changes each bit in which the codes of the first leaves of
//! its sides differ, and codes are chosen so that this is mostly one. The rows that go right at a split are those that reach it
//! and exceed its threshold: a plane, which is or-ed, or added without carry, to the planes of its bits.
#![allow(
    clippy::indexing_slicing,
    reason = "every index is a u8 into an array of 256, a bit's below 8, or a word or lane below the arrays' common length: \
              none can be out of bounds, and the compiler removes the checks"
)]
#![allow(
    clippy::inline_always,
    clippy::needless_range_loop,
    reason = "a caller's vector instructions reach only what is inlined into it, and loops over lanes are what becomes of them"
)]

use super::{NONE, Ranked, column};
use crate::forest::kernel::bits::{self, Plane};
use crate::forest::kernel::column::ColumnCut;
use crate::forest::tree::{Node, Tree};

/// Levels that a byte has bits for, and the codes that it then tells apart.
const LEVELS: usize = 8;
const FEW: usize = 1 << LEVELS;

/// The most leaves of a tree: with more of them a walk is less work.
const MANY: usize = 1024;

/// Sets of rows that wait at splits while a tree is in work, and the one that nobody asks for.
const SETS: usize = 256;
const NOWHERE: u8 = 0;
const ROOT: u8 = 1;

/// Where planes and features are.
pub(super) struct Lookup<'a> {
    /// The planes of a feature that is compared as it is.
    pub(super) ranked: &'a dyn Fn(u32) -> Option<&'a Ranked>,
    /// The place of a feature among all.
    pub(super) feature: &'a dyn Fn(u32) -> Option<usize>,
    /// The first plane of a tree's derived columns.
    pub(super) derived: usize,
    /// See [`changes`].
    pub(super) changes: &'a [u16],
}

/// A tree of at most [`MANY`] leaves.
#[derive(Clone, Debug)]
pub(super) struct Cuts {
    /// Level by level, or in pre-order in a tree of more than [`LEVELS`].
    splits: Vec<Cut>,
    /// Those of the splits that compare derived columns.
    columns: Vec<ColumnCut>,
    leaves: Leaves,
}

/// The leaves' weights and numbers, counted from the left, by their codes.
#[derive(Clone, Debug)]
enum Leaves {
    /// Of a tree whose levels are the bits: how many splits each level has.
    Few {
        levels: [u8; LEVELS],
        weights: Box<[f64; FEW]>,
        numbers: Box<[u8; FEW]>,
    },
    Many {
        weights: Box<[f64; MANY]>,
        numbers: Box<[u16; MANY]>,
    },
}

/// The rows that reach each split: scratch, written before it is read.
pub(super) type Reached<const N: usize> = [Plane<N>; SETS];

/// A split.
#[derive(Clone, Copy, Debug)]
struct Cut {
    /// The plane of the rows whose rank's high half is not below the threshold's; the next one is of those where it is above.
    high: u16,
    /// The plane of the rows whose rank's low half is above the threshold's.
    low: u16,
    /// The plane of the rows that go right for lack of a value.
    missing: u16,
    /// The bits of a code that going right changes.
    change: u16,
    /// The sets of rows that reach it, and that reach the splits on either side.
    here: u8,
    left: u8,
    right: u8,
}

impl Cuts {
    /// Lays out a tree; none if it has too many leaves or derived columns.
    pub(super) fn new(tree: &Tree, lookup: &Lookup<'_>) -> Option<Self> {
        let nodes = tree.nodes();
        if nodes.len() >= 2 * MANY {
            return None;
        }
        let depths: Vec<u32> = tree.depths().collect();
        let depth = |at: usize| depths.get(at).map_or(0, |&depth| depth as usize);
        let mut order: Vec<usize> = (0..nodes.len()).filter(|&at| matches!(nodes[at], Node::Split { .. })).collect();
        let by_level = order.iter().all(|&at| depth(at) < LEVELS);
        let codes = if by_level { codes_by_level(nodes, &depths) } else { codes_by_nearness(nodes, lookup.changes)? };
        let sets = if by_level {
            order.sort_by_key(|&at| depth(at));
            sets_by_place(nodes.len(), &order)
        } else {
            sets_in_turn(nodes)?
        };
        let mut cuts =
            Self { splits: Vec::with_capacity(order.len()), columns: Vec::new(), leaves: Leaves::none(by_level) };
        for &at in &order {
            let cut = cuts.cut(tree, at, lookup, &sets, &codes)?;
            cuts.splits.push(cut);
        }
        if let Leaves::Few { levels, .. } = &mut cuts.leaves {
            for at in order {
                levels[depth(at)] += 1;
            }
        }
        let leaves = nodes.iter().zip(codes).filter_map(|(node, code)| match node {
            Node::Leaf { weight } => Some((code, f64::from(*weight))),
            Node::Split { .. } => None,
        });
        for (number, (code, weight)) in leaves.enumerate() {
            cuts.leaves.set(code, number, weight);
        }
        Some(cuts)
    }

    fn cut(&mut self, tree: &Tree, at: usize, lookup: &Lookup<'_>, sets: &[u8], codes: &[u16]) -> Option<Cut> {
        let Node::Split { feature, threshold, right, missing_left } = *tree.nodes().get(at)? else { return None };
        let right = right as usize;
        let (high, low, missing) = if let Some(column) = column(tree, feature) {
            // Its own plane alone decides: the one before it counts only together with the plane of no rows.
            let high = lookup.derived + self.columns.len() - 1;
            self.columns.push(ColumnCut::new(column, threshold, missing_left, lookup.feature)?);
            (high, NONE, NONE)
        } else {
            let ranked = (lookup.ranked)(feature)?;
            let (low, high) = ranked.ranks.of_threshold(threshold);
            (ranked.high + high, ranked.low + low, if missing_left { NONE } else { ranked.missing })
        };
        Some(Cut {
            high: u16::try_from(high).ok()?,
            low: u16::try_from(low).ok()?,
            missing: u16::try_from(missing).ok()?,
            change: codes.get(at)? ^ codes.get(right)?,
            here: *sets.get(at)?,
            left: *sets.get(at + 1)?,
            right: *sets.get(right)?,
        })
    }

    /// The derived columns that splits compare.
    pub(super) fn columns(&self) -> &[ColumnCut] {
        &self.columns
    }

    /// The code of the leaf of each row of a block. `MISSING` says whether a value is missing anywhere in it.
    #[inline(always)]
    pub(super) fn codes<const W: usize, const N: usize, const MISSING: bool>(
        &self,
        planes: &[Plane<N>],
        reached: &mut Reached<N>,
        codes: &mut [u16; W],
    ) {
        reached[usize::from(ROOT)] = [u64::MAX; N];
        let (mut low, mut high) = ([0; W], [0; W]);
        let mut turned = [[[0; N]; 8]; 2];
        if let Leaves::Few { levels, .. } = &self.leaves {
            let mut splits = self.splits.iter();
            for (level, &count) in levels.iter().enumerate() {
                let mut all = [0; N];
                for cut in splits.by_ref().take(usize::from(count)) {
                    let right = cut.right::<N, MISSING>(planes, reached);
                    for word in 0..N {
                        all[word] |= right[word];
                    }
                }
                turned[0][LEVELS - 1 - level] = all;
            }
        } else {
            for cut in &self.splits {
                let right = cut.right::<N, MISSING>(planes, reached);
                let mut change = cut.change;
                while change != 0 {
                    let bit = change.trailing_zeros() as usize % 16;
                    for word in 0..N {
                        turned[bit / 8][bit % 8][word] ^= right[word];
                    }
                    change &= change - 1;
                }
            }
            bits::transpose(&mut turned[1]);
            bits::bytes(&turned[1], &mut high);
        }
        bits::transpose(&mut turned[0]);
        bits::bytes(&turned[0], &mut low);
        for lane in 0..W {
            codes[lane] = u16::from_le_bytes([low[lane], high[lane]]);
        }
    }

    fn few(&self) -> Option<&[f64; FEW]> {
        match &self.leaves {
            Leaves::Few { weights, .. } => Some(weights),
            Leaves::Many { .. } => None,
        }
    }

    /// The number of each row's leaf.
    pub(super) fn leaves<const W: usize>(&self, codes: &[u16; W]) -> [u32; W] {
        match &self.leaves {
            Leaves::Few { numbers, .. } => codes.map(|code| u32::from(numbers[usize::from(code) % FEW])),
            Leaves::Many { numbers, .. } => codes.map(|code| u32::from(numbers[usize::from(code) % MANY])),
        }
    }
}

impl Leaves {
    fn none(by_level: bool) -> Self {
        if by_level {
            Self::Few { levels: [0; LEVELS], weights: Box::new([0.0; FEW]), numbers: Box::new([0; FEW]) }
        } else {
            Self::Many { weights: Box::new([0.0; MANY]), numbers: Box::new([0; MANY]) }
        }
    }

    fn set(&mut self, code: u16, number: usize, weight: f64) {
        let code = usize::from(code);
        match self {
            Self::Few { weights, numbers, .. } => {
                weights[code % FEW] = weight;
                numbers[code % FEW] = number.to_le_bytes()[0];
            }
            Self::Many { weights, numbers } => {
                weights[code % MANY] = weight;
                numbers[code % MANY] = u16::try_from(number).unwrap_or(u16::MAX);
            }
        }
    }
}

impl Cut {
    /// The rows that go right at this split; notes who reaches the splits below.
    #[inline(always)]
    fn right<const N: usize, const MISSING: bool>(self, planes: &[Plane<N>], reached: &mut Reached<N>) -> Plane<N> {
        let high = usize::from(self.high);
        let (Some([not_below, above]), Some(low)) = (planes.get(high..high + 2), planes.get(usize::from(self.low)))
        else {
            return [0; N];
        };
        let here = reached[usize::from(self.here)];
        let (mut left, mut right) = ([0; N], [0; N]);
        for word in 0..N {
            let mut over = above[word] | (not_below[word] & low[word]);
            if MISSING {
                over |= planes[usize::from(self.missing)][word];
            }
            right[word] = here[word] & over;
            left[word] = here[word] & !over;
        }
        reached[usize::from(self.left)] = left;
        reached[usize::from(self.right)] = right;
        right
    }
}

/// Adds the weights of each row's leaves in some trees, in their order.
pub(super) fn add<const W: usize>(trees: &[Cuts], codes: &[[u16; W]], sums: &mut [f64; W]) {
    if let ([a, b, c, d], [at_a, at_b, at_c, at_d]) = (trees, codes)
        && let (Some(a), Some(b)) = (a.few(), b.few())
        && let (Some(c), Some(d)) = (c.few(), d.few())
    {
        // Four at once read and write the sums a quarter as often.
        for lane in 0..W {
            let sum = sums[lane] + a[usize::from(at_a[lane]) % FEW] + b[usize::from(at_b[lane]) % FEW];
            sums[lane] = sum + c[usize::from(at_c[lane]) % FEW] + d[usize::from(at_d[lane]) % FEW];
        }
        return;
    }
    for (tree, codes) in trees.iter().zip(codes) {
        for lane in 0..W {
            sums[lane] += match &tree.leaves {
                Leaves::Few { weights, .. } => weights[usize::from(codes[lane]) % FEW],
                Leaves::Many { weights, .. } => weights[usize::from(codes[lane]) % MANY],
            };
        }
    }
}

/// A code for each node, that of the first leaf below it: a bit a level, the highest at the root.
fn codes_by_level(nodes: &[Node], depths: &[u32]) -> Vec<u16> {
    let mut codes = vec![0; nodes.len()];
    for (at, (node, depth)) in nodes.iter().zip(depths).enumerate() {
        if let Node::Split { right, .. } = *node {
            let bit = 0x80_u16.checked_shr(*depth).unwrap_or(0);
            for (to, change) in [(at + 1, 0), (right as usize, bit)] {
                let code = codes[at] | change;
                if let Some(to) = codes.get_mut(to) {
                    *to = code;
                }
            }
        }
    }
    codes
}

/// A code for each node, that of the first leaf below it: each time one that no leaf has yet and that differs from the
/// split's in as few bits as can be. In trees of 512 leaves that is one bit for 19 splits of 20.
fn codes_by_nearness(nodes: &[Node], changes: &[u16]) -> Option<Vec<u16>> {
    let (mut codes, mut taken) = (vec![0; nodes.len()], [false; MANY]);
    taken[0] = true;
    for (at, node) in nodes.iter().enumerate() {
        let Node::Split { right, .. } = *node else { continue };
        let here = codes[at];
        let free = |change: &&u16| !taken[usize::from(here ^ **change) % MANY];
        let code = here ^ changes.iter().find(free)?;
        taken[usize::from(code) % MANY] = true;
        *codes.get_mut(at + 1)? = here;
        *codes.get_mut(right as usize)? = code;
    }
    Some(codes)
}

/// What can be changed in a code, the fewest bits first.
pub(super) fn changes() -> Vec<u16> {
    let mut changes: Vec<u16> = (1..).take(MANY - 1).collect();
    changes.sort_by_key(|change| change.count_ones());
    changes
}

/// A set of rows for each split of a tree of so many nodes, by its place in the order; none for leaves.
fn sets_by_place(nodes: usize, order: &[usize]) -> Vec<u8> {
    let mut sets = vec![NOWHERE; nodes];
    for (set, &at) in (ROOT..=u8::MAX).zip(order) {
        sets[at] = set;
    }
    sets
}

/// A set of rows for each split of a tree that is gone through in pre-order: one that nobody waits in any more is taken
/// again, so that a tree needs no more of them than it has levels. None if that is too many.
fn sets_in_turn(nodes: &[Node]) -> Option<Vec<u8>> {
    let mut sets = vec![NOWHERE; nodes.len()];
    let mut free: Vec<u8> = (ROOT..=u8::MAX).rev().collect();
    let is_split = |at: usize| matches!(nodes.get(at), Some(Node::Split { .. }));
    if let Some(root) = sets.first_mut() {
        *root = free.pop()?;
    }
    for (at, node) in nodes.iter().enumerate() {
        let Node::Split { right, .. } = *node else { continue };
        let (left, right, here) = (at + 1, right as usize, sets[at]);
        match (is_split(left), is_split(right)) {
            (true, true) => (sets[left], sets[right]) = (here, free.pop()?),
            (true, false) => sets[left] = here,
            (false, true) => sets[right] = here,
            (false, false) => free.push(here),
        }
    }
    Some(sets)
}
