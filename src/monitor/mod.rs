//! What happened over many batches, for whoever watches the service: counts that merge by addition, and their text for
//! Prometheus; and [`drift`].
//!
//! A label is the name of a field, a code, a rule or a route, never anything that came with a record.

pub mod control;
mod counts;
pub mod drift;
pub mod gate;
pub mod planted;
mod prometheus;
mod text;
pub mod trigger;

pub use counts::{Counts, LATENCY_BOUNDS};
pub use prometheus::{CONTENT_TYPE, Info, Watched, prometheus};
