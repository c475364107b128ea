//! What a schema says of one value: its types, checks, normalisers, default and mask.

use super::{LONGEST_PATTERN, Loader, Place, Schema};
use crate::contract::field::{Check, Field, Literal, Severity, TextFormat, Types, Unknown};
use crate::contract::{Problem, is_whole};
use crate::mask::{self, Mask};
use crate::normalise::Normaliser;
use regex_lite::RegexBuilder;
use serde_json::Value;

impl Loader<'_> {
    pub(super) fn types(&mut self, schema: &Schema, nullable: bool, place: &Place) -> Types {
        let named = |name: &Value| name.as_str().and_then(Types::named);
        let types = match schema.get("type") {
            None => Some(Types::ANY),
            Some(Value::Array(list)) if !list.is_empty() => {
                list.iter().try_fold(Types::NONE, |all, one| Some(all.with(named(one)?)))
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

    pub(super) fn severity(&mut self, schema: &Schema, place: &Place) -> Severity {
        match schema.get("x-severity").map(Value::as_str) {
            None | Some(Some("error")) => Severity::Error,
            Some(Some("warn")) => Severity::Warn,
            _ => {
                self.invalid(place, "x-severity", "error or warn");
                Severity::Error
            }
        }
    }

    pub(super) fn unknown(&mut self, schema: &Schema, place: &Place) -> Unknown {
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

    pub(super) fn normalisers(&mut self, schema: &Schema, place: &Place) -> Vec<Normaliser> {
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

    pub(super) fn checks(&mut self, schema: &Schema, place: &Place) -> Vec<Check> {
        let mut checks = Vec::new();
        for (keyword, value) in schema {
            let number = || value.as_f64().filter(|value| value.is_finite());
            let count = || {
                value.as_u64().or_else(|| value.as_f64().filter(|count| *count >= 0.0 && is_whole(*count)).map(whole))
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

    pub(super) fn pattern(&mut self, value: &Value, place: &Place) -> Option<Check> {
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

    pub(super) fn format(&mut self, value: &Value, place: &Place) -> Option<Check> {
        let name = value.as_str()?;
        let format = TextFormat::NAMES.iter().find(|(known, _)| *known == name);
        if format.is_none() {
            self.fault(place, Problem::Unsupported(format!("the format {name:?}")));
        }
        format.map(|(_, format)| Check::Format(*format))
    }

    pub(super) fn default(&mut self, schema: &Schema, field: &Field, place: &Place) -> Option<Literal> {
        let value = schema.get("default")?;
        let Some(default) = literal(value) else {
            self.fault(place, Problem::Unsupported("a list or an object as default".into()));
            return None;
        };
        let types = match &default {
            Literal::Null => Types::NULL,
            Literal::Bool(_) => Types::BOOLEAN,
            Literal::Number { value, .. } if is_whole(*value) => Types::INTEGER,
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

    pub(super) fn mask(&mut self, schema: &Schema, field: &Field, place: &Place) -> Option<Mask> {
        let Some(stated) = schema.get("x-mask") else {
            if schema.contains_key("x-pii") {
                self.warnings
                    .push(format!("{} is marked as personal (x-pii) but has no x-mask: it is kept", field.pointer));
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
}

#[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "the caller has checked for a whole count")]
fn whole(count: f64) -> u64 {
    count as u64
}

fn literal(value: &Value) -> Option<Literal> {
    Some(match value {
        Value::Null => Literal::Null,
        Value::Bool(value) => Literal::Bool(*value),
        Value::Number(number) => Literal::Number { text: number.to_string(), value: number.as_f64()? },
        Value::String(text) => Literal::Text(text.clone()),
        Value::Array(_) | Value::Object(_) => return None,
    })
}

fn literals(value: &Value) -> Option<Vec<Literal>> {
    let values = value.as_array().filter(|values| !values.is_empty())?;
    values.iter().map(literal).collect()
}
