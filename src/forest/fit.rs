//! From rows and parameters to a forest.

use super::Forest;
use super::data::Data;
use super::derived::{Derived, Scaling};
use super::fault::FitError;
use super::grow::{Plan, grow};
use super::matrix::Matrix;
use super::params::{CheckedParams, Contamination, Height, Params};
use super::path_length::{c, tallest};
use super::sample::{Draw, Weights};
use super::threshold::{AUTO_OFFSET, offset_for};
use super::tree::Tree;
use std::cmp::Ordering;
use std::sync::Arc;

/// Fits a forest to the rows, one tree after the other.
///
/// The rows stay unscaled: a split compares one feature with a threshold drawn between its own extremes, so scaling
/// a feature moves values and thresholds together and changes no path. A standard scaler in front of the forest, as
/// scikit-learn's users have it, is thus folded away exactly by never being applied. (An extended forest adds features
/// up, and scales them itself.)
///
/// A missing value (NaN) is data, see [`Node::Split`](super::Node::Split). An infinite one counts as the greatest or
/// least finite value.
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
pub fn fit<'a>(data: impl Into<Data<'a>>, params: &CheckedParams) -> Result<Forest, FitError> {
    fit_with(data, params, None, |trees, grow| (0..trees).map(grow).collect())
}

/// Fits a forest whose trees the caller's `run` grows, in any order and on any threads.
///
/// `run` gets the number of trees and the function that grows the one at a position, and returns them in the order of
/// their positions. Every tree draws from its own generator, so the forest does not depend on how `run` goes about it.
///
/// Where a forest was `begun`, trees are added to it until it has `params.trees`; scikit-learn's `warm_start`. With the
/// rows, seed and other parameters of that forest the result is, bit for bit, the forest that they would have made at
/// once. With other rows (newer ones, say) the old trees stay and the new ones know the new rows; all count the same. The
/// contamination is applied to the rows given.
///
/// # Errors
/// See [`FitError`]; also when the forest that was begun has as many trees already, or other columns, or its trees were
/// grown on another number of rows.
pub fn fit_with<'a>(
    data: impl Into<Data<'a>>,
    params: &CheckedParams,
    begun: Option<&Forest>,
    run: impl FnOnce(usize, &(dyn Fn(usize) -> Tree + Sync)) -> Vec<Tree>,
) -> Result<Forest, FitError> {
    let data = data.into();
    let params = params.get();
    let mut plan = plan(&data, params)?;
    let mut trees = begun.map(|forest| carried(forest, &data, params, &mut plan)).transpose()?.unwrap_or_default();
    let old = trees.len();
    trees.extend(run(params.trees - old, &|position| grow(&data, &plan, old + position)));
    Ok(finish(trees, &data, params, &plan))
}

/// The trees of a forest that was begun, as they stand in one of more trees.
fn carried(forest: &Forest, data: &Data<'_>, params: &Params, plan: &mut Plan) -> Result<Vec<Tree>, FitError> {
    let old = forest.trees().len();
    if old >= params.trees {
        return Err(FitError::NoMoreTrees { forest: old, asked: params.trees });
    }
    // All planes of a forest see rows alike.
    let scalings = forest.trees().iter().filter_map(Tree::derived).map(Derived::scaling);
    if let (Some((_, scaling)), Some(first)) = (&mut plan.planes, scalings.into_iter().find(|first| first.is_known())) {
        *scaling = Arc::clone(first);
    }
    let samples = plan.draw.count as usize;
    if forest.columns() != data.rows.columns() || forest.samples() != samples {
        return Err(FitError::OtherForest {
            columns: [forest.columns(), data.rows.columns()],
            samples: [forest.samples(), samples],
        });
    }
    let before = scale(old, samples);
    Ok(forest.trees().iter().map(|tree| tree.rescaled(before, plan.scale)).collect())
}

/// Trees · c(ψ): what a path length is divided by on its way into a leaf.
#[allow(clippy::cast_precision_loss, reason = "a forest has at most 100,000 trees")]
pub(super) fn scale(trees: usize, samples: usize) -> f64 {
    trees as f64 * c(samples)
}

/// Path lengths that are worked out once for all trees.
const MOST_LENGTHS: usize = 64;

/// What all trees share. Nothing here looks at every row but what was asked for (weights, scaling for planes) and the
/// search for a second value in a feature that has none.
pub(super) fn plan(data: &Data<'_>, params: &Params) -> Result<Plan, FitError> {
    let (rows, columns) = (data.rows.rows(), data.rows.columns());
    if columns == 0 {
        return Err(FitError::NoColumns);
    }
    match rows {
        0 | 1 => return Err(FitError::TooFewRows(rows)),
        rows if rows >= u32::MAX as usize => return Err(FitError::TooManyRows(rows)),
        _ => {}
    }
    if let Contamination::Count(count) = params.contamination
        && count > rows / 2
    {
        return Err(FitError::Contamination { count, rows });
    }
    let (weights, drawable) = weights(data)?;
    let asked = params.samples.of(rows).max(2);
    let samples = if params.bootstrap { asked } else { asked.min(drawable) };
    let varying = varying(data.rows);
    let terms = |level: usize| level.saturating_add(1).min(varying.len());
    let planes = params.extension.map(|level| (terms(level), Arc::new(scaling(data.rows))));
    Ok(Plan {
        draw: Draw {
            total: u32::try_from(rows).unwrap_or(u32::MAX - 1),
            count: u32::try_from(samples).unwrap_or(u32::MAX - 1),
            repeated: params.bootstrap,
            weights,
        },
        features: params.features.of(varying.len()).max(1),
        categorical: categorical(data, &varying)?,
        varying,
        split: params.split,
        guided: params.guided,
        tallest: match params.height {
            Height::Average => tallest(samples),
            Height::Full => u32::MAX,
        },
        planes,
        lengths: (0..samples.min(MOST_LENGTHS)).map(c).collect(),
        scale: scale(params.trees, samples),
        seed: params.seed,
    })
}

/// The features that are not the same in every row. The others can isolate nothing, and are as if they were not there:
/// no chance is spent on them, so that adding one changes no tree.
fn varying(rows: &Matrix) -> Vec<usize> {
    let first = rows.row(0);
    let mut constant: Vec<usize> = (0..rows.columns()).collect();
    let cell = |row: &[f32], column: usize| row.get(column).copied().unwrap_or(f32::NAN);
    for row in rows.iter().skip(1) {
        constant.retain(|&column| {
            let (a, b) = (cell(first, column), cell(row, column));
            a.partial_cmp(&b) == Some(Ordering::Equal) || (a.is_nan() && b.is_nan())
        });
        if constant.is_empty() {
            break;
        }
    }
    (0..rows.columns()).filter(|column| constant.binary_search(column).is_err()).collect()
}

/// The weights, and how many rows can be drawn.
fn weights(data: &Data<'_>) -> Result<(Option<Arc<Weights>>, usize), FitError> {
    let rows = data.rows.rows();
    let Some(weights) = data.weights else {
        return Ok((None, rows));
    };
    if weights.len() != rows {
        return Err(FitError::Weights { rows, weights: weights.len() });
    }
    if let Some(row) = weights.iter().position(|weight| !(weight.is_finite() && *weight >= 0.0)) {
        return Err(FitError::Weight { row });
    }
    if let [first, rest @ ..] = weights
        && *first > 0.0
        && rest.iter().all(|weight| weight.to_bits() == first.to_bits())
    {
        // All are drawn alike, whatever the number that says so.
        return Ok((None, rows));
    }
    let (weights, drawable) = Weights::new(weights);
    if drawable < 2 { Err(FitError::TooFewRows(drawable)) } else { Ok((Some(Arc::new(weights)), drawable)) }
}

/// For each feature whether it has categories; empty where none is said to. One that a split cannot name has none.
fn categorical(data: &Data<'_>, varying: &[usize]) -> Result<Vec<bool>, FitError> {
    if data.categorical.is_empty() {
        return Ok(Vec::new());
    }
    let mut flags = vec![false; data.rows.columns()];
    for &column in data.categorical {
        *flags.get_mut(column).ok_or(FitError::Categorical { column })? = varying.binary_search(&column).is_ok();
    }
    Ok(flags)
}

/// The means and deviations of the columns, over their finite values.
#[allow(clippy::cast_possible_truncation, reason = "the graph computes in 32 bits")]
fn scaling(rows: &Matrix) -> Scaling {
    let width = rows.columns();
    let mut sums = vec![(0.0_f64, 0.0_f64); width];
    for row in rows.iter() {
        for (&value, (sum, count)) in row.iter().zip(&mut sums).filter(|(value, _)| value.is_finite()) {
            (*sum, *count) = (*sum + f64::from(value), *count + 1.0);
        }
    }
    let mean: Vec<f32> = sums.iter().map(|(sum, count)| (sum / count.max(1.0)) as f32).collect();
    let mut squares = vec![0.0_f64; width];
    for row in rows.iter() {
        for ((&value, &mean), square) in row.iter().zip(&mean).zip(&mut squares).filter(|((v, _), _)| v.is_finite()) {
            let distance = f64::from(value) - f64::from(mean);
            *square += distance * distance;
        }
    }
    let rate = squares.into_iter().zip(sums).map(|(square, (_, count))| {
        let deviation = libm::sqrt(square / f64::max(count, 1.0));
        if deviation > 0.0 { (1.0 / deviation).min(f64::from(f32::MAX)) as f32 } else { 0.0 }
    });
    Scaling { rate: rate.collect(), mean }
}

/// A forest of grown trees, with the offset that the contamination asks for.
fn finish(trees: Vec<Tree>, data: &Data<'_>, params: &Params, plan: &Plan) -> Forest {
    let forest = Forest::new(trees, data.rows.columns(), plan.draw.count as usize, AUTO_OFFSET);
    match params.contamination.rate(data.rows.rows()) {
        None => forest,
        Some(rate) => {
            let offset = offset_for(&mut forest.score_batch(data.rows), rate);
            forest.with_offset(offset)
        }
    }
}
