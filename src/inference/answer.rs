//! What the protocols are answered.

use super::fault::Fault;
use super::table::Table;
use super::tensor::Asked;
use crate::mask::{write_number, write_text};
use crate::onnx::graph::{DECISION, LABEL};
use crate::score::{Model, Score};

/// Bytes that a row takes at most, in either answer.
const ROW: usize = 56;

/// −1 for an odd row and 1 for a usual one, as scikit-learn's `predict` and the ONNX file have it.
fn label(score: &Score) -> &'static [u8] {
    if score.flagged { b"-1" } else { b"1" }
}

/// The outputs of the Open Inference Protocol, each one number a row.
pub(super) fn tensors(
    asked: &Asked,
    (name, version): (&str, &str),
    model: &Model,
    features: &[String],
) -> Result<Vec<u8>, Fault> {
    let rows = asked.table.rows(features.len());
    let (mut labels, mut decisions) = (Vec::with_capacity(rows * 3), Vec::with_capacity(rows * 24));
    asked.table.score(model, features, |score| {
        labels.extend_from_slice(label(&score));
        labels.push(b',');
        write_number(score.decision, &mut decisions);
        decisions.push(b',');
    })?;
    labels.pop();
    decisions.pop();
    let mut out = Vec::with_capacity(labels.len() + decisions.len() + 512);
    out.extend_from_slice(b"{\"model_name\":");
    write_text(name, &mut out);
    out.extend_from_slice(b",\"model_version\":");
    write_text(version, &mut out);
    if let Some(id) = &asked.id {
        out.extend_from_slice(b",\"id\":");
        write_text(id, &mut out);
    }
    out.extend_from_slice(b",\"outputs\":[");
    for (index, output) in asked.outputs.iter().enumerate() {
        let (datatype, data) = if *output == LABEL { ("INT64", &labels) } else { ("FP64", &decisions) };
        let comma = if index == 0 { "" } else { "," };
        let head =
            format!("{comma}{{\"name\":\"{output}\",\"datatype\":\"{datatype}\",\"shape\":[{rows},1],\"data\":[");
        out.extend_from_slice(head.as_bytes());
        out.extend_from_slice(data);
        out.extend_from_slice(b"]}");
    }
    out.extend_from_slice(b"]}");
    Ok(out)
}

/// MLflow's answer: one record a row, as its own server gives for a model that is logged.
pub(super) fn predictions(table: &Table, model: &Model, features: &[String]) -> Result<Vec<u8>, Fault> {
    let mut out = Vec::with_capacity(table.rows(features.len()) * ROW + 32);
    out.extend_from_slice(b"{\"predictions\":[");
    let mut first = true;
    table.score(model, features, |score| {
        let comma: &[u8] = if std::mem::take(&mut first) { b"" } else { b"," };
        for part in [comma, b"{\"", LABEL.as_bytes(), b"\":", label(&score), b",\"", DECISION.as_bytes(), b"\":"] {
            out.extend_from_slice(part);
        }
        write_number(score.decision, &mut out);
        out.push(b'}');
    })?;
    out.extend_from_slice(b"]}");
    Ok(out)
}
