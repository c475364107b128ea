//! One column with its counts.

use super::bins::Bins;
use super::error::DriftError;
use serde::{Deserialize, Serialize};

/// Greatest count that is read: up to here doubles tell counts apart.
pub(super) const MOST: u64 = 1 << 53;
/// Most cells of a column that is read.
const MOST_CELLS: usize = 1000;

/// One column of a reference or a window: its bins, and how many accepted records fall into each cell.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(try_from = "Wire", into = "Wire")]
pub struct Column {
    name: String,
    bins: Bins,
    counts: Vec<u64>,
}

impl Column {
    /// A column that has counted nothing.
    pub(super) fn new(name: &str, bins: Bins) -> Self {
        Self { name: name.to_owned(), counts: vec![0; bins.cells()], bins }
    }

    /// The feature's name, or the field's JSON Pointer.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// How values are told apart.
    #[must_use]
    pub fn bins(&self) -> &Bins {
        &self.bins
    }

    /// The counts, by the cells of [`Column::bins`].
    #[must_use]
    pub fn counts(&self) -> &[u64] {
        &self.counts
    }

    /// All that was counted.
    #[must_use]
    pub fn total(&self) -> u64 {
        self.counts.iter().sum()
    }

    pub(super) fn add(&mut self, cell: usize, times: u64) {
        if let Some(count) = self.counts.get_mut(cell) {
            *count += times;
        }
    }

    /// The same column with nothing counted.
    pub(super) fn emptied(&self) -> Self {
        Self::new(&self.name, self.bins.clone())
    }

    /// Adds the counts of the same column elsewhere.
    pub(super) fn merge(&mut self, other: &Self) {
        for (ours, theirs) in self.counts.iter_mut().zip(&other.counts) {
            *ours += theirs;
        }
    }

    /// Whether both are counted in the same cells.
    pub(super) fn is_like(&self, other: &Self) -> bool {
        self.name == other.name && self.bins == other.bins
    }
}

/// A column as JSON.
#[derive(Serialize, Deserialize)]
struct Wire {
    name: String,
    #[serde(flatten)]
    bins: WireBins,
    counts: Vec<u64>,
}

#[derive(Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
enum WireBins {
    Number { low: f64, edges: Vec<f64> },
    Category { values: Vec<String> },
}

impl From<Column> for Wire {
    fn from(Column { name, bins, counts }: Column) -> Self {
        let bins = match bins {
            Bins::Number { low, edges } => WireBins::Number { low, edges },
            Bins::Category { values } => WireBins::Category { values },
        };
        Self { name, bins, counts }
    }
}

impl TryFrom<Wire> for Column {
    type Error = DriftError;

    fn try_from(Wire { name, bins, counts }: Wire) -> Result<Self, DriftError> {
        let bad = |fault| Err(DriftError::invalid(name.clone(), fault));
        let bins = match bins {
            WireBins::Number { low, edges } => {
                let rises = edges.windows(2).all(|pair| matches!(pair, [left, right] if left < right));
                let first = edges.first().copied().unwrap_or(f64::NAN);
                if !rises || !low.is_finite() || !edges.iter().all(|edge| edge.is_finite()) || first.is_nan() {
                    return bad("the edges do not rise");
                }
                if low > first {
                    return bad("the least value lies above the first edge");
                }
                Bins::Number { low, edges }
            }
            WireBins::Category { values } => {
                let mut sorted: Vec<&String> = values.iter().collect();
                sorted.sort_unstable();
                sorted.dedup();
                if sorted.len() != values.len() {
                    return bad("a value is there twice");
                }
                Bins::Category { values }
            }
        };
        if bins.cells() > MOST_CELLS {
            return bad("there are too many bins");
        }
        if counts.len() != bins.cells() {
            return bad("there are not as many counts as cells");
        }
        if counts.iter().try_fold(0_u64, |sum, count| sum.checked_add(*count)).is_none_or(|sum| sum > MOST) {
            return bad("the counts are too large");
        }
        Ok(Self { name, bins, counts })
    }
}
