//! What schemas say of one value: its types, checks, normalisers, default and mask.

use super::parts::Parts;
use super::{Loader, Place, Schema};
use crate::contract::field::{Check, Field, Literal, Number, Severity, Types, Values};
use crate::contract::format::TextFormat;
use crate::contract::pattern::Pattern;
use crate::contract::{Formats, is_whole};
use crate::mask::{self, About, Mask};
use crate::normalise::Normaliser;
use crate::record::canonical::canonical;
use crate::record::decimal::Decimal;
use crate::record::document::Document;
use crate::record::read_value;
use crate::validate::satisfies;
use serde_json::Value;

/// Most digits of a divisor: the remainder is computed in whole numbers.
const DIVISOR_DIGITS: usize = 18;

impl<'s> Loader<'s> {
    pub(super) fn types(&mut self, parts: &Parts<'s>, nullable: bool, place: &Place) -> Types {
        let mut types = if parts.never { Types::NONE } else { Types::ANY };
        for part in &parts.list {
            types = types.and(self.stated_types(part.schema, &part.at).unwrap_or(Types::ANY));
        }
        if types == Types::NONE && !parts.never {
            self.contradiction(&parts.at(), "no value can have all the types that are asked for");
        }
        if place.record.is_empty() && !types.has(Types::OBJECT) {
            self.contradiction(&parts.at(), "a record is an object, but type says otherwise");
        }
        if nullable { types.with(Types::NULL) } else { types }
    }

    /// The types that the keyword `type` names; none where it is absent.
    pub(super) fn stated_types(&mut self, schema: &Schema, at: &str) -> Option<Types> {
        let named = |name: &Value| name.as_str().and_then(Types::named);
        let types = match schema.get("type")? {
            Value::Array(list) if !list.is_empty() => {
                list.iter().try_fold(Types::NONE, |all, one| Some(all.with(named(one)?)))
            }
            name => named(name),
        };
        if types.is_none() {
            self.invalid(at, "type", "the name of a JSON type, or a list of them");
        }
        types
    }

    pub(super) fn severity(&mut self, parts: &Parts<'s>, place: &Place) -> Severity {
        match parts.annotation("x-severity").map(|(value, _)| value.as_str()) {
            None => place.severity,
            Some(Some("error")) => Severity::Error,
            Some(Some("warn")) => Severity::Warn,
            _ => {
                self.invalid(&parts.at(), "x-severity", "error or warn");
                Severity::Error
            }
        }
    }

    pub(super) fn normalisers(&mut self, parts: &Parts<'s>) -> Vec<Normaliser> {
        let Some((stated, part)) = parts.annotation("x-normalize") else {
            return Vec::new();
        };
        let at = part.at.clone();
        let Value::Array(stated) = stated else {
            self.invalid(&at, "x-normalize", "a list of normalisers");
            return Vec::new();
        };
        let mut normalisers = Vec::new();
        for entry in stated {
            match Normaliser::read(entry) {
                Some(normaliser) => normalisers.push(normaliser),
                None => self.invalid(&at, "x-normalize", &format!("names out of: {}", Normaliser::names())),
            }
        }
        normalisers
    }

    pub(super) fn checks(&mut self, parts: &Parts<'s>) -> Vec<Check> {
        let mut checks = Vec::new();
        for part in &parts.list {
            for (keyword, value) in part.schema {
                checks.extend(self.check(keyword, value, &part.at));
            }
        }
        checks
    }

    /// Compiles a keyword that looks at one value by itself; none for any other keyword.
    pub(super) fn check(&mut self, keyword: &str, value: &Value, at: &str) -> Option<Check> {
        let count = |of: fn(u64) -> Check| (count(value).map(of), "a count");
        let number = |of: fn(Number) -> Check| (Number::read(value).map(of), "a number");
        let (check, expected) = match keyword {
            "enum" => (literals(value).map(Values::new).map(Check::Enum), "a list of values"),
            "const" => (literal(value).map(|value| Check::Const(Values::new(vec![value]))), "a value"),
            "pattern" => match value.as_str() {
                Some(source) => return self.compiled_pattern(source, at).map(|it| Check::Pattern(Box::new(it))),
                None => (None, "a regular expression"),
            },
            "format" => match value.as_str() {
                Some(name) => return self.format(name, at),
                None => (None, "the name of a format"),
            },
            "minLength" => count(Check::MinLength),
            "maxLength" => count(Check::MaxLength),
            "minItems" => count(Check::MinItems),
            "maxItems" => count(Check::MaxItems),
            "minProperties" => count(Check::MinProperties),
            "maxProperties" => count(Check::MaxProperties),
            "minimum" => number(Check::Minimum),
            "maximum" => number(Check::Maximum),
            "exclusiveMinimum" => number(Check::ExclusiveMinimum),
            "exclusiveMaximum" => number(Check::ExclusiveMaximum),
            "multipleOf" => (divisor(value).map(Check::MultipleOf), "a number above zero of at most 18 digits"),
            "uniqueItems" => match value {
                Value::Bool(true) => (Some(Check::UniqueItems), ""),
                Value::Bool(false) => return None,
                _ => (None, "true or false"),
            },
            _ => return None,
        };
        if check.is_none() {
            self.invalid(at, keyword, expected);
        }
        check
    }

    pub(super) fn count_of(&mut self, schema: &Schema, keyword: &str, at: &str) -> Option<u64> {
        let found = count(schema.get(keyword)?);
        if found.is_none() {
            self.invalid(at, keyword, "a count");
        }
        found
    }

    pub(super) fn names(&mut self, value: Option<&Value>, keyword: &str, at: &str) -> Vec<String> {
        match value {
            None => Vec::new(),
            Some(Value::Array(names)) if names.iter().all(Value::is_string) => {
                names.iter().filter_map(Value::as_str).map(ToOwned::to_owned).collect()
            }
            Some(_) => {
                self.invalid(at, keyword, "a list of names");
                Vec::new()
            }
        }
    }

    pub(super) fn dependent_names(&mut self, schema: &Schema, at: &str) -> Vec<(String, Vec<String>)> {
        match schema.get("dependentRequired") {
            None => Vec::new(),
            Some(Value::Object(map)) => map
                .iter()
                .map(|(name, names)| (name.clone(), self.names(Some(names), "dependentRequired", at)))
                .collect(),
            Some(_) => {
                self.invalid(at, "dependentRequired", "an object of lists of names");
                Vec::new()
            }
        }
    }

    pub(super) fn compiled_pattern(&mut self, source: &str, at: &str) -> Option<Pattern> {
        let pattern = Pattern::new(source);
        if pattern.is_none() {
            let what = "look-around, back-references, classes of Unicode and very large repetitions";
            self.unsupported(at, format!("the pattern {source:?} ({what})"));
        }
        pattern
    }

    fn format(&mut self, name: &str, at: &str) -> Option<Check> {
        if self.formats == Formats::Annotate || TextFormat::says_nothing(name) {
            return None;
        }
        let format = TextFormat::named(name);
        if format.is_none() {
            self.unsupported(at, format!("the format {name:?}"));
        }
        format.map(Check::Format)
    }

    /// Names what cannot be: bounds that cross, values that the type does not allow; and warns of what says nothing.
    pub(super) fn sense(&mut self, parts: &Parts<'s>, field: &Field) {
        let at = parts.at();
        let bound =
            |of: fn(&Check) -> Option<f64>, best: fn(f64, f64) -> f64| field.checks.iter().filter_map(of).reduce(best);
        let crossing = [
            ("minLength", "maxLength", bound(min_length, f64::max), bound(max_length, f64::min)),
            ("minItems", "maxItems", bound(min_items, f64::max), bound(max_items, f64::min)),
            ("minProperties", "maxProperties", bound(min_properties, f64::max), bound(max_properties, f64::min)),
            ("minimum", "maximum", bound(minimum, f64::max), bound(maximum, f64::min)),
        ];
        for (low, high, least, most) in crossing {
            if least.zip(most).is_some_and(|(least, most)| least > most) {
                self.contradiction(&at, format!("{low} is more than {high}"));
            }
        }
        if let Some(values) = field.values()
            && !values.iter().any(|value| field.types.meets(literal_type(value)))
        {
            self.contradiction(&at, "enum or const lists no value of the type");
        }
        for part in &parts.list {
            for (keyword, types) in ABOUT {
                if part.schema.contains_key(keyword) && field.types != Types::NONE && !field.types.meets(types) {
                    self.warn(format!("{at}: {keyword} says nothing of {}", field.types.describe()));
                }
            }
        }
    }

    /// The default, which is checked once all of the contract is compiled.
    pub(super) fn default(&mut self, origin: &Parts<'s>, field: &Field) -> Option<Literal> {
        let (value, part) = origin.annotation("default")?;
        let at = part.at.clone();
        if value.is_null() && !field.types.has(Types::NULL) {
            self.warn(format!("{} has null as its default but may not be null: it stays absent", field.pointer));
            return None;
        }
        let assertions = origin.list.iter().map(|part| self.assertion_of(part.schema, &part.at)).collect();
        self.defaults.push((assertions, value.clone(), at));
        literal(value)
    }

    pub(super) fn settle_defaults(&mut self) {
        for (assertions, value, at) in std::mem::take(&mut self.defaults) {
            let Ok(doc) = read_value(value.to_string().as_bytes()) else { continue };
            if !assertions.iter().all(|schema| satisfies(&self.schemas, *schema, &doc, Document::ROOT)) {
                self.contradiction(&at, "the default is not a value that the field may have");
            }
        }
    }

    pub(super) fn mask(&mut self, parts: &Parts<'s>, field: &Field) -> Option<Mask> {
        let Some((stated, part)) = parts.annotation("x-mask") else {
            if parts.annotation("x-pii").is_some() {
                self.warn(format!("{} is marked as personal (x-pii) but has no x-mask: it is kept", field.pointer));
            }
            return None;
        };
        let at = part.at.clone();
        let text = |keyword: &str| parts.list.iter().find_map(|part| part.get(keyword)).and_then(Value::as_str);
        let about = About { class: text("x-pii"), format: text("format") };
        match mask::read(stated, field, about) {
            Ok(mask) => Some(mask),
            Err(expected) => {
                self.invalid(&at, "x-mask", &expected);
                None
            }
        }
    }
}

/// Which types each keyword is about.
const ABOUT: [(&str, Types); 17] = [
    ("pattern", Types::STRING),
    ("format", Types::STRING),
    ("minLength", Types::STRING),
    ("maxLength", Types::STRING),
    ("minimum", Types::NUMBER),
    ("maximum", Types::NUMBER),
    ("exclusiveMinimum", Types::NUMBER),
    ("exclusiveMaximum", Types::NUMBER),
    ("multipleOf", Types::NUMBER),
    ("items", Types::ARRAY),
    ("minItems", Types::ARRAY),
    ("maxItems", Types::ARRAY),
    ("uniqueItems", Types::ARRAY),
    ("properties", Types::OBJECT),
    ("required", Types::OBJECT),
    ("minProperties", Types::OBJECT),
    ("maxProperties", Types::OBJECT),
];

#[allow(clippy::cast_precision_loss, reason = "bounds that large are only compared")]
fn as_bound(count: u64) -> f64 {
    count as f64
}

macro_rules! bounds {
    ($($name:ident: $check:ident),*; $($number:ident: $($is:ident)|+),*) => {
        $(fn $name(check: &Check) -> Option<f64> {
            if let Check::$check(count) = check { Some(as_bound(*count)) } else { None }
        })*
        $(fn $number(check: &Check) -> Option<f64> {
            match check { $(Check::$is(number) => Some(number.value),)+ _ => None }
        })*
    };
}

bounds! {
    min_length: MinLength, max_length: MaxLength, min_items: MinItems, max_items: MaxItems,
    min_properties: MinProperties, max_properties: MaxProperties;
    minimum: Minimum | ExclusiveMinimum, maximum: Maximum | ExclusiveMaximum
}

fn literal_type(literal: &Literal) -> Types {
    match literal {
        Literal::Null => Types::NULL,
        Literal::Bool(_) => Types::BOOLEAN,
        Literal::Number(number) if Decimal::read(&number.text).is_whole() => Types::INTEGER,
        Literal::Number(_) => Types::NUMBER.without(Types::INTEGER),
        Literal::Text(_) => Types::STRING,
        Literal::Compound { value: Value::Array(_), .. } => Types::ARRAY,
        Literal::Compound { .. } => Types::OBJECT,
    }
}

fn count(value: &Value) -> Option<u64> {
    value.as_u64().or_else(|| value.as_f64().filter(|count| *count >= 0.0 && is_whole(*count)).map(whole))
}

#[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "the caller has checked for a whole count")]
fn whole(count: f64) -> u64 {
    count as u64
}

fn divisor(value: &Value) -> Option<Number> {
    let number = Number::read(value).filter(|number| number.value > 0.0)?;
    (Decimal::read(&number.text).len() <= DIVISOR_DIGITS).then_some(number)
}

fn literal(value: &Value) -> Option<Literal> {
    Some(match value {
        Value::Null => Literal::Null,
        Value::Bool(value) => Literal::Bool(*value),
        Value::Number(_) => Literal::Number(Number::read(value)?),
        Value::String(text) => Literal::Text(text.clone()),
        Value::Array(_) | Value::Object(_) => {
            let doc = read_value(value.to_string().as_bytes()).ok()?;
            let mut form = String::new();
            canonical(&doc, Document::ROOT, &mut form);
            Literal::Compound { value: value.clone(), canonical: form }
        }
    })
}

fn literals(value: &Value) -> Option<Vec<Literal>> {
    let values = value.as_array().filter(|values| !values.is_empty())?;
    values.iter().map(literal).collect()
}
