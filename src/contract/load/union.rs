//! Alternatives: `anyOf` and `oneOf`.
//!
//! Where the alternatives only ask something of a value they are an assertion. Where they say what the value is made of
//! — other properties, other masks — each becomes a field of its own, and a record's value takes the form that its type,
//! its tag or, failing both, its content tells.

use super::parts::Parts;
use super::{Address, Loader, Place};
use crate::contract::field::{Field, FieldId, Types, Union, Variant};
use serde_json::Value;

/// Most forms of one value.
const MOST_VARIANTS: usize = 200;

/// One keyword with alternatives.
struct Found<'s> {
    keyword: &'static str,
    choices: &'s [Value],
    part: usize,
}

impl<'s> Loader<'s> {
    /// Takes "or null" off a place: what is left is a plain schema, and the answer says whether null is good too.
    pub(super) fn unfold_null(&mut self, parts: &mut Parts<'s>) -> bool {
        let mut nullable = false;
        while let Some(found) = self.or_null(parts) {
            let Some((at, choice)) = found.choices.iter().enumerate().find(|(_, choice)| !is_null(choice)) else {
                break;
            };
            let Some(part) = parts.list.get_mut(found.part) else { break };
            part.handled.push(found.keyword);
            let at = format!("{}/{}/{at}", part.at, found.keyword);
            self.gather(choice, &at, parts);
            nullable |= found.choices.len() == 2;
        }
        nullable
    }

    /// Alternatives of one schema, or of one schema and null, beside which nothing else is asked of the value.
    fn or_null(&mut self, parts: &Parts<'s>) -> Option<Found<'s>> {
        let quiet = |keyword: &String| {
            keyword.starts_with("x-")
                || matches!(
                    keyword.as_str(),
                    "$ref"
                        | "$defs"
                        | "allOf"
                        | "anyOf"
                        | "oneOf"
                        | "default"
                        | "title"
                        | "description"
                        | "examples"
                        | "deprecated"
                        | "readOnly"
                        | "writeOnly"
                        | "$comment"
                        | "$schema"
                        | "$id"
                        | "discriminator"
                )
        };
        let mut all = alternatives(parts);
        let only = all.pop().filter(|_| all.is_empty())?;
        let nulls = only.choices.iter().filter(|choice| is_null(choice)).count();
        let fits = match (only.choices.len(), nulls) {
            (1, 0) => true,
            (2, 1) => {
                let other = only.choices.iter().find(|choice| !is_null(choice))?;
                only.keyword == "anyOf" || !self.types_of(other, &mut Vec::new()).has(Types::NULL)
            }
            _ => false,
        };
        let alone = parts.list.iter().all(|part| part.schema.keys().all(quiet));
        (fits && (alone || nulls == 0)).then_some(only)
    }

    /// Makes the forms of a field, if its alternatives are forms; otherwise they stay for the assertions.
    pub(super) fn union(
        &mut self,
        id: FieldId,
        parts: &mut Parts<'s>,
        field: &mut Field,
        place: &Place,
    ) -> Option<Union> {
        let all = alternatives(parts);
        for found in &all {
            let types = found.choices.iter().map(|choice| self.types_of(choice, &mut Vec::new()));
            let either = types.fold(Types::NONE, Types::with);
            field.types = field.types.and(if field.nullable { either.with(Types::NULL) } else { either });
        }
        let own = parts.clone();
        let found = all.into_iter().find(|found| self.has_structure(found, &own))?;
        let part = parts.list.get_mut(found.part)?;
        part.handled.push(found.keyword);
        let at = format!("{}/{}", part.at, found.keyword);
        let stated = part.schema.get("discriminator").and_then(|it| it.get("propertyName")).and_then(Value::as_str);
        if found.choices.len() > MOST_VARIANTS {
            self.unsupported(&at, format!("{} of more than {MOST_VARIANTS} schemas", found.keyword));
        }
        let forms: Vec<Parts<'s>> = found
            .choices
            .iter()
            .enumerate()
            .map(|(index, choice)| self.form(choice, &format!("{at}/{index}"), parts))
            .collect();
        let tag = self.tag(stated, &forms);
        let mut variants = Vec::new();
        for (index, (choice, form)) in found.choices.iter().zip(forms).enumerate() {
            let types = self.types_of(choice, &mut Vec::new()).and(field.types);
            let tags = tag.and_then(|tag| self.tags(tag, &form)).unwrap_or_default();
            let schema = self.assertion(choice, &format!("{at}/{index}"));
            let form = self.field(form, &place.form_of(id, field.severity), field.mask.clone());
            variants.push(Variant { field: form, types, tags, schema });
        }
        Some(Union { keyword: found.keyword, variants, tag: tag.map(ToOwned::to_owned) })
    }

    /// One form: an alternative, with all that holds beside it.
    fn form(&mut self, choice: &'s Value, at: &str, beside: &Parts<'s>) -> Parts<'s> {
        let mut form = Parts { never: beside.never, ..Parts::default() };
        self.gather(choice, at, &mut form);
        for part in &beside.list {
            let mut part = part.clone();
            part.annotates = false;
            if !form.list.iter().any(|known| known.address() == part.address()) {
                form.list.push(part);
            }
        }
        form
    }

    /// The property that tells the forms apart: the one that the contract names, else the first that can.
    fn tag(&mut self, stated: Option<&'s str>, forms: &[Parts<'s>]) -> Option<&'s str> {
        let properties = |form: &Parts<'s>| -> Vec<&'s str> {
            let lists = form.list.iter().filter_map(|part| part.schema.get("properties")?.as_object());
            lists.flat_map(|map| map.keys().map(String::as_str)).collect()
        };
        let candidates = match stated {
            Some(stated) => vec![stated],
            None => forms.first().map(properties).unwrap_or_default(),
        };
        candidates.into_iter().find(|name| {
            let mut seen: Vec<String> = Vec::new();
            forms.iter().all(|form| {
                let Some(tags) = self.tags(name, form) else { return false };
                let fresh = tags.iter().all(|tag| !seen.contains(tag));
                seen.extend(tags);
                fresh
            })
        })
    }

    /// The texts that a property has in one form, where it can have no other value.
    fn tags(&mut self, name: &str, form: &Parts<'s>) -> Option<Vec<String>> {
        form.list.iter().find_map(|part| {
            let mut value = part.schema.get("properties")?.get(name)?;
            for _ in 0..8 {
                let Some(reference) = value.get("$ref") else { break };
                value = self.quiet_target(reference)?;
            }
            if let Some(only) = value.get("const") {
                return Some(vec![only.as_str()?.to_owned()]);
            }
            value.get("enum")?.as_array()?.iter().map(|value| value.as_str().map(ToOwned::to_owned)).collect()
        })
    }

    /// Whether alternatives say what a value is made of, beyond what holds beside them.
    fn has_structure(&mut self, found: &Found<'s>, beside: &Parts<'s>) -> bool {
        let known: Vec<&str> = beside
            .list
            .iter()
            .filter_map(|part| part.schema.get("properties")?.as_object())
            .flat_map(|map| map.keys().map(String::as_str))
            .collect();
        found.choices.iter().any(|choice| self.builds(choice, &known, &mut Vec::new()))
    }

    fn builds(&mut self, value: &'s Value, known: &[&str], seen: &mut Vec<Address>) -> bool {
        let Value::Object(schema) = value else { return false };
        if seen.contains(&std::ptr::from_ref(schema)) {
            return false;
        }
        seen.push(schema);
        schema.iter().any(|(keyword, value)| match (keyword.as_str(), value) {
            ("properties", Value::Object(map)) => map.iter().any(|(name, value)| {
                !known.contains(&name.as_str()) || self.annotated(value, &mut Vec::new()).is_some()
            }),
            ("patternProperties" | "prefixItems", _) | ("items" | "additionalProperties", Value::Object(_)) => true,
            ("$ref", reference) => {
                let target = self.quiet_target(reference);
                target.is_some_and(|target| self.builds(target, known, seen))
            }
            ("allOf" | "anyOf" | "oneOf", Value::Array(list)) => {
                list.iter().any(|value| self.builds(value, known, seen))
            }
            (keyword, _) => keyword.starts_with("x-"),
        })
    }

    /// The types that a value which keeps a schema can have; too many rather than too few.
    pub(super) fn types_of(&mut self, value: &'s Value, seen: &mut Vec<Address>) -> Types {
        let schema = match value {
            Value::Bool(false) => return Types::NONE,
            Value::Object(schema) if !seen.contains(&std::ptr::from_ref(schema)) => schema,
            _ => return Types::ANY,
        };
        seen.push(schema);
        let faults = self.faults.len();
        let mut types = self.stated_types(schema, "").unwrap_or(Types::ANY);
        self.faults.truncate(faults);
        let listed = schema.get("enum").and_then(Value::as_array).map(Vec::as_slice);
        let listed = listed.or_else(|| schema.get("const").map(std::slice::from_ref));
        if let Some(values) = listed {
            types = types.and(values.iter().map(type_of).fold(Types::NONE, Types::with));
        }
        if let Some(target) = schema.get("$ref").and_then(|reference| self.quiet_target(reference)) {
            types = types.and(self.types_of(target, seen));
        }
        for member in schema.get("allOf").and_then(Value::as_array).into_iter().flatten() {
            types = types.and(self.types_of(member, seen));
        }
        for keyword in ["anyOf", "oneOf"] {
            if let Some(list) = schema.get(keyword).and_then(Value::as_array) {
                let either = list.iter().map(|member| self.types_of(member, &mut seen.clone()));
                types = types.and(either.fold(Types::NONE, Types::with));
            }
        }
        seen.pop();
        types
    }
}

fn type_of(value: &Value) -> Types {
    match value {
        Value::Null => Types::NULL,
        Value::Bool(_) => Types::BOOLEAN,
        Value::Number(_) => Types::NUMBER,
        Value::String(_) => Types::STRING,
        Value::Array(_) => Types::ARRAY,
        Value::Object(_) => Types::OBJECT,
    }
}

fn is_null(choice: &Value) -> bool {
    choice.get("type").and_then(Value::as_str) == Some("null") && choice.as_object().is_some_and(|it| it.len() == 1)
}

/// The alternatives at a place that no step has dealt with.
fn alternatives<'s>(parts: &Parts<'s>) -> Vec<Found<'s>> {
    let mut all = Vec::new();
    for (part, schema) in parts.list.iter().enumerate() {
        for keyword in ["anyOf", "oneOf"] {
            if let Some(choices) = schema.get(keyword).and_then(Value::as_array) {
                all.push(Found { keyword, choices, part });
            }
        }
    }
    all
}
