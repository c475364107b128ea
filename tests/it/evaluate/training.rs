//! What `tamis train` measures, its thresholds, and its explanations.

use super::super::common::{file, python, run, tamis};
use super::super::forest::every_target::{exported, rows};
use super::chance;
use serde_json::Value as Json;
use std::process::Command;
use tamis::forest::{Contamination, Explainer, Params};
use tamis::onnx::export_explanations;
use tamis::score::Model;

const CONTRACT: &str = r#"{"type": "object", "x-contract": {"name": "t", "version": "1"}, "x-id": "id", "x-unknown": "drop",
    "required": ["id", "a", "b", "at"], "properties": {"id": {"type": "integer"}, "a": {"type": "number"}, "b": {"type": "number"},
    "at": {"type": "string", "format": "date-time"}},
    "x-features": [{"name": "a", "expr": "a"}, {"name": "b", "expr": "b"}]}"#;

/// So many records a minute apart; every fiftieth is odd, and from `drift` on `a` is another.
fn records(count: u32, drift: u32) -> String {
    let mut next = chance(3);
    (0..count)
        .map(|id| {
            let odd = id % 50 == 7;
            let (a, b) = if odd { (6.0 + next(), -4.0) } else { (next() + f64::from(id >= drift) * 3.0, next()) };
            let (day, hour, minute) = (1 + id / 1440, id / 60 % 24, id % 60);
            format!("{{\"id\":{id},\"a\":{a},\"b\":{b},\"at\":\"2025-01-{day:02}T{hour:02}:{minute:02}:00Z\",\"odd\":{odd}}}\n")
        })
        .collect()
}

fn train(content: &str, more: &[&str]) -> (i32, Json, String) {
    let folder = tempfile::tempdir().unwrap();
    let contract = file(folder.path(), "contract.json", CONTRACT);
    let input = file(folder.path(), "in.ndjson", content);
    let model = folder.path().join("model.onnx");
    let mut command = tamis();
    command
        .arg("train")
        .arg(&input)
        .arg("--contract")
        .arg(&contract)
        .arg("--model-out")
        .arg(&model)
        .args(["--json"])
        .args(more);
    let (code, stdout, stderr) = run(&mut command);
    let mut told: Json = serde_json::from_str(&stdout).unwrap_or_default();
    if code == 0 {
        let loaded = Model::from_onnx(&std::fs::read(&model).unwrap()).unwrap();
        assert_eq!(told["sha256"], loaded.sha256());
        told["offset"] = (-loaded.forest().unwrap().offset()).into();
    }
    (code, told, stderr)
}

#[test]
fn rows_held_out_are_measured() {
    let content = records(6000, u32::MAX);
    let (code, told, stderr) = train(&content, &["--label", "odd", "--contamination", "0.02"]);
    assert_eq!(code, 0, "{stderr}");
    let held = &told["held_out"];
    let parts = ["train", "dev", "test"].map(|part| held[part].as_u64().unwrap());
    assert_eq!((&told["rows"], &told["fitted"]), (&6000.into(), &6000.into()));
    assert!(parts[0] > 3400 && parts[1] > 1000 && parts[2] > 1000, "{parts:?}");
    let rate = held["rate"].as_f64().unwrap();
    assert!((rate - held["flagged"].as_f64().unwrap() / parts[2] as f64).abs() < 1e-12);
    assert!(held["rate_interval"][0].as_f64().unwrap() < rate && rate < held["rate_interval"][1].as_f64().unwrap());
    let stability = &held["stability"];
    assert!(
        stability["spearman"].as_f64().unwrap() > 0.9 && stability["top_jaccard"].as_f64().unwrap() > 0.2,
        "{stability}"
    );
    assert!(
        held["labels"]["auroc"].as_f64().unwrap() > 0.99
            && held["labels"]["auroc_interval"][1].as_f64().unwrap() > 0.99
    );
    let interval = held["labels"]["average_precision_interval"].as_array().unwrap();
    assert!(interval[0].as_f64().unwrap() <= held["labels"]["average_precision"].as_f64().unwrap());
    // Labels change nothing about the model.
    let (_, unlabelled, _) = train(&content, &["--contamination", "0.02"]);
    assert_eq!(unlabelled["sha256"], told["sha256"]);
    assert_eq!(unlabelled["held_out"]["labels"], Json::Null);
    // Nothing is calibrated on rows that are known to be outliers.
    let all: u64 = ["train", "dev", "test"].map(|part| unlabelled["held_out"][part].as_u64().unwrap()).iter().sum();
    assert!(all == 6000 && parts.iter().sum::<u64>() < 6000, "{parts:?}");
}

#[test]
fn a_split_by_time_holds_out_the_latest() {
    // The last fifth drifts: a split by time sees it, a split by id does not.
    let content = records(6000, 4800);
    let rate = |more: &[&str]| {
        let (code, told, stderr) = train(&content, &[&["--contamination", "0.05"], more].concat());
        assert_eq!(code, 0, "{stderr}");
        assert_eq!(told["held_out"]["split"], if more.is_empty() { "id" } else { "moment" });
        told["held_out"]["rate"].as_f64().unwrap()
    };
    let (by_id, by_time) = (rate(&[]), rate(&["--split-by", "at"]));
    assert!(by_id < 0.1 && by_time > 0.5, "{by_id} {by_time}");
    let (code, _, stderr) = train(&content, &["--split-by", "nothing"]);
    assert!(code == 2 && stderr.contains("no field nothing"), "{stderr}");
    let (code, _, stderr) = train(&content, &["--split-by", "a"]);
    assert!(code == 2 && stderr.contains("no two moments"), "{stderr}");
}

#[test]
fn thresholds_are_scores_and_budgets() {
    let content = records(6000, u32::MAX);
    let (code, told, _) = train(&content, &["--threshold", "0.62"]);
    assert_eq!((code, &told["rule"]["rule"], &told["offset"]), (0, &"score".into(), &0.62.into()));
    // One record a minute: 1440 a day, of which 72 are a twentieth.
    let (code, by_volume, stderr) = train(&content, &["--alarms", "72/day", "--volume", "60/hour"]);
    assert_eq!(code, 0, "{stderr}");
    let rule = &by_volume["rule"];
    assert_eq!((&rule["rule"], &rule["confidence"]), (&"budget".into(), &0.95.into()));
    assert!((rule["rate"].as_f64().unwrap() - 0.05).abs() < 1e-12);
    assert_eq!((&rule["rows"], &by_volume["fitted"]), (&by_volume["held_out"]["dev"], &by_volume["held_out"]["train"]));
    let (flagged, rows) = (rule["flagged"].as_f64().unwrap(), rule["rows"].as_f64().unwrap());
    assert!(flagged / rows < 0.05 && flagged / rows > 0.025, "{rule}");
    // The measured rate is of a thousand records: it may lie above the budget, but not surely.
    assert!(by_volume["held_out"]["rate_interval"][0].as_f64().unwrap() < 0.05, "{by_volume}");
    // The volume is counted where there are times. A rate so small takes more records.
    let (code, counted, stderr) = train(&content, &["--alarms", "72/day", "--split-by", "at"]);
    assert_eq!(code, 0, "{stderr}");
    assert!((counted["rule"]["rate"].as_f64().unwrap() - 0.05).abs() < 1e-4);
    let (code, _, stderr) = train(&content, &["--alarms", "1/day", "--volume", "1440/day"]);
    assert!(code == 2 && stderr.contains("at least 4313 held-out records"), "{stderr}");
    let (code, _, stderr) = train(&content, &["--alarms", "1/day"]);
    assert!(code == 2 && stderr.contains("--volume"), "{stderr}");
    assert_eq!(train(&content, &["--alarms", "1/day", "--contamination", "0.1"]).0, 2);
    assert_eq!(train(&content, &["--threshold", "1.2"]).0, 2);
}

/// Known outliers are no false alarms: they do not raise the threshold.
#[test]
fn known_outliers_are_left_out_of_a_budget() {
    let content = records(6000, u32::MAX);
    let threshold = |more: &[&str]| {
        let (code, told, stderr) = train(&content, &[&["--alarms", "1/min", "--volume", "60/min"], more].concat());
        assert_eq!(code, 0, "{stderr}");
        told["threshold"].as_f64().unwrap()
    };
    assert!(threshold(&["--label", "odd"]) < threshold(&[]));
}

/// Where a value stands is what counting the training rows says.
#[test]
fn percentiles_and_quantiles_are_counted() {
    let folder = tempfile::tempdir().unwrap();
    let model = std::fs::read("models/default.onnx").unwrap();
    let model = Model::from_onnx(&model).unwrap();
    let input = file(folder.path(), "orders.ndjson", std::fs::read("data/orders.ndjson").unwrap());
    let (_, stdout, _) = run(tamis().args(["score", "--explain", "7"]).arg(&input));
    let verdicts: Vec<Json> = stdout.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    let accepted: Vec<&Json> = verdicts.iter().filter(|verdict| verdict["status"] == "accepted").collect();
    let score = |verdict: &Json| verdict["anomaly"]["score"].as_f64().unwrap();
    let scores: Vec<f64> = accepted.iter().map(|verdict| score(verdict)).collect();
    let quantity = |verdict: &Json| verdict["record"]["quantity"].as_f64().unwrap();
    let (mut seen, mut flagged) = (0, 0);
    for verdict in &accepted {
        let lower = scores.iter().filter(|other| **other < score(verdict)).count() as f64 / scores.len() as f64;
        let found = verdict["anomaly"]["percentile"].as_f64().unwrap() / 100.0;
        let near = lower.min(1.0 - lower);
        assert!((found - lower).abs() <= if near > 0.1 { 0.1 } else { 1.6 * near + 0.001 }, "{found} {lower}");
        if verdict["anomaly"]["flagged"] == true {
            flagged += 1;
            assert!((found - lower).abs() < 0.003, "{found} {lower}");
        }
        for reason in verdict["anomaly"]["reasons"].as_array().unwrap() {
            let found = reason["quantile"].as_f64().unwrap();
            assert!(
                (0.0..=1.0).contains(&found)
                    && ["above", "below", "between"].contains(&reason["side"].as_str().unwrap())
            );
            if reason["feature"] == "quantity" && reason["side"] == "above" && reason["share"].as_f64().unwrap() > 0.3 {
                seen += 1;
                let own = quantity(verdict);
                let less = accepted.iter().filter(|other| quantity(other) < own).count() as f64 / scores.len() as f64;
                let near = less.min(1.0 - less);
                assert!((found - less).abs() <= near.min(0.1) + 0.001, "{found} {less}");
            }
        }
    }
    assert!(seen > 5 && flagged > 20, "{seen} {flagged}");
    assert_eq!(model.metadata().feature_quantiles.len(), 7);
}

#[test]
fn explanations_agree_with_onnxruntime_and_shap() {
    let Some(python) = python("import numpy, onnx, onnxruntime, sklearn, shap") else { return };
    let data = rows(4000, 6, 23, false);
    let (forest, bytes) =
        exported(&data, Params { contamination: Contamination::Rate(0.05), seed: 8, ..Params::default() });
    let explainer = Explainer::new(&forest);
    let model = Model::from_onnx(&bytes).unwrap();
    let folder = tempfile::tempdir().unwrap();
    let explanations = export_explanations(&forest, &model.metadata().features).unwrap();
    assert_eq!(explanations, export_explanations(&forest, &model.metadata().features).unwrap());
    let cells: Vec<u8> = data.values().iter().flat_map(|value| value.to_le_bytes()).collect();
    let parts: Vec<u8> =
        data.iter().flat_map(|row| explainer.contributions(&forest, row).parts).flat_map(f64::to_le_bytes).collect();
    let files = [("model.onnx", bytes), ("explanations.onnx", explanations), ("rows.f32", cells), ("parts.f64", parts)];
    let paths = files.map(|(name, content)| file(folder.path(), name, content));
    let script = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/python/explanations.py");
    let output = Command::new(python).arg(script).args(paths).output().unwrap();
    let (found, faults) = (String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    assert!(output.status.success(), "{found}{faults}");
    println!("{found}");
}

#[test]
fn the_command_writes_both_files() {
    let folder = tempfile::tempdir().unwrap();
    let [model, why] = ["model.onnx", "why.onnx"].map(|name| folder.path().join(name));
    let (code, stdout, stderr) =
        run(tamis().args(["train", "data/orders.ndjson", "--model-out"]).arg(&model).arg("--explain-out").arg(&why));
    assert_eq!(code, 0, "{stderr}");
    assert!(stdout.contains("rank correlation") && stdout.contains("held out"), "{stdout}");
    assert!(std::fs::read(&model).unwrap() == tamis::builtin::MODEL);
    let why = Model::from_onnx(&std::fs::read(&why).unwrap());
    // It is no scorer, and is told apart from one.
    assert!(why.is_err() || why.unwrap().forest().is_none());
}
