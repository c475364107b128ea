//! Loads the model that a command scores with.

use crate::builtin;
use crate::pipeline::Sieve;
use crate::score::Model;
use anyhow::{Context, Result, bail};
use std::path::Path;

/// The model at a path.
pub(super) fn load(path: &Path) -> Result<Model> {
    let name = path.display();
    let bytes = std::fs::read(path).with_context(|| format!("cannot read the model {name}"))?;
    Model::from_onnx(&bytes).with_context(|| format!("cannot load {name}"))
}

/// Adds the model at a path to a sieve, or the built-in one where the contract is the built-in one too.
pub(super) fn attach(sieve: Sieve, path: Option<&Path>) -> Result<Sieve> {
    let (name, bytes) = match path {
        Some(path) => {
            let name = path.display().to_string();
            let bytes = std::fs::read(path).with_context(|| format!("cannot read the model {name}"))?;
            (name, bytes)
        }
        None if sieve.contract().source() == builtin::CONTRACT => {
            ("the built-in model".to_owned(), builtin::MODEL.to_vec())
        }
        None => bail!("this contract has no built-in model: name one with --model, or train one with `tamis train`"),
    };
    let model = Model::from_onnx(&bytes).with_context(|| format!("cannot load {name}"))?;
    sieve.with_model(model).with_context(|| format!("cannot use {name}"))
}
