//! Any other ONNX graph, scored by tract with the tree operator that it lacks.

mod op;

use crate::forest::Matrix;
use crate::onnx::ModelError;
use crate::score::ScoreError;
use prost::Message;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use tract_onnx::pb::{GraphProto, ModelProto};
use tract_onnx::prelude::*;
use tract_onnx::tract_hir::internal::{DimLike, bail};

/// A graph that maps a matrix of numbers to one number a row.
#[derive(Debug)]
pub(crate) struct Graph {
    plan: Arc<TypedRunnableModel>,
    columns: usize,
    /// Whether the graph takes one row at a time.
    single: bool,
    input: DatumType,
    output: usize,
}

/// The output that is the decision if there is one of this name, as skl2onnx calls it.
const DECISION: &str = "scores";

impl Graph {
    /// Loads a graph with one input \[N, D\] and an output of one float a row: the one called `scores`, else the first.
    pub(crate) fn load(bytes: &[u8]) -> Result<Self, ModelError> {
        let model = ModelProto::decode(bytes).map_err(ModelError::NotOnnx)?;
        let graph = model.graph.as_ref().ok_or(ModelError::NoGraph)?;
        check_names(graph)?;
        let typed = guarded(|| optimise(&model)).map_err(ModelError::Engine)?;
        let [_] = typed.inputs.as_slice() else {
            return Err(ModelError::Interface("it has not exactly one input"));
        };
        let fact = typed.input_fact(0).map_err(|error| ModelError::Engine(error.to_string()))?;
        let (input, dimensions) = (fact.datum_type, fact.shape.to_tvec());
        let [rows, columns] = dimensions.as_slice() else {
            return Err(ModelError::Interface("its input is no matrix"));
        };
        let single = match rows.to_usize() {
            Ok(1) => true,
            Ok(_) => return Err(ModelError::Interface("its input has a fixed number of rows")),
            Err(_) => false,
        };
        let columns = columns.to_usize().map_err(|_| ModelError::Interface("its input has no fixed width"))?;
        let output = decision(graph, &typed)?;
        let plan = guarded(|| typed.into_runnable()).map_err(ModelError::Engine)?;
        Ok(Self { plan, columns, single, input, output })
    }

    pub(crate) fn columns(&self) -> usize {
        self.columns
    }

    /// The decision for each row.
    pub(crate) fn decisions(&self, rows: &Matrix) -> Result<Vec<f64>, ScoreError> {
        let at_once = if self.single { 1 } else { rows.rows().max(1) };
        let mut all = Vec::with_capacity(rows.rows());
        for batch in rows.values().chunks(at_once * rows.columns().max(1)) {
            all.extend(guarded(|| self.run(batch)).map_err(ScoreError::Engine)?);
        }
        Ok(all)
    }

    fn run(&self, values: &[f32]) -> TractResult<Vec<f64>> {
        let rows = values.len() / self.columns.max(1);
        let input = Tensor::from_shape(&[rows, self.columns], values)?.cast_to_dt(self.input)?.into_owned();
        let outputs = self.plan.run(tvec!(input.into_tvalue()))?;
        let Some(output) = outputs.get(self.output) else { bail!("there is no output {}", self.output) };
        let decisions = output.cast_to::<f64>()?;
        let decisions: Vec<f64> = decisions.to_plain_array_view::<f64>()?.iter().copied().collect();
        if decisions.len() != rows {
            bail!("the output holds {} values for {rows} rows", decisions.len());
        }
        Ok(decisions)
    }
}

fn optimise(model: &ModelProto) -> TractResult<TypedModel> {
    let mut onnx = onnx();
    onnx.op_register.insert("TreeEnsembleRegressor", op::parse);
    onnx.model_for_proto_model(model)?.into_optimized()
}

/// tract takes the graph's outputs for granted: each must be made by a node, given or constant.
fn check_names(graph: &GraphProto) -> Result<(), ModelError> {
    let known = |name: &String| {
        graph.node.iter().any(|node| node.output.contains(name))
            || graph.input.iter().any(|input| input.name == *name)
            || graph.initializer.iter().any(|tensor| tensor.name == *name)
    };
    let sound = !graph.output.is_empty() && graph.output.iter().all(|output| known(&output.name));
    if sound { Ok(()) } else { Err(ModelError::Interface("an output is made nowhere")) }
}

fn decision(graph: &GraphProto, typed: &TypedModel) -> Result<usize, ModelError> {
    let floats = |at: usize| typed.output_fact(at).is_ok_and(|fact| fact.datum_type.is_float());
    let named = graph.output.iter().position(|output| output.name == DECISION).filter(|&at| floats(at));
    let first = || (0..typed.outputs.len()).find(|&at| floats(at));
    named.or_else(first).ok_or(ModelError::Interface("it has no output of floats"))
}

/// Runs a step of the engine on a graph that is not ours; a fault in it becomes an error, not our end.
///
/// tract checks less than it indexes. Nothing of the graph outlives a panic, so no half-made state can be seen.
fn guarded<T>(step: impl FnOnce() -> TractResult<T>) -> Result<T, String> {
    match catch_unwind(AssertUnwindSafe(step)) {
        Ok(Ok(value)) => Ok(value),
        Ok(Err(error)) => Err(format!("{error:#}")),
        Err(_) => Err("it failed within the engine".to_owned()),
    }
}
