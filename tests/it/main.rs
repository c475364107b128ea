//! The native tests: one binary.
#![allow(missing_docs, unreachable_pub, reason = "nobody reads a test's documentation but here")]
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::pedantic,
    clippy::disallowed_methods,
    clippy::print_stdout,
    clippy::print_stderr,
    reason = "a test may stop at what it does not expect"
)]

mod cli;
mod forest;
mod json;
mod onnx;
mod parity;
mod quality;
mod score;
mod shipped;
mod way;
