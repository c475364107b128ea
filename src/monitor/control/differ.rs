//! What batches differ by, as far as a past tells that is of other sizes than what comes.

use super::spread::ASSUMED;
use serde::{Deserialize, Serialize};

/// What the assumption counts in degrees of freedom: as much as twelve batches. With fewer, one full batch after many small ones
/// widens the limits for days; with more, batches that do differ raise alarms until many of them have been seen.
const FREEDOM: f64 = 7.0;
/// Steps on each side of the assumption's square, and steps in which that grows by the factor e.
const STEPS: i32 = 48;
const STEPS_TO_E: f64 = 8.0;

/// The part of `σ_z`² that batches which differ add for each record.
///
/// With a chance of a hit that varies from batch to batch with the coefficient of variation c, a batch of n records and odds o has
/// `σ_z² = groups + n·o·c²`. Small batches, such as the rows of each day that a training held out, tell little of c: their moving
/// range, taken for what it seems to be, would be multiplied with all its error for a batch five times as large. So c² is a
/// posterior: an inverse gamma distribution around the assumption c = 0.2 is held against that range, whose distribution is a scaled χ².
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Differ {
    /// Its mean.
    pub mean: f64,
    /// Its variance.
    pub variance: f64,
}

impl Differ {
    /// Learns from the range of batches, with its degrees of freedom, that have so many records on average and odds of a hit; neighbours
    /// alone would give `groups`.
    pub(super) fn of(range: f64, freedom: f64, groups: f64, (records, odds): (f64, f64)) -> Self {
        let assumed = ASSUMED * ASSUMED;
        let shape = FREEDOM / 2.0;
        let at = |step: i32| {
            let square = assumed * libm::exp(f64::from(step) / STEPS_TO_E);
            let factor = groups + records * odds * square;
            let prior = -shape * libm::log(square) - (shape - 1.0) * assumed / square;
            (square, prior - freedom / 2.0 * (libm::log(factor) + range / factor))
        };
        // Steps are even in the logarithm, so the density's 1/c² is in them.
        let likely = (-STEPS..=STEPS).map(at);
        let top = likely.clone().map(|(_, log)| log).fold(f64::MIN, f64::max);
        let (mut all, mut mean, mut square) = (0.0, 0.0, 0.0);
        for (value, log) in likely {
            let weight = libm::exp(log - top);
            all += weight;
            mean += weight * value;
            square += weight * value * value;
        }
        mean /= all;
        let variance = (square / all - mean * mean).max(0.0);
        Self { mean: odds * mean, variance: odds * odds * variance }
    }
}

#[cfg(test)]
mod tests {
    use super::{ASSUMED, Differ};

    const ODDS: f64 = 0.01;

    /// What is found for batches whose range is as large as a variation gives.
    fn found(variation: f64, freedom: f64, records: f64) -> f64 {
        let range = 1.0 + records * ODDS * variation * variation;
        (Differ::of(range, freedom, 1.0, (records, ODDS)).mean / ODDS).sqrt()
    }

    #[test]
    fn without_batches_the_assumption_is_all() {
        let prior = Differ::of(1.0, 0.0, 1.0, (100.0, ODDS));
        assert!((prior.mean / ODDS / ASSUMED / ASSUMED - 1.0).abs() < 0.02, "{prior:?}");
        // That of an inverse gamma distribution of shape 3.5: its mean, squared, by 1.5.
        assert!((prior.variance / prior.mean / prior.mean - 1.0 / 1.5).abs() < 0.1, "{prior:?}");
    }

    #[test]
    fn large_batches_tell_more_than_small_ones() {
        // Twenty of a hundred records leave the assumption as it is, whatever they seem to differ by.
        assert!((found(0.0, 12.0, 100.0) - ASSUMED).abs() < 0.02 && found(0.5, 12.0, 100.0) < 1.3 * ASSUMED);
        // Twenty of a hundred thousand overrule it.
        assert!((found(0.5, 12.0, 1e5) / 0.5 - 1.0).abs() < 0.25 && found(0.02, 12.0, 1e5) < 0.6 * ASSUMED);
        let uncertain = |freedom: f64| {
            let differ = Differ::of(26.0, freedom, 1.0, (1e4, ODDS));
            differ.variance.sqrt() / differ.mean
        };
        assert!(uncertain(60.0) < 0.7 * uncertain(6.0));
    }

    #[test]
    fn what_cannot_be_is_still_a_number() {
        for range in [0.0, 1e-300, 1e300] {
            for records in [1.0, 1e15] {
                let found = Differ::of(range, 62.0, 1.0, (records, ODDS));
                assert!(found.mean.is_finite() && found.variance.is_finite(), "{range} {records}: {found:?}");
            }
        }
    }
}
