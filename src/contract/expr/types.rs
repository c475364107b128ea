//! The types of expressions, and what an expression may know of a contract.

use super::program::Leaf;
use crate::contract::FieldId;

/// What an expression is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Wanted {
    /// A rule: true or false.
    Bool,
    /// A feature: a number, or true or false, or an enumerated text that stands for its position.
    Number,
}

/// The type of a field, as the contract says it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum FieldType {
    Int,
    Double,
    Bool,
    Text,
    List,
    Object,
}

/// What an expression may know of a contract's fields.
pub(crate) trait Fields {
    /// The field at a path of property names, or why it cannot be used.
    fn resolve(&self, path: &[String]) -> Result<FieldId, String>;
    /// The field of a list's items, where the contract describes them.
    fn item(&self, field: FieldId) -> Option<FieldId>;
    /// The field of an object's member.
    fn member(&self, field: FieldId, name: &str) -> Option<FieldId>;
    /// The field's type, null aside, or none where the contract allows several.
    fn type_of(&self, field: FieldId) -> Option<FieldType>;
    /// Whether the field is text out of a list of values.
    fn is_enum(&self, field: FieldId) -> bool;
}

/// The type of an expression.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Type {
    Int,
    Double,
    /// An integer or a double: which of them shows when it runs.
    Number,
    Bool,
    Text,
    Time,
    Duration,
    Null,
    /// An object of the record.
    Object(FieldId),
    /// A list of the record. Its items are looked up when they are needed, for a contract may lead back to itself.
    Items(FieldId),
    /// A list that the expression makes.
    List(Box<Type>),
    /// A value for which the contract allows several types.
    Any,
    /// The item of the list `[]`: there is none, so it fits everywhere.
    Nothing,
}

/// How deep lists may lie in lists where they are compared: bounds both the check and the run.
pub(super) const DEEPEST_LIST: usize = 8;

impl Type {
    pub(super) fn of_field(field: FieldId, fields: &dyn Fields) -> Self {
        match fields.type_of(field) {
            None => Self::Any,
            Some(FieldType::Int) => Self::Int,
            Some(FieldType::Double) => Self::Double,
            Some(FieldType::Bool) => Self::Bool,
            Some(FieldType::Text) => Self::Text,
            Some(FieldType::List) => Self::Items(field),
            Some(FieldType::Object) => Self::Object(field),
        }
    }

    pub(super) fn name(&self) -> &'static str {
        match self {
            Self::Int => "an integer",
            Self::Double | Self::Number => "a number",
            Self::Bool => "true or false",
            Self::Text => "text",
            Self::Time => "a timestamp",
            Self::Duration => "a duration",
            Self::Null => "null",
            Self::Object(_) => "an object",
            Self::Items(_) | Self::List(_) => "a list",
            Self::Any => "a value of several types",
            Self::Nothing => "nothing",
        }
    }

    /// Whether a value of this type may stand where `wanted` is.
    pub(super) fn is(&self, wanted: &Self) -> bool {
        self == wanted || *self == Self::Nothing
    }

    pub(super) fn is_number(&self) -> bool {
        matches!(self, Self::Int | Self::Double | Self::Number | Self::Nothing)
    }

    pub(super) fn is_list(&self) -> bool {
        matches!(self, Self::Items(_) | Self::List(_) | Self::Nothing)
    }

    /// Whether `<` and its sisters know the type.
    pub(super) fn is_ordered(&self) -> bool {
        self.is_number() || matches!(self, Self::Bool | Self::Text | Self::Time | Self::Duration)
    }

    /// The type of a list's items; none where this is no list.
    pub(super) fn item(&self, fields: &dyn Fields) -> Option<Self> {
        match self {
            Self::List(item) => Some((**item).clone()),
            Self::Items(field) => Some(fields.item(*field).map_or(Self::Any, |item| Self::of_field(item, fields))),
            Self::Nothing => Some(Self::Nothing),
            _ => None,
        }
    }

    /// How numbers below a value of this type are read from the record.
    pub(super) fn leaf(&self, fields: &dyn Fields) -> Leaf {
        let mut at = self.clone();
        for _ in 0..DEEPEST_LIST {
            match at {
                Self::Int => return Leaf::Int,
                Self::Double => return Leaf::Double,
                _ => match at.item(fields) {
                    Some(item) => at = item,
                    None => return Leaf::AsWritten,
                },
            }
        }
        Leaf::AsWritten
    }

    /// The type that both have, numbers taken together; none where there is no such type.
    pub(super) fn join(&self, other: &Self, fields: &dyn Fields) -> Option<Self> {
        self.join_below(other, fields, DEEPEST_LIST)
    }

    fn join_below(&self, other: &Self, fields: &dyn Fields, depth: usize) -> Option<Self> {
        if self == other || *other == Self::Nothing {
            return Some(self.clone());
        }
        if *self == Self::Nothing {
            return Some(other.clone());
        }
        if self.is_number() && other.is_number() {
            return Some(Self::Number);
        }
        let depth = depth.checked_sub(1)?;
        let item = self.item(fields)?.join_below(&other.item(fields)?, fields, depth)?;
        Some(Self::List(Box::new(item)))
    }

    /// Whether `==` may compare values of both types.
    pub(super) fn compares(&self, other: &Self, fields: &dyn Fields) -> bool {
        self.compares_below(other, fields, DEEPEST_LIST)
    }

    fn compares_below(&self, other: &Self, fields: &dyn Fields, depth: usize) -> bool {
        if *self == Self::Null || *other == Self::Null {
            return true;
        }
        if *self == Self::Nothing || *other == Self::Nothing {
            return true;
        }
        match (self, other) {
            (Self::Any | Self::Object(_), _) | (_, Self::Any | Self::Object(_)) => false,
            _ if self.is_number() && other.is_number() => true,
            _ => match (self.item(fields), other.item(fields), depth.checked_sub(1)) {
                (Some(first), Some(second), Some(depth)) => first.compares_below(&second, fields, depth),
                (None, None, _) => self == other,
                _ => false,
            },
        }
    }
}
