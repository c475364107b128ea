//! Loads the model that a command scores with; `model`: rewrites models.

use super::End;
use super::args::{ModelArgs, ModelCommand};
use super::output::Files;
use super::progress::say;
use crate::builtin;
use crate::onnx::{MlOpset, fold};
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

/// `tamis model`.
pub(super) fn model(args: &ModelArgs) -> Result<End> {
    let ModelCommand::Fold { file, out, ml } = &args.command;
    let name = file.display();
    let bytes = std::fs::read(file).with_context(|| format!("cannot read the model {name}"))?;
    let opset = if ml == "5" { MlOpset::Five } else { MlOpset::Three };
    let folded = fold(&bytes, opset).with_context(|| format!("cannot fold {name}"))?;
    let (mut files, id) = Files::one(out)?;
    files.write(id, &folded.onnx)?;
    files.finish()?;
    say(&format!(
        "{} operators became {}, {} bytes became {}; equal on {} rows at the thresholds",
        folded.before,
        folded.after,
        bytes.len(),
        folded.onnx.len(),
        folded.rows
    ));
    Ok(End::Done)
}
