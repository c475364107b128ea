//! What is wrong with a record, and the only place with the words for it.

use crate::contract::{Check, Contract, FieldId, Severity, Union};
use crate::record::Malformed;
use crate::record::document::{Document, Kind, NodeId, Value};

/// Where in a record: a field of the contract, and the path where one field may stand in many places.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Place {
    pub(crate) field: FieldId,
    /// The JSON Pointer, where it is not simply the field's.
    path: Option<Box<str>>,
}

impl Place {
    pub(crate) fn new(field: FieldId) -> Self {
        Self { field, path: None }
    }

    pub(crate) fn at(field: FieldId, path: String) -> Self {
        Self { field, path: Some(path.into()) }
    }

    /// A key below the place, which no field describes.
    pub(crate) fn below(self, key: Option<&str>, contract: &Contract) -> Self {
        match key {
            None => self,
            Some(key) => Self { path: Some(format!("{}/{key}", self.pointer(contract)).into()), ..self },
        }
    }

    /// The JSON Pointer (RFC 6901) of the place.
    pub(crate) fn pointer<'p>(&'p self, contract: &'p Contract) -> &'p str {
        match &self.path {
            Some(path) => path,
            None => &contract.field(self.field).pointer,
        }
    }
}

/// What kind of fault.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Fault {
    /// The bytes are no record.
    Malformed(Malformed),
    /// A required property is absent.
    Required,
    /// A required property holds null or a token for "no value".
    Missing,
    /// A normaliser could not read the value; it names the code.
    Unreadable(&'static str),
    Type,
    /// None of the forms that the value may have is its own.
    Union,
    /// A check of the field, by its place in the field's list.
    Check(usize),
    UnknownField,
    /// A rule of the contract, by its place in the list.
    Rule(usize),
    /// An earlier accepted record of the batch has the same key, by its place in the contract's list.
    Duplicate(usize),
}

/// What stands where something else was expected: its type and size, never the value.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Found {
    kind: Kind,
    size: usize,
}

impl Found {
    pub(crate) fn of(doc: &Document, id: NodeId) -> Self {
        let value = doc.value(id);
        let size = match value {
            Value::Text(span) => doc.str(span).chars().count(),
            Value::List(_) | Value::Object(_) => doc.children(id).count(),
            Value::Number { text, .. } => text.len() as usize,
            _ => 0,
        };
        Self { kind: value.kind(), size }
    }

    fn describe(self) -> String {
        let size = self.size;
        let s = if size == 1 { "" } else { "s" };
        match self.kind {
            Kind::Null => "null".into(),
            Kind::Boolean => "a boolean".into(),
            Kind::Number => format!("a number of {size} character{s}"),
            Kind::Text => format!("text of {size} character{s}"),
            Kind::List => format!("a list of {size} item{s}"),
            Kind::Object => format!("an object of {size} member{s}"),
        }
    }
}

/// One fault of a record.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Violation {
    pub(crate) place: Place,
    pub(crate) fault: Fault,
    found: Option<Found>,
    /// The normaliser that would mend the value, if one that its field does not name would.
    pub(crate) remedy: Option<&'static str>,
}

impl Violation {
    pub(crate) fn new(place: Place, fault: Fault) -> Self {
        Self { place, fault, found: None, remedy: None }
    }

    pub(crate) fn found(place: Place, fault: Fault, found: Found) -> Self {
        Self { place, fault, found: Some(found), remedy: None }
    }

    /// Whether the violation rejects its record.
    pub(crate) fn severity(&self, contract: &Contract) -> Severity {
        match &self.fault {
            Fault::Rule(index) => contract.rules.get(*index).map_or(Severity::Error, |rule| rule.severity),
            Fault::Malformed(_) | Fault::Duplicate(_) | Fault::UnknownField => Severity::Error,
            _ => contract.field(self.place.field).severity,
        }
    }

    fn check<'c>(&self, contract: &'c Contract) -> Option<&'c Check> {
        match self.fault {
            Fault::Check(index) => contract.field(self.place.field).checks.get(index),
            _ => None,
        }
    }

    fn union<'c>(&self, contract: &'c Contract) -> Option<&'c Union> {
        contract.field(self.place.field).union.as_deref()
    }

    /// The stable code.
    pub(crate) fn code<'c>(&self, contract: &'c Contract) -> &'c str {
        match &self.fault {
            Fault::Rule(index) => contract.rules.get(*index).map_or("", |rule| rule.id.as_str()),
            _ => self.fixed_code(contract),
        }
    }

    /// The code of everything but a rule, whose code is the contract's own word.
    pub(crate) fn fixed_code(&self, contract: &Contract) -> &'static str {
        match &self.fault {
            Fault::Malformed(malformed) => malformed.fault.code(),
            Fault::Required => "required",
            Fault::Missing => "missing",
            Fault::Unreadable(code) => code,
            Fault::Type => "type",
            Fault::Union => self.union(contract).map_or("", |union| union.keyword),
            Fault::Check(_) => self.check(contract).map_or("", check_code),
            Fault::UnknownField => "unknown_field",
            Fault::Rule(_) => "rule",
            Fault::Duplicate(_) => "duplicate",
        }
    }

    /// Where in the record's bytes a malformed one breaks, counted from 0.
    pub(crate) fn byte(&self) -> Option<usize> {
        match &self.fault {
            Fault::Malformed(malformed) => Some(malformed.byte),
            _ => None,
        }
    }

    /// What would have been right.
    pub(crate) fn expected(&self, contract: &Contract) -> String {
        match &self.fault {
            Fault::Malformed(malformed) => malformed.fault.expected().into(),
            Fault::Required | Fault::Missing => "a value".into(),
            Fault::Unreadable(code) => unreadable(code).into(),
            Fault::Type => contract.field(self.place.field).types.describe(),
            Fault::Union => self.union(contract).map(union_expected).unwrap_or_default(),
            Fault::Check(_) => self.check(contract).map(check_expected).unwrap_or_default(),
            Fault::UnknownField => "only fields of the contract".into(),
            Fault::Rule(index) => contract.rules.get(*index).map(|rule| rule.source.clone()).unwrap_or_default(),
            Fault::Duplicate(key) if unique_fields(*key, contract).len() > 1 => {
                "a combination of values that no earlier accepted record of the batch has".into()
            }
            Fault::Duplicate(_) => "a value that no earlier accepted record of the batch has".into(),
        }
    }

    /// The fault in plain English, without the value.
    pub(crate) fn message(&self, contract: &Contract) -> String {
        let name = self.name(contract);
        let but = self.found.map(|found| format!(", but is {}", found.describe())).unwrap_or_default();
        match &self.fault {
            Fault::Malformed(malformed) => malformed.to_string(),
            Fault::Required => format!("{name} is required, but is absent"),
            Fault::Missing => format!("{name} is required, but holds no value"),
            Fault::UnknownField => format!("{name} is not in the contract"),
            Fault::Rule(index) => {
                let rule = contract.rules.get(*index);
                match rule.and_then(|rule| rule.message.as_ref()) {
                    Some(message) => message.clone(),
                    None => format!("the rule {} does not hold", self.expected(contract)),
                }
            }
            Fault::Duplicate(key) => {
                let fields = unique_fields(*key, contract);
                let name = if fields.len() > 1 { format!("the combination of {}", fields.join(" and ")) } else { name };
                format!("{name} was already used by an accepted record of this batch")
            }
            _ => format!("{name} must be {}{but}", self.expected(contract)),
        }
    }

    /// The field's name as a reader of the contract knows it: `shipping.city`.
    fn name(&self, contract: &Contract) -> String {
        let pointer = self.place.pointer(contract);
        match pointer.strip_prefix('/') {
            Some(name) => name.replace('/', "."),
            None if self.fault == Fault::UnknownField => "a field".into(),
            None => "the record".into(),
        }
    }
}

/// The fields of a unique key, as a reader of the contract knows them.
fn unique_fields(key: usize, contract: &Contract) -> Vec<String> {
    let fields = contract.unique.get(key).map(Vec::as_slice).unwrap_or_default();
    let name = |field: &FieldId| contract.field(*field).pointer.trim_start_matches('/').replace('/', ".");
    fields.iter().map(name).collect()
}

fn unreadable(code: &str) -> &'static str {
    match code {
        "number" => "a number",
        "ambiguous_number" => "a number whose separator can be read in one way only",
        "boolean" => "true or false",
        "datetime" => "a date and time",
        "ambiguous_date" => "a date whose day and month can be told apart",
        _ => "an http or https URL",
    }
}

/// The keyword of a check.
pub(crate) fn check_code(check: &Check) -> &'static str {
    match check {
        Check::Enum(_) => "enum",
        Check::Const(_) => "const",
        Check::MultipleOf(_) => "multipleOf",
        Check::Schema(keyword, _) => keyword,
        Check::Pattern(_) => "pattern",
        Check::Format(_) => "format",
        Check::MinLength(_) => "minLength",
        Check::MaxLength(_) => "maxLength",
        Check::Minimum(_) => "minimum",
        Check::Maximum(_) => "maximum",
        Check::ExclusiveMinimum(_) => "exclusiveMinimum",
        Check::ExclusiveMaximum(_) => "exclusiveMaximum",
        Check::MinItems(_) => "minItems",
        Check::MaxItems(_) => "maxItems",
        Check::UniqueItems => "uniqueItems",
        Check::MinProperties(_) => "minProperties",
        Check::MaxProperties(_) => "maxProperties",
    }
}

/// What a check asks for, in words.
pub(crate) fn check_expected(check: &Check) -> String {
    let count = |count: &u64, what: &str| format!("{count} {what}{}", if *count == 1 { "" } else { "s" });
    match check {
        Check::Enum(values) => {
            let names: Vec<String> = values.as_slice().iter().map(crate::contract::Literal::show).collect();
            format!("one of {}", names.join(", "))
        }
        Check::Const(values) => values.as_slice().iter().map(crate::contract::Literal::show).collect(),
        Check::Pattern(pattern) => format!("text that matches {}", pattern.as_str()),
        Check::Format(format) => format.describe().into(),
        Check::MultipleOf(divisor) => format!("a multiple of {divisor}"),
        Check::Schema(keyword, _) => match *keyword {
            "not" => "something else than what not describes".into(),
            "if" => "what then asks for where if holds, and else where it does not".into(),
            "contains" => "a list with as many of the items that contains describes as are asked for".into(),
            "propertyNames" => "an object with names of the form that propertyNames asks for".into(),
            "dependentRequired" | "dependentSchemas" => "complete, by the members that it has".into(),
            "anyOf" => "what at least one of the schemas of anyOf asks for".into(),
            "oneOf" => "what exactly one of the schemas of oneOf asks for".into(),
            other => format!("what {other} asks for"),
        },
        Check::MinLength(least) => format!("at least {} long", count(least, "character")),
        Check::MaxLength(most) => format!("at most {} long", count(most, "character")),
        Check::Minimum(least) => format!("at least {least}"),
        Check::Maximum(most) => format!("at most {most}"),
        Check::ExclusiveMinimum(bound) => format!("more than {bound}"),
        Check::ExclusiveMaximum(bound) => format!("less than {bound}"),
        Check::MinItems(least) => format!("a list of at least {}", count(least, "item")),
        Check::MaxItems(most) => format!("a list of at most {}", count(most, "item")),
        Check::UniqueItems => "a list without equal items".into(),
        Check::MinProperties(least) => format!("an object of at least {}", count(least, "member")),
        Check::MaxProperties(most) => format!("an object of at most {}", count(most, "member")),
    }
}

/// What a value with several forms must be.
fn union_expected(union: &Union) -> String {
    match &union.tag {
        Some(tag) => {
            let tags: Vec<&str> = union.variants.iter().flat_map(|form| &form.tags).map(String::as_str).collect();
            format!("one of its forms, which {tag} tells apart: {}", tags.join(", "))
        }
        None if union.keyword == "oneOf" => "what exactly one of the schemas of oneOf asks for".into(),
        None => "what at least one of the schemas of anyOf asks for".into(),
    }
}
