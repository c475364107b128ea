//! What a batch is like: counts, profiles of fields, extremes. Everything here can be merged, so that parts of a batch
//! may be counted on their own.

mod columns;
mod digest;
mod distinct;
mod faults;
mod moments;
mod numbers;
mod profile;
pub mod report;
mod summary;
mod top;
mod wire;

pub(crate) use columns::{Place, Role, Seen, roles};
pub use summary::{SCORE_BINS, Summary};
