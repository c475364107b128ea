//! `tamis split`, labels beside the records, and figures as files.

use super::common::{file, run, tamis};
use serde_json::Value as Json;
use std::collections::BTreeSet;
use std::path::Path;

const SAMPLE: &str = "data/orders.ndjson";
const PARTS: [&str; 3] = ["train", "dev", "test"];

fn split(out: &Path, input: &str, more: &[&str]) -> Json {
    let (code, stdout, stderr) = run(tamis().args(["split", "--json", input, "--out"]).arg(out).args(more));
    assert_eq!(code, 0, "{stderr}");
    serde_json::from_str(&stdout).unwrap()
}

fn lines(out: &Path, part: &str) -> Vec<String> {
    let text = std::fs::read_to_string(out.join(format!("{part}.ndjson"))).unwrap();
    text.lines().map(ToOwned::to_owned).collect()
}

fn field(line: &str, name: &str) -> String {
    serde_json::from_str::<Json>(line).unwrap()[name].as_str().unwrap().to_owned()
}

#[test]
fn the_parts_are_all_accepted_records_masked() {
    let folder = tempfile::tempdir().unwrap();
    for (by, more) in [("id", &[][..]), ("created_at", &["--by", "created_at", "--dev", "0.1", "--test", "0.3"])] {
        let out = folder.path().join(by);
        let told = split(&out, SAMPLE, more);
        assert_eq!([&told["by"], &told["rejected"]], [&Json::from(by), &Json::from(941)]);
        let mut parts: Vec<String> = PARTS.iter().flat_map(|part| lines(&out, part)).collect();
        for part in PARTS {
            assert_eq!(told[part], lines(&out, part).len(), "{part}");
        }
        let (_, masked, _) = run(tamis().args(["mask", SAMPLE]));
        let mut all: Vec<String> = masked.lines().map(ToOwned::to_owned).collect();
        parts.sort();
        all.sort();
        assert!(parts == all, "{by}: the parts are not the masked records");
        // Any number of threads gives the same files.
        let one = folder.path().join("one");
        split(&one, SAMPLE, &[more, &["--threads", "1"]].concat());
        assert!(PARTS.iter().all(|part| lines(&one, part) == lines(&out, part)));
    }
    let latest =
        |part| lines(&folder.path().join("created_at"), part).iter().map(|line| field(line, "created_at")).max();
    let first =
        |part| lines(&folder.path().join("created_at"), part).iter().map(|line| field(line, "created_at")).min();
    assert!(latest("train") < first("dev") && latest("dev") < first("test"));
}

#[test]
fn more_data_move_no_record() {
    let folder = tempfile::tempdir().unwrap();
    let all = std::fs::read_to_string(SAMPLE).unwrap();
    let some: String = all.split_inclusive('\n').take(2000).collect();
    let some = file(folder.path(), "some.ndjson", some).display().to_string();
    let (before, after) = (folder.path().join("before"), folder.path().join("after"));
    split(&before, &some, &[]);
    split(&after, SAMPLE, &[]);
    for part in PARTS {
        let after: BTreeSet<String> = lines(&after, part).into_iter().collect();
        assert!(lines(&before, part).iter().all(|line| after.contains(line)), "{part}");
    }
}

#[test]
fn what_cannot_be_split_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    let out = folder.path().join("out");
    for (more, words) in [
        (&["--dev", "0.5", "--test", "0.5"][..], "leave nothing to train on"),
        (&["--by", "when"], "no field when"),
        (&["--by", "customer_email"], "no date-time"),
        (&["--dev", "2"], "must be a share"),
    ] {
        let (code, _, stderr) = run(tamis().args(["split", SAMPLE, "--out"]).arg(&out).args(more));
        assert!(code == 2 && stderr.contains(words), "{stderr}");
    }
    assert!(!out.join("train.ndjson").exists());
}

#[test]
fn labels_may_stand_beside_the_records() {
    let folder = tempfile::tempdir().unwrap();
    let masked = folder.path().join("masked.ndjson");
    run(tamis().args(["mask", SAMPLE, "--out"]).arg(&masked));
    let metrics = folder.path().join("metrics.json");
    let plots = folder.path().join("plots");
    let evaluate = |labels: &Path, more: &[&str]| {
        let mut command = tamis();
        command.arg("evaluate").arg(&masked).args(["--model", "models/default.onnx", "--labels"]).arg(labels);
        run(command.args(more).arg("--metrics-out").arg(&metrics).arg("--plots-out").arg(&plots))
    };
    let truth = Path::new("data/orders.truth.ndjson");
    let (code, _, stderr) = evaluate(truth, &["--label", "anomaly"]);
    assert_eq!(code, 0, "{stderr}");
    let figures: Json = serde_json::from_slice(&std::fs::read(&metrics).unwrap()).unwrap();
    assert_eq!([&figures["labelled"], &figures["outliers"]], [4059, 74]);
    assert!(figures.as_object().unwrap().values().all(Json::is_number), "{figures}");
    assert!(figures["auroc_low"].as_f64() < figures["auroc"].as_f64());
    let table = |name: &str| std::fs::read_to_string(plots.join(name)).unwrap();
    assert!(table("roc.csv").starts_with("false_alarms,recall\n0,0\n") && table("roc.csv").ends_with("\n1,1\n"));
    let decisions = table("decisions.csv");
    let sum = |column: usize| {
        decisions.lines().skip(1).map(|line| line.split(',').nth(column).unwrap().parse::<u64>().unwrap()).sum::<u64>()
    };
    assert_eq!((sum(1), sum(2)), (4059 - 74, 74));

    // The form that `tamis cycle` reads; an outlier wins, and a record without a label counts for nothing.
    let id = |line: &str| field(line, "order_id");
    let orders = std::fs::read_to_string(&masked).unwrap();
    let ids: Vec<String> = orders.lines().take(3).map(id).collect();
    let some = format!(
        "{{\"id\": \"{0}\", \"outlier\": true}}\n\n{{\"id\": \"{0}\", \"outlier\": false}}\n{{\"order_id\": \"{1}\", \"outlier\": 0}}\n\
         {{\"id\": null, \"outlier\": true}}\n{{\"id\": \"{2}\", \"outlier\": null}}\n",
        ids[0], ids[1], ids[2]
    );
    let (code, _, stderr) = evaluate(&file(folder.path(), "some.ndjson", some), &[]);
    assert_eq!(code, 0, "{stderr}");
    let figures: Json = serde_json::from_slice(&std::fs::read(&metrics).unwrap()).unwrap();
    assert_eq!([&figures["labelled"], &figures["outliers"]], [2, 1]);

    for (labels, words) in [("{\"id\": 1, \"outlier\": \"perhaps\"}", "line 1"), ("no JSON", "line 1 is no JSON")] {
        let (code, _, stderr) = evaluate(&file(folder.path(), "wrong.ndjson", labels), &[]);
        assert!(code == 2 && stderr.contains(words) && !stderr.contains("perhaps"), "{stderr}");
    }
}

#[test]
fn the_counts_of_a_batch_are_a_file() {
    let folder = tempfile::tempdir().unwrap();
    let metrics = folder.path().join("validate.json");
    let mut command = tamis();
    command.args(["validate", SAMPLE, "--out"]).arg(folder.path().join("out")).arg("--metrics-out").arg(&metrics);
    assert_eq!(run(&mut command).0, 0);
    let figures: Json = serde_json::from_slice(&std::fs::read(&metrics).unwrap()).unwrap();
    assert_eq!(figures["accepted"], 4059);
    assert!(figures.as_object().unwrap().values().all(Json::is_number), "{figures}");
}
