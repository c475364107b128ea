//! What is wrong with a record, and the only place with the words for it.

use crate::contract::{Check, Contract, FieldId, Severity};
use crate::record::Malformed;
use crate::record::document::{Document, Kind, NodeId, Value};

/// Where in a record: a field of the contract, the positions in the lists around it, perhaps a key below it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Place {
    pub(crate) field: FieldId,
    items: Vec<u32>,
    key: Option<String>,
}

impl Place {
    pub(crate) fn new(field: FieldId, items: &[u32]) -> Self {
        Self { field, items: items.to_vec(), key: None }
    }

    pub(crate) fn below(mut self, key: Option<String>) -> Self {
        self.key = key;
        self
    }

    /// The JSON Pointer (RFC 6901) of the place.
    pub(crate) fn pointer(&self, contract: &Contract) -> String {
        let mut items = self.items.iter();
        let mut pointer = String::new();
        for part in contract.field(self.field).pointer.split('/').skip(1) {
            pointer.push('/');
            match (part, items.len()) {
                ("*", 1..) => pointer.push_str(&items.next().map(ToString::to_string).unwrap_or_default()),
                _ => pointer.push_str(part),
            }
        }
        self.key(&mut pointer);
        pointer
    }

    fn key(&self, pointer: &mut String) {
        if let Some(key) = &self.key {
            pointer.push('/');
            pointer.push_str(key);
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
    /// A check of the field, by its place in the field's list.
    Check(usize),
    UnknownField,
    /// A rule of the contract, by its place in the list.
    Rule(usize),
    /// An earlier accepted record of the batch has the same value.
    Duplicate,
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
            Fault::Malformed(_) | Fault::Duplicate | Fault::UnknownField => Severity::Error,
            _ => contract.field(self.place.field).severity,
        }
    }

    fn check<'c>(&self, contract: &'c Contract) -> Option<&'c Check> {
        match self.fault {
            Fault::Check(index) => contract.field(self.place.field).checks.get(index),
            _ => None,
        }
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
            Fault::Check(_) => self.check(contract).map_or("", check_code),
            Fault::UnknownField => "unknown_field",
            Fault::Rule(_) => "rule",
            Fault::Duplicate => "duplicate",
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
            Fault::Check(_) => self.check(contract).map(check_expected).unwrap_or_default(),
            Fault::UnknownField => "only fields of the contract".into(),
            Fault::Rule(index) => contract.rules.get(*index).map(|rule| rule.source.clone()).unwrap_or_default(),
            Fault::Duplicate => "a value that no earlier accepted record of the batch has".into(),
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
            Fault::Duplicate => format!("{name} was already used by an accepted record of this batch"),
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

fn check_code(check: &Check) -> &'static str {
    match check {
        Check::Enum(_) => "enum",
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
            let names: Vec<String> = values.iter().map(crate::contract::Literal::show).collect();
            format!("one of {}", names.join(", "))
        }
        Check::Pattern(regex) => format!("text that matches {}", regex.as_str()),
        Check::Format(format) => match format.name() {
            "email" => "an e-mail address".into(),
            name => format!("a {name} of RFC 3339"),
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
