//! The loops of the macros. They nest on a list of their own, never on the machine's stack.

use super::value::Item;
use super::{Cursor, Exhausted, Machine};
use crate::contract::expr::program::Macro;

/// A loop that is under way.
pub(super) struct Loop<'d> {
    list: Item<'d>,
    cursor: Cursor,
    item: Item<'d>,
    /// The body was missing for an item.
    open: bool,
    /// The body was true for so many items.
    hits: u32,
    /// What `filter` and `map` have made so far.
    made: Vec<Item<'d>>,
    /// How many lists and texts there were before: what a body makes is gone with it unless it is kept.
    lists: usize,
    texts: usize,
}

impl<'d> Loop<'d> {
    pub(super) fn item(&self) -> Item<'d> {
        self.item
    }
}

impl Machine<'_> {
    /// Takes a list and goes to its first item; false where there is none, and the result is on the stack.
    pub(super) fn begin(&mut self, kind: Macro) -> Result<bool, Exhausted> {
        let list = self.pop();
        let Some(cursor) = self.cursor(list) else {
            self.stack.push(Item::Error);
            return Ok(false);
        };
        self.loops.push(Loop {
            list,
            cursor,
            item: Item::Missing,
            open: false,
            hits: 0,
            made: Vec::new(),
            lists: self.lists.len(),
            texts: self.texts.len(),
        });
        self.advance(kind)
    }

    /// Takes what the body gave for an item and goes to the next; false at the end, and the result is on the stack.
    pub(super) fn again(&mut self, kind: Macro) -> Result<bool, Exhausted> {
        let given = self.pop();
        let Some(inner) = self.loops.last_mut() else {
            return Ok(false);
        };
        let decided = match (kind, given) {
            (Macro::Map, given) if !given.is_missing() => {
                inner.made.push(given);
                false
            }
            (Macro::All, Item::Bool(false)) | (Macro::Exists, Item::Bool(true)) => true,
            (_, Item::Bool(true)) => {
                inner.hits = inner.hits.saturating_add(1);
                if kind == Macro::Filter {
                    inner.made.push(inner.item);
                }
                false
            }
            (_, Item::Bool(false)) => false,
            _ => {
                inner.open = true;
                // What is open for `all` and `exists` may still be decided by a later item.
                !matches!(kind, Macro::All | Macro::Exists)
            }
        };
        if !matches!((kind, given), (Macro::Map, Item::List(_) | Item::Written(_))) {
            let (lists, texts) = (inner.lists, inner.texts);
            self.lists.truncate(lists);
            self.texts.truncate(texts);
        }
        if decided { Ok(self.end(kind, true)) } else { self.advance(kind) }
    }

    fn advance(&mut self, kind: Macro) -> Result<bool, Exhausted> {
        let Some((list, mut cursor)) = self.loops.last().map(|inner| (inner.list, inner.cursor)) else {
            return Ok(false);
        };
        let item = self.item_of(list, &mut cursor);
        let made = usize::from(matches!(kind, Macro::Map | Macro::Filter)) * 4;
        self.charge(1 + made)?;
        let (Some(inner), Some(item)) = (self.loops.last_mut(), item) else {
            return Ok(self.end(kind, false));
        };
        inner.cursor = cursor;
        // A null item is a missing one, as a field that is null is.
        inner.item = match item {
            Item::Null => Item::Missing,
            item => item,
        };
        Ok(true)
    }

    /// Ends the innermost loop and leaves its result; there is no next item.
    fn end(&mut self, kind: Macro, decided: bool) -> bool {
        let Some(inner) = self.loops.pop() else {
            return false;
        };
        let result = match kind {
            Macro::All if decided => Item::Bool(false),
            Macro::Exists if decided => Item::Bool(true),
            _ if inner.open => Item::Error,
            Macro::All => Item::Bool(true),
            Macro::Exists => Item::Bool(false),
            Macro::ExistsOne => Item::Bool(inner.hits == 1),
            Macro::Filter | Macro::Map => self.keep(inner.made),
        };
        self.stack.push(result);
        false
    }
}
