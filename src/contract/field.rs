//! One compiled field of a contract.

use super::format::TextFormat;
use super::pattern::Pattern;
use super::schema::SchemaId;
use crate::mask::Mask;
use crate::normalise::Normaliser;
use serde_json::Value as Json;
use std::fmt;

/// The place of a field in [`super::Contract`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(crate) struct FieldId(pub(crate) usize);

impl FieldId {
    pub(crate) const ROOT: Self = Self(0);
}

/// A set of JSON Schema types.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Types(u8);

impl Types {
    pub(crate) const NONE: Self = Self(0);
    pub(crate) const NULL: Self = Self(1);
    pub(crate) const BOOLEAN: Self = Self(2);
    pub(crate) const INTEGER: Self = Self(4);
    pub(crate) const NUMBER: Self = Self(8 | 4);
    pub(crate) const STRING: Self = Self(16);
    pub(crate) const ARRAY: Self = Self(32);
    pub(crate) const OBJECT: Self = Self(64);
    pub(crate) const ANY: Self = Self(127);

    const NAMES: [(&'static str, Self); 7] = [
        ("null", Self::NULL),
        ("boolean", Self::BOOLEAN),
        ("number", Self::NUMBER),
        ("integer", Self::INTEGER),
        ("string", Self::STRING),
        ("array", Self::ARRAY),
        ("object", Self::OBJECT),
    ];

    pub(crate) fn named(name: &str) -> Option<Self> {
        Self::NAMES.iter().find(|(known, _)| *known == name).map(|(_, types)| *types)
    }

    pub(crate) fn with(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }

    pub(crate) fn without(self, other: Self) -> Self {
        Self(self.0 & !other.0)
    }

    pub(crate) fn has(self, other: Self) -> bool {
        self.0 & other.0 == other.0
    }

    /// The types that both allow.
    pub(crate) fn and(self, other: Self) -> Self {
        Self(self.0 & other.0)
    }

    /// Whether a value may be of both.
    pub(crate) fn meets(self, other: Self) -> bool {
        self.0 & other.0 != 0
    }

    /// The names, as a violation gives them: `integer or null`.
    pub(crate) fn describe(self) -> String {
        if self == Self::ANY {
            return "anything".into();
        }
        let mut left = self;
        let mut names: Vec<&str> = Vec::new();
        for (name, types) in Self::NAMES {
            if left.has(types) {
                names.push(name);
                left = left.without(types);
            }
        }
        // Null reads best at the end: "string or null".
        if names.len() > 1 && names.first() == Some(&"null") {
            names.rotate_left(1);
        }
        if names.is_empty() { "absent".into() } else { names.join(" or ") }
    }
}

/// A value that stands in the contract itself.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Literal {
    Null,
    Bool(bool),
    Number(Number),
    Text(String),
    /// A list or an object, with its canonical form.
    Compound {
        value: Json,
        canonical: String,
    },
}

impl Literal {
    /// The value as JSON would show it, a text without its quotes.
    pub(crate) fn show(&self) -> String {
        match self {
            Self::Null => "null".into(),
            Self::Bool(value) => value.to_string(),
            Self::Number(number) => number.text.clone(),
            Self::Text(text) => text.clone(),
            Self::Compound { value, .. } => value.to_string(),
        }
    }

    pub(crate) fn is_text(&self, other: &str) -> bool {
        matches!(self, Self::Text(text) if text == other)
    }
}

/// A number of the contract: its text, and the nearest double.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Number {
    pub(crate) text: String,
    pub(crate) value: f64,
}

impl Number {
    pub(crate) fn read(value: &Json) -> Option<Self> {
        let number = value.as_number()?;
        let value = number.as_f64().filter(|value| value.is_finite())?;
        Some(Self { text: number.to_string(), value })
    }
}

impl fmt::Display for Number {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // 100.0 reads better as 100, but a double has no more than 15 sure digits.
        if self.value.abs() < 1e15 { self.value.fmt(f) } else { f.write_str(&self.text) }
    }
}

/// The values that a field may have.
#[derive(Clone, Debug, Default)]
pub(crate) struct Values {
    list: Vec<Literal>,
    /// Places of the texts in the list, in the order of the texts, where there are many.
    sorted: Vec<usize>,
}

/// Lists up to here are searched one by one.
const FEW: usize = 12;

impl Values {
    pub(crate) fn new(list: Vec<Literal>) -> Self {
        let mut sorted: Vec<usize> = Vec::new();
        if list.len() > FEW {
            sorted = (0..list.len()).filter(|place| matches!(list.get(*place), Some(Literal::Text(_)))).collect();
            sorted.sort_by_key(|place| text_at(&list, *place));
        }
        Self { list, sorted }
    }

    pub(crate) fn as_slice(&self) -> &[Literal] {
        &self.list
    }

    /// Where a text stands in the list.
    pub(crate) fn position(&self, text: &str) -> Option<usize> {
        if self.list.len() <= FEW {
            return self.list.iter().position(|value| value.is_text(text));
        }
        let found = self.sorted.binary_search_by(|place| text_at(&self.list, *place).cmp(text)).ok()?;
        self.sorted.get(found).copied()
    }
}

fn text_at(list: &[Literal], place: usize) -> &str {
    match list.get(place) {
        Some(Literal::Text(text)) => text,
        _ => "",
    }
}

/// One check of a field's value.
#[derive(Clone, Debug)]
pub(crate) enum Check {
    Enum(Values),
    Const(Values),
    Pattern(Box<Pattern>),
    Format(TextFormat),
    MinLength(u64),
    MaxLength(u64),
    Minimum(Number),
    Maximum(Number),
    ExclusiveMinimum(Number),
    ExclusiveMaximum(Number),
    MultipleOf(Number),
    MinItems(u64),
    MaxItems(u64),
    UniqueItems,
    MinProperties(u64),
    MaxProperties(u64),
    /// A keyword that asks for a whole schema to hold: `not`, `contains`, `oneOf`, …
    Schema(&'static str, SchemaId),
}

/// Whether a broken check rejects the record or is only counted.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub enum Severity {
    /// The record is rejected.
    #[default]
    Error,
    /// The record may pass; the violation is listed and counted.
    Warn,
}

/// What happens to a key that the contract does not name.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub(crate) enum Unknown {
    #[default]
    Drop,
    Keep,
    Reject,
}

/// A named member of an object.
#[derive(Clone, Debug)]
pub(crate) struct Property {
    pub(crate) name: String,
    pub(crate) field: FieldId,
    pub(crate) required: bool,
}

/// One of several forms that a value may have.
#[derive(Clone, Debug)]
pub(crate) struct Variant {
    pub(crate) field: FieldId,
    /// The types that a value of this form can have.
    pub(crate) types: Types,
    /// The texts that the property [`Union::tag`] has in this form.
    pub(crate) tags: Vec<String>,
    /// The form's own schema, for when types and tags leave several.
    pub(crate) schema: SchemaId,
}

/// `anyOf` or `oneOf` over forms of which each has fields of its own.
#[derive(Clone, Debug)]
pub(crate) struct Union {
    pub(crate) keyword: &'static str,
    pub(crate) variants: Vec<Variant>,
    /// The property that tells the forms apart.
    pub(crate) tag: Option<String>,
}

/// One place in a record, and all that the contract says of it.
#[allow(clippy::struct_excessive_bools, reason = "they say things that have nothing to do with each other")]
#[derive(Clone, Debug)]
pub(crate) struct Field {
    /// JSON Pointer in the record; an item of a list and a member under any name are `*`.
    pub(crate) pointer: String,
    /// The first field with this pointer: the forms of a union share one column in tables, expressions and profiles.
    pub(crate) column: FieldId,
    /// The field of which this is one form, else the field itself.
    pub(crate) owner: FieldId,
    pub(crate) types: Types,
    /// Null is good whatever the checks say.
    pub(crate) nullable: bool,
    pub(crate) required: bool,
    pub(crate) normalise: Vec<Normaliser>,
    pub(crate) checks: Vec<Check>,
    pub(crate) default: Option<Literal>,
    pub(crate) mask: Mask,
    /// The class of personal data, where the contract names one.
    pub(crate) pii: Option<String>,
    /// The field tells people apart together with others: a quasi-identifier.
    pub(crate) quasi: bool,
    pub(crate) severity: Severity,
    pub(crate) properties: Vec<Property>,
    /// Members by a pattern of their names.
    pub(crate) patterns: Vec<(Pattern, FieldId)>,
    /// Members under any other name.
    pub(crate) additional: Option<FieldId>,
    pub(crate) unknown: Unknown,
    /// The first items of a list, each by its position.
    pub(crate) prefix: Vec<FieldId>,
    /// The other items.
    pub(crate) items: Option<FieldId>,
    pub(crate) union: Option<Box<Union>>,
    /// Nothing at the field or below it is masked.
    pub(crate) open: bool,
    /// The field lies in a list or under any name, so that one record may hold many of it.
    pub(crate) repeated: bool,
}

impl Field {
    pub(crate) const fn empty() -> Self {
        Self {
            pointer: String::new(),
            column: FieldId::ROOT,
            owner: FieldId::ROOT,
            types: Types::ANY,
            nullable: false,
            required: false,
            normalise: Vec::new(),
            checks: Vec::new(),
            default: None,
            mask: Mask::Keep,
            pii: None,
            quasi: false,
            severity: Severity::Error,
            properties: Vec::new(),
            patterns: Vec::new(),
            additional: None,
            unknown: Unknown::Drop,
            prefix: Vec::new(),
            items: None,
            union: None,
            open: false,
            repeated: false,
        }
    }

    /// Whether the contract says nothing of an object's members.
    pub(crate) fn is_opaque(&self) -> bool {
        self.properties.is_empty() && self.patterns.is_empty() && self.additional.is_none()
    }

    /// The values that the field may have, where the contract lists them.
    pub(crate) fn values(&self) -> Option<&[Literal]> {
        self.listed().map(Values::as_slice)
    }

    pub(crate) fn listed(&self) -> Option<&Values> {
        self.checks.iter().find_map(|check| match check {
            Check::Enum(values) | Check::Const(values) => Some(values),
            _ => None,
        })
    }
}
