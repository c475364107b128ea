//! What stands in front of the ensemble where splits compare derived columns: planes and sets of categories.
//!
//! ```text
//! features -> Sub mean -> Mul rate -> (NaN becomes 0) -> Min, Max -> MatMul planes   -> sides       [N, planes]
//! features -> Gather picks -> Equal categories -> Cast           -> MatMul members  -> memberships [N, subsets]
//! Concat(features, sides, memberships) -> columns -> the ensemble
//! ```
//! Each plane is a column of one matrix, each subset of another whose rows are the pairs of feature and category. The
//! ensemble stays one of thresholds. (A chain of `BRANCH_EQ` for each subset would have to repeat all that is below it
//! once a category, because nodes of an ensemble have one parent.)

use super::attributes::int;
use super::error::ModelError;
use super::export::ExportError;
use super::graph::INPUT;
use super::tensor::{floats, integers, read_floats, same};
use crate::forest::{Column, Derived, Forest, MOST_DEVIATIONS, Node, Scaling, Tree};
use crate::pb::tensor_shape_proto::dimension;
use crate::pb::{AttributeProto, GraphProto, NodeProto, TensorProto, type_proto};
use std::sync::Arc;

/// The most numbers that the two matrices may hold together: 64 Mi, a file of 256 MiB.
const MOST_NUMBERS: usize = 1 << 26;

const COLUMNS: &str = "columns";
const MEAN: &str = "mean";
const RATE: &str = "rate";
const MOST: &str = "most_deviations";
const LEAST: &str = "least_deviations";
const NO_DEVIATION: &str = "no_deviation";
const PLANES: &str = "planes";
const PICKS: &str = "picks";
const CATEGORIES: &str = "categories";
const MEMBERS: &str = "members";
const OURS: [&str; 9] = [MEAN, RATE, MOST, LEAST, NO_DEVIATION, PLANES, PICKS, CATEGORIES, MEMBERS];

/// All derived columns of a forest, in the order in which its splits name them.
pub(super) struct Front {
    features: usize,
    scaling: Arc<Scaling>,
    planes: Vec<Vec<(u32, f32)>>,
    subsets: Vec<(u32, Vec<f32>)>,
}

impl Front {
    /// The derived columns of a forest, and the forest as one over all columns, plain and derived; none where nothing
    /// is derived.
    pub(super) fn of(forest: &Forest) -> Result<Option<(Self, Forest)>, ExportError> {
        let mut front =
            Self { features: forest.columns(), scaling: Arc::default(), planes: Vec::new(), subsets: Vec::new() };
        for derived in forest.trees().iter().filter_map(Tree::derived) {
            for column in derived.columns() {
                match column {
                    Column::Plane(terms) => {
                        front.scaling = Arc::clone(derived.scaling());
                        front.planes.push(terms.clone());
                    }
                    Column::Among { feature, values } => front.subsets.push((*feature, values.clone())),
                }
            }
        }
        if front.planes.is_empty() && front.subsets.is_empty() {
            return Ok(None);
        }
        let numbers = front.planes.len().saturating_mul(front.features);
        let numbers = numbers.saturating_add(front.subsets.len().saturating_mul(front.pairs().len()));
        if numbers > MOST_NUMBERS {
            return Err(ExportError::Wide { planes: front.planes.len(), subsets: front.subsets.len(), numbers });
        }
        let flat = front.flat(forest);
        Ok(Some((front, flat)))
    }

    /// The forest over all columns: planes follow the features, subsets the planes.
    fn flat(&self, forest: &Forest) -> Forest {
        let planes = u32::try_from(self.features).unwrap_or(u32::MAX);
        let [mut plane, mut subset] =
            [planes, planes.saturating_add(u32::try_from(self.planes.len()).unwrap_or(u32::MAX))];
        let trees = forest.trees().iter().map(|tree| {
            let nodes = tree.nodes().iter().map(|&node| match node {
                Node::Split { feature, threshold, right, missing_left } => {
                    let column = tree.derived().and_then(|derived| derived.column(feature));
                    let feature = match column {
                        None => feature,
                        Some(Column::Plane(_)) => take(&mut plane),
                        Some(Column::Among { .. }) => take(&mut subset),
                    };
                    Node::Split { feature, threshold, right, missing_left }
                }
                leaf @ Node::Leaf { .. } => leaf,
            });
            Tree::new(nodes.collect())
        });
        let columns = self.features + self.planes.len() + self.subsets.len();
        Forest::new(trees.collect(), columns, forest.samples(), forest.offset())
    }

    /// Puts the columns in front of the graph of the flat forest.
    pub(super) fn wrap(&self, mut graph: GraphProto) -> GraphProto {
        let mut nodes = self.nodes();
        for ensemble in graph.node.iter_mut().take(1) {
            ensemble.input = vec![COLUMNS.to_owned()];
        }
        nodes.append(&mut graph.node);
        graph.node = nodes;
        graph.initializer.extend(self.constants());
        set_width(&mut graph, self.features);
        graph
    }

    fn nodes(&self) -> Vec<NodeProto> {
        let mut nodes = Vec::new();
        let mut columns = vec![INPUT];
        let mut add = |operator: &str, inputs: &[&str], output: &str, attribute: Vec<AttributeProto>| {
            nodes.push(NodeProto {
                input: inputs.iter().map(|&name| name.to_owned()).collect(),
                output: vec![output.to_owned()],
                name: format!("make_{output}"),
                op_type: operator.to_owned(),
                attribute,
                ..NodeProto::default()
            });
        };
        if !self.planes.is_empty() {
            add("Sub", &[INPUT, MEAN], "centred", vec![]);
            add("Mul", &["centred", RATE], "scaled", vec![]);
            add("IsNaN", &["scaled"], "gaps", vec![]);
            add("Where", &["gaps", NO_DEVIATION, "scaled"], "filled", vec![]);
            add("Min", &["filled", MOST], "capped", vec![]);
            add("Max", &["capped", LEAST], "clipped", vec![]);
            add("MatMul", &["clipped", PLANES], "sides", vec![]);
            columns.push("sides");
        }
        if !self.subsets.is_empty() {
            add("Gather", &[INPUT, PICKS], "picked", vec![int("axis", 1)]);
            add("Equal", &["picked", CATEGORIES], "hits", vec![]);
            add("Cast", &["hits"], "counts", vec![int("to", 1)]);
            add("MatMul", &["counts", MEMBERS], "memberships", vec![]);
            columns.push("memberships");
        }
        add("Concat", &columns, COLUMNS, vec![int("axis", 1)]);
        nodes
    }

    fn constants(&self) -> Vec<TensorProto> {
        let mut constants = Vec::new();
        if !self.planes.is_empty() {
            let mut matrix = vec![0.0; self.features * self.planes.len()];
            for (at, terms) in self.planes.iter().enumerate() {
                for &(feature, weight) in terms {
                    put(&mut matrix, feature as usize * self.planes.len() + at, weight);
                }
            }
            constants.extend([
                floats(MEAN, &[self.features], self.scaling.mean.clone()),
                floats(RATE, &[self.features], self.scaling.rate.clone()),
                floats(MOST, &[1], vec![MOST_DEVIATIONS]),
                floats(LEAST, &[1], vec![-MOST_DEVIATIONS]),
                floats(NO_DEVIATION, &[1], vec![0.0]),
                floats(PLANES, &[self.features, self.planes.len()], matrix),
            ]);
        }
        if !self.subsets.is_empty() {
            let pairs = self.pairs();
            let mut matrix = vec![0.0; pairs.len() * self.subsets.len()];
            for (at, (feature, values)) in self.subsets.iter().enumerate() {
                for value in values {
                    if let Ok(row) = pairs.binary_search_by(|&pair| compare(pair, (*feature, *value))) {
                        put(&mut matrix, row * self.subsets.len() + at, 1.0);
                    }
                }
            }
            constants.extend([
                integers(PICKS, pairs.iter().map(|pair| i64::from(pair.0)).collect()),
                floats(CATEGORIES, &[pairs.len()], pairs.iter().map(|pair| pair.1).collect()),
                floats(MEMBERS, &[pairs.len(), self.subsets.len()], matrix),
            ]);
        }
        constants
    }

    /// The categories of all subsets with their features, sorted.
    fn pairs(&self) -> Vec<(u32, f32)> {
        let pairs = self.subsets.iter().flat_map(|(feature, values)| values.iter().map(|value| (*feature, *value)));
        let mut pairs: Vec<_> = pairs.collect();
        pairs.sort_unstable_by(|&a, &b| compare(a, b));
        pairs.dedup();
        pairs
    }

    /// Reads what stands in front of the ensemble of a graph of ours; none where nothing does.
    fn read(graph: &GraphProto, features: usize) -> Result<Option<Self>, ModelError> {
        if !graph.initializer.iter().any(is_ours) {
            return Ok(None);
        }
        let tensor = |name: &str| graph.initializer.iter().find(|tensor| tensor.name == name);
        let mut front = Self { features, scaling: Arc::default(), planes: Vec::new(), subsets: Vec::new() };
        if let Some(planes) = tensor(PLANES) {
            let numbers = |name| tensor(name).and_then(read_floats).unwrap_or_default().into_owned();
            front.scaling = Arc::new(Scaling { mean: numbers(MEAN), rate: numbers(RATE) });
            if front.scaling.mean.len() != features || front.scaling.rate.len() != features {
                return Err(ALTERED);
            }
            front.planes = columns(planes, features)?
                .into_iter()
                .map(|column| {
                    column.into_iter().map(|(row, weight)| (u32::try_from(row).unwrap_or(0), weight)).collect()
                })
                .collect();
        }
        if let Some(members) = tensor(MEMBERS) {
            let picks = tensor(PICKS).map(|tensor| tensor.int64_data.clone()).unwrap_or_default();
            let categories = tensor(CATEGORIES).and_then(read_floats).unwrap_or_default();
            if picks.len() != categories.len() {
                return Err(ALTERED);
            }
            for column in columns(members, picks.len())? {
                let pair = |&(row, _): &(usize, f32)| picks.get(row).copied().zip(categories.get(row).copied());
                let first = column.first().and_then(pair).ok_or(ALTERED)?;
                let feature = u32::try_from(first.0).ok().filter(|&f| (f as usize) < features).ok_or(ALTERED)?;
                let values = column.iter().filter_map(pair).map(|(_, category)| category).collect();
                front.subsets.push((feature, values));
            }
        }
        // What was read is what the graph says only if it would be written so again.
        let constants = front.constants();
        let ours = graph.initializer.iter().filter(|tensor| is_ours(tensor));
        let whole = ours.count() == constants.len()
            && constants.iter().all(|wanted| tensor(&wanted.name).is_some_and(|found| same(wanted, found)))
            && graph.node.starts_with(&front.nodes());
        if whole { Ok(Some(front)) } else { Err(ALTERED) }
    }

    /// The graph without its front: that of the flat forest.
    fn strip(&self, graph: &GraphProto) -> GraphProto {
        // The matrices are most of the file: only what stays is copied.
        let mut graph = GraphProto {
            node: graph.node.iter().skip(self.nodes().len()).cloned().collect(),
            initializer: graph.initializer.iter().filter(|tensor| !is_ours(tensor)).cloned().collect(),
            input: graph.input.clone(),
            output: graph.output.clone(),
            ..GraphProto::default()
        };
        for ensemble in graph.node.iter_mut().take(1).filter(|node| node.input == [COLUMNS]) {
            ensemble.input = vec![INPUT.to_owned()];
        }
        set_width(&mut graph, self.features + self.planes.len() + self.subsets.len());
        graph
    }

    /// The forest whose splits compare these columns. Each must be named once, in order.
    fn derive(self, flat: &Forest) -> Result<Forest, ModelError> {
        let features = u32::try_from(self.features).unwrap_or(u32::MAX);
        let first_subset = features.saturating_add(u32::try_from(self.planes.len()).unwrap_or(u32::MAX));
        let (mut planes, mut subsets) = (self.planes.into_iter(), self.subsets.into_iter());
        let [mut next_plane, mut next_subset] = [features, first_subset];
        let mut trees = Vec::with_capacity(flat.trees().len());
        for tree in flat.trees() {
            let mut nodes = tree.nodes().to_vec();
            let mut list = Vec::new();
            for node in &mut nodes {
                let Node::Split { feature, .. } = node else { continue };
                if *feature < features {
                    continue;
                }
                let column = if *feature < first_subset {
                    planes.next().filter(|_| take(&mut next_plane) == *feature).map(Column::Plane)
                } else {
                    let subset = subsets.next().filter(|_| take(&mut next_subset) == *feature);
                    subset.map(|(feature, values)| Column::Among { feature, values })
                };
                *feature = features.saturating_add(u32::try_from(list.len()).unwrap_or(u32::MAX));
                list.push(column.ok_or(ALTERED)?);
            }
            let tree = Tree::new(nodes);
            let scaling = Arc::clone(&self.scaling);
            trees.push(if list.is_empty() { tree } else { tree.with_derived(Derived::new(features, scaling, list)) });
        }
        if planes.next().is_some() || subsets.next().is_some() {
            return Err(ALTERED);
        }
        Ok(Forest::new(trees, self.features, flat.samples(), flat.offset()))
    }
}

const ALTERED: ModelError = ModelError::Altered("derived columns");

/// Reads the forest of a graph of ours; `plain` reads that of a graph without derived columns.
pub(super) fn forest(
    graph: &GraphProto,
    features: Option<usize>,
    plain: impl FnOnce(&GraphProto) -> Result<Forest, ModelError>,
) -> Result<Forest, ModelError> {
    let front = features.map(|features| Front::read(graph, features)).transpose()?.flatten();
    match front {
        None => plain(graph),
        Some(front) => {
            let flat = plain(&front.strip(graph))?;
            front.derive(&flat)
        }
    }
}

/// The entries of each column of a matrix that are not 0, with their rows; none for an empty column.
fn columns(tensor: &TensorProto, rows: usize) -> Result<Vec<Vec<(usize, f32)>>, ModelError> {
    let numbers = read_floats(tensor).ok_or(ALTERED)?;
    let width = numbers.len().checked_div(rows).filter(|width| width * rows == numbers.len() && *width > 0);
    let width = width.ok_or(ALTERED)?;
    let mut columns = vec![Vec::new(); width];
    for (row, line) in numbers.chunks_exact(width).enumerate() {
        for (column, &number) in columns.iter_mut().zip(line) {
            if number != 0.0 {
                column.push((row, number));
            }
        }
    }
    Ok(columns)
}

/// Whether a constant belongs to the derived columns.
fn is_ours(tensor: &TensorProto) -> bool {
    OURS.contains(&tensor.name.as_str())
}

fn compare(a: (u32, f32), b: (u32, f32)) -> std::cmp::Ordering {
    a.0.cmp(&b.0).then(a.1.total_cmp(&b.1))
}

fn put(matrix: &mut [f32], at: usize, value: f32) {
    if let Some(place) = matrix.get_mut(at) {
        *place = value;
    }
}

/// The number, which then counts on.
fn take(next: &mut u32) -> u32 {
    let this = *next;
    *next = next.saturating_add(1);
    this
}

/// Gives the graph's input another number of columns.
fn set_width(graph: &mut GraphProto, columns: usize) {
    let value = i64::try_from(columns).unwrap_or(i64::MAX);
    for input in &mut graph.input {
        let tensor = input.r#type.as_mut().and_then(|kind| kind.value.as_mut());
        #[allow(irrefutable_let_patterns, reason = "the messages of a build without tract know tensors alone")]
        if let Some(type_proto::Value::TensorType(tensor)) = tensor
            && let Some(last) = tensor.shape.as_mut().and_then(|shape| shape.dim.last_mut())
        {
            last.value = Some(dimension::Value::DimValue(value));
        }
    }
}
