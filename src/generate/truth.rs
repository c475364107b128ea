//! What a validator has to say about a line, known from how the line was made and not from validating it.

use super::draft::{Draft, push_plain_id};
use super::field::Field;
use super::json::push_text;
use super::order::Order;
use std::fmt::Write;

/// The largest total that the rule `order_total` lets pass, in hundredths.
const LARGEST_TOTAL: u64 = 10_000_000;

/// A violation that was put into a field.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Fault {
    pub(super) field: Field,
    pub(super) path: &'static str,
    pub(super) code: &'static str,
}

impl Fault {
    /// What no normaliser could read is told before what fails a check.
    fn is_check(&self) -> bool {
        !matches!(self.code, "missing" | "number" | "ambiguous_number" | "boolean" | "datetime" | "ambiguous_date")
    }
}

/// The truth about one line.
pub(super) struct Truth {
    pub(super) line: u64,
    /// The id that may be shown: none where there is no valid one.
    pub(super) id: Option<u64>,
    violations: Vec<(&'static str, &'static str)>,
    pub(super) anomaly: bool,
}

impl Truth {
    /// The truth about a line that can be parsed.
    pub(super) fn of(line: u64, order: &Order, draft: &mut Draft, anomaly: bool) -> Self {
        draft.faults.sort_by_key(|fault| (fault.is_check(), fault.field));
        let mut violations: Vec<_> = draft.faults.iter().map(|fault| (fault.path, fault.code)).collect();
        let price_is_valid = !draft.is_faulty(Field::UnitPrice);
        if price_is_valid && order.cents == 0 {
            violations.push(("", "zero_price"));
        }
        if price_is_valid
            && !draft.is_faulty(Field::Quantity)
            && order.quantity.saturating_mul(order.cents) > LARGEST_TOTAL
        {
            violations.push(("", "order_total"));
        }
        if draft.duplicate {
            violations.push((Field::OrderId.path(), "duplicate"));
        }
        Self { line, id: (!draft.is_faulty(Field::OrderId)).then_some(order.id), violations, anomaly }
    }

    /// The truth about a line that is no record.
    pub(super) fn of_broken(line: u64, code: &'static str) -> Self {
        Self { line, id: None, violations: vec![("", code)], anomaly: false }
    }

    pub(super) fn is_accepted(&self) -> bool {
        self.violations.is_empty()
    }

    /// Writes the truth as one JSON object.
    pub(super) fn write(&self, families: &[&str], out: &mut String) {
        let _ = write!(out, "{{\"line\": {}, \"id\": ", self.line);
        match self.id {
            Some(id) => {
                out.push('"');
                push_plain_id(id, out);
                out.push('"');
            }
            None => out.push_str("null"),
        }
        let status = if self.is_accepted() { "accepted" } else { "rejected" };
        out.extend([", \"status\": \"", status, "\", \"violations\": ["]);
        for (place, (path, code)) in self.violations.iter().enumerate() {
            if place > 0 {
                out.push_str(", ");
            }
            out.extend(["{\"path\": \"", path, "\", \"code\": \"", code, "\"}"]);
        }
        out.push_str("], \"defects\": [");
        for (place, family) in families.iter().enumerate() {
            if place > 0 {
                out.push_str(", ");
            }
            push_text(family, out);
        }
        let _ = write!(out, "], \"anomaly\": {}}}", self.anomaly);
    }
}
