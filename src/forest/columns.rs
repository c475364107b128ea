//! A tree's rows column by column.

use super::matrix::Matrix;

/// The sampled rows, each column read when a node first asks for it: most trees need few columns of many.
pub(super) struct Columns<'a> {
    data: &'a Matrix,
    /// Where each sampled row begins among the data's values.
    starts: Vec<usize>,
    read: Vec<Vec<f32>>,
    categorical: &'a [bool],
}

impl<'a> Columns<'a> {
    pub(super) fn new(data: &'a Matrix, rows: &[u32], categorical: &'a [bool]) -> Self {
        let width = data.columns();
        Self {
            data,
            starts: rows.iter().map(|&row| row as usize * width).collect(),
            read: vec![Vec::new(); width],
            categorical,
        }
    }

    /// Features of a row.
    pub(super) fn width(&self) -> usize {
        self.read.len()
    }

    /// What a sampled row holds in a feature that was read before.
    pub(super) fn cell(&self, feature: usize, row: usize) -> f32 {
        self.read.get(feature).and_then(|column| column.get(row)).copied().unwrap_or(f32::NAN)
    }

    /// What the sampled rows hold in a feature. An infinite value counts as the greatest finite one, so that a
    /// threshold can be drawn below it; in scoring it is beyond all thresholds, which is the same. A category is a
    /// name: it stays as it is.
    pub(super) fn get(&mut self, feature: usize) -> &[f32] {
        let Some(column) = self.read.get_mut(feature) else {
            return &[];
        };
        if column.is_empty() {
            let values = self.data.values();
            let cell = |&start: &usize| values.get(start + feature).copied().unwrap_or(f32::NAN);
            if self.categorical.get(feature).copied().unwrap_or(false) {
                column.extend(self.starts.iter().map(cell));
            } else {
                column.extend(self.starts.iter().map(cell).map(|value| value.clamp(f32::MIN, f32::MAX)));
            }
        }
        column
    }
}
