//! Our errors as JavaScript's.

use crate::contract::LoadError;
use crate::mask::KeyError;
use crate::onnx::ModelError;
use crate::pipeline::Mismatch;
use wasm_bindgen::JsValue;

/// Why a session does not begin.
#[derive(Debug)]
pub(super) enum Refusal {
    Contract(Vec<LoadError>),
    Key(KeyError),
    Model(ModelError),
    Mismatch(Mismatch),
    Format,
    Entropy,
}

/// An `Error` whose `name` is a stable code and whose `message` is for people.
impl From<Refusal> for JsValue {
    fn from(refusal: Refusal) -> Self {
        let (name, message) = match refusal {
            Refusal::Contract(faults) => {
                let faults: Vec<String> = faults.iter().map(ToString::to_string).collect();
                ("contract", format!("the contract does not load: {}", faults.join("; ")))
            }
            Refusal::Key(error) => ("key", error.to_string()),
            Refusal::Model(error) => (error.kind(), error.to_string()),
            Refusal::Mismatch(error) => ("mismatch", error.to_string()),
            Refusal::Format => ("format", "the format is one of ndjson, json and csv".to_owned()),
            Refusal::Entropy => ("entropy", "the browser gives no random numbers for a key".to_owned()),
        };
        let error = js_sys::Error::new(&message);
        error.set_name(name);
        error.into()
    }
}
