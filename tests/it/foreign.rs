//! Models as other people export them: `tests/python/foreign.py` makes them at test time and scores rows with
//! onnxruntime; here they are loaded and must say the same.

use super::parity::python;
use serde::Deserialize;
use std::path::Path;
use std::process::Command;
use tamis::forest::Matrix;
use tamis::score::{Engine, Model, Score};

#[derive(Deserialize)]
struct Case {
    name: String,
    columns: usize,
    engine: String,
    value: String,
    nodes: usize,
}

/// The cases in a folder; none where Python or one of its packages is missing.
fn made(folder: &Path) -> Option<Vec<Case>> {
    let python = python("import lightgbm, onnxmltools, onnxruntime, skl2onnx, xgboost")?;
    let script = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/python/foreign.py");
    let output = Command::new(python).arg(script).arg(folder).output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    Some(serde_json::from_slice(&std::fs::read(folder.join("cases.json")).unwrap()).unwrap())
}

/// A case's model, its rows, and for each row onnxruntime's value and flag.
fn read(folder: &Path, case: &Case) -> (Vec<u8>, Matrix, Vec<(f64, bool)>) {
    let file = |end: &str| std::fs::read(folder.join(format!("{}.{end}", case.name))).unwrap();
    let cells = file("rows").as_chunks().0.iter().map(|cell| f32::from_le_bytes(*cell)).collect();
    let numbers: Vec<f64> = file("truth").as_chunks().0.iter().map(|cell| f64::from_le_bytes(*cell)).collect();
    let truth = numbers.chunks_exact(2).map(|pair| (pair[0], pair[1] != 0.0)).collect();
    (file("onnx"), Matrix::from_vec(case.columns, cells).unwrap(), truth)
}

/// The greatest distance from onnxruntime's values, and the rows whose label differs although they are no tie.
fn against(case: &Case, scores: &[Score], truth: &[(f64, bool)]) -> (f64, usize, usize) {
    let (mut greatest, mut wrong, mut ties) = (0.0_f64, 0, 0);
    for (score, (value, flag)) in scores.iter().zip(truth) {
        let ours = match case.value.as_str() {
            "score" => score.score.unwrap(),
            "negated" => -score.score.unwrap(),
            _ => score.decision,
        };
        let far = (ours - value).abs() / value.abs().max(1.0);
        greatest = greatest.max(if far.is_nan() { f64::INFINITY } else { far });
        let tie = score.decision.abs() <= 1e-6;
        ties += usize::from(tie);
        wrong += usize::from(!tie && score.flagged != *flag);
    }
    (greatest, wrong, ties)
}

#[test]
fn foreign_models_say_what_onnxruntime_says() {
    let folder = tempfile::tempdir().unwrap();
    let Some(cases) = made(folder.path()) else { return };
    let mut faults = Vec::new();
    for case in &cases {
        let (bytes, rows, truth) = read(folder.path(), case);
        let model = match Model::from_onnx(&bytes) {
            Ok(model) => model,
            Err(error) => {
                faults.push(format!("{}: {error}", case.name));
                continue;
            }
        };
        let engine = if model.engine() == Engine::Forest { "forest" } else { "tract" };
        let (far, wrong, ties) = match model.score_batch(&rows) {
            Ok(scores) => against(case, &scores, &truth),
            Err(error) => {
                faults.push(format!("{}: {error}", case.name));
                continue;
            }
        };
        println!("{}: {engine}, {} nodes, {} rows, {far:.1e}, {wrong} labels, {ties} ties", case.name, case.nodes, rows.rows());
        if engine != case.engine || far > 1e-5 || wrong > 0 || truth.len() != rows.rows() {
            faults.push(format!("{}: {engine}, {far:.1e}, {wrong} labels differ", case.name));
        }
    }
    assert!(cases.len() > 100 && faults.is_empty(), "{} cases; {}", cases.len(), faults.join("\n"));
}
