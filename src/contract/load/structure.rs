//! The schemas of a place -> a field and what lies below it.

use super::parts::{Part, Parts, member};
use super::{Loader, MOST_DEPTH, MOST_FIELDS, Place, Schema};
use crate::contract::field::{Check, Field, FieldId, Property, Types, Unknown};
use crate::contract::pattern::Pattern;
use crate::mask::Mask;
use serde_json::Value;

impl<'s> Loader<'s> {
    /// Compiles what holds at a place, and what lies below it; answers its field.
    pub(super) fn field(&mut self, mut parts: Parts<'s>, place: &Place, inherited: Mask) -> FieldId {
        let key = parts.identity();
        let known = self.recursive.iter().find(|(parts, mask, _)| *parts == key && *mask == inherited);
        if let Some((_, _, id)) = known.filter(|_| !key.is_empty()) {
            return *id;
        }
        let id = FieldId(self.fields.len());
        self.fields.push(Field::empty());
        if place.depth > MOST_DEPTH || self.fields.len() > MOST_FIELDS {
            self.unsupported(&parts.at(), "a contract of so many fields, or so deep,");
            return id;
        }
        let recursion = !key.is_empty() && self.open.contains(&key);
        let place = &if recursion { Place { repeated: true, ..place.clone() } } else { place.clone() };
        if recursion {
            self.recursive.push((key.clone(), inherited.clone(), id));
        }
        self.open.push(key);
        let origin = parts.clone();
        let nullable = self.unfold_null(&mut parts);
        let mut field = self.bare(id, &parts, place, nullable);
        field.default = self.default(&origin, &field);
        field.mask = self.mask(&parts, &field).unwrap_or(inherited);
        match self.union(id, &mut parts, &mut field, place) {
            Some(union) => field.union = Some(Box::new(union)),
            None => self.whole(&parts, &mut field, place),
        }
        self.open.pop();
        if let Some(slot) = self.fields.get_mut(id.0) {
            *slot = field;
        }
        id
    }

    /// What every field has, alternatives or not.
    fn bare(&mut self, id: FieldId, parts: &Parts<'s>, place: &Place, nullable: bool) -> Field {
        let pointer = place.record.clone();
        let column = *self.columns.entry(pointer.clone()).or_insert(id);
        Field {
            pointer,
            column,
            owner: place.owner.unwrap_or(id),
            required: place.required,
            repeated: place.repeated,
            nullable,
            types: self.types(parts, nullable, place),
            severity: self.severity(parts, place),
            pii: parts.annotation("x-pii").and_then(|(class, _)| class.as_str()).map(ToOwned::to_owned),
            quasi: parts.annotation("x-quasi").is_some_and(|(quasi, _)| *quasi == Value::Bool(true)),
            normalise: self.normalisers(parts),
            ..Field::empty()
        }
    }

    /// What a field has that is not one of several forms.
    fn whole(&mut self, parts: &Parts<'s>, field: &mut Field, place: &Place) {
        field.checks = self.checks(parts);
        for part in &parts.list {
            let assertions = self.assertions_of(part.schema, &part.at, &part.handled);
            field.checks.extend(assertions);
        }
        self.sense(parts, field);
        field.unknown = self.unknown(parts, field, place);
        let below = if field.mask.covers_items() { field.mask.clone() } else { Mask::Keep };
        self.members(parts, field, place, &below);
        self.items(parts, field, place, &below);
    }

    fn members(&mut self, parts: &Parts<'s>, field: &mut Field, place: &Place, below: &Mask) {
        let required: Vec<String> =
            parts.list.iter().flat_map(|part| self.names(part.schema.get("required"), "required", &part.at)).collect();
        for name in self.declared(parts, &required) {
            let is_required = required.contains(&name);
            let described = self.described(parts, &name);
            if described.never && is_required {
                let text = format!("{name} is required, but additionalProperties or a false schema forbids it");
                self.contradiction(&parts.at(), text);
            }
            let place = place.property(&name, is_required);
            let id = self.field(described, &place, below.clone());
            field.properties.push(Property { name, field: id, required: is_required });
        }
        self.other_members(parts, field, place, below);
    }

    /// The names that any schema of the place speaks of: none of them is unknown, so none is dropped.
    fn declared(&mut self, parts: &Parts<'s>, required: &[String]) -> Vec<String> {
        let mut names: Vec<String> = Vec::new();
        let mut add = |name: &str| {
            if !names.iter().any(|known| known == name) {
                names.push(name.to_owned());
            }
        };
        for part in &parts.list {
            part.schema
                .get("properties")
                .and_then(Value::as_object)
                .into_iter()
                .flatten()
                .for_each(|(name, _)| add(name));
        }
        for part in &parts.list {
            let mut implied = Vec::new();
            for keyword in ["then", "else", "anyOf", "oneOf", "dependentSchemas", "if"] {
                if let Some(value) = part.get(keyword) {
                    self.implied(value, &mut Vec::new(), &mut implied);
                }
            }
            for name in implied {
                add(name);
            }
        }
        for name in required {
            add(name);
        }
        names
    }

    /// Names of properties in schemas that hold at the same place, perhaps.
    fn implied(&mut self, value: &'s Value, seen: &mut Vec<*const Value>, names: &mut Vec<&'s str>) {
        if seen.contains(&std::ptr::from_ref(value)) {
            return;
        }
        seen.push(value);
        match value {
            Value::Array(list) => list.iter().for_each(|value| self.implied(value, seen, names)),
            Value::Object(map) => {
                for (keyword, value) in map {
                    match (keyword.as_str(), value) {
                        ("properties", Value::Object(properties)) => {
                            names.extend(properties.keys().map(String::as_str));
                        }
                        ("$ref", _) => {
                            if let Some(target) = self.quiet_target(value) {
                                self.implied(target, seen, names);
                            }
                        }
                        ("allOf" | "anyOf" | "oneOf" | "then" | "else", _) => self.implied(value, seen, names),
                        _ => {}
                    }
                }
                // `dependentSchemas` holds schemas under names.
                if map.values().all(|value| value.is_object() || value.is_boolean()) {
                    map.values().for_each(|value| self.implied(value, seen, names));
                }
            }
            _ => {}
        }
    }

    /// All schemas that hold for the property `name`: of each part its own, those whose pattern finds the name, else
    /// the one for additional properties (JSON Schema Core §10.3.2).
    fn described(&mut self, parts: &Parts<'s>, name: &str) -> Parts<'s> {
        let mut described = Parts::default();
        for part in &parts.list {
            let mut found = false;
            if let Some(value) = part.schema.get("properties").and_then(|properties| properties.get(name)) {
                self.gather(value, &member(&part.at, "properties", name), &mut described);
                found = true;
            }
            for (pattern, value) in
                part.schema.get("patternProperties").and_then(Value::as_object).into_iter().flatten()
            {
                if Pattern::new(pattern).is_some_and(|pattern| pattern.is_match(name)) {
                    self.gather(value, &member(&part.at, "patternProperties", pattern), &mut described);
                    found = true;
                }
            }
            if let Some(value) = part.schema.get("additionalProperties").filter(|_| !found) {
                self.gather(value, &format!("{}/additionalProperties", part.at), &mut described);
            }
        }
        described
    }

    /// Members under names that the contract does not list.
    fn other_members(&mut self, parts: &Parts<'s>, field: &mut Field, place: &Place, below: &Mask) {
        let mut speaking = Vec::new();
        for part in &parts.list {
            let patterns = self.map_of_schemas(part.schema, "patternProperties", &part.at);
            let additional = part.schema.get("additionalProperties").filter(|value| **value != Value::Bool(true));
            if patterns.is_empty() && additional.is_none() {
                continue;
            }
            speaking.push(part);
            for (pattern, value) in patterns {
                let mut described = Parts::default();
                self.gather(value, &member(&part.at, "patternProperties", pattern), &mut described);
                let id = self.field(described, &place.any(), below.clone());
                if let Some(pattern) = self.compiled_pattern(pattern, &part.at) {
                    field.patterns.push((pattern, id));
                }
            }
            if let (Some(value @ Value::Object(_)), None) = (additional, field.additional) {
                let mut described = Parts::default();
                self.gather(value, &format!("{}/additionalProperties", part.at), &mut described);
                field.additional = Some(self.field(described, &place.any(), below.clone()));
            }
        }
        // A member goes by the first pattern that finds its name. Where more than one schema speaks of it, all of them
        // are asked in addition.
        let dynamic = !field.patterns.is_empty() || field.additional.is_some();
        if dynamic && (speaking.len() > 1 || field.patterns.len() > 1) {
            for part in speaking {
                self.ask_members(part, field);
            }
        }
    }

    fn ask_members(&mut self, part: &Part<'s>, field: &mut Field) {
        for keyword in ["patternProperties", "additionalProperties"] {
            if let Some(value) = part.schema.get(keyword) {
                match value {
                    Value::Object(map) if keyword == "patternProperties" => {
                        map.values().for_each(|value| self.no_annotations(value, &part.at));
                    }
                    _ => self.no_annotations(value, &part.at),
                }
            }
        }
        let keyword =
            if part.schema.contains_key("patternProperties") { "patternProperties" } else { "additionalProperties" };
        let assertion =
            self.assertion_by(part.schema, &part.at, &["properties", "patternProperties", "additionalProperties"]);
        field.checks.push(Check::Schema(keyword, assertion));
    }

    fn items(&mut self, parts: &Parts<'s>, field: &mut Field, place: &Place, below: &Mask) {
        let prefixes: Vec<(&Part<'s>, &'s [Value])> =
            parts.list.iter().map(|part| (part, self.list_of_schemas(part.schema, "prefixItems", &part.at))).collect();
        let longest = prefixes.iter().map(|(_, prefix)| prefix.len()).max().unwrap_or_default();
        for position in 0..longest {
            let mut described = Parts::default();
            for (part, prefix) in &prefixes {
                match (prefix.get(position), part.schema.get("items")) {
                    (Some(value), _) => {
                        self.gather(value, &format!("{}/prefixItems/{position}", part.at), &mut described);
                    }
                    (None, Some(value)) => self.gather(value, &format!("{}/items", part.at), &mut described),
                    (None, None) => {}
                }
            }
            let place = place.below(&position.to_string(), true, false);
            let id = self.field(described, &place, below.clone());
            field.prefix.push(id);
        }
        if parts.has("items") {
            let mut described = Parts::default();
            for part in &parts.list {
                if let Some(value) = part.schema.get("items") {
                    self.gather(value, &format!("{}/items", part.at), &mut described);
                }
            }
            field.items = Some(self.field(described, &place.any(), below.clone()));
        }
    }

    /// Finds the fields below which nothing is masked, so that masking need not look there.
    pub(super) fn open_fields(&mut self) {
        // A field is made before those below it; only recursion leads back, and what leads back is taken for masked.
        for place in (0..self.fields.len()).rev() {
            let Some(field) = self.fields.get(place) else { continue };
            let below = field.properties.iter().map(|property| property.field);
            let below = below.chain(field.patterns.iter().map(|(_, id)| *id)).chain(field.additional);
            let below = below.chain(field.prefix.iter().copied()).chain(field.items);
            let below = below.chain(field.union.iter().flat_map(|union| union.variants.iter().map(|form| form.field)));
            let open = field.mask == Mask::Keep
                && below.into_iter().all(|id| id.0 > place && self.fields.get(id.0).is_some_and(|field| field.open));
            if let Some(field) = self.fields.get_mut(place) {
                field.open = open;
            }
        }
    }

    fn unknown(&mut self, parts: &Parts<'s>, field: &Field, place: &Place) -> Unknown {
        let closed = parts.list.iter().any(|part| part.schema.get("additionalProperties") == Some(&Value::Bool(false)));
        let own = parts.annotation("x-unknown").map(|(value, part)| (value, part.at.clone()));
        let root: &'s Schema = self.root;
        let stated = match own.as_ref().map(|(value, _)| *value).or_else(|| root.get("x-unknown")).map(Value::as_str) {
            None => None,
            Some(Some("drop")) => Some(Unknown::Drop),
            Some(Some("keep")) => Some(Unknown::Keep),
            Some(Some("reject")) => Some(Unknown::Reject),
            _ => {
                self.invalid(&parts.at(), "x-unknown", "drop, keep or reject");
                None
            }
        };
        if closed {
            if own.is_some() && stated.is_some_and(|stated| stated != Unknown::Reject) {
                self.contradiction(&parts.at(), "additionalProperties and x-unknown contradict each other");
            }
            return Unknown::Reject;
        }
        // A field of which the contract says nothing but that it is an object is taken whole, as a list without items is.
        let named = ["properties", "patternProperties", "additionalProperties", "required"];
        let opaque = parts.list.iter().all(|part| {
            named.iter().all(|keyword| part.schema.get(*keyword).is_none_or(|value| *value == Value::Bool(true)))
        });
        if own.is_none() && opaque && !place.record.is_empty() && self.declared(parts, &[]).is_empty() {
            if field.types != Types::ANY && field.types.has(Types::OBJECT) && field.mask == Mask::Keep {
                self.warn(format!(
                    "{} is an object of which the contract names no member: all of it passes as it is",
                    field.pointer
                ));
            }
            return Unknown::Keep;
        }
        stated.unwrap_or_default()
    }
}
