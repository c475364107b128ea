//! Ensembles and the sums over their trees.

use super::{Cell, Leaves, Shape, Sheet, Trace, Value};
use crate::onnx::calculate::Binary;
use crate::onnx::ensemble::{Aggregate, Ensemble, EnsembleNode, Post};
use crate::onnx::number::{Kind, Number};
use crate::onnx::step::Step;
use std::sync::Arc;

impl Trace<'_> {
    /// What an ensemble of one target makes of a matrix.
    pub(super) fn ensemble(&mut self, ensemble: Ensemble, sheet: &Sheet, kind: Kind) -> Option<Sheet> {
        let given = sheet.cells.iter().all(|cell| matches!(cell, Cell::Given { .. }));
        let adds = matches!(ensemble.aggregate, Aggregate::Sum | Aggregate::Average);
        let plain = adds && ensemble.post == Post::Nothing && ensemble.targets == 1 && ensemble.base.len() <= 1;
        if !given || !plain || sheet.shape != Shape::Matrix || ensemble.columns() > sheet.cells.len() {
            return None;
        }
        let grove = self.groves.len();
        let trees = ensemble.trees.iter().enumerate();
        let terms = trees.map(|(tree, nodes)| {
            let leaf = |at: usize| match ensemble.leaf_weights(nodes, at)? {
                &[(_, weight)] => Some(Number::Double(weight).cast(kind)),
                _ => None,
            };
            let leaves = nodes.iter().enumerate().filter(|(_, node)| matches!(node, EnsembleNode::Leaf { .. }));
            let numbers = leaves.map(|(at, _)| leaf(at)).collect::<Option<_>>()?;
            Some(Leaves { grove, tree, numbers })
        });
        let terms = terms.collect::<Option<Vec<_>>>()?;
        let mut steps = Vec::new();
        #[allow(clippy::cast_precision_loss, reason = "counts of trees stay far below 2^53")]
        if ensemble.aggregate == Aggregate::Average {
            steps.push(Step::After(Binary::Div, Number::Double(terms.len() as f64).cast(kind)));
        }
        steps.extend(ensemble.base.first().map(|&base| Step::After(Binary::Add, Number::Double(base).cast(kind))));
        self.groves.push((ensemble, sheet.clone()));
        let cell = self.total(terms, self.lone)?;
        let mut sheet = Sheet { cells: Arc::new([cell]), kind, shape: Shape::Matrix };
        for step in steps {
            sheet = self.step(&sheet, kind, |_| step.clone())?;
        }
        Some(sheet)
    }

    /// The sum of many one-column sheets of leaves at once.
    pub(super) fn sum(&mut self, inputs: &[Option<Value>]) -> Option<Sheet> {
        let sheet = |input: &Option<Value>| match input {
            Some(Value::Rows(sheet)) => Some(sheet.clone()),
            _ => None,
        };
        let sheets = inputs.iter().map(sheet).collect::<Option<Vec<_>>>()?;
        let Sheet { kind, shape, .. } = *sheets.first()?;
        let same = sheets.iter().all(|sheet| (sheet.kind, sheet.shape, sheet.cells.len()) == (kind, shape, 1));
        let cells: Vec<&Cell> = sheets.iter().flat_map(|sheet| &*sheet.cells).collect();
        let cell = same.then(|| self.add(&cells)).flatten()?;
        Some(Sheet { cells: Arc::new([cell]), kind, shape })
    }

    /// The sum of leaves of several trees, and of sums of such.
    pub(super) fn add(&mut self, cells: &[&Cell]) -> Option<Cell> {
        let mut terms = Vec::new();
        for cell in cells {
            match cell {
                Cell::Leaves(leaves) => terms.push(leaves.clone()),
                Cell::Total { total, steps } if steps.is_empty() => {
                    let more = self.totals.get(*total)?.clone();
                    self.spend(more.len())?;
                    terms.extend(more);
                }
                _ => return None,
            }
        }
        self.total(terms, true)
    }

    /// A sum; a tree whose like are to be added later is still no sum.
    fn total(&mut self, mut terms: Vec<Leaves>, whole: bool) -> Option<Cell> {
        self.spend(terms.len())?;
        if let ([_], false) = (&*terms, whole) {
            return terms.pop().map(Cell::Leaves);
        }
        self.totals.push(terms);
        Some(Cell::Total { total: self.totals.len() - 1, steps: Vec::new() })
    }
}
