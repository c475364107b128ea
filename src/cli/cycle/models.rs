//! The registry, as the cycle uses it.

use super::super::output::Files;
use super::challenger::Challenger;
use crate::score::Model;
use anyhow::{Context, Result};
use std::path::PathBuf;

/// The folder of models.
pub(super) struct Models {
    folder: PathBuf,
}

impl Models {
    pub(super) fn open(folder: PathBuf) -> Result<Self> {
        std::fs::create_dir_all(&folder).with_context(|| format!("cannot make the folder {}", folder.display()))?;
        Ok(Self { folder })
    }

    pub(super) fn champion(&self) -> Result<Option<String>> {
        match std::fs::read_to_string(self.folder.join("champion")) {
            Ok(text) => Ok(Some(text.trim().to_owned())),
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(None),
            Err(error) => Err(error).context("cannot read the champion"),
        }
    }

    pub(super) fn model(&self, id: &str) -> Result<Model> {
        let path = self.folder.join("versions").join(id).join("model.onnx");
        let bytes = std::fs::read(&path).with_context(|| format!("cannot read the model {}", path.display()))?;
        Ok(Model::from_onnx(&bytes)?)
    }

    pub(super) fn add(&self, made: &Challenger) -> Result<()> {
        let mut files = Files::new(&self.folder.join("versions").join(made.model.sha256()))?;
        let file = files.add("model.onnx")?;
        files.write(file, &made.onnx)?;
        files.finish()
    }

    pub(super) fn promote(&self, id: &str, _why: &str, _now: &str) -> Result<()> {
        let mut files = Files::new(&self.folder)?;
        let file = files.add("champion")?;
        files.write(file, format!("{id}\n").as_bytes())?;
        files.finish()
    }
}
