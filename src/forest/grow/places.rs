//! The rows of a small tree by *place*: each sampled row has one, the same in every column.
//!
//! A place is marked with the node that its row stands at. Whatever is asked of a node's rows is asked of all places, and
//! the rows of other nodes are passed over. That is more comparisons than a list of the node's rows would take, but a
//! vector register makes 4 to 16 of them at once, and no loop has a length that the processor could guess wrongly.
#![allow(
    clippy::indexing_slicing,
    reason = "every index is a lane below the arrays' common length: none can be out of bounds, and the compiler removes \
              the checks"
)]
#![allow(
    clippy::inline_always,
    clippy::needless_range_loop,
    reason = "a caller's vector instructions reach only what is inlined into it, and loops over lanes are what becomes of them"
)]

use crate::forest::cut::{Range, greater, lesser};
use crate::forest::matrix::Matrix;

/// The most rows of a small tree.
pub(super) const MOST: usize = 256;

/// Places that are looked at together.
const LANES: usize = 32;

/// Columns whose memory is set aside before they are read.
const USUAL_COLUMNS: usize = 64;

/// The mark of a place that no row has.
const NOWHERE: u32 = u32::MAX;

/// For each place the node that its row stands at. Aligned as [`Column`] is, so that no vector lies in two lines of the cache.
#[repr(align(64))]
pub(super) struct Stands {
    nodes: [u32; MOST],
    /// Groups of [`LANES`] places that rows have.
    groups: usize,
}

/// What the sampled rows hold in a column.
#[repr(align(64))]
pub(super) struct Column {
    values: [f32; MOST],
    gaps: bool,
}

/// The sampled rows, each column read when a node first asks for it: most trees need few columns of many.
pub(super) struct Columns<'a> {
    values: &'a [f32],
    /// Where each sampled row begins among the data's values.
    starts: Vec<usize>,
    /// For each feature one more than its column's position among those that were read; 0 if it was not.
    positions: Vec<usize>,
    read: Vec<Column>,
}

/// A column that holds both gaps and −0. A node that sees nothing but gaps and zeros there takes the first zero for its
/// threshold, and places do not know which row came first.
pub(super) struct SignedZeros;

impl Stands {
    /// So many rows, all at node 0.
    pub(super) fn new(rows: usize) -> Self {
        let mut nodes = [NOWHERE; MOST];
        nodes.iter_mut().take(rows).for_each(|node| *node = 0);
        Self { nodes, groups: rows.div_ceil(LANES) }
    }

    /// Moves the rows of a node that go right in a column to another node, and counts them.
    #[inline(always)]
    pub(super) fn part(&mut self, column: &Column, [from, to]: [u32; 2], threshold: f32, missing_left: bool) -> u32 {
        if missing_left {
            self.shift(column, [from, to], |value| value > threshold)
        } else {
            self.shift(column, [from, to], |value| value > threshold || value.is_nan())
        }
    }

    #[inline(always)]
    fn shift(&mut self, column: &Column, [from, to]: [u32; 2], goes_right: impl Fn(f32) -> bool) -> u32 {
        let mut counts = [0; LANES];
        let (values, nodes) = (column.values.as_chunks::<LANES>().0, self.nodes.as_chunks_mut::<LANES>().0);
        // The values are copied out, so that no doubt whether the marks lie in the same memory keeps them from registers.
        for (&values, nodes) in values.iter().zip(nodes).take(self.groups) {
            for lane in 0..LANES {
                let moves = (nodes[lane] == from) & goes_right(values[lane]);
                nodes[lane] = if moves { to } else { nodes[lane] };
                counts[lane] += u32::from(moves);
            }
        }
        counts.iter().sum()
    }
}

impl Column {
    const EMPTY: Self = Self { values: [0.0; MOST], gaps: false };

    /// Reads a column in place. An infinite value counts as the greatest finite one, as in the
    /// [other columns](crate::forest::columns::Columns::get).
    #[inline(always)]
    fn read(&mut self, cells: &[f32], starts: &[usize]) -> Result<(), SignedZeros> {
        for (value, &start) in self.values.iter_mut().zip(starts) {
            *value = cells.get(start).copied().unwrap_or(f32::NAN);
        }
        let (mut gaps, mut negative_zeros) = (0, 0);
        for value in &mut self.values {
            *value = value.clamp(f32::MIN, f32::MAX);
            gaps |= u32::from(value.is_nan());
            negative_zeros |= u32::from(value.to_bits() == (-0.0_f32).to_bits());
        }
        self.gaps = gaps > 0;
        if gaps & negative_zeros == 0 { Ok(()) } else { Err(SignedZeros) }
    }

    /// The range of a node's rows.
    #[inline(always)]
    pub(super) fn range(&self, stands: &Stands, node: u32, rows: usize) -> Range {
        let (mut least, mut greatest) = ([f32::INFINITY; LANES], [f32::NEG_INFINITY; LANES]);
        let (values, nodes) = (self.values.as_chunks::<LANES>().0, stands.nodes.as_chunks::<LANES>().0);
        for (&values, &nodes) in values.iter().zip(nodes).take(stands.groups) {
            for lane in 0..LANES {
                let value = if nodes[lane] == node { values[lane] } else { f32::NAN };
                least[lane] = lesser(least[lane], value);
                greatest[lane] = greater(greatest[lane], value);
            }
        }
        let (mut low, mut high) = (i32::MAX, i32::MIN);
        for lane in 0..LANES {
            low = low.min(key(least[lane]));
            high = high.max(key(greatest[lane]));
        }
        let missing = if self.gaps { self.missing(stands, node) } else { 0 };
        Range { least: value(low), greatest: value(high), missing, rows }
    }

    #[inline(always)]
    fn missing(&self, stands: &Stands, node: u32) -> u32 {
        let mut missing = 0;
        for place in 0..MOST {
            missing += u32::from((stands.nodes[place] == node) & self.values[place].is_nan());
        }
        missing
    }
}

/// An integer of the same order as the float, which may be taken for the least or greatest of many in any order: so the
/// compiler does it in registers.
#[inline(always)]
fn key(value: f32) -> i32 {
    let bits = value.to_bits().cast_signed();
    bits ^ ((bits >> 31) & i32::MAX)
}

#[inline(always)]
fn value(key: i32) -> f32 {
    f32::from_bits((key ^ ((key >> 31) & i32::MAX)).cast_unsigned())
}

impl<'a> Columns<'a> {
    pub(super) fn new(data: &'a Matrix, rows: &[u32]) -> Self {
        let width = data.columns();
        Self {
            values: data.values(),
            starts: rows.iter().map(|&row| row as usize * width).collect(),
            positions: vec![0; width],
            read: Vec::with_capacity(width.min(USUAL_COLUMNS)),
        }
    }

    /// The position of a feature's column, for [`at`](Self::at).
    #[inline(always)]
    pub(super) fn find(&mut self, feature: usize) -> Result<usize, SignedZeros> {
        if let Some(&position @ 1..) = self.positions.get(feature) {
            return Ok(position - 1);
        }
        self.read.push(Column::EMPTY);
        if let Some(column) = self.read.last_mut() {
            column.read(self.values.get(feature..).unwrap_or_default(), &self.starts)?;
        }
        if let Some(position) = self.positions.get_mut(feature) {
            *position = self.read.len();
        }
        Ok(self.read.len() - 1)
    }

    #[inline(always)]
    pub(super) fn at(&self, position: usize) -> Option<&Column> {
        self.read.get(position)
    }
}
