//! Models as ONNX files: the export of a forest, and the reader that recognises one.
//!
//! A forest travels as standard ONNX (ai.onnx 13, ai.onnx.ml 3), so that any runtime scores it:
//! ```text
//! features [N, D] float
//!   -> TreeEnsembleRegressor (SUM of (depth + c(rows)) / (trees · c(ψ)))   -> depth
//!   -> Neg -> Pow(2, ·)                                                    -> score, the paper's, in (0, 1)
//!   -> Neg -> Sub(·, offset)                                               -> scores [N, 1] float, the decision
//!   -> Less(·, 0) -> Where(·, -1, 1)                                       -> label [N, 1] int64, -1 is odd
//! ```
//! A forest that splits by planes or subsets has a few more operators in front. The outputs are named and shaped as skl2onnx's. What is no part of the computation (features, scaler, contract,
//! parameters, training reference) travels in `metadata_props`.

mod attributes;
pub(crate) mod ensemble;
mod error;
mod explanations;
mod export;
mod front;
mod graph;
mod metadata;
mod read;
mod tensor;

pub use error::{EnsembleError, MetadataFlaw, ModelError};
pub use explanations::export_explanations;
pub use export::{ExportError, export};
pub use metadata::{
    ContractRef, Metadata, SCORE_BINS, Scaler, ThresholdRule, Training, column_quantiles, score_histogram,
};
pub(crate) use read::{Recognised, read};
