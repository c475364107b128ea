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

mod accepted;
mod audit;
mod cel;
mod cli;
mod common;
mod compatible;
mod contract;
mod cycle;
mod derived;
mod digits;
mod documentation;
mod doubles;
mod drift;
mod duplicates;
mod email;
mod evaluate;
mod feeds;
mod foreign;
mod forest;
mod hostile;
mod infer;
mod json;
mod keys;
mod masks;
mod naughty;
mod onnx;
mod options;
mod oracle;
mod parity;
mod privacy;
mod pydantic;
mod quality;
mod registry;
mod replay;
mod scan;
mod schema;
mod score;
mod shipped;
mod split;
mod textproto;
mod track;
mod training;
mod way;
