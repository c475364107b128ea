//! The counts of a batch.

use super::columns::{Place, column, groups, position, roles};
use super::faults::{Faults, names};
use super::profile::Profile;
use crate::contract::{Contract, FieldId};
use crate::mask::Masked;
use crate::record::document::{Document, NodeId, UNCLAIMED, Value};
use crate::score::Score;
use crate::validate::Violation;
use crate::verdict::Status;
use std::collections::BTreeMap;

/// Bins of the score histogram, of equal width over (0, 1).
pub const SCORE_BINS: usize = 20;

/// What happened to the records of a batch.
#[derive(Clone, Debug, Default)]
pub struct Summary {
    accepted: u64,
    rejected: u64,
    repaired: u64,
    pub(super) faults: Faults,
    repairs: BTreeMap<(FieldId, &'static str), u64>,
    /// By the place of the field in the contract.
    pub(super) profiles: Vec<Profile>,
    scored: u64,
    flagged: u64,
    scores: [u64; SCORE_BINS],
    score_sum: f64,
}

impl Summary {
    pub(crate) fn record(
        &mut self,
        contract: &Contract,
        status: Status,
        record: Option<&Masked>,
        violations: &[Violation],
    ) {
        let accepted = status == Status::Accepted;
        *(if accepted { &mut self.accepted } else { &mut self.rejected }) += 1;
        if !violations.is_empty() {
            self.faults.record(contract, violations);
        }
        let Some(record) = record else {
            return;
        };
        if accepted && !record.repairs.is_empty() {
            self.repaired += 1;
        }
        for repair in &record.repairs {
            *self.repairs.entry((column(contract, repair.place.field), repair.code)).or_default() += 1;
        }
        if self.profiles.is_empty() {
            self.profiles = roles(contract).into_iter().map(Profile::new).collect();
        }
        for index in 0..self.profiles.len() {
            self.field(contract, record, FieldId(index), accepted);
        }
        if contract.has_dynamic_members() {
            self.dynamic(contract, record, Document::ROOT, accepted);
        }
    }

    /// Counts the value of a field that a record has at most once.
    fn field(&mut self, contract: &Contract, record: &Masked, id: FieldId, accepted: bool) {
        let Some(profile) = self.profiles.get_mut(id.0).filter(|profile| profile.role.place == Place::Once) else {
            return;
        };
        let value = record.value(id);
        if value.is_none() {
            *(if record.failed(id) { &mut profile.unusable } else { &mut profile.missing }) += 1;
        }
        if !profile.groups.is_empty() {
            let values = groups(contract, id).unwrap_or_default();
            let place = value.and_then(|value| position(values, value, record.scalar(value)));
            if let Some(group) = profile.groups.get_mut(place.unwrap_or(values.len())) {
                group.1 += 1;
                group.0 += u64::from(accepted);
            }
            if place.is_some() {
                return;
            }
        }
        match value {
            Some(Value::List(_)) => {
                if let Some(list) = record.node(id) {
                    self.list(contract, record, id, list, accepted);
                }
            }
            Some(Value::Object(_)) | None => {}
            Some(value) if accepted => profile.add(value, record.scalar(value)),
            Some(_) => {}
        }
    }

    /// Counts the members under any name of the objects that stand once in a record.
    fn dynamic(&mut self, contract: &Contract, record: &Masked, object: NodeId, accepted: bool) {
        let document = record.document();
        for member in document.children(object) {
            let claim = document.node(member).field;
            if claim == UNCLAIMED {
                continue;
            }
            let field = contract.field(FieldId(claim as usize));
            if field.repeated {
                self.item(contract, record, FieldId(claim as usize), member, accepted);
            } else if matches!(document.value(member), Value::Object(_)) {
                self.dynamic(contract, record, member, accepted);
            }
        }
    }

    /// Counts a list and all that it holds.
    fn list(&mut self, contract: &Contract, record: &Masked, id: FieldId, list: NodeId, accepted: bool) {
        let document = record.document();
        let mut count = 0;
        for item in document.children(list) {
            count += 1;
            let claim = document.node(item).field;
            if claim != UNCLAIMED {
                self.item(contract, record, FieldId(claim as usize), item, accepted);
            }
        }
        if let Some(profile) = self.profiles.get_mut(column(contract, id).0).filter(|_| accepted) {
            profile.add_list(count);
        }
    }

    /// Counts a value that a record may have many of, and all that it holds.
    fn item(&mut self, contract: &Contract, record: &Masked, id: FieldId, node: NodeId, accepted: bool) {
        let document = record.document();
        let failed = document.node(node).failed;
        let value = document.usable(node);
        let place = column(contract, id).0;
        if let Some(profile) = self.profiles.get_mut(place).filter(|profile| profile.role.place != Place::Nowhere) {
            match value {
                None if failed => profile.unusable += 1,
                None => profile.missing += 1,
                Some(Value::List(_) | Value::Object(_)) => {}
                Some(value) if accepted => profile.add(value, record.scalar(value)),
                Some(_) => {}
            }
        }
        match value {
            Some(Value::List(_)) => self.list(contract, record, id, node, accepted),
            Some(Value::Object(first)) => self.members(contract, record, id, first, accepted),
            _ => {}
        }
    }

    /// Counts the members of an object that a record may have many of; the named ones stand first, in the contract's
    /// order, so both are gone through side by side.
    fn members(&mut self, contract: &Contract, record: &Masked, id: FieldId, first: NodeId, accepted: bool) {
        let document = record.document();
        let claimed = |node: NodeId| Some(document.node(node).field).filter(|field| *field != UNCLAIMED);
        let mut at = first;
        for property in &contract.field(id).properties {
            let claim = at.get().and_then(claimed).map(|field| FieldId(field as usize));
            match claim.filter(|claim| contract.field(*claim).owner == property.field) {
                Some(claim) => {
                    self.item(contract, record, claim, at, accepted);
                    at = document.node(at).next;
                }
                None => {
                    if let Some(profile) = self.profiles.get_mut(column(contract, property.field).0) {
                        profile.missing += 1;
                    }
                }
            }
        }
        while let Some(member) = at.get() {
            if let Some(claim) = claimed(member) {
                self.item(contract, record, FieldId(claim as usize), member, accepted);
            }
            at = document.node(member).next;
        }
    }

    /// Sorts what waits to be counted: parts that were settled on their own threads are merged quickly.
    pub fn settle(&mut self) {
        self.profiles.iter_mut().for_each(Profile::settle);
    }

    /// Counts the score of an accepted record.
    pub fn score(&mut self, score: Score) {
        self.scored += 1;
        self.flagged += u64::from(score.flagged);
        if let Some(value) = score.score {
            self.score_sum += value;
            #[allow(
                clippy::cast_possible_truncation,
                clippy::cast_sign_loss,
                clippy::cast_precision_loss,
                reason = "a score lies in (0, 1)"
            )]
            let bin = (value * SCORE_BINS as f64) as usize;
            if let Some(count) = self.scores.get_mut(bin.min(SCORE_BINS - 1)) {
                *count += 1;
            }
        }
    }

    /// Adds the counts of the part of the batch that stands behind this one.
    pub fn merge(&mut self, other: &Self) {
        self.accepted += other.accepted;
        self.rejected += other.rejected;
        self.repaired += other.repaired;
        self.scored += other.scored;
        self.flagged += other.flagged;
        self.score_sum += other.score_sum;
        self.faults.merge(&other.faults);
        for (kind, count) in &other.repairs {
            *self.repairs.entry(*kind).or_default() += count;
        }
        self.profiles.resize_with(self.profiles.len().max(other.profiles.len()), Profile::default);
        for (ours, theirs) in self.profiles.iter_mut().zip(&other.profiles) {
            ours.merge(theirs);
        }
        for (our, their) in self.scores.iter_mut().zip(other.scores) {
            *our += their;
        }
    }

    /// Records that were read.
    #[must_use]
    pub fn records(&self) -> u64 {
        self.accepted + self.rejected
    }

    /// Records that keep the contract.
    #[must_use]
    pub fn accepted(&self) -> u64 {
        self.accepted
    }

    /// Records that do not.
    #[must_use]
    pub fn rejected(&self) -> u64 {
        self.rejected
    }

    /// Accepted records that were repaired.
    #[must_use]
    pub fn repaired(&self) -> u64 {
        self.repaired
    }

    /// Accepted records that a model scored.
    #[must_use]
    pub fn scored(&self) -> u64 {
        self.scored
    }

    /// Scored records that the model flagged.
    #[must_use]
    pub fn flagged(&self) -> u64 {
        self.flagged
    }

    /// Scored records by score, in [`SCORE_BINS`] bins of equal width over (0, 1).
    #[must_use]
    pub fn scores(&self) -> &[u64] {
        &self.scores
    }

    /// The sum of the scores.
    #[must_use]
    pub fn score_sum(&self) -> f64 {
        self.score_sum
    }

    /// The share of accepted records in \[0, 1\]; none without records.
    #[must_use]
    pub fn acceptance_rate(&self) -> Option<f64> {
        rate(self.accepted, self.records())
    }

    /// Violations by path, code and count, the most frequent first.
    #[must_use]
    pub fn violations(&self, contract: &Contract) -> Vec<(String, String, u64)> {
        let named = self.faults.kinds().into_iter().map(|(kind, times)| {
            let (path, code) = names(kind, contract);
            (path, code, times.count)
        });
        named.collect()
    }

    /// What a normaliser that a field does not have would gain: the path, its name, and the records that nothing else is
    /// wrong with; the most first.
    #[must_use]
    pub fn gains(&self, contract: &Contract) -> Vec<(String, &'static str, u64)> {
        let named = |(kind, remedy, records): (_, _, _)| (names(kind, contract).0, remedy, records);
        self.faults.gains().into_iter().map(named).collect()
    }

    /// Repairs by code and count, the most frequent first.
    #[must_use]
    pub fn repairs(&self) -> Vec<(&'static str, u64)> {
        let mut codes: BTreeMap<&'static str, u64> = BTreeMap::new();
        for ((_, code), count) in &self.repairs {
            *codes.entry(code).or_default() += count;
        }
        let mut list: Vec<_> = codes.into_iter().collect();
        list.sort_by_key(|(_, count)| std::cmp::Reverse(*count));
        list
    }

    /// Repairs by path and code, the most frequent first.
    pub(super) fn repairs_by(&self, contract: &Contract) -> Vec<serde_json::Value> {
        let mut list: Vec<_> = self.repairs.iter().collect();
        list.sort_by_key(|(_, count)| std::cmp::Reverse(**count));
        let entry = |((field, code), count): (&(FieldId, &'static str), &u64)| serde_json::json!({ "path": contract.field(*field).pointer, "code": code, "count": count });
        list.into_iter().map(entry).collect()
    }
}

#[allow(clippy::cast_precision_loss, reason = "counts of records stay far below 2^53")]
pub(super) fn rate(part: u64, whole: u64) -> Option<f64> {
    (whole > 0).then(|| part as f64 / whole as f64)
}
