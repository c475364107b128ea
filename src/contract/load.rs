//! The document -> compiled fields. Faults are collected, so that one run names them all.

mod record;
mod values;

use super::field::{Field, FieldId, Property};
use super::keywords::{Use, usage};
use super::{Contract, LoadError, Problem, sha256_hex};
use crate::mask::Mask;
use crate::record::check_json;
use serde_json::{Map, Value};

type Schema = Map<String, Value>;

/// Deepest nesting of fields, references followed.
const MOST_DEPTH: usize = 32;
/// Most fields of a contract, references followed.
const MOST_FIELDS: usize = 10_000;
/// Longest pattern, in bytes: compiling is bounded too.
const LONGEST_PATTERN: usize = 4096;

pub(super) fn load(bytes: &[u8]) -> Result<Contract, Vec<LoadError>> {
    let at_root = |problem| vec![LoadError { pointer: String::new(), problem }];
    check_json(bytes).map_err(|error| at_root(Problem::NotJson(error)))?;
    let not_object = || at_root(Problem::Unsupported("a contract that is not a JSON object".into()));
    let Ok(Value::Object(root)) = serde_json::from_slice(bytes) else {
        return Err(not_object());
    };
    let mut loader = Loader { root: &root, fields: Vec::new(), faults: Vec::new(), warnings: Vec::new() };
    let place = Place::default();
    loader.field(&root, &place, Mask::Keep);
    let mut contract = Contract {
        name: String::new(),
        version: String::new(),
        sha256: sha256_hex(bytes),
        source: bytes.to_vec(),
        fields: std::mem::take(&mut loader.fields),
        id: None,
        unique: Vec::new(),
        rules: Vec::new(),
        features: Vec::new(),
        warnings: Vec::new(),
    };
    loader.record(&mut contract);
    if loader.faults.is_empty() {
        contract.warnings = loader.warnings;
        Ok(contract)
    } else {
        Err(loader.faults)
    }
}

/// Where the loader stands: in the contract (for errors), and in a record (for paths).
#[derive(Clone, Default)]
struct Place {
    schema: String,
    record: String,
    depth: usize,
    required: bool,
    repeated: bool,
}

impl Place {
    fn keyword(&self, keyword: &str) -> Self {
        Self { schema: format!("{}/{}", self.schema, escape(keyword)), ..self.clone() }
    }

    fn property(&self, name: &str, required: bool) -> Self {
        Self {
            schema: format!("{}/properties/{}", self.schema, escape(name)),
            record: format!("{}/{}", self.record, escape(name)),
            depth: self.depth + 1,
            required,
            repeated: self.repeated,
        }
    }

    fn items(&self) -> Self {
        Self {
            schema: format!("{}/items", self.schema),
            record: format!("{}/*", self.record),
            depth: self.depth + 1,
            required: false,
            repeated: true,
        }
    }
}

/// A name as a JSON Pointer holds it (RFC 6901).
fn escape(name: &str) -> String {
    name.replace('~', "~0").replace('/', "~1")
}

struct Loader<'s> {
    root: &'s Schema,
    fields: Vec<Field>,
    faults: Vec<LoadError>,
    warnings: Vec<String>,
}

impl Loader<'_> {
    fn fault(&mut self, place: &Place, problem: Problem) {
        self.faults.push(LoadError { pointer: place.schema.clone(), problem });
    }

    fn invalid(&mut self, place: &Place, keyword: &str, expected: &str) {
        self.fault(place, Problem::Invalid { keyword: keyword.to_owned(), expected: expected.to_owned() });
    }

    /// Compiles one schema and what lies below it; answers its field.
    fn field(&mut self, schema: &Schema, place: &Place, inherited: Mask) -> FieldId {
        let id = FieldId(self.fields.len());
        self.fields.push(Field::empty());
        if place.depth > MOST_DEPTH || self.fields.len() > MOST_FIELDS {
            self.fault(place, Problem::Unsupported("a recursive or overlong contract".into()));
            return id;
        }
        let Some((schema, nullable)) = self.resolve(schema, place) else {
            return id;
        };
        self.keywords(&schema, place);
        let mut field = Field {
            pointer: place.record.clone(),
            required: place.required,
            repeated: place.repeated,
            types: self.types(&schema, nullable, place),
            severity: self.severity(&schema, place),
            unknown: self.unknown(&schema, place),
            ..Field::empty()
        };
        field.normalise = self.normalisers(&schema, place);
        field.checks = self.checks(&schema, place);
        field.default = self.default(&schema, &field, place);
        field.mask = self.mask(&schema, &field, place).unwrap_or(inherited);
        let below = if field.mask.covers_items() { field.mask.clone() } else { Mask::Keep };
        field.properties = self.properties(&schema, place, &below);
        if let Some(items) = schema.get("items") {
            if let Value::Object(items) = items {
                field.items = Some(self.field(items, &place.items(), below));
            } else {
                self.invalid(place, "items", "a schema");
            }
        }
        if let Some(slot) = self.fields.get_mut(id.0) {
            *slot = field;
        }
        id
    }

    /// Follows `$ref` and unfolds `anyOf` with null, until the schema stands alone.
    fn resolve(&mut self, schema: &Schema, place: &Place) -> Option<(Schema, bool)> {
        let mut schema = schema.clone();
        let mut or_null = false;
        for _ in 0..MOST_DEPTH {
            if let Some(reference) = schema.remove("$ref") {
                let target = reference.as_str().and_then(|reference| self.target(reference));
                let Some(target) = target else {
                    self.invalid(place, "$ref", "a reference to a schema within the contract, such as #/$defs/Name");
                    return None;
                };
                schema = self.merge(target, schema, place)?;
            } else if let Some(choices) = schema.remove("anyOf") {
                let (choice, null) = nullable(&choices).or_else(|| {
                    self.fault(place, Problem::Unsupported("anyOf, but for one schema or null,".into()));
                    None
                })?;
                schema = self.merge(choice, schema, place)?;
                or_null |= null;
            } else {
                return Some((schema, or_null));
            }
        }
        self.fault(place, Problem::Unsupported("a $ref that leads to itself".into()));
        None
    }

    fn target(&self, reference: &str) -> Option<Schema> {
        let pointer = reference.strip_prefix('#')?;
        let mut at = self.root;
        for part in pointer.split('/').skip(1) {
            at = at.get(&part.replace("~1", "/").replace("~0", "~"))?.as_object()?;
        }
        Some(at.clone())
    }

    /// `over` beside a reference adds to its target; saying the same keyword differently is a contradiction, unless
    /// it is an annotation.
    fn merge(&mut self, target: Schema, over: Schema, place: &Place) -> Option<Schema> {
        let mut merged = target;
        for (keyword, value) in over {
            let annotation = usage(&keyword) == Use::Annotation || keyword.starts_with("x-") || keyword == "default";
            match merged.get(&keyword) {
                Some(other) if *other != value && !annotation => {
                    let text =
                        format!("{keyword} stands here and in the schema that is referred to, with another value");
                    self.fault(place, Problem::Contradiction(text));
                    return None;
                }
                _ => merged.insert(keyword, value),
            };
        }
        Some(merged)
    }

    fn keywords(&mut self, schema: &Schema, place: &Place) {
        let root = place.record.is_empty();
        for keyword in schema.keys() {
            let problem = match usage(keyword) {
                Use::Compiled | Use::Annotation => continue,
                Use::RecordOnly if root => continue,
                Use::RecordOnly => Problem::Unsupported(format!("{keyword} anywhere but on the record")),
                Use::Unsupported => Problem::Unsupported(format!("the keyword {keyword}")),
                Use::Unknown => Problem::UnknownKeyword(keyword.clone()),
            };
            self.fault(place, problem);
        }
        for keyword in ["x-pii", "x-quasi"] {
            let good = match schema.get(keyword) {
                None => true,
                Some(value) if keyword == "x-pii" => value.is_string(),
                Some(value) => value.is_boolean(),
            };
            if !good {
                let expected = if keyword == "x-pii" { "the class of personal data, as text" } else { "true or false" };
                self.invalid(place, keyword, expected);
            }
        }
        // Definitions are checked where they are used; one that is never used still must not hide a typing error.
        if let Some(definitions) = schema.get("$defs") {
            if !root {
                self.fault(place, Problem::Unsupported("$defs anywhere but on the record".into()));
            }
            for (name, definition) in definitions.as_object().into_iter().flatten() {
                let place = place.keyword("$defs").keyword(name);
                match definition.as_object() {
                    Some(definition) => self.names(definition, &place),
                    None => self.invalid(&place, "$defs", "schemas"),
                }
            }
        }
    }

    /// Checks the keywords of a definition and of the schemas below it.
    fn names(&mut self, schema: &Schema, place: &Place) {
        for (keyword, value) in schema {
            match usage(keyword) {
                Use::Unsupported => self.fault(place, Problem::Unsupported(format!("the keyword {keyword}"))),
                Use::Unknown => self.fault(place, Problem::UnknownKeyword(keyword.clone())),
                _ => {}
            }
            match (keyword.as_str(), value) {
                ("properties", Value::Object(properties)) => {
                    for (name, property) in properties {
                        if let Value::Object(property) = property {
                            self.names(property, &place.property(name, false));
                        }
                    }
                }
                ("items", Value::Object(items)) => self.names(items, &place.items()),
                _ => {}
            }
        }
    }

    fn properties(&mut self, schema: &Schema, place: &Place, inherited: &Mask) -> Vec<Property> {
        let required: Vec<&str> = match schema.get("required") {
            None => Vec::new(),
            Some(Value::Array(names)) if names.iter().all(Value::is_string) => {
                names.iter().filter_map(Value::as_str).collect()
            }
            Some(_) => {
                self.invalid(place, "required", "a list of names");
                Vec::new()
            }
        };
        let stated = match schema.get("properties") {
            None => &Schema::new(),
            Some(Value::Object(stated)) => stated,
            Some(_) => {
                self.invalid(place, "properties", "an object of schemas");
                &Schema::new()
            }
        };
        for name in &required {
            if !stated.contains_key(*name) {
                self.fault(place, Problem::Contradiction(format!("{name} is required but is no property")));
            }
        }
        let mut properties = Vec::new();
        for (name, property) in stated {
            let required = required.contains(&name.as_str());
            let below = place.property(name, required);
            let Value::Object(property) = property else {
                self.invalid(&below, name, "a schema");
                continue;
            };
            properties.push(Property {
                name: name.clone(),
                field: self.field(property, &below, inherited.clone()),
                required,
            });
        }
        properties
    }
}

fn nullable(choices: &Value) -> Option<(Schema, bool)> {
    let is_null = |choice: &Value| choice.get("type").and_then(Value::as_str) == Some("null");
    match choices.as_array()?.as_slice() {
        [one] => Some((one.as_object()?.clone(), false)),
        [one, null] if is_null(null) => Some((one.as_object()?.clone(), true)),
        [null, one] if is_null(null) => Some((one.as_object()?.clone(), true)),
        _ => None,
    }
}
