//! The page's face: a [`Session`] takes bytes and gives back NDJSON and JSON, and decides nothing itself.

mod error;
mod options;
mod outputs;
mod session;

pub use session::Session;
