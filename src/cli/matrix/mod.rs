//! Bare matrices: rows of numbers that no contract speaks of, from NumPy's `.npz` and `.npy` and from CSV.

mod csv;
mod npy;
mod npz;

use super::args::{InputFormat, Records};
use super::input;
use crate::record::Format;
use crate::score::narrow;
use anyhow::{Context, Result, bail};
use indicatif::ProgressBar;
use std::fs::File;
use std::io::Read;
use std::path::Path;

/// Most numbers of a matrix that is held in memory: 1 GiB of 32-bit floats.
pub(super) const MOST_CELLS: usize = 1 << 28;

/// One row of a matrix.
pub(super) struct Row<'r> {
    /// The 1-based physical line of a text, or the row's position counted from 1.
    pub(super) line: u64,
    /// The features as they stand there; NaN is missing. Whoever computes in 32 bits rounds them.
    pub(super) values: &'r [f64],
    /// The label as it stands there; none where no label was asked for, NaN where it is missing.
    pub(super) label: Option<f32>,
}

/// Takes the names of the features, then row after row.
pub(super) trait Rows {
    /// Comes first; names there are where the file has them, else as many as columns, made up.
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

#[derive(Clone, Copy, PartialEq, Eq)]
enum Kind {
    Npz,
    Npy,
    Csv,
}

/// Whether the inputs are matrices and not records. With a contract they are records; `.npz` and `.npy` are told by their
/// first bytes, CSV by its first row being numbers alone.
pub(super) fn are_matrices(records: &Records) -> Result<bool> {
    if records.contract.is_some() {
        return Ok(false);
    }
    let kinds = records.inputs.iter().map(|path| Ok(kind(path, records.format)?.is_some()));
    let kinds: Vec<bool> = kinds.collect::<Result<_>>()?;
    match (kinds.iter().any(|matrix| *matrix), kinds.iter().all(|matrix| *matrix)) {
        (true, false) => bail!("some inputs are bare matrices and some are records: give them to separate commands"),
        (any, _) => Ok(any),
    }
}

fn kind(path: &Path, format: Option<InputFormat>) -> Result<Option<Kind>> {
    // What comes through a pipe can be read once, so it is records.
    let read = || format!("cannot read {}", path.display());
    if path.as_os_str() == "-" || !path.metadata().with_context(read)?.is_file() {
        return Ok(None);
    }
    let mut head = Vec::new();
    File::open(path).and_then(|file| file.take(6).read_to_end(&mut head)).with_context(read)?;
    if head.starts_with(b"PK\x03\x04") || head.starts_with(b"PK\x05\x06") {
        return Ok(Some(Kind::Npz));
    }
    if head.starts_with(npy::MAGIC) {
        return Ok(Some(Kind::Npy));
    }
    let opened = input::open_paths(&[path.to_owned()], format, &ProgressBar::hidden())?;
    let numbers = match opened.into_iter().next() {
        Some(input) if input.format == Format::Csv => csv::is_matrix(input.reader)?,
        _ => false,
    };
    Ok(numbers.then_some(Kind::Csv))
}

/// Reads a matrix row by row. Memory does not grow with the rows, except for arrays in Fortran's order and for labels.
pub(super) fn read(
    path: &Path,
    format: Option<InputFormat>,
    label: Label<'_>,
    bar: &ProgressBar,
    to: &mut dyn Rows,
) -> Result<()> {
    let name = path.display();
    let read = match kind(path, format)? {
        Some(Kind::Npz) => npz::read(path, label, to),
        Some(Kind::Npy) => npy::read_file(path, label, to),
        Some(Kind::Csv) => {
            let opened = input::open_paths(&[path.to_owned()], format, bar)?;
            opened.into_iter().try_for_each(|input| csv::read(input.reader, label, to))
        }
        None => bail!("{name} is no matrix of numbers"),
    };
    read.with_context(|| format!("cannot read {name}"))
}

/// Names for columns that have none: `x1`, `x2`, …
fn made_up(columns: usize) -> Vec<String> {
    (1..=columns).map(|column| format!("x{column}")).collect()
}

/// What stands before and behind the column of the label.
fn without(values: &[f64], label: Option<usize>, to: &mut Vec<f64>) -> Option<f32> {
    to.clear();
    let label = label.filter(|label| *label < values.len());
    let kept = values.iter().enumerate().filter(|(column, _)| Some(*column) != label);
    to.extend(kept.map(|(_, value)| *value));
    label.and_then(|label| values.get(label)).copied().map(narrow)
}

/// A column by its number counted from 1.
fn numbered(name: &str, columns: usize) -> Result<usize> {
    let number = name.parse::<usize>().ok().and_then(|number| number.checked_sub(1));
    match number.filter(|number| *number < columns) {
        Some(number) => Ok(number),
        None => bail!("there is no column {name:?} among {columns}"),
    }
}
