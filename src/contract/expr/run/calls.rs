//! What the functions compute.

use super::value::{Item, negate};
use super::{Exhausted, Machine};
use crate::contract::expr::lex::Binary;
use crate::contract::expr::number;
use crate::contract::expr::program::Function;
use crate::contract::expr::time::{self, Time};
use std::cmp::Ordering;

/// The longest text that can be a number or a time: a longer one is an error at once.
const LONGEST_NUMBER: usize = 1024;

impl<'d> Machine<'d> {
    pub(super) fn call(&mut self, function: Function) -> Result<Item<'d>, Exhausted> {
        let top = self.pop();
        match function {
            Function::Size => self.size(top),
            Function::Int => Ok(self.int(top)),
            Function::Double => Ok(self.double(top)),
            Function::Text => self.string(top),
            Function::Bool => Ok(self.bool(top)),
            Function::Time => Ok(self.time(top)),
            Function::Duration => Ok(match (top, self.number_text(top)) {
                (Item::Duration(_), _) => top,
                (_, text) => text.and_then(time::read_duration).map_or(Item::Error, Item::Duration),
            }),
            Function::StartsWith | Function::EndsWith | Function::Contains => {
                let text = self.pop();
                self.find(function, text, top)
            }
            Function::Lower | Function::Upper | Function::Trim => self.rewrite(function, top),
            Function::Approx => {
                let other = self.pop();
                let one = self.pop();
                Ok(approx(one, other, top))
            }
            Function::Abs => Ok(match top {
                Item::Int(value) if value < 0 => negate(top),
                Item::Double(value) => Item::Double(value.abs()),
                Item::Int(_) => top,
                _ => Item::Error,
            }),
            Function::Sum(double) => self.sum_of(top, double),
            Function::Least(count) => self.extreme(top, count as usize, Ordering::Less),
            Function::Greatest(count) => self.extreme(top, count as usize, Ordering::Greater),
            Function::Part(part, offset) => Ok(match top {
                Item::Time(at) => Item::Int(at.part(part, offset)),
                _ => Item::Error,
            }),
            Function::Span(part) => Ok(match top {
                Item::Duration(nanos) => Item::Int(time::part_of_duration(nanos, part)),
                _ => Item::Error,
            }),
        }
    }

    /// Code points of a text, items of a list; what failed its own check does not count.
    fn size(&mut self, item: Item<'d>) -> Result<Item<'d>, Exhausted> {
        let (count, cost) = match item {
            Item::Nodes(list, _) => {
                let mut all = 0;
                let good = self.doc.children(list).inspect(|_| all += 1);
                (good.filter(|child| !self.doc.node(*child).failed).count(), all / 4)
            }
            Item::List(list) => (self.lists.get(list as usize).map_or(0, Vec::len), 0),
            _ => match self.text(item) {
                Some(text) => (text.chars().count(), text.len() / 32),
                None => return Ok(Item::Error),
            },
        };
        self.charge(cost)?;
        Ok(i64::try_from(count).map_or(Item::Error, Item::Int))
    }

    /// A text that may be a number or a time.
    fn number_text(&self, item: Item<'d>) -> Option<&str> {
        self.text(item).filter(|text| text.len() <= LONGEST_NUMBER)
    }

    fn int(&self, item: Item<'d>) -> Item<'d> {
        let value = match item {
            Item::Int(value) => Some(value),
            Item::Double(value) => number::truncate(value),
            Item::Time(at) => Some(at.seconds()),
            _ => self.number_text(item).and_then(|text| text.parse().ok()),
        };
        value.map_or(Item::Error, Item::Int)
    }

    fn double(&self, item: Item<'d>) -> Item<'d> {
        let value = match item {
            Item::Int(value) => Some(number::promote(value)),
            Item::Double(value) => Some(value),
            _ => self.number_text(item).and_then(number::double),
        };
        value.map_or(Item::Error, Item::Double)
    }

    fn bool(&self, item: Item<'d>) -> Item<'d> {
        match (item, self.text(item)) {
            (Item::Bool(_), _) => item,
            (_, Some("1" | "t" | "T" | "true" | "TRUE" | "True")) => Item::Bool(true),
            (_, Some("0" | "f" | "F" | "false" | "FALSE" | "False")) => Item::Bool(false),
            _ => Item::Error,
        }
    }

    fn time(&self, item: Item<'d>) -> Item<'d> {
        let time = match item {
            Item::Time(at) => Some(at),
            Item::Int(seconds) => Time::new(seconds, 0),
            _ => self.number_text(item).and_then(Time::read),
        };
        time.map_or(Item::Error, Item::Time)
    }

    fn string(&mut self, item: Item<'d>) -> Result<Item<'d>, Exhausted> {
        let text = match item {
            Item::Text(_) | Item::Written(_) => return Ok(item),
            Item::Bool(value) => return Ok(Item::Text(if value { "true" } else { "false" })),
            Item::Int(value) => value.to_string(),
            Item::Double(value) => number::write(value),
            Item::Time(at) => at.write(),
            Item::Duration(nanos) => time::write_duration(nanos),
            _ => return Ok(Item::Error),
        };
        self.charge(8)?;
        self.write(text)
    }

    fn find(&mut self, function: Function, text: Item<'d>, part: Item<'d>) -> Result<Item<'d>, Exhausted> {
        let (Some(text), Some(part)) = (self.text(text), self.text(part)) else {
            return Ok(Item::Error);
        };
        let (found, cost) = match function {
            Function::StartsWith => (text.starts_with(part), part.len() / 64),
            Function::EndsWith => (text.ends_with(part), part.len() / 64),
            _ => (text.contains(part), (text.len() + part.len()) / 4),
        };
        self.charge(cost)?;
        Ok(Item::Bool(found))
    }

    fn rewrite(&mut self, function: Function, item: Item<'d>) -> Result<Item<'d>, Exhausted> {
        let text = match (function, item, self.text(item)) {
            (Function::Trim, Item::Text(text), _) => {
                self.charge(text.len() / 64)?;
                return Ok(Item::Text(text.trim()));
            }
            (Function::Trim, _, Some(text)) => text.trim().to_owned(),
            (Function::Lower, _, Some(text)) => text.to_ascii_lowercase(),
            (_, _, Some(text)) => text.to_ascii_uppercase(),
            _ => return Ok(Item::Error),
        };
        self.charge(4)?;
        self.write(text)
    }

    /// Whether the pattern is found in the text. A long text or a heavy pattern costs steps before it is tried.
    pub(super) fn matches(&mut self, pattern: u32) -> Result<Item<'d>, Exhausted> {
        let text = self.pop();
        let program = self.program;
        let (Some(pattern), Some(length)) = (program.patterns.get(pattern as usize), self.text(text).map(str::len))
        else {
            return Ok(Item::Error);
        };
        self.charge((length + 1).saturating_mul(pattern.weight as usize))?;
        Ok(self.text(text).map_or(Item::Error, |text| Item::Bool(pattern.regex.is_match(text))))
    }

    fn sum_of(&mut self, list: Item<'d>, double: bool) -> Result<Item<'d>, Exhausted> {
        let Some(mut cursor) = self.cursor(list) else {
            return Ok(Item::Error);
        };
        let mut total = if double { Item::Double(0.0) } else { Item::Int(0) };
        while let Some(item) = self.item_of(list, &mut cursor) {
            self.charge(1)?;
            total = match item {
                Item::Int(_) | Item::Double(_) => self.binary(Binary::Add, total, item)?,
                _ => Item::Error,
            };
        }
        Ok(total)
    }

    /// The least or the greatest of a list, or of the topmost values; none of nothing, or beside NaN.
    fn extreme(&mut self, top: Item<'d>, count: usize, wanted: Ordering) -> Result<Item<'d>, Exhausted> {
        let mut best = None;
        if count > 0 {
            self.stack.push(top);
            for _ in 0..count {
                let item = self.pop();
                best = Some(self.better(best, item, wanted)?);
            }
        } else if let Some(mut cursor) = self.cursor(top) {
            while let Some(item) = self.item_of(top, &mut cursor) {
                self.charge(1)?;
                best = Some(self.better(best, item, wanted)?);
            }
        }
        Ok(best.unwrap_or(Item::Error))
    }

    /// The first one is compared with itself, which finds out whether it is NaN or missing.
    fn better(&mut self, best: Option<Item<'d>>, item: Item<'d>, wanted: Ordering) -> Result<Item<'d>, Exhausted> {
        let best = best.unwrap_or(item);
        Ok(match self.order(item, best)? {
            None => Item::Error,
            Some(order) if order == wanted => item,
            Some(_) => best,
        })
    }
}

/// |one − other| ≤ tolerance, in doubles.
fn approx<'d>(one: Item<'d>, other: Item<'d>, tolerance: Item<'d>) -> Item<'d> {
    let double = |item| match item {
        Item::Int(value) => Some(number::promote(value)),
        Item::Double(value) => Some(value),
        _ => None,
    };
    match (double(one), double(other), double(tolerance)) {
        (Some(one), Some(other), Some(tolerance)) => Item::Bool((one - other).abs() <= tolerance),
        _ => Item::Error,
    }
}
