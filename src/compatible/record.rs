//! What holds for a record as a whole: rules, and keys that may stand once in a batch.

use super::proof::Proof;
use crate::contract::{Contract, FieldId, Program, Rule, Severity};
use serde_json::Value as Json;

/// Each rule of the new contract that rejects is one of the old contract's, and sees the same values.
pub(super) fn rules(proof: &mut Proof<'_>) {
    let (old, new) = (proof.old, proof.new);
    let (old_whens, new_whens) = (whens(old), whens(new));
    for (rule, when) in new.rules.iter().zip(&new_whens).filter(|(rule, _)| rule.severity == Severity::Error) {
        let twin = old.rules.iter().zip(&old_whens).find(|(other, other_when)| {
            let programs = |rule: &Rule, contract: &Contract| {
                (rule.when.as_ref().map(|when| shape(when, contract)), shape(&rule.assert, contract))
            };
            other.severity == Severity::Error
                && other.source == rule.source
                && *other_when == when
                && programs(other, old) == programs(rule, new)
                // The place of a text in a list of values, which may differ.
                && ![rule.when.as_ref(), Some(&rule.assert)].into_iter().flatten().any(|it| shape(it, new).contains("Position("))
        });
        if twin.is_none() {
            let text = format!("the rule {} is not among the old contract's, or reads other types", rule.id);
            proof.gap("", "x-rules", text);
            continue;
        }
        let programs = [rule.when.as_ref(), Some(&rule.assert)];
        let named =
            programs.into_iter().flatten().flat_map(|program| program.fields().iter().chain(program.fields_below()));
        let shifted: Vec<&str> =
            named.map(|field| new.field(*field).pointer.as_str()).filter(|path| proof.is_shifted(path)).collect();
        if let Some(path) = shifted.first() {
            let text = format!("the rule {} may see another value here than under the old contract", rule.id);
            proof.gap(path, "x-rules", text);
        }
    }
}

/// The `when` of each rule, as it stands in the document.
fn whens(contract: &Contract) -> Vec<Option<String>> {
    let document: Json = serde_json::from_slice(contract.source()).unwrap_or_default();
    let rules = document.get("x-rules").and_then(Json::as_array).map(Vec::as_slice).unwrap_or_default();
    let when = |rule: &Json| rule.get("when").and_then(Json::as_str).map(ToOwned::to_owned);
    contract.rules.iter().enumerate().map(|(at, _)| rules.get(at).and_then(when)).collect()
}

/// A compiled expression with the paths of its fields in place of their numbers, which differ between contracts.
fn shape(program: &Program, contract: &Contract) -> String {
    let text = format!("{program:?}");
    let mut parts = text.split("FieldId(");
    let mut shape = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        let (number, rest) = part.split_once(')').unwrap_or((part, ""));
        match number.parse() {
            Ok(id) => shape.push_str(&contract.field(FieldId(id)).pointer),
            Err(_) => shape.push_str(number),
        }
        shape.push(')');
        shape.push_str(rest);
    }
    shape
}

/// Each unique key of the new contract follows from one of the old contract's.
pub(super) fn unique(proof: &mut Proof<'_>) {
    let (old, new) = (proof.old, proof.new);
    let paths = |contract: &Contract, key: &[FieldId]| -> Vec<String> {
        key.iter().map(|field| contract.field(*field).pointer.clone()).collect()
    };
    for key in &new.unique {
        let key = paths(new, key);
        let known = old.unique.iter().any(|other| paths(old, other).iter().all(|path| key.contains(path)));
        if !known {
            let text = "a key that may stand once in a batch, which the old contract does not have";
            proof.gap(key.first().map_or("", String::as_str), "x-unique", text);
        }
        let shifted: Vec<&String> = key.iter().filter(|path| proof.is_shifted(path)).collect();
        if let Some(path) = shifted.first() {
            proof.gap(path, "x-unique", "the key may be another value than under the old contract");
        }
    }
}
