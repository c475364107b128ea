//! The build without an engine: it scores forests alone.

use crate::onnx::ModelError;
use crate::score::ScoreError;

/// A graph in an engine: there is none, so there are no values of this type.
#[derive(Debug)]
pub(crate) enum Graph {}

impl Graph {
    pub(crate) fn load(_bytes: &[u8]) -> Result<Self, ModelError> {
        Err(ModelError::NeedsTract(None))
    }

    pub(crate) fn columns(&self) -> usize {
        match *self {}
    }

    pub(crate) fn is_wide(&self) -> bool {
        match *self {}
    }

    pub(crate) fn decisions(&self, _rows: &[f64]) -> Result<Vec<f64>, ScoreError> {
        match *self {}
    }

    pub(crate) fn outputs(&self, _rows: &[f64]) -> Result<Vec<Vec<f64>>, ScoreError> {
        match *self {}
    }
}
