//! The families of defects, and how one is put into a draft.

use super::draft::Draft;
use super::order::Order;
use super::random::Random;

/// Defects of one kind.
pub(super) struct Family {
    /// The name in the truth.
    pub(super) name: &'static str,
    /// How often it is drawn, among the families of its table.
    pub(super) weight: u64,
    /// Puts the defect in; false when this order has no place for it.
    pub(super) apply: Apply,
}

/// See [`Family::apply`].
pub(super) type Apply = fn(&mut Draft, &mut Order, &mut Random) -> bool;

impl Family {
    pub(super) const fn new(name: &'static str, weight: u64, apply: Apply) -> Self {
        Self { name, weight, apply }
    }
}

/// Puts one defect of a table into the draft and notes its family.
pub(super) fn inject(table: &[Family], draft: &mut Draft, order: &mut Order, random: &mut Random) {
    // Some families need an order of a certain kind; in each table most fit any, so a few draws find one that fits.
    for _ in 0..64 {
        let Some(family) = random.weighted(table, |family| family.weight) else {
            return;
        };
        if (family.apply)(draft, order, random) {
            if !draft.families.contains(&family.name) {
                draft.families.push(family.name);
            }
            return;
        }
    }
}
