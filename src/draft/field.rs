//! What was seen at one place -> what the contract says of it.

use super::observe::{MOST_DEPTH, Seen, Tree};
use super::personal::{self, Class, Form, Treatment};
use super::reading::{Reading, reading};
use super::values::share;
use super::words::Words;
use super::{number, text};
use serde_json::{Map, Value, json};

pub(super) type Schema = Map<String, Value>;

/// Objects of which so many must have been seen before a rare key is left out.
const ENOUGH_OBJECTS: u64 = 100;
/// Records of which so many must have been seen before one that lacks a field counts as dirt.
const ENOUGH_RECORDS: u64 = 200;

/// One place with all that its schema is made from.
pub(super) struct Place<'t> {
    pub(super) seen: &'t Seen,
    pub(super) name: Words,
    pub(super) class: Option<Class>,
    /// Null may stand here.
    pub(super) nullable: bool,
}

impl Place<'_> {
    /// Whether no value of the field may stand in the contract.
    pub(super) fn is_personal(&self) -> bool {
        self.class.is_some_and(|class| !matches!(class.treatment, Treatment::Quasi))
    }
}

/// Drafts the schemas of a tree.
pub(super) struct Drafter<'t> {
    pub(super) tree: &'t Tree,
    pub(super) remarks: Vec<String>,
}

impl Drafter<'_> {
    /// The keywords of an object: its properties, and which of them are required.
    pub(super) fn object(&mut self, seen: &Seen, name: &Words, pointer: &str) -> Schema {
        let mut properties = Schema::new();
        let mut required = Vec::new();
        let members = seen.members.len() as u64;
        let filled: u64 =
            seen.members.iter().filter_map(|(_, at)| self.tree.place(*at)).map(|member| member.count).sum();
        // The keys of a map are data: there are many, and each object has few of them.
        let map = members > 50 && !share(filled, members * seen.objects, 100);
        let mut rare = 0_u64;
        let tree = self.tree;
        for (key, at) in &seen.members {
            let Some(member) = tree.place(*at) else {
                continue;
            };
            let least = if map { 500 } else { 10 };
            if (map || seen.objects >= ENOUGH_OBJECTS) && !share(member.count, seen.objects, least) {
                rare += 1;
                continue;
            }
            let pointer = format!("{pointer}/{}", key.replace('~', "~0").replace('/', "~1"));
            let (schema, needed) = self.property(member, key, name, seen.objects, &pointer);
            if needed {
                required.push(json!(key));
            }
            properties.insert(key.clone(), Value::Object(schema));
        }
        self.left_out(seen, pointer, map, rare);
        let mut schema = Schema::new();
        if !required.is_empty() {
            schema.insert("required".into(), Value::Array(required));
        }
        schema.insert("properties".into(), Value::Object(properties));
        schema
    }

    fn left_out(&mut self, seen: &Seen, pointer: &str, map: bool, rare: u64) {
        let place = if pointer.is_empty() { "the record" } else { pointer };
        if map {
            self.remarks.push(format!(
                "{place} has many keys that differ from object to object: only those that half of them have are in the contract"
            ));
        } else if rare > 0 {
            self.remarks
                .push(format!("{place}: {rare} rare keys, each in under 1 % of the objects, are not in the contract"));
        }
        if seen.unfollowed > 0 && !map {
            let count = seen.unfollowed;
            self.remarks.push(format!(
                "{place}: {count} further keys are not in the contract: they look like data, lie too deep, or are too many"
            ));
        }
    }

    fn property(&mut self, seen: &Seen, key: &str, parent: &Words, objects: u64, pointer: &str) -> (Schema, bool) {
        let lacking = objects.saturating_sub(seen.count) + seen.missing();
        let words = Words::of(key);
        let may_lack = words.is_open() || words.is_free_text();
        let required = lacking == 0 || (!may_lack && objects >= ENOUGH_RECORDS && lacking * ENOUGH_RECORDS <= objects);
        let nullable = !required && seen.missing() > 0;
        let required = required && seen.present() > 0;
        (self.value(seen, words, parent, nullable, pointer), required)
    }

    /// The schema of one value, whatever it is.
    pub(super) fn value(&mut self, seen: &Seen, name: Words, parent: &Words, nullable: bool, pointer: &str) -> Schema {
        let class = class(seen, &name, parent);
        let place = Place { seen, name, class, nullable };
        let mut schema = match reading(&place) {
            Reading::Nothing => nothing(&place),
            Reading::Truth => truth(&place),
            Reading::Number => number::schema(&place),
            Reading::Moment => text::moment(&place),
            Reading::Text => text::schema(&place),
            Reading::List => self.list(&place, pointer),
            Reading::Object => {
                let mut schema = typed("object", nullable);
                if seen.texts.missing > 0 {
                    schema.insert("x-normalize".into(), json!(["missing"]));
                }
                schema.extend(self.object(seen, &place.name, pointer));
                schema
            }
            Reading::Mixed => self.mixed(&place, pointer),
        };
        if seen.too_deep {
            self.remarks.push(format!("{pointer}: what lies deeper than {MOST_DEPTH} levels is not in the contract"));
        }
        mark(&place, &mut schema);
        schema
    }

    fn list(&mut self, place: &Place<'_>, pointer: &str) -> Schema {
        let seen = place.seen;
        let mut schema = typed("array", place.nullable);
        let mut steps = Vec::new();
        if seen.texts.count > 0 {
            steps.push("split");
        }
        if seen.blank_items > 0 {
            steps.push("drop_blank");
        }
        if steps.is_empty() && seen.texts.missing > 0 {
            steps.push("missing");
        }
        if !steps.is_empty() {
            schema.insert("x-normalize".into(), json!(steps));
        }
        match seen.items.and_then(|items| self.tree.place(items)).filter(|items| items.count > 0) {
            Some(items) => {
                let below =
                    self.value(items, place.name.clone(), &place.name, items.missing() > 0, &format!("{pointer}/*"));
                schema.insert("items".into(), Value::Object(below));
            }
            None => unseen(&mut schema, "Every list was empty: say what its items are before they are let out."),
        }
        schema
    }

    /// Values of several types, none of which is nearly all.
    fn mixed(&mut self, place: &Place<'_>, pointer: &str) -> Schema {
        let seen = place.seen;
        let numbers = if seen.numbers.whole == seen.numbers.count { "integer" } else { "number" };
        let types: Vec<&str> = [
            ("string", seen.texts.count + seen.texts.missing),
            (numbers, seen.numbers.count),
            ("boolean", seen.truths),
            ("array", seen.lists),
            ("object", seen.objects),
            ("null", seen.nulls),
        ]
        .into_iter()
        .filter(|(_, count)| *count > 0 && share(*count, seen.count, 10))
        .map(|(name, _)| name)
        .collect();
        let mut schema = Schema::new();
        schema.insert("type".into(), json!(types));
        self.remarks
            .push(format!("{pointer} holds values of several types ({}): it is not repaired", types.join(", ")));
        if types.contains(&"object") {
            let below = self.object(seen, &place.name, pointer);
            schema.insert("properties".into(), below.get("properties").cloned().unwrap_or_default());
        }
        let items = seen.items.and_then(|items| self.tree.place(items)).filter(|_| types.contains(&"array"));
        if let Some(items) = items {
            let below =
                self.value(items, place.name.clone(), &place.name, items.missing() > 0, &format!("{pointer}/*"));
            schema.insert("items".into(), Value::Object(below));
        }
        if items.is_none_or(|items| items.count == 0) && types.contains(&"array") {
            unseen(&mut schema, "Every list was empty: say what its items are before they are let out.");
        }
        let scalar = types.iter().all(|name| matches!(*name, "string" | "number" | "integer" | "null"));
        if place.is_personal() || seen.texts.hits > 0 {
            let found = Class { name: "unknown", treatment: Treatment::Drop };
            let class = place.class.filter(|_| place.is_personal()).unwrap_or(found);
            schema.insert("x-pii".into(), json!(class.name));
            schema.extend(personal::mask(class, false, scalar).map(|mask| ("x-mask".into(), mask)));
        }
        schema
    }
}

/// The class of a field: what its name says, else what the form of its values shows.
fn class(seen: &Seen, name: &Words, parent: &Words) -> Option<Class> {
    let by_name = personal::by_name(name, parent);
    let scalars = seen.texts.count + seen.numbers.count;
    let count = |form: &Form| seen.texts.personal.get(form).copied().unwrap_or(0);
    // One number in ten passes a card's check digit by chance.
    let enough =
        |form: &Form| count(form) > 0 && share(count(form), scalars, if *form == Form::Card { 500 } else { 200 });
    let by_form = Form::ALL.iter().filter(|form| enough(form)).max_by_key(|form| count(form)).map(|form| form.class());
    let weak = by_name.is_none_or(|class| matches!(class.treatment, Treatment::Quasi | Treatment::Scan));
    if weak { by_form.or(by_name) } else { by_name }
}

pub(super) fn typed(name: &str, nullable: bool) -> Schema {
    let mut schema = Schema::new();
    schema.insert("type".into(), if nullable { json!([name, "null"]) } else { json!(name) });
    schema
}

/// What no record has shown must not pass unmasked on the day it comes.
fn unseen(schema: &mut Schema, why: &str) {
    schema.insert("description".into(), json!(why));
    schema.insert("x-mask".into(), json!("drop"));
}

fn nothing(place: &Place<'_>) -> Schema {
    let mut schema = Schema::new();
    if place.is_personal() {
        schema = typed("string", true);
        schema.insert("x-normalize".into(), json!(["text", "trim"]));
    } else {
        unseen(&mut schema, "No record had a value here: say what it is before it is let out.");
    }
    schema
}

fn truth(place: &Place<'_>) -> Schema {
    let mut schema = typed("boolean", place.nullable);
    if place.seen.texts.count + place.seen.texts.missing + place.seen.numbers.count > 0 {
        schema.insert("x-normalize".into(), json!(["boolean"]));
    }
    schema
}

/// Writes down the class of personal data, and the mask that fits the type.
fn mark(place: &Place<'_>, schema: &mut Schema) {
    let Some(class) = place.class else {
        return;
    };
    let has = |name: &str| match schema.get("type") {
        Some(Value::Array(types)) => types.iter().any(|one| one == name),
        Some(one) => one == name,
        None => false,
    };
    let container = has("object") || has("array");
    if container || schema.contains_key("x-mask") {
        return;
    }
    let holds_text = has("string");
    let holds_scalars = holds_text || has("number") || has("integer");
    if class.treatment == Treatment::Quasi {
        schema.insert("x-quasi".into(), json!(true));
        return;
    }
    schema.insert("x-pii".into(), json!(class.name));
    if matches!(class.name, "postal_code" | "birth") {
        schema.insert("x-quasi".into(), json!(true));
    }
    // A year stands first in what is stored as a date; elsewhere the first characters would be the day.
    let stored = schema.get("format").is_some_and(|format| format == "date-time");
    let year_first = stored || share(place.seen.texts.years_first, place.seen.texts.count, 900);
    let day_first = class.name == "birth" && !year_first;
    let masked = personal::mask(class, holds_text && !day_first, holds_scalars);
    schema.extend(masked.map(|mask| ("x-mask".into(), mask)));
}
