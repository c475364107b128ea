//! The operators of ONNX that work number by number.

/// An operator of one operand.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Unary {
    Neg,
    Abs,
    Exp,
    Log,
    Sigmoid,
    Not,
}

/// An operator of two operands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Binary {
    Add,
    Sub,
    Mul,
    Div,
    Pow,
    Max,
    Min,
    Equal,
    Less,
    LessOrEqual,
    Greater,
    GreaterOrEqual,
    And,
    Or,
}

impl Unary {
    pub(crate) fn named(operator: &str) -> Option<Self> {
        Some(match operator {
            "Neg" => Self::Neg,
            "Abs" => Self::Abs,
            "Exp" => Self::Exp,
            "Log" => Self::Log,
            "Sigmoid" => Self::Sigmoid,
            "Not" => Self::Not,
            _ => return None,
        })
    }

    pub(super) fn real(self, value: f64) -> f64 {
        match self {
            Self::Neg => -value,
            Self::Abs => value.abs(),
            Self::Exp => libm::exp(value),
            Self::Log => libm::log(value),
            Self::Sigmoid => 1.0 / (1.0 + libm::exp(-value)),
            Self::Not => f64::NAN,
        }
    }
}

impl Binary {
    pub(crate) fn named(operator: &str) -> Option<Self> {
        Some(match operator {
            "Add" | "Sum" => Self::Add,
            "Sub" => Self::Sub,
            "Mul" => Self::Mul,
            "Div" => Self::Div,
            "Pow" => Self::Pow,
            "Max" => Self::Max,
            "Min" => Self::Min,
            "Equal" => Self::Equal,
            "Less" => Self::Less,
            "LessOrEqual" => Self::LessOrEqual,
            "Greater" => Self::Greater,
            "GreaterOrEqual" => Self::GreaterOrEqual,
            "And" => Self::And,
            "Or" => Self::Or,
            _ => return None,
        })
    }

    /// The answer of an operator that compares.
    pub(super) fn test<T: PartialOrd>(self, a: &T, b: &T) -> Option<bool> {
        Some(match self {
            Self::Equal => a == b,
            Self::Less => a < b,
            Self::LessOrEqual => a <= b,
            Self::Greater => a > b,
            Self::GreaterOrEqual => a >= b,
            _ => return None,
        })
    }

    /// The result of an operator that calculates, in 32 bits as onnxruntime does.
    #[allow(clippy::cast_possible_truncation, reason = "a power of 32-bit floats is one")]
    pub(super) fn single(self, a: f32, b: f32) -> Option<f32> {
        Some(match self {
            Self::Add => a + b,
            Self::Sub => a - b,
            Self::Mul => a * b,
            Self::Div => a / b,
            Self::Pow => libm::pow(f64::from(a), f64::from(b)) as f32,
            Self::Max | Self::Min if a.is_nan() || b.is_nan() => f32::NAN,
            Self::Max => a.max(b),
            Self::Min => a.min(b),
            _ => return None,
        })
    }

    pub(super) fn double(self, a: f64, b: f64) -> Option<f64> {
        Some(match self {
            Self::Add => a + b,
            Self::Sub => a - b,
            Self::Mul => a * b,
            Self::Div => a / b,
            Self::Pow => libm::pow(a, b),
            Self::Max | Self::Min if a.is_nan() || b.is_nan() => f64::NAN,
            Self::Max => a.max(b),
            Self::Min => a.min(b),
            _ => return None,
        })
    }

    pub(super) fn integer(self, a: i64, b: i64) -> Option<i64> {
        Some(match self {
            Self::Add => a.wrapping_add(b),
            Self::Sub => a.wrapping_sub(b),
            Self::Mul => a.wrapping_mul(b),
            Self::Div => a.checked_div(b)?,
            Self::Max => a.max(b),
            Self::Min => a.min(b),
            _ => return None,
        })
    }

    pub(super) fn truth(self, a: bool, b: bool) -> Option<bool> {
        Some(match self {
            Self::And => a && b,
            Self::Or => a || b,
            Self::Equal => a == b,
            _ => return None,
        })
    }
}
