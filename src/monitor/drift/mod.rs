//! Whether later records are like those that a model was made from.
//!
//! ```text
//! records -> Gather -> Reference (bins at its own quantiles, integer counts)
//! records -> Counter -> Window (integer counts in the same bins; adding is merging)
//! Reference, Window, Rules -> Drift -> verdicts -> Hysteresis
//! ```
//! Everything is computed from the counts, so it is exact over any number of files, days, threads and instances, needs
//! no rows, and holds no personal data: the columns are the contract's features and the fields whose mask is `keep`,
//! and a text is named only where at least five records of the reference have it.
//!
//! For each column there are the population stability index, the Jensen-Shannon distance and Pearson's chi-square test,
//! for numbers the Kolmogorov-Smirnov statistic and the Wasserstein-1 distance besides; see [`Rules`] for what is called
//! drift. Acceptance and anomaly rate are held against the reference by the test of two proportions.

mod amounts;
mod bins;
mod cells;
mod chi_square;
mod column;
mod compare;
mod counter;
mod days;
mod error;
mod gamma;
mod gather;
mod hysteresis;
mod jensen_shannon;
mod kolmogorov;
mod multiplicity;
mod plan;
mod proportion;
mod psi;
mod reference;
pub mod report;
mod rules;
mod tables;
#[cfg(test)]
pub(super) mod tests;
mod wasserstein;
mod window;
mod wire;

pub(crate) use bins::short;
pub use bins::{Bins, FEWEST_NAMED};
pub use cells::Cells;
pub use column::Column;
pub use compare::{ColumnDrift, Drift, Ordered, RateDrift};
pub use counter::Counter;
pub use days::Days;
pub use error::DriftError;
pub use gather::Gather;
pub use hysteresis::Hysteresis;
pub use plan::{LeftOut, Plan};
pub use reference::Reference;
pub use rules::{Rules, Verdict};
pub use window::Window;
