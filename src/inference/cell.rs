//! What one number of a row may be, and what it becomes.

use super::reading::Scalar;
use crate::features::narrow;

/// What stands for a number: a tensor says it by its datatype.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Cell {
    /// A number; true and false are 1 and 0, as in features.
    Any,
    /// A number.
    Float,
    /// A whole number of so many bits.
    Signed(u32),
    /// A whole number of so many bits, from 0.
    Unsigned(u32),
    /// True or false.
    Bool,
}

/// The datatypes that are read, as the protocol names them. Numbers of 16 bits are not: JSON cannot say which they are.
const DATATYPES: [(&str, Cell); 11] = [
    ("FP32", Cell::Float),
    ("FP64", Cell::Float),
    ("INT8", Cell::Signed(8)),
    ("INT16", Cell::Signed(16)),
    ("INT32", Cell::Signed(32)),
    ("INT64", Cell::Signed(64)),
    ("UINT8", Cell::Unsigned(8)),
    ("UINT16", Cell::Unsigned(16)),
    ("UINT32", Cell::Unsigned(32)),
    ("UINT64", Cell::Unsigned(64)),
    ("BOOL", Cell::Bool),
];

/// A number of the row, or nothing where the cell may not hold it.
pub(super) type Value = Option<f32>;

impl Cell {
    /// The cells of a datatype.
    pub(super) fn of(datatype: &str) -> Option<Self> {
        DATATYPES.iter().find(|(name, _)| *name == datatype).map(|(_, cell)| *cell)
    }

    /// The names of the datatypes.
    pub(super) fn datatypes() -> String {
        DATATYPES.map(|(name, _)| name).join(", ")
    }

    /// What it may hold, in words.
    pub(super) fn expected(self) -> String {
        match self {
            Self::Any => "a number, true, false or null".into(),
            Self::Float => "a number or null".into(),
            Self::Signed(bits) => format!("a whole number of {bits} bits"),
            Self::Unsigned(bits) => format!("a whole number of {bits} bits, without a sign"),
            Self::Bool => "true or false".into(),
        }
    }

    /// What a value becomes.
    #[allow(clippy::cast_precision_loss, reason = "a feature becomes the nearest float in the same two steps")]
    pub(super) fn value(self, scalar: Scalar) -> Value {
        let number = matches!(self, Self::Any | Self::Float);
        let (fits, value) = match scalar {
            // A missing value.
            Scalar::Null => (number, f64::NAN),
            Scalar::Bool(value) => (matches!(self, Self::Any | Self::Bool), f64::from(u8::from(value))),
            Scalar::Signed(value) => (number || self.holds(value.into()), value as f64),
            Scalar::Unsigned(value) => (number || self.holds(value.into()), value as f64),
            // With a fraction or a power of ten, or beyond 64 bits.
            Scalar::Float(value) => (number, value),
        };
        fits.then(|| narrow(value))
    }

    /// Whether a whole number has not too many bits.
    fn holds(self, value: i128) -> bool {
        match self {
            Self::Signed(bits) => (-(1 << (bits - 1))..1 << (bits - 1)).contains(&value),
            Self::Unsigned(bits) => (0..1 << bits).contains(&value),
            _ => false,
        }
    }
}
