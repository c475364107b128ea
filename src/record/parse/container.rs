//! Lists and objects, and the keys of an object, each of which may stand in it once.

use super::{Fault, Malformed, Parser};
use crate::record::document::{Document, Node, NodeId, Span, Value};

impl Parser<'_> {
    pub(super) fn container(&mut self, key: Span, object: bool) -> Result<NodeId, Malformed> {
        if self.depth >= self.limits.depth {
            return Err(self.error(Fault::TooDeep));
        }
        self.depth += 1;
        self.at += 1;
        let close = if object { b'}' } else { b']' };
        let id = self.doc.add(Node::new(key, Value::Null));
        let mut first = NodeId::NONE;
        let mut last = NodeId::NONE;
        let mut keys = Keys::default();
        self.space();
        if self.peek() == Some(close) {
            self.at += 1;
        } else {
            loop {
                let name = if object { self.key(first, &mut keys)? } else { Span::default() };
                self.space();
                let child = self.value(name)?;
                if last == NodeId::NONE {
                    first = child;
                } else {
                    self.doc.link(last, child);
                }
                last = child;
                self.space();
                match self.peek() {
                    Some(b',') => self.at += 1,
                    Some(byte) if byte == close => {
                        self.at += 1;
                        break;
                    }
                    _ if object => return Err(self.syntax("a comma or a closing brace")),
                    _ => return Err(self.syntax("a comma or a closing bracket")),
                }
                self.space();
            }
        }
        self.depth -= 1;
        self.doc.set(id, if object { Value::Object(first) } else { Value::List(first) });
        Ok(id)
    }

    fn key(&mut self, first: NodeId, keys: &mut Keys) -> Result<Span, Malformed> {
        let start = self.at;
        if self.peek() != Some(b'"') {
            return Err(self.syntax("a key in double quotes"));
        }
        let name = self.string()?;
        if keys.repeats(self.doc, first, name) {
            self.at = start;
            return Err(self.error(Fault::DuplicateKey));
        }
        self.space();
        if self.peek() != Some(b':') {
            return Err(self.syntax("a colon"));
        }
        self.at += 1;
        Ok(name)
    }
}

/// The keys of one object so far. Few are compared one by one, many by a set (a `BTreeSet`: no hash to flood).
#[derive(Default)]
struct Keys {
    count: usize,
    /// A bit for each shape of a key that was seen: where the bit is not set, no look at the others is needed.
    shapes: u64,
    many: std::collections::BTreeSet<String>,
}

impl Keys {
    const FEW: usize = 32;

    /// Notes the shape of a key; answers whether one of that shape was noted before.
    fn notes_again(&mut self, name: &str) -> bool {
        let edge = |byte: Option<&u8>| usize::from(byte.copied().unwrap_or_default());
        let shape = name.len() * 7 + edge(name.as_bytes().first()) * 3 + edge(name.as_bytes().last());
        let bit = 1 << (shape % 64);
        let seen = self.shapes & bit != 0;
        self.shapes |= bit;
        seen
    }

    fn repeats(&mut self, doc: &Document, first: NodeId, name: Span) -> bool {
        let name = doc.str(name);
        let shape_is_new = !self.notes_again(name);
        let siblings = || Siblings { doc, at: first };
        self.count += 1;
        if self.count <= Self::FEW {
            return !shape_is_new && siblings().any(|key| key == name);
        }
        if self.many.is_empty() {
            self.many.extend(siblings().map(ToOwned::to_owned));
        }
        !self.many.insert(name.to_owned())
    }
}

struct Siblings<'d> {
    doc: &'d Document,
    at: NodeId,
}

impl<'d> Iterator for Siblings<'d> {
    type Item = &'d str;

    fn next(&mut self) -> Option<&'d str> {
        let node = self.doc.node(self.at.get()?);
        self.at = node.next;
        Some(self.doc.str(node.key))
    }
}
