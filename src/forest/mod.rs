//! Isolation forest: random trees isolate an odd row in few splits.
//!
//! ```text
//! rows + parameters -> trees (grow) -> Forest -> kernel -> score, decision
//!                                             -> Explainer -> reasons
//! ```
//! After Liu, Ting and Zhou, *Isolation Forest* (ICDM 2008), with scikit-learn's conventions throughout: ψ = min(samples,
//! rows); height at most ⌈log₂ ψ⌉; a leaf's path length is its depth plus [`path_length::c`] of its rows; the score is
//! s = 2^(−E\[h\] / c(ψ)) in (0, 1), higher is odder; the decision is −s − offset, and negative means odd.
//!
//! The same seed, parameters and rows give the same bits on every target and with any number of threads: every tree
//! has its own generator, transcendental functions come from `libm`, and a row's leaves are added in 64 bits in the
//! order of the trees. A missing value (NaN) is data; an infinite one is beyond every threshold.
//!
//! A split may also compare a [`Column`] that is derived from a row: the side of a plane (the extended forest), or
//! membership in a set of categories. One row of such a forest is walked by the simple walk.

mod amount;
mod columns;
mod cut;
mod data;
mod derived;
mod explain;
mod fault;
mod fit;
mod grow;
mod guide;
mod kernel;
mod matrix;
mod params;
pub mod path_length;
mod plane;
mod random;
mod sample;
mod subset;
mod threshold;
mod tree;
mod walk;

pub use amount::Amount;
pub use data::Data;
pub(crate) use derived::MOST_DEVIATIONS;
pub use derived::{Column, Derived, Scaling};
pub use explain::{ContributionTable, Contributions, Explainer, Reason, Side};
pub(crate) use explain::{LeafParts, leaf_parts};
pub use fault::FitError;
pub use fit::{fit, fit_with};
pub(crate) use kernel::Kernel;
pub use matrix::{Matrix, ShapeError};
pub use params::{CheckedParams, Contamination, Height, MOST_TREES, Params, ParamsError, Split};
pub use threshold::{Budgeted, TooFewForBudget, offset_for, threshold_for_budget};
pub use tree::{Node, Tree};

use crate::LANES;
use std::fmt;
use std::sync::Arc;

/// A fitted or loaded isolation forest; [`fit`] makes one.
#[derive(Clone)]
pub struct Forest {
    trees: Arc<[Tree]>,
    columns: usize,
    samples: usize,
    offset: f64,
    kernel: Kernel,
}

impl Forest {
    /// A forest of trees whose leaves hold (depth + c(rows)) / (trees · c(samples)).
    pub(crate) fn new(trees: Vec<Tree>, columns: usize, samples: usize, offset: f64) -> Self {
        let trees: Arc<[Tree]> = trees.into();
        let kernel = Kernel::new(Arc::clone(&trees));
        Self { trees, columns, samples, offset, kernel }
    }

    /// The same forest with the decision function's sign changing elsewhere: at the score −`offset`.
    ///
    /// With [`offset_for`] a caller may score the training rows on threads of its own and set the contamination after.
    #[must_use]
    pub fn with_offset(self, offset: f64) -> Self {
        Self { offset, ..self }
    }

    /// Whether some splits compare derived columns: planes, or sets of categories.
    #[must_use]
    pub fn is_derived(&self) -> bool {
        self.trees.iter().any(|tree| tree.derived().is_some())
    }

    /// The trees.
    #[must_use]
    pub fn trees(&self) -> &[Tree] {
        &self.trees
    }

    /// Values in a row.
    #[must_use]
    pub fn columns(&self) -> usize {
        self.columns
    }

    /// ψ, the rows that each tree was grown on.
    #[must_use]
    pub fn samples(&self) -> usize {
        self.samples
    }

    /// scikit-learn's `offset_`, in (−1, 0).
    #[must_use]
    pub fn offset(&self) -> f64 {
        self.offset
    }

    /// The score of a row, in (0, 1); higher is odder, and 0.5 is a path of average length.
    ///
    /// Values past the row's end count as missing.
    #[must_use]
    pub fn score(&self, row: &[f32]) -> f64 {
        score(self.kernel.sum(row))
    }

    /// The scores of many rows, bit for bit those of [`score`](Self::score).
    #[must_use]
    pub fn score_batch(&self, rows: &Matrix) -> Vec<f64> {
        let mut scores = self.kernel.sums::<LANES>(rows);
        for sum in &mut scores {
            *sum = score(*sum);
        }
        scores
    }

    /// scikit-learn's `decision_function` for a row of this score: negative means odd.
    #[must_use]
    pub fn decision(&self, score: f64) -> f64 {
        -score - self.offset
    }
}

impl fmt::Debug for Forest {
    /// The forest's size: its trees fill pages.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { trees, columns, samples, offset, kernel: _ } = self;
        let mut forest = f.debug_struct("Forest");
        forest.field("trees", &trees.len()).field("columns", columns).field("samples", samples);
        forest.field("offset", offset).finish_non_exhaustive()
    }
}

/// 2^(−sum): the leaves' weights already hold the normalisation.
fn score(sum: f64) -> f64 {
    libm::exp2(-sum)
}
