//! Which of its forms a value has.

use crate::contract::{Contract, FieldId, Union};
use crate::record::document::{Document, NodeId, Value};
use crate::validate::{has_type, satisfies};
use smallvec::SmallVec;

/// The form of a value: by its type, then by its tag, then by asking the schemas of those that are left.
///
/// Where no schema holds, an object takes the form with which it shares the most names, so that repairs are tried and
/// faults are named in it; but not under `oneOf`, where a repair could make a second form hold.
pub(super) fn choose(union: &Union, contract: &Contract, doc: &Document, id: NodeId) -> Option<FieldId> {
    let value = doc.value(id);
    let mut left: SmallVec<[usize; 8]> =
        (0..union.variants.len()).filter(|place| has_type_of(union, *place, doc, value)).collect();
    if left.is_empty() {
        // A normaliser may turn the value into another type.
        left.extend((0..union.variants.len()).filter(|place| {
            union.variants.get(*place).is_some_and(|form| !contract.field(form.field).normalise.is_empty())
        }));
    }
    if let (Some(tag), Value::Object(_)) = (&union.tag, value) {
        let member = doc.children(id).find(|member| doc.str(doc.node(*member).key) == tag);
        if let Some(Value::Text(text)) = member.map(|member| doc.value(member)) {
            let text = doc.str(text);
            left.retain(|place| union.variants.get(*place).is_some_and(|form| form.tags.iter().any(|tag| tag == text)));
        }
    }
    let field = |place: usize| union.variants.get(place).map(|form| form.field);
    if let [only] = left.as_slice() {
        return field(*only);
    }
    let mut keeping = left.iter().filter(|place| {
        union.variants.get(**place).is_some_and(|form| satisfies(&contract.schemas, form.schema, doc, id))
    });
    match (keeping.next(), union.keyword) {
        (Some(first), "oneOf") if keeping.next().is_none() => field(*first),
        (_, "oneOf") => None,
        (Some(first), _) => field(*first),
        (None, _) => nearest(&left, union, contract, doc, id).and_then(field),
    }
}

fn has_type_of(union: &Union, place: usize, doc: &Document, value: Value) -> bool {
    union.variants.get(place).is_some_and(|form| has_type(value, doc, form.types))
}

fn nearest(left: &[usize], union: &Union, contract: &Contract, doc: &Document, id: NodeId) -> Option<usize> {
    if !matches!(doc.value(id), Value::Object(_)) {
        return None;
    }
    let shared = |place: &usize| {
        let properties = union.variants.get(*place).map(|form| &contract.field(form.field).properties);
        let names = || doc.children(id).map(|member| doc.str(doc.node(member).key));
        properties.into_iter().flatten().filter(|property| names().any(|name| name == property.name)).count()
    };
    // The first of several that are as near.
    left.iter().rev().max_by_key(|place| shared(place)).copied()
}
