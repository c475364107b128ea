//! A tree's rows column by column.

use super::matrix::Matrix;

/// The sampled rows. Where a tree has more nodes than there are columns it will ask for nearly all of them, and they are
/// read at once, row by row as they lie in memory; of many columns each is read when a node first asks for it.
pub(super) struct Columns<'a> {
    data: &'a Matrix,
    /// Where each sampled row begins among the data's values.
    starts: Vec<usize>,
    /// Column after column, each `stride` values long.
    read: Vec<f32>,
    stride: usize,
    /// Where each column begins in `read`, if it was read.
    places: Vec<usize>,
    categorical: &'a [bool],
}

/// The place of a column that was not read.
const UNREAD: usize = usize::MAX;

/// Sampled rows for each column from which on all are read at once.
const ROWS_A_COLUMN: usize = 4;

impl<'a> Columns<'a> {
    pub(super) fn new(data: &'a Matrix, rows: &[u32], categorical: &'a [bool]) -> Self {
        let width = data.columns();
        let starts = rows.iter().map(|&row| row as usize * width).collect();
        let mut columns =
            Self { data, starts, read: Vec::new(), stride: rows.len(), places: vec![UNREAD; width], categorical };
        if width * ROWS_A_COLUMN <= rows.len() {
            columns.read_all();
        }
        columns
    }

    fn read_all(&mut self) {
        let width = self.places.len();
        self.read.resize(self.stride * width, f32::NAN);
        for (position, &start) in self.starts.iter().enumerate() {
            let row = self.data.values().get(start..start + width).unwrap_or_default();
            let cells = self.read.get_mut(position..).unwrap_or_default().iter_mut().step_by(self.stride);
            for (cell, &value) in cells.zip(row) {
                *cell = finite(value);
            }
        }
        for (place, column) in self.places.iter_mut().zip(0..) {
            *place = column * self.stride;
        }
        let categorical = self.categorical.iter().enumerate().filter(|(_, is)| **is);
        for (column, _) in categorical {
            let cells = self.read.get_mut(column * self.stride..).unwrap_or_default();
            for (cell, &start) in cells.iter_mut().zip(&self.starts) {
                *cell = self.data.values().get(start + column).copied().unwrap_or(f32::NAN);
            }
        }
    }

    /// Features of a row.
    pub(super) fn width(&self) -> usize {
        self.places.len()
    }

    /// What a sampled row holds in a feature that was read before.
    pub(super) fn cell(&self, feature: usize, row: usize) -> f32 {
        self.column(feature).get(row).copied().unwrap_or(f32::NAN)
    }

    fn column(&self, feature: usize) -> &[f32] {
        let place = self.places.get(feature).copied().unwrap_or(UNREAD);
        self.read.get(place..).and_then(|cells| cells.get(..self.stride)).unwrap_or_default()
    }

    /// What the sampled rows hold in a feature. An infinite value counts as the greatest finite one, so that a
    /// threshold can be drawn below it; in scoring it is beyond all thresholds, which is the same. A category is a
    /// name: it stays as it is.
    pub(super) fn get(&mut self, feature: usize) -> &[f32] {
        if let Some(place) = self.places.get_mut(feature).filter(|place| **place == UNREAD) {
            *place = self.read.len();
            let values = self.data.values();
            let cells = self.starts.iter().map(|start| values.get(start + feature).copied().unwrap_or(f32::NAN));
            if self.categorical.get(feature).copied().unwrap_or(false) {
                self.read.extend(cells);
            } else {
                self.read.extend(cells.map(finite));
            }
        }
        self.column(feature)
    }
}

fn finite(value: f32) -> f32 {
    value.clamp(f32::MIN, f32::MAX)
}
