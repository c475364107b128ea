//! Normalisers: what is judged is what they leave, so they have to do the same, or nothing.

use super::checks::is_small;
use super::proof::{Proof, Role};
use super::same;
use crate::contract::{Field, FieldId, Literal, Severity, Types};
use crate::normalise::Normaliser;
use serde_json::Value as Json;

/// What a contract makes of a property that holds "no value".
#[derive(PartialEq)]
enum Missing<'c> {
    Default(&'c Literal),
    Absent,
    Null,
}

impl Proof<'_> {
    /// Compares what normalisers do. Answers whether null still reaches the checks.
    pub(super) fn normalisers(&mut self, old: &Field, new: &Field, role: Role) -> bool {
        if old.normalise.is_empty() && new.normalise.is_empty() {
            return true;
        }
        if old.normalise == new.normalise {
            if let Some(token) = differing_token(old, new) {
                let text = format!("the text {token:?} is a value for one of the contracts and no value for the other");
                self.gap(&new.pointer, "enum", text);
            }
        } else if !(old.normalise.is_empty() && self.harmless(old, new, role)) {
            self.gap(&new.pointer, "x-normalize", "the repairs differ, and so may what is checked");
            return true;
        }
        if !role.property {
            return true;
        }
        self.missing(old, new, role);
        // Behind the test for "no value", only this step makes a null.
        new.normalise.contains(&Normaliser::HttpUrl)
    }

    /// A value that stands for "no value" takes its own way.
    fn missing(&mut self, old: &Field, new: &Field, role: Role) {
        if old.normalise.is_empty() && !self.takes_null(old) {
            return;
        }
        let before = if old.normalise.is_empty() {
            Missing::Null
        } else {
            match outcome(old, role.old_required) {
                None => return,
                Some(Missing::Null) if !self.takes_null(old) => return,
                Some(outcome) => outcome,
            }
        };
        match outcome(new, role.new_required) {
            None => self.gap(&new.pointer, "required", "what stands for no value is no longer good here"),
            Some(Missing::Null) if !self.new_scales.accept(new, &Json::Null) => {
                self.gap(&new.pointer, "type", "what stands for no value becomes null, which is not good here");
            }
            Some(after) if after != before => self.default(new, &after),
            Some(Missing::Default(Literal::Compound { .. })) => {
                self.gap(&new.pointer, "default", "a default that is a list or an object is judged by other checks");
            }
            Some(_) => {}
        }
    }

    fn default(&mut self, new: &Field, after: &Missing<'_>) {
        if let Missing::Default(Literal::Compound { .. }) = after {
            self.gap(&new.pointer, "default", "a list or an object as a default of the new contract alone");
        }
        self.shift(&new.pointer);
    }

    /// Compares what becomes of a property that is absent.
    pub(super) fn absent(&mut self, old: Option<(FieldId, bool)>, new_id: FieldId, required: bool) {
        let new = self.new.field(new_id);
        let before = old.map(|(id, required)| (self.old.field(id), required));
        if before.is_some_and(|(old, required)| !may_be_absent(old, required)) {
            return;
        }
        if !may_be_absent(new, required) {
            self.gap(&new.pointer, "required", "it may be absent under the old contract");
        }
        let after = new.default.as_ref().map_or(Missing::Absent, Missing::Default);
        if before.and_then(|(old, _)| old.default.as_ref()) != new.default.as_ref() {
            self.default(new, &after);
        } else if matches!(after, Missing::Default(Literal::Compound { .. }))
            && !old.is_some_and(|(old, _)| same::fields(self.old, self.new, old, new_id))
        {
            self.gap(&new.pointer, "default", "a default that is a list or an object is judged by other checks");
        }
    }

    /// Whether the new contract's normalisers leave all alone that the old contract, which has none, accepts.
    fn harmless(&mut self, old: &Field, new: &Field, role: Role) -> bool {
        if !role.property && self.takes_null(old) && !new.normalise.iter().all(|step| leaves(step, Types::NULL, old)) {
            return false;
        }
        let listed = self.old_scales.domain(old);
        if listed.is_none() && old.types.has(Types::STRING) {
            return false;
        }
        let kinds = [Types::BOOLEAN, Types::INTEGER, Types::ARRAY, Types::OBJECT];
        let mut kinds = kinds.into_iter().filter(|kind| match &listed {
            Some(values) => values.iter().any(|value| is_of(value, *kind)),
            None => old.types.meets(*kind),
        });
        let texts = listed.iter().flatten().filter_map(Json::as_str);
        kinds.all(|kind| new.normalise.iter().all(|step| leaves(step, kind, old)))
            && texts.into_iter().all(|text| untouched(text, new))
    }

    pub(super) fn takes_null(&mut self, old: &Field) -> bool {
        old.types.has(Types::NULL) && self.old_scales.accept(old, &Json::Null)
    }
}

/// Whether an absent property is no reason to reject a record.
fn may_be_absent(field: &Field, required: bool) -> bool {
    !required || field.default.is_some() || field.severity == Severity::Warn
}

/// None where the record is rejected.
fn outcome(field: &Field, required: bool) -> Option<Missing<'_>> {
    match &field.default {
        Some(default) => Some(Missing::Default(default)),
        None if required => None,
        None if !field.types.has(Types::NULL) => Some(Missing::Absent),
        None => Some(Missing::Null),
    }
}

/// A text that only one of two fields lists as a value, where it would be none otherwise.
fn differing_token(old: &Field, new: &Field) -> Option<&'static str> {
    let listed = |field: &Field, token: &str| {
        let values = field.values().unwrap_or_default();
        values.iter().any(|value| matches!(value, Literal::Text(text) if text.eq_ignore_ascii_case(token)))
    };
    let tokens = crate::normalise::TOKENS.into_iter().chain([""]);
    tokens.into_iter().find(|token| listed(old, token) != listed(new, token))
}

/// Whether a step leaves every value of a kind alone, which is no text.
fn leaves(step: &Normaliser, kind: Types, old: &Field) -> bool {
    match step {
        Normaliser::Trim
        | Normaliser::Missing
        | Normaliser::Lowercase
        | Normaliser::Uppercase
        | Normaliser::LowercaseDomain
        | Normaliser::Map(_)
        | Normaliser::Split => true,
        Normaliser::DropBlank => kind != Types::ARRAY,
        Normaliser::Text => kind != Types::INTEGER,
        Normaliser::Number => kind == Types::INTEGER && is_small(old),
        Normaliser::Boolean => kind == Types::BOOLEAN,
        Normaliser::HttpUrl => kind == Types::NULL,
        Normaliser::Datetime => false,
    }
}

/// Whether no step changes a text.
fn untouched(text: &str, new: &Field) -> bool {
    let token = text.is_empty() || crate::normalise::TOKENS.iter().any(|token| token.eq_ignore_ascii_case(text));
    let clean = text.bytes().all(|byte| byte.is_ascii_graphic() || byte == b' ') && text.trim() == text;
    clean
        && !token
        && new.normalise.iter().all(|step| match step {
            Normaliser::Trim | Normaliser::Missing | Normaliser::Text | Normaliser::DropBlank => true,
            Normaliser::Lowercase | Normaliser::LowercaseDomain => text.to_lowercase() == text,
            Normaliser::Uppercase => text.to_uppercase() == text,
            Normaliser::Map(words) => words.iter().all(|(word, _)| *word != text.to_lowercase()),
            _ => false,
        })
}

fn is_of(value: &Json, kind: Types) -> bool {
    (value.is_boolean() && kind == Types::BOOLEAN) || (value.is_number() && kind == Types::INTEGER)
}
