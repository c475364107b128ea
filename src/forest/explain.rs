//! Why a row is odd: what each feature did to its path.
//!
//! Before a split a row of a node with n others at depth k may expect a path of k + c(n); after it, of k + 1 + c(n of
//! its side). The difference is the split's doing and goes to its feature. Along a path these differences telescope,
//! so that the mean expected at the roots plus all contributions is exactly the mean path length, and a feature that
//! sent the row to a nearly empty side has shortened its path. (The idea is that of Saabas' path attribution and of
//! coniferest's `feature_signature`, undivided by the number of visits so that it stays additive.)

use super::Forest;
use super::fit::scale;
use super::path_length::{c, rows_for};
use super::side::Side;
use super::tree::{Node, Tree, goes_left};

/// What a forest's paths are made of; made once, then asked for rows.
#[derive(Clone, Debug)]
pub struct Explainer {
    /// For each tree the expected path length at each node.
    pub(super) expected: Vec<Vec<f64>>,
    columns: usize,
}

/// A row's mean path length, taken apart.
#[derive(Clone, Debug, PartialEq)]
pub struct Contributions {
    /// The mean path length that the forest expects of any row, in edges.
    pub base: f64,
    /// For each feature the edges that its splits added (positive) or saved (negative, which is odd).
    pub parts: Vec<f64>,
}

/// A feature's share in a row's oddness.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Reason {
    /// Position of the feature in a row.
    pub feature: usize,
    /// Its part of all shortening of the path, in (0, 1]; the shares of a row sum to 1.
    pub share: f64,
    /// On which side of the others its value stands; none where the feature's splits saved as much on either.
    pub side: Option<Side>,
}

impl Explainer {
    /// Prepares to explain a forest's scores.
    #[must_use]
    pub fn new(forest: &Forest) -> Self {
        let scale = scale(forest.trees().len(), forest.samples());
        let expected = forest.trees().iter().map(|tree| expected(tree, scale)).collect();
        Self { expected, columns: forest.columns() }
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
    #[allow(clippy::cast_precision_loss, reason = "a forest has at most 100,000 trees")]
    pub fn contributions(&self, forest: &Forest, row: &[f32]) -> Contributions {
        let mut parts = vec![0.0; self.columns];
        let mut base = 0.0;
        for (tree, expected) in forest.trees().iter().zip(&self.expected) {
            base += expected.first().copied().unwrap_or(0.0);
            walk(tree, expected, row, |feature, change| {
                if let Some(part) = parts.get_mut(feature as usize) {
                    *part += change;
                }
            });
        }
        let trees = forest.trees().len().max(1) as f64;
        for part in &mut parts {
            *part /= trees;
        }
        Contributions { base: base / trees, parts }
    }

    /// The features that shortened a row's path, the greatest share first, at most `most` of them.
    ///
    /// Features with equal shares keep their order. A row that no feature has shortened has no reasons.
    #[must_use]
    pub fn reasons(&self, forest: &Forest, row: &[f32], most: usize) -> Vec<Reason> {
        let parts = self.contributions(forest, row).parts;
        let shortened: f64 = parts.iter().filter(|part| **part < 0.0).sum();
        let reason = |(feature, part): (usize, f64)| Reason { feature, share: part / shortened, side: None };
        let mut reasons: Vec<Reason> =
            parts.into_iter().enumerate().filter(|(_, part)| *part < 0.0).map(reason).collect();
        reasons.sort_by(|a, b| b.share.total_cmp(&a.share));
        reasons.truncate(most);
        self.find_sides(forest, row, &mut reasons);
        reasons
    }
}

/// Follows a row down a tree and tells each split's feature and doing.
fn walk(tree: &Tree, expected: &[f64], row: &[f32], mut tell: impl FnMut(u32, f64)) {
    let mut at = 0;
    while let Some(&Node::Split { feature, threshold, right, missing_left }) = tree.nodes().get(at) {
        let value = tree.value(feature, row);
        let next = if goes_left(value, threshold, missing_left) { at + 1 } else { right as usize };
        let length = |at: usize| expected.get(at).copied().unwrap_or(0.0);
        let change = length(next) - length(at);
        tree.shares(feature, row, |feature, share| tell(feature, share * change));
        at = next;
    }
}

/// The expected path length at each node of a tree. At a leaf it is the length that its weight states; at a split it
/// is depth + c(rows), the rows being those of its leaves.
fn expected(tree: &Tree, scale: f64) -> Vec<f64> {
    let depths: Vec<u32> = tree.depths().collect();
    let mut rows = vec![0_usize; depths.len()];
    let mut lengths = vec![0.0; depths.len()];
    let nodes = tree.nodes().iter().zip(depths).enumerate();
    for (at, (node, depth)) in nodes.rev() {
        let depth = f64::from(depth);
        let of = |child: usize| rows.get(child).copied().unwrap_or(0);
        let (count, length) = match *node {
            Node::Leaf { weight } => {
                let length = f64::from(weight) * scale;
                (rows_for(length - depth), length)
            }
            Node::Split { right, .. } => {
                let count = of(at + 1).saturating_add(of(right as usize));
                (count, depth + c(count))
            }
        };
        if let (Some(to_rows), Some(to_length)) = (rows.get_mut(at), lengths.get_mut(at)) {
            (*to_rows, *to_length) = (count, length);
        }
    }
    lengths
}
