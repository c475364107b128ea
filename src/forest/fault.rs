//! Why rows make no forest.

use std::fmt;

/// The rows do not make a forest.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum FitError {
    /// The rows have no columns.
    NoColumns,
    /// A forest needs two rows that can be drawn: nothing isolates one.
    TooFewRows(usize),
    /// A forest counts its rows in 32 bits.
    TooManyRows(usize),
    /// More rows are to be flagged than half of them.
    Contamination {
        /// The rows to be flagged.
        count: usize,
        /// The rows that there are.
        rows: usize,
    },
    /// The weights are not as many as the rows.
    Weights {
        /// The rows.
        rows: usize,
        /// The weights.
        weights: usize,
    },
    /// A weight is negative, infinite or not a number.
    Weight {
        /// Its row, counted from 0.
        row: usize,
    },
    /// A categorical feature lies beyond the last column.
    Categorical {
        /// Its position, counted from 0.
        column: usize,
    },
    /// Trees are to be added to a forest that has as many.
    NoMoreTrees {
        /// The trees that it has.
        forest: usize,
        /// The trees that it is to have.
        asked: usize,
    },
    /// Trees are to be added to a forest that does not fit the rows.
    OtherForest {
        /// The columns of the forest, and of the rows.
        columns: [usize; 2],
        /// The rows that each tree of the forest was grown on, and those that a new tree would be.
        samples: [usize; 2],
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
            Self::Contamination { .. } => "contamination",
            Self::Weights { .. } => "weights",
            Self::Weight { .. } => "weight",
            Self::Categorical { .. } => "categorical",
            Self::NoMoreTrees { .. } => "no_more_trees",
            Self::OtherForest { .. } => "other_forest",
        }
    }
}

impl fmt::Display for FitError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NoColumns => f.write_str("the rows have no columns"),
            Self::TooFewRows(rows) => write!(f, "a forest needs at least 2 rows that can be drawn, not {rows}"),
            Self::TooManyRows(rows) => write!(f, "a forest takes fewer than {} rows, not {rows}", u32::MAX),
            Self::Contamination { count, rows } => {
                write!(f, "{count} of {rows} rows cannot be flagged: at most half of them can")
            }
            Self::Weights { rows, weights } => write!(f, "there are {weights} weights for {rows} rows"),
            Self::Weight { row } => {
                write!(f, "the weight of row {row} (counted from 0) is not a finite number of at least 0")
            }
            Self::Categorical { column } => {
                write!(f, "there is no column {column} (counted from 0) that could be categorical")
            }
            Self::NoMoreTrees { forest, asked } => {
                write!(f, "the forest has {forest} trees: it cannot grow to {asked}")
            }
            Self::OtherForest { columns: [before, now], samples: [grown, asked] } => {
                let rows = format_args!("the rows have {now} columns and would give each tree {asked} rows");
                write!(f, "{rows}, but the forest has {before} columns and trees of {grown} rows")
            }
        }
    }
}

impl std::error::Error for FitError {}
