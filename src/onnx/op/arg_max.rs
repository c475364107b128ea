//! `ArgMax`, as onnxruntime has it: what is no number is greater than nothing, and nothing is greater than it.

use super::{Calculation, operator};
use crate::onnx::attributes::Attributes;
use tract_onnx::model::ParsingContext;
use tract_onnx::pb::NodeProto;
use tract_onnx::tract_hir::internal::*;

/// Builds the operator from its node.
pub(super) fn parse(_: &ParsingContext<'_>, node: &NodeProto) -> TractResult<(Box<dyn InferenceOp>, Vec<String>)> {
    let attributes = Attributes(node);
    let keep = attributes.int_or("keepdims", 1)? != 0;
    let last = attributes.int_or("select_last_index", 0)? != 0;
    Ok(operator(ArgMax { axis: attributes.int_or("axis", 0)?, keep, last }, node))
}

#[derive(Debug)]
struct ArgMax {
    axis: i64,
    /// Whether the axis stays, with one place.
    keep: bool,
    /// Whether the last of equal places is meant.
    last: bool,
}

impl ArgMax {
    /// The axis, and the result's shape.
    fn shape<D: Clone>(&self, shape: &[D], one: D) -> TractResult<(usize, TVec<D>)> {
        let axis = if self.axis < 0 { self.axis + i64::try_from(shape.len())? } else { self.axis };
        let axis = usize::try_from(axis).ok().filter(|&axis| axis < shape.len()).context("ArgMax has no such axis")?;
        let mut shape: TVec<D> = shape.iter().cloned().collect();
        if self.keep {
            shape.iter_mut().skip(axis).take(1).for_each(|dim| *dim = one.clone());
        } else {
            shape.remove(axis);
        }
        Ok((axis, shape))
    }

    fn place(&self, mut values: impl Iterator<Item = f64>) -> i64 {
        let (mut most, mut place) = (values.next().unwrap_or(f64::NAN), 0);
        for (at, value) in (1..).zip(values) {
            #[allow(clippy::float_cmp, reason = "equal is what the attribute speaks of")]
            if value > most || (self.last && value == most) {
                (most, place) = (value, at);
            }
        }
        place
    }
}

impl Calculation for ArgMax {
    fn name(&self) -> &'static str {
        "ArgMax"
    }

    fn facts(&self, _: DatumType, shape: &[TDim]) -> TractResult<TVec<(DatumType, TVec<TDim>)>> {
        Ok(tvec!((DatumType::I64, self.shape(shape, 1.to_dim())?.1)))
    }

    fn eval(&self, input: &Tensor) -> TractResult<TVec<TValue>> {
        let (axis, shape) = self.shape(input.shape(), 1)?;
        let values = input.cast_to::<f64>()?;
        let values: Vec<f64> = values.to_plain_array_view::<f64>()?.iter().copied().collect();
        let places = input.shape().get(axis).copied().unwrap_or(1).max(1);
        let inner: usize = input.shape().iter().skip(axis + 1).product();
        let block = |block: &[f64]| -> Vec<i64> {
            let column = |at| block.iter().skip(at).step_by(inner).copied();
            (0..inner).map(|at| self.place(column(at))).collect()
        };
        let found: Vec<i64> = values.chunks(places * inner.max(1)).flat_map(block).collect();
        Ok(tvec!(Tensor::from_shape(&shape, &found)?.into_tvalue()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_no_number_is_greater_than_nothing() {
        const NAN: f64 = f64::NAN;
        let cases: [(&[f64], i64, i64); 6] = [
            (&[0.0, 1.0, 1.0], 1, 2),
            (&[0.0, NAN, 1.0], 2, 2),
            (&[NAN, 3.0, 1.0], 0, 0),
            (&[0.0, 0.0, NAN], 0, 1),
            (&[NAN, NAN, NAN], 0, 0),
            (&[-1.0, f64::INFINITY, f64::NEG_INFINITY], 1, 1),
        ];
        for (row, first, last) in cases {
            let of = |last| ArgMax { axis: 1, keep: true, last }.place(row.iter().copied());
            assert_eq!((of(false), of(true)), (first, last), "{row:?}");
        }
    }

    #[test]
    fn any_axis_is_walked() {
        let input = Tensor::from_shape(&[2, 2, 2], &[1.0_f32, 9.0, 3.0, 4.0, 8.0, 2.0, 7.0, 5.0]).unwrap();
        let cases: [(i64, bool, &[usize], &[i64]); 4] = [
            (0, true, &[1, 2, 2], &[1, 0, 1, 1]),
            (1, true, &[2, 1, 2], &[1, 0, 0, 1]),
            (-1, true, &[2, 2, 1], &[1, 1, 0, 0]),
            (2, false, &[2, 2], &[1, 1, 0, 0]),
        ];
        for (axis, keep, shape, places) in cases {
            let found = ArgMax { axis, keep, last: false }.eval(&input).unwrap();
            assert_eq!(found[0].shape(), shape);
            assert_eq!(found[0].to_plain_array_view::<i64>().unwrap().as_slice().unwrap(), places, "axis {axis}");
        }
    }
}
