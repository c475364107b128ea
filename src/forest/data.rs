//! What a forest is fitted on.

use super::matrix::Matrix;

/// Rows, and what is known of them beside their values.
///
/// A matrix alone is data too: `fit(&rows, …)`.
///
/// # Example
/// ```
/// use tamis::forest::{Data, Matrix, Params, fit};
///
/// // A colour (0, 1 or 2: no order is meant) and a size; the last row is drawn twice as readily.
/// let rows = Matrix::from_vec(2, vec![0.0, 1.5, 1.0, 1.4, 2.0, 9.0, 0.0, 1.6])?;
/// let data = Data { weights: Some(&[1.0, 1.0, 1.0, 2.0]), categorical: &[0], ..Data::from(&rows) };
/// let forest = fit(data, &Params::default().check()?)?;
/// assert!(forest.score(&[2.0, 9.0]) > forest.score(&[0.0, 1.5]));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Copy, Debug)]
pub struct Data<'a> {
    /// The rows; NaN is a missing value.
    pub rows: &'a Matrix,
    /// For each row how readily a tree draws it, finite and at least 0, as scikit-learn's `sample_weight` since 1.8: a
    /// row's share of the sum is its probability at each draw. None means that all are equal.
    pub weights: Option<&'a [f64]>,
    /// The positions of the features whose values are codes without an order: they are split by subset.
    pub categorical: &'a [usize],
}

impl<'a> From<&'a Matrix> for Data<'a> {
    fn from(rows: &'a Matrix) -> Self {
        Self { rows, weights: None, categorical: &[] }
    }
}
