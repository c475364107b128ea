//! Goes through a record along its contract: names are matched, unknown keys dealt with, forms told apart, normalisers
//! applied.

use super::{Chain, Normalised, Repair, State, Tokens, form, insert, missing, text};
use crate::contract::{Contract, FieldId, Property, Types, Unknown};
use crate::record::Record;
use crate::record::document::{Document, Node, NodeId, Value};
use crate::validate::{Fault, Step, Trail, Violation, is_plain_name};

pub(super) fn normalise(record: Record, contract: &Contract, tokens: Tokens<'_>, mut slots: Vec<NodeId>) -> Normalised {
    slots.clear();
    slots.resize(contract.fields.len(), NodeId::NONE);
    let mut state = State {
        contract,
        tokens,
        doc: record.0,
        slots,
        repairs: Vec::new(),
        violations: Vec::new(),
        trail: Trail::default(),
        found: Vec::new(),
        codes: Vec::new(),
    };
    state.value(Document::ROOT, FieldId::ROOT, None);
    Normalised { doc: state.doc, slots: state.slots, repairs: state.repairs, violations: state.violations }
}

impl<'c> State<'c> {
    /// Normalises a value and all below it. `required` says whether a property may be absent, and is none for what is
    /// no property: an item stays where it is. None is answered where the value turned out to be no value.
    fn value(&mut self, id: NodeId, field_id: FieldId, required: Option<bool>) -> Option<NodeId> {
        let contract: &'c Contract = self.contract;
        let field = contract.field(field_id);
        self.doc.claim(id, u32::try_from(field_id.0).unwrap_or(u32::MAX));
        if field.mask.leaves_tokens() && self.is_token(id, field_id) {
            self.doc.know_token(id);
            return Some(id);
        }
        if !field.normalise.is_empty() {
            self.codes.clear();
            text::trim(&mut self.doc, id, &mut self.codes);
            if let Some(required) = required
                && missing::is_missing(&self.doc, id, field)
            {
                return self.missing(id, field_id, required);
            }
            if !self.steps(id, field_id) {
                return Some(id);
            }
        }
        if let Some(union) = &field.union {
            return match form::choose(union, contract, &self.doc, id) {
                Some(form) => self.value(id, form, required),
                None => Some(id),
            };
        }
        match self.doc.value(id) {
            Value::Object(_) => self.object(id, field_id),
            Value::List(first) => self.list(first, field_id),
            _ => {}
        }
        Some(id)
    }

    fn is_token(&self, id: NodeId, field: FieldId) -> bool {
        matches!(self.doc.value(id), Value::Text(span) if (self.tokens)(field, self.doc.str(span)))
    }

    /// Applies the normalisers to a value that is there; answers whether it could be read.
    fn steps(&mut self, id: NodeId, field_id: FieldId) -> bool {
        let contract: &'c Contract = self.contract;
        let field = contract.field(field_id);
        for step in &field.normalise {
            if let Err(code) = step.apply(&mut self.doc, id, field, &mut self.codes) {
                self.fail(id, field_id, Fault::Unreadable(code));
                return false;
            }
        }
        if !self.codes.is_empty() {
            let place = self.place(field_id);
            for code in self.codes.drain(..) {
                self.repairs.push(Repair { place: place.clone(), code });
            }
        }
        true
    }

    /// A value that stands for "no value".
    fn missing(&mut self, id: NodeId, field_id: FieldId, required: bool) -> Option<NodeId> {
        let contract: &'c Contract = self.contract;
        let field = contract.field(field_id);
        let was_null = self.doc.value(id) == Value::Null;
        if let Some(default) = &field.default {
            let value = insert(&mut self.doc, default);
            self.doc.set(id, value);
            if !(was_null && value == Value::Null) {
                self.repair(field_id, "defaulted");
            }
            self.below_default(id, field_id);
        } else if required {
            self.fail(id, field_id, Fault::Missing);
        } else if !field.types.has(Types::NULL) {
            self.repair(field_id, "missing_to_absent");
            return None;
        } else if !was_null {
            self.doc.set(id, Value::Null);
            self.repair(field_id, "missing_to_null");
        }
        Some(id)
    }

    /// What lies in a default takes its fields, as all else does.
    fn below_default(&mut self, id: NodeId, field_id: FieldId) {
        let contract: &'c Contract = self.contract;
        let field = contract.field(field_id);
        if let Some(union) = &field.union {
            if let Some(form) = form::choose(union, contract, &self.doc, id) {
                self.doc.claim(id, u32::try_from(form.0).unwrap_or(u32::MAX));
                self.below_default(id, form);
            }
            return;
        }
        match self.doc.value(id) {
            Value::Object(_) => self.object(id, field_id),
            Value::List(first) => self.list(first, field_id),
            _ => {}
        }
    }

    /// Puts the members of an object into the contract's order and normalises each.
    fn object(&mut self, id: NodeId, field_id: FieldId) {
        let contract: &'c Contract = self.contract;
        let field = contract.field(field_id);
        let properties = &field.properties;
        let base = self.found.len();
        self.found.resize(base + properties.len(), NodeId::NONE);
        let mut others = Chain::default();
        let mut unknown = Chain::default();
        let mut hint = 0;
        let mut at = self.doc.children(id).next();
        while let Some(child) = at {
            let node = self.doc.node(child);
            at = node.next.get();
            let name = self.doc.str(node.key);
            if let Some(place) = find(properties, name, &mut hint) {
                if let Some(found) = self.found.get_mut(base + place) {
                    *found = child;
                }
                continue;
            }
            let by_pattern = field.patterns.iter().find(|(pattern, _)| pattern.is_match(name)).map(|(_, field)| *field);
            match by_pattern.or(field.additional) {
                Some(described) => {
                    self.trail.push(Step::Member(child));
                    if self.value(child, described, Some(false)).is_some() {
                        others.push(&mut self.doc, child);
                    }
                    self.trail.pop();
                }
                None if field.unknown == Unknown::Keep => others.push(&mut self.doc, child),
                None => {
                    self.unknown(child, field_id, field.unknown);
                    unknown.push(&mut self.doc, child);
                }
            }
        }
        let mut members = Chain::default();
        for (place, property) in properties.iter().enumerate() {
            self.trail.push(Step::Property(property.field));
            if let Some(node) = self.property(base + place, property) {
                members.push(&mut self.doc, node);
            }
            self.trail.pop();
        }
        self.found.truncate(base);
        members.append(&mut self.doc, &others);
        members.append(&mut self.doc, &unknown);
        self.doc.set(id, Value::Object(members.first));
    }

    fn property(&mut self, place: usize, property: &Property) -> Option<NodeId> {
        let found = self.found.get(place).and_then(|id| id.get());
        let node = match found {
            Some(node) => self.value(node, property.field, Some(property.required)),
            None => self.absent(property),
        }?;
        let field = self.contract.field(property.field);
        if !field.repeated
            && let Some(slot) = self.slots.get_mut(field.column.0)
        {
            *slot = node;
        }
        Some(node)
    }

    /// A property that the record does not have: its default, if there is one.
    fn absent(&mut self, property: &Property) -> Option<NodeId> {
        let contract: &'c Contract = self.contract;
        let default = contract.field(property.field).default.as_ref()?;
        let key = self.doc.write(&property.name);
        let value = insert(&mut self.doc, default);
        let id = self.doc.add(Node::new(key, value));
        self.doc.claim(id, u32::try_from(property.field.0).unwrap_or(u32::MAX));
        self.repair(property.field, "defaulted");
        self.below_default(id, property.field);
        Some(id)
    }

    fn list(&mut self, first: NodeId, field_id: FieldId) {
        let contract: &'c Contract = self.contract;
        let field = contract.field(field_id);
        if field.prefix.is_empty() && field.items.is_none() {
            return;
        }
        let mut at = first.get();
        let mut position = 0_u32;
        while let Some(item) = at {
            at = self.doc.node(item).next.get();
            let by_position = field.prefix.get(position as usize).copied();
            if let Some(described) = by_position.or(field.items) {
                self.trail.push(Step::Item(position));
                self.value(item, described, None);
                self.trail.pop();
            }
            position += 1;
        }
    }

    /// An unknown key never reaches an output; its name only where it cannot be somebody's data.
    fn unknown(&mut self, id: NodeId, parent: FieldId, unknown: Unknown) {
        self.doc.drop_node(id);
        let name = self.doc.str(self.doc.node(id).key);
        let place = self.place(parent).below(Some(name).filter(|name| is_plain_name(name)), self.contract);
        if unknown == Unknown::Reject {
            self.violations.push(Violation::new(place, Fault::UnknownField));
        } else {
            self.repairs.push(Repair { place, code: "unknown_dropped" });
        }
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
}

/// Feeds keep their keys in one order, so the property behind the last one found is tried first.
fn find(properties: &[Property], name: &str, hint: &mut usize) -> Option<usize> {
    let at = match properties.get(*hint) {
        Some(property) if property.name == name => *hint,
        _ => properties.iter().position(|property| property.name == name)?,
    };
    *hint = at + 1;
    Some(at)
}
