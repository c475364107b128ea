//! What was wrong with the records of a batch, by kind, and what mending each kind would gain.

use super::columns::column;
use crate::contract::{Check, Contract, FieldId, Severity, Types};
use crate::normalise::Normaliser;
use crate::validate::{Fault, Place, Violation};
use serde_json::{Value as Json, json};
use smallvec::SmallVec;
use std::collections::BTreeMap;

/// A violation's kind: the field, and the code or the rule.
pub(super) type Kind = (FieldId, Option<usize>, &'static str);

/// How often a kind of violation came.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Times {
    /// Violations; a record may have several of one kind.
    pub(super) count: u64,
    /// Records that it rejected, perhaps with others.
    pub(super) rejected: u64,
    /// Records that it rejected and nothing else did.
    pub(super) alone: u64,
}

#[derive(Clone, Debug, Default)]
pub(super) struct Faults {
    kinds: BTreeMap<Kind, Times>,
    /// Records whose every rejecting fault lies in one field and would be mended by one normaliser.
    gains: BTreeMap<(Kind, &'static str), u64>,
}

impl Faults {
    pub(super) fn record(&mut self, contract: &Contract, violations: &[Violation]) {
        let mut rejecting: SmallVec<[Kind; 4]> = SmallVec::new();
        let mut remedies: SmallVec<[_; 4]> = SmallVec::new();
        for violation in violations {
            let kind = kind(violation, contract);
            self.kinds.entry(kind).or_default().count += 1;
            if violation.severity(contract) == Severity::Error {
                remedies.push((kind.0, violation.remedy));
                if !rejecting.contains(&kind) {
                    rejecting.push(kind);
                }
            }
        }
        for kind in &rejecting {
            let times = self.kinds.entry(*kind).or_default();
            times.rejected += 1;
            times.alone += u64::from(rejecting.len() == 1);
        }
        let first = remedies.first().copied();
        if let (Some(kind), Some((_, Some(remedy)))) = (rejecting.first(), first)
            && remedies.iter().all(|other| Some(*other) == first)
        {
            *self.gains.entry((*kind, remedy)).or_default() += 1;
        }
    }

    pub(super) fn merge(&mut self, other: &Self) {
        for (kind, times) in &other.kinds {
            let ours = self.kinds.entry(*kind).or_default();
            ours.count += times.count;
            ours.rejected += times.rejected;
            ours.alone += times.alone;
        }
        for (gain, records) in &other.gains {
            *self.gains.entry(*gain).or_default() += records;
        }
    }

    /// The kinds that came, the most frequent first.
    pub(super) fn kinds(&self) -> Vec<(Kind, Times)> {
        let mut list: Vec<_> = self.kinds.iter().map(|(kind, times)| (*kind, *times)).collect();
        list.sort_by_key(|(_, times)| std::cmp::Reverse(times.count));
        list
    }

    /// How often a check of a field failed.
    pub(super) fn failed(&self, field: FieldId, code: &'static str) -> u64 {
        self.kinds.get(&(field, None, code)).map_or(0, |times| times.count)
    }

    /// The kinds that came, for a summary.
    pub(super) fn violations_json(&self, contract: &Contract) -> Vec<Json> {
        let entry = |(kind, times): (Kind, Times)| {
            let (path, code) = names(kind, contract);
            let severity = severity_name(severity(kind, contract));
            json!({ "path": path, "code": code, "count": times.count, "severity": severity, "alone": times.alone })
        };
        self.kinds().into_iter().map(entry).collect()
    }

    /// All rules and checks of the contract, those that never fired too, and whatever else was wrong with a record.
    pub(super) fn rules_json(&self, contract: &Contract) -> Vec<Json> {
        let mut stated = stated(contract);
        let mut known: std::collections::BTreeSet<Kind> = stated.iter().map(|(kind, _)| *kind).collect();
        for kind in self.kinds.keys() {
            if known.insert(*kind) {
                stated.push((*kind, None));
            }
        }
        let times = |kind: &Kind| self.kinds.get(kind).copied().unwrap_or_default();
        stated.sort_by_key(|(kind, _)| {
            let times = times(kind);
            (std::cmp::Reverse(times.rejected), std::cmp::Reverse(times.count))
        });
        let entry = |(kind, expected): (Kind, Option<String>)| {
            let (path, code) = names(kind, contract);
            let Times { count, rejected, alone } = times(&kind);
            let severity = severity_name(severity(kind, contract));
            let mut json = json!({ "path": path, "code": code, "severity": severity });
            if let Some(json) = json.as_object_mut() {
                if kind.1.is_some() {
                    json.insert("id".into(), code.into());
                }
                if let Some(expected) = expected {
                    json.insert("expected".into(), expected.into());
                }
                json.insert("count".into(), count.into());
                json.insert("rejected".into(), rejected.into());
                json.insert("alone".into(), alone.into());
            }
            json
        };
        stated.into_iter().map(entry).collect()
    }

    /// What a normaliser would gain, the most first.
    pub(super) fn gains(&self) -> Vec<(Kind, &'static str, u64)> {
        let mut list: Vec<_> = self.gains.iter().map(|((kind, remedy), records)| (*kind, *remedy, *records)).collect();
        list.sort_by_key(|(_, _, records)| std::cmp::Reverse(*records));
        list
    }

    /// The same for a summary.
    pub(super) fn gains_json(&self, contract: &Contract) -> Vec<Json> {
        let entry = |(kind, remedy, records): (Kind, &'static str, u64)| {
            let (path, code) = names(kind, contract);
            json!({ "path": path, "code": code, "remedy": remedy, "records": records })
        };
        self.gains().into_iter().map(entry).collect()
    }
}

/// The path and the code, or the rule's id.
pub(super) fn names((field, rule, code): Kind, contract: &Contract) -> (String, String) {
    let code = rule.and_then(|index| contract.rules.get(index)).map_or(code, |rule| rule.id.as_str());
    (contract.field(field).pointer.clone(), code.to_owned())
}

fn kind(violation: &Violation, contract: &Contract) -> Kind {
    let field = column(contract, violation.place.field);
    match violation.fault {
        Fault::Rule(index) => (field, Some(index), ""),
        _ => (field, None, violation.fixed_code(contract)),
    }
}

/// Codes that reject whatever the severity of their field.
const ALWAYS: [&str; 2] = ["unknown_field", "duplicate"];

fn severity((field, rule, code): Kind, contract: &Contract) -> Severity {
    match rule {
        Some(index) => contract.rules.get(index).map_or(Severity::Error, |rule| rule.severity),
        None if ALWAYS.contains(&code) => Severity::Error,
        None => contract.field(field).severity,
    }
}

fn severity_name(severity: Severity) -> &'static str {
    match severity {
        Severity::Error => "error",
        Severity::Warn => "warn",
    }
}

/// Every way in which the contract can be broken, in its order, with what it asks for.
fn stated(contract: &Contract) -> Vec<(Kind, Option<String>)> {
    let mut list: Vec<(Kind, Option<String>)> = Vec::new();
    let mut state = |id: FieldId, fault: Fault| {
        let violation = Violation::new(Place::new(id), fault);
        let kind = kind(&violation, contract);
        if !list.iter().any(|(known, _)| *known == kind) {
            list.push((kind, Some(violation.expected(contract))));
        }
    };
    for (index, field) in contract.fields.iter().enumerate() {
        let id = FieldId(index);
        if field.required && id != FieldId::ROOT {
            state(id, Fault::Required);
            if !field.normalise.is_empty() {
                state(id, Fault::Missing);
            }
        }
        if field.types != Types::ANY && id != FieldId::ROOT {
            state(id, Fault::Type);
        }
        for step in &field.normalise {
            let codes: &[&'static str] = match step {
                Normaliser::Number => &["number", "ambiguous_number"],
                Normaliser::Boolean => &["boolean"],
                Normaliser::Datetime => &["datetime", "ambiguous_date"],
                _ => &[],
            };
            for code in codes {
                state(id, Fault::Unreadable(code));
            }
        }
        (0..field.checks.len()).for_each(|check| state(id, Fault::Check(check)));
        if field.unknown == crate::contract::Unknown::Reject {
            state(id, Fault::UnknownField);
        }
        if field.union.is_some() {
            state(id, Fault::Union);
        }
    }
    (0..contract.unique.len()).for_each(|key| state(contract.unique_place(key), Fault::Duplicate(key)));
    (0..contract.rules.len()).for_each(|rule| state(FieldId::ROOT, Fault::Rule(rule)));
    list
}

/// The bounds that the contract sets for a field, with the code of each.
pub(super) fn bounds(contract: &Contract, id: FieldId) -> Vec<(&'static str, Json)> {
    let checks = contract.field(id).checks.iter().enumerate();
    let bound = |(index, check): (usize, &Check)| {
        let bound: Json = match check {
            Check::Minimum(bound)
            | Check::Maximum(bound)
            | Check::ExclusiveMinimum(bound)
            | Check::ExclusiveMaximum(bound) => bound.value.into(),
            Check::MinLength(bound) | Check::MaxLength(bound) | Check::MinItems(bound) | Check::MaxItems(bound) => {
                (*bound).into()
            }
            _ => return None,
        };
        let violation = Violation::new(Place::new(id), Fault::Check(index));
        Some((violation.fixed_code(contract), bound))
    };
    checks.filter_map(bound).collect()
}
