//! The features that a tree may split.

use super::Plan;
use crate::forest::plane;
use crate::forest::random::Random;

/// A permutation of the features. Its first `constants` ones are constant in a node: whatever is drawn below the
/// node permutes only what comes after them, so its siblings find them in place. In an extended forest, which
/// knows no constants, those with categories stay behind the others.
pub(super) struct Features(Vec<usize>);

impl Features {
    /// Those of a tree, drawn where it gets only some.
    pub(super) fn draw_some(plan: &Plan, random: &mut Random) -> Self {
        let mut features = plan.varying.clone();
        if plan.features < features.len() {
            plane::choose(&mut features, plan.features, random);
            features.truncate(plan.features);
        }
        if plan.planes.is_some() {
            features.sort_by_key(|&feature| plan.categorical.get(feature).copied().unwrap_or(false));
        }
        Self(features)
    }

    /// Draws a feature past the constants, and tells its place first; none where there is none.
    #[inline]
    pub(super) fn draw(&self, constants: usize, random: &mut Random) -> Option<(usize, usize)> {
        let left = self.0.len().checked_sub(constants).filter(|left| *left > 0)?;
        let place = constants + random.below(left);
        Some((place, *self.0.get(place)?))
    }

    /// Puts the feature at a place behind the constants, as one of them; returns how many there are now.
    #[inline]
    pub(super) fn set_aside(&mut self, place: usize, constants: usize) -> usize {
        self.0.swap(place, constants);
        constants + 1
    }

    pub(super) fn all(&self) -> &[usize] {
        &self.0
    }

    pub(super) fn all_mut(&mut self) -> &mut [usize] {
        &mut self.0
    }
}
