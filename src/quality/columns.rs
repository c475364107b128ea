//! Which fields of a contract are counted, and how.

use crate::contract::{Contract, FieldId, Literal, Types};
use crate::mask::Mask;
use crate::record::document::Value;

/// The field under which the values of a field are counted.
pub(super) fn column(contract: &Contract, field: FieldId) -> FieldId {
    contract.field(field).column
}

/// How the values of a field are counted.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Role {
    pub(crate) place: Place,
    pub(crate) seen: Seen,
    /// It holds lists.
    pub(crate) list: bool,
    /// No two accepted records have the same text.
    pub(crate) unique: bool,
    /// Values that the contract lists, by which records are counted too.
    listed: usize,
}

/// How often a field comes in a record.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum Place {
    /// It is not counted: it is an object, or it or what it lies in is left out of the outputs.
    #[default]
    Nowhere,
    Once,
    /// It lies in a list.
    Repeated,
}

/// What of the values may be told.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Seen {
    #[default]
    Shape,
    /// Shapes alone; each value is a keyed token.
    Token,
    Values,
}

/// Longest list of values that makes groups.
const MOST_GROUPS: usize = 100;

impl Role {
    /// How many groups there are: one a listed value, and one for all that is none of them.
    pub(super) fn groups(self) -> usize {
        if self.listed > 0 { self.listed + 1 } else { 0 }
    }

    /// What may be told of a column whose values come in several forms: no more than of any of them.
    fn with(self, other: Self) -> Self {
        Self { seen: self.seen.min(other.seen), list: self.list || other.list, unique: false, listed: 0, ..self }
    }
}

/// The role of each field, by its place in the contract.
pub(crate) fn roles(contract: &Contract) -> Vec<Role> {
    let mut roles = vec![Role::default(); contract.fields.len()];
    give(contract, FieldId::ROOT, &mut roles, &mut vec![false; contract.fields.len()]);
    roles
}

/// Goes down the contract. What a mask takes away whole shows nothing of what lies in it, so nothing there is counted.
fn give(contract: &Contract, id: FieldId, roles: &mut [Role], given: &mut [bool]) {
    let field = contract.field(id);
    // A field that recursion leads back to has its role already.
    if field.mask == Mask::Drop || given.get_mut(id.0).is_none_or(|given| std::mem::replace(given, true)) {
        return;
    }
    for form in field.union.iter().flat_map(|union| &union.variants) {
        give(contract, form.field, roles, given);
    }
    let object = !field.properties.is_empty() || (field.types.has(Types::OBJECT) && field.types != Types::ANY);
    let place = column(contract, id);
    let counted = id != FieldId::ROOT && !object && field.union.is_none();
    if let Some(role) = roles.get_mut(place.0).filter(|_| counted) {
        let form = Role {
            place: if field.repeated { Place::Repeated } else { Place::Once },
            seen: match field.mask {
                Mask::Keep => Seen::Values,
                _ if field.mask.leaves_tokens() => Seen::Token,
                _ => Seen::Shape,
            },
            list: field.items.is_some() || (field.types.has(Types::ARRAY) && field.types != Types::ANY),
            unique: contract.unique.iter().any(|key| *key == [id])
                && (field.mask == Mask::Keep || field.mask.leaves_tokens())
                && field.mask.keeps_equality(),
            listed: groups(contract, place).map_or(0, <[Literal]>::len),
        };
        *role = if role.place == Place::Nowhere { form } else { role.with(form) };
    }
    if field.mask == Mask::Redact && object {
        return;
    }
    let below = field.properties.iter().map(|property| property.field);
    let below = below.chain(field.patterns.iter().map(|(_, field)| *field)).chain(field.additional);
    for field in below.chain(field.prefix.iter().copied()).chain(field.items) {
        give(contract, field, roles, given);
    }
}

/// The values by which acceptance is grouped: those of a field with a list of values that are shown as they are, and
/// the two of a truth value.
pub(super) fn groups(contract: &Contract, id: FieldId) -> Option<&[Literal]> {
    static BOOLEANS: [Literal; 2] = [Literal::Bool(true), Literal::Bool(false)];
    let field = contract.field(id);
    if contract.fields.iter().filter(|other| other.column == field.column).count() > 1 {
        return None;
    }
    let boolean = field.types.without(Types::NULL) == Types::BOOLEAN;
    let values = field.values().or_else(|| boolean.then_some(&BOOLEANS[..]))?;
    (field.mask == Mask::Keep && !field.repeated && values.len() <= MOST_GROUPS).then_some(values)
}

/// The place of a value among those that the contract lists; `text` is its text.
#[allow(clippy::float_cmp, reason = "JSON Schema compares numbers by their mathematical value")]
pub(super) fn position(values: &[Literal], value: Value, text: &str) -> Option<usize> {
    values.iter().position(|listed| match (listed, value) {
        (Literal::Text(listed), Value::Text(_)) => listed == text,
        (Literal::Bool(listed), Value::Bool(value)) => *listed == value,
        (Literal::Number(listed), Value::Number { value, .. }) => listed.value == value,
        _ => false,
    })
}
