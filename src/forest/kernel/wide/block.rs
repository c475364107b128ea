//! A block of rows in work.
#![allow(
    clippy::inline_always,
    reason = "a caller's vector instructions reach only what is inlined into it, and loops over lanes are what becomes of them"
)]

use super::Wide;
use super::cuts::Cuts;
use crate::forest::kernel::bits::{self, Plane};
use crate::forest::kernel::column::scale;

/// Rows that become parts of columns at once: few, so that they stay in the first-level cache for all of their features.
const AT_ONCE: usize = 16;

/// Features whose values in those rows are read together, if they are neighbours.
const TILE: usize = 8;

/// What a block of rows needs while it is in work.
pub(super) struct Block<const W: usize, const N: usize> {
    values: Vec<[f32; W]>,
    /// The values as an extended forest's planes see them; none where there are no such.
    scaled: Vec<[f64; W]>,
    pub(super) planes: Vec<Plane<N>>,
}

impl<const W: usize, const N: usize> Block<W, N> {
    pub(super) fn new(wide: &Wide) -> Self {
        let features = wide.features.len();
        let scaled = if wide.scaling.is_some() { features } else { 0 };
        let mut planes = vec![[0; N]; wide.planes];
        for ranked in &wide.ranked {
            if let Some(all) = planes.get_mut(ranked.high) {
                *all = [u64::MAX; N];
            }
        }
        Self { values: vec![[0.0; W]; features], scaled: vec![[0.0; W]; scaled], planes }
    }

    /// Compares the values with the thresholds of all trees, and tells whether one is missing.
    #[inline(always)]
    pub(super) fn compare(&mut self, wide: &Wide) -> bool {
        if let Some(scaling) = &wide.scaling {
            for ((&feature, values), scaled) in wide.features.iter().zip(&self.values).zip(&mut self.scaled) {
                scale(scaling, feature, values, scaled);
            }
        }
        let mut missing = false;
        for ranked in &wide.ranked {
            if let Some(values) = self.values.get(ranked.place) {
                missing |= ranked.fill(values, &mut self.planes);
            }
        }
        missing
    }

    /// Decides the splits of a tree that compare derived columns.
    #[inline(always)]
    pub(super) fn decide(&mut self, wide: &Wide, tree: &Cuts) {
        for (column, plane) in tree.columns().iter().zip(self.planes.iter_mut().skip(wide.derived)) {
            let mut right = [0; W];
            column.decide(&self.values, &self.scaled, &mut right);
            *plane = bits::plane(&right);
        }
    }

    /// Turns rows into columns. What a missing row leaves behind is never told; a value past a row's end is missing.
    #[inline(always)]
    pub(super) fn spread(&mut self, rows: &[f32], width: usize, features: &[u32]) {
        for (part, rows) in rows.chunks(width * AT_ONCE).enumerate() {
            for (features, columns) in features.chunks(TILE).zip(self.values.chunks_mut(TILE)) {
                if !tile(rows, width, part, features, columns) {
                    cells(rows, width, part, features, columns);
                }
            }
        }
    }
}

/// Writes some features of [`AT_ONCE`] rows into the same part of their columns, if they are [`TILE`] neighbours.
#[inline(always)]
fn tile<const W: usize>(rows: &[f32], width: usize, part: usize, features: &[u32], columns: &mut [[f32; W]]) -> bool {
    let (&[first, .., last], true) = (features, rows.len() == width * AT_ONCE) else { return false };
    let first = first as usize;
    if features.len() < TILE || last as usize != first + TILE - 1 || last as usize >= width {
        return false;
    }
    let mut tile = [[0.0; TILE]; AT_ONCE];
    for (row, to) in rows.chunks_exact(width).zip(&mut tile) {
        if let Some(cells) = row.get(first..).and_then(|row| row.first_chunk()) {
            *to = *cells;
        }
    }
    for (place, column) in columns.iter_mut().enumerate() {
        if let Some(lanes) = column.as_chunks_mut::<AT_ONCE>().0.get_mut(part) {
            *lanes = tile.map(|row| row.get(place).copied().unwrap_or(f32::NAN));
        }
    }
    true
}

/// The same for any features of any rows.
#[inline(always)]
fn cells<const W: usize>(rows: &[f32], width: usize, part: usize, features: &[u32], columns: &mut [[f32; W]]) {
    for (&feature, column) in features.iter().zip(columns) {
        let lanes = column.as_chunks_mut::<AT_ONCE>().0.get_mut(part);
        for (row, lane) in rows.chunks_exact(width).zip(lanes.into_iter().flatten()) {
            *lane = row.get(feature as usize).copied().unwrap_or(f32::NAN);
        }
    }
}
