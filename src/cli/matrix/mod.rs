//! Bare matrices: rows of numbers that no contract speaks of, from NumPy's `.npz` and `.npy` and from CSV.

mod columns;
mod csv;
mod kind;
mod npy;
mod npz;

use super::args::Records;
use super::{input, progress};
use anyhow::{Context, Result, bail};
use indicatif::ProgressBar;
use kind::Kind;
use std::path::Path;

pub(super) use columns::{Asked, Features};
pub(super) use kind::are_matrices;

/// Most numbers of a matrix that is held in memory: 1 GiB of 32-bit floats.
pub(super) const MOST_CELLS: usize = 1 << 28;

/// One row of a matrix.
pub(super) struct Row<'r> {
    /// The 1-based physical line of a text, or the row's position counted from 1.
    pub(super) line: u64,
    /// The features as they stand there; NaN is missing. Whoever computes in 32 bits rounds them.
    pub(super) values: &'r [f64],
    pub(super) mark: Mark,
}

/// What stands beside the features of a row.
#[derive(Clone, Copy)]
pub(super) struct Mark {
    /// The label as it stands there; none where no label was asked for, NaN where it is missing.
    pub(super) label: Option<f32>,
    /// 1 where no weight was asked for.
    pub(super) weight: f64,
    /// In seconds since 1970.
    pub(super) moment: Option<i64>,
}

impl Default for Mark {
    fn default() -> Self {
        Self { label: None, weight: 1.0, moment: None }
    }
}

/// Takes the names of the features, then row after row.
pub(super) trait Rows {
    /// Comes first, with a name for each feature: the model's, the file's, or one made up.
    fn begin(&mut self, names: Vec<String>) -> Result<()>;
    fn row(&mut self, row: &Row<'_>) -> Result<()>;
}

/// Which column is the label.
#[derive(Clone, Copy)]
pub(super) enum Label<'l> {
    /// None: every column is a feature.
    None,
    /// The column or array of this name, or a column by its number counted from 1.
    Named(&'l str),
    /// `y`; without it the last column of a text.
    Usual,
}

/// Reads a matrix row by row. Memory does not grow with the rows, except for arrays in Fortran's order and for labels.
pub(super) fn read(
    path: &Path,
    records: &Records,
    asked: &Asked<'_>,
    bar: &ProgressBar,
    to: &mut dyn Rows,
) -> Result<()> {
    let name = path.display();
    let (kind, _) = kind::of(path, records)?;
    let one = Records { inputs: vec![path.to_owned()], ..records.clone() };
    let Some(input) = input::open(&one, bar)?.into_iter().next() else {
        return Ok(());
    };
    let say = &mut |words: &str| progress::say(&format!("tamis: {name}: {words}"));
    let read = match kind {
        Kind::Npz => npz::seekable(path, input.reader).and_then(|file| npz::read(file, asked, say, to)),
        Kind::Npy => npy::read_array(input.reader, asked, say, to),
        Kind::Csv | Kind::Doubtful | Kind::Empty => csv::read(input.reader, asked, say, to),
        Kind::Records => bail!("{name} is no matrix of numbers"),
    };
    read.with_context(|| format!("cannot read {name}"))
}

/// Names for columns that have none: `x1`, `x2`, …
fn made_up(columns: usize) -> Vec<String> {
    (1..=columns).map(|column| format!("x{column}")).collect()
}
