//! The rules over several fields.

use super::Checked;
use super::violation::{Fault, Place, Violation};
use crate::contract::{Contract, FieldId, Outcome};

/// Checks every rule whose fields are valid themselves, whatever else is wrong with the record.
pub(super) fn rules(record: &mut Checked, contract: &Contract) {
    for (index, rule) in contract.rules.iter().enumerate() {
        let failed = |field: &FieldId| {
            let id = record.slots.get(field.0).and_then(|id| id.get());
            id.is_some_and(|id| record.doc.node(id).failed)
                || record.violations.iter().any(|violation| {
                    contract.field(violation.place.field).column == *field && matches!(violation.fault, Fault::Required)
                })
        };
        let programs = [rule.when.as_ref(), Some(&rule.assert)];
        let mut named = programs.iter().flatten().flat_map(|program| program.fields());
        if named.any(failed) {
            continue;
        }
        let run = |program: &crate::contract::Program| {
            program.run(&record.doc, &record.slots, &|field, text| contract.position(field, text))
        };
        // A rule that takes too long counts as broken: what could not be checked must not pass.
        let broken = match rule.when.as_ref().map(run) {
            Some(Outcome::Exhausted) => true,
            None | Some(Outcome::Bool(true)) => matches!(run(&rule.assert), Outcome::Bool(false) | Outcome::Exhausted),
            Some(_) => false,
        };
        if broken {
            let place = Place::new(FieldId::ROOT);
            record.violations.push(Violation::new(place, Fault::Rule(index)));
        }
    }
}
