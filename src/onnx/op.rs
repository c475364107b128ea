//! The operators of ai.onnx.ml that tract lacks, or has with faults.
#![allow(clippy::wildcard_imports, reason = "tract's macros expect all names of its prelude")]

mod arg_max;
mod normalizer;
mod rows;
mod trees;

use std::sync::Arc;
use tract_onnx::model::{Onnx, ParsingContext};
use tract_onnx::pb::NodeProto;
use tract_onnx::tract_hir::internal::*;

/// Makes the operators known to tract, in place of any of its own of the same name: its classifier takes `BRANCH_GTE`
/// for a leaf.
pub(super) fn register(onnx: &mut Onnx) {
    for name in ["TreeEnsembleRegressor", "TreeEnsembleClassifier", "TreeEnsemble"] {
        onnx.op_register.insert(name, trees::parse);
    }
    for name in ["LabelEncoder", "Scaler", "Imputer", "OneHotEncoder", TO_INTEGER, CLIP, TIMES_ZERO] {
        onnx.op_register.insert(name, rows::parse);
    }
    onnx.op_register.insert("FeatureVectorizer", vectorizer);
    onnx.op_register.insert("ArgMax", arg_max::parse);
    onnx.op_register.insert("Normalizer", normalizer::parse);
}

/// What a `Cast` to 64-bit integers is called before tract sees it.
pub(super) const TO_INTEGER: &str = "CastToInteger";

/// What a `Clip` between constants is called, its bounds as attributes.
pub(super) const CLIP: &str = "ClipNumbers";

/// What a `Mul` by 0 is called.
pub(super) const TIMES_ZERO: &str = "TimesZero";

/// What each of the operators here calculates.
trait Calculation: std::fmt::Debug + Send + Sync + 'static {
    fn name(&self) -> &'static str;

    /// The type and shape of each output, by those of the input.
    fn facts(&self, kind: DatumType, shape: &[TDim]) -> TractResult<TVec<(DatumType, TVec<TDim>)>>;

    fn eval(&self, input: &Tensor) -> TractResult<TVec<TValue>>;
}

/// An operator of one input; it is equal to its own copies alone.
#[derive(Clone, Debug)]
struct Operator(Arc<dyn Calculation>, usize);

impl PartialEq for Operator {
    fn eq(&self, other: &Self) -> bool {
        Arc::ptr_eq(&self.0, &other.0)
    }
}

impl Eq for Operator {}

impl Expansion for Operator {
    fn name(&self) -> StaticName {
        self.0.name().into()
    }

    fn nboutputs(&self) -> TractResult<usize> {
        Ok(self.1)
    }

    fn rules<'r, 'p: 'r, 's: 'r>(
        &'s self,
        s: &mut Solver<'r>,
        inputs: &'p [TensorProxy],
        outputs: &'p [TensorProxy],
    ) -> InferenceResult {
        check_input_arity(inputs, 1)?;
        check_output_arity(outputs, self.1)?;
        let [input] = inputs else { bail!("one input") };
        s.given_2(&input.datum_type, &input.shape, move |s, kind, shape| {
            for (output, (kind, shape)) in outputs.iter().zip(self.0.facts(kind, &shape)?) {
                s.equals(&output.datum_type, kind)?;
                s.equals(&output.shape, ShapeFactoid::from(shape.iter().cloned()))?;
            }
            Ok(())
        })
    }

    fn wire(&self, prefix: &str, model: &mut TypedModel, inputs: &[OutletId]) -> TractResult<TVec<OutletId>> {
        model.wire_node(prefix, self.clone(), inputs)
    }
}

impl Op for Operator {
    fn name(&self) -> StaticName {
        self.0.name().into()
    }

    op_as_typed_op!();
}

impl EvalOp for Operator {
    op_out_of_plan!();

    fn eval(&self, _: &EvalContext<'_>, inputs: TVec<TValue>) -> TractResult<TVec<TValue>> {
        let input = args_1!(inputs);
        let mut outputs = self.0.eval(&input)?;
        outputs.truncate(self.1);
        Ok(outputs)
    }
}

impl TypedOp for Operator {
    fn output_facts(&self, inputs: &[&TypedFact]) -> TractResult<TVec<TypedFact>> {
        let [input] = inputs else { bail!("one input") };
        let facts = self.0.facts(input.datum_type, input.shape.dims())?;
        Ok(facts.into_iter().take(self.1).map(|(kind, shape)| kind.fact(&shape)).collect())
    }

    as_op!();
}

/// The operator for a node.
fn operator(calculation: impl Calculation, node: &NodeProto) -> (Box<dyn InferenceOp>, Vec<String>) {
    let outputs = node.output.iter().filter(|name| !name.is_empty()).count();
    (expand(Operator(Arc::new(calculation), outputs)), vec![])
}

#[allow(clippy::unnecessary_wraps, reason = "tract's table of operators asks for a result")]
fn vectorizer(_: &ParsingContext<'_>, _: &NodeProto) -> TractResult<(Box<dyn InferenceOp>, Vec<String>)> {
    Ok((expand(tract_onnx::tract_hir::ops::array::Concat::new(1)), vec![]))
}
