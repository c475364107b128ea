//! What a graph does to one number after another: chains of operators with one operand that is no constant.

use super::calculate::{Binary, Unary};
use super::number::{Kind, Number};
use std::collections::BTreeMap;
use std::sync::Arc;

/// A step of a chain.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Step {
    Through(Unary),
    /// The number is the first operand.
    Before(Number, Binary),
    /// The number is the second operand.
    After(Binary, Number),
    Cast(Kind),
    /// What stands in for a missing value.
    Fill(Number),
    /// What stands in for a value that means a missing one.
    Replace(Number, Number),
    /// 1 for this category, 0 for others.
    Is(Number),
    /// Refuses what is none of these categories.
    Among(Arc<[Number]>),
    Choose(Number, Number),
    Clip(Number, Number),
    Look(Arc<Table>),
}

/// A table from numbers to numbers.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Table {
    pub(crate) entries: BTreeMap<u64, Number>,
    pub(crate) otherwise: Number,
}

impl Table {
    /// What a table is keyed by: a number's bits, with one zero and one NaN.
    pub(crate) fn key(number: Number) -> u64 {
        match number {
            Number::Integer(value) => value.cast_unsigned(),
            other if other.is_nan() => f64::NAN.to_bits(),
            other => (other.real() + 0.0).to_bits(),
        }
    }
}

impl Step {
    /// The number after this step; nothing where the graph refuses the number.
    pub(crate) fn apply(&self, number: Number) -> Option<Number> {
        match self {
            Self::Through(operator) => number.through(*operator),
            Self::Before(first, operator) => first.with(*operator, number),
            Self::After(operator, second) => number.with(*operator, *second),
            Self::Cast(kind) => Some(number.cast(*kind)),
            Self::Fill(value) => Some(if number.is_nan() { *value } else { number }),
            Self::Replace(from, to) => Some(if number == *from { *to } else { number }),
            Self::Is(category) => Some(Number::Single(if number == *category { 1.0 } else { 0.0 })),
            Self::Among(categories) => categories.contains(&number).then_some(number),
            Self::Choose(a, b) => Some(if number.real() == 0.0 { *b } else { *a }),
            Self::Clip(..) if number.is_nan() => Some(number),
            Self::Clip(low, high) => number.with(Binary::Max, *low)?.with(Binary::Min, *high),
            Self::Look(table) => Some(table.entries.get(&Table::key(number)).copied().unwrap_or(table.otherwise)),
        }
    }

    /// Whether numbers in order stay in order (`true`) or come out in the reverse order (`false`), infinite ones
    /// included; nothing where neither is sure. Missing values are another matter.
    pub(super) fn keeps_order(&self) -> Option<bool> {
        let finite = |number: &Number| number.real().is_finite();
        let sign = |number: &Number| (finite(number) && number.real() != 0.0).then(|| number.real() > 0.0);
        match self {
            Self::Through(Unary::Neg) => Some(false),
            Self::Before(number, Binary::Add) | Self::After(Binary::Add | Binary::Sub, number) => {
                finite(number).then_some(true)
            }
            Self::Before(number, Binary::Sub) => finite(number).then_some(false),
            Self::Before(number, Binary::Mul) | Self::After(Binary::Mul | Binary::Div, number) => sign(number),
            Self::Cast(Kind::Single | Kind::Double) | Self::Fill(_) => Some(true),
            Self::Clip(low, high) => (!low.is_nan() && !high.is_nan()).then_some(true),
            _ => None,
        }
    }
}

/// The number after a chain of steps.
pub(crate) fn through(steps: &[Step], number: Number) -> Option<Number> {
    steps.iter().try_fold(number, |number, step| step.apply(number))
}
