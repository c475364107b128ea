//! Whether two contracts say the same of a place, to the last keyword.

use crate::contract::{Check, Contract, Field, FieldId, Literal, Number, Pattern, Schema, SchemaId};
use crate::record::decimal::compare;
use std::cmp::Ordering;
use std::collections::HashSet;

/// One question. What is being compared already counts as the same, which ends recursion; a question that is answered
/// with no is thrown away whole, together with what it took for granted.
struct Question<'c> {
    old: &'c Contract,
    new: &'c Contract,
    fields: HashSet<(FieldId, FieldId)>,
    schemas: HashSet<(SchemaId, SchemaId)>,
    depth: usize,
    left: usize,
}

/// Deepest nesting of schemas that is compared, and most comparisons of one question; beyond it the answer is no.
const MOST_DEPTH: usize = 200;
const MOST_STEPS: usize = 200_000;

fn question<'c>(old: &'c Contract, new: &'c Contract) -> Question<'c> {
    Question { old, new, fields: HashSet::new(), schemas: HashSet::new(), depth: 0, left: MOST_STEPS }
}

/// Whether two fields, and all below them, are the same; masks aside.
pub(super) fn fields(old: &Contract, new: &Contract, left: FieldId, right: FieldId) -> bool {
    question(old, new).fields(left, right)
}

/// Whether two checks, each of its contract, are the same.
pub(super) fn checks(old: &Contract, new: &Contract, left: &Check, right: &Check) -> bool {
    question(old, new).check(left, right)
}

impl Question<'_> {
    fn fields(&mut self, left: FieldId, right: FieldId) -> bool {
        if !self.fields.insert((left, right)) {
            return true;
        }
        let (old, new) = (self.old, self.new);
        let (left, right) = (old.field(left), new.field(right));
        left.types == right.types
            && left.nullable == right.nullable
            && left.severity == right.severity
            && left.unknown == right.unknown
            && left.normalise == right.normalise
            && left.default == right.default
            && same_values(left.values().unwrap_or_default(), right.values().unwrap_or_default())
            && self.all_checks(&left.checks, &right.checks)
            && self.properties(left, right)
            && same_patterns(&left.patterns, &right.patterns, |one, other| self.fields(one, other))
            && self.maybe(left.additional, right.additional)
            && self.maybe(left.items, right.items)
            && left.prefix.len() == right.prefix.len()
            && left.prefix.iter().zip(&right.prefix).all(|(left, right)| self.fields(*left, *right))
            && self.union(left, right)
    }

    fn maybe(&mut self, left: Option<FieldId>, right: Option<FieldId>) -> bool {
        match (left, right) {
            (None, None) => true,
            (Some(left), Some(right)) => self.fields(left, right),
            _ => false,
        }
    }

    fn properties(&mut self, left: &Field, right: &Field) -> bool {
        left.properties.len() == right.properties.len()
            && left.properties.iter().all(|property| {
                let twin = right.properties.iter().find(|other| other.name == property.name);
                twin.is_some_and(|twin| twin.required == property.required && self.fields(property.field, twin.field))
            })
    }

    fn union(&mut self, left: &Field, right: &Field) -> bool {
        match (&left.union, &right.union) {
            (None, None) => true,
            (Some(left), Some(right)) => {
                left.keyword == right.keyword
                    && left.tag == right.tag
                    && left.variants.len() == right.variants.len()
                    && left.variants.iter().zip(&right.variants).all(|(left, right)| {
                        left.types == right.types
                            && left.tags == right.tags
                            && self.schemas(left.schema, right.schema)
                            && self.fields(left.field, right.field)
                    })
            }
            _ => false,
        }
    }

    fn all_checks(&mut self, left: &[Check], right: &[Check]) -> bool {
        left.len() == right.len()
            && left.iter().all(|one| right.iter().any(|other| self.check(one, other)))
            && right.iter().all(|other| left.iter().any(|one| self.check(one, other)))
    }

    fn check(&mut self, left: &Check, right: &Check) -> bool {
        match (left, right) {
            (Check::Enum(left) | Check::Const(left), Check::Enum(right) | Check::Const(right)) => {
                same_values(left.as_slice(), right.as_slice())
            }
            (Check::Pattern(left), Check::Pattern(right)) => left.as_str() == right.as_str(),
            (Check::Format(left), Check::Format(right)) => left == right,
            (Check::MinLength(left), Check::MinLength(right))
            | (Check::MaxLength(left), Check::MaxLength(right))
            | (Check::MinItems(left), Check::MinItems(right))
            | (Check::MaxItems(left), Check::MaxItems(right))
            | (Check::MinProperties(left), Check::MinProperties(right))
            | (Check::MaxProperties(left), Check::MaxProperties(right)) => left == right,
            (Check::Minimum(left), Check::Minimum(right))
            | (Check::Maximum(left), Check::Maximum(right))
            | (Check::ExclusiveMinimum(left), Check::ExclusiveMinimum(right))
            | (Check::ExclusiveMaximum(left), Check::ExclusiveMaximum(right))
            | (Check::MultipleOf(left), Check::MultipleOf(right)) => order(left, right) == Ordering::Equal,
            (Check::UniqueItems, Check::UniqueItems) => true,
            (Check::Schema(left, one), Check::Schema(right, other)) => left == right && self.fresh(*one, *other),
            _ => false,
        }
    }

    /// A check that is looked for among several may be compared in vain: what that took for granted must not stay.
    fn fresh(&mut self, left: SchemaId, right: SchemaId) -> bool {
        let before = self.schemas.clone();
        let same = self.schemas(left, right);
        if !same {
            self.schemas = before;
        }
        same
    }

    fn schemas(&mut self, left: SchemaId, right: SchemaId) -> bool {
        if self.schemas.contains(&(left, right)) {
            return true;
        }
        self.left = self.left.saturating_sub(1);
        if self.depth >= MOST_DEPTH || self.left == 0 {
            return false;
        }
        self.schemas.insert((left, right));
        self.depth += 1;
        let same = self.asks(left, right);
        self.depth -= 1;
        same
    }

    fn asks(&mut self, left: SchemaId, right: SchemaId) -> bool {
        let (old, new) = (self.old, self.new);
        let (Some(left), Some(right)) = (old.schemas.get(left.0), new.schemas.get(right.0)) else {
            return false;
        };
        left.types == right.types
            && left.required == right.required
            && left.dependent_required == right.dependent_required
            && self.all_checks(&left.checks, &right.checks)
            && self.named(&left.properties, &right.properties)
            && self.named(&left.dependent_schemas, &right.dependent_schemas)
            && same_patterns(&left.patterns, &right.patterns, |one, other| self.schemas(one, other))
            && self.logic(left, right)
    }

    fn logic(&mut self, left: &Schema, right: &Schema) -> bool {
        let branches = |schema: &Schema| match schema.conditional {
            Some(branches) => [Some(branches.condition), branches.then, branches.otherwise],
            None => [None; 3],
        };
        let single = |schema: &Schema| {
            let contains = schema.contains.map(|contains| contains.schema);
            let [condition, then, otherwise] = branches(schema);
            [schema.additional, schema.names, schema.items, schema.not, contains, condition, then, otherwise]
        };
        let counts = |schema: &Schema| schema.contains.map(|contains| (contains.least, contains.most));
        counts(left) == counts(right)
            && single(left).into_iter().zip(single(right)).all(|pair| match pair {
                (None, None) => true,
                (Some(left), Some(right)) => self.schemas(left, right),
                _ => false,
            })
            && self.lists(&left.prefix, &right.prefix)
            && self.lists(&left.all, &right.all)
            && left.any.is_some() == right.any.is_some()
            && self.lists(left.any.as_deref().unwrap_or_default(), right.any.as_deref().unwrap_or_default())
            && left.one.is_some() == right.one.is_some()
            && self.lists(left.one.as_deref().unwrap_or_default(), right.one.as_deref().unwrap_or_default())
    }

    fn lists(&mut self, left: &[SchemaId], right: &[SchemaId]) -> bool {
        left.len() == right.len() && left.iter().zip(right).all(|(left, right)| self.schemas(*left, *right))
    }

    fn named(&mut self, left: &[(String, SchemaId)], right: &[(String, SchemaId)]) -> bool {
        left.len() == right.len()
            && left.iter().zip(right).all(|((name, left), (other, right))| name == other && self.schemas(*left, *right))
    }
}

/// Whether the same patterns stand in the same order, each with the same behind it.
fn same_patterns<T: Copy>(left: &[(Pattern, T)], right: &[(Pattern, T)], mut same: impl FnMut(T, T) -> bool) -> bool {
    left.len() == right.len()
        && left
            .iter()
            .zip(right)
            .all(|((left, one), (right, other))| left.as_str() == right.as_str() && same(*one, *other))
}

fn same_values(left: &[Literal], right: &[Literal]) -> bool {
    left.iter().all(|value| right.contains(value)) && right.iter().all(|value| left.contains(value))
}

/// How two numbers of contracts stand to each other, exactly.
pub(super) fn order(left: &Number, right: &Number) -> Ordering {
    compare((&left.text, left.value), (&right.text, right.value))
}
