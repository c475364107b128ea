//! The proof that the new contract accepts all that the old one accepts: both are gone through side by side, and every
//! place at which the new one might ask for more is a gap.
//!
//! A proof takes for granted that both contracts judge the same normalised record. Where the new one may see another
//! value than the old one — a default more, a null where nothing was — the place is noted as a shift, and what looks at
//! it from above (counts of members, rules, unique keys) is a gap too.

use super::checks::{Scales, implied};
use super::{Because, record, same};
use crate::contract::{Check, Contract, Field, FieldId, Severity, Types, Unknown};
use crate::validate::{check_code, describe};
use serde_json::Value as Json;
use std::collections::HashSet;

/// Most gaps that are listed.
const MOST: usize = 50;

/// How a value stands in what is around it.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub(super) struct Role {
    /// It is a member of an object: without a value, it may turn absent.
    pub(super) property: bool,
    pub(super) old_required: bool,
    pub(super) new_required: bool,
}

impl Role {
    /// The record itself, or an item.
    pub(super) const VALUE: Self = Self { property: false, old_required: false, new_required: false };

    pub(super) fn member(old_required: bool, new_required: bool) -> Self {
        Self { property: true, old_required, new_required }
    }
}

pub(super) struct Proof<'c> {
    pub(super) old: &'c Contract,
    pub(super) new: &'c Contract,
    pub(super) old_scales: Scales,
    pub(super) new_scales: Scales,
    seen: HashSet<(Option<FieldId>, FieldId, Role)>,
    /// A pair of places was met again: what lies below it also lies above it.
    recursion: bool,
    shifts: Vec<String>,
    /// Containers on which the new contract has checks that look at all they hold, with the keyword.
    watchers: Vec<(String, &'static str)>,
    because: Vec<Because>,
}

/// What a proof would still need; nothing where the new contract is proven to accept all that the old one accepts.
pub(super) fn gaps(old: &Contract, new: &Contract) -> Vec<Because> {
    let mut proof = Proof {
        old,
        new,
        old_scales: Scales::new(old),
        new_scales: Scales::new(new),
        seen: HashSet::new(),
        recursion: false,
        shifts: Vec::new(),
        watchers: Vec::new(),
        because: Vec::new(),
    };
    proof.value(Some(FieldId::ROOT), FieldId::ROOT, Role::VALUE);
    proof.watched();
    record::rules(&mut proof);
    record::unique(&mut proof);
    proof.because
}

/// A place of which the old contract says nothing.
static ANYTHING: Field = Field::empty();

impl Proof<'_> {
    pub(super) fn gap(&mut self, path: &str, keyword: &str, text: impl Into<String>) {
        let gap = Because { path: path.to_owned(), keyword: keyword.to_owned(), text: text.into() };
        if self.because.len() < MOST && !self.because.contains(&gap) {
            self.because.push(gap);
        }
    }

    pub(super) fn shift(&mut self, path: &str) {
        self.shifts.push(path.to_owned());
    }

    /// Whether the contracts may see different values at a place, below it or around it.
    pub(super) fn is_shifted(&self, path: &str) -> bool {
        let within = |outer: &str, inner: &str| {
            inner.strip_prefix(outer).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
        };
        let touched = |shift: &String| self.recursion || within(path, shift) || within(shift, path);
        self.shifts.iter().any(touched)
    }

    /// Compares what may stand at a place. Without an old field anything may stand there, as the record has it.
    pub(super) fn value(&mut self, old_id: Option<FieldId>, new_id: FieldId, role: Role) {
        let (old, new) = (self.old, self.new);
        let as_required = !role.property || role.old_required == role.new_required;
        if as_required && old_id.is_some_and(|old_id| same::fields(old, new, old_id, new_id)) {
            return;
        }
        if !self.seen.insert((old_id, new_id, role)) {
            self.recursion = true;
            return;
        }
        let after = new.field(new_id);
        // What the old contract only warns of, it accepts.
        let old_id = old_id.filter(|id| old.field(*id).severity == Severity::Error);
        let before = old_id.map_or(&ANYTHING, |id| old.field(id));
        if old_id.is_none() {
            self.shift(&after.pointer);
        }
        if after.severity == Severity::Warn {
            self.warned(old_id, new_id);
            return;
        }
        if before.types == Types::NONE && before.normalise.is_empty() {
            return;
        }
        if before.union.is_some() || after.union.is_some() {
            self.forms(old_id, new_id, role);
            return;
        }
        let nulls = self.normalisers(before, after, role);
        self.own(old_id, before, after, nulls);
        if self.old_scales.domain(before).is_none() {
            self.object(old_id, new_id);
            self.list(old_id, new_id);
        }
    }

    /// Compares types and checks.
    fn own(&mut self, old_id: Option<FieldId>, before: &Field, after: &Field, nulls: bool) {
        for check in &after.checks {
            let looks_down = matches!(
                check,
                Check::MinProperties(_)
                    | Check::MaxProperties(_)
                    | Check::UniqueItems
                    | Check::Enum(_)
                    | Check::Const(_)
                    | Check::Schema(..)
            );
            if looks_down {
                self.watchers.push((after.pointer.clone(), check_code(check)));
            }
        }
        if nulls && self.takes_null(before) && !self.new_scales.accept(after, &Json::Null) {
            self.gap(&after.pointer, "type", "it may be null under the old contract");
        }
        if let Some(values) = self.old_scales.domain(before) {
            for value in values {
                if !self.new_scales.accept(after, &value) {
                    let text = format!("it may be {value} under the old contract, which does not fit the new one");
                    self.gap(&after.pointer, "enum", text);
                }
            }
            return;
        }
        let types = before.types.without(Types::NULL);
        if !after.types.has(types) {
            let text = format!("it may be {} under the old contract", types.without(after.types).describe());
            self.gap(&after.pointer, "type", text);
            return;
        }
        if old_id.is_none() {
            self.gap(&after.pointer, "type", "a number beyond the range of a double passes where nothing is asked");
        }
        for check in &after.checks {
            if !implied(check, before, self.old, self.new) {
                let text = format!("it must be {}, which is not known of the old contract", describe(check));
                self.gap(&after.pointer, check_code(check), text);
            }
        }
    }

    /// A field of which the new contract only warns rejects no record, but what lies below it may.
    fn warned(&mut self, old_id: Option<FieldId>, new_id: FieldId) {
        let (before, after) = (old_id.map_or(&ANYTHING, |id| self.old.field(id)), self.new.field(new_id));
        self.shift(&after.pointer);
        let below = !after.is_opaque() || !after.prefix.is_empty() || after.items.is_some() || after.union.is_some();
        if !below && after.unknown != Unknown::Reject {
            return;
        }
        if after.union.is_some() || before.union.is_some() || after.normalise != before.normalise {
            self.gap(&after.pointer, "x-severity", "what lies below a field that is only warned of cannot be compared");
            return;
        }
        self.object(old_id, new_id);
        self.list(old_id, new_id);
    }

    /// Checks that count or compare what a container holds do not stand a shift below it.
    fn watched(&mut self) {
        for (path, keyword) in std::mem::take(&mut self.watchers) {
            let below = |shift: &String| {
                self.recursion || shift.strip_prefix(path.as_str()).is_some_and(|rest| rest.starts_with('/'))
            };
            if self.shifts.iter().any(below) {
                self.gap(&path, keyword, "the contracts make different values of what lies below");
            }
        }
    }
}
