//! One run over one input.

use super::error::Refusal;
use super::options;
use super::outputs::{Outputs, take};
use crate::pipeline::Sieve;
use crate::quality::report;
use crate::stream::Stream;
use js_sys::Uint8Array;
use serde_json::{Value as Json, json};
use wasm_bindgen::prelude::{JsValue, wasm_bindgen};
use zeroize::Zeroizing;

/// One run over one input: bytes in chunk by chunk, masked NDJSON out.
///
/// Its memory does not grow with the input as long as the outputs are taken between the chunks.
#[wasm_bindgen]
pub struct Session {
    stream: Stream<Box<Sieve>>,
    outputs: Outputs,
    ephemeral: bool,
}

#[wasm_bindgen]
impl Session {
    /// Begins a run. `contract` is JSON text, by default the built-in one; `model` is an ONNX file, by default the
    /// built-in one where the contract is; `key` is 32 bytes in hexadecimal or base64, by default a random one that
    /// nobody will know; `format` is `ndjson`, `json` or `csv`, by default told from the content.
    ///
    /// # Errors
    /// A JavaScript `Error` with our message; its `name` is a stable code. `needs_tract` says that the build of this
    /// module with tract takes the model.
    #[wasm_bindgen(constructor)]
    #[allow(clippy::needless_pass_by_value, reason = "JavaScript hands values over, not references")]
    pub fn new(
        contract: Option<String>,
        model: Option<Vec<u8>>,
        key: Option<String>,
        format: Option<String>,
    ) -> Result<Self, JsValue> {
        let key = key.map(Zeroizing::new);
        Ok(Self::begin(contract.as_deref(), model.as_deref(), key.as_ref().map(|key| key.as_str()), format.as_deref())?)
    }

    fn begin(
        contract: Option<&str>,
        model: Option<&[u8]>,
        key: Option<&str>,
        format: Option<&str>,
    ) -> Result<Self, Refusal> {
        let sieve = options::sieve(contract, model, &options::keys(key)?)?;
        Ok(Self {
            stream: Stream::new(Box::new(sieve), options::format(format)?),
            outputs: Outputs::default(),
            ephemeral: key.is_none(),
        })
    }

    /// What is in force, as JSON: `contract`, `model`, `threshold` of the score, `ephemeral` key, `warnings`.
    #[must_use]
    pub fn about(&self) -> String {
        let sieve = self.stream.sieve();
        let contract = sieve.contract();
        let model = sieve.model().map(|model| {
            let forest = model.forest();
            json!({
                "name": sieve.model_name(),
                "sha256": model.sha256(),
                "trees": forest.map(|forest| forest.trees().len()),
                "rows": model.metadata().training.map(|training| training.rows),
            })
        });
        let about = json!({
            "contract": {
                "name": contract.name(),
                "version": contract.version(),
                "sha256": contract.sha256(),
            },
            "model": model,
            "threshold": sieve.threshold(),
            "ephemeral": self.ephemeral,
            "warnings": contract.warnings(),
        });
        about.to_string()
    }

    /// Takes the next bytes, cut anywhere.
    pub fn push(&mut self, chunk: &[u8]) {
        let outputs = &mut self.outputs;
        self.stream.push(chunk, &mut |judged| outputs.add(&judged));
    }

    /// Ends the input.
    pub fn finish(&mut self) {
        let outputs = &mut self.outputs;
        self.stream.finish(&mut |judged| outputs.add(&judged));
    }

    /// Accepted records, masked, as NDJSON since the last call.
    #[wasm_bindgen(js_name = takeAccepted)]
    pub fn take_accepted(&mut self) -> Uint8Array {
        take(&mut self.outputs.accepted)
    }

    /// Verdicts on rejected records as NDJSON since the last call.
    #[wasm_bindgen(js_name = takeRejected)]
    pub fn take_rejected(&mut self) -> Uint8Array {
        take(&mut self.outputs.rejected)
    }

    /// All verdicts as NDJSON since the last call.
    #[wasm_bindgen(js_name = takeVerdicts)]
    pub fn take_verdicts(&mut self) -> Uint8Array {
        take(&mut self.outputs.verdicts)
    }

    /// The summary so far, as `summary.json` has it.
    #[must_use]
    pub fn summary(&self) -> String {
        format!("{:#}\n", self.summary_json())
    }

    /// The report so far: one HTML file.
    #[must_use]
    pub fn report(&self) -> String {
        let examples = &self.outputs.examples;
        report::html(&self.summary_json(), &examples.flagged(), &examples.rejected())
    }

    fn summary_json(&self) -> Json {
        self.stream.sieve().summary_json(self.stream.summary(), None)
    }
}
