//! A forest of ours straight from the bytes of its file.
//!
//! The ensemble's attributes, which are nearly all of the file, are read by [`packed`], and what is beside them by the
//! general way.

use super::graph::{ML, STEPS};
use super::packed::{Packed, packed};
use super::wire::{Fields, Value};
use crate::pb::{GraphProto, ModelProto, NodeProto, OperatorSetIdProto, StringStringEntryProto};
use crate::pb::{TensorProto, ValueInfoProto};
use prost::Message;

/// A model without its ensemble's attributes, and the trees that these state.
pub(super) struct Plain {
    pub(super) model: ModelProto,
    pub(super) packed: Packed,
}

/// Reads such a model; none for any other bytes, broken ones too, about which the general way has more to say.
pub(super) fn plain(bytes: &[u8]) -> Option<Plain> {
    if !holds(bytes, (2, Value::Bytes(b"tamis"))) {
        return None;
    }
    let mut model = ModelProto { producer_name: "tamis".to_owned(), ..ModelProto::default() };
    let mut trees = None;
    for field in Fields(bytes) {
        match field? {
            (1, Value::Number(version)) => model.ir_version = i64::try_from(version).ok()?,
            (2, Value::Bytes(b"tamis")) => {}
            (3, Value::Bytes(bytes)) => model.producer_version = text(bytes)?,
            (7, Value::Bytes(bytes)) if model.graph.is_none() => model.graph = Some(graph(bytes, &mut trees)?),
            (8, Value::Bytes(bytes)) => model.opset_import.push(OperatorSetIdProto::decode(bytes).ok()?),
            (14, Value::Bytes(bytes)) => model.metadata_props.push(StringStringEntryProto::decode(bytes).ok()?),
            _ => return None,
        }
    }
    Some(Plain { model, packed: trees? })
}

fn graph(bytes: &[u8], trees: &mut Option<Packed>) -> Option<GraphProto> {
    let [ensemble, ..] = &STEPS;
    let ensemble = (4, Value::Bytes(ensemble.operator.as_bytes()));
    let mut graph = GraphProto::default();
    for field in Fields(bytes) {
        match field? {
            (1, Value::Bytes(bytes)) if trees.is_none() && holds(bytes, ensemble) => {
                let (node, packed) = node(bytes)?;
                graph.node.push(node);
                *trees = Some(packed);
            }
            (1, Value::Bytes(bytes)) => graph.node.push(NodeProto::decode(bytes).ok()?),
            (2, Value::Bytes(bytes)) => graph.name = text(bytes)?,
            (5, Value::Bytes(bytes)) => graph.initializer.push(TensorProto::decode(bytes).ok()?),
            (11, Value::Bytes(bytes)) => graph.input.push(ValueInfoProto::decode(bytes).ok()?),
            (12, Value::Bytes(bytes)) => graph.output.push(ValueInfoProto::decode(bytes).ok()?),
            _ => return None,
        }
    }
    Some(graph)
}

/// The node of the ensemble without its attributes, and what these state.
fn node(bytes: &[u8]) -> Option<(NodeProto, Packed)> {
    let [ensemble, ..] = &STEPS;
    let mut node = NodeProto { op_type: ensemble.operator.to_owned(), domain: ML.to_owned(), ..NodeProto::default() };
    let mut attributes = Vec::new();
    let mut domain = "".as_bytes();
    for field in Fields(bytes) {
        match field? {
            (1, Value::Bytes(bytes)) => node.input.push(text(bytes)?),
            (2, Value::Bytes(bytes)) => node.output.push(text(bytes)?),
            (3, Value::Bytes(bytes)) => node.name = text(bytes)?,
            (4, Value::Bytes(bytes)) if bytes == ensemble.operator.as_bytes() => {}
            (5, Value::Bytes(bytes)) => attributes.push(bytes),
            (7, Value::Bytes(bytes)) => domain = bytes,
            _ => return None,
        }
    }
    let packed = packed(&attributes).filter(|_| domain == ML.as_bytes())?;
    Some((node, packed))
}

/// Whether a message has this field.
fn holds(message: &[u8], wanted: (u64, Value<'_>)) -> bool {
    Fields(message).any(|field| field == Some(wanted))
}

fn text(bytes: &[u8]) -> Option<String> {
    String::from_utf8(bytes.to_vec()).ok()
}
