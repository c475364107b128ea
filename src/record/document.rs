//! The flat form in which one record travels through every stage.

use std::fmt;

/// A piece of a document's text, in bytes.
#[derive(Clone, Copy, PartialEq, Eq, Default)]
pub(crate) struct Span {
    pub(crate) start: u32,
    pub(crate) end: u32,
}

impl Span {
    pub(crate) fn len(self) -> u32 {
        self.end.saturating_sub(self.start)
    }
}

/// The place of a node in its document.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) struct NodeId(u32);

impl NodeId {
    /// Stands for "no node": the end of a list of children, or a property that is absent.
    pub(crate) const NONE: Self = Self(u32::MAX);

    pub(crate) fn get(self) -> Option<Self> {
        (self != Self::NONE).then_some(self)
    }

    /// The node's place among [`Document::nodes`].
    #[inline]
    pub(crate) fn index(self) -> usize {
        self.0 as usize
    }
}

/// What a node holds. Containers hold their first child; the others follow by [`Node::next`].
#[derive(Clone, Copy, PartialEq)]
pub(crate) enum Value {
    Null,
    Bool(bool),
    /// A number keeps its text, so that money is never re-formatted; `value` is the nearest double.
    Number {
        text: Span,
        value: f64,
    },
    Text(Span),
    List(NodeId),
    Object(NodeId),
}

/// The JSON type of a value, as a violation may name it.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Kind {
    Null,
    Boolean,
    Number,
    Text,
    List,
    Object,
}

impl Value {
    pub(crate) fn kind(self) -> Kind {
        match self {
            Self::Null => Kind::Null,
            Self::Bool(_) => Kind::Boolean,
            Self::Number { .. } => Kind::Number,
            Self::Text(_) => Kind::Text,
            Self::List(_) => Kind::List,
            Self::Object(_) => Kind::Object,
        }
    }
}

#[derive(Clone, Copy)]
pub(crate) struct Node {
    pub(crate) key: Span,
    pub(crate) value: Value,
    pub(crate) next: NodeId,
    /// The contract's field that the node was matched with, by its place among the fields; see [`Document::claim`].
    pub(crate) field: u32,
    /// The value failed a check: no later stage may show it.
    pub(crate) failed: bool,
    /// The value is left out of every output (its mask, or the contract not knowing it, says so).
    pub(crate) dropped: bool,
    /// The value is a token that one of the keys made of a value of this field: it was checked and masked before.
    pub(crate) token: bool,
}

impl Node {
    pub(crate) fn new(key: Span, value: Value) -> Self {
        Self { key, value, next: NodeId::NONE, field: UNCLAIMED, failed: false, dropped: false, token: false }
    }
}

/// Stands for a node that no field of the contract describes.
pub(crate) const UNCLAIMED: u32 = u32::MAX;

/// One record as a flat list of nodes over one text buffer.
///
/// The buffer begins with the record's own bytes; what stages make of them (an unescaped key, a normalised number, a
/// token) is appended, so that every span points into one place and a whole batch is read into the same two
/// allocations. A tape rather than a tree, because `anyOf`, `uniqueItems` and rules look at a value more than once.
#[derive(Default)]
pub(crate) struct Document {
    pub(crate) text: String,
    nodes: Vec<Node>,
}

/// What a look-up outside the document answers; ids are only made by the document, so it is never seen.
const NOWHERE: Node = Node {
    key: Span { start: 0, end: 0 },
    value: Value::Null,
    next: NodeId::NONE,
    field: UNCLAIMED,
    failed: true,
    dropped: true,
    token: false,
};

impl Document {
    pub(crate) const ROOT: NodeId = NodeId(0);

    /// Empties the document and takes `text` as its new content.
    pub(crate) fn reset(&mut self, text: &str) {
        self.text.clear();
        self.text.push_str(text);
        self.nodes.clear();
    }

    #[inline]
    pub(crate) fn add(&mut self, node: Node) -> NodeId {
        // The limits on a record keep the count far below u32::MAX.
        let id = u32::try_from(self.nodes.len()).unwrap_or(u32::MAX);
        self.nodes.push(node);
        NodeId(id)
    }

    /// All nodes, in the order in which they were added: first those that were read. A copy of them stays right as long
    /// as the document holds the same record, because its text only grows.
    #[inline]
    pub(crate) fn nodes(&self) -> &[Node] {
        &self.nodes
    }

    #[inline]
    pub(crate) fn node(&self, id: NodeId) -> Node {
        self.nodes().get(id.index()).copied().unwrap_or(NOWHERE)
    }

    #[inline]
    pub(crate) fn node_mut(&mut self, id: NodeId) -> Option<&mut Node> {
        self.nodes.get_mut(id.0 as usize)
    }

    #[inline]
    pub(crate) fn value(&self, id: NodeId) -> Value {
        // Not by way of the whole node, which is four times as large.
        self.nodes.get(id.0 as usize).map_or(Value::Null, |node| node.value)
    }

    #[inline]
    pub(crate) fn set(&mut self, id: NodeId, value: Value) {
        if let Some(node) = self.node_mut(id) {
            node.value = value;
        }
    }

    #[inline]
    pub(crate) fn link(&mut self, id: NodeId, next: NodeId) {
        if let Some(node) = self.node_mut(id) {
            node.next = next;
        }
    }

    pub(crate) fn fail(&mut self, id: NodeId) {
        if let Some(node) = self.node_mut(id) {
            node.failed = true;
        }
    }

    /// Notes which field of the contract a node was matched with: names, patterns of names and alternatives are
    /// looked at once, and the later stages go by this.
    #[inline]
    pub(crate) fn claim(&mut self, id: NodeId, field: u32) {
        if let Some(node) = self.node_mut(id) {
            node.field = field;
        }
    }

    pub(crate) fn know_token(&mut self, id: NodeId) {
        if let Some(node) = self.node_mut(id) {
            node.token = true;
        }
    }

    pub(crate) fn drop_node(&mut self, id: NodeId) {
        if let Some(node) = self.node_mut(id) {
            node.dropped = true;
        }
    }

    #[inline]
    pub(crate) fn str(&self, span: Span) -> &str {
        self.text.get(span.start as usize..span.end as usize).unwrap_or_default()
    }

    /// Appends text and gives its span.
    pub(crate) fn write(&mut self, text: &str) -> Span {
        let start = self.end();
        self.text.push_str(text);
        Span { start, end: self.end() }
    }

    /// Where the next appended text will begin.
    pub(crate) fn end(&self) -> u32 {
        u32::try_from(self.text.len()).unwrap_or(u32::MAX)
    }

    /// The span from `start` to the end of the buffer.
    pub(crate) fn since(&self, start: u32) -> Span {
        Span { start, end: self.end() }
    }

    /// The children of a list or an object, in order.
    pub(crate) fn children(&self, id: NodeId) -> Children<'_> {
        let first = match self.value(id) {
            Value::List(first) | Value::Object(first) => first,
            _ => NodeId::NONE,
        };
        Children { doc: self, at: first }
    }

    /// Whether a value may be looked at by rules and features: it is there, is not null and did not fail.
    pub(crate) fn usable(&self, id: NodeId) -> Option<Value> {
        let node = self.node(id.get()?);
        (!node.failed && !node.dropped && node.value != Value::Null).then_some(node.value)
    }
}

/// Shows sizes alone: a document may hold personal data.
impl fmt::Debug for Document {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Document").field("bytes", &self.text.len()).field("nodes", &self.nodes.len()).finish()
    }
}

/// See [`Document::children`].
pub(crate) struct Children<'d> {
    doc: &'d Document,
    at: NodeId,
}

impl Iterator for Children<'_> {
    type Item = NodeId;

    fn next(&mut self) -> Option<NodeId> {
        let id = self.at.get()?;
        self.at = self.doc.node(id).next;
        Some(id)
    }
}
