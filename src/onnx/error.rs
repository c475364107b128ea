//! Why bytes are no model.

use crate::pb::NodeProto;
use std::fmt;

/// The bytes are no model that can be scored.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub enum ModelError {
    /// The bytes are no ONNX protobuf, or end too early.
    NotOnnx(prost::DecodeError),
    /// The file holds no graph.
    NoGraph,
    /// The file says that Tamis wrote it, but this part of its graph is not as Tamis writes it.
    Altered(&'static str),
    /// The trees are inconsistent.
    Ensemble(EnsembleError),
    /// An entry of `metadata_props` is wrong.
    Metadata {
        /// The entry's key.
        key: &'static str,
        /// What is wrong.
        flaw: MetadataFlaw,
    },
    /// The model is no isolation forest, and this build has no engine for other graphs; why it is none, if that is known.
    NeedsTract(Option<NoForest>),
    /// No engine knows this operator.
    Operator(OperatorName),
    /// This operator makes more numbers of a row than the engine is let hold.
    TooLarge(OperatorName),
    /// The file is written in a newer version of this than is known, so what it means is not.
    Newer {
        /// What is newer: a set of operators, or the file's format.
        what: &'static str,
        /// The version that it states.
        version: i64,
        /// The newest that is known.
        known: i64,
    },
    /// An input takes text; its name, shortened to what is fit to print.
    Text(String),
    /// The engine does not take the graph; its own words.
    Engine(String),
    /// The graph's inputs or outputs are not those of a scorer; says which.
    Interface(String),
}

/// Why a graph is no isolation forest.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum NoForest {
    /// No forest has this operator.
    Operator(OperatorName),
    /// Forests have this operator, but not used like this.
    Use {
        /// The operator.
        operator: OperatorName,
        /// The name of its result.
        output: String,
    },
    /// The operator calculates with two numbers of a row, which no threshold can say.
    Columns {
        /// The operator.
        operator: OperatorName,
        /// The name of its result.
        output: String,
    },
    /// The operator makes more of a row than a file of its size may ask for.
    Large(OperatorName),
    /// More operators stand before the trees than are followed.
    Steps(usize),
    /// The trees are inconsistent.
    Ensemble(EnsembleError),
    /// A constant's numbers are not those that its shape speaks of, or of a type without use in a forest.
    Constant(String),
    /// A constant's numbers are in another file.
    Elsewhere(String),
    /// The trees ask for more columns than they are given.
    Wide {
        /// How many they ask for.
        asked: usize,
        /// How many there are.
        given: usize,
    },
    /// Nothing makes what an operator asks for; its name.
    Nowhere(String),
    /// An input is no matrix of numbers with a fixed width.
    Input(String),
    /// Something else; in words.
    Other(&'static str),
}

/// What is wrong with an entry of `metadata_props`.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum MetadataFlaw {
    /// There is none.
    Missing,
    /// There are several.
    Repeated,
    /// It is not the JSON that it should be; the parser's words.
    Json(String),
    /// It contradicts the graph.
    Contradiction,
}

/// What is wrong with an operator of trees.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum EnsembleError {
    /// An attribute is missing, or not of its type.
    Attribute(&'static str),
    /// Two attributes that belong together differ in length.
    Length {
        /// The attribute.
        attribute: &'static str,
        /// The length of its companions.
        expected: usize,
        /// Its own.
        found: usize,
    },
    /// An entry of an attribute is out of range or unknown.
    Entry {
        /// The attribute.
        attribute: &'static str,
        /// The entry's position.
        position: usize,
    },
    /// An attribute has a value that Tamis does not compute.
    Unsupported(&'static str),
    /// Two nodes of a tree have the same id.
    Repeated(NodeId),
    /// A node's child does not exist.
    Dangling(NodeId),
    /// A node has two parents.
    Shared(NodeId),
    /// A tree has no root, or nodes that its root does not reach.
    Unreachable {
        /// The tree's id.
        tree: i64,
    },
}

/// Names a node as the file does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct NodeId {
    /// The tree's id.
    pub tree: i64,
    /// The node's id in it.
    pub node: i64,
}

/// Names an operator, shortened to what is fit to print.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OperatorName {
    /// Its type, such as `LabelEncoder`.
    pub operator: String,
    /// The set that it belongs to, such as `ai.onnx.ml`.
    pub domain: String,
}

impl OperatorName {
    /// The operator of a node.
    pub(crate) fn of(node: &NodeProto) -> Self {
        let domain = if node.domain.is_empty() { "ai.onnx" } else { &node.domain };
        Self { operator: printable(&node.op_type), domain: printable(domain) }
    }
}

/// A name of the file without what could steer a terminal or fill it.
pub(crate) fn printable(name: &str) -> String {
    name.chars().filter(char::is_ascii_graphic).take(64).collect()
}

impl ModelError {
    /// A code that stays the same from version to version.
    #[must_use]
    pub fn kind(&self) -> &'static str {
        match self {
            Self::NotOnnx(_) => "not_onnx",
            Self::NoGraph => "no_graph",
            Self::Altered(_) => "altered",
            Self::Ensemble(_) => "ensemble",
            Self::Metadata { .. } => "metadata",
            Self::NeedsTract(_) => "needs_tract",
            Self::Operator(_) => "operator",
            Self::TooLarge(_) => "too_large",
            Self::Newer { .. } => "newer",
            Self::Text(_) => "text",
            Self::Engine(_) => "engine",
            Self::Interface(_) => "interface",
        }
    }
}

impl fmt::Display for ModelError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NotOnnx(reason) => write!(f, "the bytes are no ONNX model: {reason}"),
            Self::NoGraph => f.write_str("the ONNX file holds no graph"),
            Self::Altered(part) => write!(f, "the model says that Tamis wrote it, but its {part} was altered"),
            Self::Ensemble(error) => write!(f, "the trees are inconsistent: {error}"),
            Self::Metadata { key, flaw } => write!(f, "the model's metadata {key} {flaw}"),
            Self::NeedsTract(None) => {
                f.write_str("the model is no isolation forest: scoring it needs the build with tract")
            }
            Self::NeedsTract(Some(reason)) => {
                write!(f, "the model is no isolation forest ({reason}): scoring it needs the build with tract")
            }
            Self::Operator(name) => write!(f, "the model needs {name}, which is not supported"),
            Self::TooLarge(name) => write!(f, "the model needs {name}, which makes too many numbers of a row"),
            Self::Newer { what, version, known } => {
                write!(f, "the model is written in version {version} of {what}: only those to {known} are known")
            }
            Self::Text(input) => write!(f, "the model's input {input} takes text: only numbers can be scored"),
            Self::Engine(reason) => write!(f, "the engine does not take the graph: {reason}"),
            Self::Interface(part) => write!(f, "the graph is no scorer: {part}"),
        }
    }
}

impl fmt::Display for NoForest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Operator(name) => write!(f, "it has {name}"),
            Self::Use { operator, output } => {
                write!(f, "it has {operator}, which makes {output}, in a use that no forest has")
            }
            Self::Columns { operator, output } => {
                write!(f, "{operator}, which makes {output}, calculates with two numbers of a row")
            }
            Self::Large(name) => write!(f, "{name} makes more of a row than a forest in a file of its size would"),
            Self::Steps(most) => write!(f, "more than {most} operators stand one after another before its trees"),
            Self::Ensemble(error) => write!(f, "its trees are inconsistent: {error}"),
            Self::Constant(name) => write!(f, "its constant {name} does not hold the numbers that its shape asks for"),
            Self::Elsewhere(name) => write!(f, "the numbers of its constant {name} are in another file"),
            Self::Wide { asked, given } => write!(f, "its trees ask for {asked} columns where there are {given}"),
            Self::Nowhere(name) => write!(f, "nothing before it makes {name}, which one of its operators asks for"),
            Self::Input(name) => write!(f, "its input {name} is no matrix of numbers with a fixed width"),
            Self::Other(reason) => f.write_str(reason),
        }
    }
}

impl fmt::Display for OperatorName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "the operator {} of {}", self.operator, self.domain)
    }
}

impl fmt::Display for MetadataFlaw {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Missing => f.write_str("is missing"),
            Self::Repeated => f.write_str("is there more than once"),
            Self::Json(reason) => write!(f, "is not the JSON expected: {reason}"),
            Self::Contradiction => f.write_str("contradicts the graph"),
        }
    }
}

impl fmt::Display for EnsembleError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Attribute(name) => write!(f, "{name} is missing or not of its type"),
            Self::Length { attribute, expected, found } => {
                write!(f, "{attribute} has {found} entries where its companions have {expected}")
            }
            Self::Entry { attribute, position } => write!(f, "entry {position} of {attribute} is out of range"),
            Self::Unsupported(attribute) => write!(f, "{attribute} has a value that is not supported"),
            Self::Repeated(id) => write!(f, "{id} is there more than once"),
            Self::Dangling(id) => write!(f, "{id} does not exist where it is referred to"),
            Self::Shared(id) => write!(f, "{id} has two parents"),
            Self::Unreachable { tree } => write!(f, "tree {tree} has no root, or nodes that it does not reach"),
        }
    }
}

impl fmt::Display for NodeId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "node {} of tree {}", self.node, self.tree)
    }
}

/// No source: what an error stems from is part of its own words, which a printed chain would repeat.
impl std::error::Error for ModelError {}

impl std::error::Error for EnsembleError {}

impl From<EnsembleError> for ModelError {
    fn from(error: EnsembleError) -> Self {
        Self::Ensemble(error)
    }
}
