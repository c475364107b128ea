//! Models as other people export them: `tests/python/foreign.py` makes them at test time and scores rows with
//! onnxruntime; here they are loaded and must say the same.

use super::common::python;
use super::forest::every_target::{exported, rows};
use serde::Deserialize;
use std::path::Path;
use std::process::Command;
use tamis::forest::{Matrix, Params};
use tamis::onnx::{MlOpset, fold};
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

/// The cases that are also scored by tract, and rewritten.
const FOLDED: [&str; 17] = [
    "plain_17",
    "standard_15",
    "minmax_12",
    "clipped_19",
    "imputed_scaled_21",
    "double_13",
    "columns_18",
    "named_14",
    "blocks_16",
    "hundred_trees",
    "deep",
    "one_encoder",
    "one_encoder_drop",
    "score_samples",
    "coniferest",
    "linkedin",
    "ensemble5_3",
];

#[test]
fn foreign_models_say_what_onnxruntime_says() {
    let folder = tempfile::tempdir().unwrap();
    let Some(cases) = made(folder.path()) else { return };
    let mut faults = Vec::new();
    for case in &cases {
        let (bytes, rows, truth) = read(folder.path(), case);
        assert_eq!(truth.len(), rows.rows());
        let model = Model::from_onnx(&bytes);
        match model.map_err(|e| e.to_string()).and_then(|model| holds(case, &model, &rows, &truth)) {
            Ok(found) => println!("{}: {} nodes, {} rows, {found}", case.name, case.nodes, rows.rows()),
            Err(fault) => faults.push(format!("{}: {fault}", case.name)),
        }
        if FOLDED.contains(&case.name.as_str()) {
            folds(folder.path(), case, &bytes, &rows, &truth).unwrap_or_else(|fault| faults.push(fault));
        }
    }
    assert!(cases.len() > 140 && faults.is_empty(), "{} cases; {}", cases.len(), faults.join("\n"));
    own_in_opset_5(folder.path());
    let python = python("import onnxruntime").unwrap();
    let script = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/python/folded.py");
    let output = Command::new(python).arg(script).arg(folder.path()).output().unwrap();
    let (said, error) = (String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    assert!(output.status.success(), "{said}{error}");
    println!("{said}");
}

/// Whether a model says of the rows what onnxruntime says, by the engine that the case names.
fn holds(case: &Case, model: &Model, rows: &Matrix, truth: &[(f64, bool)]) -> Result<String, String> {
    let engine = if model.engine() == Engine::Forest { "forest" } else { "tract" };
    let scores = model.score_batch(rows).map_err(|error| error.to_string())?;
    let (far, wrong, ties) = against(case, &scores, truth);
    let found = format!("{engine}, {far:.1e}, {wrong} labels differ, {ties} ties");
    if engine == case.engine && far <= 1e-5 && wrong == 0 { Ok(found) } else { Err(found) }
}

/// Rewrites a case in both opsets, beside it, and holds the results and tract against onnxruntime.
fn folds(folder: &Path, case: &Case, bytes: &[u8], rows: &Matrix, truth: &[(f64, bool)]) -> Result<(), String> {
    let tract = Model::from_onnx_with_engine(bytes, Engine::Tract).map_err(|e| format!("{}, tract: {e}", case.name))?;
    let few = rows.rows().min(300);
    let some = Matrix::from_vec(case.columns, rows.values()[..few * case.columns].to_vec()).unwrap();
    let decisions = tract.score_batch(&some).map_err(|e| format!("{}, tract: {e}", case.name))?;
    for (score, (value, _)) in decisions.iter().zip(truth) {
        // tract's decision is the output itself, whatever it states.
        if (score.decision - value).abs() > 1e-5 {
            return Err(format!("{}, tract: {} for {value}", case.name, score.decision));
        }
    }
    for (opset, end) in [(MlOpset::Three, "folded3"), (MlOpset::Five, "folded5")] {
        let folded = fold(bytes, opset).map_err(|error| format!("{}, {end}: {error}", case.name))?;
        std::fs::write(folder.join(format!("{}.{end}", case.name)), &folded.onnx).unwrap();
        println!("{}, {end}: {} to {} operators, {} rows", case.name, folded.before, folded.after, folded.rows);
        let model = Model::from_onnx(&folded.onnx).map_err(|error| format!("{}, {end}: {error}", case.name))?;
        holds(case, &model, rows, truth).map_err(|fault| format!("{}, {end}: {fault}", case.name))?;
        if folded.after > 24 || folded.rows < 1000 {
            return Err(format!("{}, {end}: {} operators, {} rows", case.name, folded.after, folded.rows));
        }
    }
    Ok(())
}

/// Our own export, in the words of opset 5: the same bits.
fn own_in_opset_5(folder: &Path) {
    let data = rows(3000, 6, 17, true);
    let (forest, bytes) = exported(&data, Params { seed: 3, ..Params::default() });
    let folded = fold(&bytes, MlOpset::Five).unwrap();
    let model = Model::from_onnx(&folded.onnx).unwrap();
    assert_eq!(model.forest().unwrap().trees(), forest.trees());
    assert!(folded.onnx.len() * 2 < bytes.len());
    let back = fold(&folded.onnx, MlOpset::Three).unwrap().onnx;
    assert_eq!(Model::from_onnx(&back).unwrap().forest().unwrap().trees(), forest.trees());
    std::fs::write(folder.join("own.onnx"), bytes).unwrap();
    std::fs::write(folder.join("own.folded5"), folded.onnx).unwrap();
    let cells: Vec<u8> = data.values().iter().flat_map(|value| value.to_le_bytes()).collect();
    std::fs::write(folder.join("own.rows"), cells).unwrap();
}
