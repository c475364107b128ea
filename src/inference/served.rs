//! The model that is served, as the protocols name it, and what they are answered.

use super::answer::{predictions, tensors};
use super::fault::Fault;
use super::{csv, frame, tensor};
use crate::onnx::graph::{DECISION, INPUT, LABEL};
use crate::score::Model;
use serde_json::{Value as Json, json};

/// A model's name, version and features; they outlive the model itself where that is not needed.
///
/// # Example
/// ```
/// use tamis::builtin;
/// use tamis::contract::Contract;
/// use tamis::inference::Served;
/// use tamis::score::Model;
///
/// let (contract, model) = (Contract::load(builtin::CONTRACT).unwrap(), Model::from_onnx(builtin::MODEL)?);
/// let served = Served::new(contract.name(), contract.feature_names(), &model);
/// let body = br#"{"inputs": [[3, 19.9, 59.7, 0, 1, 0, null]]}"#;
/// let answer = String::from_utf8(served.invoke(&model, body)?)?;
/// assert!(answer.starts_with(r#"{"predictions":[{"label":1,"scores":0."#));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug)]
pub struct Served {
    name: String,
    version: String,
    features: Vec<String>,
}

/// What the protocol's server says of itself.
#[must_use]
pub fn server() -> Json {
    json!({ "name": env!("CARGO_PKG_NAME"), "version": env!("CARGO_PKG_VERSION"), "extensions": [] })
}

impl Served {
    /// A model under the name of its contract, with the names of its features in the order of its columns. Its version is
    /// its [`id`](Model::id).
    pub fn new<'n>(name: &str, features: impl IntoIterator<Item = &'n str>, model: &Model) -> Self {
        let features = features.into_iter().map(ToOwned::to_owned).collect();
        Self { name: name.to_owned(), version: model.id().to_owned(), features }
    }

    /// The model's name.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Its version.
    #[must_use]
    pub fn version(&self) -> &str {
        &self.version
    }

    /// Whether a request is for this model, in this version where it names one.
    #[must_use]
    pub fn is(&self, name: &str, version: Option<&str>) -> bool {
        self.name == name && version.is_none_or(|version| self.version == version)
    }

    /// The model as the Open Inference Protocol describes it.
    ///
    /// The decision is said to have 64 bits, for it is the very number of the verdicts; the ONNX file's graph rounds it.
    #[must_use]
    pub fn metadata(&self) -> Json {
        json!({
            "name": self.name,
            "versions": [self.version],
            "platform": "onnx_tamis",
            "inputs": [{ "name": INPUT, "datatype": "FP32", "shape": [-1, self.features.len()] }],
            "outputs": [
                { "name": LABEL, "datatype": "INT64", "shape": [-1, 1] },
                { "name": DECISION, "datatype": "FP64", "shape": [-1, 1] },
            ],
        })
    }

    /// Answers an inference request of the Open Inference Protocol.
    ///
    /// # Errors
    /// A [`Fault`] with its place when the body does not hold rows of the model's features.
    pub fn infer(&self, model: &Model, body: &[u8]) -> Result<Vec<u8>, Fault> {
        let asked = tensor::asked(body, &self.features)?;
        tensors(&asked, (&self.name, &self.version), model, &self.features)
    }

    /// Answers a scoring request of MLflow in JSON.
    ///
    /// # Errors
    /// As [`infer`](Self::infer).
    pub fn invoke(&self, model: &Model, body: &[u8]) -> Result<Vec<u8>, Fault> {
        predictions(&frame::asked(body, &self.features)?, model, &self.features)
    }

    /// Answers a scoring request of MLflow in CSV with a header.
    ///
    /// # Errors
    /// As [`infer`](Self::infer).
    pub fn invoke_csv(&self, model: &Model, body: &[u8]) -> Result<Vec<u8>, Fault> {
        predictions(&csv::asked(body, &self.features)?, model, &self.features)
    }
}
