//! The operators that prepare columns and look up labels.

use super::{CLIP, Calculation, TIMES_ZERO, TO_INTEGER, operator};
use crate::onnx::attributes::Attributes;
use crate::onnx::calculate::Binary;
use crate::onnx::number::{Kind, Number};
use crate::onnx::step::{Step, through};
use crate::onnx::trace::{Cell, Shape, Sheet, Trace, Value};
use tract_onnx::model::ParsingContext;
use tract_onnx::pb::NodeProto;
use tract_onnx::tract_hir::internal::*;

/// Builds the operator from its node.
pub(super) fn parse(_: &ParsingContext<'_>, node: &NodeProto) -> TractResult<(Box<dyn InferenceOp>, Vec<String>)> {
    const NAMES: [&str; 7] = ["LabelEncoder", "Scaler", "Imputer", "OneHotEncoder", TO_INTEGER, CLIP, TIMES_ZERO];
    let name = NAMES.into_iter().find(|name| *name == node.op_type).unwrap_or("operator");
    let any = [Kind::Single, Kind::Double, Kind::Integer].iter().any(|&kind| prepared(node, 1, kind).is_some());
    // The attributes of the others depend on the width of the input.
    if !any && ["LabelEncoder", "OneHotEncoder"].contains(&name) {
        bail!("{name} has attributes that are not supported");
    }
    Ok(operator(Rows { name, node: node.clone() }, node))
}

/// What an operator that prepares columns does: the steps for each output column.
struct Prepared {
    chains: Vec<Vec<Step>>,
    kind: Kind,
}

/// The steps of an operator of ai.onnx.ml on an input of this width and kind; nothing for what is not supported.
fn prepared(node: &NodeProto, width: usize, kind: Kind) -> Option<Prepared> {
    if node.op_type == TO_INTEGER {
        return Some(Prepared { chains: vec![vec![Step::Cast(Kind::Integer)]], kind: Kind::Integer });
    }
    if node.op_type == TIMES_ZERO {
        let zero = Number::Single(0.0).cast(kind);
        return Some(Prepared { chains: vec![vec![Step::After(Binary::Mul, zero)]], kind });
    }
    if node.op_type == CLIP {
        let attributes = Attributes(node);
        let bound = |name, none| Some(Number::Single(attributes.float_or(name, none).ok()?).cast(kind));
        let clip = Step::Clip(bound("min", f32::NEG_INFINITY)?, bound("max", f32::INFINITY)?);
        return Some(Prepared { chains: vec![vec![clip]], kind });
    }
    let mut alone = Trace::empty(0, false);
    let cells = (0..width).map(|column| Cell::Given { column, steps: Vec::new() }).collect();
    let input = Value::Rows(Sheet { cells, kind, shape: Shape::Matrix });
    let sheet = alone.ml(node, &input, &[Some(input.clone())])?;
    let chain = |cell: &Cell| match cell {
        Cell::Given { steps, .. } => Some(steps.clone()),
        Cell::Leaves(_) | Cell::Total { .. } => None,
    };
    Some(Prepared { chains: sheet.cells.iter().map(chain).collect::<Option<_>>()?, kind: sheet.kind })
}

#[derive(Debug)]
struct Rows {
    name: &'static str,
    node: NodeProto,
}

impl Rows {
    fn of(&self, kind: DatumType, width: usize) -> TractResult<Prepared> {
        let kind = match kind {
            DatumType::F32 => Kind::Single,
            DatumType::F64 => Kind::Double,
            DatumType::I64 | DatumType::I32 | DatumType::TDim => Kind::Integer,
            DatumType::Bool => Kind::Truth,
            other => bail!("{} takes no {other:?}", self.name),
        };
        // A table takes any shape, number by number.
        let width = if self.name == "Scaler" || self.name == "Imputer" { width } else { 1 };
        prepared(&self.node, width, kind)
            .with_context(|| format!("{} has attributes that are not supported", self.name))
    }
}

fn datum(kind: Kind) -> DatumType {
    match kind {
        Kind::Single => DatumType::F32,
        Kind::Double => DatumType::F64,
        Kind::Integer => DatumType::I64,
        Kind::Truth => DatumType::Bool,
    }
}

impl Calculation for Rows {
    fn name(&self) -> &'static str {
        self.name
    }

    fn facts(&self, kind: DatumType, shape: &[TDim]) -> TractResult<TVec<(DatumType, TVec<TDim>)>> {
        // Sizes that are still unknown stay what they are.
        if kind == DatumType::TDim && self.name == TO_INTEGER {
            return Ok(tvec!((kind, shape.iter().cloned().collect())));
        }
        let width = shape.last().and_then(|width| width.to_usize().ok()).unwrap_or(1);
        let Prepared { chains, kind } = self.of(kind, width)?;
        let mut shape: TVec<TDim> = shape.iter().cloned().collect();
        if self.name == "OneHotEncoder" {
            shape.push(chains.len().to_dim());
        }
        Ok(tvec!((datum(kind), shape)))
    }

    fn eval(&self, input: &Tensor) -> TractResult<TVec<TValue>> {
        if input.datum_type() == DatumType::TDim && self.name == TO_INTEGER {
            return Ok(tvec!(input.clone().into_tvalue()));
        }
        let width = input.shape().last().copied().unwrap_or(1);
        let Prepared { chains, kind } = self.of(input.datum_type(), width)?;
        let mut shape: TVec<usize> = input.shape().into();
        let numbers = numbers(input)?;
        let apply = |steps: &[Step], number| through(steps, number).context("a category that the model does not know");
        let made = if self.name == "OneHotEncoder" {
            shape.push(chains.len());
            numbers.iter().flat_map(|&number| chains.iter().map(move |steps| apply(steps, number))).collect()
        } else {
            numbers.iter().zip(chains.iter().cycle()).map(|(&number, steps)| apply(steps, number)).collect()
        };
        let made: TractResult<Vec<Number>> = made;
        Ok(tvec!(tensor(&shape, kind, &made?)?.into_tvalue()))
    }
}

fn numbers(input: &Tensor) -> TractResult<Vec<Number>> {
    Ok(match input.datum_type() {
        DatumType::F32 => input.to_plain_array_view::<f32>()?.iter().map(|&value| Number::Single(value)).collect(),
        DatumType::F64 => input.to_plain_array_view::<f64>()?.iter().map(|&value| Number::Double(value)).collect(),
        DatumType::Bool => input.to_plain_array_view::<bool>()?.iter().map(|&value| Number::Truth(value)).collect(),
        _ => {
            let input = input.cast_to::<i64>()?;
            input.to_plain_array_view::<i64>()?.iter().map(|&value| Number::Integer(value)).collect()
        }
    })
}

#[allow(clippy::cast_possible_truncation, reason = "a 32-bit number comes out as it went in")]
fn tensor(shape: &[usize], kind: Kind, numbers: &[Number]) -> TractResult<Tensor> {
    let reals = || numbers.iter().map(|number| number.real());
    match kind {
        Kind::Single => Tensor::from_shape(shape, &reals().map(|value| value as f32).collect::<Vec<_>>()),
        Kind::Double => Tensor::from_shape(shape, &reals().collect::<Vec<_>>()),
        Kind::Truth => Tensor::from_shape(shape, &reals().map(|value| value != 0.0).collect::<Vec<_>>()),
        Kind::Integer => {
            let integer = |number: &Number| if let Number::Integer(value) = number.cast(kind) { value } else { 0 };
            Tensor::from_shape(shape, &numbers.iter().map(integer).collect::<Vec<_>>())
        }
    }
}
