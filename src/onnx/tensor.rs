//! Constants of a graph that are more than one number.

use crate::pb::TensorProto;
use crate::pb::tensor_proto::DataType;
use std::borrow::Cow;

#[allow(clippy::needless_update, reason = "tract's messages have more fields than those of a build without it")]
fn tensor(name: &str, dims: &[usize], data_type: DataType) -> TensorProto {
    let dims = dims.iter().map(|&dim| i64::try_from(dim).unwrap_or(i64::MAX)).collect();
    TensorProto { dims, data_type: data_type as i32, name: name.to_owned(), ..TensorProto::default() }
}

/// A constant of floats.
pub(super) fn floats(name: &str, dims: &[usize], float_data: Vec<f32>) -> TensorProto {
    TensorProto { float_data, ..tensor(name, dims, DataType::Float) }
}

/// A list of integers.
pub(super) fn integers(name: &str, int64_data: Vec<i64>) -> TensorProto {
    let length = int64_data.len();
    TensorProto { int64_data, ..tensor(name, &[length], DataType::Int64) }
}

/// The floats of a constant, from either of the two places where ONNX allows them.
pub(super) fn read_floats(tensor: &TensorProto) -> Option<Cow<'_, [f32]>> {
    if tensor.data_type != DataType::Float as i32 {
        return None;
    }
    let (groups, rest) = tensor.raw_data.as_chunks::<4>();
    match (tensor.float_data.is_empty(), groups.is_empty()) {
        (_, true) => Some(Cow::Borrowed(&tensor.float_data)),
        (true, false) if rest.is_empty() => Some(groups.iter().map(|bytes| f32::from_le_bytes(*bytes)).collect()),
        _ => None,
    }
}

/// Whether two constants have one shape and the same bits.
pub(super) fn same(a: &TensorProto, b: &TensorProto) -> bool {
    let same_floats = match (read_floats(a), read_floats(b)) {
        // All differences together: a loop without an early end is the one that vectors take.
        (Some(a), Some(b)) => {
            let difference = a.iter().zip(&*b).fold(0, |all, (a, b)| all | (a.to_bits() ^ b.to_bits()));
            a.len() == b.len() && difference == 0
        }
        (a, b) => a.is_none() && b.is_none(),
    };
    a.dims == b.dims && a.data_type == b.data_type && same_floats && a.int64_data == b.int64_data
}
