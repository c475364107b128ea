//! A forest's graph rewritten as one ensemble, with what stands before and after it.
#![allow(clippy::needless_update, reason = "tract's messages have more fields than those of a build without it")]

mod boundary;

use super::error::{ModelError, NoForest};
use super::fold::Folding;
use super::form::Form;
use super::graph::ML;
use super::number::Kind;
use super::read::{Recognised, read};
use super::recognise::{Foreign, recognise};
use super::trace::{Cell, Shape, Sheet, Trace, Value};
use super::wood::{MlOpset, Wood};
use crate::engine::Graph;
use crate::forest::{Forest, Tree};
use crate::pb::tensor_shape_proto::{Dimension, dimension};
use crate::pb::{GraphProto, ModelProto, NodeProto, TensorShapeProto, ValueInfoProto, type_proto};
use prost::Message;
use std::collections::HashSet;
use std::fmt;
use std::sync::Arc;

/// A model that was rewritten.
#[derive(Clone, Debug)]
pub struct Folded {
    /// The bytes of the ONNX file.
    pub onnx: Vec<u8>,
    /// Operators before.
    pub before: usize,
    /// Operators now.
    pub after: usize,
    /// Rows at the thresholds on which both were found equal.
    pub rows: usize,
}

/// Rewrites a forest's graph as one ensemble with the same inputs and outputs.
///
/// What stands before the trees goes into their thresholds where every 32-bit float then takes the same branches, else
/// it stays as it is; what stands after the sum over the trees stays. Both graphs are then run on rows made of the
/// thresholds and the numbers beside them, missing and infinite values, at most 30,000: labels must be equal wherever
/// the decision is farther than 10⁻⁶ from 0, numbers to 10⁻⁶.
///
/// # Errors
/// For bytes that are no model, for a model that is no isolation forest, and where the results differ.
pub fn fold(bytes: &[u8], opset: MlOpset) -> Result<Folded, FoldError> {
    let mut model = ModelProto::decode(bytes).map_err(|error| FoldError::Model(ModelError::NotOnnx(error)))?;
    let graph = model.graph.take().ok_or(FoldError::Model(ModelError::NoGraph))?;
    let (forest, ours) = match read(bytes).map_err(FoldError::Model)? {
        Recognised::Forest(forest, _, metadata) => (forest, metadata.training.is_some()),
        Recognised::Other(_, reason) => return Err(FoldError::NoForest(reason)),
    };
    if forest.trees().iter().any(|tree| tree.derived().is_some()) {
        return Err(FoldError::Shape("it splits by planes or sets of categories, which one ensemble cannot express"));
    }
    let before = graph.node.len();
    let rewritten = if ours { own(&graph, &forest, opset) } else { foreign(&graph, bytes.len(), opset)? };
    let after = rewritten.node.len();
    for import in &mut model.opset_import {
        if import.domain == ML {
            import.version = match opset {
                MlOpset::Three => import.version.min(3),
                MlOpset::Five => 5,
            };
        }
    }
    // The format's version that came with opset 5.
    model.ir_version = if opset == MlOpset::Five { model.ir_version.max(10) } else { model.ir_version };
    model.graph = Some(rewritten);
    let onnx = model.encode_to_vec();
    let rows = check(bytes, &onnx)?;
    Ok(Folded { onnx, before, after, rows })
}

/// A graph of Tamis with its trees in the words of another opset.
fn own(graph: &GraphProto, forest: &Forest, opset: MlOpset) -> GraphProto {
    let mut wood = Wood::default();
    for tree in forest.trees() {
        wood.plant(tree);
    }
    let mut graph = graph.clone();
    if let Some(node) = graph.node.first_mut() {
        let (operator, attribute) = wood.operator(opset);
        *node = NodeProto { op_type: operator.to_owned(), attribute, ..node.clone() };
    }
    graph
}

fn foreign(graph: &GraphProto, bytes: usize, opset: MlOpset) -> Result<GraphProto, FoldError> {
    let trace = Trace::follow(graph, bytes).map_err(FoldError::NoForest)?;
    let foreign = recognise(graph, &trace).map_err(FoldError::NoForest)?;
    let sum = Sum::find(graph, &trace, foreign.total);
    let sum = sum.ok_or(FoldError::Shape("none of its operators gives the sum over its trees as 32-bit floats"))?;
    let (input, wood) = sum.wood(graph, &trace, &foreign)?;
    let (operator, attribute) = wood.operator(opset);
    let ensemble = NodeProto {
        input: vec![input.to_owned()],
        output: vec![sum.name.to_owned()],
        name: "forest".to_owned(),
        op_type: operator.to_owned(),
        domain: ML.to_owned(),
        attribute,
        ..NodeProto::default()
    };
    let mut around = around(graph, input, ensemble);
    for output in &mut around.output {
        state_shape(output, &trace);
    }
    Ok(around)
}

/// Gives an output its shape where the file does not state one, as skl2onnx's does not for `score_samples`.
fn state_shape(output: &mut ValueInfoProto, trace: &Trace<'_>) {
    let Some(Value::Rows(sheet)) = trace.value(&output.name) else { return };
    let one = Dimension { value: Some(dimension::Value::DimValue(1)), ..Dimension::default() };
    let mut dim = vec![Dimension::default()];
    dim.extend((sheet.shape == Shape::Matrix).then_some(one));
    let tensor = output.r#type.as_mut().and_then(|kind| kind.value.as_mut());
    #[allow(irrefutable_let_patterns, reason = "the messages of a build without tract know tensors alone")]
    if let Some(type_proto::Value::TensorType(tensor)) = tensor
        && tensor.shape.as_ref().is_none_or(|shape| shape.dim.is_empty())
        && sheet.shape != Shape::Deep
    {
        tensor.shape = Some(TensorShapeProto { dim });
    }
}

/// The place of the sum over the trees in a graph.
struct Sum<'g> {
    name: &'g str,
    total: usize,
    /// What the graph makes of the sum under this name: slope · sum + shift.
    slope: f64,
    shift: f64,
}

impl<'g> Sum<'g> {
    fn find(graph: &'g GraphProto, trace: &Trace<'_>, total: usize) -> Option<Self> {
        graph.node.iter().flat_map(|node| &node.output).find_map(|name| {
            let Some(Value::Rows(sheet)) = trace.value(name) else { return None };
            let [Cell::Total { total: of, steps }] = &*sheet.cells else { return None };
            match Form::of(steps) {
                Form::Line { slope, shift } if *of == total && sheet.kind == Kind::Single => {
                    Some(Self { name, total, slope, shift })
                }
                _ => None,
            }
        })
    }

    /// The name that the ensemble reads and its trees.
    #[allow(clippy::cast_possible_truncation, reason = "the graph's weights are 32-bit floats")]
    fn wood<'n>(
        &self,
        graph: &'n GraphProto,
        trace: &Trace<'_>,
        foreign: &Foreign,
    ) -> Result<(&'n str, Wood), FoldError> {
        let terms = trace.totals.get(self.total).ok_or(FoldError::Shape("it has no sum"))?;
        let mut wood = Wood::default();
        let shift = |at: usize| if at == 0 { self.shift } else { 0.0 };
        let inputs: Vec<&str> = inputs(graph).collect();
        let whole = |name: &&&str| matches!(trace.value(name), Some(Value::Rows(sheet)) if sheet.kind == Kind::Single);
        if let ([input], true) = (inputs.as_slice(), foreign.prepare.is_nothing())
            && whole(&input)
        {
            let mut folding = Folding::new(trace);
            for (at, term) in terms.iter().enumerate() {
                let tree = folding.tree(term, |weight| self.slope * weight + shift(at));
                wood.plant(&tree.ok_or(FoldError::Shape("its trees cannot be folded"))?);
            }
            return Ok((*input, wood));
        }
        let names =
            inputs.iter().copied().chain(graph.node.iter().flat_map(|node| node.output.iter().map(String::as_str)));
        let input =
            reads(trace, terms, names).ok_or(FoldError::Shape("its trees do not read one matrix of 32-bit floats"))?;
        for (at, term) in terms.iter().enumerate() {
            let nodes = trace.groves.get(term.grove).and_then(|(ensemble, _)| ensemble.trees.get(term.tree));
            let numbers = term.numbers.iter().map(|number| (self.slope * number.real() + shift(at)) as f32);
            wood.push(nodes.ok_or(FoldError::Shape("it has no trees"))?, numbers);
        }
        Ok((input, wood))
    }
}

fn inputs(graph: &GraphProto) -> impl Iterator<Item = &str> {
    let constant = |name: &str| graph.initializer.iter().any(|tensor| tensor.name == name);
    graph.input.iter().map(|input| input.name.as_str()).filter(move |name| !constant(name))
}

/// The name of the one sheet of 32-bit floats that all trees of a sum read.
fn reads<'n>(
    trace: &Trace<'_>,
    terms: &[super::trace::Leaves],
    mut names: impl Iterator<Item = &'n str>,
) -> Option<&'n str> {
    let sheet_of = |term: &super::trace::Leaves| trace.groves.get(term.grove).map(|(_, sheet)| sheet);
    let sheet: &Sheet = sheet_of(terms.first()?)?;
    let same = |other: &Sheet| Arc::ptr_eq(&sheet.cells, &other.cells);
    let one = sheet.kind == Kind::Single && terms.iter().all(|term| sheet_of(term).is_some_and(same));
    let found = names.find(|name| matches!(trace.value(name), Some(Value::Rows(other)) if same(other)));
    found.filter(|_| one)
}

/// The graph with the ensemble in place of all that made its output: of the other nodes those stay that the outputs or
/// the ensemble need.
fn around(graph: &GraphProto, input: &str, ensemble: NodeProto) -> GraphProto {
    let mut needed: HashSet<&str> = graph.output.iter().map(|output| output.name.as_str()).collect();
    needed.insert(input);
    let mut node = Vec::new();
    let mut placed = false;
    for old in graph.node.iter().rev() {
        if old.output.iter().any(|name| ensemble.output.contains(name)) {
            node.push(ensemble.clone());
            placed = true;
        } else if old.output.iter().any(|name| needed.contains(name.as_str())) {
            needed.extend(old.input.iter().map(String::as_str));
            node.push(old.clone());
        }
    }
    if !placed {
        node.push(ensemble);
    }
    node.reverse();
    GraphProto {
        node,
        name: graph.name.clone(),
        initializer: graph.initializer.iter().filter(|tensor| needed.contains(tensor.name.as_str())).cloned().collect(),
        input: graph.input.clone(),
        output: graph.output.clone(),
        ..GraphProto::default()
    }
}

/// Runs both on rows at the thresholds; how many rows there were.
fn check(old: &[u8], new: &[u8]) -> Result<usize, FoldError> {
    let forest = |bytes| match read(bytes).map_err(FoldError::Model)? {
        Recognised::Forest(forest, prepare, _) => Ok((forest, prepare)),
        Recognised::Other(_, reason) => Err(FoldError::NoForest(reason)),
    };
    let ((forest, prepare), (again, prepared)) = (forest(old)?, forest(new)?);
    let rows = boundary::rows(&forest, &prepare);
    let load = |bytes| Graph::load(bytes).map_err(FoldError::Model);
    let run = |graph: &Graph| graph.outputs(&rows).map_err(|error| FoldError::Run(error.to_string()));
    let (before, after) = (run(&load(old)?)?, run(&load(new)?)?);
    let score = |forest: &Forest, ready: Result<Vec<f32>, _>| ready.map_or(f64::NAN, |row| forest.score(&row));
    let mut differ = 0;
    for (row, (before, after)) in rows.chunks_exact(prepare.columns().max(1)).zip(before.iter().zip(&after)) {
        let (old, new) = (score(&forest, prepare.row(row)), score(&again, prepared.row(row)));
        let tie = forest.decision(old).abs() <= 1e-6;
        let near = |a: f64, b: f64| (a - b).abs() <= 1e-6 * a.abs().max(1.0);
        // A label moves by 1 at least, and may where the decision is a tie.
        let same = |(a, b): (&f64, &f64)| near(*a, *b) || (tie && (a - b).abs() >= 1.0);
        let equal = before.len() == after.len() && before.iter().zip(after).all(same);
        differ += usize::from(!equal || (old - new).abs() > 1e-6 || old.is_nan());
    }
    if differ == 0 { Ok(before.len()) } else { Err(FoldError::Differs { rows: before.len(), differ }) }
}

/// A model was not rewritten.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub enum FoldError {
    /// The bytes are no model that can be scored.
    Model(ModelError),
    /// The model is no isolation forest; says why.
    NoForest(NoForest),
    /// The graph has no place for one ensemble; says why.
    Shape(&'static str),
    /// One of the two could not be run; the engine's words.
    Run(String),
    /// The result would say something else.
    Differs {
        /// Rows at the thresholds.
        rows: usize,
        /// How many of them differ.
        differ: usize,
    },
}

impl FoldError {
    /// A code that stays the same from version to version.
    #[must_use]
    pub fn kind(&self) -> &'static str {
        match self {
            Self::Model(error) => error.kind(),
            Self::NoForest(_) => "no_forest",
            Self::Shape(_) => "shape",
            Self::Run(_) => "run",
            Self::Differs { .. } => "differs",
        }
    }
}

impl fmt::Display for FoldError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Model(error) => write!(f, "{error}"),
            Self::NoForest(reason) => write!(f, "the model is no isolation forest: {reason}"),
            Self::Shape(reason) => write!(f, "the graph cannot be rewritten: {reason}"),
            Self::Run(reason) => write!(f, "the rewritten graph could not be compared: {reason}"),
            Self::Differs { rows, differ } => {
                write!(f, "the rewritten graph says something else on {differ} of {rows} rows at its thresholds")
            }
        }
    }
}

/// No source: what an error stems from is part of its own words, which a printed chain would repeat.
impl std::error::Error for FoldError {}

/// Trees of a forest, for the rows at their thresholds.
fn splits(trees: &[Tree]) -> impl Iterator<Item = (u32, f32)> {
    trees.iter().flat_map(Tree::nodes).filter_map(|node| match *node {
        crate::forest::Node::Split { feature, threshold, .. } => Some((feature, threshold)),
        crate::forest::Node::Leaf { .. } => None,
    })
}
