//! Objects and lists: what each contract says of every member and of every item.

use super::proof::{Proof, Role};
use crate::contract::{Check, Contract, Field, FieldId, Property, Types, Unknown};

/// What a contract does with a member that it does not name, or with an item.
#[derive(Clone, Copy, PartialEq)]
enum Described {
    By(FieldId),
    /// Taken, and neither repaired nor checked.
    Open,
    Refused,
}

impl Described {
    fn or_open(field: Option<FieldId>) -> Self {
        field.map_or(Self::Open, Self::By)
    }
}

fn others(field: &Field) -> Described {
    match (field.additional, field.unknown) {
        (Some(additional), _) => Described::By(additional),
        (None, Unknown::Reject) => Described::Refused,
        (None, Unknown::Keep | Unknown::Drop) => Described::Open,
    }
}

/// What holds for a name that is no property.
fn unnamed(field: &Field, name: &str) -> Described {
    let by_pattern = field.patterns.iter().find(|(pattern, _)| pattern.is_match(name));
    by_pattern.map_or_else(|| others(field), |(_, id)| Described::By(*id))
}

fn named<'f>(field: &'f Field, name: &str) -> Option<&'f Property> {
    field.properties.iter().find(|property| property.name == name)
}

static ANYTHING: Field = Field::empty();

fn of(contract: &Contract, id: Option<FieldId>) -> &Field {
    id.map_or(&ANYTHING, |id| contract.field(id))
}

impl Proof<'_> {
    /// Compares the members of what may be an object.
    pub(super) fn object(&mut self, old_id: Option<FieldId>, new_id: FieldId) {
        let (old, new) = (self.old, self.new);
        let (before, after) = (of(old, old_id), new.field(new_id));
        if !before.types.meets(Types::OBJECT) {
            return;
        }
        for property in &before.properties {
            if let Some(twin) = named(after, &property.name) {
                self.value(Some(property.field), twin.field, Role::member(property.required, twin.required));
                self.absent(Some((property.field, property.required)), twin.field, twin.required);
                continue;
            }
            let described = unnamed(after, &property.name);
            let path = format!("{}/{}", after.pointer, escape(&property.name));
            self.member(Described::By(property.field), described, property.required, &path, after);
            if old.field(property.field).default.is_some() {
                self.shift(&path);
            }
        }
        for property in &after.properties {
            if named(before, &property.name).is_some() {
                continue;
            }
            match unnamed(before, &property.name) {
                Described::By(id) => self.value(Some(id), property.field, Role::member(false, property.required)),
                Described::Open => self.value(None, property.field, Role::member(false, property.required)),
                Described::Refused => {}
            }
            self.absent(None, property.field, property.required);
        }
        self.other_members(before, after);
    }

    /// Compares what holds for names that neither contract lists.
    fn other_members(&mut self, before: &Field, after: &Field) {
        let path = format!("{}/*", after.pointer);
        if before.unknown != after.unknown {
            self.shift(&path);
        }
        let sources =
            |field: &Field| -> Vec<String> { field.patterns.iter().map(|(it, _)| it.as_str().to_owned()).collect() };
        let ids = |field: &Field| -> Vec<Described> {
            let by_pattern = field.patterns.iter().map(|(_, id)| Described::By(*id));
            by_pattern.chain([others(field)]).collect()
        };
        let (from, to) = (ids(before), ids(after));
        if sources(before) == sources(after) {
            for (from, to) in from.into_iter().zip(to) {
                self.member(from, to, false, &path, after);
            }
            return;
        }
        // Which patterns find the same names is not asked: each pair may meet.
        for from in from {
            for to in &to {
                self.member(from, *to, false, &path, after);
            }
        }
    }

    fn member(&mut self, from: Described, to: Described, required: bool, path: &str, around: &Field) {
        match (from, to) {
            (Described::Refused, _) | (Described::Open, Described::Open) => {}
            (Described::By(id), Described::Refused) if self.old.field(id).types == Types::NONE => {}
            (_, Described::Refused) => {
                let keyword = if around.additional.is_none() { "additionalProperties" } else { "properties" };
                self.gap(path, keyword, "the new contract rejects a key that it does not name");
            }
            (Described::By(from), Described::By(to)) => self.value(Some(from), to, Role::member(required, false)),
            (Described::Open, Described::By(to)) => self.value(None, to, Role::member(false, false)),
            (Described::By(_), Described::Open) => self.shift(path),
        }
    }

    /// Compares the items of what may be a list.
    pub(super) fn list(&mut self, old_id: Option<FieldId>, new_id: FieldId) {
        let (before, after) = (of(self.old, old_id), self.new.field(new_id));
        if !before.types.meets(Types::ARRAY) {
            return;
        }
        let most = before.checks.iter().filter_map(|check| match check {
            Check::MaxItems(most) => usize::try_from(*most).ok(),
            _ => None,
        });
        let most = most.min().unwrap_or(usize::MAX);
        let prefix = before.prefix.len().max(after.prefix.len());
        // One place more stands for all that follow.
        for position in (0..=prefix).take(most) {
            let described = |field: &Field| Described::or_open(field.prefix.get(position).copied().or(field.items));
            match (described(before), described(after)) {
                (Described::By(from), Described::By(to)) => self.value(Some(from), to, Role::VALUE),
                (_, Described::By(to)) => self.value(None, to, Role::VALUE),
                (Described::By(_), _) => self.shift(&format!("{}/*", after.pointer)),
                _ => {}
            }
        }
    }
}

/// A name as a JSON Pointer holds it (RFC 6901).
fn escape(name: &str) -> String {
    name.replace('~', "~0").replace('/', "~1")
}
