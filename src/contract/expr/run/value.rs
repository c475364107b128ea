//! The values on the stack, and the operators on them.

use super::{Exhausted, Machine};
use crate::contract::expr::lex::Binary;
use crate::contract::expr::number;
use crate::contract::expr::program::Leaf;
use crate::contract::expr::time::Time;
use crate::contract::expr::types::DEEPEST_LIST;
use crate::record::document::{Document, NodeId, Value};
use std::cmp::Ordering;

#[derive(Clone, Copy)]
pub(super) enum Item<'d> {
    Int(i64),
    Double(f64),
    Bool(bool),
    Text(&'d str),
    /// A text that was made, by its place.
    Written(u32),
    Time(Time),
    Duration(i64),
    Object(NodeId),
    /// A list of the record; how its numbers are read.
    Nodes(NodeId, Leaf),
    /// A list that was made, by its place.
    List(u32),
    Null,
    /// The record has no such value: equal to null.
    Missing,
    /// What comes of a missing value, or of a computation that has no result: equal to nothing.
    Error,
}

impl Item<'_> {
    pub(super) fn is_missing(self) -> bool {
        matches!(self, Self::Missing | Self::Error)
    }

    /// What is missing is an error to all but `== null` and `has`.
    pub(super) fn or_error(self) -> Self {
        if self.is_missing() { Self::Error } else { self }
    }
}

/// Reads a value of the record.
pub(super) fn load(doc: &Document, id: NodeId, leaf: Leaf) -> Item<'_> {
    match doc.usable(id) {
        Some(Value::Number { value, .. }) if leaf == Leaf::Double => Item::Double(value),
        Some(Value::Number { text, value }) => {
            let text = doc.str(text);
            if leaf == Leaf::AsWritten && text.contains(['.', 'e', 'E']) {
                Item::Double(value)
            } else {
                number::integer(text, value).map_or(Item::Error, Item::Int)
            }
        }
        Some(Value::Bool(value)) => Item::Bool(value),
        Some(Value::Text(span)) => Item::Text(doc.str(span)),
        Some(Value::List(_)) => Item::Nodes(id, leaf),
        Some(Value::Object(_)) => Item::Object(id),
        Some(Value::Null) | None => Item::Missing,
    }
}

pub(super) fn negate(item: Item<'_>) -> Item<'_> {
    match item {
        Item::Int(value) => value.checked_neg().map_or(Item::Error, Item::Int),
        Item::Double(value) => Item::Double(-value),
        _ => Item::Error,
    }
}

/// `&&` and `||`: one side may decide, whatever the other is.
pub(super) fn decide<'d>(or: bool, left: Item<'d>, right: Item<'d>) -> Item<'d> {
    match (left, right) {
        (Item::Bool(side), _) | (_, Item::Bool(side)) if side == or => Item::Bool(or),
        (Item::Bool(_), Item::Bool(_)) => Item::Bool(!or),
        _ => Item::Error,
    }
}

fn integers<'d>(operator: Binary, left: i64, right: i64) -> Item<'d> {
    let value = match operator {
        Binary::Add => left.checked_add(right),
        Binary::Subtract => left.checked_sub(right),
        Binary::Multiply => left.checked_mul(right),
        Binary::Divide => left.checked_div(right),
        Binary::Remainder => left.checked_rem(right),
        _ => return ordered(operator, Some(left.cmp(&right))),
    };
    value.map_or(Item::Error, Item::Int)
}

fn doubles<'d>(operator: Binary, left: f64, right: f64) -> Item<'d> {
    Item::Double(match operator {
        Binary::Add => left + right,
        Binary::Subtract => left - right,
        Binary::Multiply => left * right,
        Binary::Divide => left / right,
        Binary::Remainder => return Item::Error,
        _ => return ordered(operator, left.partial_cmp(&right)),
    })
}

/// NaN is neither less nor more nor equal: every comparison with it is false, but for `!=`.
fn ordered<'d>(operator: Binary, order: Option<Ordering>) -> Item<'d> {
    Item::Bool(match operator {
        Binary::Equal => order == Some(Ordering::Equal),
        Binary::NotEqual => order != Some(Ordering::Equal),
        Binary::Less => order.is_some_and(Ordering::is_lt),
        Binary::LessEqual => order.is_some_and(Ordering::is_le),
        Binary::Greater => order.is_some_and(Ordering::is_gt),
        _ => order.is_some_and(Ordering::is_ge),
    })
}

impl<'d> Machine<'d> {
    pub(super) fn binary(&mut self, operator: Binary, left: Item<'d>, right: Item<'d>) -> Result<Item<'d>, Exhausted> {
        Ok(match (left, right) {
            (_, list) if operator == Binary::In => self.contained(left, list)?,
            (Item::Double(left), Item::Double(right)) => doubles(operator, left, right),
            (Item::Int(left), Item::Int(right)) => integers(operator, left, right),
            (Item::Int(left), Item::Double(right)) => doubles(operator, number::promote(left), right),
            (Item::Double(left), Item::Int(right)) => doubles(operator, left, number::promote(right)),
            _ => match operator {
                Binary::Equal => self.equal(left, right, DEEPEST_LIST)?.map_or(Item::Error, Item::Bool),
                Binary::NotEqual => {
                    self.equal(left, right, DEEPEST_LIST)?.map_or(Item::Error, |same| Item::Bool(!same))
                }
                Binary::Add | Binary::Subtract => self.sum(operator, left, right)?,
                _ => self.order(left, right)?.map_or(Item::Error, |order| ordered(operator, Some(order))),
            },
        })
    }

    /// How two values of one type stand to each other; none where they have no order.
    pub(super) fn order(&mut self, left: Item<'d>, right: Item<'d>) -> Result<Option<Ordering>, Exhausted> {
        Ok(match (left, right) {
            (Item::Int(_) | Item::Double(_), Item::Int(_) | Item::Double(_)) => numbers(left, right),
            (Item::Bool(left), Item::Bool(right)) => Some(left.cmp(&right)),
            (Item::Time(left), Item::Time(right)) => Some(left.cmp(&right)),
            (Item::Duration(left), Item::Duration(right)) => Some(left.cmp(&right)),
            _ => {
                // The order of UTF-8's bytes is the order of code points.
                let (order, length) = match (self.text(left), self.text(right)) {
                    (Some(left), Some(right)) => (Some(left.cmp(right)), left.len().min(right.len())),
                    _ => (None, 0),
                };
                self.charge(length / 64)?;
                order
            }
        })
    }

    /// Whether two values are equal; none where one of them is missing. `depth` bounds lists in lists.
    pub(super) fn equal(&mut self, left: Item<'d>, right: Item<'d>, depth: usize) -> Result<Option<bool>, Exhausted> {
        Ok(match (left, right) {
            (Item::Error, _) | (_, Item::Error) => None,
            (Item::Null | Item::Missing, Item::Null) | (Item::Null, Item::Missing) => Some(true),
            (_, Item::Null) | (Item::Null, _) => Some(false),
            (Item::Missing, _) | (_, Item::Missing) => None,
            (Item::Nodes(..) | Item::List(_), Item::Nodes(..) | Item::List(_)) => {
                let Some(depth) = depth.checked_sub(1) else {
                    return Ok(None);
                };
                self.same_items(left, right, depth)?
            }
            (Item::Int(_) | Item::Double(_), Item::Int(_) | Item::Double(_)) => {
                Some(numbers(left, right) == Some(Ordering::Equal))
            }
            _ => self.order(left, right)?.map(Ordering::is_eq),
        })
    }

    fn same_items(&mut self, left: Item<'d>, right: Item<'d>, depth: usize) -> Result<Option<bool>, Exhausted> {
        let (Some(mut first), Some(mut second)) = (self.cursor(left), self.cursor(right)) else {
            return Ok(None);
        };
        let mut same = Some(true);
        loop {
            self.charge(1)?;
            let pair = (self.item_of(left, &mut first), self.item_of(right, &mut second));
            let (one, other) = match pair {
                (Some(one), Some(other)) => (one, other),
                (None, None) => return Ok(same),
                _ => return Ok(same.map(|_| false)),
            };
            match self.equal(one, other, depth)? {
                None => same = None,
                Some(false) => same = same.map(|_| false),
                Some(true) => {}
            }
        }
    }

    /// `item in list`: an item of the list that is missing leaves it open unless another one is equal.
    fn contained(&mut self, item: Item<'d>, list: Item<'d>) -> Result<Item<'d>, Exhausted> {
        let (Some(mut cursor), false) = (self.cursor(list), item.is_missing()) else {
            return Ok(Item::Error);
        };
        let mut found = Item::Bool(false);
        while let Some(other) = self.item_of(list, &mut cursor) {
            self.charge(1)?;
            match self.equal(item, other, DEEPEST_LIST)? {
                Some(true) => return Ok(Item::Bool(true)),
                Some(false) => {}
                None => found = Item::Error,
            }
        }
        Ok(found)
    }

    /// `+` and `-` on times, and `+` on texts and lists.
    fn sum(&mut self, operator: Binary, left: Item<'d>, right: Item<'d>) -> Result<Item<'d>, Exhausted> {
        let time = |time: Option<Time>| time.map_or(Item::Error, Item::Time);
        let duration = |nanos: Option<i64>| nanos.map_or(Item::Error, Item::Duration);
        let add = operator == Binary::Add;
        Ok(match (left, right) {
            (Item::Time(at), Item::Duration(by)) | (Item::Duration(by), Item::Time(at)) if add => time(at.plus(by)),
            (Item::Time(at), Item::Duration(by)) => {
                // The least duration has no opposite, but a timestamp that far back may exist.
                time(
                    by.checked_neg()
                        .and_then(|by| at.plus(by))
                        .or_else(|| (by == i64::MIN).then(|| at.plus(i64::MAX)?.plus(1))?),
                )
            }
            (Item::Time(left), Item::Time(right)) if !add => duration(left.since(right)),
            (Item::Duration(left), Item::Duration(right)) => {
                duration(if add { left.checked_add(right) } else { left.checked_sub(right) })
            }
            (Item::Nodes(..) | Item::List(_), Item::Nodes(..) | Item::List(_)) if add => {
                let mut items = Vec::new();
                let good = self.append(left, &mut items)? && self.append(right, &mut items)?;
                if good { self.keep(items) } else { Item::Error }
            }
            _ => match (self.text(left), self.text(right)) {
                (Some(one), Some(other)) if add => {
                    let text = [one, other].concat();
                    self.write(text)?
                }
                _ => Item::Error,
            },
        })
    }

    /// Appends the items of a list; whether none of them is missing.
    fn append(&mut self, list: Item<'d>, items: &mut Vec<Item<'d>>) -> Result<bool, Exhausted> {
        let Some(mut cursor) = self.cursor(list) else {
            return Ok(false);
        };
        while let Some(item) = self.item_of(list, &mut cursor) {
            self.charge(1)?;
            if item.is_missing() {
                return Ok(false);
            }
            items.push(item);
        }
        Ok(true)
    }
}

/// An integer beside a double is rounded to one first, as in cel-go and its conformance cases.
fn numbers(left: Item<'_>, right: Item<'_>) -> Option<Ordering> {
    match (left, right) {
        (Item::Int(left), Item::Int(right)) => Some(left.cmp(&right)),
        (Item::Double(left), Item::Double(right)) => left.partial_cmp(&right),
        (Item::Int(left), Item::Double(right)) => number::promote(left).partial_cmp(&right),
        (Item::Double(left), Item::Int(right)) => left.partial_cmp(&number::promote(right)),
        _ => None,
    }
}
