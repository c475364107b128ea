//! The windows of a service: the present day, and the last one before it.

use super::reference::Reference;
use super::window::Window;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// Days that are kept.
const KEPT: usize = 2;

/// The counts of the last two days that had records, by the day's number since 1970 in UTC. They are kept without their
/// bins, which the reference has: instances hand them on with every request.
///
/// Instances count on their own, and what they counted is added in any order: a day that is passed is no longer kept
/// once two later ones have records. The counts of another reference take the place of all that was there.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(from = "serde_json::Value")]
pub struct Days {
    /// Tells the bins of one reference from another's.
    shape: String,
    days: BTreeMap<u32, Counted>,
}

/// One day.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
struct Counted {
    /// Records: read, accepted, scored, flagged.
    records: [u64; 4],
    /// The cells of each column, and last of the scores.
    cells: Vec<Vec<u64>>,
}

#[derive(Deserialize)]
struct Wire {
    shape: String,
    days: BTreeMap<u32, Counted>,
}

impl From<serde_json::Value> for Days {
    /// What a later version wrote and this one cannot read counts from nothing again; the other counts beside it stay.
    fn from(json: serde_json::Value) -> Self {
        let wire: Option<Wire> = serde_json::from_value(json).ok();
        wire.map(|Wire { shape, days }| Self { shape, days }).unwrap_or_default()
    }
}

impl Days {
    /// Adds what was counted on a day, in the bins of a reference by its [`Reference::shape`].
    pub fn add(&mut self, day: u32, shape: &str, window: &Window) {
        let Window { tables } = window;
        let columns = tables.columns.iter().chain(&tables.score);
        let counted = Counted {
            records: [tables.records, tables.accepted, tables.scored, tables.flagged],
            cells: columns.map(|column| column.counts().to_vec()).collect(),
        };
        self.merge(&Self { shape: shape.to_owned(), days: BTreeMap::from([(day, counted)]) });
    }

    /// Adds the counts of another instance.
    pub fn merge(&mut self, other: &Self) {
        if other.days.is_empty() {
            return;
        }
        if self.shape == other.shape {
            for (day, theirs) in &other.days {
                self.days.entry(*day).or_default().merge(theirs);
            }
        } else {
            *self = other.clone();
        }
        while self.days.len() > KEPT {
            self.days.pop_first();
        }
    }

    /// What was counted on a day; none where nothing was, or in other bins.
    #[must_use]
    pub fn on(&self, day: u32, reference: &Reference) -> Option<Window> {
        let counted = self.days.get(&day).filter(|_| self.shape == reference.shape())?;
        counted.window(reference)
    }

    /// What was counted on the last day before this one that has records.
    #[must_use]
    pub fn before(&self, day: u32, reference: &Reference) -> Option<Window> {
        let (last, _) = self.days.range(..day).next_back()?;
        self.on(*last, reference)
    }
}

impl Counted {
    fn merge(&mut self, other: &Self) {
        for (ours, theirs) in self.records.iter_mut().zip(other.records) {
            *ours = ours.saturating_add(theirs);
        }
        self.cells.resize_with(self.cells.len().max(other.cells.len()), Vec::new);
        for (ours, theirs) in self.cells.iter_mut().zip(&other.cells) {
            ours.resize(ours.len().max(theirs.len()), 0);
            for (our, their) in ours.iter_mut().zip(theirs) {
                *our = our.saturating_add(*their);
            }
        }
    }

    /// The counts in their bins again; none where they do not add up.
    fn window(&self, reference: &Reference) -> Option<Window> {
        let mut tables = reference.tables.emptied();
        let [records, accepted, scored, flagged] = self.records;
        (tables.records, tables.accepted, tables.scored, tables.flagged) = (records, accepted, scored, flagged);
        for (column, cells) in tables.columns.iter_mut().chain(&mut tables.score).zip(&self.cells) {
            for (cell, count) in cells.iter().enumerate() {
                column.add(cell, *count);
            }
        }
        Some(Window { tables: tables.check().ok()? })
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::cast_precision_loss, clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "small")]
    #![allow(clippy::float_cmp, reason = "what is exact")]

    use super::super::tests::{known, window_of};
    use super::Days;
    use proptest::prelude::*;

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(48))]

        #[test]
        fn the_last_two_days_are_kept_whatever_the_order(
            parts in prop::collection::vec((0..5_u32, 1..30_usize), 1..12),
            seed in any::<u64>(),
        ) {
            let known = known();
            let shape = known.shape();
            let one = |(day, records): &(u32, usize)| {
                let mut days = Days::default();
                days.add(*day, &shape, &window_of(&known, *records));
                days
            };
            let mut sum = Days::default();
            for part in &parts {
                sum.merge(&one(part));
            }
            let mut shuffled = parts.clone();
            shuffled.sort_by_key(|(day, records)| seed.rotate_left(*day * 7 + *records as u32));
            let mut other = Days::default();
            for half in shuffled.chunks(3) {
                let mut instance = Days::default();
                for part in half {
                    instance.merge(&one(part));
                }
                other.merge(&instance);
            }
            prop_assert_eq!(&sum, &other);
            let last = parts.iter().map(|(day, _)| *day).max().unwrap();
            let records: usize = parts.iter().filter(|(day, _)| *day == last).map(|(_, records)| *records).sum();
            prop_assert_eq!(sum.on(last, &known), Some(window_of(&known, records)));
            prop_assert_eq!(sum.before(last + 1, &known), sum.on(last, &known));
            prop_assert!(sum.on(last + 1, &known).is_none());
            let json = serde_json::to_string(&sum).unwrap();
            prop_assert_eq!(serde_json::from_str::<Days>(&json).unwrap(), sum);
        }
    }

    #[test]
    fn another_reference_begins_anew() {
        let known = known();
        let mut days = Days::default();
        days.add(7, &known.shape(), &window_of(&known, 9));
        days.add(7, "other", &window_of(&known, 4));
        assert_eq!(days.on(7, &known), None);
        days.add(6, &known.shape(), &window_of(&known, 2));
        assert_eq!((days.on(7, &known), days.on(6, &known)), (None, Some(window_of(&known, 2))));
        let read: Days = serde_json::from_str("{\"shape\": 7, \"later\": true}").unwrap();
        assert_eq!(read, Days::default());
        assert!(serde_json::to_string(&days).unwrap().len() < 200);
    }
}
