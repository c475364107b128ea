//! Runs a compiled expression over one document.

mod calls;
mod loops;
mod value;

use super::MOST_STEPS;
use super::program::{Leaf, Op, Program};
use crate::contract::FieldId;
use crate::record::document::{Document, NodeId, Value};
use smallvec::SmallVec;
use value::{Item, load};

/// What an expression gives.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Outcome {
    Number(f64),
    Bool(bool),
    Missing,
    /// The run took more steps than one may: a rule counts as broken.
    Exhausted,
}

/// The run is over, for its steps are used up.
struct Exhausted;

/// Expressions are short: eight operands at once are already a lot.
type Stack<'d> = SmallVec<[Item<'d>; 8]>;

/// One run. Scalar expressions allocate nothing: the vectors are for lists, loops and texts that are made.
struct Machine<'d> {
    program: &'d Program,
    doc: &'d Document,
    slots: &'d [NodeId],
    stack: Stack<'d>,
    loops: Vec<loops::Loop<'d>>,
    lists: Vec<Vec<Item<'d>>>,
    texts: Vec<String>,
    steps: u32,
}

impl Program {
    /// Runs over the values of `doc`; `position` tells where a text stands in a field's list of values.
    pub(crate) fn run(
        &self,
        doc: &Document,
        slots: &[NodeId],
        position: &dyn Fn(FieldId, &str) -> Option<usize>,
    ) -> Outcome {
        let mut machine = Machine {
            program: self,
            doc,
            slots,
            stack: Stack::new(),
            loops: Vec::new(),
            lists: Vec::new(),
            texts: Vec::new(),
            steps: MOST_STEPS,
        };
        let mut at = 0;
        while let Some(op) = self.ops.get(at) {
            at = match machine.step(*op, at + 1, position) {
                Ok(next) => next,
                Err(Exhausted) => return Outcome::Exhausted,
            };
        }
        match machine.stack.pop() {
            Some(Item::Double(value)) if value.is_finite() => Outcome::Number(value),
            Some(Item::Int(value)) => Outcome::Number(super::number::promote(value)),
            Some(Item::Bool(value)) => Outcome::Bool(value),
            _ => Outcome::Missing,
        }
    }
}

impl<'d> Machine<'d> {
    fn pop(&mut self) -> Item<'d> {
        self.stack.pop().unwrap_or(Item::Error)
    }

    /// Takes the cost of something off the steps that are left.
    fn charge(&mut self, cost: usize) -> Result<(), Exhausted> {
        let cost = u32::try_from(cost).map_err(|_| Exhausted)?;
        self.steps = self.steps.checked_sub(cost).ok_or(Exhausted)?;
        Ok(())
    }

    fn slot(&self, field: FieldId) -> NodeId {
        self.slots.get(field.0).copied().unwrap_or(NodeId::NONE)
    }

    /// Does one step and answers the next; `next` is the one behind it.
    fn step(
        &mut self,
        op: Op,
        next: usize,
        position: &dyn Fn(FieldId, &str) -> Option<usize>,
    ) -> Result<usize, Exhausted> {
        self.charge(1)?;
        let item = match op {
            Op::Int(value) => Item::Int(value),
            Op::Double(value) => Item::Double(value),
            Op::Bool(value) => Item::Bool(value),
            Op::Text(index) => self.program.texts.get(index as usize).map_or(Item::Error, |text| Item::Text(text)),
            Op::Time(value) => Item::Time(value),
            Op::Duration(value) => Item::Duration(value),
            Op::Null => Item::Null,
            Op::Field(field, leaf) => load(self.doc, self.slot(field), leaf),
            Op::Has(field) => Item::Bool(self.doc.usable(self.slot(field)).is_some()),
            Op::Position(field) => match self.pop() {
                Item::Text(text) => {
                    position(field, text).and_then(|place| i64::try_from(place).ok()).map_or(Item::Error, Item::Int)
                }
                _ => Item::Error,
            },
            Op::Item(depth) => self.loops.get(depth as usize).map_or(Item::Error, loops::Loop::item),
            Op::Member(name, leaf) => self.member(name, leaf)?,
            Op::Present => Item::Bool(!matches!(self.pop(), Item::Missing | Item::Null)),
            Op::Index => self.index()?,
            Op::List(count) => self.list(count as usize)?,
            Op::Not => match self.pop() {
                Item::Bool(value) => Item::Bool(!value),
                _ => Item::Error,
            },
            Op::Negate => value::negate(self.pop()),
            Op::Binary(operator) => {
                let right = self.pop();
                let left = self.pop();
                self.binary(operator, left, right)?
            }
            Op::And | Op::Or => {
                let right = self.pop();
                value::decide(matches!(op, Op::Or), self.pop(), right)
            }
            Op::Call(function) => self.call(function)?,
            Op::Matches(pattern) => self.matches(pattern)?,
            Op::Skip(decides, end) => {
                let known = matches!(self.stack.last(), Some(Item::Bool(value)) if *value == decides);
                return Ok(if known { end as usize } else { next });
            }
            Op::Branch(otherwise, end) => match self.pop() {
                Item::Bool(true) => return Ok(next),
                Item::Bool(false) => return Ok(otherwise as usize),
                _ => {
                    self.stack.push(Item::Error);
                    return Ok(end as usize);
                }
            },
            Op::Jump(goal) => return Ok(goal as usize),
            Op::Loop(kind, end) => return Ok(if self.begin(kind)? { next } else { end as usize }),
            Op::Next(kind, first) => return Ok(if self.again(kind)? { first as usize } else { next }),
        };
        self.stack.push(item);
        Ok(next)
    }

    fn member(&mut self, name: u32, leaf: Leaf) -> Result<Item<'d>, Exhausted> {
        let Item::Object(object) = self.pop() else {
            return Ok(Item::Missing);
        };
        let (doc, program) = (self.doc, self.program);
        let name = program.texts.get(name as usize).map_or("", String::as_str);
        let mut seen = 0;
        let found = doc.children(object).find(|child| {
            seen += 1;
            doc.str(doc.node(*child).key) == name
        });
        self.charge(seen)?;
        Ok(found.map_or(Item::Missing, |found| load(doc, found, leaf)))
    }

    fn index(&mut self) -> Result<Item<'d>, Exhausted> {
        let index = match self.pop() {
            Item::Int(index) => usize::try_from(index).ok(),
            _ => None,
        };
        let list = self.pop();
        let Some(index) = index else {
            return Ok(Item::Error);
        };
        Ok(match list {
            Item::Nodes(list, leaf) => {
                let found = self.doc.children(list).nth(index);
                // The items are linked, so that the way to one is as long as its position.
                self.charge(index.min(self.doc.text.len()))?;
                found.map_or(Item::Error, |found| load(self.doc, found, leaf))
            }
            Item::List(list) => {
                self.lists.get(list as usize).and_then(|list| list.get(index)).copied().unwrap_or(Item::Error)
            }
            _ => Item::Error,
        })
    }

    /// A list of the topmost values; one that is missing makes the list missing.
    fn list(&mut self, count: usize) -> Result<Item<'d>, Exhausted> {
        self.charge(count)?;
        let from = self.stack.len().saturating_sub(count);
        let items: Vec<Item<'d>> = self.stack.drain(from..).collect();
        let good = items.iter().all(|item| !item.is_missing());
        Ok(if good { self.keep(items) } else { Item::Error })
    }

    /// Gives a list that was made a place.
    fn keep(&mut self, items: Vec<Item<'d>>) -> Item<'d> {
        self.lists.push(items);
        Item::List(u32::try_from(self.lists.len() - 1).unwrap_or(u32::MAX))
    }

    /// Gives a text that was made a place.
    fn write(&mut self, text: String) -> Result<Item<'d>, Exhausted> {
        self.charge(text.len() / 8)?;
        self.texts.push(text);
        Ok(Item::Written(u32::try_from(self.texts.len() - 1).unwrap_or(u32::MAX)))
    }

    fn text(&self, item: Item<'d>) -> Option<&str> {
        match item {
            Item::Text(text) => Some(text),
            Item::Written(index) => self.texts.get(index as usize).map(String::as_str),
            _ => None,
        }
    }

    /// The item of a list at a place; none behind its end. A missing one is an error here, but null is null.
    fn item_of(&self, list: Item<'d>, at: &mut Cursor) -> Option<Item<'d>> {
        match (list, at) {
            (Item::Nodes(_, leaf), Cursor::Node(id)) => {
                let here = id.get()?;
                let node = self.doc.node(here);
                *id = node.next;
                let null = node.value == Value::Null && !node.failed && !node.dropped;
                Some(if null { Item::Null } else { load(self.doc, here, leaf).or_error() })
            }
            (Item::List(list), Cursor::Place(at)) => {
                let item = self.lists.get(list as usize)?.get(*at).copied()?;
                *at += 1;
                Some(item)
            }
            _ => None,
        }
    }

    fn cursor(&self, list: Item<'d>) -> Option<Cursor> {
        match list {
            Item::Nodes(list, _) => Some(Cursor::Node(self.doc.children(list).next().unwrap_or(NodeId::NONE))),
            Item::List(_) => Some(Cursor::Place(0)),
            _ => None,
        }
    }
}

/// Where a walk over a list stands.
#[derive(Clone, Copy)]
enum Cursor {
    Node(NodeId),
    Place(usize),
}
