//! The counts of a batch, and their wire form `summary.json`.

use super::profile::Profile;
use crate::contract::{Check, Contract, FieldId, Literal, Types};
use crate::mask::{Mask, Masked};
use crate::score::Score;
use crate::validate::{Fault, Violation};
use crate::verdict::Status;
use serde_json::{Map, Value as Json, json};
use std::collections::BTreeMap;

/// Bins of the score histogram, of equal width over (0, 1).
pub const SCORE_BINS: usize = 20;

/// A violation's kind: the field, and the code or the rule.
type Kind = (FieldId, Option<usize>, &'static str);

/// What happened to the records of a batch.
#[derive(Clone, Debug, Default)]
pub struct Summary {
    accepted: u64,
    rejected: u64,
    repaired: u64,
    violations: BTreeMap<Kind, u64>,
    repairs: BTreeMap<(FieldId, &'static str), u64>,
    /// By the place of the field in the contract.
    profiles: Vec<Profile>,
    /// By field: accepted and all records for each listed value, and last for those without a usable one.
    groups: BTreeMap<FieldId, Vec<(u64, u64)>>,
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
        for violation in violations {
            *self.violations.entry(kind(violation, contract)).or_default() += 1;
        }
        let Some(record) = record else {
            return;
        };
        if accepted && !record.repairs.is_empty() {
            self.repaired += 1;
        }
        for repair in &record.repairs {
            *self.repairs.entry((repair.place.field, repair.code)).or_default() += 1;
        }
        self.profiles.resize_with(contract.fields.len(), Profile::default);
        for (index, (field, profile)) in contract.fields.iter().zip(&mut self.profiles).enumerate() {
            if !is_profiled(field) || field.column.0 != index {
                continue;
            }
            let id = FieldId(index);
            let value = record.value(id);
            match value {
                Some(value) if accepted => profile.add(value, record.scalar(value)),
                Some(_) => {}
                None if record.failed(id) => profile.unusable += 1,
                None => profile.missing += 1,
            }
            if let Some(values) = groups(field) {
                let group = self.groups.entry(id).or_insert_with(|| vec![(0, 0); values.len() + 1]);
                let text = value.map(|value| record.scalar(value));
                let place = values.iter().position(|listed| text.is_some_and(|text| listed.is_text(text)));
                if let Some((passed, all)) = group.get_mut(place.unwrap_or(values.len())) {
                    *all += 1;
                    *passed += u64::from(accepted);
                }
            }
        }
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

    /// Adds the counts of another part of the batch.
    pub fn merge(&mut self, other: &Self) {
        self.accepted += other.accepted;
        self.rejected += other.rejected;
        self.repaired += other.repaired;
        self.scored += other.scored;
        self.flagged += other.flagged;
        self.score_sum += other.score_sum;
        for (kind, count) in &other.violations {
            *self.violations.entry(*kind).or_default() += count;
        }
        for (kind, count) in &other.repairs {
            *self.repairs.entry(*kind).or_default() += count;
        }
        self.profiles.resize_with(self.profiles.len().max(other.profiles.len()), Profile::default);
        for (ours, theirs) in self.profiles.iter_mut().zip(&other.profiles) {
            ours.merge(theirs);
        }
        for (id, theirs) in &other.groups {
            let ours = self.groups.entry(*id).or_insert_with(|| vec![(0, 0); theirs.len()]);
            for (our, their) in ours.iter_mut().zip(theirs) {
                our.0 += their.0;
                our.1 += their.1;
            }
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
        let mut list: Vec<_> = self
            .violations
            .iter()
            .map(|((field, rule, code), count)| {
                let code = rule.and_then(|index| contract.rules.get(index)).map_or(*code, |rule| rule.id.as_str());
                (contract.field(*field).pointer.clone(), code.to_owned(), *count)
            })
            .collect();
        list.sort_by_key(|(_, _, count)| std::cmp::Reverse(*count));
        list
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

    pub(crate) fn json(
        &self,
        contract: &Contract,
        model: Option<&str>,
        threshold: Option<f64>,
        anomaly_rate: Option<f64>,
    ) -> Json {
        let violations: Vec<Json> = self
            .violations(contract)
            .into_iter()
            .map(|(path, code, count)| json!({ "path": path, "code": code, "count": count }))
            .collect();
        let repairs: Map<String, Json> =
            self.repairs().into_iter().map(|(code, count)| (code.to_owned(), count.into())).collect();
        let mut fields = Map::new();
        let mut extremes = Map::new();
        let profiled = contract.fields.iter().zip(&self.profiles).filter(|(field, _)| is_profiled(field));
        for (field, profile) in profiled {
            let shown = field.mask == Mask::Keep;
            fields.insert(field.pointer.clone(), profile.json(shown));
            if let Some(fences) = profile.extremes().filter(|_| shown) {
                extremes.insert(field.pointer.clone(), fences);
            }
        }
        let by_group: Map<String, Json> = self
            .groups
            .iter()
            .map(|(id, group)| (contract.field(*id).pointer.clone(), acceptance_by(contract, *id, group)))
            .collect();
        json!({
            "records": self.records(),
            "accepted": self.accepted,
            "rejected": self.rejected,
            "repaired": self.repaired,
            "acceptance_rate": self.acceptance_rate(),
            "violations": violations,
            "repairs": repairs,
            "acceptance_by": by_group,
            "fields": fields,
            "extremes": extremes,
            "scored": self.scored,
            "anomalies": self.flagged,
            "anomaly_rate": anomaly_rate,
            "score_histogram": self.scores,
            "threshold": threshold,
            "model": model,
            "contract": {
                "name": contract.name(),
                "version": contract.version(),
                "sha256": contract.sha256(),
            },
        })
    }
}

#[allow(clippy::cast_precision_loss, reason = "counts of records stay far below 2^53")]
fn rate(part: u64, whole: u64) -> Option<f64> {
    (whole > 0).then(|| part as f64 / whole as f64)
}

fn kind(violation: &Violation, contract: &Contract) -> Kind {
    match violation.fault {
        Fault::Rule(index) => (violation.place.field, Some(index), ""),
        _ => (violation.place.field, None, violation.fixed_code(contract)),
    }
}

/// Fields that hold one value a record, and may be counted.
fn is_profiled(field: &crate::contract::Field) -> bool {
    let container = field.types.has(Types::OBJECT) || field.types.has(Types::ARRAY);
    !field.repeated && !container && field.mask != Mask::Drop
}

/// The values by which acceptance is grouped: those of a field with a list of texts that are shown as they are.
fn groups(field: &crate::contract::Field) -> Option<&[Literal]> {
    let values = field.checks.iter().find_map(|check| match check {
        Check::Enum(values) | Check::Const(values) => Some(values.as_slice()),
        _ => None,
    })?;
    (field.mask == Mask::Keep && values.len() <= 100).then_some(values)
}

fn acceptance_by(contract: &Contract, id: FieldId, group: &[(u64, u64)]) -> Json {
    let values = groups(contract.field(id)).unwrap_or_default();
    let listed = |name: &str| values.iter().any(|value| value.is_text(name));
    // A value that is missing or failed its check is never shown; such records have a group of their own.
    let unknown = if listed("unknown") { "(unknown)" } else { "unknown" };
    let mut json = Map::new();
    for (index, (accepted, records)) in group.iter().enumerate() {
        let name = match values.get(index) {
            Some(Literal::Text(text)) => text.clone(),
            Some(_) => continue,
            None if *records == 0 => continue,
            None => unknown.to_owned(),
        };
        json.insert(name, json!({ "accepted": accepted, "records": records, "rate": rate(*accepted, *records) }));
    }
    Json::Object(json)
}
