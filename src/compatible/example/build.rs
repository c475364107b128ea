//! Records out of a contract, and what the two contracts say of each place in one.

use super::super::{checks::Scales, same};
use super::pool;
use crate::contract::{Check, Contract, Field, FieldId, Types};
use serde_json::{Map, Value as Json};
use std::cell::RefCell;
use std::collections::HashMap;
use std::rc::Rc;

/// Deepest nesting that is made.
const DEEPEST: usize = 8;
/// Most items of a list that is made.
const MOST_ITEMS: u64 = 200;

/// All fields of both contracts that may describe one place, the forms of a value each.
#[derive(Clone, PartialEq, Eq, Hash, Default)]
pub(super) struct Place {
    pub(super) olds: Vec<FieldId>,
    pub(super) news: Vec<FieldId>,
}

/// Values of a place, made once.
type Pools = RefCell<HashMap<Place, Rc<Vec<Json>>>>;

pub(super) struct Builder<'c> {
    pub(super) old: &'c Contract,
    pub(super) new: &'c Contract,
    old_scales: RefCell<Scales>,
    new_scales: RefCell<Scales>,
    pools: Pools,
    same: RefCell<HashMap<Place, bool>>,
}

impl<'c> Builder<'c> {
    pub(super) fn new(old: &'c Contract, new: &'c Contract) -> Self {
        Self {
            old,
            new,
            old_scales: RefCell::new(Scales::new(old)),
            new_scales: RefCell::new(Scales::new(new)),
            pools: RefCell::default(),
            same: RefCell::default(),
        }
    }

    /// The least and the most that a record of the old contract may hold, and likewise for the new one.
    pub(super) fn records(&mut self) -> Vec<Json> {
        let sides = [(true, false), (true, true), (false, true), (false, false)];
        let made = sides.into_iter().filter_map(|(old, full)| self.build(old, FieldId::ROOT, full, 0));
        made.filter(Json::is_object).collect()
    }

    pub(super) fn root(&self) -> Place {
        Place { olds: forms(self.old, FieldId::ROOT), news: forms(self.new, FieldId::ROOT) }
    }

    pub(super) fn fields<'p>(&'p self, place: &'p Place) -> impl Iterator<Item = &'c Field> + 'p {
        let olds = place.olds.iter().map(|id| self.old.field(*id));
        olds.chain(place.news.iter().map(|id| self.new.field(*id)))
    }

    pub(super) fn member(&self, place: &Place, name: &str) -> Place {
        let find = |contract: &Contract, ids: &[FieldId]| -> Vec<FieldId> {
            let found = ids.iter().filter_map(|id| {
                let field = contract.field(*id);
                let property = field.properties.iter().find(|property| property.name == name);
                let pattern = || field.patterns.iter().find(|(pattern, _)| pattern.is_match(name)).map(|(_, id)| *id);
                property.map(|property| property.field).or_else(pattern).or(field.additional)
            });
            found.flat_map(|id| forms(contract, id)).collect()
        };
        Place { olds: find(self.old, &place.olds), news: find(self.new, &place.news) }
    }

    pub(super) fn item(&self, place: &Place, position: usize) -> Place {
        let find = |contract: &Contract, ids: &[FieldId]| -> Vec<FieldId> {
            let described = |id: &FieldId| {
                let field = contract.field(*id);
                field.prefix.get(position).copied().or(field.items)
            };
            ids.iter().filter_map(described).flat_map(|id| forms(contract, id)).collect()
        };
        Place { olds: find(self.old, &place.olds), news: find(self.new, &place.news) }
    }

    /// Values at which the contracts may part, for one place.
    pub(super) fn pool(&self, place: &Place) -> Rc<Vec<Json>> {
        if let Some(known) = self.pools.borrow().get(place) {
            return Rc::clone(known);
        }
        let made = Rc::new(pool::values(self, place));
        self.pools.borrow_mut().insert(place.clone(), Rc::clone(&made));
        made
    }

    /// Whether both contracts say the same of a place.
    pub(super) fn is_same(&self, place: &Place) -> bool {
        // The field itself stands before its forms.
        let (Some(old), Some(new)) = (place.olds.first(), place.news.first()) else { return false };
        if let Some(known) = self.same.borrow().get(place) {
            return *known;
        }
        let same = same::fields(self.old, self.new, *old, *new);
        self.same.borrow_mut().insert(place.clone(), same);
        same
    }

    fn contract(&self, old: bool) -> &'c Contract {
        if old { self.old } else { self.new }
    }

    fn accept(&self, old: bool, field: &Field, value: &Json) -> bool {
        let scales = if old { &self.old_scales } else { &self.new_scales };
        scales.borrow_mut().accept(field, value)
    }

    /// A value that a field accepts, as far as that can be told by looking at it alone.
    pub(super) fn build(&self, old: bool, id: FieldId, full: bool, depth: usize) -> Option<Json> {
        let field = self.contract(old).field(id);
        if depth > DEEPEST {
            return None;
        }
        if let Some(union) = &field.union {
            return union.variants.iter().find_map(|form| self.build(old, form.field, full, depth + 1));
        }
        let open = field.types == Types::ANY && field.is_opaque();
        if field.values().is_none() && !open {
            if field.types.has(Types::OBJECT) {
                return Some(self.object(old, field, full, depth));
            }
            if field.types.has(Types::ARRAY) {
                return Some(self.list(old, field, full, depth));
            }
        }
        let scalars = pool::scalars(self.old, self.new, &[field]);
        scalars.into_iter().find(|value| !value.is_null() && self.accept(old, field, value)).or_else(|| {
            let null = field.types.has(Types::NULL) && self.accept(old, field, &Json::Null);
            null.then_some(Json::Null)
        })
    }

    fn object(&self, old: bool, field: &Field, full: bool, depth: usize) -> Json {
        let contract = self.contract(old);
        let mut members = Map::new();
        for property in &field.properties {
            let needed = property.required && contract.field(property.field).default.is_none();
            if (needed || full)
                && let Some(value) = self.build(old, property.field, full, depth + 1)
            {
                members.insert(property.name.clone(), value);
            }
        }
        Json::Object(members)
    }

    fn list(&self, old: bool, field: &Field, full: bool, depth: usize) -> Json {
        let least = field.checks.iter().filter_map(|check| match check {
            Check::MinItems(least) => Some(*least),
            _ => None,
        });
        let least = least.max().unwrap_or_default().max(u64::from(full)).min(MOST_ITEMS);
        self.items(old, field, usize::try_from(least).unwrap_or_default(), full, depth)
    }

    /// A list of so many items, unlike each other as far as that is possible.
    pub(super) fn items(&self, old: bool, field: &Field, count: usize, full: bool, depth: usize) -> Json {
        let contract = self.contract(old);
        let item = |position: usize| {
            let Some(id) = field.prefix.get(position).copied().or(field.items) else {
                return Some(Json::from(position));
            };
            let item = contract.field(id);
            let mut scalars = pool::scalars(self.old, self.new, &[item]);
            scalars.retain(|value| item.union.is_none() && self.accept(old, item, value));
            scalars.get(position).cloned().or_else(|| self.build(old, id, full, depth + 1))
        };
        Json::Array((0..count).filter_map(item).collect())
    }
}

/// A field and, where its value has several forms, all of them.
fn forms(contract: &Contract, id: FieldId) -> Vec<FieldId> {
    let mut all = vec![id];
    let mut at = 0;
    while let Some(id) = all.get(at) {
        let variants = contract.field(*id).union.iter().flat_map(|union| &union.variants);
        let more: Vec<FieldId> = variants.map(|form| form.field).filter(|id| !all.contains(id)).collect();
        all.extend(more);
        at += 1;
    }
    all
}
