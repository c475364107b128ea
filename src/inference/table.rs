//! Rows that have been read, scored a block at a time.

use super::fault::{Fault, Flaw, Place};
use crate::forest::Matrix;
use crate::score::{Model, Score, ScoreError};

/// Rows that are answered at once. With it and the limit of a body, neither the table nor the answer fills the memory.
pub const MOST_ROWS: usize = 1 << 18;

/// Rows that are scored at once.
const BLOCK: usize = 4096;

/// Rows of features; NaN is a missing value.
#[derive(Debug)]
pub(super) enum Table {
    /// Row after row.
    Rows(Vec<f32>),
    /// All values of a feature, then those of the next.
    Columns(Vec<Vec<f32>>),
}

impl Table {
    /// Number of rows.
    pub(super) fn rows(&self, columns: usize) -> usize {
        match self {
            Self::Rows(values) => values.len() / columns.max(1),
            Self::Columns(all) => all.first().map_or(0, Vec::len),
        }
    }

    /// Scores all rows in their order. `names` are the columns'.
    pub(super) fn score(&self, model: &Model, names: &[String], mut each: impl FnMut(Score)) -> Result<(), Fault> {
        let rows = self.rows(names.len());
        for from in (0..rows).step_by(BLOCK) {
            let block = self.block(from, rows.min(from + BLOCK), names.len());
            match model.score_batch(&block) {
                Ok(scores) => scores.into_iter().for_each(&mut each),
                Err(error) => return Err(refused(model, &block, from, &error, names)),
            }
        }
        Ok(())
    }

    fn block(&self, from: usize, to: usize, columns: usize) -> Matrix {
        let values = match self {
            Self::Rows(values) => values.get(from * columns..to * columns).unwrap_or_default().to_vec(),
            Self::Columns(all) => {
                let row = |row: usize| all.iter().filter_map(move |column| column.get(row).copied());
                (from..to).flat_map(row).collect()
            }
        };
        Matrix::from_vec(columns, values).unwrap_or_default()
    }
}

/// The row that a model refuses, and what of it.
fn refused(model: &Model, block: &Matrix, from: usize, error: &ScoreError, names: &[String]) -> Fault {
    let ScoreError::Category(column) = error else {
        return Fault { place: Place::Pointer(String::new()), flaw: Flaw::Engine };
    };
    let row = (0..block.rows()).position(|row| model.score(block.row(row)).is_err()).unwrap_or_default();
    let name = names.get(*column).map_or("", String::as_str);
    Fault { place: Place::Row(from + row + 1, name.to_owned()), flaw: Flaw::Category }
}
