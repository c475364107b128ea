//! Where a value stands among those that were seen: a small sketch of a distribution, kept inside a model.

use serde::{Deserialize, Serialize};

/// The shares at which a sketch knows the values exactly, from each end, in millionths: 1, 2, 5 in every decade.
const TAIL: [u32; 13] = [1, 10, 20, 50, 100, 200, 500, 1_000, 2_000, 5_000, 10_000, 20_000, 50_000];
/// The same between the tails: tenths.
const MIDDLE: [u32; 9] = [100_000, 200_000, 300_000, 400_000, 500_000, 600_000, 700_000, 800_000, 900_000];
/// Different values up to which a sketch is exact.
const FEW: usize = 32;

/// A distribution of numbers in at most 37 knots.
///
/// Of few different values it knows every count. Of many it knows the exact counts at the ends, at every tenth, and at
/// 5, 2, 1, 0.5, … per cent from either end down to one in a million; between two knots it interpolates, and cannot be
/// wrong by more than what lies between them.
///
/// # Example
/// ```
/// use tamis::quantiles::Quantiles;
///
/// let mut values: Vec<f32> = (0..10_000_u16).map(f32::from).collect();
/// let seen = Quantiles::of(&mut values).unwrap();
/// assert!((seen.below(9_998.0) - 0.9998).abs() < 1e-9);
/// assert_eq!((seen.below(-1.0), seen.below(20_000.0)), (0.0, 1.0));
/// ```
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Quantiles {
    /// Values seen.
    count: u64,
    /// A value, how many were less, and how many were equal; ascending.
    knots: Vec<(f32, u64, u64)>,
}

impl Quantiles {
    /// The sketch of these values, which are sorted in place; what is no finite number is left out. None of no values.
    #[must_use]
    pub fn of(values: &mut [f32]) -> Option<Self> {
        values.sort_unstable_by(f32::total_cmp);
        // NaN and the infinities stand at the ends of the order.
        let start = values.iter().position(|value| value.is_finite())?;
        let length = values.iter().skip(start).take_while(|value| value.is_finite()).count();
        let values = values.get(start..start + length)?;
        let count = values.len() as u64;
        let starts = |value: f32| values.partition_point(|other| *other < value) as u64;
        let ends = |value: f32| values.partition_point(|other| *other <= value) as u64;
        let mut places: Vec<usize> = Vec::new();
        let mut at = 0;
        while at < values.len() && places.len() <= FEW {
            places.push(at);
            at = usize::try_from(ends(*values.get(at)?)).ok()?;
        }
        if at < values.len() {
            places = grid(values.len());
        }
        let knot =
            |place: usize| values.get(place).map(|value| (value + 0.0, starts(*value), ends(*value) - starts(*value)));
        let mut knots: Vec<(f32, u64, u64)> = places.into_iter().filter_map(knot).collect();
        knots.dedup_by(|a, b| a.1 == b.1);
        Some(Self { count, knots })
    }

    /// The share of the values seen that is less than this one, in \[0, 1\]: 1 above all of them.
    #[must_use]
    pub fn below(&self, value: f32) -> f64 {
        self.share(value, true)
    }

    /// The share of the values seen that is at most as great as this one, in \[0, 1\].
    #[must_use]
    pub fn up_to(&self, value: f32) -> f64 {
        self.share(value, false)
    }

    /// The sketch of scores, which it keeps in 32 bits.
    #[must_use]
    pub fn of_scores(scores: &[f64]) -> Option<Self> {
        Self::of(&mut scores.iter().map(|score| single(*score)).collect::<Vec<_>>())
    }

    /// The share of the scores seen that is less than this one, in \[0, 1\].
    #[must_use]
    pub fn below_score(&self, score: f64) -> f64 {
        self.below(single(score))
    }

    #[allow(clippy::cast_precision_loss, reason = "counts of rows stay far below 2^53")]
    fn share(&self, value: f32, less: bool) -> f64 {
        let next = self.knots.partition_point(|knot| knot.0 < value);
        let before = next.checked_sub(1).and_then(|before| self.knots.get(before));
        let count = match (before, self.knots.get(next)) {
            (_, Some(knot)) if knot.0 <= value => (if less { knot.1 } else { knot.1 + knot.2 }) as f64,
            (Some(low), Some(high)) => {
                let from_low = |value: f32| f64::from(value) - f64::from(low.0);
                let part = from_low(value) / from_low(high.0);
                let (from, to) = ((low.1 + low.2) as f64, high.1 as f64);
                from + (to - from) * part.clamp(0.0, 1.0)
            }
            (None, _) => 0.0,
            (Some(_), None) => self.count as f64,
        };
        if self.count == 0 { 0.0 } else { (count / self.count as f64).clamp(0.0, 1.0) }
    }

    /// Whether a sketch read from a file says what [`of`](Self::of) could have said.
    pub(crate) fn is_sound(&self) -> bool {
        let end = |knot: &(f32, u64, u64)| knot.1.checked_add(knot.2).filter(|end| *end <= self.count && knot.2 > 0);
        let rises = |pair: &[(f32, u64, u64)]| match pair {
            [low, high] => low.0 < high.0 && end(low).is_some_and(|end| end <= high.1),
            _ => true,
        };
        let whole = |knot: &(f32, u64, u64)| knot.0.is_finite() && end(knot).is_some();
        !self.knots.is_empty() && self.knots.iter().all(whole) && self.knots.windows(2).all(rises)
    }
}

/// A score in 32 bits: rounding keeps the order, so long as what is asked is rounded as what was seen.
#[allow(clippy::cast_possible_truncation, reason = "rounding is meant")]
fn single(score: f64) -> f32 {
    score as f32
}

/// The places that a sketch of many values looks at, in ascending order.
fn grid(count: usize) -> Vec<usize> {
    let place = |millionths: u32| {
        let place = (count as u64 - 1) * u64::from(millionths) / 1_000_000;
        usize::try_from(place).unwrap_or(0)
    };
    let low = TAIL.iter().map(|tail| place(*tail));
    let high = TAIL.iter().rev().map(|tail| count - 1 - place(*tail));
    let mut places: Vec<usize> = std::iter::once(0).chain(low).chain(MIDDLE.map(place)).chain(high).collect();
    places.push(count - 1);
    places.dedup();
    places
}

#[cfg(test)]
#[allow(clippy::cast_precision_loss, clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "small counts")]
#[allow(clippy::float_cmp, reason = "what is counted is exact")]
mod tests {
    use super::Quantiles;
    use proptest::prelude::*;

    #[test]
    fn nothing_has_no_distribution() {
        assert_eq!(Quantiles::of(&mut []), None);
        assert_eq!(Quantiles::of(&mut [f32::NAN, f32::INFINITY, -f32::NAN]), None);
        assert!(!Quantiles { count: 3, knots: vec![(1.0, 0, 2), (0.5, 2, 1)] }.is_sound());
    }

    proptest! {
        /// Of few different values the shares are exact.
        #[test]
        fn few_values_are_counted(values in prop::collection::vec(-8_i8..8, 1..400), asked in -9_i8..9) {
            let mut list: Vec<f32> = values.iter().map(|value| f32::from(*value)).collect();
            list.push(f32::NAN);
            let seen = Quantiles::of(&mut list).unwrap();
            let share = |count: usize| count as f64 / values.len() as f64;
            prop_assert!(seen.is_sound());
            prop_assert_eq!(seen.below(asked.into()), share(values.iter().filter(|value| **value < asked).count()));
            prop_assert_eq!(seen.up_to(asked.into()), share(values.iter().filter(|value| **value <= asked).count()));
            prop_assert_eq!(seen.up_to(f32::from(asked) + 0.5), seen.below(f32::from(asked) + 0.5));
        }

        /// Of many they are within what lies between two knots: a tenth in the middle, less and less at the ends.
        #[test]
        fn many_values_are_sketched(seed in any::<u64>(), asked in 0.0_f64..1.0) {
            let mut state = seed | 1;
            let mut next = || { state ^= state << 13; state ^= state >> 7; state ^= state << 17; (state >> 40) as f32 };
            let mut values: Vec<f32> = (0..20_000).map(|_| { let x = next() / 1.7e7; x * x * x }).collect();
            let seen = Quantiles::of(&mut values).unwrap();
            prop_assert!(seen.is_sound() && seen.knots.len() <= 37);
            let value = values[((asked * 19_999.0) as usize).min(19_999)];
            let truth = values.iter().filter(|other| **other < value).count() as f64 / 20_000.0;
            let near = truth.min(1.0 - truth);
            let allowed = if near > 0.1 { 0.1 } else { 1.6 * near + 1e-4 };
            prop_assert!((seen.below(value) - truth).abs() <= allowed, "{} {truth}", seen.below(value));
        }
    }
}
