//! `Masked` -> features: the one table that training and serving share.

use crate::contract::{Contract, Outcome};
use crate::mask::Masked;

/// Computes the features of a masked record, in the contract's order, into `row`.
///
/// True is 1 and false 0, an enumerated text its position; what is missing, or takes too long, is NaN. What a single float cannot hold
/// becomes the nearest one that it can.
pub(crate) fn row(record: &Masked, contract: &Contract, row: &mut Vec<f32>) {
    row.clear();
    row.extend(numbers(record, contract).map(narrow));
}

/// The same in 64 bits, for a model that takes them.
pub(crate) fn doubles(record: &Masked, contract: &Contract) -> Vec<f64> {
    numbers(record, contract).collect()
}

fn numbers(record: &Masked, contract: &Contract) -> impl Iterator<Item = f64> {
    contract.features.iter().map(|feature| match record.run(&feature.program, contract) {
        Outcome::Number(value) => value,
        Outcome::Bool(value) => f64::from(u8::from(value)),
        Outcome::Missing | Outcome::Exhausted => f64::NAN,
    })
}

/// The nearest single float, the greatest for what is beyond it.
#[allow(clippy::cast_possible_truncation, reason = "clamped to the range of f32")]
pub(crate) fn narrow(value: f64) -> f32 {
    value.clamp(f64::from(f32::MIN), f64::from(f32::MAX)) as f32
}
