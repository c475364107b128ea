//! What must be done to a record's numbers before the trees of a forest can ask for them.

use super::number::{Kind, Number};
use super::step::{Step, through};
use crate::forest::{Matrix, Reason, Side};

/// Columns that are calculated and stand after a record's own: categories and other steps that no threshold can say.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Prepare {
    columns: usize,
    more: Vec<(u32, Vec<Step>)>,
}

/// A value that the graph refuses: the column that it stands in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Refused(pub(crate) usize);

impl Prepare {
    /// Nothing to do.
    pub(crate) fn new(columns: usize) -> Self {
        Self { columns, more: Vec::new() }
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
        self.more.is_empty()
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
    pub(crate) fn row(&self, row: &[f32]) -> Result<Vec<f32>, Refused> {
        let mut ready = Vec::with_capacity(self.width());
        self.fill(row, &mut ready)?;
        Ok(ready)
    }

    /// Rows made ready.
    pub(crate) fn rows(&self, rows: &[f32]) -> Result<Matrix, Refused> {
        let mut ready = Vec::with_capacity(rows.len() / self.columns.max(1) * self.width());
        rows.chunks_exact(self.columns.max(1)).try_for_each(|row| self.fill(row, &mut ready))?;
        Ok(Matrix::from_vec(self.width(), ready).unwrap_or_default())
    }

    fn fill(&self, row: &[f32], ready: &mut Vec<f32>) -> Result<(), Refused> {
        ready.extend_from_slice(row);
        for (column, steps) in &self.more {
            let value = Number::Single(row.get(*column as usize).copied().unwrap_or(f32::NAN));
            match through(steps, value).map(|number| number.cast(Kind::Single)) {
                Some(Number::Single(value)) => ready.push(value),
                _ => return Err(Refused(*column as usize)),
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

/// Columns beyond which no model is believed to need them.
const MOST: usize = 1 << 12;
