//! Why an operator could not be followed.

use super::{Cell, MOST_STEPS, Trace, Value};
use crate::onnx::attributes::Attributes;
use crate::onnx::calculate::{Binary, Unary};
use crate::onnx::ensemble::{Aggregate, Ensemble, EnsembleNode, Post};
use crate::onnx::error::{NoForest, OperatorName, printable};
use crate::onnx::graph::ML;
use crate::pb::{GraphProto, NodeProto, TensorProto};

/// Operators that forests have, beside those that work number by number.
const KNOWN: [&str; 16] = [
    "ArrayFeatureExtractor",
    "Cast",
    "Clip",
    "Concat",
    "Constant",
    "FeatureVectorizer",
    "Gather",
    "Identity",
    "Imputer",
    "LabelEncoder",
    "OneHotEncoder",
    "Reshape",
    "Scaler",
    "TreeEnsemble",
    "TreeEnsembleRegressor",
    "Where",
];

impl Trace<'_> {
    /// Why an operator of the graph could not be followed; all before it was.
    pub(super) fn obstacle(&self, graph: &GraphProto, node: &NodeProto) -> NoForest {
        let operator = OperatorName::of(node);
        let unread = |name: &&String| !name.is_empty() && !self.values.contains_key(name.as_str());
        if let Some(name) = node.input.iter().find(unread) {
            let tensor = graph.initializer.iter().find(|tensor| tensor.name == *name);
            let away = |tensor: &TensorProto| tensor.data_location.unwrap_or(0) != 0;
            let name = printable(name);
            return match tensor {
                Some(tensor) if away(tensor) => NoForest::Elsewhere(name),
                Some(_) => NoForest::Constant(name),
                None => NoForest::Nowhere(name),
            };
        }
        if self.spent {
            return NoForest::Large(operator);
        }
        let attributes = Attributes(node);
        match (node.domain.as_str(), node.op_type.as_str()) {
            (ML, "TreeEnsembleRegressor") => return self.trees(node, Ensemble::read(attributes)),
            (ML, "TreeEnsemble") => return self.trees(node, Ensemble::flat(attributes)),
            _ => {}
        }
        let elementwise = Binary::named(&node.op_type).is_some() || Unary::named(&node.op_type).is_some();
        if !elementwise && !KNOWN.contains(&node.op_type.as_str()) {
            return NoForest::Operator(operator);
        }
        let cells = || node.input.iter().flat_map(|name| self.cells(name));
        if cells().any(|cell| matches!(cell, Cell::Given { steps, .. } if steps.len() + 4 > MOST_STEPS)) {
            return NoForest::Steps(MOST_STEPS);
        }
        let output = printable(node.output.first().map_or("", String::as_str));
        let given = |name: &&String| self.cells(name).iter().any(|cell| matches!(cell, Cell::Given { .. }));
        if elementwise && node.input.iter().filter(given).count() > 1 {
            return NoForest::Columns { operator, output };
        }
        NoForest::Use { operator, output }
    }

    fn cells(&self, name: &str) -> &[Cell] {
        match self.values.get(name) {
            Some(Value::Rows(sheet)) => &sheet.cells,
            _ => &[],
        }
    }

    /// Why an ensemble is none of a forest.
    fn trees(&self, node: &NodeProto, read: Result<Ensemble, crate::onnx::EnsembleError>) -> NoForest {
        let ensemble = match read {
            Ok(ensemble) => ensemble,
            Err(error) => return NoForest::Ensemble(error),
        };
        let given = node.input.first().map_or(0, |name| self.cells(name).len());
        let single = |nodes: &Vec<EnsembleNode>| {
            let leaves = nodes.iter().enumerate().filter(|(_, node)| matches!(node, EnsembleNode::Leaf { .. }));
            leaves.into_iter().all(|(at, _)| ensemble.leaf_weights(nodes, at).is_some_and(|weights| weights.len() == 1))
        };
        if ensemble.columns() > given && given > 0 {
            NoForest::Wide { asked: ensemble.columns(), given }
        } else if ensemble.targets > 1 {
            NoForest::Other("its trees give several numbers each")
        } else if !matches!(ensemble.aggregate, Aggregate::Sum | Aggregate::Average) || ensemble.post != Post::Nothing {
            NoForest::Other("its trees are not added up, or their sum is transformed")
        } else if !ensemble.trees.iter().all(single) {
            NoForest::Other("a leaf of its trees has no weight, or several")
        } else {
            let output = printable(node.output.first().map_or("", String::as_str));
            NoForest::Use { operator: OperatorName::of(node), output }
        }
    }
}
