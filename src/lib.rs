//! Tamis
pub mod builtin;
#[cfg(feature = "cli")]
pub mod cli;
pub mod contract;
mod features;
pub mod forest;
pub mod generate;
pub mod mask;
mod normalise;
pub mod onnx;
pub mod pipeline;
pub mod quality;
pub mod record;
pub mod score;
pub mod stream;
pub mod training;
mod unique;
mod validate;
pub mod verdict;

#[cfg(feature = "tract")]
use tract_onnx::pb;
#[cfg(not(feature = "tract"))]
#[path = "onnx/pb.rs"]
mod pb;
#[cfg(feature = "tract")]
#[path = "onnx/engine.rs"]
mod engine;
#[cfg(not(feature = "tract"))]
#[path = "onnx/no_engine.rs"]
mod engine;

/// Rows that the forest kernel walks side by side: what 16 registers hold natively, and half of it where wasm's
/// engines spill sooner. The scores do not depend on it.
pub(crate) const LANES: usize = if cfg!(target_family = "wasm") { 8 } else { 16 };
