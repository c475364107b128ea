//! The tree ensembles.

use super::{Calculation, operator};
use crate::LANES;
use crate::forest::{Kernel, Matrix};
use crate::onnx::attributes::Attributes;
use crate::onnx::ensemble::{Aggregate, Ensemble};
use tract_onnx::model::ParsingContext;
use tract_onnx::pb::NodeProto;
use tract_onnx::tract_hir::internal::*;

/// Builds the operator from its node.
pub(super) fn parse(_: &ParsingContext<'_>, node: &NodeProto) -> TractResult<(Box<dyn InferenceOp>, Vec<String>)> {
    let trees = match node.op_type.as_str() {
        "TreeEnsembleRegressor" => Trees::new(Ensemble::read(Attributes(node))?, "TreeEnsembleRegressor"),
        "TreeEnsemble" => Trees::new(Ensemble::flat(Attributes(node))?, "TreeEnsemble"),
        _ => {
            let labels = node.attribute.iter().find(|attribute| attribute.name == "classlabels_int64s");
            let classes = Some(labels.map(|labels| labels.ints.clone()).unwrap_or_default());
            Trees { classes, ..Trees::new(Ensemble::classifier(node)?, "TreeEnsembleClassifier") }
        }
    };
    Ok(operator(trees, node))
}

/// Trees that are a forest's go through its kernel; any others are walked one by one.
#[derive(Debug)]
struct Trees {
    name: &'static str,
    ensemble: Ensemble,
    kernel: Option<Kernel>,
    columns: usize,
    /// A classifier's labels; empty where they are words, whose positions stand for them.
    classes: Option<Vec<i64>>,
}

impl Trees {
    fn new(ensemble: Ensemble, name: &'static str) -> Self {
        let adds = matches!(ensemble.aggregate, Aggregate::Sum | Aggregate::Average);
        let plain = adds && ensemble.post != crate::onnx::ensemble::Post::Probit && name != "TreeEnsembleClassifier";
        let kernel = plain.then(|| ensemble.forest()).flatten().map(|trees| Kernel::new(trees.into()));
        let columns = ensemble.columns();
        Self { name, ensemble, kernel, columns, classes: None }
    }

    fn width(&self, shape: &[usize]) -> TractResult<usize> {
        let &[_, width] = shape else { bail!("the input is no matrix") };
        if width < self.columns {
            bail!("the trees ask for {} columns, the input has {width}", self.columns);
        }
        Ok(width)
    }

    /// The targets of each row, row after row, by the kernel.
    fn fast(&self, kernel: &Kernel, width: usize, input: &Tensor) -> TractResult<Vec<f64>> {
        let values = input.cast_to::<f32>()?;
        let rows = Matrix::from_vec(width, values.to_plain_array_view::<f32>()?.iter().copied().collect())?;
        Ok(if rows.rows() == 1 {
            vec![self.ensemble.finish(kernel.sum(rows.row(0)))]
        } else {
            kernel.sums::<LANES>(&rows).into_iter().map(|sum| self.ensemble.finish(sum)).collect()
        })
    }
}

impl Calculation for Trees {
    fn name(&self) -> &'static str {
        self.name
    }

    fn facts(&self, kind: DatumType, shape: &[TDim]) -> TractResult<TVec<(DatumType, TVec<TDim>)>> {
        let [rows, width] = shape else { bail!("the input is no matrix") };
        if let Ok(width) = width.to_usize() {
            self.width(&[0, width])?;
        }
        let wide: TVec<TDim> = tvec!(rows.clone(), self.ensemble.targets.to_dim());
        let double = self.name == "TreeEnsemble" && kind == DatumType::F64;
        Ok(if self.classes.is_some() {
            tvec!((DatumType::I64, tvec!(rows.clone())), (DatumType::F32, wide))
        } else {
            tvec!((if double { DatumType::F64 } else { DatumType::F32 }, wide))
        })
    }

    #[allow(clippy::cast_possible_truncation, reason = "the operators' outputs are 32-bit floats")]
    fn eval(&self, input: &Tensor) -> TractResult<TVec<TValue>> {
        let width = self.width(input.shape())?;
        let rows = input.shape().first().copied().unwrap_or(0);
        let targets = self.ensemble.targets;
        let narrow = |values: &[f64]| -> TractResult<TValue> {
            let values: Vec<f32> = values.iter().map(|&value| value as f32).collect();
            Ok(Tensor::from_shape(&[rows, targets], &values)?.into_tvalue())
        };
        let double = input.datum_type() == DatumType::F64;
        if let (Some(kernel), false) = (&self.kernel, double) {
            return Ok(tvec!(narrow(&self.fast(kernel, width, input)?)?));
        }
        let values = input.cast_to::<f64>()?;
        let values: Vec<f64> = values.to_plain_array_view::<f64>()?.iter().copied().collect();
        let each = values.chunks_exact(width.max(1));
        let Some(classes) = &self.classes else {
            let all: Vec<f64> = each.flat_map(|row| self.ensemble.targets(row)).collect();
            let wide = double && self.name == "TreeEnsemble";
            let output = if wide { Tensor::from_shape(&[rows, targets], &all)?.into_tvalue() } else { narrow(&all)? };
            return Ok(tvec!(output));
        };
        let mut labels = Vec::with_capacity(rows);
        let mut scores = Vec::with_capacity(rows * targets);
        for row in each {
            let (class, of_row) = self.ensemble.classify(row);
            labels.push(classes.get(class).copied().unwrap_or(i64::try_from(class)?));
            scores.extend(of_row);
        }
        Ok(tvec!(Tensor::from_shape(&[rows], &labels)?.into_tvalue(), narrow(&scores)?))
    }
}
