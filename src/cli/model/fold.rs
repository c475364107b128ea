//! `tamis model fold`: rewrites a forest's graph as one ensemble.

use crate::cli::End;
use crate::cli::output::Files;
use crate::cli::progress::say;
use crate::onnx::{MlOpset, fold};
use anyhow::{Context, Result};
use std::path::Path;

pub(super) fn rewrite(file: &Path, out: &Path, ml: &str) -> Result<End> {
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
