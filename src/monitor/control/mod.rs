//! Whether a batch's share of refused, or of flagged, records is still ordinary.

mod beta;
mod blocks;
mod chart;
mod differ;
mod spread;

pub use blocks::{Blocks, Observed};
pub use chart::{Chart, ENOUGH_BATCHES, Limits, MOST_BATCHES, Past, Rule, Sides};
pub use differ::Differ;
pub use spread::Spread;
