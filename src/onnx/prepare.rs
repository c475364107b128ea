//! What must be done to a record's numbers before the trees of a forest can ask for them.

use super::number::{Kind, Number};
use super::step::{Step, through};
use crate::forest::{Matrix, Reason, Side};
use crate::score::narrow;

/// What becomes of a record's own columns, and the columns that are calculated and stand after them: categories and
/// other steps that no threshold can say.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Prepare {
    columns: usize,
    /// Of columns that hold more than 32 bits the numbers at which a branch changes, in ascending order. In place of such
    /// a value the trees see how many of these it exceeds, which 32 bits hold; empty where all columns are of 32 bits.
    marks: Vec<Option<Vec<f64>>>,
    more: Vec<(u32, Vec<Step>)>,
}

/// A value that the graph refuses: the column that it stands in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Refused(pub(crate) usize);

impl Prepare {
    /// Nothing to do.
    pub(crate) fn new(columns: usize) -> Self {
        Self { columns, marks: Vec::new(), more: Vec::new() }
    }

    /// Nothing to do yet for columns of these kinds.
    pub(super) fn of(kinds: &[Kind]) -> Self {
        let wide = kinds.iter().any(|kind| *kind != Kind::Single);
        let marks = kinds.iter().map(|kind| (*kind != Kind::Single).then(Vec::new)).collect();
        Self { marks: if wide { marks } else { Vec::new() }, ..Self::new(kinds.len()) }
    }

    /// Values in a row as it comes.
    pub(crate) fn columns(&self) -> usize {
        self.columns
    }

    /// Values in a row that is ready.
    pub(crate) fn width(&self) -> usize {
        self.columns + self.more.len()
    }

    /// Whether rows are ready as they come.
    pub(crate) fn is_nothing(&self) -> bool {
        self.more.is_empty() && !self.is_wide()
    }

    /// Whether a column holds more than 32 bits.
    pub(crate) fn is_wide(&self) -> bool {
        !self.marks.is_empty()
    }

    /// Where the branches of a column change that holds more than 32 bits; none for another column.
    pub(super) fn marks(&self, column: usize) -> Option<&[f64]> {
        self.marks.get(column)?.as_deref()
    }

    /// States where the branches of such a column change, in ascending order.
    pub(super) fn mark(&mut self, column: usize, numbers: Vec<f64>) {
        if let Some(marks) = self.marks.get_mut(column) {
            *marks = Some(numbers);
        }
    }

    /// The place of a column after some steps, if they give 32-bit floats or integers, which become such.
    pub(super) fn column(&mut self, column: u32, steps: &[Step]) -> Option<u32> {
        let known = self.more.iter().position(|(from, after)| *from == column && after == steps);
        let at = known.unwrap_or(self.more.len());
        if known.is_none() {
            let sample =
                steps.iter().find_map(|step| if let Step::Among(all) = step { all.first().copied() } else { None });
            let sample = sample.unwrap_or(Number::Single(0.0)).cast(Kind::Single);
            let kind = through(steps, sample)?.kind();
            if !matches!(kind, Kind::Single | Kind::Integer) || self.more.len() >= MOST {
                return None;
            }
            self.more.push((column, steps.to_vec()));
        }
        u32::try_from(self.columns + at).ok()
    }

    /// For each column that is calculated, the one that it comes from and the steps.
    pub(super) fn steps(&self) -> impl Iterator<Item = (usize, &[Step])> {
        self.more.iter().map(|(column, steps)| (*column as usize, steps.as_slice()))
    }

    /// A row made ready.
    pub(crate) fn row(&self, row: &[f64]) -> Result<Vec<f32>, Refused> {
        let mut ready = Vec::with_capacity(self.width());
        self.fill(row, &mut ready)?;
        Ok(ready)
    }

    /// Rows made ready.
    pub(crate) fn rows(&self, rows: &[f64]) -> Result<Matrix, Refused> {
        let mut ready = Vec::with_capacity(rows.len() / self.columns.max(1) * self.width());
        rows.chunks_exact(self.columns.max(1)).try_for_each(|row| self.fill(row, &mut ready))?;
        Ok(Matrix::from_vec(self.width(), ready).unwrap_or_default())
    }

    fn fill(&self, row: &[f64], ready: &mut Vec<f32>) -> Result<(), Refused> {
        if self.is_wide() {
            let marks = self.marks.iter().map(Option::as_deref);
            ready.extend(row.iter().zip(marks).map(|(value, marks)| marks.map_or(narrow(*value), |m| rank(m, *value))));
        } else {
            ready.extend(row.iter().copied().map(narrow));
        }
        for (column, steps) in &self.more {
            let column = *column as usize;
            let value = row.get(column).copied().unwrap_or(f64::NAN);
            let wide = self.marks(column).is_some();
            let value = if wide { Number::Double(value) } else { Number::Single(narrow(value)) };
            match through(steps, value).map(|number| number.cast(Kind::Single)) {
                Some(Number::Single(value)) => ready.push(value),
                _ => return Err(Refused(column)),
            }
        }
        Ok(())
    }

    /// Reasons in terms of a record's own columns. What was calculated from one has no side in it.
    pub(crate) fn own(&self, reasons: Vec<Reason>) -> Vec<Reason> {
        let mut own: Vec<Reason> = Vec::with_capacity(reasons.len());
        for reason in reasons {
            let more = reason.feature.checked_sub(self.columns).and_then(|at| self.more.get(at));
            let reason = match more {
                Some((column, _)) if reason.side == Side::Missing => Reason { feature: *column as usize, ..reason },
                Some((column, _)) => {
                    Reason { feature: *column as usize, side: Side::Between, direction: 0.0, ..reason }
                }
                None => reason,
            };
            match own.iter_mut().find(|known| known.feature == reason.feature) {
                Some(known) => known.share += reason.share,
                None => own.push(reason),
            }
        }
        own.sort_by(|a, b| b.share.total_cmp(&a.share));
        own
    }
}

/// How many of the numbers a value exceeds: at most the k-th of them is what has a rank of at most k, counted from 0. A
/// missing value stays one.
#[allow(clippy::cast_precision_loss, reason = "there are at most 2^24 numbers")]
pub(super) fn rank(marks: &[f64], value: f64) -> f32 {
    if value.is_nan() { f32::NAN } else { marks.partition_point(|mark| *mark < value) as f32 }
}

/// Columns beyond which no model is believed to need them.
const MOST: usize = 1 << 12;
