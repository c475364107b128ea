//! A graph over trees, followed from its inputs to its outputs without a row.
//!
//! skl2onnx writes an isolation forest as thousands of operators: each tree gives the number of a leaf, tables make
//! depths and row counts of it, and arithmetic makes path lengths of these. But whatever is calculated from one tree
//! alone can only take as many values as the tree has leaves, so it is calculated here once for each leaf. What is
//! left is a sum over trees, a chain of operators before it (scaling, filling gaps) and one after it.

mod columns;
mod elementwise;
mod obstacle;
mod trees;

use super::attributes::Attributes;
use super::error::{NoForest, printable};
use super::number::{Kind, Number, Tensor};
use super::step::Step;
use crate::onnx::ensemble::Ensemble;
use crate::onnx::graph::ML;
use crate::pb::tensor_shape_proto::dimension;
use crate::pb::{GraphProto, NodeProto, ValueInfoProto, type_proto};
use std::collections::{HashMap, HashSet};
use std::sync::Arc;

/// What following a graph has found.
pub(crate) struct Trace<'a> {
    /// The ensembles with the sheet that each reads.
    pub(crate) groves: Vec<(Ensemble, Sheet)>,
    /// The sums of leaves.
    pub(crate) totals: Vec<Vec<Leaves>>,
    /// Numbers in a row: the columns of all inputs, one input after another.
    pub(crate) columns: usize,
    /// The kind of each of them.
    pub(crate) kinds: Vec<Kind>,
    values: HashMap<&'a str, Value>,
    /// How many more numbers may be made: hostile graphs would square.
    budget: usize,
    /// Whether it was too little.
    spent: bool,
    /// Whether there is but one ensemble, so that a tree of it is not one of several to be added up later.
    lone: bool,
}

/// What a name of the graph stands for.
#[derive(Clone)]
pub(crate) enum Value {
    Constant(Arc<Tensor>),
    Rows(Sheet),
}

/// Something with a row for each record.
#[derive(Clone)]
pub(crate) struct Sheet {
    pub(crate) cells: Arc<[Cell]>,
    pub(crate) kind: Kind,
    pub(crate) shape: Shape,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Shape {
    /// \[N\].
    Flat,
    /// \[N, cells\].
    Matrix,
    /// \[N, 1, cells\], as `OneHotEncoder` makes it.
    Deep,
}

impl Shape {
    /// Whether the cells stand along this axis.
    fn is_last(self, axis: i64) -> bool {
        match self {
            Self::Flat => false,
            Self::Matrix => axis == 1 || axis == -1,
            Self::Deep => axis == 2 || axis == -1,
        }
    }
}

/// A number of a sheet's row, whatever the row.
#[derive(Clone, Debug)]
pub(crate) enum Cell {
    /// A number of the record after some steps.
    Given { column: usize, steps: Vec<Step> },
    /// What a tree's leaf stands for.
    Leaves(Leaves),
    /// A sum over trees after some steps.
    Total { total: usize, steps: Vec<Step> },
}

/// A number for each leaf of a tree, in pre-order.
#[derive(Clone, Debug)]
pub(crate) struct Leaves {
    pub(crate) grove: usize,
    pub(crate) tree: usize,
    pub(crate) numbers: Arc<[Number]>,
}

/// Steps before a tree beyond which no model is believed: each is taken for each threshold.
const MOST_STEPS: usize = 64;

/// Columns of an input beyond which no model is believed.
pub(crate) const MOST_COLUMNS: usize = 1 << 20;

impl<'a> Trace<'a> {
    /// Follows a graph that came from so many bytes.
    ///
    /// Memory is proportional to the bytes.
    pub(crate) fn follow(graph: &'a GraphProto, bytes: usize) -> Result<Self, NoForest> {
        let ensembles = graph.node.iter().filter(|node| node.op_type.starts_with("TreeEnsemble")).count();
        let mut trace = Self::empty(bytes, ensembles == 1);
        for tensor in &graph.initializer {
            if let Some(constant) = Tensor::read(tensor) {
                trace.values.insert(&tensor.name, Value::Constant(Arc::new(constant)));
            }
        }
        let constants: HashSet<&str> = graph.initializer.iter().map(|tensor| tensor.name.as_str()).collect();
        for input in graph.input.iter().filter(|input| !constants.contains(input.name.as_str())) {
            let sheet = trace.input(input).ok_or_else(|| NoForest::Input(printable(&input.name)))?;
            trace.values.insert(&input.name, Value::Rows(sheet));
        }
        for node in &graph.node {
            let value = trace.node(node).ok_or_else(|| trace.obstacle(graph, node))?;
            let name = node.output.first().ok_or_else(|| trace.obstacle(graph, node))?;
            if trace.values.insert(name, value).is_some() {
                return Err(NoForest::Other("two of its operators make the same result"));
            }
        }
        Ok(trace)
    }

    pub(crate) fn empty(bytes: usize, lone: bool) -> Self {
        Self {
            groves: Vec::new(),
            totals: Vec::new(),
            columns: 0,
            kinds: Vec::new(),
            values: HashMap::new(),
            budget: bytes.saturating_add(MOST_COLUMNS),
            spent: false,
            lone,
        }
    }

    /// What a name stands for, if it could be followed.
    pub(crate) fn value(&self, name: &str) -> Option<&Value> {
        self.values.get(name)
    }

    fn input(&mut self, input: &ValueInfoProto) -> Option<Sheet> {
        let (kind, width) = matrix(input)?;
        let first = self.columns;
        self.columns = first.checked_add(width).filter(|&columns| columns <= MOST_COLUMNS)?;
        self.kinds.resize(self.columns, kind);
        let steps = if kind == Kind::Single { Vec::new() } else { vec![Step::Cast(kind)] };
        let cells = (first..self.columns).map(|column| Cell::Given { column, steps: steps.clone() }).collect();
        Some(Sheet { cells, kind, shape: Shape::Matrix })
    }

    fn node(&mut self, node: &NodeProto) -> Option<Value> {
        let inputs: Vec<Option<Value>> =
            node.input.iter().map(|name| self.values.get(name.as_str()).cloned()).collect();
        let [_] = node.output.as_slice() else { return None };
        match node.domain.as_str() {
            "" | "ai.onnx" => self.core(node, &inputs),
            ML => {
                let first = inputs.first()?.as_ref()?;
                self.ml(node, first, &inputs).map(Value::Rows)
            }
            _ => None,
        }
    }

    fn core(&mut self, node: &NodeProto, inputs: &[Option<Value>]) -> Option<Value> {
        let attributes = Attributes(node);
        match (node.op_type.as_str(), inputs) {
            ("Constant", []) => constant(attributes),
            ("Identity", [value]) => value.clone(),
            ("Concat", _) => self.concat(attributes, inputs),
            ("Clip", [Some(Value::Rows(sheet)), bounds @ ..]) => self.clip(attributes, sheet, bounds),
            ("Cast", [Some(Value::Rows(sheet))]) => {
                let kind = Kind::of(attributes.int("to").ok()?)?;
                self.step(sheet, kind, |_| Step::Cast(kind)).map(Value::Rows)
            }
            ("Gather", [Some(Value::Rows(sheet)), Some(Value::Constant(places))]) => {
                let axis = attributes.int_or("axis", 0).ok()?;
                sheet.shape.is_last(axis).then(|| self.pick(sheet, places)).flatten().map(Value::Rows)
            }
            ("Reshape", [Some(Value::Rows(sheet)), Some(Value::Constant(shape))]) => {
                columns::reshape(sheet, shape).map(Value::Rows)
            }
            ("Where", [Some(Value::Rows(sheet)), Some(Value::Constant(a)), Some(Value::Constant(b))]) => {
                let (a, b) = (a.only()?, b.only()?);
                let same = sheet.kind == Kind::Truth && a.kind() == b.kind();
                same.then(|| self.step(sheet, a.kind(), |_| Step::Choose(a, b))).flatten().map(Value::Rows)
            }
            _ => self.elementwise(&node.op_type, inputs),
        }
    }

    pub(crate) fn ml(&mut self, node: &NodeProto, first: &Value, inputs: &[Option<Value>]) -> Option<Sheet> {
        let attributes = Attributes(node);
        let Value::Rows(sheet) = first else { return None };
        match (node.op_type.as_str(), inputs) {
            ("TreeEnsembleRegressor", [_]) => self.ensemble(Ensemble::read(attributes).ok()?, sheet, Kind::Single),
            ("TreeEnsemble", [_]) => self.ensemble(Ensemble::flat(attributes).ok()?, sheet, sheet.kind),
            ("LabelEncoder", [_]) => self.look(attributes, sheet),
            ("Scaler", [_]) => self.scale(attributes, sheet),
            ("Imputer", [_]) => self.impute(attributes, sheet),
            ("OneHotEncoder", [_]) => self.encode(attributes, sheet),
            ("ArrayFeatureExtractor", [_, Some(Value::Constant(places))]) => self.pick(sheet, places),
            ("FeatureVectorizer", _) => match self.concat(attributes, inputs)? {
                Value::Rows(sheet) => self.step(&sheet, Kind::Single, |_| Step::Cast(Kind::Single)),
                Value::Constant(_) => None,
            },
            _ => None,
        }
    }

    /// Allows for so many numbers more, or says that it is enough.
    fn spend(&mut self, numbers: usize) -> Option<()> {
        self.spent = numbers > self.budget;
        self.budget = self.budget.checked_sub(numbers)?;
        Some(())
    }

    /// A sheet after one more step for each cell.
    fn step(&mut self, sheet: &Sheet, kind: Kind, step: impl Fn(usize) -> Step) -> Option<Sheet> {
        let cell = |(at, cell): (usize, &Cell)| {
            // A sum of one tree that is made a number of a leaf is that tree's leaves.
            let alone = match cell {
                Cell::Total { total, steps } if kind == Kind::Integer && steps.is_empty() => self
                    .totals
                    .get(*total)
                    .and_then(|terms| if let [only] = &**terms { Some(Cell::Leaves(only.clone())) } else { None }),
                _ => None,
            };
            let cell = alone.as_ref().unwrap_or(cell);
            let longer = |steps: &[Step]| steps.iter().cloned().chain([step(at)]).collect();
            match cell {
                Cell::Given { column, steps } => {
                    self.spend(steps.len() + 1)?;
                    (steps.len() < MOST_STEPS).then_some(())?;
                    Some(Cell::Given { column: *column, steps: longer(steps) })
                }
                Cell::Total { total, steps } => {
                    self.spend(steps.len() + 1)?;
                    Some(Cell::Total { total: *total, steps: longer(steps) })
                }
                Cell::Leaves(leaves) => {
                    self.spend(leaves.numbers.len())?;
                    let step = step(at);
                    let numbers = leaves.numbers.iter().map(|&number| step.apply(number)).collect::<Option<_>>()?;
                    Some(Cell::Leaves(Leaves { numbers, ..*leaves }))
                }
            }
        };
        let cells = sheet.cells.iter().enumerate().map(cell).collect::<Option<_>>()?;
        Some(Sheet { cells, kind, shape: sheet.shape })
    }
}

/// The kind and the width of a matrix of any number of rows.
pub(crate) fn matrix(value: &ValueInfoProto) -> Option<(Kind, usize)> {
    let type_proto::Value::TensorType(tensor) = value.r#type.as_ref()?.value.as_ref()?;
    let kind = Kind::of(i64::from(tensor.elem_type)).filter(|kind| *kind != Kind::Truth)?;
    match tensor.shape.as_ref()?.dim.as_slice() {
        [_, columns] => match columns.value {
            Some(dimension::Value::DimValue(columns)) => {
                Some((kind, usize::try_from(columns).ok().filter(|&columns| columns > 0)?))
            }
            _ => None,
        },
        _ => None,
    }
}

fn constant(attributes: Attributes<'_>) -> Option<Value> {
    let tensor = if attributes.has("value") {
        attributes.tensor("value").ok()?
    } else if attributes.has("value_float") {
        Tensor { dims: vec![], numbers: vec![Number::Single(attributes.float_or("value_float", 0.0).ok()?)] }
    } else if attributes.has("value_int") {
        Tensor { dims: vec![], numbers: vec![Number::Integer(attributes.int("value_int").ok()?)] }
    } else {
        let numbers = attributes.list("value_ints", "value_floats", "")?;
        Tensor { dims: vec![numbers.len()], numbers }
    };
    Some(Value::Constant(Arc::new(tensor)))
}
