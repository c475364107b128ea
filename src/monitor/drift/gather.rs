//! The values of a stream of records, until their bins are known.

use super::amounts::Amounts;
use super::bins::Bins;
use super::column::Column;
use super::plan::{Kind, LeftOut, Plan, Planned, Seed};
use super::tables::Tables;
use crate::pipeline::Examined;
use crate::score::Score;
use crate::verdict::Status;
use std::collections::BTreeMap;

/// Different texts of a column; one with more has no column.
const MOST_TEXTS: usize = 100;
/// Longest text of a column, in bytes.
const LONGEST_TEXT: usize = 80;

/// What a reference is made of: every column's values with their counts, in bounded memory. Any split of the records
/// into parts gives the same.
#[derive(Clone, Debug)]
pub struct Gather {
    records: u64,
    accepted: u64,
    columns: Vec<Values>,
    scores: Amounts,
    scored: u64,
    flagged: u64,
}

#[derive(Clone, Debug)]
enum Values {
    Numbers {
        amounts: Amounts,
        missing: u64,
    },
    Texts {
        counts: BTreeMap<String, u64>,
        missing: u64,
    },
    /// There are too many different texts, or long ones.
    TooMany,
}

impl Gather {
    /// A gathering for the columns of a contract.
    #[must_use]
    pub fn new(plan: &Plan) -> Self {
        let values = |planned: &Planned| match planned.kind {
            Kind::Number => Values::Numbers { amounts: Amounts::default(), missing: 0 },
            Kind::Category => Values::Texts { counts: BTreeMap::new(), missing: 0 },
        };
        let columns = plan.columns.iter().map(values).collect();
        Self { records: 0, accepted: 0, columns, scores: Amounts::default(), scored: 0, flagged: 0 }
    }

    /// Takes a record, and its score where there is one.
    pub fn push(&mut self, plan: &Plan, examined: &Examined, score: Option<Score>) {
        self.records += 1;
        if examined.status() != Status::Accepted {
            return;
        }
        self.accepted += 1;
        for (values, planned) in self.columns.iter_mut().zip(&plan.columns) {
            values.push(planned.value(examined));
        }
        if let Some(score) = score {
            self.score(score);
        }
    }

    /// Takes a score that is known apart from its record, as those of rows held out from training are.
    pub fn score(&mut self, score: Score) {
        if let Some(value) = score.score {
            self.scored += 1;
            self.flagged += u64::from(score.flagged);
            self.scores.add(value, 1);
        }
    }

    /// Says how many records were read and accepted where those that were pushed are the accepted ones alone.
    pub fn tell(&mut self, records: u64) {
        self.records = records.max(self.accepted);
    }

    /// Records that were accepted.
    #[must_use]
    pub fn accepted(&self) -> u64 {
        self.accepted
    }

    /// Adds another part of the stream.
    pub fn merge(&mut self, other: Self) {
        self.records += other.records;
        self.accepted += other.accepted;
        self.scored += other.scored;
        self.flagged += other.flagged;
        self.scores.merge(&other.scores);
        for (ours, theirs) in self.columns.iter_mut().zip(other.columns) {
            ours.merge(theirs);
        }
    }

    /// The counts in bins of their own, and what has none.
    pub(super) fn tables(&self, plan: &Plan, model: Option<&str>) -> (Tables, Vec<(String, LeftOut)>) {
        let mut columns = Vec::new();
        let mut left_out = plan.left_out.clone();
        for (values, planned) in self.columns.iter().zip(&plan.columns) {
            match values.column(&planned.name) {
                Ok(column) => columns.push(column),
                Err(reason) => left_out.push((planned.name.clone(), reason)),
            }
        }
        left_out.sort();
        let score = numbers("score", &self.scores, 0);
        let (records, accepted, scored, flagged) = (self.records, self.accepted, self.scored, self.flagged);
        let tables = Tables::new(plan.contract.clone(), columns);
        let model = model.map(ToOwned::to_owned);
        (Tables { model, records, accepted, scored, flagged, score, ..tables }, left_out)
    }
}

impl Values {
    fn push(&mut self, value: Seed<'_>) {
        match (&mut *self, value) {
            (Self::Numbers { amounts, .. }, Seed::Number(value)) if value.is_finite() => amounts.add(value, 1),
            (Self::Texts { counts, .. }, Seed::Text(text)) => {
                if let Some(count) = counts.get_mut(text) {
                    *count += 1;
                } else if counts.len() >= MOST_TEXTS || text.len() > LONGEST_TEXT {
                    *self = Self::TooMany;
                } else {
                    counts.insert(text.to_owned(), 1);
                }
            }
            (Self::Numbers { missing, .. } | Self::Texts { missing, .. }, _) => *missing += 1,
            (Self::TooMany, _) => {}
        }
    }

    fn merge(&mut self, other: Self) {
        match (&mut *self, other) {
            (Self::Numbers { amounts, missing }, Self::Numbers { amounts: theirs, missing: more }) => {
                amounts.merge(&theirs);
                *missing += more;
            }
            (Self::Texts { counts, missing }, Self::Texts { counts: theirs, missing: more }) => {
                *missing += more;
                for (text, count) in theirs {
                    *counts.entry(text).or_default() += count;
                }
                if counts.len() > MOST_TEXTS {
                    *self = Self::TooMany;
                }
            }
            _ => *self = Self::TooMany,
        }
    }

    fn column(&self, name: &str) -> Result<Column, LeftOut> {
        match self {
            Self::Numbers { amounts, missing } => numbers(name, amounts, *missing).ok_or(LeftOut::Empty),
            Self::Texts { counts, .. } if counts.is_empty() => Err(LeftOut::Empty),
            Self::Texts { counts, missing } => {
                let bins = Bins::of_values(counts.iter().map(|(text, count)| (text.as_str(), *count)));
                let mut column = Column::new(name, bins);
                for (text, count) in counts {
                    let cell = column.bins().of_text(text);
                    column.add(cell, *count);
                }
                let cell = column.bins().missing();
                column.add(cell, *missing);
                Ok(column)
            }
            Self::TooMany => Err(LeftOut::Texts),
        }
    }
}

fn numbers(name: &str, amounts: &Amounts, missing: u64) -> Option<Column> {
    let values = amounts.sorted();
    let mut column = Column::new(name, Bins::of_numbers(amounts.low()?, &values)?);
    for (value, count) in values {
        let cell = column.bins().of_number(value);
        column.add(cell, count);
    }
    let cell = column.bins().missing();
    column.add(cell, missing);
    Some(column)
}
