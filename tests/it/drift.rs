//! `tamis drift`: the same counts however they come, drift where there is some, none where there is none.

use crate::common::{file, lifecycle_python, run, tamis, testdata};
use serde_json::Value;
use std::path::{Path, PathBuf};
use std::process::Command;

/// Synthetic orders.
fn orders(folder: &Path, name: &str, rows: u32, seed: u32) -> PathBuf {
    let path = folder.join(name);
    let mut command = tamis();
    command.args(["generate", "--rows", &rows.to_string(), "--seed", &seed.to_string(), "--out"]).arg(&path);
    assert_eq!(run(&mut command).0, 0);
    path
}

/// Synthetic orders of one shop, cut in two: each seed has customers of its own, who come again and live where they do.
fn shop(folder: &Path, [first, second]: [u32; 2], seed: u32) -> [PathBuf; 2] {
    let text = std::fs::read_to_string(orders(folder, "all.ndjson", first + second, seed)).unwrap();
    let lines: Vec<&str> = text.lines().collect();
    let (first, second) = lines.split_at(first as usize);
    [("one.ndjson", first), ("other.ndjson", second)].map(|(name, lines)| file(folder, name, lines.join("\n")))
}

/// Without a key, as for counting none is needed.
fn drift(args: &[&str], paths: &[&Path]) -> (i32, String, String) {
    let mut command = Command::new(env!("CARGO_BIN_EXE_tamis"));
    run(command.env_remove("TAMIS_KEY").arg("drift").args(args).args(paths))
}

fn json(args: &[&str], paths: &[&Path]) -> (i32, Value) {
    let (code, out, err) = drift(&[&["--json"], args].concat(), paths);
    assert!(code < 2, "{err}");
    (code, serde_json::from_str(&out).unwrap())
}

fn names(drift: &Value) -> Vec<&str> {
    drift["drifted"].as_array().unwrap().iter().map(|name| name.as_str().unwrap()).collect()
}

fn column<'d>(drift: &'d Value, name: &str) -> &'d Value {
    let columns = drift["columns"].as_array().unwrap();
    columns.iter().find(|column| column["name"] == name).unwrap_or_else(|| panic!("no column {name}"))
}

/// Rewrites the records that are JSON.
fn changed(path: &Path, to: &Path, change: impl Fn(usize, &mut Value)) -> PathBuf {
    let text = std::fs::read_to_string(path).unwrap();
    let lines = text.lines().enumerate().map(|(at, line)| match serde_json::from_str::<Value>(line) {
        Ok(mut record) => {
            change(at, &mut record);
            record.to_string()
        }
        Err(_) => line.to_owned(),
    });
    std::fs::write(to, lines.collect::<Vec<_>>().join("\n")).unwrap();
    to.to_owned()
}

#[test]
fn orders_of_one_shop_are_alike() {
    let folder = tempfile::tempdir().unwrap();
    let [one, other] = shop(folder.path(), [4000, 3000], 11);
    let (code, found) = json(&[], &[&one, &other]);
    assert_eq!((code, names(&found)), (0, vec![]), "{found:#}");
    let columns: Vec<&str> =
        found["columns"].as_array().unwrap().iter().map(|one| one["name"].as_str().unwrap()).collect();
    // The seven features, and the fields that none of them is: personal ones, moments and names are not among them.
    assert_eq!(columns[..7], ["quantity", "unit_price", "total_amount", "has_coupon", "has_tags", "is_gift", "status"]);
    assert_eq!(columns[7..], ["/shipping/country_code", "/shipping/city", "/priority"]);
    assert_eq!(found["left_out"], serde_json::json!({"/created_at": "time", "/order_id": "names"}));
    assert_eq!(column(&found, "status")["kind"], "category");
    assert_eq!(column(&found, "has_tags")["cells"].as_array().unwrap().len(), 4);
    // And with the model that was trained on them as the reference.
    let model = folder.path().join("model.onnx");
    assert_eq!(run(tamis().arg("train").arg(&one).arg("--model-out").arg(&model)).0, 0);
    let (code, by_model) = json(&[], &[&model, &other]);
    assert_eq!((code, names(&by_model)), (0, vec![]));
    for (left, right) in by_model["columns"].as_array().unwrap().iter().zip(found["columns"].as_array().unwrap()) {
        assert_eq!((&left["reference"], &left["psi"]), (&right["reference"], &right["psi"]));
    }
    assert!(by_model["model"].as_str().unwrap().starts_with("orders@"));
    let score = &by_model["score"];
    assert!(score["records"]["reference"].as_u64().unwrap() > 3000 && score["verdict"] == "stable", "{score}");
}

/// The orders of another seed differ in where the customers live, for these are others and a few of them come often;
/// in nothing else.
#[test]
fn orders_of_two_shops_differ_in_their_customers_alone() {
    let folder = tempfile::tempdir().unwrap();
    let at = |name: &str| folder.path().join(name);
    let model = at("model.onnx");
    let one = orders(folder.path(), "one.ndjson", 4000, 12);
    assert_eq!(run(tamis().arg("train").arg(&one).arg("--model-out").arg(&model)).0, 0);
    for seed in 13..17 {
        let (_, found) = json(&[], &[&model, &orders(folder.path(), "other.ndjson", 2500, seed)]);
        let names = names(&found);
        assert!(names.iter().all(|name| name.starts_with("/shipping/")), "{seed}: {names:?}");
    }
}

#[test]
fn a_changed_field_is_named_and_no_other() {
    let folder = tempfile::tempdir().unwrap();
    let [one, other] = shop(folder.path(), [4000, 1500], 21);
    let dearer = changed(&other, &folder.path().join("dearer.ndjson"), |_, record| {
        if let Some(price) = record["unit_price"].as_f64().filter(|price| *price > 0.0) {
            record["unit_price"] = (price * 1.8).into();
        }
    });
    let (code, found) = json(&[], &[&one, &dearer]);
    assert_eq!(code, 1);
    let drifted = names(&found);
    assert!(drifted.contains(&"unit_price") && drifted.contains(&"total_amount"), "{drifted:?}");
    // Scores follow what the model looks at.
    assert!(
        drifted.iter().all(|name| ["unit_price", "total_amount", "score", "anomalies"].contains(name)),
        "{drifted:?}"
    );
    let german = changed(&other, &folder.path().join("german.ndjson"), |at, record| {
        if at % 2 == 0 && record["shipping"]["country_code"].is_string() {
            record["shipping"]["country_code"] = "DE".into();
        }
    });
    let (code, found) = json(&[], &[&one, &german]);
    assert_eq!((code, names(&found)), (1, vec!["/shipping/country_code"]));
    let broken = changed(&other, &folder.path().join("broken.ndjson"), |at, record| {
        if at % 8 == 0 {
            record["quantity"] = 0.into();
        }
    });
    let (code, found) = json(&[], &[&one, &broken]);
    assert_eq!((code, names(&found)), (1, vec!["acceptance"]));
    let missing = changed(&other, &folder.path().join("missing.ndjson"), |at, record| {
        if at % 3 == 0 {
            record["coupon_code"] = "SUMMER".into();
        }
    });
    let (code, table, _) = drift(&[], &[&one, &missing]);
    assert_eq!(code, 1);
    assert!(table.lines().any(|line| line.starts_with("has_coupon") && line.ends_with("DRIFT")), "{table}");
    assert!(table.ends_with("Drift: has_coupon\n"), "{table}");
}

#[test]
fn small_windows_do_not_cry_wolf() {
    let folder = tempfile::tempdir().unwrap();
    let [one, other] = shop(folder.path(), [4000, 3600], 31);
    let reference = folder.path().join("reference.json");
    assert_eq!(drift(&["--reference-out", reference.to_str().unwrap()], &[&one]), (0, String::new(), String::new()));
    let all = std::fs::read_to_string(other).unwrap();
    let lines: Vec<&str> = all.lines().collect();
    let (mut alarms, mut common) = (0, 0);
    for window in lines.chunks(90) {
        let window = file(folder.path(), "window.ndjson", window.join("\n"));
        let (code, found) = json(&[], &[&reference, &window]);
        alarms += code;
        common +=
            usize::from(found["columns"].as_array().unwrap().iter().any(|one| one["psi"].as_f64().unwrap() > 0.1));
    }
    // Forty windows of some seventy accepted records: the common rule alarms on most of them.
    assert!(alarms <= 1 && common >= 20, "{alarms} {common}");
    let few = file(folder.path(), "few.ndjson", lines[..40].join("\n"));
    let (code, table, _) = drift(&[], &[&reference, &few]);
    assert_eq!(code, 0);
    assert!(table.contains("too few") && table.ends_with("a verdict takes 50 on each side.\n"), "{table}");
}

#[test]
fn counters_add_up_whatever_they_are_counted_from() {
    let folder = tempfile::tempdir().unwrap();
    let at = |name: &str| folder.path().join(name);
    let text = |name: &str| std::fs::read_to_string(at(name)).unwrap();
    let one = orders(folder.path(), "one.ndjson", 3000, 41);
    let other = orders(folder.path(), "other.ndjson", 2000, 42);
    let model = at("model.onnx");
    assert_eq!(run(tamis().arg("train").arg(&one).arg("--model-out").arg(&model)).0, 0);
    let again = at("again.onnx");
    assert_eq!(run(tamis().args(["train", "--threads", "1"]).arg(&one).arg("--model-out").arg(&again)).0, 0);
    assert!(std::fs::read(&model).unwrap() == std::fs::read(&again).unwrap());
    let all = std::fs::read_to_string(&other).unwrap();
    let lines: Vec<&str> = all.lines().collect();
    let parts: Vec<PathBuf> = [&lines[..7], &lines[7..1300], &lines[1300..]]
        .iter()
        .enumerate()
        .map(|(at, part)| file(folder.path(), &format!("part{at}.ndjson"), part.join("\n")))
        .collect();
    let window = |name: &str, args: &[&str], paths: &[&Path]| {
        let out = at(name);
        let (code, _, err) = drift(&[args, &["--window-out", out.to_str().unwrap()]].concat(), paths);
        assert!(code < 2, "{err}");
        out
    };
    window("whole.json", &[], &[&model, &other]);
    window("threads.json", &["--threads", "1"], &[&model, &other]);
    assert_eq!(text("whole.json"), text("threads.json"));
    let days: Vec<PathBuf> =
        parts.iter().enumerate().map(|(at, part)| window(&format!("day{at}.json"), &[], &[&model, part])).collect();
    // Duplicates are told within a batch alone, so each part is one batch both times.
    window("parts.json", &[], &[&model, &parts[0], &parts[1], &parts[2]]);
    window("added.json", &[], &[&model, &days[2], &days[0], &days[1]]);
    window("mixed.json", &[], &[&model, &days[1], &parts[2], &days[0]]);
    assert_eq!(text("parts.json"), text("added.json"));
    assert_eq!(text("parts.json"), text("mixed.json"));
    for name in ["whole.json", "day1.json"] {
        assert!(text(name).len() < 8 << 10, "{name}: {} bytes", text(name).len());
    }
    // A model's reference is what `--reference-out` writes, and a window may be a reference too.
    let reference = at("reference.json");
    let (code, _, _) = drift(&["--reference-out", reference.to_str().unwrap()], &[&model]);
    assert_eq!(code, 0);
    let (_, by_model) = json(&[], &[&model, &days[1]]);
    let (_, by_json) = json(&[], &[&reference, &days[1]]);
    assert_eq!(by_model, by_json);
    let (code, itself) = json(&[], &[&days[1], &days[1]]);
    assert_eq!((code, itself["columns"][0]["psi"].as_f64()), (0, Some(0.0)));
    assert!(text("reference.json").len() < 12 << 10, "{} bytes", text("reference.json").len());
}

#[test]
fn the_results_of_a_run_can_be_either_side() {
    let folder = tempfile::tempdir().unwrap();
    let at = |name: &str| folder.path().join(name);
    let run_to = |input: &Path, out: &str| {
        let (code, _, err) = run(tamis().arg("run").arg(input).arg("--out").arg(at(out)));
        assert_eq!(code, 0, "{err}");
        at(out)
    };
    let [one, raw] = shop(folder.path(), [2500, 1500], 51);
    let one = run_to(&one, "one");
    let other = run_to(&raw, "other");
    let (code, by_folder) = json(&[], &[&one, &other]);
    assert_eq!((code, names(&by_folder)), (0, vec![]));
    // Masked or raw, the same is counted, and rejected records are not forgotten.
    let (_, by_raw) = json(&[], &[&one, &raw]);
    assert_eq!(by_folder["acceptance"], by_raw["acceptance"]);
    assert_eq!(by_folder["columns"], by_raw["columns"]);
    assert_eq!(by_folder["score"], by_raw["score"]);
    let (_, by_masked) = json(&[], &[&one, &other.join("accepted.ndjson")]);
    let counts = |found: &Value| -> Vec<Value> {
        found["columns"].as_array().unwrap().iter().map(|column| column["current"].clone()).collect()
    };
    assert_eq!(counts(&by_masked), counts(&by_raw));
    // A run that was given its model is not what that was trained on.
    let (code, _, _) =
        run(tamis().arg("run").arg(&raw).arg("--model").arg(one.join("model.onnx")).arg("--out").arg(at("scored")));
    assert_eq!(code, 0);
    let (_, scored) = json(&[], &[&at("scored"), &raw]);
    assert_eq!(scored["records"]["reference"], scored["records"]["current"]);
    assert_eq!((scored["columns"][0]["psi"].as_f64(), &scored["verdict"]), (Some(0.0), &"stable".into()));
}

#[test]
fn what_cannot_be_compared_is_said_clearly() {
    let folder = tempfile::tempdir().unwrap();
    let at = |name: &str| folder.path().join(name);
    let one = orders(folder.path(), "one.ndjson", 300, 61);
    let reference = at("reference.json");
    assert_eq!(drift(&["--reference-out", reference.to_str().unwrap()], &[&one]).0, 0);
    let contract = file(
        folder.path(),
        "contract.json",
        r#"{"x-contract": {"name": "other", "version": "2"}, "type": "object", "properties": {"n": {"type": "integer"}}}"#,
    );
    let contract = contract.to_str().unwrap();
    let numbers: String = (0..200).map(|n| format!("{{\"n\": {n}}}\n")).collect();
    let numbers = file(folder.path(), "numbers.ndjson", numbers);
    let theirs = at("theirs.json");
    let (code, _, err) = drift(&["--contract", contract, "--reference-out", theirs.to_str().unwrap()], &[&numbers]);
    assert_eq!(code, 0, "{err}");
    let newer = file(folder.path(), "newer.json", "{ \"format\": \"tamis.reference/2\" }");
    let cut = file(folder.path(), "cut.json", &std::fs::read(&reference).unwrap()[..700]);
    let empty = file(folder.path(), "empty.ndjson", "");
    let words = file(folder.path(), "words.ndjson", "[1]\n\"x\"\n");
    let old = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/data/skl2onnx.onnx");
    let hidden = at("missing.ndjson");
    let other = at("other.onnx");
    assert_eq!(run(tamis().args(["train", "--seed", "7"]).arg(&one).arg("--model-out").arg(&other)).0, 0);
    let cases: [(&[&str], &[&Path], &str); 15] = [
        (&[], &[&one], "name what to compare with"),
        (&[], &[&one, &hidden], "missing.ndjson"),
        (&[], &[&hidden, &one], "missing.ndjson"),
        (&[], &[&theirs, &one], "counted under the contract other 2 (SHA-256"),
        (&["--contract", contract], &[&reference, &numbers], "counted under the contract orders 1.0.0"),
        (&[], &[&reference, &theirs], "tamis.reference/1"),
        (&[], &[&newer, &one], "tamis.reference/2"),
        (&[], &[&cut, &one], "cut.json"),
        (&[], &[Path::new(old), &one], "brings no reference"),
        (&[], &[&reference, Path::new("models/default.onnx")], "only the reference can be one"),
        (&["--model", other.to_str().unwrap()], &[&reference, &one], "scored by the model orders@"),
        (&[], &[&reference, &empty], "no record in"),
        (&[], &[&words, &one], "no record of"),
        (&[], &[folder.path(), &one], "accepted.ndjson"),
        (&["--alpha", "0.9"], &[&reference, &one], "(0, 0.5]"),
    ];
    for (args, paths, says) in cases {
        let (code, out, err) = drift(args, paths);
        assert_eq!((code, out.as_str()), (2, ""), "{args:?} {paths:?}: {err}");
        assert!(err.contains(says), "{says}: {err}");
    }
}

#[test]
fn the_report_stands_alone_and_names_no_person() {
    let folder = tempfile::tempdir().unwrap();
    let at = |name: &str| folder.path().join(name);
    let [one, other] = shop(folder.path(), [2500, 1500], 71);
    let dearer = changed(&other, &at("dearer.ndjson"), |_, record| {
        if let Some(quantity) = record["quantity"].as_u64() {
            record["quantity"] = (quantity * 3).into();
        }
    });
    let (report, window, reference) = (at("drift.html"), at("window.json"), at("reference.json"));
    let args = [
        "--report",
        report.to_str().unwrap(),
        "--window-out",
        window.to_str().unwrap(),
        "--reference-out",
        reference.to_str().unwrap(),
    ];
    let (code, table, err) = drift(&args, &[&one, &dearer]);
    assert_eq!(code, 1, "{err}");
    let html = std::fs::read_to_string(&report).unwrap();
    assert!(html.starts_with("<!doctype html>") && !html.contains("<script") && !html.contains("http:"));
    for says in ["Tamis drift report", "quantity", "total_amount", "<svg", "the new records differ", "critical"] {
        assert!(html.contains(says), "{says}");
    }
    let outputs = [html, table, std::fs::read_to_string(window).unwrap(), std::fs::read_to_string(reference).unwrap()];
    for output in outputs {
        assert!(!output.contains('@') || !output.contains("example."), "an address");
        assert!(!output.contains("tok_") && !output.contains("ORD-"));
    }
}

#[test]
fn rare_values_are_not_named() {
    let folder = tempfile::tempdir().unwrap();
    let contract = file(
        folder.path(),
        "contract.json",
        r#"{"type": "object", "properties": {
            "town": {"type": "string"}, "name": {"type": "string", "x-pii": "name"}, "nick": {"type": "string", "x-mask": "pseudonym"},
            "list": {"type": "array", "items": {"type": "string"}}, "any": {}, "none": {"type": ["integer", "null"]},
            "note": {"type": "string"}, "flag": {"type": "boolean"}}}"#,
    );
    let records: String = (0..400)
        .map(|at| {
            let town = if at < 4 { "Rare" } else if at < 9 { "Five" } else { "Many" };
            format!("{{\"town\":\"{town}\",\"name\":\"Anna\",\"nick\":\"Eve\",\"list\":[\"x\"],\"any\":1,\"note\":\"{at}\",\"flag\":{}}}\n", at % 2 == 0)
        })
        .collect();
    let records = file(folder.path(), "records.ndjson", records);
    let reference = folder.path().join("reference.json");
    let args = ["--contract", contract.to_str().unwrap(), "--reference-out", reference.to_str().unwrap()];
    assert_eq!(drift(&args, &[&records]).0, 0);
    let json: Value = serde_json::from_str(&std::fs::read_to_string(reference).unwrap()).unwrap();
    let columns = json["columns"].as_array().unwrap();
    assert_eq!(columns.len(), 2, "{json:#}");
    assert_eq!(columns[0]["values"], serde_json::json!(["Many", "Five"]));
    assert_eq!(columns[0]["counts"], serde_json::json!([391, 5, 4, 0]));
    assert_eq!(columns[1]["values"], serde_json::json!(["false", "true"]));
    let why = serde_json::json!({"/any": "types", "/list": "many", "/list/*": "many", "/name": "personal", "/none": "empty", "/note": "texts"});
    assert_eq!(json["left_out"], why);
}

/// The real shop's days: on the two bad ones the share of good lines falls, on an ordinary one it does not.
#[test]
fn bad_days_of_a_real_shop_are_told() {
    let Some(days) = testdata("retail") else { return };
    let day = |name: &str| days.join(format!("{name}.csv"));
    let folder = tempfile::tempdir().unwrap();
    let reference = folder.path().join("reference.json");
    let contract = ["--contract", "contracts/retail.json"];
    let args = [&contract[..], &["--reference-out", reference.to_str().unwrap()]].concat();
    assert_eq!(drift(&args, &[&day("2010-12-01")]).0, 0);
    for (name, bad) in [("2010-12-22", true), ("2011-01-28", true), ("2011-03-01", false)] {
        let (_, found) = json(&contract, &[&reference, &day(name)]);
        println!("{name}: {:?}, acceptance {}", names(&found), found["acceptance"]["current"]["rate"]);
        assert_eq!(names(&found).contains(&"acceptance"), bad, "{name}");
    }
}

/// Every figure is SciPy's over the same counts.
#[test]
fn figures_agree_with_scipy() {
    let Some(python) = lifecycle_python("import numpy, scipy") else { return };
    let folder = tempfile::tempdir().unwrap();
    let at = |name: &str| folder.path().join(name);
    let one = orders(folder.path(), "one.ndjson", 3000, 81);
    let other = orders(folder.path(), "other.ndjson", 900, 82);
    let shifted = changed(&other, &at("shifted.ndjson"), |at, record| {
        if let Some(price) = record["unit_price"].as_f64() {
            record["unit_price"] = (price * if at % 3 == 0 { 5.0 } else { 0.7 }).into();
        }
        if at % 4 == 0 {
            record["is_gift"] = Value::Null;
        }
    });
    let text = std::fs::read_to_string(&other).unwrap();
    let few = file(folder.path(), "few.ndjson", text.lines().take(80).collect::<Vec<_>>().join("\n"));
    let mut reports = Vec::new();
    for (current, alpha) in [(&other, "0.01"), (&shifted, "0.01"), (&few, "0.05"), (&one, "0.001")] {
        let (code, out, err) = drift(&["--json", "--alpha", alpha], &[&one, current]);
        assert!(code < 2, "{err}");
        reports.push(file(folder.path(), &format!("report{}.json", reports.len()), out));
    }
    let script = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/python/drift.py");
    let (code, out, err) = run(Command::new(python).arg(script).args(&reports));
    assert_eq!(code, 0, "{out}{err}");
    println!("{out}");
}
