//! Contracts from the JSON Schema of a Pydantic model: what is worth adding to it.
//!
//! The document stays what it is; suggestions name the place and the keyword. Each was tried: what the contract would not
//! load with is not suggested.

mod places;

use super::features;
use super::view::View;
use super::words::Words;
use crate::contract::{Contract, LoadError, Problem};
use places::Spot;
use serde_json::{Map, Value, json};

/// Something worth adding to a contract.
#[derive(Clone, Debug, PartialEq)]
pub struct Suggestion {
    /// JSON Pointer of the schema that takes the keyword.
    pub pointer: String,
    /// The keyword.
    pub keyword: &'static str,
    /// Its value.
    pub value: Value,
    /// Why, in a few words.
    pub why: String,
}

/// What is worth adding to a schema.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Advice {
    /// What the contract takes.
    pub suggestions: Vec<Suggestion>,
    /// Masks of fields that look personal, in places that take none: their author must find another way.
    pub unplaced: Vec<Suggestion>,
}

/// What is worth adding to the schema of a model.
///
/// # Errors
/// Every fault with the JSON Pointer of its place: not JSON, no object, what a contract does not support, and whatever
/// shows that the schema describes what the model writes instead of what it reads.
///
/// # Example
/// ```
/// use tamis::draft::pydantic::suggest;
/// let schema = br#"{"title": "User", "type": "object", "properties": {"email": {"type": "string"}}}"#;
/// let advice = suggest(schema).unwrap();
/// assert!(advice.suggestions.iter().any(|one| one.pointer == "/properties/email" && one.keyword == "x-mask"));
/// ```
pub fn suggest(schema: &[u8]) -> Result<Advice, Vec<LoadError>> {
    let document: Value = serde_json::from_slice(schema).unwrap_or_default();
    let mut faults = serialisation_faults(&document);
    faults.extend(Contract::load(schema).err().into_iter().flatten());
    if !faults.is_empty() {
        return Err(faults);
    }
    let mut document = document;
    let candidates: Vec<Suggestion> =
        places::spots(&document).iter().flat_map(|spot| at_property(&document, spot)).collect();
    let wanted = candidates.clone();
    let mut suggestions = tried(&mut document, candidates);
    let top = at_record(&document);
    suggestions.extend(tried(&mut document, top));
    let features = features::suggest(&document);
    if !features.is_empty() && document.get("x-features").is_none() {
        let list: Vec<Value> = features.iter().map(|(name, expr)| json!({"name": name, "expr": expr})).collect();
        let features = Suggestion {
            pointer: String::new(),
            keyword: "x-features",
            value: Value::Array(list),
            why: "numbers, truth values, lists of values and sizes, none of them masked".into(),
        };
        suggestions.extend(tried(&mut document, vec![features]));
    }
    let placed =
        |mask: &Suggestion| suggestions.iter().any(|one| one.keyword == "x-mask" && one.pointer == mask.pointer);
    let unplaced = wanted.into_iter().filter(|one| one.keyword == "x-mask" && !placed(one)).collect();
    Ok(Advice { suggestions, unplaced })
}

/// The schema with the suggestions in it, and a name for the contract.
#[must_use]
pub fn apply(schema: &[u8], suggestions: &[Suggestion]) -> Option<Value> {
    let mut document: Value = serde_json::from_slice(schema).ok()?;
    let title = View::of(&document, &document).get("title").and_then(Value::as_str).unwrap_or("contract");
    let name = Words::of(title).snake();
    let root = document.as_object_mut()?;
    root.entry("x-contract").or_insert_with(|| json!({"name": name, "version": "1.0.0"}));
    for suggestion in suggestions {
        put(&mut document, suggestion);
    }
    Some(document)
}

fn put(document: &mut Value, suggestion: &Suggestion) {
    if let Some(Value::Object(schema)) = document.pointer_mut(&suggestion.pointer) {
        schema.insert(suggestion.keyword.to_owned(), suggestion.value.clone());
    }
}

fn loads(document: &Value) -> bool {
    Contract::load(document.to_string().as_bytes()).is_ok()
}

/// Puts what loads into the document and answers what that was. A mask that does not fit becomes `drop`.
fn tried(document: &mut Value, candidates: Vec<Suggestion>) -> Vec<Suggestion> {
    let mut all = document.clone();
    for one in &candidates {
        put(&mut all, one);
    }
    if loads(&all) {
        *document = all;
        return candidates;
    }
    let mut good = Vec::new();
    for one in candidates {
        let harder = (one.keyword == "x-mask").then(|| Suggestion { value: json!("drop"), ..one.clone() });
        for one in [Some(one), harder].into_iter().flatten() {
            let mut with = document.clone();
            put(&mut with, &one);
            if loads(&with) {
                *document = with;
                good.push(one);
                break;
            }
        }
    }
    good
}

fn at_property(document: &Value, spot: &Spot) -> Vec<Suggestion> {
    let view = View::of(document, &spot.schema);
    let mut found = Vec::new();
    let mut suggest = |keyword, value, why: &str| {
        if !view.has(keyword) {
            found.push(Suggestion { pointer: spot.pointer.clone(), keyword, value, why: why.to_owned() });
        }
    };
    let shape = places::Shape::of(document, &view);
    if let Some((steps, why)) = shape.normalisers(&view) {
        suggest("x-normalize", steps, why);
    }
    let class = shape.class(&spot.name, &spot.parent);
    if let Some((class, mask)) = class.and_then(|class| Some((class.name, shape.mask(class)?))) {
        let why = class.replace('_', " ");
        if class != places::WEB_ADDRESS {
            suggest("x-pii", json!(class), &why);
        }
        suggest("x-mask", mask, &why);
    } else if class.is_some_and(|class| class.treatment == super::personal::Treatment::Quasi) && shape.is_scalar() {
        suggest("x-quasi", json!(true), "tells people apart together with other fields");
    }
    found
}

/// What the record as a whole lacks.
fn at_record(document: &Value) -> Vec<Suggestion> {
    let view = View::of(document, document);
    let own = Words::of(view.get("title").and_then(Value::as_str).unwrap_or_default());
    let required: Vec<&str> =
        view.get("required").and_then(Value::as_array).into_iter().flatten().filter_map(Value::as_str).collect();
    let mut best: Option<(u8, &str)> = None;
    for (name, property) in view.get("properties").and_then(Value::as_object).into_iter().flatten() {
        let words = Words::of(name);
        let named = matches!(words.last(), "id" | "uuid" | "guid");
        let of = View::of(document, property);
        let scalar = matches!(of.one_type(document), Some("string" | "integer"));
        if !(named && scalar && required.contains(&name.as_str())) || name.contains('.') {
            continue;
        }
        let rank = match words.count() {
            1 => 3,
            _ if own.any(words.first()) => 2,
            _ => 1,
        };
        if best.is_none_or(|(known, _)| rank > known) {
            best = Some((rank, name));
        }
    }
    let id = best.filter(|_| document.get("x-id").is_none());
    let why = "the field that names a record".to_owned();
    id.map(|(_, name)| Suggestion { pointer: String::new(), keyword: "x-id", value: json!(name), why })
        .into_iter()
        .collect()
}

/// Schemas of what a model writes list computed fields and may require what has a default: a reader must not.
fn serialisation_faults(document: &Value) -> Vec<LoadError> {
    let mut faults = Vec::new();
    places::each_object(document, &mut |pointer, object: &Map<String, Value>| {
        let required = object.get("required").and_then(Value::as_array);
        for (name, property) in object.get("properties").and_then(Value::as_object).into_iter().flatten() {
            let needed = required.is_some_and(|required| required.iter().any(|one| one == name));
            let computed = property.get("readOnly") == Some(&Value::Bool(true));
            let defaulted = property.get("default").is_some();
            if !needed || !(computed || defaulted) {
                continue;
            }
            let what = if computed { "a computed field (readOnly)" } else { "required although it has a default" };
            let text = format!(
                "{name} is {what}: the schema is of mode \"serialization\", which says what the model writes; save \
                 Model.model_json_schema(), whose mode is \"validation\""
            );
            let pointer = format!("{pointer}/properties/{}", places::escape(name));
            faults.push(LoadError { pointer, problem: Problem::Contradiction(text) });
        }
    });
    faults
}

#[cfg(test)]
mod tests {
    use super::*;

    fn applied(schema: &Value) -> Value {
        let bytes = schema.to_string();
        let suggestions = suggest(bytes.as_bytes()).unwrap().suggestions;
        let applied = apply(bytes.as_bytes(), &suggestions).unwrap();
        Contract::load(applied.to_string().as_bytes()).unwrap();
        applied
    }

    #[test]
    fn annotates_where_the_property_stands() {
        let applied = applied(&json!({
            "$defs": {
                "Address": {"title": "Address", "type": "object", "properties": {
                    "street": {"type": "string"}, "zip": {"anyOf": [{"type": "string"}, {"type": "null"}], "default": null},
                    "city": {"type": "string"}}},
                "Contact": {"title": "Contact", "type": "string", "format": "email"}
            },
            "title": "ShopUser", "type": "object", "required": ["id", "e"],
            "properties": {
                "id": {"type": "integer"},
                "e": {"$ref": "#/$defs/Contact"},
                "home": {"$ref": "#/$defs/Address"},
                "names": {"type": "array", "items": {"type": "string"}},
                "score": {"type": "number"},
                "kept": {"type": "string", "x-mask": "keep", "x-pii": "email", "format": "email"},
                "status": {"enum": ["new", "old"], "type": "string"},
                "password": {"type": "string", "writeOnly": true}
            }
        }));
        let at = |pointer: &str| applied.pointer(pointer).cloned().unwrap_or_default();
        assert_eq!(
            at("/properties/e"),
            json!({"$ref": "#/$defs/Contact", "x-normalize": ["trim", "lowercase_domain"],
            "x-pii": "email", "x-mask": "pseudonym"})
        );
        assert_eq!(at("/$defs/Contact"), json!({"title": "Contact", "type": "string", "format": "email"}));
        assert_eq!(at("/$defs/Address/properties/street/x-mask"), "drop");
        assert_eq!(at("/$defs/Address/properties/zip/x-mask"), json!({"op": "generalise", "prefix": 2}));
        assert_eq!(at("/$defs/Address/properties/city/x-quasi"), true);
        assert_eq!(at("/properties/names/x-mask"), "pseudonym");
        assert_eq!(at("/properties/kept/x-mask"), "keep");
        assert_eq!(at("/properties/password/x-mask"), "drop");
        assert_eq!(at("/properties/score/x-normalize"), json!(["number"]));
        assert_eq!(at("/x-contract"), json!({"name": "shop_user", "version": "1.0.0"}));
        assert_eq!(at("/x-id"), "id");
        assert_eq!(
            at("/x-features"),
            json!([{"name": "names_count", "expr": "size(names)"}, {"name": "score", "expr": "score"},
            {"name": "status", "expr": "status"}])
        );
        // What was there stands where it stood.
        let keys: Vec<&str> = applied.as_object().unwrap().keys().take(5).map(String::as_str).collect();
        assert_eq!(keys, ["$defs", "title", "type", "required", "properties"]);
    }

    #[test]
    fn faults_have_their_places() {
        let faults = |schema: &str| -> Vec<String> {
            suggest(schema.as_bytes()).unwrap_err().iter().map(|fault| fault.pointer.clone()).collect()
        };
        assert_eq!(faults("{"), [""]);
        assert_eq!(faults("[]"), [""]);
        assert_eq!(
            faults(r#"{"type": "object", "properties": {"a": {"x-masks": 1}, "b": {"typo": 1}}}"#),
            ["/properties/a", "/properties/b"]
        );
        let computed =
            r#"{"type": "object", "required": ["a"], "properties": {"a": {"type": "integer", "readOnly": true}}}"#;
        assert_eq!(faults(computed), ["/properties/a"]);
    }

    #[test]
    fn deep_and_odd_documents_do_no_harm() {
        let mut deep = json!({"type": "string"});
        for _ in 0..60 {
            deep = json!({"type": "object", "properties": {"x": deep}});
        }
        assert!(suggest(deep.to_string().as_bytes()).is_err());
        let recursive = json!({"$defs": {"N": {"$ref": "#/$defs/N"}}, "$ref": "#/$defs/N"});
        assert!(suggest(recursive.to_string().as_bytes()).is_err());
    }
}
