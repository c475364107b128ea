//! The interval of an average precision, by resampling the rows (Efron 1979).

use super::{CONFIDENCE, Ranking};
use rand_xoshiro::Xoshiro256PlusPlus;
use rand_xoshiro::rand_core::{Rng, SeedableRng};

/// Computes so many resamples by their number, in any order and on any threads; returns them in their order.
pub type Repeat<'r> = &'r dyn Fn(usize, &(dyn Fn(usize) -> f64 + Sync)) -> Vec<f64>;

/// Resamples of an interval, and the fewest on many rows.
const MOST: usize = 1000;
const FEWEST: usize = 200;
/// Rows that may be visited in all.
const VISITS: usize = 400_000_000;

/// The percentile interval of the runs' mean average precision, and how many resamples it is of.
///
/// The outliers and the others are resampled apart, so each resample has as many of both as the data. All runs see the
/// same resample: they are of the same rows.
#[allow(clippy::cast_precision_loss, reason = "a count of runs")]
pub(super) fn average_precision(
    labels: &[bool],
    rankings: &[Ranking],
    seed: u64,
    repeat: Repeat<'_>,
) -> (Option<(f64, f64)>, usize) {
    let visits = labels.len().saturating_mul(rankings.len() + 1).max(1);
    let count = (VISITS / visits).clamp(FEWEST, MOST);
    let of = |kind: bool| (0_u32..).zip(labels).filter(|(_, label)| **label == kind).map(|(row, _)| row).collect();
    let kinds: [Vec<u32>; 2] = [of(true), of(false)];
    let resample = |number: usize| {
        let mut random = Xoshiro256PlusPlus::seed_from_u64(seed ^ (number as u64).wrapping_mul(0x9e37_79b9_7f4a_7c15));
        let mut times = vec![0_u32; labels.len()];
        for kind in &kinds {
            for _ in kind {
                if let Some(times) =
                    kind.get(below(kind.len(), &mut random)).and_then(|row| times.get_mut(*row as usize))
                {
                    *times += 1;
                }
            }
        }
        let weight = |row: u32| times.get(row as usize).copied().unwrap_or(0);
        let all = rankings.iter().map(|ranking| ranking.weighted_average_precision(labels, weight));
        all.sum::<f64>() / rankings.len() as f64
    };
    let mut values = repeat(count, &resample);
    values.sort_unstable_by(f64::total_cmp);
    let outside = (1.0 - CONFIDENCE) / 2.0;
    let at = |share: f64| quantile(&values, share);
    (at(outside).zip(at(1.0 - outside)), count)
}

/// A number below `bound`, uniform but for a bias under 2^-32.
#[allow(clippy::cast_possible_truncation, reason = "below a usize")]
fn below(bound: usize, random: &mut Xoshiro256PlusPlus) -> usize {
    ((u128::from(random.next_u64()) * bound as u128) >> 64) as usize
}

/// A quantile of sorted values, interpolated as numpy's.
#[allow(clippy::cast_precision_loss, reason = "a thousand values")]
#[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "between 0 and the count")]
fn quantile(sorted: &[f64], share: f64) -> Option<f64> {
    let place = share * sorted.len().checked_sub(1)? as f64;
    let below = *sorted.get(place as usize)?;
    let above = sorted.get(place as usize + 1).copied().unwrap_or(below);
    Some(below + (above - below) * (place - libm::floor(place)))
}
