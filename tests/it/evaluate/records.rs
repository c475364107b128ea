//! Evaluating records under a contract.

use super::super::common::{file, run, tamis};
use serde_json::Value as Json;

/// The shipped orders with the truth about each in a field that the contract does not know.
fn labelled() -> String {
    let orders = std::fs::read_to_string("data/orders.ndjson").unwrap();
    let truth = std::fs::read_to_string("data/orders.truth.ndjson").unwrap();
    let mut lines = String::new();
    for (order, truth) in orders.lines().zip(truth.lines()) {
        let truth: Json = serde_json::from_str(truth).unwrap();
        let odd = u8::from(truth["anomaly"] == true);
        match order.trim_end().strip_suffix('}').filter(|open| open.trim_start().starts_with('{') && open.len() > 2) {
            Some(open) => lines += &format!("{open}, \"odd\": {odd}}}\n"),
            None => lines += &format!("{order}\n"),
        }
    }
    lines
}

#[test]
fn the_anomalies_of_the_sample_are_found() {
    let folder = tempfile::tempdir().unwrap();
    let input = file(folder.path(), "orders.ndjson", labelled());
    let evaluate = |more: &[&str]| {
        let (code, stdout, stderr) = run(tamis().args(["evaluate", "--json", "--label", "odd"]).arg(&input).args(more));
        assert_eq!(code, 0, "{stderr}");
        serde_json::from_str::<Json>(&stdout).unwrap()
    };
    let found = evaluate(&["--seeds", "3"]);
    assert_eq!([&found["rows"], &found["features"], &found["outliers"]], [4059, 7, 74]);
    assert!(found["auroc_mean"].as_f64().unwrap() > 0.95, "{found}");
    let model = evaluate(&["--model", "models/default.onnx"]);
    assert!(
        model["auroc_mean"].as_f64().unwrap() > 0.95 && model["auroc_interval"][0].as_f64().unwrap() > 0.9,
        "{model}"
    );
    // Any number of threads gives the same figures.
    assert_eq!(evaluate(&["--seeds", "3", "--threads", "1"]), found);
    let (code, stdout, _) = run(tamis().args(["evaluate", "--label", "odd", "--seeds", "2"]).arg(&input));
    assert!(code == 0 && stdout.contains("AUROC") && stdout.contains("seeds 0 to 1"), "{stdout}");
}

#[test]
fn a_label_must_not_be_a_feature() {
    let input = "data/orders.ndjson";
    let (code, _, stderr) = run(tamis().args(["evaluate", input, "--label", "is_gift"]));
    assert!(code == 2 && stderr.contains("reads the label is_gift"), "{stderr}");
    let (code, _, stderr) = run(tamis().args(["evaluate", input]));
    assert!(code == 2 && stderr.contains("--label"), "{stderr}");
    // A value that is no label is not shown.
    let (code, _, stderr) = run(tamis().args(["evaluate", input, "--label", "status"]));
    assert!(code == 2 && stderr.contains("label"), "{stderr}");
    assert!(!["paid", "shipped", "pending"].iter().any(|word| stderr.contains(word)), "{stderr}");
}
