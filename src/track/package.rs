//! A model as a folder that `MLflow` loads and serves: what stands beside the ONNX file.

use super::moment;
use crate::onnx::Metadata;
use crate::onnx::graph::{DECISION, LABEL};
use serde_json::{Value as Json, json};
use std::fmt::Write;

/// The file of the model in its folder.
pub(super) const MODEL: &str = "model.onnx";

/// The Python that serving is tried with, and the version of the folder's form.
const PYTHON: &str = "3.11";
const FORM: &str = "3.1.0";

/// What loading needs. The first versions that are known to do are named, not the newest: a serving image has its own.
const REQUIREMENTS: &str = "mlflow>=2.10\nonnx>=1.13\nonnxruntime>=1.14\n";
const PYTHON_ENV: &str =
    "python: \"3.11\"\nbuild_dependencies:\n- pip\n- setuptools\n- wheel\ndependencies:\n- -r requirements.txt\n";

/// What is said of a model beside its bytes.
pub(crate) struct Package<'m> {
    /// What the model says about itself.
    pub(crate) metadata: &'m Metadata,
    /// How many numbers a row has.
    pub(crate) columns: usize,
    /// The hash of its bytes.
    pub(crate) sha256: &'m str,
}

impl Package<'_> {
    /// The files of the folder, without the model itself; `at` is when the model was made, in milliseconds since 1970.
    pub(super) fn files(&self, at: u64) -> Vec<(&'static str, String)> {
        let (columns, row) = self.example();
        let example = json!({ "columns": columns, "data": [row] });
        let mut files = vec![
            ("MLmodel", self.mlmodel(at)),
            ("requirements.txt", REQUIREMENTS.to_owned()),
            ("python_env.yaml", PYTHON_ENV.to_owned()),
        ];
        if self.is_named() {
            files.push(("input_example.json", example.to_string()));
            files.push(("serving_input_example.json", json!({ "dataframe_split": example }).to_string()));
        }
        files
    }

    /// Whether the model says what its columns are; a foreign one does not.
    fn is_named(&self) -> bool {
        !self.metadata.features.is_empty() && self.metadata.features.len() == self.columns
    }

    /// A row that the model can score: the means over all training rows, which are nobody's.
    fn example(&self) -> (&[String], Vec<f64>) {
        let means = self.metadata.scaler.as_ref().map(|scaler| scaler.mean.clone());
        (&self.metadata.features, means.unwrap_or_else(|| vec![0.0; self.columns]))
    }

    /// The columns by their names. They are said to be doubles, which takes 32-bit floats and whole numbers too, where
    /// `float` would refuse pandas' own 64-bit numbers; the runtime is given 32 bits in either case.
    fn signature(&self) -> (Json, Option<Json>) {
        let inputs = if self.is_named() {
            let column = |name: &String| json!({ "type": "double", "name": name, "required": true });
            self.metadata.features.iter().map(column).collect()
        } else {
            json!([{ "type": "tensor", "tensor-spec": { "dtype": "float32", "shape": [-1, self.columns] } }])
        };
        let ours = !self.metadata.version.is_empty();
        let outputs = json!([
            { "type": "long", "name": LABEL, "required": true },
            { "type": "float", "name": DECISION, "required": true },
        ]);
        (inputs, (ours && self.is_named()).then_some(outputs))
    }

    /// YAML whose every text is written as JSON, which YAML reads too.
    fn mlmodel(&self, at: u64) -> String {
        let (inputs, outputs) = self.signature();
        let text = |json: Json| Json::from(json.to_string()).to_string();
        let outputs = outputs.map_or_else(|| "null".to_owned(), text);
        let uuid = self.sha256.get(..32).unwrap_or(self.sha256);
        let mut yaml = format!(
            "flavors:\n  onnx:\n    code: null\n    data: {MODEL}\n    onnx_session_options: null\n    \
             onnx_version: 1.13.0\n    providers:\n    - CPUExecutionProvider\n  python_function:\n    data: {MODEL}\n    \
             env:\n      virtualenv: python_env.yaml\n    loader_module: mlflow.onnx\n    python_version: {PYTHON}.0\n\
             mlflow_version: {FORM}\nmodel_uuid: {uuid}\nrun_id: {{run_id}}\n"
        );
        if self.is_named() {
            yaml.push_str(
                "saved_input_example_info:\n  artifact_path: input_example.json\n  pandas_orient: split\n  \
                 serving_input_path: serving_input_example.json\n  type: dataframe\n",
            );
        }
        // Writing to a String cannot fail.
        let _ = write!(
            yaml,
            "signature:\n  inputs: {}\n  outputs: {outputs}\n  params: null\nutc_time_created: '{}'\nmetadata:\n  \
             tamis_sha256: {}\n",
            text(inputs),
            moment::python(at),
            self.sha256
        );
        if let Some(contract) = &self.metadata.contract {
            let _ = write!(
                yaml,
                "  tamis_contract: {}\n  tamis_contract_sha256: {}\n",
                Json::from(format!("{}@{}", contract.name, contract.version)),
                Json::from(contract.sha256.as_str())
            );
        }
        yaml
    }
}
