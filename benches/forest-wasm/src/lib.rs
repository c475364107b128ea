//! A model of Tamis for JavaScript's arrays.

use tamis::forest::{Explainer, Matrix};
use tamis::score::Model;
use wasm_bindgen::prelude::{JsError, wasm_bindgen};

/// A loaded model.
#[wasm_bindgen]
pub struct Scorer {
    model: Model,
    explainer: Option<Explainer>,
}

#[wasm_bindgen]
impl Scorer {
    /// Loads an ONNX file.
    #[wasm_bindgen(constructor)]
    pub fn new(bytes: &[u8]) -> Result<Self, JsError> {
        let model = Model::from_onnx(bytes)?;
        let explainer = model.forest().map(Explainer::new);
        Ok(Self { model, explainer })
    }

    /// The decisions on rows that lie one after the other in the array.
    pub fn decisions(&self, values: Vec<f32>) -> Result<Vec<f64>, JsError> {
        let rows = Matrix::from_vec(self.model.columns(), values)?;
        Ok(self.model.score_batch(&rows)?.iter().map(|score| score.decision).collect())
    }

    /// The decision on one row.
    pub fn decision(&self, row: &[f32]) -> Result<f64, JsError> {
        Ok(self.model.score(row)?.decision)
    }

    /// What each feature did to the path lengths of rows that lie one after the other in the array.
    pub fn contributions(&self, values: Vec<f32>) -> Result<Vec<f64>, JsError> {
        let rows = Matrix::from_vec(self.model.columns(), values)?;
        let both = self.model.forest().zip(self.explainer.as_ref());
        let (forest, explainer) = both.ok_or_else(|| JsError::new("the model is no forest"))?;
        Ok(explainer.contributions_batch(forest, &rows).parts)
    }
}
