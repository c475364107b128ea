//! Records -> the cells of a reference.

use super::bins::Bins;
use super::error::DriftError;
use super::plan::{Plan, Planned, Seed};
use super::reference::Reference;
use super::window::Window;
use crate::contract::Contract;
use crate::pipeline::Examined;
use crate::score::Score;
use crate::verdict::Status;

/// Counts records in the bins of one reference.
#[derive(Clone, Debug)]
pub struct Counter {
    sources: Vec<Planned>,
    empty: Window,
    shape: String,
}

impl Counter {
    /// A counter for records that are examined under a contract.
    ///
    /// # Errors
    /// Where the reference was made under another contract, or has a column that the contract has not.
    pub fn of(reference: &Reference, contract: &Contract) -> Result<Self, DriftError> {
        let empty = Window { tables: reference.tables.emptied() };
        let plan = Plan::of(contract);
        empty.tables.under(&plan.contract)?;
        let mut planned = plan.columns;
        let mut sources = Vec::new();
        for column in reference.columns() {
            let at = planned.iter().position(|planned| planned.name == column.name());
            let source = at.map(|at| planned.swap_remove(at)).filter(|source| source.counts_in(column.bins()));
            sources.push(source.ok_or_else(|| DriftError::OtherColumn(column.name().to_owned()))?);
        }
        Ok(Self { sources, empty, shape: reference.shape() })
    }

    /// The same, for records that a model of this name scores.
    ///
    /// # Errors
    /// Where another model scored the reference: the scores of two models are not of one kind.
    pub fn with_model(mut self, model: Option<&str>) -> Result<Self, DriftError> {
        match (&self.empty.tables.model, model) {
            (Some(reference), Some(found)) if reference != found => {
                Err(DriftError::OtherModel { reference: reference.clone(), found: found.to_owned() })
            }
            (None, Some(model)) => {
                self.empty.tables.model = Some(model.to_owned());
                Ok(self)
            }
            _ => Ok(self),
        }
    }

    /// A window that has counted nothing.
    #[must_use]
    pub fn window(&self) -> Window {
        self.empty.clone()
    }

    /// Tells the bins of the reference from others, see [`Reference::shape`].
    #[must_use]
    pub fn shape(&self) -> &str {
        &self.shape
    }

    /// Counts a record in a window of this counter, and its score where there is one.
    pub fn count(&self, window: &mut Window, examined: &Examined, score: Option<Score>) {
        let tables = &mut window.tables;
        tables.records += 1;
        if examined.status() != Status::Accepted {
            return;
        }
        tables.accepted += 1;
        for (column, source) in tables.columns.iter_mut().zip(&self.sources) {
            let cell = match source.value(examined) {
                Seed::Number(value) => column.bins().of_number(value),
                Seed::Text(text) => column.bins().of_text(text),
                Seed::Missing => column.bins().missing(),
            };
            column.add(cell, 1);
        }
        if let Some(score) = score {
            tables.score(score);
        }
    }
}

impl Planned {
    fn counts_in(&self, bins: &Bins) -> bool {
        (self.kind == super::plan::Kind::Number) == matches!(bins, Bins::Number { .. })
    }
}
