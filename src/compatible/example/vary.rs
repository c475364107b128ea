//! A record changed in one place.

use super::build::{Builder, Place};
use super::text;
use serde_json::Value as Json;

/// Items of a list that are looked into.
const ITEMS: usize = 3;

/// What is told of every changed record; it answers whether to go on.
type Visit<'v> = dyn FnMut(&Json) -> bool + 'v;

/// Goes through the places of a record.
pub(super) struct Walk<'b, 'c> {
    builder: &'b Builder<'c>,
    base: &'b Json,
    /// Also places of which both contracts say the same.
    everywhere: bool,
}

/// Values that are tried for a member that is absent, where both contracts say the same of it.
const FEW: usize = 8;

impl<'b, 'c> Walk<'b, 'c> {
    pub(super) fn new(builder: &'b Builder<'c>, base: &'b Json, everywhere: bool) -> Self {
        Self { builder, base, everywhere }
    }

    /// Shows every record that differs from the base in one place.
    pub(super) fn each(&mut self, visit: &mut Visit<'_>) -> bool {
        self.place("", &self.builder.root(), visit)
    }

    fn place(&self, pointer: &str, place: &Place, visit: &mut Visit<'_>) -> bool {
        let Some(here) = self.base.pointer(pointer).filter(|_| self.everywhere || !self.builder.is_same(place)) else {
            return true;
        };
        if !pointer.is_empty() {
            for value in self.builder.pool(place).iter().filter(|value| *value != here) {
                if !visit(&self.with(pointer, value)) {
                    return false;
                }
            }
        }
        match here {
            Json::Object(_) => self.object(pointer, here, place, visit),
            Json::Array(_) => self.list(pointer, here, place, visit),
            _ => true,
        }
    }

    fn with(&self, pointer: &str, value: &Json) -> Json {
        let mut changed = self.base.clone();
        if let Some(slot) = changed.pointer_mut(pointer) {
            *slot = value.clone();
        }
        changed
    }

    fn object(&self, pointer: &str, here: &Json, place: &Place, visit: &mut Visit<'_>) -> bool {
        let Some(members) = here.as_object() else { return true };
        for name in members.keys() {
            let mut less = members.clone();
            less.shift_remove(name);
            if !visit(&self.with(pointer, &Json::Object(less))) {
                return false;
            }
        }
        for name in self.absent(members, place) {
            let member = self.builder.member(place, &name);
            let most = if self.everywhere || !self.builder.is_same(&member) { usize::MAX } else { FEW };
            for value in self.builder.pool(&member).iter().take(most) {
                let mut more = members.clone();
                more.insert(name.clone(), value.clone());
                if !visit(&self.with(pointer, &Json::Object(more))) {
                    return false;
                }
            }
        }
        members.keys().all(|name| {
            let below = format!("{pointer}/{}", name.replace('~', "~0").replace('/', "~1"));
            self.place(&below, &self.builder.member(place, name), visit)
        })
    }

    /// Names that an object might have too.
    fn absent(&self, members: &serde_json::Map<String, Json>, place: &Place) -> Vec<String> {
        let mut names: Vec<String> = Vec::new();
        for field in self.builder.fields(place) {
            names.extend(field.properties.iter().map(|property| property.name.clone()));
            names.extend(field.patterns.iter().filter_map(|(pattern, _)| text::matching(pattern.as_str(), 0)));
        }
        names.extend(["z", "Z", "", "another key", "0"].map(ToOwned::to_owned));
        let mut fresh: Vec<String> = Vec::new();
        for name in names {
            if !members.contains_key(&name) && !fresh.contains(&name) {
                fresh.push(name);
            }
        }
        fresh
    }

    fn list(&self, pointer: &str, here: &Json, place: &Place, visit: &mut Visit<'_>) -> bool {
        let Some(items) = here.as_array() else { return true };
        if let Some((_, less)) = items.split_last()
            && !visit(&self.with(pointer, &Json::from(less)))
        {
            return false;
        }
        let next = self.builder.pool(&self.builder.item(place, items.len()));
        for value in items.iter().take(1).chain(next.iter()) {
            let mut more = items.clone();
            more.push(value.clone());
            if !visit(&self.with(pointer, &Json::Array(more))) {
                return false;
            }
        }
        (0..items.len().min(ITEMS))
            .all(|at| self.place(&format!("{pointer}/{at}"), &self.builder.item(place, at), visit))
    }
}

/// Shows every value that lacks one member or one item, however deep.
pub(super) fn without_one(value: &Json, visit: &mut Visit<'_>) -> bool {
    match value {
        Json::Object(members) => members.iter().all(|(name, member)| {
            let mut less = members.clone();
            less.shift_remove(name);
            visit(&Json::Object(less))
                && without_one(member, &mut |inner| {
                    let mut changed = members.clone();
                    changed.insert(name.clone(), inner.clone());
                    visit(&Json::Object(changed))
                })
        }),
        Json::Array(items) => items.iter().enumerate().all(|(at, item)| {
            let mut less = items.clone();
            less.remove(at);
            visit(&Json::Array(less))
                && without_one(item, &mut |inner| {
                    let mut changed = items.clone();
                    if let Some(slot) = changed.get_mut(at) {
                        *slot = inner.clone();
                    }
                    visit(&Json::Array(changed))
                })
        }),
        _ => true,
    }
}
