//! An order as it is written down: one piece of JSON for each field, which defects replace.

use super::clock::Moment;
use super::field::Field;
use super::json::push_text;
use super::order::Order;
use super::truth::Fault;
use std::fmt::Write;

/// Where a member that the contract does not know stands.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Spot {
    First,
    InShipping,
    Last,
}

/// The line under construction, and what is known to be wrong with it. The buffers are used for line after line.
pub(super) struct Draft {
    /// The JSON of each field; empty means that the record does not have it. The shipping object is made of its members
    /// unless it has JSON of its own.
    slots: [String; Field::COUNT],
    /// The record has no shipping object at all.
    no_shipping: bool,
    unknown: Vec<(Spot, String)>,
    /// The fields that already have a defect: two in one place would hide each other.
    claimed: u32,
    pub(super) faults: Vec<Fault>,
    pub(super) families: Vec<&'static str>,
    /// The id is one that an accepted record holds.
    pub(super) duplicate: bool,
}

impl Draft {
    pub(super) fn new() -> Self {
        Self {
            slots: std::array::from_fn(|_| String::new()),
            no_shipping: false,
            unknown: Vec::new(),
            claimed: 0,
            faults: Vec::new(),
            families: Vec::new(),
            duplicate: false,
        }
    }

    /// Writes an order as the contract wants it.
    pub(super) fn write(&mut self, order: &Order) {
        self.no_shipping = false;
        self.duplicate = false;
        self.claimed = 0;
        self.unknown.clear();
        self.faults.clear();
        self.families.clear();
        self.with(Field::OrderId, |out| push_id(order.id, out));
        self.text(Field::CustomerEmail, &order.customer.email);
        self.with(Field::Quantity, |out| push_number(order.quantity, out));
        self.with(Field::UnitPrice, |out| push_price(order.cents, out));
        self.json(Field::IsGift, if order.gift { "true" } else { "false" });
        self.text(Field::Status, order.status);
        self.with(Field::CreatedAt, |out| {
            out.push('"');
            Moment::new(order.at).write_plain('T', out);
            // Some systems count milliseconds.
            if order.id.is_multiple_of(16) {
                let _ = write!(out, ".{:03}", order.id % 1000);
            }
            out.push_str("Z\"");
        });
        self.json(Field::Shipping, "");
        self.text(Field::CountryCode, order.customer.country.code);
        self.text(Field::City, order.customer.city);
        let code = &order.customer.postal_code;
        self.optional(Field::PostalCode, code, order.has_postal_code, order.id);
        self.optional(Field::Street, &order.customer.street, order.has_street, order.id);
        self.with(Field::Tags, |out| push_tags(order, out));
        self.optional(Field::ReferrerUrl, &order.referrer, !order.referrer.is_empty(), order.id);
        self.optional(Field::CouponCode, &order.coupon, !order.coupon.is_empty(), order.id);
        self.with(Field::Priority, |out| push_number(order.priority, out));
    }

    /// A field that may hold no value: then it is null, or not there at all.
    fn optional(&mut self, field: Field, text: &str, has: bool, id: u64) {
        match (has, id % 3) {
            (true, _) => self.text(field, text),
            (false, 0) => self.json(field, ""),
            (false, _) => self.json(field, "null"),
        }
    }

    /// Takes the field for one defect; false when another one has it.
    pub(super) fn claim(&mut self, field: Field) -> bool {
        let free = self.claimed & field.overlap() == 0;
        if free {
            self.claimed |= field.bit();
        }
        free
    }

    /// Whether a defect could still take the field.
    pub(super) fn is_free(&self, field: Field) -> bool {
        self.claimed & field.overlap() == 0
    }

    /// Replaces a field's JSON by what a function writes.
    pub(super) fn with(&mut self, field: Field, write: impl FnOnce(&mut String)) {
        if let Some(slot) = self.slots.get_mut(field as usize) {
            slot.clear();
            write(slot);
        }
    }

    pub(super) fn json(&mut self, field: Field, json: &str) {
        self.with(field, |out| out.push_str(json));
    }

    pub(super) fn text(&mut self, field: Field, text: &str) {
        self.with(field, |out| push_text(text, out));
    }

    /// Leaves the field out.
    pub(super) fn leave_out(&mut self, field: Field) {
        self.json(field, "");
        self.no_shipping |= field == Field::Shipping;
    }

    /// Adds a member that the contract does not know.
    pub(super) fn add_unknown(&mut self, spot: Spot, member: String) {
        self.unknown.push((spot, member));
    }

    pub(super) fn has_unknown(&self) -> bool {
        !self.unknown.is_empty()
    }

    /// Notes that the field breaks the contract.
    pub(super) fn fault(&mut self, field: Field, code: &'static str) {
        self.fault_at(field, field.path(), code);
    }

    /// Notes that something inside the field breaks the contract.
    pub(super) fn fault_at(&mut self, field: Field, path: &'static str, code: &'static str) {
        self.faults.push(Fault { field, path, code });
    }

    pub(super) fn is_faulty(&self, field: Field) -> bool {
        self.faults.iter().any(|fault| fault.field == field)
    }

    /// Puts the record together.
    pub(super) fn assemble(&self, out: &mut String) {
        out.push('{');
        self.push_unknown(Spot::First, out);
        for field in Field::BEFORE_SHIPPING {
            self.push_member(field, out);
        }
        let is_object = self.slot(Field::Shipping).is_empty() && !self.no_shipping;
        if is_object {
            separate(out);
            out.push_str("\"shipping\": {");
            for field in Field::IN_SHIPPING {
                self.push_member(field, out);
            }
            self.push_unknown(Spot::InShipping, out);
            out.push('}');
        } else {
            self.push_member(Field::Shipping, out);
            self.push_unknown(Spot::InShipping, out);
        }
        for field in Field::AFTER_SHIPPING {
            self.push_member(field, out);
        }
        self.push_unknown(Spot::Last, out);
        out.push('}');
    }

    fn slot(&self, field: Field) -> &str {
        self.slots.get(field as usize).map_or("", String::as_str)
    }

    fn push_member(&self, field: Field, out: &mut String) {
        let json = self.slot(field);
        if !json.is_empty() {
            separate(out);
            out.extend(["\"", field.key(), "\": ", json]);
        }
    }

    fn push_unknown(&self, spot: Spot, out: &mut String) {
        for (_, member) in self.unknown.iter().filter(|(at, _)| *at == spot) {
            separate(out);
            out.push_str(member);
        }
    }
}

/// Divides a member from the one before it.
fn separate(out: &mut String) {
    if !out.ends_with('{') {
        out.push_str(", ");
    }
}

/// Appends the id as JSON.
fn push_id(id: u64, out: &mut String) {
    out.push('"');
    push_plain_id(id, out);
    out.push('"');
}

/// Appends the id: digits padded to six.
pub(super) fn push_plain_id(id: u64, out: &mut String) {
    let _ = write!(out, "ORD-{id:06}");
}

pub(super) fn push_number(number: u64, out: &mut String) {
    let _ = write!(out, "{number}");
}

/// Appends a price as programs print it, without needless zeros: `19.99`, `7.5`, `5.0`.
fn push_price(cents: u64, out: &mut String) {
    let (whole, cents) = (cents / 100, cents % 100);
    let _ = match (cents / 10, cents % 10) {
        (tenth, 0) => write!(out, "{whole}.{tenth}"),
        _ => write!(out, "{whole}.{cents:02}"),
    };
}

fn push_tags(order: &Order, out: &mut String) {
    if order.tags.is_empty() {
        // No tags are an empty list, null, or nothing.
        out.push_str(match order.id % 4 {
            0 => "",
            1 => "null",
            _ => "[]",
        });
        return;
    }
    out.push('[');
    for (place, tag) in order.tags.iter().enumerate() {
        if place > 0 {
            out.push_str(", ");
        }
        push_text(tag, out);
    }
    out.push(']');
}
