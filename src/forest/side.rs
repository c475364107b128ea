//! On which side of the others a value stands.

use super::Forest;
use super::explain::{Explainer, Reason};
use super::tree::{Node, goes_left};

/// A side of a split.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Side {
    /// Greater than the others.
    Above,
    /// Less than the others.
    Below,
}

impl Side {
    /// The name on the wire.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Above => "above",
            Self::Below => "below",
        }
    }
}

impl Explainer {
    /// Finds for each reason the side on which its feature's splits saved more of the row's path.
    ///
    /// Only what shortened the path counts: on its way to a nearly empty side a great value turns below many a threshold
    /// between it and a greater one, together with nearly all others.
    pub(super) fn find_sides(&self, forest: &Forest, row: &[f32], reasons: &mut [Reason]) {
        let mut saved = vec![(0.0, 0.0); reasons.len()];
        for (tree, expected) in forest.trees().iter().zip(&self.expected) {
            let length = |at: usize| expected.get(at).copied().unwrap_or(0.0);
            let mut at = 0;
            while let Some(&Node::Split { feature, threshold, right, missing_left }) = tree.nodes().get(at) {
                let value = tree.value(feature, row);
                let below = goes_left(value, threshold, missing_left);
                let next = if below { at + 1 } else { right as usize };
                let place = reasons.iter().position(|reason| reason.feature == feature as usize);
                if let Some((under, over)) = place.and_then(|place| saved.get_mut(place)) {
                    let less = (length(at) - length(next)).max(0.0);
                    *(if below { under } else { over }) += less;
                }
                at = next;
            }
        }
        for (reason, (under, over)) in reasons.iter_mut().zip(saved) {
            reason.side = match f64::total_cmp(&over, &under) {
                std::cmp::Ordering::Greater => Some(Side::Above),
                std::cmp::Ordering::Less => Some(Side::Below),
                std::cmp::Ordering::Equal => None,
            };
        }
    }
}
