//! Bytes to a forest, if they are one that Tamis wrote.

use super::attributes::Attributes;
use super::ensemble::{Aggregate, Ensemble, EnsembleNode};
use super::error::{MetadataFlaw, ModelError, NoForest, printable};
use super::export::single;
use super::front;
use super::graph::{DECISION, FLOATS, INPUT, INTEGERS, LABEL, ML, OFFSET, STEPS, Step};
use super::metadata::{FOREST, Metadata, Training};
use super::packed::Packed;
use super::plain::{Plain, plain};
use super::prepare::Prepare;
use super::recognise::{Foreign, recognise};
use super::trace::{Trace, matrix};
use crate::forest::{Forest, Tree};
use crate::pb::{GraphProto, ModelProto, NodeProto, TensorProto, ValueInfoProto, type_proto};
use prost::Message;

/// What the bytes of an ONNX file are.
pub(crate) enum Recognised {
    /// A forest, of Tamis or in somebody else's words, and what a row needs before it.
    Forest(Box<Forest>, Prepare, Metadata),
    /// Some other graph, for an engine to score; why it is no forest.
    Other(Metadata, NoForest),
}

/// Reads an ONNX file.
///
/// A file with an entry `tamis.…` in its metadata is one of ours, and must be so wholly: whatever does not fit is an
/// error, and nothing of it reaches another engine. A file without is another's.
///
/// # Errors
/// For bytes that are no ONNX, and for a damaged file of ours.
pub(crate) fn read(bytes: &[u8]) -> Result<Recognised, ModelError> {
    match plain(bytes) {
        Some(Plain { model, packed }) => recognised(&model, Some(packed), bytes.len()),
        None => general(bytes),
    }
}

/// Reads a file whoever wrote it.
fn general(bytes: &[u8]) -> Result<Recognised, ModelError> {
    recognised(&ModelProto::decode(bytes).map_err(ModelError::NotOnnx)?, None, bytes.len())
}

/// What a model is, whose trees were read already if they are packed.
fn recognised(model: &ModelProto, packed: Option<Packed>, bytes: usize) -> Result<Recognised, ModelError> {
    let graph = model.graph.as_ref().ok_or(ModelError::NoGraph)?;
    let entries = model.metadata_props.iter().map(|entry| (entry.key.as_str(), entry.value.as_str()));
    let ours = model.producer_name == "tamis" || entries.clone().any(|(key, _)| key.starts_with("tamis."));
    let (metadata, offset) = Metadata::read(entries)?;
    versions(model)?;
    if !ours {
        return foreign(graph, bytes, metadata);
    }
    if model.opset_import.iter().any(|set| !["", "ai.onnx", ML].contains(&set.domain.as_str())) {
        return Err(ModelError::Altered("opsets"));
    }
    let (Some(training), Some(offset)) = (metadata.training, offset) else {
        return Err(ModelError::Metadata { key: FOREST, flaw: MetadataFlaw::Missing });
    };
    let width = graph.input.first().and_then(matrix).map(|(_, columns)| columns);
    let forest = front::forest(graph, width, |graph| forest(graph, packed, &training, offset))?;
    let columns = forest.columns();
    let scaler = metadata.scaler.as_ref();
    let wrong_scaler = scaler.is_some_and(|scaler| scaler.mean.len() != columns || scaler.std.len() != columns);
    if metadata.features.len() != columns || wrong_scaler {
        return Err(ModelError::Altered("metadata: its features are not the input's columns"));
    }
    Ok(Recognised::Forest(Box::new(forest), Prepare::new(columns), metadata))
}

/// Refuses a file in a newer version of anything than the standard's newest (onnx 1.23): what it means is not known.
fn versions(model: &ModelProto) -> Result<(), ModelError> {
    const CORE: (&str, i64) = ("ai.onnx", 28);
    const TREES: (&str, i64) = (ML, 5);
    const FORMAT: (&str, i64) = ("the file's format", 14);
    let sets = model.opset_import.iter().filter_map(|set| match set.domain.as_str() {
        "" | "ai.onnx" => Some((CORE, set.version)),
        ML => Some((TREES, set.version)),
        _ => None,
    });
    let newer = sets.chain([(FORMAT, model.ir_version)]).find(|((_, known), version)| version > known);
    match newer {
        Some(((what, known), version)) => Err(ModelError::Newer { what, version, known }),
        None => Ok(()),
    }
}

/// What somebody else's graph is.
fn foreign(graph: &GraphProto, bytes: usize, mut metadata: Metadata) -> Result<Recognised, ModelError> {
    const TEXT: i32 = 8;
    let kind = |input: &ValueInfoProto| match input.r#type.as_ref().and_then(|kind| kind.value.as_ref()) {
        Some(type_proto::Value::TensorType(tensor)) => tensor.elem_type,
        None => 0,
    };
    if let Some(input) = graph.input.iter().find(|input| kind(input) == TEXT) {
        return Err(ModelError::Text(printable(&input.name)));
    }
    let each_a_column = graph.input.len() > 1 && graph.input.iter().all(|input| matches!(matrix(input), Some((_, 1))));
    if each_a_column && metadata.features.is_empty() {
        metadata.features = graph.input.iter().map(|input| input.name.clone()).collect();
    }
    let found = Trace::follow(graph, bytes).and_then(|trace| recognise(graph, &trace));
    let Foreign { forest, prepare, .. } = match found {
        Ok(foreign) => foreign,
        // No engine makes anything else of such trees.
        Err(NoForest::Ensemble(error)) => return Err(ModelError::Ensemble(error)),
        Err(reason) => return Ok(Recognised::Other(metadata, reason)),
    };
    Ok(Recognised::Forest(Box::new(forest), prepare, metadata))
}

/// The forest of a graph that is as Tamis writes it.
fn forest(graph: &GraphProto, packed: Option<Packed>, training: &Training, offset: f64) -> Result<Forest, ModelError> {
    let same = graph.node.len() == STEPS.len() && graph.node.iter().zip(&STEPS).all(|(node, step)| is(node, step));
    if !same {
        return Err(ModelError::Altered("operators"));
    }
    constants(graph, offset)?;
    let columns = interface(graph)?;
    let trees = match packed {
        Some(packed) if packed.columns > columns => return Err(ModelError::Altered("trees")),
        Some(packed) => packed.trees,
        None => trees(graph.node.first().ok_or(ModelError::Altered("operators"))?, columns)?,
    };
    let sound = training.trees == trees.len() && training.samples >= 2 && offset.is_finite();
    if !sound {
        return Err(ModelError::Metadata { key: FOREST, flaw: MetadataFlaw::Contradiction });
    }
    Ok(Forest::new(trees, columns, training.samples, offset))
}

/// The trees that the attributes of the ensemble state, in whatever order.
fn trees(ensemble: &NodeProto, columns: usize) -> Result<Vec<Tree>, ModelError> {
    let flat = ensemble.op_type == FLAT;
    let attributes = Attributes(ensemble);
    let ensemble = if flat { Ensemble::flat(attributes)? } else { Ensemble::read(attributes)? };
    if ensemble.aggregate != Aggregate::Sum || !ensemble.base.is_empty() || ensemble.columns() > columns {
        return Err(ModelError::Altered("trees"));
    }
    let reached = |node: &&EnsembleNode| !flat || matches!(node, EnsembleNode::Split { .. });
    let reached = ensemble.trees.iter().flatten().filter(reached).count();
    let named = if flat { "nodes_featureids" } else { "nodes_treeids" };
    if reached != attributes.ints(named)?.len() {
        return Err(ModelError::Altered("trees: a node has two parents or none"));
    }
    let trees = ensemble.forest().ok_or(ModelError::Altered("trees"))?;
    let sound = ensemble.weights.iter().all(|(_, weight)| weight.is_finite() && *weight >= 0.0);
    if sound { Ok(trees) } else { Err(ModelError::Altered("leaves")) }
}

fn is(node: &NodeProto, step: &Step) -> bool {
    let ensemble = step.domain == ML;
    (node.op_type == step.operator || (ensemble && node.op_type == FLAT))
        && node.domain == step.domain
        && node.input == step.inputs
        && node.output == [step.output]
        && (ensemble || node.attribute.is_empty())
}

/// The operator of ai.onnx.ml 5 that may state the trees instead, see [`fold`](super::fold).
const FLAT: &str = "TreeEnsemble";

/// Compares the graph's constants with those that Tamis writes for this offset.
fn constants(graph: &GraphProto, offset: f64) -> Result<(), ModelError> {
    let find = |name: &str| graph.initializer.iter().find(|tensor| tensor.name == name);
    let floats = FLOATS.into_iter().chain([(OFFSET, single(offset))]);
    let floats_same = floats
        .into_iter()
        .all(|(name, value)| find(name).and_then(float).is_some_and(|found| found.to_bits() == value.to_bits()));
    let integers_same = INTEGERS.into_iter().all(|(name, value)| find(name).and_then(integer) == Some(value));
    let all = graph.initializer.len() == FLOATS.len() + INTEGERS.len() + 1;
    if floats_same && integers_same && all { Ok(()) } else { Err(ModelError::Altered("constants")) }
}

/// A constant of one float, in either of the two places where ONNX allows it.
fn float(tensor: &TensorProto) -> Option<f32> {
    match (tensor.float_data.as_slice(), tensor.raw_data.as_slice()) {
        (&[value], []) => Some(value),
        ([], raw) => raw.try_into().ok().map(f32::from_le_bytes),
        _ => None,
    }
}

fn integer(tensor: &TensorProto) -> Option<i64> {
    match (tensor.int64_data.as_slice(), tensor.raw_data.as_slice()) {
        (&[value], []) => Some(value),
        ([], raw) => raw.try_into().ok().map(i64::from_le_bytes),
        _ => None,
    }
}

/// Checks the names of the inputs and outputs, and returns the input's columns.
fn interface(graph: &GraphProto) -> Result<usize, ModelError> {
    let names = |values: &[ValueInfoProto]| values.iter().map(|value| value.name.clone()).collect::<Vec<_>>();
    if names(&graph.output) != [LABEL, DECISION] || names(&graph.input) != [INPUT] {
        return Err(ModelError::Altered("inputs or outputs"));
    }
    graph.input.first().and_then(matrix).map(|(_, columns)| columns).ok_or(ModelError::Altered("input's shape"))
}

#[cfg(test)]
mod tests;
