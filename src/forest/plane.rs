//! The planes of an extended forest.
//!
//! After Hariri, Kind and Brunner, *Extended Isolation Forest* (2019): a normal with `level` + 1 coordinates drawn from the
//! standard normal distribution, the others 0, and a point drawn uniformly from the box of the node's rows; a row goes
//! left where (x − p) · n ≤ 0. Unlike the paper the features are scaled first, so that their units do not matter.

use super::cut::{Range, round_down};
use super::derived::Scaling;
use super::random::Random;

/// Draws the features of a plane: `count` of them, which end up at the front.
pub(super) fn choose(features: &mut [usize], count: usize, random: &mut Random) {
    for at in 0..count.min(features.len()) {
        let other = at + random.below(features.len() - at);
        features.swap(at, other);
    }
}

/// Draws a plane over some features and the threshold of the rows' places along its normal.
///
/// `range` tells the extremes of a feature in the node, unscaled. A feature without any value there lies at its mean.
#[allow(clippy::cast_possible_truncation, reason = "a coefficient is a 32-bit float, in memory as in the file")]
pub(super) fn draw(
    features: &[usize],
    scaling: &Scaling,
    random: &mut Random,
    mut range: impl FnMut(usize) -> Range,
) -> (Vec<(u32, f32)>, f32) {
    let mut threshold = 0.0;
    let mut terms: Vec<(u32, f32)> = Vec::with_capacity(features.len());
    for &feature in features {
        let weight = random.normal() as f32;
        let name = u32::try_from(feature).unwrap_or(u32::MAX);
        let Range { least, greatest, missing, .. } = range(feature);
        let at = |value| f64::from(scaling.of(name, value));
        let (mut low, mut high) = if least <= greatest { (at(least), at(greatest)) } else { (0.0, 0.0) };
        if missing > 0 {
            // A missing value is seen as the mean, which thus belongs to the box.
            (low, high) = (low.min(0.0), high.max(0.0));
        }
        threshold += f64::from(weight) * (low + random.unit() * (high - low));
        terms.push((name, weight));
    }
    // In the order of the features, which is the one that a file keeps.
    terms.sort_unstable_by_key(|term| term.0);
    (terms, round_down(threshold))
}
