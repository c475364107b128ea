//! Models whose inputs are doubles or integers: `tests/python/doubles.py` makes them at test time, with rows one and two
//! units in the last place beside their thresholds, and scores these with onnxruntime; here the same must come out.

use super::common::{file, python, run, tamis};
use serde::Deserialize;
use std::path::Path;
use std::process::Command;
use tamis::forest::{Matrix, Side};
use tamis::onnx::{FoldError, MlOpset, fold};
use tamis::score::{Engine, Model, Score};

#[derive(Deserialize)]
struct Case {
    name: String,
    columns: usize,
    engine: String,
    /// On how many rows onnxruntime itself says something else once they are rounded to 32 bits.
    rounded: usize,
}

/// The cases that are rewritten too: those whose trees read 32-bit floats in the end.
const FOLDED: [&str; 7] =
    ["near_ten_million", "near_a_million", "least_to_greatest", "seconds", "days", "above_2_to_24", "above_2_to_40"];

/// Those whose graph divides.
const SCALED: [&str; 3] = ["near_ten_million", "near_a_million", "seconds"];

fn numbers(folder: &Path, name: &str, end: &str) -> Vec<f64> {
    let bytes = std::fs::read(folder.join(format!("{name}.{end}"))).unwrap();
    bytes.as_chunks().0.iter().map(|cell| f64::from_le_bytes(*cell)).collect()
}

/// How many of the scores differ from onnxruntime's value, or from its label where the decision is no tie.
fn differ(scores: impl Iterator<Item = (f64, bool)>, truth: &[f64]) -> usize {
    let wrong = |((decision, flagged), truth): &((f64, bool), &[f64])| {
        let near = (decision - truth[0]).abs() <= 1e-5 * truth[0].abs().max(1.0);
        !near || (truth[0].abs() > 1e-6 && *flagged != (truth[1] != 0.0))
    };
    scores.zip(truth.chunks_exact(2)).filter(wrong).count()
}

fn of(scores: &[Score]) -> impl Iterator<Item = (f64, bool)> {
    scores.iter().map(|score| (score.decision, score.flagged))
}

#[test]
fn doubles_and_integers_are_seen_whole() {
    let Some(python) = python("import onnxruntime, pandas, skl2onnx") else { return };
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    let script = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/python/doubles.py");
    let output = Command::new(python).arg(script).arg(folder).output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let cases: Vec<Case> = serde_json::from_slice(&std::fs::read(folder.join("cases.json")).unwrap()).unwrap();
    for case in &cases {
        let (name, rows) = (case.name.as_str(), numbers(folder, &case.name, "doubles"));
        let truth = numbers(folder, name, "truth");
        let onnx = std::fs::read(folder.join(format!("{name}.onnx"))).unwrap();
        let model = Model::from_onnx(&onnx).unwrap();
        let engine = if model.engine() == Engine::Forest { "forest" } else { "tract" };
        assert_eq!(
            (model.is_wide(), engine, rows.len() / case.columns),
            (true, case.engine.as_str(), 20_000),
            "{name}"
        );
        let scores = model.score_doubles(&rows).unwrap();
        assert_eq!((differ(of(&scores), &truth), scores.len()), (0, 20_000), "{name}");
        // The rows are such that 32 bits would not do.
        assert!(case.rounded > 2000, "{name}: rounded rows differ on {}", case.rounded);
        let few = &rows[..300 * case.columns];
        let tract = Model::from_onnx_with_engine(&onnx, Engine::Tract).unwrap().score_doubles(few).unwrap();
        // tract multiplies with the reciprocal where the graph divides: a unit in the last place off, and so are the rows.
        let off = if SCALED.contains(&name) { 15 } else { 0 };
        assert!(differ(of(&tract), &truth) <= off && tract.len() == 300, "{name}, tract");
        if FOLDED.contains(&name) {
            for opset in [MlOpset::Three, MlOpset::Five] {
                let folded = fold(&onnx, opset).unwrap();
                assert!(folded.rows >= 1000 && folded.after < 20, "{name}: {} rows, {}", folded.rows, folded.after);
                let scores = Model::from_onnx(&folded.onnx).unwrap().score_doubles(&rows).unwrap();
                assert_eq!(differ(of(&scores), &truth), 0, "{name}, folded");
            }
        } else {
            assert!(matches!(fold(&onnx, MlOpset::Three), Err(FoldError::Shape(_) | FoldError::NoForest(_))), "{name}");
        }
        from_files(folder, name, &truth);
    }
    assert_eq!(cases.len(), 18);
    what_32_bits_hold_scores_as_32_bits(folder);
    by_a_contract(folder);
}

/// What the command line reads from NumPy's arrays and from CSV.
fn from_files(folder: &Path, name: &str, truth: &[f64]) {
    let onnx = folder.join(format!("{name}.onnx"));
    for (end, rows) in [("npy", 20_000), ("csv", 3000)] {
        let file = folder.join(format!("{name}.{end}"));
        let (code, said, error) = run(tamis().args(["score", "--explain=1", "--model"]).arg(&onnx).arg(file));
        assert_eq!(code, 0, "{name}.{end}: {error}");
        let lines = said.lines().map(|line| serde_json::from_str::<serde_json::Value>(line).unwrap());
        let scores = lines.map(|line| (line["decision"].as_f64().unwrap_or(f64::NAN), line["label"] == -1));
        let scores: Vec<_> = scores.collect();
        assert_eq!((differ(scores.iter().copied(), truth), scores.len()), (0, rows), "{name}.{end}");
    }
}

/// Rows of 32 bits score the same by every way in, and what is odd is told in terms of the values that came in.
fn what_32_bits_hold_scores_as_32_bits(folder: &Path) {
    let model = Model::from_onnx(&std::fs::read(folder.join("near_a_million.onnx")).unwrap()).unwrap();
    #[allow(clippy::cast_possible_truncation, reason = "what is tested is what rounding does")]
    let single: Vec<f32> = numbers(folder, "near_a_million", "doubles").iter().map(|value| *value as f32).collect();
    let double: Vec<f64> = single.iter().copied().map(f64::from).collect();
    let scores = model.score_doubles(&double).unwrap();
    let rows = Matrix::from_vec(model.columns(), single).unwrap();
    let bits = |scores: &[Score]| scores.iter().map(|score| score.decision.to_bits()).collect::<Vec<_>>();
    assert_eq!(bits(&model.score_batch(&rows).unwrap()), bits(&scores));
    for (at, (row, score)) in rows.iter().zip(&scores).take(500).enumerate() {
        assert_eq!(model.score(row).unwrap().decision.to_bits(), score.decision.to_bits(), "row {at}");
        assert_eq!(model.explain(row, 5), model.explain_doubles(&double[at * 5..at * 5 + 5], 5), "row {at}");
    }
    for (value, side) in [(1e6 + 9.0, Side::Above), (1e6 - 9.0, Side::Below), (f64::NAN, Side::Missing)] {
        let row = [1e6, 1e6, 1e6, value, 1e6];
        let reasons = model.explain_doubles(&row, 5);
        let reason = reasons.iter().find(|reason| reason.feature == 3);
        assert!(value.is_nan() || reasons[0].feature == 3, "{value}: {reasons:?}");
        assert!(reason.is_none_or(|reason| reason.side == side), "{value}: {reasons:?}");
    }
    assert_eq!(model.score_doubles(&[1.0; 7]).unwrap_err().kind(), "columns");
}

/// Features that a contract calculates reach the model in 64 bits, by every command that scores records.
fn by_a_contract(folder: &Path) {
    let contract = file(
        folder,
        "contract.json",
        r#"{"x-contract": {"name": "pairs", "version": "1.0.0"}, "type": "object", "required": ["a", "b"],
            "properties": {"a": {"type": "number"}, "b": {"type": "number"}, "odd": {"type": "integer"}},
            "x-features": [{"name": "a", "expr": "a"}, {"name": "b", "expr": "b + 0.0"}]}"#,
    );
    let (rows, truth) = (numbers(folder, "near_ten_million", "doubles"), numbers(folder, "near_ten_million", "truth"));
    let pairs = rows.chunks_exact(2).zip(truth.chunks_exact(2));
    let pairs: Vec<_> =
        pairs.filter(|(row, _)| row.iter().all(|value| (1.0..1e9).contains(value))).take(4000).collect();
    assert_eq!(pairs.len(), 4000);
    let line = |(row, truth): &(&[f64], &[f64])| {
        format!("{{\"a\": {:?}, \"b\": {:?}, \"odd\": {}}}\n", row[0], row[1], truth[1])
    };
    let records = file(folder, "pairs.ndjson", pairs.iter().map(line).collect::<String>());
    let truth = pairs.iter().flat_map(|(_, truth)| truth.iter().copied()).collect::<Vec<_>>();
    let with = |command: &str| {
        let mut tamis = tamis();
        tamis.arg(command).arg(&records).arg("--contract").arg(&contract).arg("--model");
        tamis.arg(folder.join("near_ten_million.onnx"));
        tamis
    };
    let wrong = |verdicts: &str| {
        let lines = verdicts.lines().map(|line| serde_json::from_str::<serde_json::Value>(line).unwrap());
        let anomalies = lines.map(|line| line["anomaly"].clone());
        let scores: Vec<_> =
            anomalies.map(|found| (found["decision"].as_f64().unwrap(), found["flagged"] == true)).collect();
        (scores.len(), differ(scores.into_iter(), &truth))
    };
    let (code, said, error) = run(&mut with("score"));
    assert_eq!((code, wrong(&said)), (0, (4000, 0)), "{error}");
    let out = folder.join("out");
    let (code, _, error) = run(with("run").arg("--no-audit").arg("--out").arg(&out));
    assert_eq!(code, 0, "{error}");
    assert_eq!(wrong(&std::fs::read_to_string(out.join("verdicts.ndjson")).unwrap()), (4000, 0));
    let (code, said, error) = run(with("evaluate").args(["--label", "odd", "--json"]));
    assert_eq!(code, 0, "{error}");
    let found: serde_json::Value = serde_json::from_str(&said).unwrap();
    let figures = ["auroc_mean", "precision_mean", "recall_mean"].map(|name| found[name].as_f64());
    assert_eq!(figures, [Some(1.0); 3], "{said}");
    // The same rows as bare numbers.
    let line = |(row, truth): &(&[f64], &[f64])| format!("{:?},{:?},{}\n", row[0], row[1], truth[1]);
    let bare = file(folder, "pairs.csv", pairs.iter().map(line).collect::<String>());
    let mut evaluate = tamis();
    evaluate.arg("evaluate").arg(bare).args(["--label", "3", "--json", "--model"]);
    let (code, said, error) = run(evaluate.arg(folder.join("near_ten_million.onnx")));
    assert_eq!(code, 0, "{error}");
    let found: serde_json::Value = serde_json::from_str(&said).unwrap();
    let figures = ["auroc_mean", "precision_mean", "recall_mean"].map(|name| found[name].as_f64());
    assert_eq!(figures, [Some(1.0); 3], "{said}");
}
