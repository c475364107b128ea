//! The masked values of a record that are compared.

use crate::mask::write_masked;
use crate::record::document::{Document, NodeId, Value as Node};
use crate::unique;
use sha2::{Digest, Sha256};

/// Longest text of a value that is kept as it is, in bytes.
const WHOLE: usize = 64;
/// Bytes that are kept of a longer one: more than the longest prefix that a suggestion may name.
const BEGINNING: usize = 40;

/// What a value is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(super) enum Kind {
    /// Null or absent.
    Nothing,
    Text,
    Number,
    /// True or false, a list or an object: only ever equal or not.
    Other,
}

impl Kind {
    fn byte(self) -> u8 {
        match self {
            Self::Nothing => b'0',
            Self::Text => b't',
            Self::Number => b'n',
            Self::Other => b'o',
        }
    }

    fn of(byte: u8) -> Self {
        match byte {
            b't' => Self::Text,
            b'n' => Self::Number,
            b'o' => Self::Other,
            _ => Self::Nothing,
        }
    }
}

/// One value, short: equal where the whole values are.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(super) struct Value {
    pub(super) kind: Kind,
    /// The text, or the beginning of a long one.
    pub(super) text: String,
    /// Tells long texts apart that begin alike.
    digest: Option<[u8; 32]>,
}

impl Value {
    /// A value of which this is all the text.
    pub(super) fn short(kind: Kind, text: &str) -> Self {
        Self { kind, text: text.to_owned(), digest: None }
    }

    fn of(piece: &[u8]) -> Self {
        let (kind, text) = piece.split_first().unwrap_or((&b'0', &[]));
        let whole = String::from_utf8_lossy(text);
        if whole.len() <= WHOLE {
            return Self { kind: Kind::of(*kind), text: whole.into_owned(), digest: None };
        }
        let end = (0..=BEGINNING).rev().find(|end| whole.is_char_boundary(*end)).unwrap_or_default();
        let beginning = whole.get(..end).unwrap_or_default().to_owned();
        Self { kind: Kind::of(*kind), text: beginning, digest: Some(Sha256::digest(text).into()) }
    }

    #[cfg(test)]
    pub(super) fn new(kind: Kind, text: &str) -> Self {
        let mut piece = vec![kind.byte()];
        piece.extend_from_slice(text.as_bytes());
        Self::of(&piece)
    }
}

/// The place of a field in a record.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Place {
    /// JSON Pointer; an item of a list and a member under any name are `*`.
    pub(super) pointer: String,
    steps: Vec<String>,
    /// One record may hold many values there; together they are one.
    many: bool,
}

impl Place {
    pub(super) fn new(pointer: &str) -> Self {
        let steps: Vec<String> =
            pointer.split('/').skip(1).map(|step| step.replace("~1", "/").replace("~0", "~")).collect();
        Self { pointer: pointer.to_owned(), many: steps.iter().any(|step| step == "*"), steps }
    }

    /// What a record has there, whether or not it went through a contract.
    pub(super) fn node(&self, doc: &Document) -> Option<NodeId> {
        let mut found = None;
        walk(doc, Document::ROOT, &self.steps, &mut |id| found = found.or(Some(id)));
        found
    }

    fn read(&self, doc: &Document, out: &mut Vec<u8>) {
        if !self.many {
            return match self.node(doc) {
                Some(id) => piece(doc, id, out),
                None => out.push(Kind::Nothing.byte()),
            };
        }
        let start = out.len();
        walk(doc, Document::ROOT, &self.steps, &mut |id| {
            out.push(if out.len() == start { Kind::Other.byte() } else { b',' });
            write_masked(doc, id, out);
        });
        if out.len() == start {
            out.push(Kind::Nothing.byte());
        }
    }
}

/// Finds what stands at a place, in the order of the record.
fn walk(doc: &Document, id: NodeId, steps: &[String], found: &mut dyn FnMut(NodeId)) {
    let node = doc.node(id);
    if node.dropped || node.failed {
        return;
    }
    let Some((step, rest)) = steps.split_first() else {
        return found(id);
    };
    let is_list = matches!(node.value, Node::List(_));
    for (position, child) in doc.children(id).enumerate() {
        let meant =
            step == "*" || if is_list { step.parse() == Ok(position) } else { doc.str(doc.node(child).key) == step };
        if meant {
            walk(doc, child, rest, found);
        }
    }
}

fn piece(doc: &Document, id: NodeId, out: &mut Vec<u8>) {
    let value = doc.value(id);
    let kind = match value {
        Node::Null => Kind::Nothing,
        Node::Text(_) => Kind::Text,
        Node::Number { .. } => Kind::Number,
        Node::Bool(_) | Node::List(_) | Node::Object(_) => Kind::Other,
    };
    out.push(kind.byte());
    match unique::Part::of(doc, value) {
        // 1 and 1.0 are one value.
        Some(part) => out.extend_from_slice(part.form().as_bytes()),
        None if kind == Kind::Other => write_masked(doc, id, out),
        None => {}
    }
}

/// The values of one record at several places, in buffers that are used again.
#[derive(Clone, Default)]
pub(super) struct Row {
    bytes: Vec<u8>,
    ends: Vec<usize>,
}

impl Row {
    pub(super) fn read(&mut self, doc: &Document, places: &[Place]) {
        self.bytes.clear();
        self.ends.clear();
        for place in places {
            place.read(doc, &mut self.bytes);
            self.ends.push(self.bytes.len());
        }
    }

    /// Each value's bytes: its kind, then its form.
    pub(super) fn pieces(&self) -> impl Iterator<Item = &[u8]> {
        let starts = std::iter::once(0).chain(self.ends.iter().copied());
        starts.zip(&self.ends).map(|(start, end)| self.bytes.get(start..*end).unwrap_or_default())
    }

    pub(super) fn values(&self) -> Box<[Value]> {
        self.pieces().map(Value::of).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::record::{Limits, Record};

    fn pieces(record: &str, pointers: &[&str]) -> Vec<String> {
        let doc = Record::parse(record.as_bytes(), Limits::default()).unwrap().0;
        let mut row = Row::default();
        row.read(&doc, &pointers.iter().map(|pointer| Place::new(pointer)).collect::<Vec<_>>());
        row.pieces().map(|piece| String::from_utf8(piece.to_vec()).unwrap()).collect()
    }

    #[test]
    fn values_are_read_where_they_stand() {
        let record = r#"{"a": {"b/c": "x", "n": 1.50}, "l": [{"t": "u"}, {"t": 2}], "z": null, "yes": true}"#;
        for (pointer, wanted) in [
            ("/a/b~1c", "tx"),
            ("/a/n", "n15e-1"),
            ("/l/*/t", "o\"u\",2"),
            ("/l/1/t", "n2e0"),
            ("/z", "0"),
            ("/absent/deeper", "0"),
            ("/l/*/absent", "0"),
            ("/yes", "otrue"),
            ("/a", r#"o{"b/c":"x","n":1.50}"#),
        ] {
            assert_eq!(pieces(record, &[pointer]), [wanted], "{pointer}");
        }
    }

    #[test]
    fn null_and_absent_are_one_value_and_no_text_is_like_them() {
        let of = |record| pieces(record, &["/x"]);
        assert_eq!(of("{}"), of(r#"{"x": null}"#));
        for other in [r#"{"x": ""}"#, r#"{"x": "null"}"#, r#"{"x": "0"}"#, r#"{"x": 0}"#, r#"{"x": false}"#] {
            assert_ne!(of("{}"), of(other), "{other}");
        }
        assert_eq!(of(r#"{"x": 1.0}"#), of(r#"{"x": 10e-1}"#));
        assert_ne!(of(r#"{"x": 1}"#), of(r#"{"x": "1"}"#));
    }

    #[test]
    fn long_values_that_begin_alike_stay_apart() {
        let long = "ä".repeat(60);
        let (one, other) = (Value::new(Kind::Text, &format!("{long}a")), Value::new(Kind::Text, &format!("{long}b")));
        assert_ne!(one, other);
        assert_eq!(one.text, "ä".repeat(20));
        assert_eq!(one, Value::new(Kind::Text, &format!("{long}a")));
    }
}
