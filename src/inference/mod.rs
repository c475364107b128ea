//! The inference protocols that tools of machine learning speak: rows of the model's own features in, its outputs out.
//!
//! ```text
//! POST /v2/models/{name}/infer   tensor   one tensor `features` [n, d]           -> `label` [n, 1], `scores` [n, 1]
//! POST /invocations              frame    rows, records or columns; JSON or CSV  -> one record of both a row
//!                                         |
//!                                       table -> blocks of rows -> the model
//! ```
//! The first is the Open Inference Protocol (of `KServe` and Triton), the second MLflow's scoring protocol. Here are features, not
//! records: nothing is repaired, checked against the contract or masked, so nothing is guessed either. The names are those
//! of the exported ONNX model, and of the MLflow model that is logged; null is a missing value. Bodies are read as they
//! stand, without a tree of values; a [`Fault`] names the place in them and never a value.

mod answer;
mod cell;
mod csv;
mod fault;
mod frame;
mod reading;
mod rows;
mod served;
mod table;
mod tensor;
#[cfg(test)]
mod tests;

pub use fault::{Fault, Flaw, Place};
pub use served::{Served, server};
pub use table::MOST_ROWS;
