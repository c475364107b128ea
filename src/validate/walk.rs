//! Goes through a record along its contract and checks each value.

use super::Checked;
use super::scalar;
use super::violation::{Fault, Found, Place, Violation};
use crate::contract::{Contract, FieldId, Types};
use crate::record::document::{Document, NodeId, Value};

pub(super) fn fields(record: &mut Checked, contract: &Contract) {
    let mut walk = Walk { contract, doc: &mut record.doc, violations: &mut record.violations, items: Vec::new() };
    walk.value(Document::ROOT, FieldId::ROOT);
}

struct Walk<'r> {
    contract: &'r Contract,
    doc: &'r mut Document,
    violations: &'r mut Vec<Violation>,
    items: Vec<u32>,
}

impl Walk<'_> {
    fn value(&mut self, id: NodeId, field_id: FieldId) {
        let node = self.doc.node(id);
        if node.failed {
            return;
        }
        let field = self.contract.field(field_id);
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
        for (index, check) in field.checks.iter().enumerate() {
            if !scalar::holds(check, self.doc, id) {
                self.fault(id, field_id, Fault::Check(index));
            }
        }
        match node.value {
            Value::Object(first) => self.object(first, field_id),
            Value::List(first) => {
                if let Some(items) = field.items {
                    self.list(first, items);
                }
            }
            _ => {}
        }
    }

    /// The members stand in the contract's order, so both are gone through side by side.
    fn object(&mut self, first: NodeId, field_id: FieldId) {
        let contract = self.contract;
        let mut at = first;
        for property in &contract.field(field_id).properties {
            let here = at.get().filter(|id| self.doc.str(self.doc.node(*id).key) == property.name);
            match here {
                Some(id) => {
                    self.value(id, property.field);
                    at = self.doc.node(id).next;
                }
                None if property.required => {
                    let place = Place::new(property.field, &self.items);
                    self.violations.push(Violation::new(place, Fault::Required));
                }
                None => {}
            }
        }
    }

    fn list(&mut self, first: NodeId, items: FieldId) {
        self.items.push(0);
        let mut at = first.get();
        while let Some(id) = at {
            self.value(id, items);
            at = self.doc.node(id).next.get();
            if let Some(position) = self.items.last_mut() {
                *position += 1;
            }
        }
        self.items.pop();
    }

    fn fault(&mut self, id: NodeId, field: FieldId, fault: Fault) {
        self.doc.fail(id);
        let found = Found::of(self.doc, id);
        let place = Place::new(field, &self.items);
        let mut violation = Violation::found(place, fault, found);
        violation.remedy = super::remedy::remedy(self.doc, id, self.contract.field(field));
        self.violations.push(violation);
    }
}

#[allow(clippy::inline_always, reason = "measured: on the hot path, and called from a second place that is not")]
#[inline(always)]
pub(super) fn has_type(value: Value, doc: &Document, types: Types) -> bool {
    types.has(match value {
        Value::Null => Types::NULL,
        Value::Bool(_) => Types::BOOLEAN,
        // JSON Schema counts 12.0 among the integers.
        Value::Number { text, value } if types.has(Types::INTEGER) && !types.has(Types::NUMBER) => {
            let digits = doc.str(text);
            if crate::contract::is_whole(value) || !digits.contains(['.', 'e', 'E']) {
                Types::INTEGER
            } else {
                Types::NUMBER
            }
        }
        Value::Number { .. } => Types::NUMBER,
        Value::Text(_) => Types::STRING,
        Value::List(_) => Types::ARRAY,
        Value::Object(_) => Types::OBJECT,
    })
}
