//! `Normalizer`, as onnxruntime has it: the greatest number with its sign, where the standard and tract speak of sizes;
//! sums in 32 bits one after another; and a row whose norm is 0 stays as it is.

use super::{Calculation, operator};
use crate::onnx::attributes::Attributes;
use tract_onnx::model::ParsingContext;
use tract_onnx::pb::NodeProto;
use tract_onnx::tract_hir::internal::*;

/// Builds the operator from its node.
pub(super) fn parse(_: &ParsingContext<'_>, node: &NodeProto) -> TractResult<(Box<dyn InferenceOp>, Vec<String>)> {
    let norm = match Attributes(node).text_or("norm", "MAX")? {
        "MAX" => Norm::Max,
        "L1" => Norm::L1,
        "L2" => Norm::L2,
        _ => bail!("Normalizer has a norm that is not supported"),
    };
    Ok(operator(norm, node))
}

#[derive(Clone, Copy, Debug)]
enum Norm {
    Max,
    L1,
    L2,
}

impl Norm {
    /// Divides a row by its norm.
    fn divide(self, row: &mut [f32]) {
        match self {
            // What is no number is greater than nothing.
            Self::Max => by(row, row.iter().fold(f32::MIN, |most, &value| if most < value { value } else { most })),
            Self::L1 => by(row, row.iter().fold(0.0, |sum, value| sum + value.abs())),
            Self::L2 => {
                let sum = row.iter().fold(0.0_f32, |sum, value| sum + value * value);
                if sum != 0.0 {
                    for value in row {
                        let size = libm::sqrtf(*value * *value / sum);
                        *value = if *value < 0.0 { -size } else { size };
                    }
                }
            }
        }
    }
}

fn by(row: &mut [f32], norm: f32) {
    if norm != 0.0 {
        for value in row {
            *value /= norm;
        }
    }
}

impl Calculation for Norm {
    fn name(&self) -> &'static str {
        "Normalizer"
    }

    fn facts(&self, kind: DatumType, shape: &[TDim]) -> TractResult<TVec<(DatumType, TVec<TDim>)>> {
        // Wider numbers are squared before they become 32-bit floats, which nothing here would do.
        if kind != DatumType::F32 {
            bail!("Normalizer takes no {kind:?}");
        }
        if shape.len() != 2 {
            bail!("the input of Normalizer is no matrix");
        }
        Ok(tvec!((kind, shape.iter().cloned().collect())))
    }

    fn eval(&self, input: &Tensor) -> TractResult<TVec<TValue>> {
        let &[_, width] = input.shape() else { bail!("the input of Normalizer is no matrix") };
        let mut values: Vec<f32> = input.to_plain_array_view::<f32>()?.iter().copied().collect();
        values.chunks_exact_mut(width.max(1)).for_each(|row| self.divide(row));
        Ok(tvec!(Tensor::from_shape(input.shape(), &values)?.into_tvalue()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rows_are_divided_as_onnxruntime_divides_them() {
        const NAN: f32 = f32::NAN;
        const BIG: f32 = -3e38;
        let cases: [(Norm, [f32; 3], [f32; 3]); 10] = [
            (Norm::Max, [1.0, -4.0, 2.0], [0.5, -2.0, 1.0]),
            (Norm::Max, [-1.0, -4.0, -2.0], [1.0, 4.0, 2.0]),
            (Norm::Max, [NAN, -4.0, -2.0], [NAN, 2.0, 1.0]),
            (Norm::Max, [-1.0, 0.0, -2.0], [-1.0, 0.0, -2.0]),
            (Norm::L1, [1.0, -2.0, 1.0], [0.25, -0.5, 0.25]),
            (Norm::L1, [NAN, -2.0, 1.0], [NAN, NAN, NAN]),
            (Norm::L1, [0.0, 0.0, 0.0], [0.0, 0.0, 0.0]),
            (Norm::L2, [0.0, -3.0, 4.0], [0.0, -0.6, 0.8]),
            (Norm::L2, [BIG, 3.0, 4.0], [NAN, 0.0, 0.0]),
            (Norm::L2, [NAN, 3.0, -4.0], [NAN, NAN, NAN]),
        ];
        for (norm, row, expected) in cases {
            let mut found = row;
            norm.divide(&mut found);
            let near = |(a, b): (&f32, &f32)| (a - b).abs() < 1e-6 || (a.is_nan() && b.is_nan());
            assert!(found.iter().zip(&expected).all(near), "{norm:?} of {row:?}: {found:?}");
        }
    }
}
