//! All schemas that hold at one place: a schema, what it refers to, and the members of `allOf`.

use super::{Address, Loader, Schema, escape};
use crate::contract::Problem;
use crate::contract::keywords::{Use, usage};
use serde_json::Value;

/// One schema that holds at a place.
#[derive(Clone)]
pub(super) struct Part<'s> {
    pub(super) schema: &'s Schema,
    /// JSON Pointer of the schema in the contract.
    pub(super) at: String,
    /// Whether its annotations (`x-normalize`, `default`, …) count; they do not where another field has dealt with them.
    pub(super) annotates: bool,
    /// `anyOf` or `oneOf`, where another step has dealt with it.
    pub(super) handled: Vec<&'static str>,
}

impl<'s> Part<'s> {
    /// The value of a keyword, unless it was dealt with.
    pub(super) fn get(&self, keyword: &str) -> Option<&'s Value> {
        if self.handled.contains(&keyword) { None } else { self.schema.get(keyword) }
    }

    pub(super) fn address(&self) -> Address {
        std::ptr::from_ref(self.schema)
    }
}

/// See [`Parts::identity`].
#[derive(Clone, PartialEq, Eq)]
pub(super) struct Identity {
    parts: Vec<(Address, bool, Vec<&'static str>)>,
    never: bool,
}

impl Identity {
    /// A schema that asks for nothing leads nowhere.
    pub(super) fn is_empty(&self) -> bool {
        self.parts.is_empty()
    }
}

/// All schemas that hold at a place.
#[derive(Clone, Default)]
pub(super) struct Parts<'s> {
    pub(super) list: Vec<Part<'s>>,
    /// One of them is `false`.
    pub(super) never: bool,
}

impl<'s> Parts<'s> {
    /// An annotation: the nearest schema that has it decides.
    pub(super) fn annotation(&self, keyword: &str) -> Option<(&'s Value, &Part<'s>)> {
        let mut parts = self.list.iter().filter(|part| part.annotates);
        parts.find_map(|part| Some((part.get(keyword)?, part)))
    }

    pub(super) fn has(&self, keyword: &str) -> bool {
        self.list.iter().any(|part| part.get(keyword).is_some())
    }

    /// Where faults of the place are said to lie.
    pub(super) fn at(&self) -> String {
        self.list.first().map(|part| part.at.clone()).unwrap_or_default()
    }

    /// What tells a place that was met before from a new one: the schemas, and what of them was dealt with already.
    pub(super) fn identity(&self) -> Identity {
        let mut parts: Vec<_> =
            self.list.iter().map(|part| (part.address(), part.annotates, part.handled.clone())).collect();
        parts.sort_unstable();
        Identity { parts, never: self.never }
    }
}

impl<'s> Loader<'s> {
    /// Adds a schema to the parts of a place, with all that holds because it does.
    pub(super) fn gather(&mut self, value: &'s Value, at: &str, parts: &mut Parts<'s>) {
        match value {
            Value::Bool(true) => {}
            Value::Bool(false) => parts.never = true,
            Value::Object(schema) => self.gather_schema(schema, at, parts),
            _ => self.invalid(at, at.rsplit('/').next().unwrap_or_default(), "a schema"),
        }
    }

    pub(super) fn gather_schema(&mut self, schema: &'s Schema, at: &str, parts: &mut Parts<'s>) {
        if self.chain.contains(&std::ptr::from_ref(schema)) {
            self.contradiction(at, "a $ref leads to itself");
            return;
        }
        // A schema that holds twice holds once.
        if parts.list.iter().any(|part| std::ptr::eq(part.schema, schema)) {
            return;
        }
        self.keywords(schema, at);
        self.chain.push(schema);
        parts.list.push(Part { schema, at: at.to_owned(), annotates: true, handled: Vec::new() });
        if let Some(reference) = schema.get("$ref")
            && let Some((target, at)) = self.target(reference, at)
        {
            self.gather(target, &at, parts);
        }
        for (index, member) in self.list_of_schemas(schema, "allOf", at).iter().enumerate() {
            self.gather(member, &format!("{at}/allOf/{index}"), parts);
        }
        self.chain.pop();
    }

    /// The schemas of a keyword that takes a list of them; empty, with a fault, where it has something else.
    pub(super) fn list_of_schemas(&mut self, schema: &'s Schema, keyword: &str, at: &str) -> &'s [Value] {
        match schema.get(keyword) {
            None => &[],
            Some(Value::Array(list)) if !list.is_empty() => list,
            Some(_) => {
                self.invalid(at, keyword, "a list of schemas");
                &[]
            }
        }
    }

    /// The schemas of a keyword that takes an object of them.
    pub(super) fn map_of_schemas(&mut self, schema: &'s Schema, keyword: &str, at: &str) -> Vec<(&'s str, &'s Value)> {
        match schema.get(keyword) {
            None => Vec::new(),
            Some(Value::Object(map)) => map.iter().map(|(name, value)| (name.as_str(), value)).collect(),
            Some(_) => {
                self.invalid(at, keyword, "an object of schemas");
                Vec::new()
            }
        }
    }

    /// What `$ref` leads to, with its place in the contract.
    pub(super) fn target(&mut self, reference: &Value, at: &str) -> Option<(&'s Value, String)> {
        let Some(text) = reference.as_str() else {
            self.invalid(at, "$ref", "the place of a schema within the contract, such as #/$defs/Name");
            return None;
        };
        if text == "#" || text == "#/" {
            self.unsupported(at, "a $ref to the record itself");
            return None;
        }
        let found = text.strip_prefix("#/").and_then(percent_decoded).and_then(|pointer| {
            let mut parts = pointer.split('/').map(|part| part.replace("~1", "/").replace("~0", "~"));
            let first = self.root.get(&parts.next()?)?;
            let target = parts.try_fold(first, |value, part| match value {
                Value::Object(map) => map.get(&part),
                Value::Array(list) => list.get(part.parse::<usize>().ok()?),
                _ => None,
            })?;
            Some((target, format!("/{pointer}")))
        });
        if found.is_none() {
            self.invalid(at, "$ref", "the place of a schema within the contract, such as #/$defs/Name");
        }
        found
    }

    pub(super) fn keywords(&mut self, schema: &'s Schema, at: &str) {
        let root = std::ptr::eq(schema, self.root);
        for (keyword, value) in schema {
            let problem = match usage(keyword) {
                Use::RecordOnly if root => continue,
                Use::RecordOnly => Problem::Unsupported(format!("{keyword} anywhere but on the record")),
                Use::Unsupported => Problem::Unsupported(format!("the keyword {keyword}")),
                Use::Unknown => Problem::UnknownKeyword(keyword.clone()),
                // It would change what the references below it mean.
                Use::Annotation if keyword == "$id" && !root => {
                    Problem::Unsupported("$id anywhere but on the record".into())
                }
                Use::Annotation if keyword == "$schema" && !is_2020_12(value) => {
                    Problem::Unsupported("a $schema other than https://json-schema.org/draft/2020-12/schema".into())
                }
                Use::Compiled | Use::Annotation => continue,
            };
            self.fault(at, problem);
        }
        self.about_people(schema, at);
    }

    fn about_people(&mut self, schema: &Schema, at: &str) {
        if schema.get("x-pii").is_some_and(|value| !value.is_string()) {
            self.invalid(at, "x-pii", "the class of personal data, as text");
        }
        if schema.get("x-quasi").is_some_and(|value| !value.is_boolean()) {
            self.invalid(at, "x-quasi", "true or false");
        }
    }

    /// Refuses annotations where nothing would come of them: a mask that is not applied is a leak.
    pub(super) fn no_annotations(&mut self, value: &'s Value, at: &str) {
        if let Some(keyword) = self.annotated(value, &mut Vec::new()) {
            self.unsupported(at, format!("{keyword} at a place that says only whether a record is valid"));
        }
    }

    /// The first `x-` keyword in a schema or in what it refers to.
    pub(super) fn annotated(&mut self, value: &'s Value, seen: &mut Vec<Address>) -> Option<&'s str> {
        match value {
            Value::Array(list) => list.iter().find_map(|value| self.annotated(value, seen)),
            Value::Object(schema) => {
                let address = std::ptr::from_ref(schema);
                if seen.contains(&address) {
                    return None;
                }
                seen.push(address);
                schema.iter().find_map(|(keyword, value)| match keyword.as_str() {
                    "$ref" => self.quiet_target(value).and_then(|target| self.annotated(target, seen)),
                    "enum" | "const" | "default" | "examples" => None,
                    "properties" | "patternProperties" | "dependentSchemas" | "$defs" => {
                        value.as_object()?.values().find_map(|value| self.annotated(value, seen))
                    }
                    keyword if keyword.starts_with("x-") => Some(keyword),
                    _ => self.annotated(value, seen),
                })
            }
            _ => None,
        }
    }

    /// Like [`Loader::target`], where a bad reference is said elsewhere.
    pub(super) fn quiet_target(&mut self, reference: &Value) -> Option<&'s Value> {
        let faults = self.faults.len();
        let target = self.target(reference, "");
        self.faults.truncate(faults);
        target.map(|(target, _)| target)
    }
}

fn is_2020_12(value: &Value) -> bool {
    value.as_str().is_some_and(|uri| uri.trim_end_matches('#') == "https://json-schema.org/draft/2020-12/schema")
}

/// A pointer in a URI's fragment (RFC 6901 §6).
fn percent_decoded(text: &str) -> Option<String> {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.bytes();
    while let Some(byte) = rest.next() {
        if byte == b'%' {
            let digits = [rest.next()?, rest.next()?];
            bytes.push(u8::from_str_radix(std::str::from_utf8(&digits).ok()?, 16).ok()?);
        } else {
            bytes.push(byte);
        }
    }
    String::from_utf8(bytes).ok()
}

/// The place of a keyword's member in the contract.
pub(super) fn member(at: &str, keyword: &str, name: &str) -> String {
    format!("{at}/{keyword}/{}", escape(name))
}
