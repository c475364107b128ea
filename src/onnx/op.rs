//! `TreeEnsembleRegressor` for tract, which has only the classifier.
#![allow(clippy::wildcard_imports, reason = "tract's macros expect all names of its prelude")]

use crate::LANES;
use crate::forest::{Kernel, Matrix};
use crate::onnx::ensemble::{Aggregate, Ensemble, EnsembleNode, Test};
use std::sync::Arc;
use tract_onnx::model::ParsingContext;
use tract_onnx::pb::NodeProto;
use tract_onnx::tract_hir::internal::*;

/// Builds the operator from its node.
pub(super) fn parse(_: &ParsingContext<'_>, node: &NodeProto) -> TractResult<(Box<dyn InferenceOp>, Vec<String>)> {
    let ensemble = Ensemble::read(node)?;
    Ok((expand(TreeRegressor(Arc::new(Compiled::new(ensemble)))), vec![]))
}

/// The operator; it is equal to its own copies alone.
#[derive(Clone, Debug)]
struct TreeRegressor(Arc<Compiled>);

/// Trees that are a forest's go through its kernel; any others are walked one by one.
#[derive(Debug)]
struct Compiled {
    ensemble: Ensemble,
    kernel: Option<Kernel>,
    columns: usize,
}

impl Compiled {
    fn new(ensemble: Ensemble) -> Self {
        let adds = matches!(ensemble.aggregate, Aggregate::Sum | Aggregate::Average);
        let kernel = adds.then(|| ensemble.forest()).flatten().map(|trees| Kernel::new(trees.into()));
        let columns = ensemble.columns();
        Self { ensemble, kernel, columns }
    }

    /// The targets of each row, row after row.
    fn eval(&self, width: usize, values: Vec<f32>) -> TractResult<Vec<f32>> {
        if width < self.columns {
            bail!("the trees ask for {} columns, the input has {width}", self.columns);
        }
        let rows = Matrix::from_vec(width, values)?;
        Ok(match &self.kernel {
            Some(kernel) if rows.rows() == 1 => vec![self.finish(kernel.sum(rows.row(0)))],
            Some(kernel) => kernel.sums::<LANES>(&rows).into_iter().map(|sum| self.finish(sum)).collect(),
            None => rows.iter().flat_map(|row| self.ensemble.targets(row)).collect(),
        })
    }

    /// The one target from the sum of its weights.
    fn finish(&self, sum: f64) -> f32 {
        self.ensemble.finish(sum, self.ensemble.base.first())
    }
}

impl Ensemble {
    /// A row's targets, by the simple walk.
    fn targets(&self, row: &[f32]) -> Vec<f32> {
        let mut targets: Vec<Option<f64>> = vec![None; self.targets];
        for &(target, weight) in self.trees.iter().flat_map(|tree| self.leaf(tree, row)) {
            if let Some(so_far) = targets.get_mut(target) {
                let weight = f64::from(weight);
                *so_far = Some(so_far.map_or(weight, |value| match self.aggregate {
                    Aggregate::Sum | Aggregate::Average => value + weight,
                    Aggregate::Least => value.min(weight),
                    Aggregate::Greatest => value.max(weight),
                }));
            }
        }
        let bases = self.base.iter().map(Some).chain(std::iter::repeat(None));
        targets.into_iter().zip(bases).map(|(value, base)| self.finish(value.unwrap_or(0.0), base)).collect()
    }

    #[allow(clippy::cast_possible_truncation, reason = "the operator's output is a 32-bit float")]
    #[allow(clippy::cast_precision_loss, reason = "counts of trees stay far below 2^53")]
    fn finish(&self, value: f64, base: Option<&f32>) -> f32 {
        let value = if self.aggregate == Aggregate::Average { value / self.trees.len() as f64 } else { value };
        (value + base.copied().map_or(0.0, f64::from)) as f32
    }

    /// The weights of the leaf that a row falls into.
    fn leaf(&self, tree: &[EnsembleNode], row: &[f32]) -> &[(usize, f32)] {
        let mut at = 0;
        loop {
            match tree.get(at) {
                Some(&EnsembleNode::Split { feature, threshold, test, otherwise, missing_true }) => {
                    let value = row.get(feature as usize).copied().unwrap_or(f32::NAN);
                    let is_true = test.holds(value, threshold) || (missing_true && value.is_nan());
                    at = if is_true { at + 1 } else { otherwise as usize };
                }
                Some(&EnsembleNode::Leaf { first, end }) => return self.weights.get(first..end).unwrap_or_default(),
                None => return &[],
            }
        }
    }
}

impl Test {
    #[allow(clippy::float_cmp, reason = "BRANCH_EQ and BRANCH_NEQ mean it")]
    fn holds(self, value: f32, threshold: f32) -> bool {
        match self {
            Self::AtMost => value <= threshold,
            Self::Less => value < threshold,
            Self::AtLeast => value >= threshold,
            Self::Greater => value > threshold,
            Self::Equal => value == threshold,
            Self::Different => value != threshold,
        }
    }
}

impl PartialEq for TreeRegressor {
    fn eq(&self, other: &Self) -> bool {
        Arc::ptr_eq(&self.0, &other.0)
    }
}

impl Eq for TreeRegressor {}

impl Expansion for TreeRegressor {
    fn name(&self) -> StaticName {
        "TreeEnsembleRegressor".into()
    }

    fn rules<'r, 'p: 'r, 's: 'r>(
        &'s self,
        s: &mut Solver<'r>,
        inputs: &'p [TensorProxy],
        outputs: &'p [TensorProxy],
    ) -> InferenceResult {
        check_input_arity(inputs, 1)?;
        check_output_arity(outputs, 1)?;
        let ([input], [output]) = (inputs, outputs) else { bail!("one input and one output") };
        s.equals(&input.rank, 2)?;
        s.equals(&output.datum_type, DatumType::F32)?;
        s.equals(&output.rank, 2)?;
        s.equals(&output.shape[0], &input.shape[0])?;
        s.equals(&output.shape[1], self.0.ensemble.targets.to_dim())?;
        Ok(())
    }

    fn wire(&self, prefix: &str, model: &mut TypedModel, inputs: &[OutletId]) -> TractResult<TVec<OutletId>> {
        model.wire_node(prefix, self.clone(), inputs)
    }
}

impl Op for TreeRegressor {
    fn name(&self) -> StaticName {
        "TreeEnsembleRegressor".into()
    }

    op_as_typed_op!();
}

impl EvalOp for TreeRegressor {
    op_out_of_plan!();

    fn eval(&self, _: &EvalContext<'_>, inputs: TVec<TValue>) -> TractResult<TVec<TValue>> {
        let input = args_1!(inputs);
        let &[rows, width] = input.shape() else { bail!("the input is no matrix") };
        let input = input.cast_to::<f32>()?;
        let values = input.to_plain_array_view::<f32>()?.iter().copied().collect();
        let targets = self.0.eval(width, values)?;
        Ok(tvec!(Tensor::from_shape(&[rows, self.0.ensemble.targets], &targets)?.into_tvalue()))
    }
}

impl TypedOp for TreeRegressor {
    fn output_facts(&self, inputs: &[&TypedFact]) -> TractResult<TVec<TypedFact>> {
        let [input] = inputs else { bail!("one input") };
        let [rows, _] = input.shape.dims() else { bail!("the input is no matrix") };
        Ok(tvec!(f32::fact([rows.clone(), self.0.ensemble.targets.to_dim()])))
    }

    as_op!();
}
