//! The explanations of a forest as an ONNX file of their own.
//!
//! ```text
//! features [N, D] float -> TreeEnsembleRegressor (SUM, D targets) -> contributions [N, D] float
//! ```
//! A leaf's weight for a feature is what that feature's splits did on the path to it, over the number of trees; so the
//! contributions are those of [`Explainer::contributions`](crate::forest::Explainer::contributions), and with the base in `metadata_props` they sum to the mean
//! path length. The trees are those of the model, so both files take the same rows.
#![allow(clippy::needless_update, reason = "tract's messages have more fields than those of a build without it")]

use super::attributes::{floats, int, ints, text};
use super::export::{ExportError, model, nodes, value_info};
use super::graph::INPUT;
use crate::forest::{Forest, LeafParts, leaf_parts};
use crate::pb::tensor_proto::DataType;
use crate::pb::{AttributeProto, GraphProto, NodeProto};
use prost::Message;

/// The output: what each feature did to a row's mean path length, in edges.
const CONTRIBUTIONS: &str = "contributions";

/// Writes the explanations of a forest as an ONNX file, with the names of its features and its base
/// (`tamis.explain`) in the metadata.
///
/// # Errors
/// [`ExportError::Derived`] for a forest that splits by planes or categories: what such a split did is no leaf's alone.
pub fn export_explanations(forest: &Forest, features: &[String]) -> Result<Vec<u8>, ExportError> {
    if forest.is_derived() {
        return Err(ExportError::Derived);
    }
    let columns = i64::try_from(forest.columns()).unwrap_or(i64::MAX);
    let (base, attribute) = attributes(forest, columns);
    let node = NodeProto {
        input: vec![INPUT.to_owned()],
        output: vec![CONTRIBUTIONS.to_owned()],
        name: format!("make_{CONTRIBUTIONS}"),
        op_type: "TreeEnsembleRegressor".to_owned(),
        domain: "ai.onnx.ml".to_owned(),
        attribute,
        ..NodeProto::default()
    };
    let graph = GraphProto {
        node: vec![node],
        name: "isolation_forest_explanations".to_owned(),
        input: vec![value_info(INPUT, DataType::Float, columns)],
        output: vec![value_info(CONTRIBUTIONS, DataType::Float, columns)],
        ..GraphProto::default()
    };
    let about = serde_json::json!({"base": base, "features": features});
    let entries = vec![("tamis.explain".to_owned(), about.to_string())];
    Ok(model(graph, env!("CARGO_PKG_VERSION"), entries).encode_to_vec())
}

/// The base, and the ensemble.
#[allow(clippy::cast_precision_loss, reason = "a forest has at most 100,000 trees")]
#[allow(clippy::cast_possible_truncation, reason = "the ensemble computes in 32 bits")]
fn attributes(forest: &Forest, columns: i64) -> (f64, Vec<AttributeProto>) {
    let (mut trees, mut leaves, mut targets, mut weights) = (Vec::new(), Vec::new(), Vec::new(), Vec::new());
    let count = forest.trees().len().max(1) as f64;
    let base = leaf_parts(forest, |mut leaf: LeafParts| {
        // A leaf without any weight is more than some runtimes expect.
        if leaf.parts.is_empty() {
            leaf.parts.insert(0, 0.0);
        }
        for (feature, part) in leaf.parts {
            trees.push(i64::try_from(leaf.tree).unwrap_or(i64::MAX));
            leaves.push(i64::try_from(leaf.node).unwrap_or(i64::MAX));
            targets.push(i64::from(feature));
            weights.push((part / count) as f32);
        }
    });
    let mut attributes =
        vec![text("aggregate_function", "SUM"), int("n_targets", columns), text("post_transform", "NONE")];
    attributes.extend(nodes(forest));
    attributes.extend([
        ints("target_treeids", trees),
        ints("target_nodeids", leaves),
        ints("target_ids", targets),
        floats("target_weights", weights),
    ]);
    (base, attributes)
}
