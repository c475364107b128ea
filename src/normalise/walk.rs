//! Goes through a record along its contract: names are matched, unknown keys dealt with, normalisers applied.

use super::{Normalised, Normaliser, Repair, State, insert, missing, text};
use crate::contract::{Contract, FieldId, Property, Types, Unknown};
use crate::record::Record;
use crate::record::document::{Document, Node, NodeId, Span, Value};
use crate::validate::{Fault, Violation};

pub(super) fn normalise(record: Record, contract: &Contract, mut slots: Vec<NodeId>) -> Normalised {
    slots.clear();
    slots.resize(contract.fields.len(), NodeId::NONE);
    let mut state = State {
        contract,
        doc: record.0,
        slots,
        repairs: Vec::new(),
        violations: Vec::new(),
        items: Vec::new(),
        codes: Vec::new(),
    };
    state.object(Document::ROOT, FieldId::ROOT);
    Normalised { doc: state.doc, slots: state.slots, repairs: state.repairs, violations: state.violations }
}

impl<'c> State<'c> {
    /// Puts the members of an object into the contract's order and normalises each.
    fn object(&mut self, id: NodeId, field: FieldId) {
        let contract: &'c Contract = self.contract;
        let field_of = contract.field(field);
        let properties = &field_of.properties;
        for property in properties {
            self.slot(property.field, NodeId::NONE);
        }
        let mut chain = Chain::default();
        let mut kept = Chain::default();
        let mut hint = 0;
        let mut at = self.doc.children(id).next();
        while let Some(child) = at {
            let node = self.doc.node(child);
            at = node.next.get();
            self.doc.link(child, NodeId::NONE);
            match find(properties, self.doc.str(node.key), &mut hint) {
                Some(property) => self.slot(property.field, child),
                None if field_of.unknown == Unknown::Keep => kept.push(&mut self.doc, child),
                None => self.unknown(field, field_of.unknown, node.key),
            }
        }
        for property in properties {
            let node = self.slots.get(property.field.0).copied().unwrap_or(NodeId::NONE);
            let node = match node.get() {
                Some(node) => self.property(node, property),
                None => self.absent(property),
            };
            match node {
                Some(node) => chain.push(&mut self.doc, node),
                None => self.slot(property.field, NodeId::NONE),
            }
        }
        if let Some(first) = kept.first.get() {
            chain.push(&mut self.doc, first);
        }
        self.doc.set(id, Value::Object(chain.first));
    }

    fn slot(&mut self, field: FieldId, id: NodeId) {
        if let Some(slot) = self.slots.get_mut(field.0) {
            *slot = id;
        }
    }

    /// An unknown key never reaches an output; its name only where it cannot be somebody's data.
    fn unknown(&mut self, parent: FieldId, unknown: Unknown, key: Span) {
        let name = Some(self.doc.str(key)).filter(|name| is_plain_name(name)).map(ToOwned::to_owned);
        let place = self.place(parent).below(name);
        if unknown == Unknown::Reject {
            self.violations.push(Violation::new(place, Fault::UnknownField));
        } else {
            self.repairs.push(Repair { place, code: "unknown_dropped" });
        }
    }

    /// A property that the record does not have: its default, if there is one.
    fn absent(&mut self, property: &Property) -> Option<NodeId> {
        let default = self.contract.field(property.field).default.as_ref()?;
        let key = self.doc.write(&property.name);
        let value = insert(&mut self.doc, default);
        let id = self.doc.add(Node::new(key, value));
        self.slot(property.field, id);
        self.repair(property.field, "defaulted");
        Some(id)
    }

    fn repair(&mut self, field: FieldId, code: &'static str) {
        let place = self.place(field);
        self.repairs.push(Repair { place, code });
    }

    fn fail(&mut self, id: NodeId, field: FieldId, fault: Fault) {
        self.doc.fail(id);
        let found = crate::validate::Found::of(&self.doc, id);
        self.violations.push(Violation::found(self.place(field), fault, found));
    }

    /// Normalises the value of a property; none when it turned out to be no value and the field may be absent.
    fn property(&mut self, id: NodeId, property: &Property) -> Option<NodeId> {
        let field = self.contract.field(property.field);
        if field.normalise.is_empty() {
            self.below(id, property.field);
            return Some(id);
        }
        self.codes.clear();
        text::trim(&mut self.doc, id, &mut self.codes);
        if !missing::is_missing(&self.doc, id, field) {
            self.steps(id, property.field, &field.normalise);
            return Some(id);
        }
        let was_null = self.doc.value(id) == Value::Null;
        if let Some(default) = &field.default {
            let value = insert(&mut self.doc, default);
            self.doc.set(id, value);
            if !(was_null && value == Value::Null) {
                self.repair(property.field, "defaulted");
            }
        } else if property.required {
            self.fail(id, property.field, Fault::Missing);
        } else if !field.types.has(Types::NULL) {
            self.repair(property.field, "missing_to_absent");
            return None;
        } else if !was_null {
            self.doc.set(id, Value::Null);
            self.repair(property.field, "missing_to_null");
        }
        Some(id)
    }

    /// Applies the normalisers to a value that is there, then goes on below it.
    fn steps(&mut self, id: NodeId, field_id: FieldId, steps: &[Normaliser]) {
        let field = self.contract.field(field_id);
        for step in steps {
            if let Err(code) = step.apply(&mut self.doc, id, field, &mut self.codes) {
                self.fail(id, field_id, Fault::Unreadable(code));
                return;
            }
        }
        let place = self.place(field_id);
        for code in self.codes.drain(..) {
            self.repairs.push(Repair { place: place.clone(), code });
        }
        self.below(id, field_id);
    }

    fn below(&mut self, id: NodeId, field_id: FieldId) {
        let field = self.contract.field(field_id);
        match self.doc.value(id) {
            Value::Object(_) => self.object(id, field_id),
            Value::List(first) => {
                let Some(items) = field.items else {
                    return;
                };
                let steps = &self.contract.field(items).normalise;
                self.items.push(0);
                let mut at = first.get();
                while let Some(item) = at {
                    at = self.doc.node(item).next.get();
                    if steps.is_empty() {
                        self.below(item, items);
                    } else {
                        self.codes.clear();
                        text::trim(&mut self.doc, item, &mut self.codes);
                        self.steps(item, items, steps);
                    }
                    if let Some(position) = self.items.last_mut() {
                        *position += 1;
                    }
                }
                self.items.pop();
            }
            _ => {}
        }
    }
}

/// Feeds keep their keys in one order, so the property behind the last one found is tried first.
fn find<'p>(properties: &'p [Property], name: &str, hint: &mut usize) -> Option<&'p Property> {
    let at = match properties.get(*hint) {
        Some(property) if property.name == name => *hint,
        _ => properties.iter().position(|property| property.name == name)?,
    };
    *hint = at + 1;
    properties.get(at)
}

/// A key that is shown: it looks like a name that a programmer gave, not like an address, a number or a sentence.
fn is_plain_name(name: &str) -> bool {
    let digits = name.bytes().filter(u8::is_ascii_digit).count();
    name.len() <= 40
        && digits < 5
        && name.starts_with(|first: char| first.is_ascii_alphabetic() || first == '_')
        && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-'))
}

/// A list of siblings under construction.
struct Chain {
    first: NodeId,
    last: NodeId,
}

impl Default for Chain {
    fn default() -> Self {
        Self { first: NodeId::NONE, last: NodeId::NONE }
    }
}

impl Chain {
    fn push(&mut self, doc: &mut Document, id: NodeId) {
        if self.last == NodeId::NONE {
            self.first = id;
        } else {
            doc.link(self.last, id);
        }
        self.last = id;
    }
}
