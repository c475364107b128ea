//! What must hold before tract sees a graph.

use super::{op, size};
use crate::onnx::error::printable;
use crate::onnx::graph::ML;
use crate::onnx::number::{Kind, Number, Tensor};
use crate::onnx::{ModelError, OperatorName};
use std::collections::{HashMap, HashSet};
use tract_onnx::model::Onnx;
use tract_onnx::pb::attribute_proto::AttributeType;
use tract_onnx::pb::tensor_proto::DataType;
use tract_onnx::pb::tensor_shape_proto::dimension;
use tract_onnx::pb::{AttributeProto, GraphProto, ModelProto, NodeProto, TensorProto, type_proto};

/// Takes away what only says again in words what numbers say, `ZipMap`, and calls the rows of all inputs by one name:
/// left without one, or with several, tract knows too little of what comes of them. A cast to integers is ours, since
/// tract makes 0 of what has none, and so is a clip, since tract makes a bound of a missing value. Where a list of
/// columns to extract is a number or a matrix it becomes a list, since tract gives the result its rank.
pub(super) fn simplify(model: &mut ModelProto) {
    for input in model.graph.iter_mut().flat_map(|graph| &mut graph.input) {
        let value = input.r#type.as_mut().and_then(|kind| kind.value.as_mut());
        let Some(type_proto::Value::TensorType(tensor)) = value else { continue };
        let rows = tensor.shape.as_mut().and_then(|shape| shape.dim.first_mut());
        if let Some(rows) = rows.filter(|rows| !matches!(rows.value, Some(dimension::Value::DimValue(1..)))) {
            rows.value = Some(dimension::Value::DimParam("rows".to_owned()));
        }
    }
    let Some(graph) = model.graph.as_mut() else { return };
    lists(graph);
    let single = |tensor: &&TensorProto| tensor.dims.iter().all(|&dim| dim == 1);
    let singles = graph.initializer.iter().filter(single);
    let singles: HashMap<String, Tensor> =
        singles.filter_map(|tensor| Some((tensor.name.clone(), Tensor::read(tensor)?))).collect();
    let constant = |name: &String| singles.get(name).cloned();
    for node in &mut graph.node {
        if node.op_type == "Clip" && node.domain != ML {
            clip(node, &constant);
        }
        if node.op_type == "Mul" && node.domain != ML {
            times_zero(node, &constant);
        }
        if node.op_type == "ZipMap" {
            let (input, output) = (std::mem::take(&mut node.input), std::mem::take(&mut node.output));
            *node = NodeProto { op_type: "Identity".into(), input, output, ..NodeProto::default() };
        }
        let integers = |attribute: &AttributeProto| attribute.name == "to" && attribute.i == DataType::Int64 as i64;
        if node.op_type == "Cast" && node.attribute.iter().any(integers) {
            op::TO_INTEGER.clone_into(&mut node.op_type);
        }
    }
}

/// Gives each `ArrayFeatureExtractor` its columns as a list of their own.
fn lists(graph: &mut GraphProto) {
    const EXTRACTOR: &str = "ArrayFeatureExtractor";
    let extractors = |node: &&mut NodeProto| node.op_type == EXTRACTOR && node.domain == ML;
    let places: HashMap<String, usize> =
        graph.initializer.iter().enumerate().map(|(at, tensor)| (tensor.name.clone(), at)).collect();
    let mut made = HashSet::new();
    for node in graph.node.iter_mut().filter(extractors) {
        let Some(columns) = node.input.get_mut(1) else { continue };
        let Some(tensor) = places.get(columns).and_then(|&at| graph.initializer.get(at)) else { continue };
        let length = tensor.dims.iter().try_fold(1_i64, |length, &dim| length.checked_mul(dim));
        let Some(length) = length.filter(|_| tensor.dims.len() != 1) else { continue };
        // The operator alone reads the constant so: others may want its rank.
        let name = format!("{columns} as a list");
        if made.insert(columns.clone()) {
            let list = TensorProto { dims: vec![length], name: name.clone(), ..tensor.clone() };
            graph.initializer.push(list);
        }
        *columns = name;
    }
}

/// Calls a multiplication by 0 what it is: tract makes 0 of it, also where there is no number or an infinite one.
fn times_zero(node: &mut NodeProto, constant: &impl Fn(&String) -> Option<Tensor>) {
    let zero = |name: &String| {
        constant(name).is_some_and(|tensor| {
            tensor.dims.len() <= 1
                && tensor.only().is_some_and(|number| number.kind() == Kind::Single && number.real() == 0.0)
        })
    };
    if let [first, second] = node.input.as_slice()
        && zero(first) != zero(second)
    {
        node.input = vec![if zero(first) { second.clone() } else { first.clone() }];
        op::TIMES_ZERO.clone_into(&mut node.op_type);
    }
}

/// States the bounds of a `Clip` as attributes where they are 32-bit constants.
fn clip(node: &mut NodeProto, constant: &impl Fn(&String) -> Option<Tensor>) {
    for (at, name) in [(1, "min"), (2, "max")] {
        let Some(input) = node.input.get(at).filter(|input| !input.is_empty()) else { continue };
        let Some(Number::Single(f)) = constant(input).and_then(|tensor| tensor.only()) else { return };
        let r#type = AttributeType::Float as i32;
        node.attribute.push(AttributeProto { name: name.to_owned(), f, r#type, ..AttributeProto::default() });
    }
    node.input.truncate(1);
    op::CLIP.clone_into(&mut node.op_type);
}

/// Refuses by name what cannot be run, and what tract takes for granted.
pub(super) fn graph(graph: &GraphProto, onnx: &Onnx) -> Result<(), ModelError> {
    let made = graph.node.iter().flat_map(|node| &node.output);
    let given = graph.input.iter().map(|input| &input.name).chain(graph.initializer.iter().map(|tensor| &tensor.name));
    let known: HashSet<&String> = made.chain(given).collect();
    if graph.output.is_empty() {
        return Err(ModelError::Interface("it has no output".to_owned()));
    }
    if let Some(output) = graph.output.iter().find(|output| !known.contains(&output.name)) {
        return Err(ModelError::Interface(format!("its output {} is made nowhere", printable(&output.name))));
    }
    operators(graph, onnx)
}

fn operators(graph: &GraphProto, onnx: &Onnx) -> Result<(), ModelError> {
    graph.initializer.iter().try_for_each(whole)?;
    let beyond: HashSet<&str> = size::beyond(&graph.initializer).collect();
    for node in &graph.node {
        let domain = ["", "ai.onnx", ML].contains(&node.domain.as_str());
        if !domain || !onnx.op_register.0.contains_key(&node.op_type) {
            return Err(ModelError::Operator(OperatorName::of(node)));
        }
        size::growing(node, &beyond)?;
        for attribute in &node.attribute {
            attribute.t.iter().chain(&attribute.tensors).try_for_each(whole)?;
            for graph in attribute.g.iter().chain(&attribute.graphs) {
                size::inner(graph)?;
                operators(graph, onnx)?;
            }
        }
    }
    Ok(())
}

/// A tensor must hold what its dimensions say, here: not in another file.
fn whole(tensor: &TensorProto) -> Result<(), ModelError> {
    if tensor.data_location.unwrap_or(0) != 0 || !tensor.external_data.is_empty() {
        return Err(ModelError::Interface(format!("the numbers of {} are in another file", constant(tensor))));
    }
    let held = tensor.raw_data.len()
        + tensor.float_data.len()
        + tensor.int32_data.len()
        + tensor.int64_data.len()
        + tensor.double_data.len()
        + tensor.uint64_data.len()
        + tensor.string_data.len();
    let size = tensor.dims.iter().try_fold(1_usize, |size, &dim| size.checked_mul(usize::try_from(dim).ok()?));
    match size {
        Some(size) if size <= held => Ok(()),
        _ => Err(ModelError::Interface(format!("{} is larger than the file", constant(tensor)))),
    }
}

fn constant(tensor: &TensorProto) -> String {
    if tensor.name.is_empty() { "a constant".to_owned() } else { format!("its constant {}", printable(&tensor.name)) }
}
