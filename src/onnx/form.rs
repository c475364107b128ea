//! What a chain of operators makes of a sum, as a formula.

use super::calculate::{Binary, Unary};
use super::number::{Kind, Number};
use super::step::Step;

/// A chain of operators on a sum s.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Form {
    /// slope · s + shift.
    Line { slope: f64, shift: f64 },
    /// factor · 2^(slope · s + shift) + add.
    Power { factor: f64, add: f64, slope: f64, shift: f64 },
    /// Something that differs on the two sides of this power of 2.
    Test { score: f64 },
    /// Anything else.
    Other,
}

impl Form {
    /// The formula of a chain, in exact arithmetic.
    #[allow(clippy::float_cmp, reason = "the base that a graph states is 2 or is not")]
    pub(super) fn of(steps: &[Step]) -> Self {
        steps.iter().fold(Self::Line { slope: 1.0, shift: 0.0 }, |form, step| match (form, step) {
            // What is made of an answer does not move the place where it changes.
            (Self::Test { .. }, Step::Look(_)) => Self::Other,
            (Self::Test { score }, _) => Self::Test { score },
            (_, Step::Cast(Kind::Single | Kind::Double)) => form,
            (Self::Line { slope, shift }, Step::Before(base, Binary::Pow)) if base.real() == 2.0 => {
                Self::Power { factor: 1.0, add: 0.0, slope, shift }
            }
            (Self::Line { slope, shift }, Step::Through(Unary::Exp)) => {
                let nats = std::f64::consts::LOG2_E;
                Self::Power { factor: 1.0, add: 0.0, slope: slope * nats, shift: shift * nats }
            }
            (Self::Power { factor, add, .. }, Step::After(operator, number)) if tests(*operator) => {
                Self::Test { score: (number.real() - add) / factor }
            }
            (_, step) => form.moved(step),
        })
    }

    /// The form after a step of addition or multiplication.
    fn moved(self, step: &Step) -> Self {
        let Some((times, plus)) = line(step) else { return Self::Other };
        match self {
            Self::Line { slope, shift } => Self::Line { slope: slope * times, shift: shift * times + plus },
            Self::Power { factor, add, slope, shift } => {
                Self::Power { factor: factor * times, add: add * times + plus, slope, shift }
            }
            Self::Test { .. } | Self::Other => Self::Other,
        }
    }
}

fn tests(operator: Binary) -> bool {
    matches!(operator, Binary::Less | Binary::LessOrEqual | Binary::Greater | Binary::GreaterOrEqual)
}

/// A step as a multiplication and an addition after it.
fn line(step: &Step) -> Option<(f64, f64)> {
    let real = Number::real;
    Some(match step {
        Step::Through(Unary::Neg) => (-1.0, 0.0),
        Step::Before(number, Binary::Add) | Step::After(Binary::Add, number) => (1.0, real(*number)),
        Step::After(Binary::Sub, number) => (1.0, -real(*number)),
        Step::Before(number, Binary::Sub) => (-1.0, real(*number)),
        Step::Before(number, Binary::Mul) | Step::After(Binary::Mul, number) => (real(*number), 0.0),
        Step::After(Binary::Div, number) => (1.0 / real(*number), 0.0),
        _ => return None,
    })
}
