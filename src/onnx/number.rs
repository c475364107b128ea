//! Single numbers as ONNX's tensors hold them, and what its operators make of them.

use super::calculate::{Binary, Unary};
use crate::pb::TensorProto;
use crate::pb::tensor_proto::DataType;

/// A number of one of the kinds that occur in graphs over trees.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Number {
    Single(f32),
    Double(f64),
    /// Of 8 to 64 bits: the integers of such graphs are labels and counts, which fit either.
    Integer(i64),
    Truth(bool),
}

/// A constant.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Tensor {
    pub(crate) dims: Vec<usize>,
    pub(crate) numbers: Vec<Number>,
}

/// The kind of a number.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    Single,
    Double,
    Integer,
    Truth,
}

impl Kind {
    /// The kind that a type of ONNX is computed in here.
    pub(crate) fn of(data_type: i64) -> Option<Self> {
        const FLOAT: i64 = DataType::Float as i64;
        const UINT8: i64 = DataType::Uint8 as i64;
        const INT32: i64 = DataType::Int32 as i64;
        const INT64: i64 = DataType::Int64 as i64;
        const BOOL: i64 = DataType::Bool as i64;
        const DOUBLE: i64 = DataType::Double as i64;
        match data_type {
            FLOAT => Some(Self::Single),
            DOUBLE => Some(Self::Double),
            UINT8 | INT32 | INT64 => Some(Self::Integer),
            BOOL => Some(Self::Truth),
            _ => None,
        }
    }
}

impl Tensor {
    /// A tensor of a kind that is computed here, whose numbers are as many as its dimensions say; no other.
    pub(crate) fn read(tensor: &TensorProto) -> Option<Self> {
        let dims = tensor.dims.iter().map(|&dim| usize::try_from(dim).ok()).collect::<Option<Vec<_>>>()?;
        let expected = dims.iter().try_fold(1_usize, |product, &dim| product.checked_mul(dim))?;
        let numbers = numbers(tensor)?;
        (numbers.len() == expected).then_some(Self { dims, numbers })
    }

    /// The one number of a constant that has only one.
    pub(crate) fn only(&self) -> Option<Number> {
        if let [number] = *self.numbers { Some(number) } else { None }
    }
}

/// A tensor's numbers, from either of the two places where ONNX allows them.
fn numbers(tensor: &TensorProto) -> Option<Vec<Number>> {
    let kind = Kind::of(i64::from(tensor.data_type))?;
    let integer = |value: i64| if kind == Kind::Truth { Number::Truth(value != 0) } else { Number::Integer(value) };
    let raw = tensor.raw_data.as_slice();
    if raw.is_empty() {
        return Some(match kind {
            Kind::Single => tensor.float_data.iter().map(|&value| Number::Single(value)).collect(),
            Kind::Double => tensor.double_data.iter().map(|&value| Number::Double(value)).collect(),
            _ if tensor.data_type == DataType::Int64 as i32 => tensor.int64_data.iter().copied().map(integer).collect(),
            _ => tensor.int32_data.iter().map(|&value| integer(i64::from(value))).collect(),
        });
    }
    if kind == Kind::Single {
        whole(raw, |bytes| Number::Single(f32::from_le_bytes(bytes)))
    } else if kind == Kind::Double {
        whole(raw, |bytes| Number::Double(f64::from_le_bytes(bytes)))
    } else if tensor.data_type == DataType::Int64 as i32 {
        whole(raw, |bytes| integer(i64::from_le_bytes(bytes)))
    } else if tensor.data_type == DataType::Int32 as i32 {
        whole(raw, |bytes| integer(i64::from(i32::from_le_bytes(bytes))))
    } else {
        whole(raw, |[byte]| integer(i64::from(byte)))
    }
}

fn whole<const W: usize>(raw: &[u8], number: impl Fn([u8; W]) -> Number) -> Option<Vec<Number>> {
    let (words, rest) = raw.as_chunks::<W>();
    rest.is_empty().then(|| words.iter().map(|&word| number(word)).collect())
}

impl Number {
    /// The number as a real one.
    #[allow(clippy::cast_precision_loss, reason = "labels and counts stay far below 2^53")]
    pub(crate) fn real(self) -> f64 {
        match self {
            Self::Single(value) => f64::from(value),
            Self::Double(value) => value,
            Self::Integer(value) => value as f64,
            Self::Truth(value) => f64::from(u8::from(value)),
        }
    }

    pub(crate) fn kind(self) -> Kind {
        match self {
            Self::Single(_) => Kind::Single,
            Self::Double(_) => Kind::Double,
            Self::Integer(_) => Kind::Integer,
            Self::Truth(_) => Kind::Truth,
        }
    }

    pub(crate) fn is_nan(self) -> bool {
        self.real().is_nan()
    }

    /// The number as another kind, as the operator `Cast` has it.
    #[allow(clippy::cast_possible_truncation, clippy::cast_precision_loss, reason = "a cast is what was asked for")]
    pub(crate) fn cast(self, kind: Kind) -> Self {
        match kind {
            Kind::Single => match self {
                Self::Single(_) => self,
                Self::Integer(value) => Self::Single(value as f32),
                other => Self::Single(other.real() as f32),
            },
            Kind::Double => Self::Double(self.real()),
            Kind::Integer => match self {
                Self::Integer(_) => self,
                other => Self::Integer(whole_part(other.real())),
            },
            Kind::Truth => Self::Truth(self.real() != 0.0),
        }
    }

    /// What an operator of two operands makes of them; nothing where their kinds differ or it has no meaning for them.
    pub(crate) fn with(self, operator: Binary, other: Self) -> Option<Self> {
        Some(match (self, other) {
            (Self::Single(a), Self::Single(b)) => match operator.test(&a, &b) {
                Some(truth) => Self::Truth(truth),
                None => Self::Single(operator.single(a, b)?),
            },
            (Self::Double(a), Self::Double(b)) => match operator.test(&a, &b) {
                Some(truth) => Self::Truth(truth),
                None => Self::Double(operator.double(a, b)?),
            },
            (Self::Integer(a), Self::Integer(b)) => match operator.test(&a, &b) {
                Some(truth) => Self::Truth(truth),
                None => Self::Integer(operator.integer(a, b)?),
            },
            (Self::Truth(a), Self::Truth(b)) => Self::Truth(operator.truth(a, b)?),
            _ => return None,
        })
    }

    /// What an operator of one operand makes of it.
    #[allow(clippy::cast_possible_truncation, reason = "a 32-bit float in, a 32-bit float out")]
    pub(crate) fn through(self, operator: Unary) -> Option<Self> {
        Some(match (self, operator) {
            (Self::Truth(value), Unary::Not) => Self::Truth(!value),
            (_, Unary::Not) | (Self::Truth(_), _) => return None,
            (Self::Single(value), _) => Self::Single(operator.real(f64::from(value)) as f32),
            (Self::Double(value), _) => Self::Double(operator.real(value)),
            (Self::Integer(value), Unary::Neg) => Self::Integer(value.wrapping_neg()),
            (Self::Integer(value), Unary::Abs) => Self::Integer(value.wrapping_abs()),
            (Self::Integer(_), _) => return None,
        })
    }
}

/// The integer that a real number is cast to: cut towards 0, and what has none is the least integer, as it is where
/// onnxruntime's results come from.
#[allow(clippy::cast_possible_truncation, reason = "what is out of range was sorted out")]
fn whole_part(value: f64) -> i64 {
    const BEYOND: f64 = 9_223_372_036_854_775_808.0;
    if (-BEYOND..BEYOND).contains(&value) { value as i64 } else { i64::MIN }
}
