//! Tamis decides, record by record, what may enter a system: it validates and repairs dirty records against a data
//! contract, masks personal data, and scores anomalies with an Isolation Forest — the same code natively, at the edge
//! and in the browser.
//!
//! # The way
//! ```text
//! bytes -> Record -> Normalised -> Valid<Record> -> Masked -> features -> Score -> Verdict
//!          record    normalise    validate         mask      features    score    verdict
//! ```
//! A stage may name the type before it and nothing after it; [`pipeline`] holds the way in one screen, [`stream`] runs it
//! over bytes that arrive in chunks. Training ([`forest`], [`training`], [`onnx`]), counting ([`quality`], [`monitor`])
//! and synthetic data ([`generate`]) stand beside the way; [`inference`] takes rows of features instead of records; [`seal`] keeps what was rejected for a mended contract;
//! [`privacy`] measures how well masked records hide who they are about; [`registry`] tells what is known of a model, which
//! one is the champion, and who vouches for it.
//!
//! # Invariants
//! * The core has no clock, randomness, thread, file or network: the key, the seed, the contract and the model are
//!   arguments.
//! * Only masked records reach features, verdicts, metrics, reports and models.
//! * Training and serving compute features in one place, and a model carries what it was made for.
//! * Any split of the input into chunks gives the same verdicts, on any number of threads, to the byte.
//! * Memory is bounded by one block of records and the sketches, not by the length of the input: natively the keys of
//!   `x-unique` go to disk beyond a budget; a stream at the edge or in a tab holds them, 17 bytes each.
//!
//! # Faces
//! `cli` (default) is the native binary, `edge` a Cloudflare Worker, `browser` the API of the page. `tract` adds the engine
//! for ONNX models that are no forest. A `cfg` for a face or a target stands in this file alone.

#[cfg(feature = "cli")]
mod audit;
#[cfg(feature = "browser")]
pub mod browser;
pub mod builtin;
#[cfg(feature = "cli")]
pub mod cli;
pub mod compatible;
pub mod contract;
pub mod draft;
#[cfg(feature = "edge")]
mod edge;
pub mod evaluation;
mod features;
pub mod forest;
pub mod generate;
pub mod inference;
pub mod mask;
pub mod monitor;
mod normalise;
pub mod onnx;
pub mod pipeline;
pub mod privacy;
#[doc(hidden)]
pub mod proof;
pub mod quality;
pub mod quantiles;
pub mod record;
pub mod registry;
pub mod score;
pub mod seal;
pub mod stream;
#[cfg(feature = "cli")]
mod track;
pub mod training;
mod unique;
mod validate;
pub mod verdict;

#[cfg(not(feature = "tract"))]
#[path = "onnx/no_engine.rs"]
mod engine;
#[cfg(feature = "tract")]
#[path = "onnx/engine.rs"]
mod engine;
#[cfg(not(feature = "tract"))]
#[path = "onnx/pb.rs"]
mod pb;
#[cfg(feature = "tract")]
use tract_onnx::pb;

#[cfg(not(any(target_arch = "x86_64", target_family = "wasm")))]
#[path = "vectors/plain.rs"]
mod vectors;
#[cfg(target_family = "wasm")]
#[path = "vectors/wasm.rs"]
mod vectors;
#[cfg(target_arch = "x86_64")]
#[path = "vectors/x86.rs"]
mod vectors;

/// Rows that the forest kernel walks side by side: what 16 registers hold natively, and half of it where wasm's
/// engines spill sooner. The scores do not depend on it.
pub(crate) const LANES: usize = if cfg!(target_family = "wasm") { 8 } else { 16 };
