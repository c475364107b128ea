//! Goes through a record along its contract and checks each value.

use super::Checked;
use super::scalar::{has_type, holds};
use super::trail::{Step, Trail};
use super::violation::{Fault, Found, Violation};
use crate::contract::{Contract, FieldId, Severity};
use crate::record::document::{Document, Node, NodeId, UNCLAIMED, Value};

pub(super) fn fields(record: &mut Checked, contract: &Contract) {
    let doc = &mut record.doc;
    let mut walk = Walk { contract, doc, violations: &mut record.violations, trail: Trail::default() };
    walk.value(Document::ROOT);
}

struct Walk<'r> {
    contract: &'r Contract,
    doc: &'r mut Document,
    violations: &'r mut Vec<Violation>,
    trail: Trail,
}

impl Walk<'_> {
    fn value(&mut self, id: NodeId) {
        let node = self.doc.node(id);
        let Some(field_id) = described(node) else { return };
        let contract = self.contract;
        let field = contract.field(field_id);
        if node.token {
            // What it stands for was checked when the token was made.
            return;
        }
        if !has_type(node.value, self.doc, field.types) {
            self.fault(id, field_id, Fault::Type);
            return;
        }
        if let Value::Number { value, .. } = node.value
            && !value.is_finite()
        {
            self.fault(id, field_id, Fault::Unreadable("number"));
            return;
        }
        if node.value == Value::Null && field.nullable {
            return;
        }
        if field.union.is_some() {
            // Had the value one of the forms, that form would be its field.
            self.fault(id, field_id, Fault::Union);
            return;
        }
        for (index, check) in field.checks.iter().enumerate() {
            if !holds(check, &contract.schemas, self.doc, id) {
                self.fault(id, field_id, Fault::Check(index));
            }
        }
        match node.value {
            Value::Object(first) => self.object(first, field_id),
            Value::List(first) => self.list(first),
            _ => {}
        }
    }

    /// The named members stand first and in the contract's order, so both are gone through side by side.
    fn object(&mut self, first: NodeId, field_id: FieldId) {
        let contract = self.contract;
        let mut at = first;
        for property in &contract.field(field_id).properties {
            let here = at.get().filter(|id| {
                let field = self.doc.node(*id).field;
                field != UNCLAIMED && contract.field(FieldId(field as usize)).owner == property.field
            });
            self.trail.push(Step::Property(property.field));
            match here {
                Some(id) => {
                    self.value(id);
                    at = self.doc.node(id).next;
                }
                None if property.required => {
                    let place = self.trail.place(contract, self.doc, property.field);
                    self.violations.push(Violation::new(place, Fault::Required));
                }
                None => {}
            }
            self.trail.pop();
        }
        while let Some(id) = at.get() {
            self.trail.push(Step::Member(id));
            self.value(id);
            self.trail.pop();
            at = self.doc.node(id).next;
        }
    }

    fn list(&mut self, first: NodeId) {
        let mut at = first.get();
        let mut position = 0;
        while let Some(id) = at {
            self.trail.push(Step::Item(position));
            self.value(id);
            self.trail.pop();
            at = self.doc.node(id).next.get();
            position += 1;
        }
    }

    fn fault(&mut self, id: NodeId, field: FieldId, fault: Fault) {
        // What is only warned of may be used, unless it is of another kind than all that uses it expects.
        let tolerated = self.contract.field(field).severity == Severity::Warn && matches!(fault, Fault::Check(_));
        if !tolerated {
            self.doc.fail(id);
        }
        let found = Found::of(self.doc, id);
        let place = self.trail.place(self.contract, self.doc, field);
        let mut violation = Violation::found(place, fault, found);
        violation.remedy = super::remedy::remedy(self.doc, id, self.contract, field);
        self.violations.push(violation);
    }
}

/// The field of a value that is to be checked; none for what failed before, is left out, or is not described.
fn described(node: Node) -> Option<FieldId> {
    (!node.failed && !node.dropped && node.field != UNCLAIMED).then_some(FieldId(node.field as usize))
}
