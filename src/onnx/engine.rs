//! Any other ONNX graph, scored by tract with the operators of trees that it lacks.

mod check;
mod op;
mod size;
mod walk;

use crate::onnx::ModelError;
use crate::onnx::error::printable;
use crate::onnx::number::{Kind, Number};
use crate::onnx::trace::MOST_COLUMNS;
use crate::score::{ScoreError, narrow};
use prost::Message;
use std::cell::Cell;
use std::panic::{AssertUnwindSafe, catch_unwind, set_hook, take_hook};
use std::sync::{Arc, Once};
use tract_onnx::pb::{GraphProto, ModelProto};
use tract_onnx::prelude::*;
use tract_onnx::tract_hir::internal::{DimLike, bail};

/// A graph that maps rows of numbers to one number each.
#[derive(Debug)]
pub(crate) struct Graph {
    plan: Arc<TypedRunnableModel>,
    /// The type and the width of each input; a row is their columns one after another.
    inputs: Vec<(DatumType, usize)>,
    columns: usize,
    /// How many rows the graph takes at a time.
    at_once: usize,
    output: usize,
    /// Whether that output has a number for each class.
    classes: bool,
}

/// Numbers that all operators together may hold at a time.
const AT_ONCE: u64 = 1 << 26;

/// The output that is the decision if there is one of this name, as skl2onnx calls it.
const DECISION: &str = "scores";

impl Graph {
    /// Loads a graph whose inputs are matrices of a fixed width, and picks the output that decides: the floats called
    /// `scores`, else the first floats.
    pub(crate) fn load(bytes: &[u8]) -> Result<Self, ModelError> {
        let mut model = ModelProto::decode(bytes).map_err(ModelError::NotOnnx)?;
        check::simplify(&mut model);
        let graph = model.graph.as_ref().ok_or(ModelError::NoGraph)?;
        let mut onnx = onnx();
        op::register(&mut onnx);
        check::graph(graph, &onnx)?;
        let read = || size::known(onnx.model_for_proto_model(&model)?, graph);
        let (known, made) = guarded(read).map_err(ModelError::Engine)??;
        let typed = guarded(|| known.into_optimized()).map_err(ModelError::Engine)?;
        let (inputs, single) = inputs(&typed)?;
        // Thousands of operators hold a result each: of many rows at once they would not fit.
        let fit = usize::try_from(AT_ONCE / made.max(1)).unwrap_or(usize::MAX);
        let at_once = if single { 1 } else { fit.clamp(1, 1024) };
        let columns = inputs.iter().map(|(_, width)| width).sum();
        let (output, classes) = decision(graph, &typed)?;
        let plan = guarded(|| typed.into_runnable()).map_err(ModelError::Engine)?;
        Ok(Self { plan, inputs, columns, at_once, output, classes })
    }

    pub(crate) fn columns(&self) -> usize {
        self.columns
    }

    /// Whether an input holds more than 32-bit floats do.
    pub(crate) fn is_wide(&self) -> bool {
        self.inputs.iter().any(|(kind, _)| *kind != DatumType::F32)
    }

    /// The decision for each row.
    pub(crate) fn decisions(&self, rows: &[f64]) -> Result<Vec<f64>, ScoreError> {
        let mut all = Vec::with_capacity(rows.len() / self.columns.max(1));
        for batch in rows.chunks(self.at_once * self.columns.max(1)) {
            all.extend(guarded(|| self.decide(batch)).map_err(ScoreError::Engine)?);
        }
        Ok(all)
    }

    /// All that the graph says of each row: its outputs one after another.
    pub(crate) fn outputs(&self, rows: &[f64]) -> Result<Vec<Vec<f64>>, ScoreError> {
        let mut all = Vec::with_capacity(rows.len() / self.columns.max(1));
        for batch in rows.chunks(self.at_once * self.columns.max(1)) {
            all.extend(guarded(|| self.say(batch)).map_err(ScoreError::Engine)?);
        }
        Ok(all)
    }

    fn run(&self, values: &[f64]) -> TractResult<(usize, TVec<TValue>)> {
        let rows = values.len() / self.columns.max(1);
        let mut first = 0;
        let mut tensors = tvec!();
        for &(kind, width) in &self.inputs {
            let cells = values.chunks_exact(self.columns.max(1)).filter_map(|row| row.get(first..first + width));
            let cells: Vec<f64> = cells.flatten().copied().collect();
            tensors.push(tensor(kind, &[rows, width], &cells)?.into_tvalue());
            first += width;
        }
        Ok((rows, self.plan.run(tensors)?))
    }

    fn decide(&self, values: &[f64]) -> TractResult<Vec<f64>> {
        let (rows, outputs) = self.run(values)?;
        let Some(output) = outputs.get(self.output) else { bail!("there is no output {}", self.output) };
        let numbers = reals(output)?;
        if rows == 0 || numbers.is_empty() || numbers.len() % rows != 0 {
            bail!("the output holds {} values for {rows} rows", numbers.len());
        }
        Ok(numbers.chunks_exact(numbers.len() / rows).map(|row| self.one(row)).collect())
    }

    /// The decision from a row of the output. Of a classifier it is half of what the first class, the usual one, is
    /// ahead of the best of the others: with two classes 0.5 less the second one's probability.
    fn one(&self, row: &[f64]) -> f64 {
        match row {
            [first, others @ ..] if self.classes && !others.is_empty() => {
                (first - others.iter().copied().fold(f64::NEG_INFINITY, f64::max)) / 2.0
            }
            [first, ..] => *first,
            [] => f64::NAN,
        }
    }

    fn say(&self, values: &[f64]) -> TractResult<Vec<Vec<f64>>> {
        let (rows, outputs) = self.run(values)?;
        let mut said = vec![Vec::new(); rows];
        for output in &outputs {
            let numbers = reals(output)?;
            for (said, part) in said.iter_mut().zip(numbers.chunks((numbers.len() / rows.max(1)).max(1))) {
                said.extend_from_slice(part);
            }
        }
        Ok(said)
    }
}

fn reals(tensor: &Tensor) -> TractResult<Vec<f64>> {
    let reals = tensor.cast_to::<f64>()?;
    Ok(reals.to_plain_array_view::<f64>()?.iter().copied().collect())
}

/// Numbers as the kind that an input asks for.
fn tensor(kind: DatumType, shape: &[usize], cells: &[f64]) -> TractResult<Tensor> {
    if kind == DatumType::F64 {
        return Tensor::from_shape(shape, cells);
    }
    if kind != DatumType::I64 && kind != DatumType::I32 {
        let cells: Vec<f32> = cells.iter().copied().map(narrow).collect();
        return Ok(Tensor::from_shape(shape, &cells)?.cast_to_dt(kind)?.into_owned());
    }
    let integer = |&cell: &f64| match Number::Double(cell).cast(Kind::Integer) {
        Number::Integer(value) => value,
        _ => 0,
    };
    let integers: Vec<i64> = cells.iter().map(integer).collect();
    Ok(Tensor::from_shape(shape, &integers)?.cast_to_dt(kind)?.into_owned())
}

/// The type and width of each input, and whether the graph takes one row at a time.
fn inputs(typed: &TypedModel) -> Result<(Vec<(DatumType, usize)>, bool), ModelError> {
    let mut single = false;
    let mut inputs = Vec::new();
    let name = |at: usize| typed.inputs.get(at).map_or("", |input| &typed.node(input.node).name);
    let wrong = |at: usize, what: &str| ModelError::Interface(format!("its input {} {what}", printable(name(at))));
    for at in 0..typed.inputs.len() {
        let fact = typed.input_fact(at).map_err(|error| ModelError::Engine(error.to_string()))?;
        let dimensions = fact.shape.to_tvec();
        let [rows, columns] = dimensions.as_slice() else { return Err(wrong(at, "is no matrix")) };
        match rows.to_usize() {
            Ok(1) => single = true,
            Ok(_) => return Err(wrong(at, "has a fixed number of rows")),
            Err(_) => {}
        }
        let columns = columns.to_usize().map_err(|_| wrong(at, "has no fixed width"))?;
        if columns > MOST_COLUMNS || typed.inputs.len() > MOST_COLUMNS {
            return Err(wrong(at, "is too wide"));
        }
        inputs.push((fact.datum_type, columns));
    }
    if inputs.is_empty() {
        return Err(ModelError::Interface("it has no input".to_owned()));
    }
    Ok((inputs, single))
}

/// The output that decides, and whether it has a number for each class: whether a label stands beside it.
fn decision(graph: &GraphProto, typed: &TypedModel) -> Result<(usize, bool), ModelError> {
    let floats = |at: usize| typed.output_fact(at).is_ok_and(|fact| fact.datum_type.is_float());
    let named = graph.output.iter().position(|output| output.name == DECISION).filter(|&at| floats(at));
    let first = || (0..typed.outputs.len()).find(|&at| floats(at));
    let output = named.or_else(first).ok_or_else(|| ModelError::Interface("it has no output of floats".to_owned()))?;
    Ok((output, (0..typed.outputs.len()).any(|at| at != output && !floats(at))))
}

/// Runs a step of the engine on a graph that is not ours; a fault in it becomes an error, not our end.
///
/// tract checks less than it indexes. Nothing of the graph outlives a panic, so no half-made state can be seen. The
/// process's own hook, which would print where in the engine it was, hears of no such panic.
fn guarded<T>(step: impl FnOnce() -> TractResult<T>) -> Result<T, String> {
    thread_local!(static GUARDED: Cell<bool> = const { Cell::new(false) });
    static HOOK: Once = Once::new();
    HOOK.call_once(|| {
        let hook = take_hook();
        set_hook(Box::new(move |panic| {
            if !GUARDED.get() {
                hook(panic);
            }
        }));
    });
    GUARDED.set(true);
    let result = catch_unwind(AssertUnwindSafe(step));
    GUARDED.set(false);
    match result {
        Ok(Ok(value)) => Ok(value),
        Ok(Err(error)) => Err(format!("{error:#}")),
        Err(_) => Err("it failed within the engine".to_owned()),
    }
}
