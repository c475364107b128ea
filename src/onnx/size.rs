//! How much a graph makes of a row, known before anything is calculated.
//!
//! A file of a kilobyte can ask for a terabyte: forty times a matrix beside itself, or a constant of 2³⁴ numbers, which
//! tract would calculate while it looks at the graph.

use crate::onnx::error::printable;
use crate::onnx::number::{Number, Tensor};
use crate::onnx::{ModelError, OperatorName};
use std::collections::HashSet;
use tract_onnx::pb::{GraphProto, NodeProto, TensorProto};
use tract_onnx::prelude::*;
use tract_onnx::tract_hir::infer::Factoid;

/// The most numbers that one operator may make of a row, or a constant may hold.
const MOST: u64 = 1 << 24;
/// The most numbers that all operators together may make of a row.
const MOST_IN_ALL: u64 = 1 << 26;

/// Operators that make more than they are given by what the numbers say. In a graph within a graph their sizes are not
/// known beforehand.
const GROWING: [&str; 10] =
    ["Concat", "ConstantOfShape", "Expand", "EyeLike", "OneHot", "Pad", "Range", "Resize", "Tile", "Upsample"];

/// Refuses operators in graphs within a graph that could make more than anybody knows beforehand.
pub(super) fn inner(graph: &GraphProto) -> Result<(), ModelError> {
    match graph.node.iter().find(|node| GROWING.contains(&node.op_type.as_str())) {
        Some(node) => Err(ModelError::TooLarge(OperatorName::of(node))),
        None => Ok(()),
    }
}

/// The greatest size that tract reads as it stands.
const WIDEST: u64 = 0x7fff_ffff;

/// The names of the constants that hold sizes beyond that.
pub(super) fn beyond(constants: &[TensorProto]) -> impl Iterator<Item = &str> {
    let beyond = |number: &Number| matches!(*number, Number::Integer(size) if size.unsigned_abs() > WIDEST);
    let large =
        move |tensor: &&TensorProto| Tensor::read(tensor).is_some_and(|tensor| tensor.numbers.iter().any(beyond));
    constants.iter().filter(large).map(|tensor| tensor.name.as_str())
}

/// Refuses an operator whose sizes are `beyond` what tract can read: it takes them for 0.
pub(super) fn growing(node: &NodeProto, beyond: &HashSet<&str>) -> Result<(), ModelError> {
    let growing = GROWING.contains(&node.op_type.as_str()) && node.op_type != "Concat";
    // The first input of the others is what grows.
    let first = usize::from(!["ConstantOfShape", "Range"].contains(&node.op_type.as_str()));
    let large = growing && node.input.iter().skip(first).any(|name| beyond.contains(name.as_str()));
    if large { Err(ModelError::TooLarge(OperatorName::of(node))) } else { Ok(()) }
}

/// Finds out the shapes of a model one operator after another, before tract does and calculates what it can on the way.
/// Gives the model and how many numbers it makes of a row; or the operator that makes too many.
pub(super) fn known(
    model: InferenceModel,
    graph: &GraphProto,
) -> TractResult<Result<(InferenceModel, u64), ModelError>> {
    let mut model = model.into_compact()?;
    let mut all = 0_u64;
    for at in model.eval_order()? {
        let made = match infer(&mut model, at) {
            Ok(made) => made,
            Err(error) => return Err(error.context(format!("Failed analyse for node {}", model.node(at)))),
        };
        all = all.saturating_add(made);
        if made > MOST || all > MOST_IN_ALL {
            return Ok(Err(too_large(&model, at, graph)));
        }
    }
    Ok(Ok((model, all)))
}

/// Finds out the shapes of an operator's results, and how many numbers they hold; what it calculates stays within that.
fn infer(model: &mut InferenceModel, at: usize) -> TractResult<u64> {
    let (inputs, outputs) = model.node_facts(at)?;
    let inputs: TVec<InferenceFact> = inputs.into_iter().cloned().collect();
    let outputs: TVec<InferenceFact> = outputs.into_iter().cloned().collect();
    let watched = model.node(at).op.observe_outlets(model, model.node(at))?;
    let observed = watched.iter().map(|&outlet| model.outlet_fact(outlet).cloned());
    let observed = observed.collect::<TractResult<TVec<_>>>()?;
    let all = |facts: &'_ TVec<InferenceFact>| facts.iter().map(numbers).fold(0, u64::saturating_add);
    let mut op = model.node(at).op.clone();
    // What has nothing but constants before it is calculated at once.
    if !inputs.is_empty() && inputs.iter().all(|fact| fact.value.concretize().is_some()) {
        let (_, made, _) =
            op.infer_facts(inputs.iter().collect(), outputs.iter().collect(), observed.iter().collect())?;
        if all(&made) > MOST {
            return Ok(all(&made));
        }
    }
    let (given, made, seen) = op.infer(inputs.iter().collect(), outputs.iter().collect(), observed.iter().collect())?;
    let all = all(&made);
    let of_inputs: Vec<OutletId> = model.node(at).inputs.clone();
    let of_outputs = (0..made.len()).map(|slot| OutletId::new(at, slot));
    let outlets = of_inputs.into_iter().chain(of_outputs).chain(watched).collect::<Vec<_>>();
    for (outlet, fact) in outlets.into_iter().zip(given.into_iter().chain(made).chain(seen)) {
        let fact = model.outlet_fact(outlet)?.unify(&fact)?;
        model.set_outlet_fact(outlet, fact)?;
    }
    model.node_mut(at).op = op;
    Ok(all)
}

/// How many numbers there are of one row, or of all if that is no matter of rows; 0 where that is unknown.
fn numbers(fact: &InferenceFact) -> u64 {
    let one = |dim: TDim| {
        let row = dim.symbols().into_iter().fold(SymbolValues::default(), |values, symbol| values.with(&symbol, 1));
        dim.eval(&row).to_i64().ok().and_then(|dim| u64::try_from(dim).ok())
    };
    let dims = fact.shape.concretize().unwrap_or_default();
    let known = !dims.is_empty();
    let all = dims.into_iter().map(|dim| one(dim).unwrap_or(1)).fold(1_u64, u64::saturating_mul);
    if known { all } else { 0 }
}

/// Names the operator of the file that a node of the model stands for, or the input.
fn too_large(model: &InferenceModel, at: usize, graph: &GraphProto) -> ModelError {
    let node = model.node(at);
    let label = model.outlet_label(at.into());
    let makes = |made: &&NodeProto| made.output.iter().any(|name| label == Some(name) || *name == node.name);
    match graph.node.iter().find(makes) {
        Some(made) => ModelError::TooLarge(OperatorName::of(made)),
        None if node.inputs.is_empty() => {
            ModelError::Interface(format!("its input {} is too wide", printable(&node.name)))
        }
        None => ModelError::TooLarge(OperatorName { operator: node.op.name().to_string(), domain: "tract".to_owned() }),
    }
}

#[cfg(test)]
mod tests {
    use crate::engine::Graph;
    use crate::onnx::attributes::{int, text};
    use prost::Message;
    use tract_onnx::pb::tensor_proto::DataType;
    use tract_onnx::pb::tensor_shape_proto::{Dimension, dimension};
    use tract_onnx::pb::*;

    fn node(op_type: &str, input: &[&str], output: &str, attribute: Vec<AttributeProto>) -> NodeProto {
        let input = input.iter().map(|&name| name.to_owned()).collect();
        NodeProto {
            op_type: op_type.to_owned(),
            input,
            output: vec![output.to_owned()],
            attribute,
            ..NodeProto::default()
        }
    }

    fn value(name: &str, columns: i64) -> ValueInfoProto {
        let rows = Dimension { value: Some(dimension::Value::DimParam("N".to_owned())), ..Dimension::default() };
        let columns = Dimension { value: Some(dimension::Value::DimValue(columns)), ..Dimension::default() };
        let shape = Some(TensorShapeProto { dim: vec![rows, columns] });
        let tensor = type_proto::Tensor { elem_type: DataType::Float as i32, shape };
        let kind = TypeProto { value: Some(type_proto::Value::TensorType(tensor)), ..TypeProto::default() };
        ValueInfoProto { name: name.to_owned(), r#type: Some(kind), ..ValueInfoProto::default() }
    }

    /// A graph from a matrix of so many columns, with one list of sizes beside it.
    fn model(columns: i64, sizes: &[i64], node: Vec<NodeProto>, output: &str) -> Vec<u8> {
        let sizes = TensorProto {
            dims: vec![i64::try_from(sizes.len()).unwrap()],
            data_type: DataType::Int64 as i32,
            int64_data: sizes.to_vec(),
            name: "sizes".to_owned(),
            ..TensorProto::default()
        };
        let graph = GraphProto {
            node,
            input: vec![value("X", columns)],
            output: vec![ValueInfoProto { r#type: None, ..value(output, 1) }],
            initializer: vec![sizes],
            ..GraphProto::default()
        };
        let opset = OperatorSetIdProto { domain: String::new(), version: 13 };
        ModelProto { ir_version: 8, opset_import: vec![opset], graph: Some(graph), ..ModelProto::default() }
            .encode_to_vec()
    }

    /// The matrix beside itself, again and again.
    fn doubled(times: usize) -> Vec<NodeProto> {
        let name = |at: usize| if at == 0 { "X".to_owned() } else { format!("c{at}") };
        (0..times).map(|at| node("Concat", &[&name(at), &name(at)], &name(at + 1), vec![int("axis", 1)])).collect()
    }

    #[test]
    fn what_would_fill_the_memory_is_refused_by_name() {
        let constant =
            |size| vec![node("ConstantOfShape", &["sizes"], "z", vec![]), node("Size", &["z"], "n", vec![]), size];
        let add = || node("Add", &["X", "z"], "y", vec![]);
        let outer = vec![node("Tile", &["X", "sizes"], "z", vec![]), node("Identity", &["z"], "y", vec![])];
        let cases = [
            (model(4, &[], doubled(40), "c40"), "Concat of ai.onnx"),
            (model(4, &[1 << 30], constant(add()), "y"), "ConstantOfShape of ai.onnx"),
            (model(4, &[1 << 34], constant(add()), "y"), "ConstantOfShape of ai.onnx"),
            (model(4, &[1 << 15, 1 << 15], constant(add()), "y"), "ConstantOfShape of ai.onnx"),
            (model(4, &[1, 1 << 36], outer.clone(), "y"), "Tile of ai.onnx"),
            (model(4, &[1, 1 << 23], outer, "y"), "Tile of ai.onnx"),
            (model(1 << 40, &[], doubled(1), "c1"), "its input X is too wide"),
        ];
        for (bytes, expected) in cases {
            let error = Graph::load(&bytes).expect_err(expected).to_string();
            assert!(error.contains(expected), "{error} for {expected}");
        }
        assert!(Graph::load(&model(4, &[], doubled(20), "c20")).is_ok());
    }

    #[test]
    fn a_graph_within_a_graph_may_not_grow() {
        let inner = GraphProto { node: doubled(1), ..GraphProto::default() };
        let mut scan = node("Scan", &["X"], "y", vec![int("num_scan_inputs", 1), text("body", "")]);
        scan.attribute[1] = AttributeProto { g: Some(inner), name: "body".to_owned(), ..AttributeProto::default() };
        let error = Graph::load(&model(4, &[], vec![scan], "y")).unwrap_err().to_string();
        assert!(error.contains("Concat of ai.onnx, which makes too many numbers"), "{error}");
    }
}
