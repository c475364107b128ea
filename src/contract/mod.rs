//! JSON Schema 2020-12 with annotations -> a checked, compiled [`Contract`].
//!
//! A contract is one document. The standard's keywords say what a record must look like; the annotations say what is
//! repaired first (`x-normalize`), what is masked (`x-mask`), which rules hold over several fields (`x-rules`) and what
//! the model looks at (`x-features`). A keyword that is not known here makes the contract fail to load, by name: a
//! typing error must not become a leak.

mod error;
mod explain;
mod expr;
mod field;
mod format;
mod keywords;
mod load;
mod pattern;
mod schema;

pub use error::{LoadError, Problem};
pub use expr::ExprError;
pub(crate) use expr::{Outcome, Program, moment};
pub use field::Severity;
pub(crate) use field::{Check, Field, FieldId, Literal, Number, Property, Types, Union, Unknown};
pub(crate) use format::TextFormat;
pub(crate) use pattern::Pattern;
pub(crate) use schema::{Schema, SchemaId};

use sha2::{Digest, Sha256};
use std::fmt::Write;

/// What the keyword `format` does.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub enum Formats {
    /// A text that is not of its format rejects the record.
    #[default]
    Assert,
    /// It only describes a text, as JSON Schema 2020-12 has it where nobody says otherwise.
    Annotate,
}

/// A rule over several fields.
#[derive(Debug)]
pub(crate) struct Rule {
    pub(crate) id: String,
    pub(crate) message: Option<String>,
    pub(crate) source: String,
    pub(crate) severity: Severity,
    pub(crate) when: Option<Program>,
    pub(crate) assert: Program,
}

/// One number that the model looks at.
#[derive(Debug)]
pub(crate) struct Feature {
    pub(crate) name: String,
    pub(crate) program: Program,
}

/// A compiled contract. It is immutable; every stage borrows it.
#[derive(Debug)]
pub struct Contract {
    name: String,
    version: String,
    sha256: String,
    source: Vec<u8>,
    /// The fields in document order; the record itself is the first.
    pub(crate) fields: Vec<Field>,
    pub(crate) schemas: Vec<Schema>,
    dynamic: bool,
    pub(crate) id: Option<FieldId>,
    /// The keys that may stand once in a batch, each of one field or of several together.
    pub(crate) unique: Vec<Vec<FieldId>>,
    pub(crate) rules: Vec<Rule>,
    pub(crate) features: Vec<Feature>,
    warnings: Vec<String>,
}

impl Contract {
    /// Loads a contract from the bytes of its document.
    ///
    /// # Errors
    /// Every fault at once, each with the JSON Pointer of its place: not JSON, a keyword that is unknown or not
    /// supported, a value of the wrong type, an expression that does not compile, or a contradiction.
    ///
    /// # Example
    /// ```
    /// use tamis::contract::Contract;
    /// let contract = Contract::load(br#"{"type": "object", "properties": {"n": {"type": "integer", "minimum": 1}}}"#);
    /// assert!(contract.is_ok());
    /// let faults = Contract::load(br#"{"type": "object", "properties": {"n": {"x-masks": "drop"}}}"#).unwrap_err();
    /// assert_eq!(faults[0].to_string(), "/properties/n: the keyword x-masks is not known");
    /// ```
    pub fn load(bytes: &[u8]) -> Result<Self, Vec<LoadError>> {
        Self::load_with(bytes, Formats::Assert)
    }

    /// Loads a contract, saying what `format` does in it.
    ///
    /// # Errors
    /// As for [`Contract::load`].
    pub fn load_with(bytes: &[u8], formats: Formats) -> Result<Self, Vec<LoadError>> {
        load::load(bytes, formats)
    }

    /// The built-in contract for web-shop orders.
    ///
    /// # Errors
    /// None in practice: a test loads it.
    pub fn orders() -> Result<Self, Vec<LoadError>> {
        Self::load(crate::builtin::CONTRACT)
    }

    /// The name in `x-contract`, else the schema's title, else `contract`.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The version in `x-contract`, else `0`.
    #[must_use]
    pub fn version(&self) -> &str {
        &self.version
    }

    /// SHA-256 of the document's bytes, in lower-case hexadecimal.
    #[must_use]
    pub fn sha256(&self) -> &str {
        &self.sha256
    }

    /// The document as it was loaded.
    #[must_use]
    pub fn source(&self) -> &[u8] {
        &self.source
    }

    /// The names of the features, in the model's order.
    pub fn feature_names(&self) -> impl Iterator<Item = &str> {
        self.features.iter().map(|feature| feature.name.as_str())
    }

    /// The field at a JSON Pointer.
    pub(crate) fn field_at(&self, pointer: &str) -> Option<FieldId> {
        (1..self.fields.len()).map(FieldId).find(|id| self.field(*id).pointer == pointer)
    }

    /// The first feature that reads the field at a JSON Pointer, or something within or around it.
    #[must_use]
    pub fn feature_that_reads(&self, pointer: &str) -> Option<&str> {
        let within = |inner: &str, outer: &str| {
            inner.strip_prefix(outer).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
        };
        let meets = |id: &FieldId| {
            let read = self.field(*id).pointer.as_str();
            within(read, pointer) || within(pointer, read)
        };
        let reads = |feature: &&Feature| {
            let program = &feature.program;
            program.fields().iter().chain(program.fields_below()).any(meets)
        };
        self.features.iter().find(reads).map(|feature| feature.name.as_str())
    }

    /// What the contract's author may want to know: a personal field that is kept, for instance.
    #[must_use]
    pub fn warnings(&self) -> &[String] {
        &self.warnings
    }

    /// The paths of the fields, as JSON Pointers; an item of a list is `*`.
    pub fn paths(&self) -> impl Iterator<Item = &str> {
        let columns = self.fields.iter().enumerate().skip(1).filter(|(index, field)| field.column.0 == *index);
        columns.map(|(_, field)| field.pointer.as_str())
    }

    /// The field of `x-id`, as a JSON Pointer.
    #[must_use]
    pub fn id_pointer(&self) -> Option<&str> {
        self.id.map(|id| self.field(id).pointer.as_str())
    }

    pub(crate) fn field(&self, id: FieldId) -> &Field {
        // The fields are made together with their ids and never change; the first is always there.
        self.fields.get(id.0).unwrap_or(&NO_FIELD)
    }

    /// Whether there are keys that may stand once in a batch (`x-unique`).
    #[must_use]
    pub fn has_unique_keys(&self) -> bool {
        !self.unique.is_empty()
    }

    /// Where a duplicate of one of the unique keys is reported: its field, or the record where it has several.
    pub(crate) fn unique_place(&self, key: usize) -> FieldId {
        match self.unique.get(key).map(Vec::as_slice) {
            Some([field]) => *field,
            _ => FieldId::ROOT,
        }
    }

    /// Whether a record may have members that the contract describes but does not name.
    pub(crate) fn has_dynamic_members(&self) -> bool {
        self.dynamic
    }

    /// Where `text` stands in the field's list of values.
    pub(crate) fn position(&self, id: FieldId, text: &str) -> Option<usize> {
        self.field(id).listed()?.position(text)
    }
}

static NO_FIELD: Field = Field::empty();

/// Whether a number is an integer, in whatever form it is written (JSON Schema counts 12.0 among them).
#[allow(clippy::float_cmp, reason = "exact by definition")]
pub(crate) fn is_whole(value: f64) -> bool {
    libm::trunc(value) == value
}

pub(crate) fn sha256_hex(bytes: &[u8]) -> String {
    let mut hex = String::with_capacity(64);
    for byte in Sha256::digest(bytes) {
        // Writing to a String cannot fail.
        let _ = write!(hex, "{byte:02x}");
    }
    hex
}
