//! Runs a compiled expression over one document.

use super::parse::Binary;
use crate::contract::FieldId;
use crate::record::document::{Document, Kind, NodeId, Value};
use smallvec::SmallVec;

/// One step of a program, working on a stack.
#[derive(Clone, Copy, Debug)]
pub(super) enum Op {
    Number(f64),
    Bool(bool),
    Text(usize),
    Null,
    Field(FieldId),
    Has(FieldId),
    /// The place of the text on the stack in the field's list of values.
    Position(FieldId),
    Size,
    Not,
    Negate,
    Binary(Binary),
}

/// A compiled expression: no loops, so its length bounds its steps.
#[derive(Clone, Debug)]
pub(crate) struct Program {
    pub(super) ops: Vec<Op>,
    pub(super) texts: Vec<String>,
    pub(super) fields: Vec<FieldId>,
}

/// What an expression gives.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Outcome {
    Number(f64),
    Bool(bool),
    Missing,
}

#[derive(Clone, Copy)]
enum Item<'d> {
    Number(f64),
    Bool(bool),
    Text(&'d str),
    Node(NodeId),
    Null,
    Missing,
}

/// Expressions are short: eight operands at once are already a lot.
type Stack<'d> = SmallVec<[Item<'d>; 8]>;

impl Program {
    /// The fields that the expression names.
    pub(crate) fn fields(&self) -> &[FieldId] {
        &self.fields
    }

    /// Runs over the values of `doc`; `position` tells where a text stands in a field's list of values.
    pub(crate) fn run(
        &self,
        doc: &Document,
        slots: &[NodeId],
        position: &dyn Fn(FieldId, &str) -> Option<usize>,
    ) -> Outcome {
        let mut stack = Stack::new();
        for op in &self.ops {
            let item = self.step(*op, &mut stack, doc, slots, position);
            stack.push(item);
        }
        match stack.pop() {
            Some(Item::Number(value)) if value.is_finite() => Outcome::Number(value),
            Some(Item::Bool(value)) => Outcome::Bool(value),
            _ => Outcome::Missing,
        }
    }

    fn step<'d>(
        &'d self,
        op: Op,
        stack: &mut Stack<'d>,
        doc: &'d Document,
        slots: &[NodeId],
        position: &dyn Fn(FieldId, &str) -> Option<usize>,
    ) -> Item<'d> {
        let slot = |field: FieldId| slots.get(field.0).copied().unwrap_or(NodeId::NONE);
        match op {
            Op::Number(value) => Item::Number(value),
            Op::Bool(value) => Item::Bool(value),
            Op::Text(index) => self.texts.get(index).map_or(Item::Missing, |text| Item::Text(text)),
            Op::Null => Item::Null,
            Op::Field(field) => load(doc, slot(field)),
            Op::Has(field) => Item::Bool(doc.usable(slot(field)).is_some()),
            Op::Position(field) => match stack.pop() {
                #[allow(clippy::cast_precision_loss, reason = "a list of values is far shorter than 2^53")]
                Some(Item::Text(text)) => {
                    position(field, text).map_or(Item::Missing, |place| Item::Number(place as f64))
                }
                _ => Item::Missing,
            },
            Op::Size => size(doc, stack.pop()),
            Op::Not => match stack.pop() {
                Some(Item::Bool(value)) => Item::Bool(!value),
                _ => Item::Missing,
            },
            Op::Negate => match stack.pop() {
                Some(Item::Number(value)) => Item::Number(-value),
                _ => Item::Missing,
            },
            Op::Binary(operator) => {
                let right = stack.pop().unwrap_or(Item::Missing);
                let left = stack.pop().unwrap_or(Item::Missing);
                binary(operator, left, right)
            }
        }
    }
}

fn load(doc: &Document, id: NodeId) -> Item<'_> {
    match doc.usable(id) {
        Some(Value::Number { value, .. }) => Item::Number(value),
        Some(Value::Bool(value)) => Item::Bool(value),
        Some(Value::Text(span)) => Item::Text(doc.str(span)),
        Some(Value::List(_) | Value::Object(_)) => Item::Node(id),
        Some(Value::Null) | None => Item::Missing,
    }
}

#[allow(clippy::cast_precision_loss, reason = "sizes are bounded by the record's limits")]
fn size<'d>(doc: &Document, item: Option<Item<'d>>) -> Item<'d> {
    match item {
        Some(Item::Text(text)) => Item::Number(text.chars().count() as f64),
        Some(Item::Node(id)) if doc.value(id).kind() == Kind::List => {
            let usable = doc.children(id).filter(|child| !doc.node(*child).failed);
            Item::Number(usable.count() as f64)
        }
        _ => Item::Missing,
    }
}

fn binary<'d>(operator: Binary, left: Item<'d>, right: Item<'d>) -> Item<'d> {
    match operator {
        Binary::And => match (left, right) {
            (Item::Bool(false), _) | (_, Item::Bool(false)) => Item::Bool(false),
            (Item::Bool(true), Item::Bool(true)) => Item::Bool(true),
            _ => Item::Missing,
        },
        Binary::Or => match (left, right) {
            (Item::Bool(true), _) | (_, Item::Bool(true)) => Item::Bool(true),
            (Item::Bool(false), Item::Bool(false)) => Item::Bool(false),
            _ => Item::Missing,
        },
        Binary::Equal => equal(left, right).map_or(Item::Missing, Item::Bool),
        Binary::NotEqual => equal(left, right).map_or(Item::Missing, |same| Item::Bool(!same)),
        _ => match (left, right) {
            (Item::Number(left), Item::Number(right)) => arithmetic(operator, left, right),
            (Item::Text(left), Item::Text(right)) => ordered(operator, left.cmp(right)),
            _ => Item::Missing,
        },
    }
}

#[allow(clippy::float_cmp, reason = "== is exact equality, as in CEL")]
fn equal(left: Item<'_>, right: Item<'_>) -> Option<bool> {
    match (left, right) {
        (Item::Null | Item::Missing, Item::Null) | (Item::Null, Item::Missing) => Some(true),
        (_, Item::Null) | (Item::Null, _) => Some(false),
        (Item::Number(left), Item::Number(right)) => Some(left == right),
        (Item::Text(left), Item::Text(right)) => Some(left == right),
        (Item::Bool(left), Item::Bool(right)) => Some(left == right),
        _ => None,
    }
}

fn arithmetic<'d>(operator: Binary, left: f64, right: f64) -> Item<'d> {
    let value = match operator {
        Binary::Add => left + right,
        Binary::Subtract => left - right,
        Binary::Multiply => left * right,
        Binary::Divide => left / right,
        Binary::Remainder => left % right,
        _ => {
            return left.partial_cmp(&right).map_or(Item::Missing, |order| ordered(operator, order));
        }
    };
    if value.is_finite() { Item::Number(value) } else { Item::Missing }
}

fn ordered<'d>(operator: Binary, order: std::cmp::Ordering) -> Item<'d> {
    Item::Bool(match operator {
        Binary::Less => order.is_lt(),
        Binary::LessEqual => order.is_le(),
        Binary::Greater => order.is_gt(),
        _ => order.is_ge(),
    })
}
