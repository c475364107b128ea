//! The contract as a whole: its name, its id, its fields, its features.

use super::field::Drafter;
use super::values::share;
use super::words::Words;
use super::{Draft, DraftError, Drafted, features, trial};
use crate::contract::Contract;
use serde_json::{Map, Value, json};

pub(super) fn draft(draft: &Draft) -> Result<Drafted, DraftError> {
    let mut drafter = Drafter { tree: &draft.tree, remarks: Vec::new() };
    let root = draft.tree.place(0).ok_or(DraftError::Empty)?;
    let below = drafter.object(root, &Words::of(&draft.name), "");
    let mut remarks = drafter.remarks;
    let mut contract = head(draft);
    if let Some(id) = id(draft, &below) {
        contract.insert("x-id".into(), json!(id));
        contract.insert("x-unique".into(), json!([id]));
    }
    contract.insert("x-unknown".into(), json!("drop"));
    contract.insert("type".into(), json!("object"));
    contract.extend(below);
    let mut contract = Value::Object(contract);
    let features = features::suggest(&contract);
    if !features.is_empty() {
        let list: Vec<Value> = features.iter().map(|(name, expr)| json!({"name": name, "expr": expr})).collect();
        if let Some(contract) = contract.as_object_mut() {
            contract.insert("x-features".into(), Value::Array(list));
        }
    }
    let loaded = Contract::load(contract.to_string().as_bytes()).map_err(|faults| {
        let faults: Vec<String> = faults.iter().map(ToString::to_string).collect();
        DraftError::DoesNotLoad(faults.join("; "))
    })?;
    remarks.extend(masked(&contract));
    remarks.extend(trial::run(loaded, &draft.sample));
    Ok(Drafted { contract, remarks })
}

fn head(draft: &Draft) -> Map<String, Value> {
    let mut contract = Map::new();
    contract.insert("$schema".into(), json!("https://json-schema.org/draft/2020-12/schema"));
    contract.insert("title".into(), json!(draft.name));
    let no_records =
        if draft.faults > 0 { format!(", beside {} places that held none", draft.faults) } else { String::new() };
    let records = if draft.records == 1 { "one record".to_owned() } else { format!("{} records", draft.records) };
    let text = format!(
        "Drafted by tamis from {records}{no_records}. Read it before you rely on it: above all what is masked and what is not."
    );
    contract.insert("description".into(), json!(text));
    contract.insert("x-contract".into(), json!({"name": draft.name, "version": "0.1.0"}));
    contract
}

/// The field that names a record: one whose name says so, and whose values hardly ever repeat.
fn id(draft: &Draft, below: &Map<String, Value>) -> Option<String> {
    let root = draft.tree.place(0)?;
    let own = Words::of(&draft.name);
    let mut best: Option<(u8, &str)> = None;
    for (key, at) in &root.members {
        let schema = below.get("properties").and_then(|properties| properties.get(key));
        let (Some(seen), Some(schema)) = (draft.tree.place(*at), schema) else {
            continue;
        };
        // A path with dots in it reaches into objects.
        let plain = !key.contains('.') && schema.get("x-mask").is_none_or(|mask| mask == "pseudonym");
        let Some(repeats) = seen.repeats.as_ref().filter(|_| plain) else {
            continue;
        };
        let scalar = seen.texts.count + seen.numbers.count;
        let unique = repeats.count >= 2 && share(repeats.count - repeats.repeated, repeats.count, 980);
        if !unique || !share(scalar, root.objects, 980) {
            continue;
        }
        let words = Words::of(key);
        let personal = schema.get("x-pii").is_some();
        let rank = match words.last() {
            "id" | "uuid" | "guid" if words.count() == 1 => 5,
            "id" | "uuid" | "guid" if own.any(words.first()) => 4,
            _ if personal => 1,
            "id" | "uuid" | "guid" => 3,
            _ => 2,
        };
        if best.is_none_or(|(known, _)| rank > known) {
            best = Some((rank, key));
        }
    }
    best.map(|(_, key)| key.to_owned())
}

/// Which fields are masked, and how.
fn masked(contract: &Value) -> Vec<String> {
    let mut found = Vec::new();
    walk(contract, "", &mut found);
    found
}

fn walk(schema: &Value, pointer: &str, found: &mut Vec<String>) {
    if let Some(mask) = schema.get("x-mask") {
        let name = mask.get("op").unwrap_or(mask).as_str().unwrap_or_default();
        let why = schema
            .get("x-pii")
            .and_then(Value::as_str)
            .map_or_else(|| "not known".into(), |class| class.replace('_', " "));
        let why = if name == "url" {
            "a web address".into()
        } else if name == "scan" {
            "free text".into()
        } else {
            why
        };
        found.push(format!("{pointer} is masked ({name}): {why}"));
    }
    for (key, property) in schema.get("properties").and_then(Value::as_object).into_iter().flatten() {
        walk(property, &format!("{pointer}/{key}"), found);
    }
    if let Some(items) = schema.get("items") {
        walk(items, &format!("{pointer}/*"), found);
    }
}
