//! Which fields a model may look at: numbers, truth values, short lists of values and the sizes of lists, unmasked.

use super::view::View;
use super::words::Words;
use crate::contract::Contract;
use serde_json::{Map, Value, json};

/// Most features that are suggested.
const MOST: usize = 40;
/// Most values of a list that serves as a number by its position.
const MOST_VALUES: usize = 20;
/// Deepest object that is gone into.
const MOST_DEPTH: usize = 6;

/// Names and expressions. Each was tried: one that the contract does not load with is left out.
pub(super) fn suggest(contract: &Value) -> Vec<(String, String)> {
    let mut found = Vec::new();
    object(contract, contract, &mut Vec::new(), &mut found);
    let mut bare = contract.as_object().cloned().unwrap_or_default();
    bare.remove("x-features");
    found.truncate(MOST);
    let list: Vec<Value> = found.iter().map(|(name, expr)| json!({"name": name, "expr": expr})).collect();
    if loads(&bare, list) {
        return found;
    }
    found.retain(|(name, expr)| loads(&bare, vec![json!({"name": name, "expr": expr})]));
    found
}

fn loads(bare: &Map<String, Value>, features: Vec<Value>) -> bool {
    let mut contract = bare.clone();
    contract.insert("x-features".into(), Value::Array(features));
    Contract::load(Value::Object(contract).to_string().as_bytes()).is_ok()
}

fn object(root: &Value, schema: &Value, path: &mut Vec<String>, found: &mut Vec<(String, String)>) {
    let view = View::of(root, schema);
    if path.len() >= MOST_DEPTH || !view.choices.is_empty() {
        return;
    }
    for (name, property) in view.get("properties").and_then(Value::as_object).into_iter().flatten() {
        // Expressions name fields as programs do.
        let plain = name.starts_with(|first: char| first.is_ascii_alphabetic() || first == '_')
            && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_')
            && !matches!(name.as_str(), "true" | "false" | "null" | "in" | "has" | "size");
        if !plain || found.len() >= MOST {
            continue;
        }
        path.push(name.clone());
        field(root, property, path, found);
        path.pop();
    }
}

fn field(root: &Value, property: &Value, path: &mut Vec<String>, found: &mut Vec<(String, String)>) {
    let view = View::of(root, property);
    let name = Words::of(path.last().map_or("", String::as_str));
    let masked = view.get("x-mask").is_some_and(|mask| mask != "keep");
    let dotted = path.join(".");
    let joined = path.join("_");
    match view.one_type(root) {
        Some("object") if !masked => object(root, property, path, found),
        Some("array") if view.get("x-mask").is_none_or(|mask| mask != "drop") => {
            found.push((format!("{joined}_count"), format!("size({dotted})")));
            sums(root, &view, &joined, &dotted, found);
        }
        _ if masked || view.has("const") || view.has("x-quasi") => {}
        Some("number" | "integer") if !is_key(&name) => found.push((joined, dotted)),
        Some("boolean") => found.push((joined, dotted)),
        Some("string") if view.values().is_some_and(|values| (2..=MOST_VALUES).contains(&values.len())) => {
            found.push((joined, dotted));
        }
        _ => {}
    }
}

/// A number that names a thing says nothing by its size, and a point in time only that it is later.
fn is_key(name: &Words) -> bool {
    let epoch = matches!(name.last(), "at" | "ts" | "timestamp" | "epoch");
    epoch || (name.is_identifier() && !name.is_measure() && !name.is_count())
}

/// The sums of what the objects of a list cost and how many they are.
fn sums(root: &Value, view: &View<'_>, joined: &str, dotted: &str, found: &mut Vec<(String, String)>) {
    let Some(items) = view.get("items") else {
        return;
    };
    let items = View::of(root, items);
    let properties = items.get("properties").and_then(Value::as_object);
    let mut sums = 0;
    for (name, property) in properties.into_iter().flatten() {
        let words = Words::of(name);
        let one = View::of(root, property);
        let number = matches!(one.one_type(root), Some("number" | "integer")) && !one.has("x-mask");
        if number && sums < 3 && words.any("price amount total cost quantity qty preis menge betrag prix precio preco")
        {
            found.push((format!("{joined}_{name}_sum"), format!("sum({dotted}.map(p, p.{name}))")));
            sums += 1;
        }
    }
}
