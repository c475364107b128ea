//! What a reference and a window have in common: counts over one contract's columns.

use super::column::{Column, MOST};
use super::error::DriftError;
use crate::onnx::ContractRef;
use crate::score::Score;
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;

/// Most columns that are read.
const MOST_COLUMNS: usize = 2000;

/// Integer counts over the records of one or many batches. Adding is all that merging does, so it does not matter how
/// the records were split.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(super) struct Tables {
    pub(super) contract: ContractRef,
    /// The first digits of the SHA-256 of the model that scored, or its whole name; none where nothing was scored.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) model: Option<String>,
    pub(super) records: u64,
    pub(super) accepted: u64,
    pub(super) scored: u64,
    pub(super) flagged: u64,
    pub(super) columns: Vec<Column>,
    /// The scores, where there are any.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) score: Option<Column>,
}

impl Tables {
    pub(super) fn new(contract: ContractRef, columns: Vec<Column>) -> Self {
        Self { contract, model: None, records: 0, accepted: 0, scored: 0, flagged: 0, columns, score: None }
    }

    /// The same columns with nothing counted.
    pub(super) fn emptied(&self) -> Self {
        Self {
            contract: self.contract.clone(),
            model: self.model.clone(),
            records: 0,
            accepted: 0,
            scored: 0,
            flagged: 0,
            columns: self.columns.iter().map(Column::emptied).collect(),
            score: self.score.as_ref().map(Column::emptied),
        }
    }

    /// Counts a score of an accepted record.
    pub(super) fn score(&mut self, score: Score) {
        if let (Some(column), Some(value)) = (&mut self.score, score.score) {
            self.scored += 1;
            self.flagged += u64::from(score.flagged);
            let cell = column.bins().of_number(value);
            column.add(cell, 1);
        }
    }

    /// Whether records under a contract are what was counted here.
    pub(super) fn under(&self, contract: &ContractRef) -> Result<(), DriftError> {
        if self.contract.sha256 == contract.sha256 {
            return Ok(());
        }
        let (reference, found) = (named(&self.contract), named(contract));
        Err(DriftError::OtherContract { reference, found })
    }

    /// Whether the other side can be held against this one.
    pub(super) fn like(&self, other: &Self) -> Result<(), DriftError> {
        self.under(&other.contract)?;
        for (at, column) in self.columns.iter().enumerate() {
            if !other.columns.get(at).is_some_and(|other| column.is_like(other)) {
                return Err(DriftError::OtherColumn(column.name().to_owned()));
            }
        }
        if let Some(more) = other.columns.get(self.columns.len()) {
            return Err(DriftError::OtherColumn(more.name().to_owned()));
        }
        if let (Some(reference), Some(found)) = (&self.model, &other.model)
            && reference != found
        {
            return Err(DriftError::OtherModel { reference: reference.clone(), found: found.clone() });
        }
        match (&self.score, &other.score) {
            (Some(ours), Some(theirs)) if !ours.is_like(theirs) => Err(DriftError::OtherColumn("score".to_owned())),
            _ => Ok(()),
        }
    }

    /// Adds the counts of another part.
    pub(super) fn merge(&mut self, other: &Self) -> Result<(), DriftError> {
        self.like(other)?;
        for (ours, theirs) in [(self.records, other.records), (self.accepted, other.accepted)] {
            if ours.saturating_add(theirs) > MOST {
                return Err(DriftError::invalid("records", "the counts are too large"));
            }
        }
        self.records += other.records;
        self.accepted += other.accepted;
        self.scored += other.scored;
        self.flagged += other.flagged;
        for (ours, theirs) in self.columns.iter_mut().zip(&other.columns) {
            ours.merge(theirs);
        }
        match (&mut self.score, &other.score) {
            (Some(ours), Some(theirs)) => ours.merge(theirs),
            (ours @ None, theirs) => ours.clone_from(theirs),
            (Some(_), None) => {}
        }
        if self.model.is_none() {
            self.model.clone_from(&other.model);
        }
        Ok(())
    }

    /// Whether what was read adds up.
    pub(super) fn check(self) -> Result<Self, DriftError> {
        if self.columns.len() > MOST_COLUMNS {
            return Err(DriftError::invalid("columns", "there are too many"));
        }
        if self.records > MOST || self.accepted > self.records {
            return Err(DriftError::invalid("accepted", "there are more than there are records"));
        }
        if self.scored > self.accepted || self.flagged > self.scored {
            return Err(DriftError::invalid("scored", "there are more than were accepted, or fewer than are flagged"));
        }
        let mut names = BTreeSet::new();
        for column in &self.columns {
            if !names.insert(column.name()) {
                return Err(DriftError::invalid(column.name(), "the column is there twice"));
            }
            if column.total() != self.accepted {
                return Err(DriftError::invalid(column.name(), "its counts are not as many as the accepted records"));
            }
        }
        if self.score.as_ref().map_or(0, Column::total) != self.scored {
            return Err(DriftError::invalid("score", "its counts are not as many as the scored records"));
        }
        if self.score.as_ref().is_some_and(|score| score.bins().representatives().is_none()) {
            return Err(DriftError::invalid("score", "scores are numbers"));
        }
        Ok(self)
    }
}

fn named(contract: &ContractRef) -> String {
    let digits = contract.sha256.get(..8).unwrap_or(&contract.sha256);
    format!("{} {} (SHA-256 {digits})", contract.name, contract.version)
}
