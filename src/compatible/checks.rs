//! Whether what the old contract asks of one value implies what the new one asks.

use super::same::{self, order};
use crate::contract::{Check, Contract, Field, Literal, Number, Schema, SchemaId, TextFormat, Types};
use crate::record::decimal::Decimal;
use crate::record::document::Document;
use crate::record::read_value;
use crate::validate::satisfies;
use serde_json::Value as Json;
use std::cmp::Ordering;

/// Weighs single values by the types and checks of one contract's fields.
pub(super) struct Scales {
    schemas: Vec<Schema>,
}

impl Scales {
    pub(super) fn new(contract: &Contract) -> Self {
        let mut schemas = contract.schemas.clone();
        schemas.push(Schema::ANY);
        Self { schemas }
    }

    /// Whether a value, which no normaliser touches, keeps the types and checks of a field; forms and members aside.
    pub(super) fn accept(&mut self, field: &Field, value: &Json) -> bool {
        if value.is_null() && field.nullable {
            return true;
        }
        let Ok(doc) = read_value(value.to_string().as_bytes()) else { return false };
        let id = SchemaId(self.schemas.len().saturating_sub(1));
        if let Some(slot) = self.schemas.get_mut(id.0) {
            *slot = Schema { types: field.types, checks: field.checks.clone(), ..Schema::ANY };
        }
        satisfies(&self.schemas, id, &doc, Document::ROOT)
    }

    /// All values but null that a field may have, where they are few and none is a list or an object.
    pub(super) fn domain(&mut self, field: &Field) -> Option<Vec<Json>> {
        if field.union.is_some() {
            return None;
        }
        let types = field.types.without(Types::NULL);
        let all = if types == Types::NONE {
            Vec::new()
        } else if types == Types::BOOLEAN {
            vec![Json::Bool(true), Json::Bool(false)]
        } else {
            field.values()?.iter().filter(|value| **value != Literal::Null).map(json).collect::<Option<_>>()?
        };
        let good: Vec<Json> = all.into_iter().filter(|value| self.accept(field, value)).collect();
        good.iter().all(|value| !value.is_array() && !value.is_object()).then_some(good)
    }
}

/// A value of a contract as JSON.
pub(super) fn json(literal: &Literal) -> Option<Json> {
    Some(match literal {
        Literal::Null => Json::Null,
        Literal::Bool(value) => Json::Bool(*value),
        Literal::Number(number) => serde_json::from_str(&number.text).ok()?,
        Literal::Text(text) => Json::String(text.clone()),
        Literal::Compound { value, .. } => value.clone(),
    })
}

/// Which types a check is about; it lets all others pass.
fn about(check: &Check) -> Types {
    match check {
        Check::Pattern(_) | Check::Format(_) | Check::MinLength(_) | Check::MaxLength(_) => Types::STRING,
        Check::Minimum(_)
        | Check::Maximum(_)
        | Check::ExclusiveMinimum(_)
        | Check::ExclusiveMaximum(_)
        | Check::MultipleOf(_) => Types::NUMBER,
        Check::MinItems(_) | Check::MaxItems(_) | Check::UniqueItems => Types::ARRAY,
        Check::MinProperties(_) | Check::MaxProperties(_) => Types::OBJECT,
        Check::Enum(_) | Check::Const(_) | Check::Schema(..) => Types::ANY,
    }
}

/// Whether every value that a field of the old contract accepts keeps a check of the new one.
pub(super) fn implied(check: &Check, field: &Field, old: &Contract, new: &Contract) -> bool {
    let types = field.types.without(Types::NULL);
    if !types.meets(about(check)) {
        return true;
    }
    if field.checks.iter().any(|known| same::checks(old, new, known, check) || follows(known, check)) {
        return true;
    }
    let whole = types.and(Types::NUMBER) == Types::INTEGER;
    match check {
        Check::MinLength(0) | Check::MinItems(0) | Check::MinProperties(0) => true,
        Check::MultipleOf(divisor) => whole && Decimal::read("1").is_multiple_of(&Decimal::read(&divisor.text)),
        Check::Minimum(_) | Check::ExclusiveMinimum(_) if whole => {
            let wanted = least(check);
            wanted.is_some_and(|wanted| field.checks.iter().filter_map(least).any(|least| least >= wanted))
        }
        Check::Maximum(_) | Check::ExclusiveMaximum(_) if whole => {
            let wanted = most(check);
            wanted.is_some_and(|wanted| field.checks.iter().filter_map(most).any(|most| most <= wanted))
        }
        _ => false,
    }
}

/// Whether a check of the old contract is at least as strict as one of the new one.
fn follows(known: &Check, check: &Check) -> bool {
    match (known, check) {
        (Check::MinLength(old), Check::MinLength(new))
        | (Check::MinItems(old), Check::MinItems(new))
        | (Check::MinProperties(old), Check::MinProperties(new)) => old >= new,
        (Check::MaxLength(old), Check::MaxLength(new))
        | (Check::MaxItems(old), Check::MaxItems(new))
        | (Check::MaxProperties(old), Check::MaxProperties(new)) => old <= new,
        // One item cannot be equal to another.
        (Check::MaxItems(most), Check::UniqueItems) => *most <= 1,
        (Check::Minimum(old) | Check::ExclusiveMinimum(old), Check::Minimum(new))
        | (Check::ExclusiveMinimum(old), Check::ExclusiveMinimum(new)) => order(old, new) != Ordering::Less,
        (Check::Minimum(old), Check::ExclusiveMinimum(new)) => order(old, new) == Ordering::Greater,
        (Check::Maximum(old) | Check::ExclusiveMaximum(old), Check::Maximum(new))
        | (Check::ExclusiveMaximum(old), Check::ExclusiveMaximum(new)) => order(old, new) != Ordering::Greater,
        (Check::Maximum(old), Check::ExclusiveMaximum(new)) => order(old, new) == Ordering::Less,
        (Check::MultipleOf(old), Check::MultipleOf(new)) => {
            Decimal::read(&old.text).is_multiple_of(&Decimal::read(&new.text))
        }
        (Check::Format(TextFormat::Ipv4 | TextFormat::Ipv6), Check::Format(TextFormat::IpAny))
        | (Check::Format(TextFormat::Uri), Check::Format(TextFormat::UriReference)) => true,
        _ => false,
    }
}

/// The least integer that a lower bound lets pass, where the bound is written as one.
fn least(check: &Check) -> Option<i64> {
    match check {
        Check::Minimum(bound) => integer(bound),
        Check::ExclusiveMinimum(bound) => integer(bound)?.checked_add(1),
        _ => None,
    }
}

fn most(check: &Check) -> Option<i64> {
    match check {
        Check::Maximum(bound) => integer(bound),
        Check::ExclusiveMaximum(bound) => integer(bound)?.checked_sub(1),
        _ => None,
    }
}

fn integer(bound: &Number) -> Option<i64> {
    bound.text.parse().ok()
}

/// Whether all numbers that a field accepts are integers that a double holds together with their neighbours, or lie
/// between such.
pub(super) fn is_small(field: &Field) -> bool {
    const LARGEST: f64 = 9_007_199_254_740_991.0;
    let low = |check: &Check| matches!(check, Check::Minimum(bound) | Check::ExclusiveMinimum(bound) if bound.value > -LARGEST);
    let high = |check: &Check| matches!(check, Check::Maximum(bound) | Check::ExclusiveMaximum(bound) if bound.value < LARGEST);
    field.checks.iter().any(low) && field.checks.iter().any(high)
}
