//! Why a row is odd: what each feature did to its path.
//!
//! Before a split a row of a node with n others at depth k may expect a path of k + c(n); after it, of k + 1 + c(n of
//! its side). The difference is the split's doing and goes to its feature. Along a path these differences telescope,
//! so that the mean expected at the roots plus all contributions is exactly the mean path length, and a feature that
//! sent the row to a nearly empty side has shortened its path. (The idea is that of Saabas' path attribution and of
//! coniferest's `feature_signature`, undivided by the number of visits so that it stays additive.)
//!
//! Contributions are kept apart by the side of the threshold on which the value lay, because that is the direction in
//! which it is odd. What a leaf's path did is added up once, when the first row is explained: a row then costs its walk
//! and a look at one line of a table for each tree.

mod leaves;
mod paths;

use super::Forest;
use super::kernel::ROWS;
use super::matrix::Matrix;
pub(crate) use leaves::{LeafParts, leaf_parts};
use paths::Paths;
use std::sync::OnceLock;

/// Takes the scores of a forest apart; it prepares itself when it is first asked.
#[derive(Clone, Debug)]
pub struct Explainer {
    paths: OnceLock<Paths>,
    columns: usize,
}

/// A row's mean path length, taken apart.
#[derive(Clone, Debug, PartialEq)]
pub struct Contributions {
    /// The mean path length that the forest expects of any row, in edges.
    pub base: f64,
    /// For each feature the edges that its splits added (positive) or saved (negative, which is odd).
    pub parts: Vec<f64>,
    /// For each feature what those of its splits did whose threshold the value exceeded; the rest of its part is that
    /// of splits whose threshold it did not exceed. A missing value is above those that send it right.
    pub above: Vec<f64>,
}

/// A feature's share in a row's oddness.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Reason {
    /// Position of the feature in a row.
    pub feature: usize,
    /// Its part of all shortening of the path, in (0, 1]; the shares of a row sum to 1.
    pub share: f64,
    /// Where the value lies, as the splits saw it that made it odd.
    pub side: Side,
    /// From −1, all of the shortening is the doing of splits whose threshold the value does not exceed, to 1, of such
    /// that it exceeds.
    pub direction: f64,
}

/// Where a value lies among those that the forest was grown on.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Side {
    /// Below the others: the direction is under −1/3, so that two thirds of the shortening came from being low.
    Below,
    /// Above the others: the direction is over 1/3.
    Above,
    /// In a gap between others, or odd in no direction, as a category is.
    Between,
    /// There is no value.
    Missing,
}

/// The contributions to the mean path lengths of many rows, row after row.
#[derive(Clone, Debug, PartialEq)]
pub struct ContributionTable {
    /// The mean path length that the forest expects of any row, in edges.
    pub base: f64,
    /// Features of a row.
    pub columns: usize,
    /// For each row its [`Contributions::parts`].
    pub parts: Vec<f64>,
}

impl Side {
    /// Its name, in small letters: `below`, `above`, `between`, `missing`.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Below => "below",
            Self::Above => "above",
            Self::Between => "between",
            Self::Missing => "missing",
        }
    }
}

impl Explainer {
    /// An explainer of a forest's scores.
    #[must_use]
    pub fn new(forest: &Forest) -> Self {
        Self { paths: OnceLock::new(), columns: forest.columns() }
    }

    /// Takes apart the mean path length of a row in the forest that the explainer was made of.
    ///
    /// # Example
    /// ```
    /// use tamis::forest::{Explainer, Matrix, Params, fit, path_length::c};
    ///
    /// let rows = Matrix::from_vec(2, (0..400).map(|i| (i * 7 % 31) as f32).collect())?;
    /// let forest = fit(&rows, &Params::default().check()?)?;
    /// let why = Explainer::new(&forest).contributions(&forest, &[500.0, 3.0]);
    /// let path: f64 = why.base + why.parts.iter().sum::<f64>();
    /// let score = 2_f64.powf(-path / c(forest.samples()));
    /// assert!((score - forest.score(&[500.0, 3.0])).abs() < 1e-9);
    /// assert!(why.parts[0] < why.parts[1]);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[must_use]
    pub fn contributions(&self, forest: &Forest, row: &[f32]) -> Contributions {
        let paths = self.paths(forest);
        let sides = paths.of_row(forest, row);
        let (parts, above) = sides.as_chunks().0.iter().map(|[below, above]| (below + above, *above)).unzip();
        Contributions { base: paths.base(), parts, above }
    }

    /// Takes apart the mean path lengths of many rows, each as [`contributions`](Self::contributions) does.
    #[must_use]
    pub fn contributions_batch(&self, forest: &Forest, rows: &Matrix) -> ContributionTable {
        let mut parts = Vec::with_capacity(rows.rows() * self.columns);
        self.each(forest, rows, |_, sides| {
            parts.extend(sides.as_chunks().0.iter().map(|[below, above]| below + above));
        });
        ContributionTable { base: self.paths(forest).base(), columns: self.columns, parts }
    }

    /// The features that shortened a row's path, the greatest share first, at most `most` of them.
    ///
    /// Features with equal shares keep their order. A row that no feature has shortened has no reasons.
    #[must_use]
    pub fn reasons(&self, forest: &Forest, row: &[f32], most: usize) -> Vec<Reason> {
        reasons(&self.paths(forest).of_row(forest, row), row, most)
    }

    /// The reasons of many rows, for each those of [`reasons`](Self::reasons).
    #[must_use]
    pub fn reasons_batch(&self, forest: &Forest, rows: &Matrix, most: usize) -> Vec<Vec<Reason>> {
        let mut all = Vec::with_capacity(rows.rows());
        self.each(forest, rows, |row, sides| all.push(reasons(sides, row, most)));
        all
    }

    fn paths(&self, forest: &Forest) -> &Paths {
        self.paths.get_or_init(|| Paths::new(forest))
    }

    /// Tells for each row, in order, what was done by each feature below and above its thresholds.
    fn each(&self, forest: &Forest, rows: &Matrix, mut tell: impl FnMut(&[f32], &[f64])) {
        let width = rows.columns().max(1);
        let paths = self.paths(forest);
        let mut leaves = Vec::new();
        for block in rows.values().chunks(ROWS * width) {
            forest.kernel.leaves_of_rows(block, width, &mut leaves);
            paths.of_rows(forest, block, width, &leaves, &mut tell);
        }
    }
}

/// The reasons from what was done by each feature below and above its thresholds.
fn reasons(sides: &[f64], row: &[f32], most: usize) -> Vec<Reason> {
    let sides = sides.as_chunks().0;
    let part = |[below, above]: &[f64; 2]| below + above;
    let shortened: f64 = sides.iter().map(part).filter(|part| *part < 0.0).sum();
    let reason = |(feature, both): (usize, &[f64; 2])| {
        let part = part(both);
        (part < 0.0).then(|| {
            let direction = direction(*both);
            Reason { feature, share: part / shortened, side: side(direction, row.get(feature).copied()), direction }
        })
    };
    let mut reasons: Vec<Reason> = sides.iter().enumerate().filter_map(reason).collect();
    reasons.sort_by(|a, b| b.share.total_cmp(&a.share));
    reasons.truncate(most);
    reasons
}

/// Which side did the shortening.
fn direction(sides: [f64; 2]) -> f64 {
    let [below, above] = sides.map(|part| (-part).max(0.0));
    (above - below) / (above + below)
}

fn side(direction: f64, value: Option<f32>) -> Side {
    const MOST: f64 = 1.0 / 3.0;
    match value {
        None => Side::Missing,
        Some(value) if value.is_nan() => Side::Missing,
        Some(_) if direction > MOST => Side::Above,
        Some(_) if direction < -MOST => Side::Below,
        Some(_) => Side::Between,
    }
}

#[cfg(test)]
mod tests;
