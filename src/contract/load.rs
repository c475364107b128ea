//! The document -> compiled fields. Faults are collected, so that one run names them all.
//!
//! A place in a record may be described by several schemas at once: a schema, the target of its `$ref`, the members of
//! its `allOf`. The loader gathers them (`parts`), because all of them have to hold, and makes one field of them
//! (`structure`). Alternatives become forms of a field (`union`); what can only say yes or no becomes an assertion
//! (`schema`).

mod parts;
mod record;
mod schema;
mod structure;
mod union;
mod values;

use super::field::{Field, FieldId, Severity};
use super::schema::{Schema as Assertion, SchemaId};
use super::{Contract, Formats, LoadError, Problem, sha256_hex};
use crate::mask::Mask;
use crate::record::check_json;
use parts::{Identity, Parts};
use serde_json::{Map, Value};
use std::collections::BTreeMap;

type Schema = Map<String, Value>;

/// Deepest nesting of fields, references followed.
const MOST_DEPTH: usize = 32;
/// Most fields of a contract, references followed.
const MOST_FIELDS: usize = 10_000;

pub(super) fn load(bytes: &[u8], formats: Formats) -> Result<Contract, Vec<LoadError>> {
    let at_root = |problem| vec![LoadError { pointer: String::new(), problem }];
    check_json(bytes).map_err(|error| at_root(Problem::NotJson(error)))?;
    let not_object = || at_root(Problem::Unsupported("a contract that is not a JSON object".into()));
    let Ok(Value::Object(root)) = serde_json::from_slice(bytes) else {
        return Err(not_object());
    };
    let mut loader = Loader::new(&root, formats);
    let parts = loader.gather_root();
    loader.field(parts, &Place::default(), Mask::Keep);
    loader.unused_definitions();
    loader.unending();
    loader.settle_defaults();
    loader.open_fields();
    let dynamic = |field: &Field| !field.patterns.is_empty() || field.additional.is_some();
    let mut contract = Contract {
        dynamic: loader.fields.iter().any(dynamic),
        name: String::new(),
        version: String::new(),
        sha256: sha256_hex(bytes),
        source: bytes.to_vec(),
        fields: std::mem::take(&mut loader.fields),
        schemas: std::mem::take(&mut loader.schemas),
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

/// Where the loader stands in a record.
#[derive(Clone, Default)]
struct Place {
    record: String,
    depth: usize,
    required: bool,
    repeated: bool,
    /// The field of which a form is being made.
    owner: Option<FieldId>,
    /// What a form takes over from that field.
    severity: Severity,
}

impl Place {
    fn below(&self, name: &str, repeated: bool, required: bool) -> Self {
        Self {
            record: format!("{}/{name}", self.record),
            depth: self.depth + 1,
            required,
            repeated: self.repeated || repeated,
            owner: None,
            severity: Severity::Error,
        }
    }

    fn property(&self, name: &str, required: bool) -> Self {
        self.below(&escape(name), false, required)
    }

    /// An item of a list, or a member under any name.
    fn any(&self) -> Self {
        self.below("*", true, false)
    }

    fn form_of(&self, owner: FieldId, severity: Severity) -> Self {
        Self { owner: self.owner.or(Some(owner)), depth: self.depth + 1, severity, ..self.clone() }
    }
}

/// A name as a JSON Pointer holds it (RFC 6901).
fn escape(name: &str) -> String {
    name.replace('~', "~0").replace('/', "~1")
}

/// The identity of a schema in the document, which does not change while it is loaded.
type Address = *const Schema;

struct Loader<'s> {
    root: &'s Schema,
    formats: Formats,
    fields: Vec<Field>,
    schemas: Vec<Assertion>,
    faults: Vec<LoadError>,
    warnings: Vec<String>,
    /// The first field of each pointer.
    columns: BTreeMap<String, FieldId>,
    /// The schemas that refer to the one being gathered.
    chain: Vec<Address>,
    /// What is being compiled around the current place, to find recursion.
    open: Vec<Identity>,
    /// Fields that recursion leads to, by what they are made of and the mask that they inherit.
    recursive: Vec<(Identity, Mask, FieldId)>,
    assertions: BTreeMap<Address, SchemaId>,
    /// Defaults to be checked once all is compiled.
    defaults: Vec<(Vec<SchemaId>, Value, String)>,
}

impl<'s> Loader<'s> {
    fn new(root: &'s Schema, formats: Formats) -> Self {
        Self {
            root,
            formats,
            fields: Vec::new(),
            schemas: Vec::new(),
            faults: Vec::new(),
            warnings: Vec::new(),
            columns: BTreeMap::new(),
            chain: Vec::new(),
            open: Vec::new(),
            recursive: Vec::new(),
            assertions: BTreeMap::new(),
            defaults: Vec::new(),
        }
    }

    /// One fault is named once, however often its schema is used.
    fn fault(&mut self, at: &str, problem: Problem) {
        let fault = LoadError { pointer: at.to_owned(), problem };
        if !self.faults.contains(&fault) {
            self.faults.push(fault);
        }
    }

    fn invalid(&mut self, at: &str, keyword: &str, expected: &str) {
        self.fault(at, Problem::Invalid { keyword: keyword.to_owned(), expected: expected.to_owned() });
    }

    fn unsupported(&mut self, at: &str, what: impl Into<String>) {
        self.fault(at, Problem::Unsupported(what.into()));
    }

    fn contradiction(&mut self, at: &str, what: impl Into<String>) {
        self.fault(at, Problem::Contradiction(what.into()));
    }

    fn warn(&mut self, warning: String) {
        if !self.warnings.contains(&warning) {
            self.warnings.push(warning);
        }
    }

    fn gather_root(&mut self) -> Parts<'s> {
        let mut parts = Parts::default();
        self.gather_schema(self.root, "", &mut parts);
        parts
    }

    /// A definition that is never used still must not hide a typing error.
    fn unused_definitions(&mut self) {
        let root: &'s Schema = self.root;
        match root.get("$defs") {
            None => {}
            Some(Value::Object(definitions)) => {
                for (name, definition) in definitions {
                    self.assertion(definition, &format!("/$defs/{}", escape(name)));
                }
            }
            Some(_) => self.invalid("", "$defs", "an object of schemas"),
        }
    }
}
