//! One compiled field of a contract.

use crate::mask::Mask;
use crate::normalise::Normaliser;
use regex_lite::Regex;

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

    /// The names, as a violation gives them: `integer or null`.
    pub(crate) fn describe(self) -> String {
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
        names.join(" or ")
    }
}

/// A value that stands in the contract itself.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Literal {
    Null,
    Bool(bool),
    Number { text: String, value: f64 },
    Text(String),
}

impl Literal {
    /// The value as JSON would show it, a text without its quotes.
    pub(crate) fn show(&self) -> String {
        match self {
            Self::Null => "null".into(),
            Self::Bool(value) => value.to_string(),
            Self::Number { text, .. } | Self::Text(text) => text.clone(),
        }
    }

    pub(crate) fn is_text(&self, other: &str) -> bool {
        matches!(self, Self::Text(text) if text == other)
    }
}

/// What a text must be, by the keyword `format`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum TextFormat {
    Email,
    DateTime,
}

impl TextFormat {
    pub(crate) const NAMES: [(&'static str, Self); 2] = [("email", Self::Email), ("date-time", Self::DateTime)];

    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Email => "email",
            Self::DateTime => "date-time",
        }
    }
}

/// One check of a field's value.
#[derive(Clone, Debug)]
pub(crate) enum Check {
    Enum(Vec<Literal>),
    Pattern(Box<Regex>),
    Format(TextFormat),
    MinLength(u64),
    MaxLength(u64),
    Minimum(f64),
    Maximum(f64),
    ExclusiveMinimum(f64),
    ExclusiveMaximum(f64),
    MinItems(u64),
    MaxItems(u64),
    UniqueItems,
    MinProperties(u64),
    MaxProperties(u64),
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

/// One place in a record, and all that the contract says of it.
#[derive(Clone, Debug)]
pub(crate) struct Field {
    /// JSON Pointer in the record; an item of a list is `*`.
    pub(crate) pointer: String,
    pub(crate) types: Types,
    pub(crate) required: bool,
    pub(crate) normalise: Vec<Normaliser>,
    pub(crate) checks: Vec<Check>,
    pub(crate) default: Option<Literal>,
    pub(crate) mask: Mask,
    pub(crate) severity: Severity,
    pub(crate) properties: Vec<Property>,
    pub(crate) unknown: Unknown,
    pub(crate) items: Option<FieldId>,
    /// The field lies in a list, so that one record may hold many of it.
    pub(crate) repeated: bool,
}

impl Field {
    pub(crate) const fn empty() -> Self {
        Self {
            pointer: String::new(),
            types: Types::ANY,
            required: false,
            normalise: Vec::new(),
            checks: Vec::new(),
            default: None,
            mask: Mask::Keep,
            severity: Severity::Error,
            properties: Vec::new(),
            unknown: Unknown::Drop,
            items: None,
            repeated: false,
        }
    }

    /// The values that the field may have, where the contract lists them.
    pub(crate) fn values(&self) -> Option<&[Literal]> {
        self.checks.iter().find_map(|check| match check {
            Check::Enum(values) => Some(values.as_slice()),
            _ => None,
        })
    }
}
