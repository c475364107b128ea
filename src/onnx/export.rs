//! A forest and its metadata as the bytes of an ONNX file.
#![allow(clippy::needless_update, reason = "tract's messages have more fields than those of a build without it")]

use super::attributes::{floats, int, ints, text, texts};
use super::front::Front;
use super::graph::{DECISION, FLOATS, INPUT, INTEGERS, IR_VERSION, LABEL, OFFSET, OPSETS, ROWS, STEPS, Step};
use super::metadata::Metadata;
use crate::forest::{Forest, Node};
use crate::pb::tensor_proto::DataType;
use crate::pb::tensor_shape_proto::{Dimension, dimension};
use crate::pb::{
    AttributeProto, GraphProto, ModelProto, NodeProto, OperatorSetIdProto, StringStringEntryProto, TensorProto,
    TensorShapeProto, TypeProto, ValueInfoProto, type_proto,
};
use prost::Message;
use std::fmt;

/// Writes a forest as an ONNX file; the same forest and metadata give the same bytes.
///
/// # Errors
/// When the metadata does not fit the forest, see [`ExportError`].
///
/// # Example
/// ```
/// use tamis::forest::{Contamination, Matrix, Params, fit};
/// use tamis::onnx::{Metadata, Training, export};
/// use tamis::score::Model;
///
/// let params = Params { seed: 7, ..Params::default() };
/// let rows = Matrix::from_vec(1, (0..300).map(|i| i as f32).collect())?;
/// let forest = fit(&rows, &params.check()?)?;
/// let metadata = Metadata {
///     features: vec!["amount".to_owned()],
///     training: Some(Training::of(&forest, &params, rows.rows())),
///     ..Metadata::default()
/// };
/// let model = Model::from_onnx(&export(&forest, &metadata)?)?;
/// assert_eq!(model.score(&[900.0])?.score, Some(forest.score(&[900.0])));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub fn export(forest: &Forest, metadata: &Metadata) -> Result<Vec<u8>, ExportError> {
    check(forest, metadata)?;
    let graph = match Front::of(forest)? {
        None => graph(forest),
        Some((front, flat)) => front.wrap(graph(&flat)),
    };
    let entries = metadata.entries(forest.offset()).map_err(|error| ExportError::Json(error.to_string()))?;
    Ok(model(graph, &metadata.version, entries).encode_to_vec())
}

/// A file around a graph.
pub(super) fn model(graph: GraphProto, version: &str, entries: Vec<(String, String)>) -> ModelProto {
    ModelProto {
        ir_version: IR_VERSION,
        opset_import: OPSETS.map(|(domain, version)| OperatorSetIdProto { domain: domain.into(), version }).into(),
        producer_name: "tamis".to_owned(),
        producer_version: version.to_owned(),
        graph: Some(graph),
        metadata_props: entries.into_iter().map(|(key, value)| StringStringEntryProto { key, value }).collect(),
        ..ModelProto::default()
    }
}

fn check(forest: &Forest, metadata: &Metadata) -> Result<(), ExportError> {
    let columns = forest.columns();
    let scaler = metadata.scaler.as_ref();
    let wrong_scaler = scaler.is_some_and(|scaler| scaler.mean.len() != columns || scaler.std.len() != columns);
    if metadata.features.len() != columns || wrong_scaler {
        return Err(ExportError::Columns { forest: columns, metadata: metadata.features.len() });
    }
    let Some(training) = metadata.training else {
        return Err(ExportError::Training);
    };
    if training.trees != forest.trees().len() || training.samples != forest.samples() {
        return Err(ExportError::Training);
    }
    match metadata.extra.keys().find(|key| Metadata::is_reserved(key)) {
        Some(key) => Err(ExportError::Reserved(key.clone())),
        None => Ok(()),
    }
}

fn graph(forest: &Forest) -> GraphProto {
    let columns = i64::try_from(forest.columns()).unwrap_or(i64::MAX);
    let [ensemble, ..] = &STEPS;
    let node = |step: &Step| node(step, if step.output == ensemble.output { trees(forest) } else { Vec::new() });
    let mut initializer = vec![float(OFFSET, single(forest.offset()))];
    initializer.extend(FLOATS.map(|(name, value)| float(name, value)));
    initializer.extend(
        INTEGERS.map(|(name, value)| TensorProto { int64_data: vec![value], ..constant(name, DataType::Int64) }),
    );
    GraphProto {
        node: STEPS.iter().map(node).collect(),
        name: "isolation_forest".to_owned(),
        initializer,
        input: vec![value_info(INPUT, DataType::Float, columns)],
        output: vec![value_info(LABEL, DataType::Int64, 1), value_info(DECISION, DataType::Float, 1)],
        ..GraphProto::default()
    }
}

/// The offset as the graph holds it.
#[allow(clippy::cast_possible_truncation, reason = "the graph computes in 32 bits; the metadata keeps all 64")]
pub(super) fn single(offset: f64) -> f32 {
    offset as f32
}

fn node(step: &Step, attribute: Vec<AttributeProto>) -> NodeProto {
    NodeProto {
        input: step.inputs.iter().map(|&name| name.to_owned()).collect(),
        output: vec![step.output.to_owned()],
        name: format!("make_{}", step.output),
        op_type: step.operator.to_owned(),
        domain: step.domain.to_owned(),
        attribute,
        ..NodeProto::default()
    }
}

fn constant(name: &str, data_type: DataType) -> TensorProto {
    TensorProto { dims: vec![1], data_type: data_type as i32, name: name.to_owned(), ..TensorProto::default() }
}

fn float(name: &str, value: f32) -> TensorProto {
    TensorProto { float_data: vec![value], ..constant(name, DataType::Float) }
}

/// A matrix of any number of rows.
pub(super) fn value_info(name: &str, data_type: DataType, columns: i64) -> ValueInfoProto {
    let dimension = |value| Dimension { value: Some(value), ..Dimension::default() };
    let rows = dimension(dimension::Value::DimParam(ROWS.to_owned()));
    let shape = TensorShapeProto { dim: vec![rows, dimension(dimension::Value::DimValue(columns))] };
    let tensor = type_proto::Tensor { elem_type: data_type as i32, shape: Some(shape) };
    let kind = TypeProto { value: Some(type_proto::Value::TensorType(tensor)), ..TypeProto::default() };
    ValueInfoProto { name: name.to_owned(), r#type: Some(kind), ..ValueInfoProto::default() }
}

/// The trees as the attributes of the ensemble.
fn trees(forest: &Forest) -> Vec<AttributeProto> {
    let columns = Columns::of(forest);
    let leaves = columns.leaf_trees.len();
    let mut attributes = vec![text("aggregate_function", "SUM"), int("n_targets", 1), text("post_transform", "NONE")];
    let [trees, ids, weights] = [
        ints("target_treeids", columns.leaf_trees.clone()),
        ints("target_nodeids", columns.leaf_ids.clone()),
        floats("target_weights", columns.weights.clone()),
    ];
    attributes.extend(columns.nodes());
    attributes.extend([trees, ids, ints("target_ids", vec![0; leaves]), weights]);
    attributes
}

/// The trees' nodes as attributes, without what their leaves hold.
pub(super) fn nodes(forest: &Forest) -> Vec<AttributeProto> {
    Columns::of(forest).nodes()
}

#[derive(Default)]
struct Columns {
    trees: Vec<i64>,
    ids: Vec<i64>,
    features: Vec<i64>,
    modes: Vec<Vec<u8>>,
    values: Vec<f32>,
    lefts: Vec<i64>,
    rights: Vec<i64>,
    missing: Vec<i64>,
    leaf_trees: Vec<i64>,
    leaf_ids: Vec<i64>,
    weights: Vec<f32>,
}

impl Columns {
    fn of(forest: &Forest) -> Self {
        let mut columns = Self::default();
        for (tree, id) in forest.trees().iter().zip(0_i64..) {
            for (node, at) in tree.nodes().iter().zip(0_i64..) {
                columns.push(id, at, node);
            }
        }
        columns
    }

    /// Only `BRANCH_LEQ` is written: some runtimes misread the other tests.
    fn nodes(self) -> Vec<AttributeProto> {
        vec![
            ints("nodes_treeids", self.trees),
            ints("nodes_nodeids", self.ids),
            ints("nodes_featureids", self.features),
            texts("nodes_modes", self.modes),
            floats("nodes_values", self.values),
            ints("nodes_truenodeids", self.lefts),
            ints("nodes_falsenodeids", self.rights),
            ints("nodes_missing_value_tracks_true", self.missing),
        ]
    }

    fn push(&mut self, tree: i64, id: i64, node: &Node) {
        let (mode, feature, value, left, right, missing) = match *node {
            Node::Split { feature, threshold, right, missing_left } => {
                ("BRANCH_LEQ", i64::from(feature), threshold, id + 1, i64::from(right), i64::from(missing_left))
            }
            Node::Leaf { weight } => {
                self.leaf_trees.push(tree);
                self.leaf_ids.push(id);
                self.weights.push(weight);
                ("LEAF", 0, 0.0, 0, 0, 0)
            }
        };
        self.trees.push(tree);
        self.ids.push(id);
        self.features.push(feature);
        self.modes.push(mode.as_bytes().to_vec());
        self.values.push(value);
        self.lefts.push(left);
        self.rights.push(right);
        self.missing.push(missing);
    }
}

/// The metadata does not fit the forest.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum ExportError {
    /// The feature names or the scaler are not as many as the forest's columns.
    Columns {
        /// The forest's columns.
        forest: usize,
        /// The names in the metadata.
        metadata: usize,
    },
    /// The parameters of the training are missing or those of another forest.
    Training,
    /// An entry of `extra` has a key that is spoken for.
    Reserved(String),
    /// The derived columns are too many for one file.
    Wide {
        /// Splits by planes.
        planes: usize,
        /// Splits by subsets of categories.
        subsets: usize,
        /// The numbers that their matrices would hold.
        numbers: usize,
    },
    /// The forest splits by planes or categories, of which there is no table of explanations.
    Derived,
    /// A value has no JSON form; the serializer's words.
    Json(String),
}

impl ExportError {
    /// A code that stays the same from version to version.
    #[must_use]
    pub fn kind(&self) -> &'static str {
        match self {
            Self::Columns { .. } => "columns",
            Self::Training => "training",
            Self::Reserved(_) => "reserved",
            Self::Wide { .. } => "wide",
            Self::Derived => "derived",
            Self::Json(_) => "json",
        }
    }
}

impl fmt::Display for ExportError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Columns { forest, metadata } => {
                write!(f, "the forest has {forest} columns, and its metadata (names, scaler) has others ({metadata})")
            }
            Self::Training => f.write_str("the metadata's training parameters are not those of the forest"),
            Self::Reserved(key) => write!(f, "the metadata key {key} is spoken for"),
            Self::Wide { planes, subsets, numbers } => write!(
                f,
                "{planes} splits by planes and {subsets} by subsets of categories would fill matrices of {numbers} numbers: \
                 too many for one ONNX file; fewer trees, samples or categories make it smaller"
            ),
            Self::Derived => {
                f.write_str("the explanations of a forest that splits by planes or categories have no ONNX form")
            }
            Self::Json(reason) => write!(f, "the metadata has no JSON form: {reason}"),
        }
    }
}

impl std::error::Error for ExportError {}
