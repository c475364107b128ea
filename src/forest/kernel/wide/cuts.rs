//! One tree's splits, decided for a block of rows.
//!
//! A leaf's *code* is a byte: a row has bit b of it where it goes right at a split of that bit. In a tree of at most eight
//! levels a split's bit is that of its level; in a taller one leaves are coded by their number, and a split changes each bit
//! in which the numbers of the first leaves of its sides differ. The rows that go right at a split are those that reach it
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

/// Leaves that a byte tells apart.
const LEAVES: usize = 256;

/// Levels that a byte has bits for.
const LEVELS: usize = 8;

/// Stands for a leaf where the place of a split is asked for: a tree has at most 255 splits.
const NOWHERE: u8 = 255;

/// Where planes and features are.
pub(super) struct Seats<'a> {
    /// The planes of a feature that is compared as it is.
    pub(super) ranked: &'a dyn Fn(u32) -> Option<&'a Ranked>,
    /// The place of a feature among all.
    pub(super) feature: &'a dyn Fn(u32) -> Option<usize>,
    /// The first plane of a tree's derived columns.
    pub(super) derived: usize,
}

/// A tree of at most [`LEAVES`] leaves.
#[derive(Clone, Debug)]
pub(super) struct Cuts {
    /// The splits level by level, or in pre-order in a tree of more than [`LEVELS`].
    splits: Vec<Cut>,
    /// How many splits each level has; none where the tree has too many.
    levels: Option<[u8; LEVELS]>,
    /// Those of the splits that compare derived columns.
    columns: Vec<ColumnCut>,
    /// The weight of the leaf of each code.
    weights: [f64; LEAVES],
    /// The number of the leaf of each code, counted from the left.
    leaves: [u8; LEAVES],
}

/// The rows that reach each split: scratch, written before it is read.
pub(super) type Reached<const N: usize> = [Plane<N>; LEAVES];

/// A split.
#[derive(Clone, Copy, Debug)]
struct Cut {
    /// The plane of the rows whose rank's high half is not below the threshold's; the next one is of those where it is above.
    high: u16,
    /// The plane of the rows whose rank's low half is above the threshold's.
    low: u16,
    /// The plane of the rows that go right for lack of a value.
    missing: u16,
    /// The places of the splits on either side.
    left: u8,
    right: u8,
    /// The bits of a code that going right changes.
    change: u8,
}

impl Cuts {
    /// Lays out a tree; none if it has too many leaves or derived columns.
    pub(super) fn new(tree: &Tree, seats: &Seats<'_>) -> Option<Self> {
        let nodes = tree.nodes();
        if nodes.len() >= 2 * LEAVES {
            return None;
        }
        let depths: Vec<u32> = tree.depths().collect();
        let depth = |at: usize| depths.get(at).map_or(0, |&depth| depth as usize);
        let mut order: Vec<usize> = (0..nodes.len()).filter(|&at| matches!(nodes[at], Node::Split { .. })).collect();
        let mut levels = Some([0_u8; LEVELS]);
        for &at in &order {
            match levels.as_mut().and_then(|levels| levels.get_mut(depth(at))) {
                Some(count) => *count += 1,
                None => levels = None,
            }
        }
        if levels.is_some() {
            order.sort_by_key(|&at| depth(at));
        }
        let mut place = vec![NOWHERE; nodes.len()];
        for (to, &at) in (0..NOWHERE).zip(&order) {
            place[at] = to;
        }
        let codes = codes(nodes, &depths, levels.is_some());
        let mut cuts =
            Self { splits: Vec::new(), levels, columns: Vec::new(), weights: [0.0; LEAVES], leaves: [0; LEAVES] };
        cuts.splits.reserve_exact(order.len());
        for at in order {
            let cut = cuts.cut(tree, at, seats, &place, &codes)?;
            cuts.splits.push(cut);
        }
        let leaves = nodes.iter().zip(codes).filter_map(|(node, code)| match node {
            Node::Leaf { weight } => Some((usize::from(code), *weight)),
            Node::Split { .. } => None,
        });
        for (number, (code, weight)) in (0..=u8::MAX).zip(leaves) {
            (cuts.weights[code], cuts.leaves[code]) = (f64::from(weight), number);
        }
        Some(cuts)
    }

    fn cut(&mut self, tree: &Tree, at: usize, seats: &Seats<'_>, place: &[u8], codes: &[u8]) -> Option<Cut> {
        let Node::Split { feature, threshold, right, missing_left } = *tree.nodes().get(at)? else { return None };
        let right = right as usize;
        let (high, low, missing) = if let Some(column) = column(tree, feature) {
            // Its own plane alone decides: the one before it counts only together with the plane of no rows.
            let high = seats.derived + self.columns.len() - 1;
            self.columns.push(ColumnCut::new(column, threshold, missing_left, seats.feature)?);
            (high, NONE, NONE)
        } else {
            let ranked = (seats.ranked)(feature)?;
            let (low, high) = ranked.ranks.of_threshold(threshold);
            (ranked.high + high, ranked.low + low, if missing_left { NONE } else { ranked.missing })
        };
        Some(Cut {
            high: u16::try_from(high).ok()?,
            low: u16::try_from(low).ok()?,
            missing: u16::try_from(missing).ok()?,
            left: *place.get(at + 1)?,
            right: *place.get(right)?,
            change: codes.get(at)? ^ codes.get(right)?,
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
        codes: &mut [u8; W],
    ) {
        reached[0] = [u64::MAX; N];
        let mut turned = [[0; N]; 8];
        if let Some(levels) = &self.levels {
            let mut at = 0;
            for (level, &count) in levels.iter().enumerate() {
                let mut all = [0; N];
                for cut in self.splits.iter().skip(at).take(usize::from(count)) {
                    let right = cut.right::<N, MISSING>(at, planes, reached);
                    for word in 0..N {
                        all[word] |= right[word];
                    }
                    at += 1;
                }
                turned[LEVELS - 1 - level] = all;
            }
        } else {
            for (at, cut) in self.splits.iter().enumerate() {
                let right = cut.right::<N, MISSING>(at, planes, reached);
                for bit in (0..8).filter(|bit| cut.change >> bit & 1 == 1) {
                    for word in 0..N {
                        turned[bit][word] ^= right[word];
                    }
                }
            }
        }
        bits::transpose(&mut turned);
        bits::bytes(&turned, codes);
    }

    /// The number of each row's leaf.
    pub(super) fn leaves<const W: usize>(&self, codes: &[u8; W]) -> [u32; W] {
        codes.map(|code| u32::from(self.leaves[usize::from(code)]))
    }
}

impl Cut {
    /// The rows that go right at this split, which is in the given place; notes who reaches the splits below.
    #[inline(always)]
    fn right<const N: usize, const MISSING: bool>(
        self,
        at: usize,
        planes: &[Plane<N>],
        reached: &mut Reached<N>,
    ) -> Plane<N> {
        let high = usize::from(self.high);
        let (Some([not_below, above]), Some(low)) = (planes.get(high..high + 2), planes.get(usize::from(self.low)))
        else {
            return [0; N];
        };
        let here = reached[at % LEAVES];
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
pub(super) fn add<const W: usize>(trees: &[Cuts], codes: &[[u8; W]], sums: &mut [f64; W]) {
    if let ([a, b, c, d], [at_a, at_b, at_c, at_d]) = (trees, codes) {
        // Four at once read and write the sums a quarter as often.
        for lane in 0..W {
            let sum = sums[lane] + a.weights[usize::from(at_a[lane])] + b.weights[usize::from(at_b[lane])];
            sums[lane] = sum + c.weights[usize::from(at_c[lane])] + d.weights[usize::from(at_d[lane])];
        }
        return;
    }
    for (tree, codes) in trees.iter().zip(codes) {
        for lane in 0..W {
            sums[lane] += tree.weights[usize::from(codes[lane])];
        }
    }
}

/// A code for each node: that of the first leaf below it, by the bits of levels or by numbers.
fn codes(nodes: &[Node], depths: &[u32], by_level: bool) -> Vec<u8> {
    if !by_level {
        let mut leaf = 0_u8;
        let number = |node: &Node| {
            let here = leaf;
            leaf = leaf.wrapping_add(u8::from(matches!(node, Node::Leaf { .. })));
            here
        };
        return nodes.iter().map(number).collect();
    }
    let mut codes = vec![0_u8; nodes.len()];
    for (at, (node, depth)) in nodes.iter().zip(depths).enumerate() {
        if let Node::Split { right, .. } = *node {
            let bit = 0x80_u8.checked_shr(*depth).unwrap_or(0);
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
