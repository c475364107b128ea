//! Bytes -> `Record`: strict JSON (RFC 8259) in one pass, with the limits that hostile input calls for.
//!
//! Not `serde_json`: its skipping path accepts what its parsing path refuses (invalid UTF-8, lone surrogates, 1e999), it
//! keeps the last of two equal keys, and it gives numbers as doubles where money must keep its text.
//! A property test holds the two equal on everything else.

use super::document::{Document, Node, NodeId, Span, Value};
use std::fmt;

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

/// Why bytes are no record.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Fault {
    /// Not JSON; says what was expected instead.
    Syntax(&'static str),
    /// Not UTF-8.
    Utf8,
    /// Longer than [`Limits::bytes`].
    TooLong,
    /// Deeper than [`Limits::depth`].
    TooDeep,
    /// More values than [`Limits::values`].
    TooMany,
    /// A key stands twice in one object: masking one of the two would leak the other.
    DuplicateKey,
    /// JSON, but not an object.
    NotAnObject,
}

impl Fault {
    /// The stable code of the violation.
    #[must_use]
    pub fn code(self) -> &'static str {
        match self {
            Self::Syntax(_) => "syntax",
            Self::Utf8 => "utf8",
            Self::TooLong => "too_long",
            Self::TooDeep => "too_deep",
            Self::TooMany => "too_many_values",
            Self::DuplicateKey => "duplicate_key",
            Self::NotAnObject => "type",
        }
    }

    /// What a well-formed record has in this place.
    #[must_use]
    pub fn expected(self) -> &'static str {
        match self {
            Self::Syntax(expected) => expected,
            Self::Utf8 => "UTF-8 text",
            Self::TooLong => "a shorter record",
            Self::TooDeep => "less nesting",
            Self::TooMany => "fewer values",
            Self::DuplicateKey => "each key once",
            Self::NotAnObject => "object",
        }
    }
}

/// Bytes that are no record: why, and where.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Malformed {
    /// What is wrong.
    pub fault: Fault,
    /// Byte offset of the fault, counted from 0 at the record's first byte.
    pub byte: usize,
}

impl fmt::Display for Malformed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let byte = self.byte;
        match self.fault {
            Fault::Syntax(expected) => write!(f, "not JSON at byte {byte}: expected {expected}"),
            Fault::Utf8 => write!(f, "not UTF-8 at byte {byte}"),
            Fault::TooLong => write!(f, "the record is longer than the limit of {byte} bytes"),
            Fault::TooDeep => write!(f, "nested too deeply at byte {byte}"),
            Fault::TooMany => write!(f, "too many values at byte {byte}"),
            Fault::DuplicateKey => write!(f, "a key stands twice in one object, at byte {byte}"),
            Fault::NotAnObject => write!(f, "not a JSON object, at byte {byte}"),
        }
    }
}

impl std::error::Error for Malformed {}

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

    fn container(&mut self, key: Span, object: bool) -> Result<NodeId, Malformed> {
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

    /// Reads a string; without escapes its span lies in the record's own bytes, so nothing is copied.
    fn string(&mut self) -> Result<Span, Malformed> {
        self.at += 1;
        let start = self.at;
        loop {
            self.plain();
            match self.peek() {
                Some(b'"') => {
                    let span = Self::span(start, self.at);
                    self.at += 1;
                    return Ok(span);
                }
                Some(b'\\') => return self.escaped(start),
                Some(0x20..) => self.at += 1,
                Some(_) => return Err(self.syntax("no control character in a string")),
                None => return Err(self.syntax("a closing quote")),
            }
        }
    }

    /// Passes over bytes that a string may hold as they are, eight at a time while there are eight.
    #[inline]
    fn plain(&mut self) {
        while let Some((word, _)) = self.bytes.get(self.at..).and_then(<[u8]>::split_first_chunk::<8>) {
            let special = special_bytes(u64::from_le_bytes(*word));
            if special != 0 {
                self.at += special.trailing_zeros() as usize / 8;
                return;
            }
            self.at += 8;
        }
    }

    #[inline]
    fn span(start: usize, end: usize) -> Span {
        let place = |at| u32::try_from(at).unwrap_or(u32::MAX);
        Span { start: place(start), end: place(end) }
    }

    /// Goes on with a string at its first backslash, unescaping into the document's buffer.
    fn escaped(&mut self, start: usize) -> Result<Span, Malformed> {
        let out = self.doc.end();
        let mut copied = start;
        loop {
            match self.peek() {
                Some(byte @ (b'"' | b'\\')) => {
                    // Both ends lie beside ASCII bytes of checked UTF-8, so the piece is UTF-8 itself.
                    let piece = self.bytes.get(copied..self.at).unwrap_or_default();
                    self.doc.text.push_str(std::str::from_utf8(piece).unwrap_or_default());
                    self.at += 1;
                    if byte == b'"' {
                        return Ok(self.doc.since(out));
                    }
                    let letter = self.escape()?;
                    self.doc.text.push(letter);
                    copied = self.at;
                }
                Some(0x20..) => self.at += 1,
                Some(_) => return Err(self.syntax("no control character in a string")),
                None => return Err(self.syntax("a closing quote")),
            }
        }
    }

    fn escape(&mut self) -> Result<char, Malformed> {
        let letter = match self.peek() {
            Some(b'"') => '"',
            Some(b'\\') => '\\',
            Some(b'/') => '/',
            Some(b'b') => '\u{8}',
            Some(b'f') => '\u{c}',
            Some(b'n') => '\n',
            Some(b'r') => '\r',
            Some(b't') => '\t',
            Some(b'u') => {
                self.at += 1;
                return self.unicode();
            }
            _ => return Err(self.syntax("an escape that JSON knows")),
        };
        self.at += 1;
        Ok(letter)
    }

    fn unicode(&mut self) -> Result<char, Malformed> {
        const PAIR: &str = "a pair of surrogates";
        let start = self.at;
        let first = self.hex4()?;
        let code = match first {
            0xD800..=0xDBFF => {
                if self.bytes.get(self.at..self.at + 2) != Some(b"\\u") {
                    self.at = start;
                    return Err(self.syntax(PAIR));
                }
                self.at += 2;
                let second = self.hex4()?;
                if !(0xDC00..=0xDFFF).contains(&second) {
                    self.at = start;
                    return Err(self.syntax(PAIR));
                }
                0x1_0000 + ((first - 0xD800) << 10) + (second - 0xDC00)
            }
            code => code,
        };
        char::from_u32(code).ok_or_else(|| {
            self.at = start;
            self.syntax(PAIR)
        })
    }

    fn hex4(&mut self) -> Result<u32, Malformed> {
        let mut code = 0;
        for _ in 0..4 {
            let digit = self
                .peek()
                .and_then(|byte| char::from(byte).to_digit(16))
                .ok_or_else(|| self.syntax("four hexadecimal digits"))?;
            code = code * 16 + digit;
            self.at += 1;
        }
        Ok(code)
    }

    fn number(&mut self) -> Result<Value, Malformed> {
        let start = self.at;
        if self.peek() == Some(b'-') {
            self.at += 1;
        }
        match self.peek() {
            Some(b'0') => self.at += 1,
            Some(b'1'..=b'9') => self.digits()?,
            _ => return Err(self.syntax("a digit")),
        }
        if self.peek() == Some(b'.') {
            self.at += 1;
            self.digits()?;
        }
        if let Some(b'e' | b'E') = self.peek() {
            self.at += 1;
            if let Some(b'+' | b'-') = self.peek() {
                self.at += 1;
            }
            self.digits()?;
        }
        let text = Self::span(start, self.at);
        // The grammar above is a subset of what `f64` reads, correctly rounded; beyond its range it gives infinity,
        // which the contract refuses where it knows the field.
        let value = self.doc.str(text).parse().unwrap_or(f64::NAN);
        Ok(Value::Number { text, value })
    }

    fn digits(&mut self) -> Result<(), Malformed> {
        if !matches!(self.peek(), Some(b'0'..=b'9')) {
            return Err(self.syntax("a digit"));
        }
        while let Some(b'0'..=b'9') = self.peek() {
            self.at += 1;
        }
        Ok(())
    }
}

/// Marks, in the high bit of each byte, where a string must be looked at: a quote, a backslash or a control. The
/// lowest mark is exact; a higher one may be a borrow from it (Mycroft 1987).
#[inline]
fn special_bytes(word: u64) -> u64 {
    const ONES: u64 = 0x0101_0101_0101_0101;
    const HIGH: u64 = 0x8080_8080_8080_8080;
    let zero = |word: u64| word.wrapping_sub(ONES) & !word & HIGH;
    let quote = zero(word ^ (ONES * 0x22));
    let backslash = zero(word ^ (ONES * 0x5C));
    let control = word.wrapping_sub(ONES * 0x20) & !word & HIGH;
    quote | backslash | control
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
