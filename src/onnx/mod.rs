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
//! A forest that splits by planes or subsets has a few more operators in front. [`fold`] states the trees as
//! ai.onnx.ml 5's `TreeEnsemble` instead, and rewrites other people's forests so. The outputs are named and shaped as
//! skl2onnx's. What is no part of the computation (features, scaler, contract, parameters, training reference) travels
//! in `metadata_props`.

pub(crate) mod attributes;
pub(crate) mod calculate;
pub(crate) mod ensemble;
pub(crate) mod error;
mod explanations;
mod export;
mod flat;
mod fold;
mod form;
mod front;
pub(crate) mod graph;
mod lay;
mod metadata;
pub(crate) mod number;
mod packed;
mod plain;
mod prepare;
mod read;
mod recognise;
mod rewrite;
pub(crate) mod step;
mod tensor;
pub(crate) mod trace;
mod wire;
mod wood;

pub use error::{EnsembleError, MetadataFlaw, ModelError, NoForest, OperatorName};
pub use explanations::export_explanations;
pub use export::{ExportError, export};
pub use metadata::{
    ContractRef, Metadata, SCORE_BINS, Scaler, ThresholdRule, Training, column_quantiles, score_histogram,
};
pub use rewrite::{FoldError, Folded, fold};
pub use wood::MlOpset;

pub(crate) use prepare::{Prepare, Refused};
pub(crate) use read::{Recognised, read};
