//! Bytes -> `Record`: strict JSON (RFC 8259) in one pass, with the limits that hostile input calls for.
//!
//! Not `serde_json`: its skipping path accepts what its parsing path refuses (invalid UTF-8, lone surrogates, 1e999), it
//! keeps the last of two equal keys, and it gives numbers as doubles where money must keep its text.
//! A property test holds the two equal on everything else.

mod container;
mod fault;
mod number;
mod text;

pub use fault::{Fault, Malformed};

use super::document::{Document, Node, NodeId, Span, Value};

/// What one record may cost. All of them are checked while reading, before memory is spent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// Longest record, in bytes.
    pub bytes: usize,
    /// Deepest nesting of lists and objects.
    pub depth: usize,
    /// Most values, containers included.
    pub values: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Self { bytes: 1 << 20, depth: 64, values: 100_000 }
    }
}

/// Reads one JSON value into `doc`, whose buffers are used again.
pub(super) fn parse(bytes: &[u8], limits: Limits, doc: &mut Document) -> Result<(), Malformed> {
    if bytes.len() > limits.bytes {
        return Err(Malformed { fault: Fault::TooLong, byte: limits.bytes });
    }
    let text =
        std::str::from_utf8(bytes).map_err(|error| Malformed { fault: Fault::Utf8, byte: error.valid_up_to() })?;
    doc.reset(text);
    let mut parser = Parser { bytes, at: 0, doc, limits, depth: 0, count: 0 };
    parser.space();
    parser.value(Span::default())?;
    parser.space();
    if parser.at < bytes.len() {
        return Err(parser.syntax("the end of the record"));
    }
    Ok(())
}

struct Parser<'a> {
    bytes: &'a [u8],
    at: usize,
    doc: &'a mut Document,
    limits: Limits,
    depth: usize,
    count: usize,
}

impl Parser<'_> {
    #[inline]
    fn peek(&self) -> Option<u8> {
        self.bytes.get(self.at).copied()
    }

    fn error(&self, fault: Fault) -> Malformed {
        Malformed { fault, byte: self.at }
    }

    fn syntax(&self, expected: &'static str) -> Malformed {
        self.error(Fault::Syntax(expected))
    }

    #[inline]
    fn space(&mut self) {
        while let Some(b' ' | b'\n' | b'\r' | b'\t') = self.peek() {
            self.at += 1;
        }
    }

    #[inline]
    fn span(start: usize, end: usize) -> Span {
        let place = |at| u32::try_from(at).unwrap_or(u32::MAX);
        Span { start: place(start), end: place(end) }
    }

    fn value(&mut self, key: Span) -> Result<NodeId, Malformed> {
        self.count += 1;
        if self.count > self.limits.values {
            return Err(self.error(Fault::TooMany));
        }
        match self.peek() {
            Some(b'"') => {
                let text = self.string()?;
                Ok(self.doc.add(Node::new(key, Value::Text(text))))
            }
            Some(b'{') => self.container(key, true),
            Some(b'[') => self.container(key, false),
            Some(b'-' | b'0'..=b'9') => {
                let value = self.number()?;
                Ok(self.doc.add(Node::new(key, value)))
            }
            Some(b't') => self.word(key, b"true", Value::Bool(true)),
            Some(b'f') => self.word(key, b"false", Value::Bool(false)),
            Some(b'n') => self.word(key, b"null", Value::Null),
            _ => Err(self.syntax("a value")),
        }
    }

    fn word(&mut self, key: Span, word: &'static [u8], value: Value) -> Result<NodeId, Malformed> {
        if self.bytes.get(self.at..self.at + word.len()) != Some(word) {
            return Err(self.syntax("a value"));
        }
        self.at += word.len();
        Ok(self.doc.add(Node::new(key, value)))
    }
}
