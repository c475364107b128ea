//! What is compiled in: the contract for web-shop orders and a model for it.

/// The contract for orders of a web shop, `contracts/orders.json`.
pub const CONTRACT: &[u8] = include_bytes!("../contracts/orders.json");

/// A forest over that contract's features, trained on the shipped sample: `models/default.onnx`, unless the build was told
/// another one.
pub const MODEL: &[u8] = include_bytes!(env!("TAMIS_BUILTIN_MODEL_PATH"));
