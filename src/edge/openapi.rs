//! The function's description, `/openapi.json`.

use super::problem::Problem;
use super::{answer, in_force};
use serde_json::Value as Json;
use worker::Response;

/// All of the description but what depends on the build: its version, and the contract.
const BASE: &str = include_str!("openapi.json");

/// `GET /openapi.json`.
pub(super) fn answer() -> Result<Response, Problem> {
    answer::json(&in_force::with(|in_force| document(in_force.contract().source()))??)
}

/// The format (3.1) takes JSON Schema as it is, so that the very contract that judges describes the records.
fn document(contract: &[u8]) -> Result<Json, Problem> {
    let broken = |_| Problem::Internal("openapi");
    let mut document: Json = serde_json::from_str(BASE).map_err(broken)?;
    let mut contract: Json = serde_json::from_slice(contract).map_err(broken)?;
    if let Some(contract) = contract.as_object_mut() {
        // A name of its own makes it a document of its own: its references are read within it.
        contract.entry("$id").or_insert_with(|| "/v1/contract".into());
    }
    for (pointer, value) in
        [("/info/version", env!("CARGO_PKG_VERSION").into()), ("/components/schemas/Contract", contract)]
    {
        if let Some(place) = document.pointer_mut(pointer) {
            *place = value;
        }
    }
    Ok(document)
}
