//! Looks for a record that the old contract accepts and the new one rejects.
//!
//! Records are made from the old contract, then changed in one place after the other with the values at which the two
//! contracts may part; every one is run through both. What is found is cut down to what it takes.

mod build;
mod pool;
mod text;
mod vary;

use super::Because;
use crate::contract::{Contract, Severity};
use crate::normalise::normalise;
use crate::record::{Limits, Record};
use crate::validate::{self, Violation};
use build::Builder;
use serde_json::Value as Json;
use vary::Walk;

/// Most records that are run through a contract in one search.
const MOST_RUNS: u32 = 60_000;

/// Runs records, and counts them.
struct Judge<'c> {
    old: &'c Contract,
    new: &'c Contract,
    left: u32,
}

impl Judge<'_> {
    /// How many faults the old contract finds; none where the search is at its end.
    fn faults(&mut self, record: &Json) -> Option<usize> {
        self.left = self.left.checked_sub(1)?;
        Some(faults(self.old, &record.to_string()))
    }

    /// Whether a record is what is looked for.
    fn parts(&mut self, record: &Json) -> bool {
        self.faults(record) == Some(0) && faults(self.new, &record.to_string()) > 0
    }
}

fn faults(contract: &Contract, line: &str) -> usize {
    rejecting(contract, line).map_or(1, |violations| violations.len())
}

/// The violations that reject a record; none where it is no record.
fn rejecting(contract: &Contract, line: &str) -> Option<Vec<Violation>> {
    let record = Record::parse(line.as_bytes(), Limits::default()).ok()?;
    let violations = match validate::check(normalise(record, contract, &|_, _| false, Vec::new()), contract) {
        Ok(_) => Vec::new(),
        Err(invalid) => invalid.into_checked().violations,
    };
    Some(violations.into_iter().filter(|violation| violation.severity(contract) == Severity::Error).collect())
}

/// What the new contract finds wrong with a record.
pub(super) fn violations(new: &Contract, line: &str) -> Vec<Because> {
    let because = |violation: Violation| Because {
        path: violation.place.pointer(new).to_owned(),
        keyword: violation.code(new).to_owned(),
        text: violation.message(new),
    };
    rejecting(new, line).into_iter().flatten().map(because).collect()
}

/// The smallest example that was found, as one line. Unless it is looked for everywhere, places of which both contracts
/// say the same are left alone.
pub(super) fn find(old: &Contract, new: &Contract, everywhere: bool) -> Option<String> {
    let mut judge = Judge { old, new, left: MOST_RUNS };
    let mut builder = Builder::new(old, new);
    let mut best: Option<Json> = None;
    let mut bases: Vec<Json> = Vec::new();
    for base in builder.records() {
        if let Some(base) = mend(base, &builder, &mut judge)
            && !bases.contains(&base)
        {
            bases.push(base);
        }
    }
    let share = judge.left / u32::try_from(bases.len().max(1)).unwrap_or(1);
    for base in &bases {
        let floor = judge.left.saturating_sub(share);
        let mut walk = Walk::new(&builder, base, everywhere);
        let mut try_one = |record: &Json| {
            if judge.parts(record) && best.as_ref().is_none_or(|best| size(record) < size(best)) {
                best = Some(record.clone());
            }
            judge.left > floor
        };
        if try_one(base) {
            walk.each(&mut try_one);
        }
    }
    if best.is_none() {
        judge.left = MOST_RUNS;
        best = bases.iter().find_map(|base| pairs(base, &builder, everywhere, &mut judge));
    }
    best.map(|record| shrink(record, &mut judge).to_string())
}

fn size(record: &Json) -> usize {
    record.to_string().len()
}

/// Changes a record of which the old contract finds something wrong, as long as less is wrong afterwards.
fn mend(mut record: Json, builder: &Builder<'_>, judge: &mut Judge<'_>) -> Option<Json> {
    let mut wrong = judge.faults(&record)?;
    while wrong > 0 {
        let mut better = None;
        Walk::new(builder, &record, true).each(&mut |changed| match judge.faults(changed) {
            None => false,
            Some(faults) if faults < wrong => {
                wrong = faults;
                better = Some(changed.clone());
                false
            }
            Some(_) => true,
        });
        record = better?;
    }
    Some(record)
}

/// Two changes at once: rules over several fields part nowhere else.
fn pairs(base: &Json, builder: &Builder<'_>, everywhere: bool, judge: &mut Judge<'_>) -> Option<Json> {
    let mut first: Vec<Json> = Vec::new();
    Walk::new(builder, base, everywhere).each(&mut |changed| {
        first.push(changed.clone());
        first.len() < 2000
    });
    let mut found = None;
    for changed in first {
        if judge.faults(&changed)? > 0 {
            continue;
        }
        Walk::new(builder, &changed, everywhere).each(&mut |record| {
            if judge.parts(record) {
                found = Some(record.clone());
            }
            found.is_none() && judge.left > 0
        });
        if found.is_some() {
            break;
        }
    }
    found
}

/// Takes away what the example does not need.
fn shrink(mut record: Json, judge: &mut Judge<'_>) -> Json {
    judge.left = MOST_RUNS;
    loop {
        let mut smaller = None;
        vary::without_one(&record, &mut |less| {
            if judge.parts(less) {
                smaller = Some(less.clone());
            }
            smaller.is_none()
        });
        match smaller {
            Some(less) => record = less,
            None => return record,
        }
    }
}
