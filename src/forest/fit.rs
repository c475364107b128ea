//! From rows and parameters to a forest.

use super::Forest;
use super::grow::{Plan, grow};
use super::matrix::Matrix;
use super::params::{CheckedParams, Contamination};
use super::path_length::c;
use super::threshold::{AUTO_OFFSET, offset_for};
use super::tree::Tree;
use std::fmt;

/// Fits a forest to the rows, one tree after the other.
///
/// The rows stay unscaled: a split compares one feature with a threshold drawn between its own extremes, so scaling
/// a feature moves values and thresholds together and changes no path. A standard scaler in front of the forest, as
/// scikit-learn's users have it, is thus folded away exactly by never being applied.
///
/// # Errors
/// See [`FitError`].
///
/// # Example
/// ```
/// use tamis::forest::{Matrix, Params, fit};
///
/// let mut rows = Matrix::new(1);
/// for value in 0..100 {
///     rows.push_row(&[value as f32])?;
/// }
/// let forest = fit(&rows, &Params::default().check()?)?;
/// assert!(forest.score(&[1000.0]) > forest.score(&[50.0]));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub fn fit(data: &Matrix, params: &CheckedParams) -> Result<Forest, FitError> {
    fit_with(data, params, |trees, grow| (0..trees).map(grow).collect())
}

/// Fits a forest whose trees the caller's `run` grows, in any order and on any threads.
///
/// `run` gets the number of trees and the function that grows the one at a position, and returns them in the order of
/// their positions. Every tree draws from its own generator, so the forest does not depend on how `run` goes about it.
///
/// # Errors
/// See [`FitError`].
pub fn fit_with(
    data: &Matrix,
    params: &CheckedParams,
    run: impl FnOnce(usize, &(dyn Fn(usize) -> Tree + Sync)) -> Vec<Tree>,
) -> Result<Forest, FitError> {
    check(data)?;
    let params = params.get();
    let samples = params.samples.min(data.rows());
    let plan = Plan {
        samples: u32::try_from(samples).unwrap_or(u32::MAX - 1),
        scale: scale(params.trees, samples),
        seed: params.seed,
    };
    let trees = run(params.trees, &|position| grow(data, &plan, position));
    let forest = Forest::new(trees, data.columns(), samples, AUTO_OFFSET);
    Ok(match params.contamination {
        Contamination::Auto => forest,
        Contamination::Rate(rate) => {
            let offset = offset_for(&mut forest.score_batch(data), rate);
            forest.with_offset(offset)
        }
    })
}

/// Trees · c(ψ): what a path length is divided by on its way into a leaf.
#[allow(clippy::cast_precision_loss, reason = "a forest has at most 100,000 trees")]
pub(super) fn scale(trees: usize, samples: usize) -> f64 {
    trees as f64 * c(samples)
}

fn check(data: &Matrix) -> Result<(), FitError> {
    if data.columns() == 0 {
        return Err(FitError::NoColumns);
    }
    match data.rows() {
        0 | 1 => return Err(FitError::TooFewRows(data.rows())),
        rows if rows >= u32::MAX as usize => return Err(FitError::TooManyRows(rows)),
        _ => {}
    }
    match first_infinite(data.values()) {
        Some(at) => Err(FitError::Infinite { row: at / data.columns(), column: at % data.columns() }),
        None => Ok(()),
    }
}

/// The position of the first infinite value. Whole blocks are tested first: that the compiler makes vectors of.
fn first_infinite(values: &[f32]) -> Option<usize> {
    const BLOCK: usize = 256;
    let infinite = |block: &[f32]| block.iter().fold(false, |any, value| any | value.is_infinite());
    let block = values.chunks(BLOCK).position(infinite)? * BLOCK;
    let within = values.get(block..)?.iter().position(|value| value.is_infinite())?;
    Some(block + within)
}

/// The rows do not make a forest.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum FitError {
    /// The rows have no columns.
    NoColumns,
    /// A forest needs two rows: nothing isolates one.
    TooFewRows(usize),
    /// A forest counts its rows in 32 bits.
    TooManyRows(usize),
    /// A value is infinite, so that no threshold can be drawn below it. Missing values are NaN and allowed.
    Infinite {
        /// The row, counted from 0.
        row: usize,
        /// The column, counted from 0.
        column: usize,
    },
}

impl FitError {
    /// A code that stays the same from version to version.
    #[must_use]
    pub fn kind(&self) -> &'static str {
        match self {
            Self::NoColumns => "no_columns",
            Self::TooFewRows(_) => "too_few_rows",
            Self::TooManyRows(_) => "too_many_rows",
            Self::Infinite { .. } => "infinite",
        }
    }
}

impl fmt::Display for FitError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NoColumns => f.write_str("the rows have no columns"),
            Self::TooFewRows(rows) => write!(f, "a forest needs at least 2 rows, not {rows}"),
            Self::TooManyRows(rows) => write!(f, "a forest takes fewer than {} rows, not {rows}", u32::MAX),
            Self::Infinite { row, column } => {
                write!(f, "the value in row {row}, column {column} (both counted from 0) is infinite")
            }
        }
    }
}

impl std::error::Error for FitError {}
