//! The rows that a forest is fitted on and scores.

use std::fmt;

/// A dense table of 32-bit floats, row after row; NaN is a missing value.
///
/// # Example
/// ```
/// use tamis::forest::Matrix;
///
/// let mut rows = Matrix::new(2);
/// rows.push_row(&[1.0, 2.0])?;
/// rows.push_row(&[3.0, f32::NAN])?;
/// assert_eq!((rows.rows(), rows.columns()), (2, 2));
/// assert_eq!(rows.row(0), [1.0, 2.0]);
/// # Ok::<(), tamis::forest::ShapeError>(())
/// ```
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Matrix {
    values: Vec<f32>,
    columns: usize,
}

/// The values do not fill whole rows of the matrix.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ShapeError {
    /// Columns of the matrix.
    pub columns: usize,
    /// Values that were given.
    pub values: usize,
}

impl fmt::Display for ShapeError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} values do not fill rows of {} columns", self.values, self.columns)
    }
}

impl std::error::Error for ShapeError {}

impl Matrix {
    /// An empty matrix of so many columns.
    #[must_use]
    pub fn new(columns: usize) -> Self {
        Self { values: Vec::new(), columns }
    }

    /// A matrix of the values, row after row.
    ///
    /// # Errors
    /// When the number of values is no multiple of `columns`.
    pub fn from_vec(columns: usize, values: Vec<f32>) -> Result<Self, ShapeError> {
        let whole = if columns == 0 { values.is_empty() } else { values.len().is_multiple_of(columns) };
        if whole { Ok(Self { values, columns }) } else { Err(ShapeError { columns, values: values.len() }) }
    }

    /// Appends a row.
    ///
    /// # Errors
    /// When the row's length is not the number of columns; the matrix is then unchanged.
    pub fn push_row(&mut self, row: &[f32]) -> Result<(), ShapeError> {
        if row.len() != self.columns {
            return Err(ShapeError { columns: self.columns, values: row.len() });
        }
        self.values.extend_from_slice(row);
        Ok(())
    }

    /// Takes every row out; the columns and the memory stay.
    pub fn clear(&mut self) {
        self.values.clear();
    }

    /// Number of rows.
    #[must_use]
    pub fn rows(&self) -> usize {
        self.values.len().checked_div(self.columns).unwrap_or(0)
    }

    /// Number of columns.
    #[must_use]
    pub fn columns(&self) -> usize {
        self.columns
    }

    /// The row at a position counted from 0; empty past the last.
    #[must_use]
    pub fn row(&self, index: usize) -> &[f32] {
        let start = index.saturating_mul(self.columns);
        self.values.get(start..start.saturating_add(self.columns)).unwrap_or_default()
    }

    /// The rows in order.
    pub fn iter(&self) -> impl Iterator<Item = &[f32]> {
        self.values.chunks_exact(self.columns.max(1))
    }

    /// Every value, row after row.
    #[must_use]
    pub fn values(&self) -> &[f32] {
        &self.values
    }
}
