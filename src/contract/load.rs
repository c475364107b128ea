//! The document -> compiled fields. Faults are collected, so that one run names them all.

use super::expr::{self, Fields, Type};
use super::field::{Check, Field, FieldId, Literal, Property, Severity, TextFormat, Types, Unknown};
use super::keywords::{Use, usage};
use super::{Contract, Feature, LoadError, Problem, Rule, sha256_hex};
use crate::mask::{self, Mask};
use crate::normalise::Normaliser;
use crate::record::check_json;
use regex_lite::RegexBuilder;
use serde_json::{Map, Value};

type Schema = Map<String, Value>;

/// Deepest nesting of fields, references followed.
const MOST_DEPTH: usize = 32;
/// Most fields of a contract, references followed.
const MOST_FIELDS: usize = 10_000;
/// Longest pattern, in bytes: compiling is bounded too.
const LONGEST_PATTERN: usize = 4096;

pub(super) fn load(bytes: &[u8]) -> Result<Contract, Vec<LoadError>> {
    let at_root = |problem| {
        vec![LoadError {
            pointer: String::new(),
            problem,
        }]
    };
    check_json(bytes).map_err(|error| at_root(Problem::NotJson(error)))?;
    let not_object = || at_root(Problem::Unsupported("a contract that is not a JSON object".into()));
    let Ok(Value::Object(root)) = serde_json::from_slice(bytes) else {
        return Err(not_object());
    };
    let mut loader = Loader {
        root: &root,
        fields: Vec::new(),
        faults: Vec::new(),
        warnings: Vec::new(),
    };
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
        Self {
            schema: format!("{}/{}", self.schema, escape(keyword)),
            ..self.clone()
        }
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

impl<'s> Loader<'s> {
    fn fault(&mut self, place: &Place, problem: Problem) {
        self.faults.push(LoadError {
            pointer: place.schema.clone(),
            problem,
        });
    }

    fn invalid(&mut self, place: &Place, keyword: &str, expected: &str) {
        self.fault(
            place,
            Problem::Invalid {
                keyword: keyword.to_owned(),
                expected: expected.to_owned(),
            },
        );
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
        field.properties = self.properties(&schema, place);
        if let Some(items) = schema.get("items") {
            field.items = match items {
                Value::Object(items) => Some(self.field(items, &place.items(), below)),
                _ => {
                    self.invalid(place, "items", "a schema");
                    None
                }
            };
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
                    let text = format!("{keyword} stands here and in the schema that is referred to, with another value");
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

    fn types(&mut self, schema: &Schema, nullable: bool, place: &Place) -> Types {
        let named = |name: &Value| name.as_str().and_then(Types::named);
        let types = match schema.get("type") {
            None => Some(Types::ANY),
            Some(Value::Array(names)) if !names.is_empty() => {
                names.iter().try_fold(Types::NONE, |all, name| Some(all.with(named(name)?)))
            }
            Some(name) => named(name),
        };
        let types = types.unwrap_or_else(|| {
            self.invalid(place, "type", "the name of a JSON type, or a list of them");
            Types::ANY
        });
        if place.record.is_empty() && !types.has(Types::OBJECT) {
            self.fault(place, Problem::Contradiction("a record is an object, but type says otherwise".into()));
        }
        if nullable { types.with(Types::NULL) } else { types }
    }

    fn severity(&mut self, schema: &Schema, place: &Place) -> Severity {
        match schema.get("x-severity").map(Value::as_str) {
            None | Some(Some("error")) => Severity::Error,
            Some(Some("warn")) => Severity::Warn,
            _ => {
                self.invalid(place, "x-severity", "error or warn");
                Severity::Error
            }
        }
    }

    fn unknown(&mut self, schema: &Schema, place: &Place) -> Unknown {
        let root = self.root.get("x-unknown");
        let stated = match schema.get("x-unknown").or(root).map(Value::as_str) {
            None => None,
            Some(Some("drop")) => Some(Unknown::Drop),
            Some(Some("keep")) => Some(Unknown::Keep),
            Some(Some("reject")) => Some(Unknown::Reject),
            _ => {
                self.invalid(place, "x-unknown", "drop, keep or reject");
                None
            }
        };
        match (schema.get("additionalProperties"), stated) {
            (None, stated) => stated.unwrap_or_default(),
            (Some(Value::Bool(true)), None) => Unknown::default(),
            (Some(Value::Bool(false)), None | Some(Unknown::Reject)) => Unknown::Reject,
            (Some(Value::Bool(true)), Some(stated)) if stated != Unknown::Reject => stated,
            (Some(Value::Bool(_)), Some(_)) => {
                let text = "additionalProperties and x-unknown contradict each other";
                self.fault(place, Problem::Contradiction(text.into()));
                Unknown::Reject
            }
            (Some(_), _) => {
                self.fault(place, Problem::Unsupported("a schema as additionalProperties".into()));
                Unknown::Reject
            }
        }
    }

    fn normalisers(&mut self, schema: &Schema, place: &Place) -> Vec<Normaliser> {
        let Some(stated) = schema.get("x-normalize") else {
            return Vec::new();
        };
        let Value::Array(stated) = stated else {
            self.invalid(place, "x-normalize", "a list of normalisers");
            return Vec::new();
        };
        let mut normalisers = Vec::new();
        for entry in stated {
            match Normaliser::read(entry) {
                Some(normaliser) => normalisers.push(normaliser),
                None => self.invalid(place, "x-normalize", &format!("names out of: {}", Normaliser::names())),
            }
        }
        normalisers
    }

    fn checks(&mut self, schema: &Schema, place: &Place) -> Vec<Check> {
        let mut checks = Vec::new();
        for (keyword, value) in schema {
            let number = || value.as_f64().filter(|value| value.is_finite());
            let count = || {
                value
                    .as_u64()
                    .or_else(|| value.as_f64().filter(|count| *count >= 0.0 && libm::trunc(*count) == *count).map(whole))
            };
            let (check, expected) = match keyword.as_str() {
                "enum" => (literals(value).map(Check::Enum), "a list of texts, numbers, booleans or null"),
                "const" => (literal(value).map(|value| Check::Enum(vec![value])), "a text, number, boolean or null"),
                "pattern" => (self.pattern(value, place), "a regular expression"),
                "format" => (self.format(value, place), "the name of a format"),
                "minLength" => (count().map(Check::MinLength), "a count"),
                "maxLength" => (count().map(Check::MaxLength), "a count"),
                "minItems" => (count().map(Check::MinItems), "a count"),
                "maxItems" => (count().map(Check::MaxItems), "a count"),
                "minProperties" => (count().map(Check::MinProperties), "a count"),
                "maxProperties" => (count().map(Check::MaxProperties), "a count"),
                "minimum" => (number().map(Check::Minimum), "a number"),
                "maximum" => (number().map(Check::Maximum), "a number"),
                "exclusiveMinimum" => (number().map(Check::ExclusiveMinimum), "a number"),
                "exclusiveMaximum" => (number().map(Check::ExclusiveMaximum), "a number"),
                "uniqueItems" => match value {
                    Value::Bool(true) => (Some(Check::UniqueItems), ""),
                    Value::Bool(false) => continue,
                    _ => (None, "true or false"),
                },
                _ => continue,
            };
            match check {
                Some(check) => checks.push(check),
                // An unsupported pattern or format has said so itself.
                None if matches!(keyword.as_str(), "pattern" | "format") && value.is_string() => {}
                None => self.invalid(place, keyword, expected),
            }
        }
        checks
    }

    fn pattern(&mut self, value: &Value, place: &Place) -> Option<Check> {
        let pattern = value.as_str()?;
        let compiled = (pattern.len() <= LONGEST_PATTERN)
            .then(|| RegexBuilder::new(pattern).size_limit(1 << 20).build().ok())
            .flatten();
        if compiled.is_none() {
            let text = format!("the pattern {pattern:?} (look-around, back-references and very large repetitions)");
            self.fault(place, Problem::Unsupported(text));
        }
        compiled.map(|regex| Check::Pattern(Box::new(regex)))
    }

    fn format(&mut self, value: &Value, place: &Place) -> Option<Check> {
        let name = value.as_str()?;
        let format = TextFormat::NAMES.iter().find(|(known, _)| *known == name);
        if format.is_none() {
            self.fault(place, Problem::Unsupported(format!("the format {name:?}")));
        }
        format.map(|(_, format)| Check::Format(*format))
    }

    fn default(&mut self, schema: &Schema, field: &Field, place: &Place) -> Option<Literal> {
        let value = schema.get("default")?;
        let Some(default) = literal(value) else {
            self.fault(place, Problem::Unsupported("a list or an object as default".into()));
            return None;
        };
        let types = match &default {
            Literal::Null => Types::NULL,
            Literal::Bool(_) => Types::BOOLEAN,
            Literal::Number { value, .. } if libm::trunc(*value) == *value => Types::INTEGER,
            Literal::Number { .. } => Types::NUMBER,
            Literal::Text(_) => Types::STRING,
        };
        let listed = field.values().is_none_or(|values| values.contains(&default));
        if !field.types.has(types) || !listed {
            self.fault(place, Problem::Contradiction("the default is not a value that the field may have".into()));
            return None;
        }
        Some(default)
    }

    fn mask(&mut self, schema: &Schema, field: &Field, place: &Place) -> Option<Mask> {
        let Some(stated) = schema.get("x-mask") else {
            if schema.contains_key("x-pii") {
                self.warnings.push(format!("{} is marked as personal (x-pii) but has no x-mask: it is kept", field.pointer));
            }
            return None;
        };
        match mask::read(stated, field) {
            Ok(mask) => Some(mask),
            Err(expected) => {
                self.invalid(place, "x-mask", &expected);
                None
            }
        }
    }

    fn properties(&mut self, schema: &Schema, place: &Place) -> Vec<Property> {
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
                field: self.field(property, &below, Mask::Keep),
                required,
            });
        }
        properties
    }

    /// What the record says beside its fields.
    fn record(&mut self, contract: &mut Contract) {
        let place = Place::default();
        let about = self.root.get("x-contract");
        let text = |key: &str| about?.get(key)?.as_str().map(ToOwned::to_owned);
        if about.is_some() && (text("name").is_none() || text("version").is_none()) {
            self.invalid(&place, "x-contract", "an object with name and version");
        }
        let title = self.root.get("title").and_then(Value::as_str);
        contract.name = text("name").unwrap_or_else(|| title.unwrap_or("contract").to_lowercase());
        contract.version = text("version").unwrap_or_else(|| "0".into());
        contract.id = match self.root.get("x-id") {
            None => None,
            Some(id) => self.key(id, "x-id", contract),
        };
        for name in self.list("x-unique") {
            let field = self.key(name, "x-unique", contract);
            contract.unique.extend(field);
        }
        for rule in self.list("x-rules") {
            self.rule(rule, contract);
        }
        for feature in self.list("x-features") {
            self.feature(feature, contract);
        }
    }

    fn list(&mut self, keyword: &str) -> &'s [Value] {
        let root: &'s Schema = self.root;
        match root.get(keyword) {
            None => &[],
            Some(Value::Array(list)) => list,
            Some(_) => {
                self.invalid(&Place::default(), keyword, "a list");
                &[]
            }
        }
    }

    fn key(&mut self, name: &Value, keyword: &str, contract: &Contract) -> Option<FieldId> {
        let path: Option<Vec<String>> = name.as_str().map(|name| name.split('.').map(ToOwned::to_owned).collect());
        let field = path.and_then(|path| contract.resolve(&path).ok());
        if field.is_none() {
            self.invalid(&Place::default(), keyword, "the path of a field, such as order_id or customer.id");
        }
        field
    }

    fn rule(&mut self, rule: &Value, contract: &mut Contract) {
        let place = Place::default().keyword("x-rules");
        let text = |key: &str| rule.get(key).and_then(Value::as_str);
        let known = |key: &String| matches!(key.as_str(), "id" | "assert" | "when" | "severity" | "message");
        let good = rule.as_object().is_some_and(|rule| rule.keys().all(known));
        let (true, Some(id), Some(source)) = (good, text("id"), text("assert")) else {
            self.invalid(&place, "a rule", "id, assert and, if wanted, when, severity and message");
            return;
        };
        if contract.rules.iter().any(|rule| rule.id == id) {
            self.fault(&place, Problem::Contradiction(format!("two rules have the id {id}")));
        }
        let severity = match text("severity") {
            None | Some("error") => Severity::Error,
            Some("warn") => Severity::Warn,
            Some(_) => {
                self.invalid(&place, "severity", "error or warn");
                Severity::Error
            }
        };
        let compiled = |source| expr::compile(source, &*contract, &[Type::Bool]);
        let when = text("when").map(compiled).transpose();
        match (compiled(source), when) {
            (Ok(assert), Ok(when)) => contract.rules.push(Rule {
                id: id.to_owned(),
                message: text("message").map(ToOwned::to_owned),
                source: source.to_owned(),
                severity,
                when,
                assert,
            }),
            (Err(error), _) | (_, Err(error)) => self.fault(
                &place,
                Problem::Expression {
                    name: id.to_owned(),
                    error,
                },
            ),
        }
    }

    fn feature(&mut self, feature: &Value, contract: &mut Contract) {
        let place = Place::default().keyword("x-features");
        let text = |key: &str| feature.get(key).and_then(Value::as_str);
        let known = |key: &String| matches!(key.as_str(), "name" | "expr");
        let good = feature.as_object().is_some_and(|feature| feature.keys().all(known));
        let (true, Some(name), Some(source)) = (good, text("name"), text("expr")) else {
            self.invalid(&place, "a feature", "name and expr");
            return;
        };
        if contract.features.iter().any(|feature| feature.name == name) {
            self.fault(&place, Problem::Contradiction(format!("two features have the name {name}")));
        }
        match expr::compile(source, &*contract, &[Type::Number, Type::Bool]) {
            Ok(program) => {
                // Features are computed from masked records alone: a dropped field would always be missing.
                for field in program.fields() {
                    if contract.field(*field).mask == Mask::Drop {
                        let text = format!("the feature {name} uses {}, which is dropped", contract.field(*field).pointer);
                        self.fault(&place, Problem::Contradiction(text));
                    }
                }
                contract.features.push(Feature {
                    name: name.to_owned(),
                    program,
                });
            }
            Err(error) => self.fault(
                &place,
                Problem::Expression {
                    name: name.to_owned(),
                    error,
                },
            ),
        }
    }
}

impl Fields for Contract {
    fn resolve(&self, path: &[String]) -> Result<FieldId, String> {
        let mut at = FieldId::ROOT;
        for name in path {
            let property = self.field(at).properties.iter().find(|property| property.name == *name);
            at = property
                .ok_or_else(|| format!("the contract has no field {}", path.join(".")))?
                .field;
        }
        Ok(at)
    }

    fn type_of(&self, field: FieldId) -> Option<Type> {
        let types = self.field(field).types.without(Types::NULL);
        [
            (Types::NUMBER, Type::Number),
            (Types::INTEGER, Type::Number),
            (Types::BOOLEAN, Type::Bool),
            (Types::STRING, Type::Text),
            (Types::ARRAY, Type::List),
            (Types::OBJECT, Type::Object),
        ]
        .into_iter()
        .find_map(|(one, found)| (types == one).then_some(found))
    }

    fn is_enum(&self, field: FieldId) -> bool {
        self.field(field).values().is_some()
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

#[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "the caller has checked for a whole count")]
fn whole(count: f64) -> u64 {
    count as u64
}

fn literal(value: &Value) -> Option<Literal> {
    Some(match value {
        Value::Null => Literal::Null,
        Value::Bool(value) => Literal::Bool(*value),
        Value::Number(number) => Literal::Number {
            text: number.to_string(),
            value: number.as_f64()?,
        },
        Value::String(text) => Literal::Text(text.clone()),
        Value::Array(_) | Value::Object(_) => return None,
    })
}

fn literals(value: &Value) -> Option<Vec<Literal>> {
    let values = value.as_array().filter(|values| !values.is_empty())?;
    values.iter().map(literal).collect()
}
