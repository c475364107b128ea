//! What a batch is like: counts, profiles of fields, extremes. Everything here can be merged, so that parts of a batch
//! may be counted on their own.

mod distinct;
mod profile;
mod quantiles;
pub mod report;
mod summary;

pub use summary::{SCORE_BINS, Summary};
