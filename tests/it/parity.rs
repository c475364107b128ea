//! Our forests in other people's hands: `tests/python/parity.py` loads them into onnx, onnxruntime and scikit-learn.
//!
//! Python is `$TAMIS_PYTHON`, else the environment that the set-up made under `${TAMIS_CACHE:-$HOME/.cache/tamis}`.
//! Without one the test says so and passes, except where `CI=true`.

use super::common::python;
use super::forest::every_target::{exported, rows};
use std::process::Command;
use tamis::forest::{Contamination, Params};
use tamis::score::Model;

fn holds(name: &str, columns: usize, gaps: bool, params: Params) {
    let Some(python) = python("import numpy, onnx, onnxruntime, sklearn") else { return };
    let folder = tempfile::tempdir().unwrap();
    let file = |name: &str| folder.path().join(name);
    let data = rows(12_000, columns, 17, gaps);
    let (_, bytes) = exported(&data, params);
    let scores = Model::from_onnx(&bytes).unwrap().score_batch(&data).unwrap();
    std::fs::write(file("model.onnx"), &bytes).unwrap();
    let cells: Vec<u8> = data.values().iter().flat_map(|value| value.to_le_bytes()).collect();
    std::fs::write(file("rows.f32"), cells).unwrap();
    let pairs = scores.iter().flat_map(|score| [score.score.unwrap(), score.decision]);
    std::fs::write(file("scores.f64"), pairs.flat_map(f64::to_le_bytes).collect::<Vec<u8>>()).unwrap();
    let script = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/python/parity.py");
    let mut command = Command::new(python);
    command.arg(script).args(["model.onnx", "rows.f32", "scores.f64", "found.json"].map(file));
    let output = command.output().unwrap();
    let (found, faults) = (String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    assert!(output.status.success(), "{name}: {found}{faults}");
    println!("{name}: {found}");
}

#[test]
fn seven_columns_with_gaps() {
    holds("seven", 7, true, Params { contamination: Contamination::Rate(0.02), seed: 3, ..Params::default() });
}

#[test]
fn ten_columns() {
    holds("ten", 10, false, Params { seed: 4, ..Params::default() });
}

#[test]
fn ten_columns_with_gaps_and_deep_trees() {
    let params = Params {
        samples: 1500.into(),
        trees: 40,
        contamination: Contamination::Rate(0.1),
        seed: 5,
        ..Params::default()
    };
    holds("deep", 10, true, params);
}
