//! How much a graph makes of a row, known before anything is calculated.
//!
//! A file of a kilobyte can ask for a terabyte: forty times a matrix beside itself, or a constant of 2³⁴ numbers, which
//! tract would calculate while it looks at the graph.

use crate::onnx::number::{Number, Tensor};
use crate::onnx::{ModelError, OperatorName, printable};
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

/// Refuses an operator whose sizes are too large for tract to read: it takes them for 0.
pub(super) fn growing(node: &NodeProto, graph: &GraphProto) -> Result<(), ModelError> {
    let beyond = |number: &Number| matches!(*number, Number::Integer(size) if size.unsigned_abs() > MOST);
    let large = |tensor: &TensorProto| Tensor::read(tensor).is_some_and(|tensor| tensor.numbers.iter().any(beyond));
    let sizes = graph.initializer.iter().filter(|tensor| node.input.contains(&tensor.name));
    if GROWING.contains(&node.op_type.as_str()) && { sizes }.any(large) {
        return Err(ModelError::TooLarge(OperatorName::of(node)));
    }
    Ok(())
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
