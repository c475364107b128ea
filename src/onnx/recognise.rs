//! Somebody else's graph to a forest, if it is an isolation forest after all.
//!
//! skl2onnx's thousands of operators, coniferest's three and `LinkedIn`'s ten calculate the same: 2^(−a · sum over trees),
//! and from it a decision or a label. What stands before the trees is folded into their thresholds where every
//! value then takes the same branches (any chain of operators that keeps or reverses the order does); what cannot be
//! folded, such as categories, is calculated into columns of its own.

use super::ensemble::{EnsembleNode, Test};
use super::error::NoForest;
use super::fold::Folding;
use super::form::Form;
use super::prepare::Prepare;
use super::trace::{Cell, Trace, Value};
use crate::forest::path_length::rows_for;
use crate::forest::{Forest, Node, Tree};
use crate::pb::GraphProto;
use std::collections::HashSet;

/// What the offset is where a graph gives a score and neither a decision nor a label: scikit-learn's default, a path
/// of average length.
const OFFSET: f64 = -0.5;

/// A graph that is an isolation forest.
pub(super) struct Foreign {
    pub(super) forest: Forest,
    pub(super) prepare: Prepare,
    /// Which of the graph's sums the forest is.
    pub(super) total: usize,
}

/// What the outputs of a graph make of the sum over its trees.
struct Reading {
    total: usize,
    /// The score is 2^(slope · sum + shift).
    slope: f64,
    shift: f64,
    offset: f64,
}

/// The forest of a graph that was followed, if it is one.
pub(super) fn recognise(graph: &GraphProto, trace: &Trace<'_>) -> Result<Foreign, NoForest> {
    let Reading { total, slope, shift, offset } = reading(graph, trace)?;
    let terms = trace.totals.get(total).ok_or(NOT_A_SCORE)?;
    let once: HashSet<_> = terms.iter().map(|term| (term.grove, term.tree)).collect();
    // A tree that is added again and again would be laid out as often.
    if once.len() != terms.len() {
        return Err(NoForest::Other("it adds the same tree up more than once"));
    }
    let mut folding = Folding::new(trace);
    let mut trees = Vec::with_capacity(terms.len());
    for (at, term) in terms.iter().enumerate() {
        // The shift of the exponent is every row's, so one tree can carry it.
        let shift = if at == 0 { shift } else { 0.0 };
        let tree = folding.tree(term, |weight| -(slope * weight + shift));
        trees.push(tree.ok_or_else(|| unfolded(trace, term.grove))?);
    }
    let sound = trees.iter().flat_map(Tree::nodes).all(|node| match node {
        Node::Leaf { weight } => weight.is_finite() && *weight >= 0.0,
        Node::Split { .. } => true,
    });
    if !sound {
        return Err(NoForest::Other("a weight of its trees' leaves is negative, infinite or no number"));
    }
    if trace.columns == 0 {
        return Err(NoForest::Other("it has no input"));
    }
    let prepare = folding.finish(&mut trees);
    let samples = samples(&trees);
    let forest = Forest::new(trees, prepare.width(), samples, offset);
    Ok(Foreign { forest, prepare, total })
}

const NOT_A_SCORE: NoForest =
    NoForest::Other("not all of its outputs are made of 2 to the power of a sum over trees, as a forest's are");

/// Why a tree could not be laid out.
fn unfolded(trace: &Trace<'_>, grove: usize) -> NoForest {
    let nodes = trace.groves.get(grove).into_iter().flat_map(|(ensemble, _)| ensemble.trees.iter().flatten());
    let equality =
        |node: &EnsembleNode| matches!(node, EnsembleNode::Split { test: Test::Equal | Test::Different, .. });
    let nowhere = |node: &EnsembleNode| matches!(node, EnsembleNode::Split { threshold, .. } if threshold.is_nan());
    if nodes.clone().any(equality) {
        NoForest::Other("its trees ask whether numbers are equal (BRANCH_EQ or BRANCH_NEQ)")
    } else if nodes.clone().any(nowhere) {
        NoForest::Other("a threshold of its trees is no number")
    } else {
        NoForest::Other("no thresholds can say what its trees make of a row's numbers")
    }
}

/// What the outputs say, if together they are a score.
#[allow(clippy::float_cmp, reason = "a graph that scales the score by anything but 1 is no score")]
fn reading(graph: &GraphProto, trace: &Trace<'_>) -> Result<Reading, NoForest> {
    let mut decision: Option<(bool, usize, [f64; 4])> = None;
    let mut threshold = None;
    if graph.output.is_empty() {
        return Err(NoForest::Other("it has no output"));
    }
    for output in &graph.output {
        let Some(Value::Rows(sheet)) = trace.value(&output.name) else { return Err(NOT_A_SCORE) };
        let [Cell::Total { total, steps }] = &*sheet.cells else { return Err(NOT_A_SCORE) };
        match Form::of(steps) {
            Form::Power { factor, add, slope, shift } => {
                // scikit-learn's decision before its score_samples, which lacks the offset.
                let better = output.name == super::graph::DECISION || add != 0.0;
                if decision.as_ref().is_none_or(|(best, ..)| better && !best) {
                    decision = Some((better, *total, [factor, add, slope, shift]));
                }
            }
            Form::Test { score } => threshold = Some(score),
            Form::Line { .. } | Form::Other => return Err(NOT_A_SCORE),
        }
    }
    let (_, total, [factor, add, slope, shift]) = decision.ok_or(NOT_A_SCORE)?;
    let offset = match threshold {
        Some(score) => -score,
        None if add == 0.0 => OFFSET,
        None => -add / factor.abs(),
    };
    let agrees = factor < 0.0 && add != 0.0 && threshold.is_none_or(|score| (score - add).abs() < 1e-6);
    let plain = factor.abs() == 1.0 && (add == 0.0 || agrees);
    let sound = plain && slope.is_finite() && shift.is_finite() && offset.is_finite();
    if !sound {
        return Err(NoForest::Other("what it makes of the sum over its trees is no decision of a forest"));
    }
    Ok(Reading { total, slope, shift, offset })
}

/// ψ, from what the leaves say: in one that holds a single row the weight is depth / (trees · c(ψ)), and in all others
/// more than that.
#[allow(clippy::cast_precision_loss, reason = "counts of trees stay far below 2^53")]
fn samples(trees: &[Tree]) -> usize {
    let mut scale = 0.0_f64;
    for tree in trees {
        for (node, depth) in tree.nodes().iter().zip(tree.depths()) {
            if let Node::Leaf { weight } = node
                && depth > 0
                && *weight > 0.0
            {
                scale = scale.max(f64::from(depth) / f64::from(*weight));
            }
        }
    }
    let length = scale / trees.len() as f64;
    if length > 0.0 { rows_for(length).max(2) } else { 2 }
}
