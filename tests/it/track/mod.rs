//! What is recorded of a run: in a folder, and at a server.

mod mlflow;
mod server;

use crate::common::{file, run};
use serde_json::Value as Json;
use sha2::{Digest, Sha256};
use std::io::Write;
use std::path::Path;
use std::process::{Command, Stdio};

/// The binary in a folder of its own, where it may record its runs.
fn tamis(folder: &Path) -> Command {
    let mut command = crate::common::tamis();
    command.env_remove("TAMIS_TRACK").current_dir(folder);
    for variable in ["USERNAME", "PASSWORD", "TOKEN", "SERVER_CERT_PATH"] {
        command.env_remove(format!("MLFLOW_TRACKING_{variable}"));
    }
    command.env("NO_PROXY", "127.0.0.1").env_remove("MLFLOW_EXPERIMENT_NAME");
    command
}

/// Synthetic orders, in the folder.
fn orders(folder: &Path, seed: u32) -> String {
    let (code, text, _) = run(tamis(folder).args(["generate", "--rows", "600", "--seed", &seed.to_string()]));
    assert_eq!(code, 0);
    file(folder, &format!("orders{seed}.ndjson"), &text);
    text
}

/// The lines of the local record.
fn lines(folder: &Path) -> Vec<Json> {
    let text = std::fs::read_to_string(folder.join(".tamis/runs.ndjson")).unwrap_or_default();
    text.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

fn sha256(bytes: &[u8]) -> String {
    Sha256::digest(bytes).iter().map(|byte| format!("{byte:02x}")).collect()
}

#[test]
fn a_run_leaves_a_line_with_its_figures_and_the_hashes_of_all_that_it_read_and_wrote() {
    let folder = tempfile::tempdir().unwrap();
    let at = folder.path();
    let text = orders(at, 1);
    let (code, stdout, stderr) = run(tamis(at).args(["run", "orders1.ndjson", "--json", "--seed", "5"]));
    assert!(code == 0 && !stderr.contains("record"), "{stderr}");
    let summary: Json = serde_json::from_str(&stdout).unwrap();
    let [line]: [Json; 1] = lines(at).try_into().unwrap();
    assert_eq!(
        (&line["format"], &line["command"], &line["experiment"]),
        (&"tamis.run/1".into(), &"run".into(), &"orders".into())
    );
    assert_eq!(line["params"]["seed"], "5");
    assert_eq!(line["params"]["contract_sha256"], summary["contract"]["sha256"]);
    for figure in ["records", "accepted", "acceptance_rate", "anomaly_rate"] {
        assert_eq!(line["metrics"][figure].as_f64(), summary[figure].as_f64(), "{figure}");
    }
    let faults: f64 =
        summary["violations"].as_array().unwrap().iter().map(|fault| fault["count"].as_f64().unwrap()).sum();
    let recorded: f64 = line["metrics"]
        .as_object()
        .unwrap()
        .iter()
        .filter(|(name, _)| name.starts_with("violations/"))
        .map(|(_, count)| count.as_f64().unwrap())
        .sum();
    assert_eq!(faults, recorded);
    let read = &line["datasets"][0];
    assert_eq!((&read["path"], &read["context"]), (&"orders1.ndjson".into(), &"training".into()));
    assert_eq!((&read["sha256"], read["bytes"].as_u64()), (&sha256(text.as_bytes()).into(), Some(text.len() as u64)));
    let written = line["artifacts"].as_array().unwrap();
    assert_eq!(written.len(), 6);
    for artifact in written {
        let bytes = std::fs::read(at.join(artifact["path"].as_str().unwrap())).unwrap();
        assert_eq!(artifact["sha256"], sha256(&bytes), "{artifact}");
    }
    // Nothing of a record is in it.
    assert!(!line.to_string().contains('@') || !line.to_string().contains("example."), "{line}");
}

#[test]
fn what_comes_through_a_pipe_is_hashed_as_it_comes() {
    let folder = tempfile::tempdir().unwrap();
    let at = folder.path();
    let text = orders(at, 1);
    let mut packed = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    packed.write_all(text.as_bytes()).unwrap();
    let packed = packed.finish().unwrap();
    let mut train = tamis(at);
    train.args(["train", "-", "--model-out", "m.onnx"]).stdin(Stdio::piped()).stdout(Stdio::null());
    let mut child = train.spawn().unwrap();
    child.stdin.take().unwrap().write_all(&packed).unwrap();
    assert!(child.wait().unwrap().success());
    let [line]: [Json; 1] = lines(at).try_into().unwrap();
    // Of the bytes that came, not of what they unpack to.
    assert_eq!((&line["datasets"][0]["path"], &line["datasets"][0]["sha256"]), (&"-".into(), &sha256(&packed).into()));
    assert_eq!(line["artifacts"][0]["sha256"], sha256(&std::fs::read(at.join("m.onnx")).unwrap()));
    assert_eq!(line["tags"]["tamis.model.sha256"], line["artifacts"][0]["sha256"]);
    assert_eq!(line["register"]["alias"], "champion");
}

#[test]
fn a_record_that_cannot_be_written_is_no_reason_to_fail_and_none_is_kept_where_nobody_wants_one() {
    let folder = tempfile::tempdir().unwrap();
    let at = folder.path();
    orders(at, 1);
    file(at, "file", "");
    let train = ["train", "orders1.ndjson", "--model-out", "m.onnx"];
    let (code, _, stderr) = run(tamis(at).args(train).args(["--track", "file/below"]));
    assert_eq!(code, 0);
    assert!(stderr.contains("the run is not in the local record"), "{stderr}");
    for off in [tamis(at).args(train).arg("--no-track"), tamis(at).args(train).env("TAMIS_TRACK", "off")] {
        assert_eq!(run(off).0, 0);
    }
    assert!(!at.join(".tamis").exists());
    // What Python may be told is no place for us, and no reason to stop.
    let (code, _, stderr) = run(tamis(at).args(train).env("MLFLOW_TRACKING_URI", "sqlite:///x.db"));
    assert_eq!((code, lines(at).len()), (0, 1), "{stderr}");
    assert!(stderr.contains("MLFLOW_TRACKING_URI is no http"), "{stderr}");
    let (code, _, stderr) = run(tamis(at).args(train).args(["--track", "sqlite:///x.db"]));
    assert_eq!(code, 2, "{stderr}");
    let (code, _, _) =
        run(tamis(at).args(train).args(["--track", "elsewhere", "--experiment", "e", "--run-name", "n"]));
    let other = std::fs::read_to_string(at.join("elsewhere/runs.ndjson")).unwrap();
    assert!(code == 0 && other.contains("\"experiment\":\"e\"") && other.contains("\"name\":\"n\""));
}

#[test]
fn runs_that_end_at_the_same_time_write_whole_lines_behind_one_that_was_cut() {
    let folder = tempfile::tempdir().unwrap();
    let at = folder.path();
    orders(at, 1);
    std::fs::create_dir(at.join(".tamis")).unwrap();
    file(&at.join(".tamis"), "runs.ndjson", "{\"format\":\"tamis.run/1\",\"id\":");
    let train = |name: usize| {
        let mut train = tamis(at);
        train.args(["train", "orders1.ndjson", "--trees", "2", "--model-out"]).arg(format!("m{name}.onnx"));
        train.stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap()
    };
    let children: Vec<_> = (0..8).map(train).collect();
    for mut child in children {
        assert!(child.wait().unwrap().success());
    }
    let (code, stdout, stderr) = run(tamis(at).args(["runs", "list", "--json"]));
    let ids: std::collections::BTreeSet<String> =
        stdout.lines().map(|line| serde_json::from_str::<Json>(line).unwrap()["id"].to_string()).collect();
    assert_eq!((code, ids.len()), (0, 8), "{stderr}");
    assert!(stderr.contains("line 1 of .tamis/runs.ndjson is not readable\n"), "{stderr}");
}

#[test]
fn runs_are_listed_shown_compared_and_charted() {
    let folder = tempfile::tempdir().unwrap();
    let at = folder.path();
    for seed in [1, 2] {
        orders(at, seed);
        let input = format!("orders{seed}.ndjson");
        let train = [
            "train",
            &input,
            "--model-out",
            "m.onnx",
            "--seed",
            &seed.to_string(),
            "--run-name",
            &format!("<seed {seed}>"),
        ];
        assert_eq!(run(tamis(at).args(train)).0, 0);
    }
    let all = lines(at);
    let ids: Vec<&str> = all.iter().map(|line| line["id"].as_str().unwrap()).collect();
    let (_, list, _) = run(tamis(at).args(["runs", "list"]));
    assert!(list.lines().count() == 3 && list.contains(ids[0]) && list.contains("acceptance_rate"), "{list}");
    let (_, list, _) = run(tamis(at).args(["runs", "list", "--last", "1"]));
    assert!(!list.contains(ids[0]) && list.contains(ids[1]), "{list}");
    let (_, shown, _) = run(tamis(at).args(["runs", "show", &ids[0][12..]]));
    let wanted = [ids[0], "orders1.ndjson", "trees", all[0]["datasets"][0]["md5"].as_str().unwrap()];
    assert!(wanted.iter().all(|wanted| shown.contains(wanted)), "{shown}");
    let compare = ["runs", "compare", ids[0], "last"];
    let (_, compared, _) = run(tamis(at).args(compare).args(["--json", "--html", "compared.html"]));
    let compared: Json = serde_json::from_str(&compared).unwrap();
    assert_eq!(compared["params"]["seed"], serde_json::json!(["1", "2"]));
    assert_eq!(compared["params"]["trees"], Json::Null);
    let accepted = |line: &Json| line["metrics"]["accepted"].as_f64().unwrap();
    assert_eq!(compared["metrics"]["accepted"]["deltas"][1].as_f64().unwrap(), accepted(&all[1]) - accepted(&all[0]));
    let (_, text, _) = run(tamis(at).args(compare));
    assert!(text.contains("seed") && !text.contains("bootstrap"), "{text}");
    let (code, _, _) = run(tamis(at).args(["runs", "chart", "--out", "runs.html"]));
    assert_eq!(code, 0);
    for page in ["runs.html", "compared.html"] {
        let html = std::fs::read_to_string(at.join(page)).unwrap();
        assert!(html.contains("<svg") && html.contains("&lt;seed 1&gt;") && !html.contains("<seed"), "{page}");
    }
    for (bad, why) in [("XXXX", "no run has this id"), ("", "no run has this id"), (&ids[0][..1], "several runs")] {
        let (code, _, stderr) = run(tamis(at).args(["runs", "show", bad]));
        assert!(code == 2 && stderr.contains(why), "{stderr}");
    }
    let nowhere = tempfile::tempdir().unwrap();
    let (code, _, stderr) = run(tamis(nowhere.path()).args(["runs", "list"]));
    assert!(code == 2 && stderr.contains("there is no record of runs"), "{stderr}");
}
