//! `tamis audit` and the audit at the end of `tamis run`, from outside: plants in every form, field and kind of output.

use crate::common::{KEY, file, run, tamis, testdata};
use data_encoding::{BASE64, HEXLOWER};
use flate2::Compression;
use flate2::write::GzEncoder;
use serde_json::Value;
use sha2::{Digest, Sha256};
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use tempfile::tempdir;

const CONTRACT: &str = r#"{"type": "object", "x-contract": {"name": "people", "version": "1"}, "x-unknown": "drop",
    "required": ["id"], "properties": {
    "id": {"type": "string"},
    "email": {"type": "string", "format": "email", "x-normalize": ["trim", "lowercase_domain"], "x-mask": "pseudonym"},
    "phone": {"type": ["string", "null"], "x-normalize": ["text"], "x-mask": "redact"},
    "name": {"type": ["string", "null"], "x-mask": "drop"},
    "zip": {"type": ["string", "null"], "x-mask": {"op": "generalise", "prefix": 2}},
    "note": {"type": ["string", "null"], "x-mask": "scan"},
    "status": {"enum": ["new", "paid"]},
    "age": {"type": ["integer", "null"], "minimum": 0}},
    "x-features": [{"name": "age", "expr": "age"}]}"#;

const RAW: &str = r#"{"id": "C-1", "email": "Ada.Lovelace1815@Example.COM", "phone": "+44 20 7946 0958", "name": "Augusta Adelheid King", "zip": "80237", "note": "write to babbage.charles@engine.example soon", "status": "new", "age": 36}

{"id": "C-2", "email": "grüße.tausend@example.com", "phone": "4111 1111 1111 1111", "name": "Zacharias Größel", "zip": "10115", "note": "nothing here", "status": "paid", "age": 41}
{"id": "C-3", "email": "blaise.pascal@example.com", "status": "clandestine42", "age": 39, "hobby": "triangles & wagers"}
"#;

/// What may be planted: the text, the field's path, the form, and the line of the input it came from.
fn plants() -> Vec<(String, &'static str, &'static str, u64)> {
    let sha = |text: &str| HEXLOWER.encode(&Sha256::digest(text));
    vec![
        ("Ada.Lovelace1815@Example.COM".into(), "/email", "raw", 1),
        ("Ada.Lovelace1815@example.com".into(), "/email", "respelled", 1),
        ("ada.lovelace1815@example.com".into(), "/email", "lower_case", 1),
        ("ada.lovelace1815".into(), "/email", "local_part", 1),
        ("Ada.Lovelace1815%40Example.COM".into(), "/email", "url_encoded", 1),
        (BASE64.encode(b"--Ada.Lovelace1815@Example.COM"), "/email", "base64", 1),
        (HEXLOWER.encode(b"Ada.Lovelace1815@Example.COM"), "/email", "hex", 1),
        (sha("ada.lovelace1815@example.com"), "/email", "sha256", 1),
        (r"gr\u00fc\u00dfe.tausend@example.com".into(), "/email", "json_escaped", 3),
        ("gr&uuml;&szlig;e.tausend@example.com".into(), "/email", "html_escaped", 3),
        ("20 7946 0958".into(), "/phone", "national_number", 1),
        ("44.20.7946.0958".into(), "/phone", "respelled", 1),
        ("442079460958".into(), "/phone", "digits", 1),
        ("4111-1111-1111-1111".into(), "/phone", "respelled", 3),
        ("4111111111111111".into(), "/phone", "digits", 3),
        ("AUGUSTA ADELHEID KING".into(), "/name", "respelled", 1),
        ("adelheid".into(), "/name", "word", 1),
        ("\"zip\": \"80237\"".into(), "/zip", "raw", 1),
        (sha("80237"), "/zip", "sha256", 1),
        ("babbage.charles@engine.example".into(), "/note", "raw", 1),
        ("clandestine42".into(), "/status", "raw", 4),
        ("triangles & wagers".into(), "", "raw", 4),
        ("triangles &amp; wagers".into(), "", "html_escaped", 4),
    ]
}

struct Place {
    folder: tempfile::TempDir,
    contract: PathBuf,
    raw: PathBuf,
    out: PathBuf,
}

/// A run with its outputs in `out`.
fn place() -> Place {
    let folder = tempdir().unwrap();
    let contract = file(folder.path(), "people.json", CONTRACT);
    let raw = file(folder.path(), "raw.ndjson", RAW);
    let out = folder.path().join("out");
    let (code, stdout, stderr) =
        run(tamis().arg("run").arg(&raw).arg("--contract").arg(&contract).arg("--out").arg(&out));
    assert_eq!(code, 0, "{stdout}{stderr}");
    assert!(stdout.contains("no trace of") && stdout.contains("in 6 files"), "{stdout}");
    Place { folder, contract, raw, out }
}

fn command(place: &Place, against: &Path) -> Command {
    let mut command = tamis();
    command.arg("audit").arg(&place.raw).arg("--contract").arg(&place.contract).arg("--against").arg(against);
    command
}

/// The findings, as `--json` gives them.
fn findings(place: &Place, against: &Path) -> (i32, Value) {
    let (code, stdout, stderr) = run(command(place, against).arg("--json"));
    (code, serde_json::from_str(&stdout).unwrap_or_else(|_| panic!("{stdout}{stderr}")))
}

#[test]
fn a_run_is_clean_and_so_says_the_audit_of_it() {
    let place = place();
    let (code, report) = findings(&place, &place.out);
    assert_eq!((code, &report["clean"], &report["files"]), (0, &true.into(), &6.into()), "{report:#}");
    assert_eq!(report["findings"], Value::Array(Vec::new()));
    let bytes: u64 = place.out.read_dir().unwrap().map(|entry| entry.unwrap().metadata().unwrap().len()).sum();
    assert_eq!(report["bytes"], bytes);
    let (code, stdout, _) = run(&mut command(&place, &place.out));
    assert_eq!(code, 0);
    assert!(stdout.starts_with("audit    no trace of "), "{stdout}");
}

#[test]
fn every_form_of_every_field_is_found_in_every_kind_of_output() {
    let place = place();
    for (index, (plant, path, form, raw_line)) in plants().into_iter().enumerate() {
        // Each plant in two kinds of output, in turn: all pairs would take a hundred runs.
        for kind in [index, index + 3] {
            let against = place.folder.path().join(format!("against-{index}-{kind}"));
            std::fs::create_dir(&against).unwrap();
            let (name, offset) = plant_in(&place.out, &against, kind, &plant);
            let (code, report) = findings(&place, &against);
            let found = report["findings"].as_array().unwrap();
            let wanted = found.iter().find(|finding| finding["path"] == path && finding["form"] == form);
            let wanted = wanted.unwrap_or_else(|| panic!("{plant} in {name}: {report:#}"));
            assert_eq!(code, 1);
            assert!(wanted["file"].as_str().unwrap().ends_with(&name), "{report:#}");
            assert!(wanted["raw"].as_str().unwrap().ends_with("raw.ndjson"));
            assert_eq!(wanted["count"], 1, "{report:#}");
            let at = wanted["places"][0]["offset"].as_u64().unwrap();
            let begin = plant.find(char::is_alphanumeric).unwrap() as u64;
            // What stands in the middle of base64 begins behind what was encoded before it.
            assert!((offset + begin..offset + begin + 4).contains(&at), "{plant} at {offset}: {report:#}");
            assert_eq!(wanted["places"][0]["raw_line"], raw_line, "{report:#}");
            assert!(!report.to_string().contains(&plant) && !report.to_string().contains("Lovelace"), "{report:#}");
            let (code, text, _) = run(&mut command(&place, &against));
            assert_eq!(code, 1);
            assert!(text.contains(&name) && !text.contains(&plant), "{text}");
        }
    }
}

/// Copies an output of the run with something planted in it; answers its name and where it was planted.
fn plant_in(out: &Path, against: &Path, kind: usize, plant: &str) -> (String, u64) {
    let names = [
        "accepted.ndjson",
        "summary.json",
        "report.html",
        "model.onnx",
        "rejected.ndjson",
        "accepted.ndjson.gz",
        "log",
    ];
    let name = names[kind % names.len()];
    let mut content = std::fs::read(out.join(name.trim_end_matches(".gz"))).unwrap_or_default();
    let quote: &[u8] = if name == "model.onnx" { b"\n\x1c" } else { b"\n\"" };
    content.extend_from_slice(quote);
    let offset = content.len() as u64;
    content.extend_from_slice(plant.as_bytes());
    content.extend_from_slice(b"\",\n");
    if name.ends_with(".gz") {
        let mut packed = GzEncoder::new(Vec::new(), Compression::fast());
        packed.write_all(&content).unwrap();
        content = packed.finish().unwrap();
    }
    file(against, name, content);
    (name.to_owned(), offset)
}

#[test]
fn counts_are_whole_and_places_few() {
    let place = place();
    let log = file(place.folder.path(), "x.log", "user Ada.Lovelace1815@Example.COM\n".repeat(70));
    let (code, report) = findings(&place, &log);
    assert_eq!(code, 1);
    let finding = &report["findings"][0];
    assert_eq!((&finding["count"], finding["places"].as_array().unwrap().len()), (&70.into(), 5));
    assert_eq!(finding["places"][4], serde_json::json!({ "offset": 34 * 4 + 5, "line": 5, "raw_line": 1 }));
}

#[test]
fn several_inputs_are_told_apart() {
    let place = place();
    let second = file(place.folder.path(), "second.csv", "id,email\nC-9,noether.emmy@example.com\n");
    let log = file(place.folder.path(), "x.log", "noether.emmy@example.com");
    let (code, stdout, _) = run(command(&place, &log).arg("--json").arg("--").arg(&second));
    assert_eq!(code, 1);
    let report: Value = serde_json::from_str(&stdout).unwrap();
    assert!(report["findings"][0]["raw"].as_str().unwrap().ends_with("second.csv"), "{report:#}");
    assert_eq!(report["findings"][0]["places"][0]["raw_line"], 2);
}

#[test]
fn a_hash_that_the_feed_itself_brings_is_found_by_the_run() {
    let place = place();
    let hash = HEXLOWER.encode(&Sha256::digest("leak.found@example.com"));
    let raw =
        format!("{{\"id\": \"{hash}\", \"email\": \"leak.found@example.com\", \"status\": \"new\", \"age\": 1}}\n");
    let raw = file(place.folder.path(), "hash.ndjson", raw);
    let out = place.folder.path().join("hash");
    let mut command = tamis();
    command.arg("run").arg(&raw).arg("--contract").arg(&place.contract).arg("--out").arg(&out);
    let (code, stdout, _) = run(&mut command);
    assert_eq!(code, 1, "{stdout}");
    assert!(stdout.contains("/email as sha256") && !stdout.contains("leak.found"), "{stdout}");
    let (code, stdout, _) = run(command.arg("--no-audit"));
    assert_eq!((code, stdout.contains("audit")), (0, false));
    let (code, stdout, stderr) =
        run(tamis().arg("run").arg(&raw).arg("--json").arg("--contract").arg(&place.contract).arg("--out").arg(&out));
    assert!(code == 1 && stderr.contains("/email as sha256"), "{stderr}");
    assert_eq!(stdout, std::fs::read_to_string(out.join("summary.json")).unwrap());
}

#[test]
fn a_run_from_a_pipe_is_audited_too_and_the_audit_changes_no_output() {
    let place = place();
    let out = place.folder.path().join("piped");
    let read = |folder: &Path| -> Vec<Vec<u8>> {
        ["accepted.ndjson", "rejected.ndjson", "verdicts.ndjson", "model.onnx", "summary.json", "report.html"]
            .iter()
            .map(|name| std::fs::read(folder.join(name)).unwrap())
            .collect()
    };
    let wanted = read(&place.out);
    for flags in [&["--threads", "1"][..], &["--threads", "3"], &["--no-audit"]] {
        let mut child = tamis()
            .args(["run", "-", "--format", "ndjson"])
            .args(flags)
            .arg("--contract")
            .arg(&place.contract)
            .arg("--out")
            .arg(&out)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        child.stdin.take().unwrap().write_all(RAW.as_bytes()).unwrap();
        let output = child.wait_with_output().unwrap();
        let stdout = String::from_utf8(output.stdout).unwrap();
        assert!(output.status.success());
        assert_eq!(stdout.contains("no trace of"), flags != ["--no-audit"], "{stdout}");
        assert_eq!(read(&out), wanted);
    }
}

#[test]
fn sealed_originals_are_no_finding() {
    let place = place();
    let out = place.folder.path().join("sealed");
    let (code, stdout, _) = run(tamis()
        .arg("run")
        .arg(&place.raw)
        .arg("--seal")
        .arg("--contract")
        .arg(&place.contract)
        .arg("--out")
        .arg(&out));
    assert_eq!(code, 0, "{stdout}");
    assert_eq!(findings(&place, &out).0, 0);
}

#[test]
fn what_cannot_be_read_ends_with_2() {
    let place = place();
    let missing = place.folder.path().join("missing");
    let empty = place.folder.path().join("empty");
    std::fs::create_dir(&empty).unwrap();
    for against in [&missing, &empty] {
        let (code, _, stderr) = run(&mut command(&place, against));
        assert_eq!(code, 2);
        assert!(stderr.contains("missing") || stderr.contains("no file"), "{stderr}");
    }
    let (code, ..) = run(tamis().arg("audit").arg(&missing).arg("--against").arg(&place.out));
    assert_eq!(code, 2);
    let (code, ..) = run(tamis().arg("audit").arg(&place.raw));
    assert_eq!(code, 2);
    let cut = file(place.folder.path(), "cut.gz", [0x1F, 0x8B, 8, 0, 0]);
    assert_eq!(run(&mut command(&place, &cut)).0, 2);
}

#[test]
fn many_records_in_little_memory_take_several_passes_and_find_the_same() {
    let folder = tempdir().unwrap();
    let raw = folder.path().join("orders.ndjson");
    let made = run(tamis().args(["generate", "--rows", "30000", "--defects", "0.3", "--out"]).arg(&raw));
    assert_eq!(made.0, 0, "{}", made.2);
    let out = folder.path().join("out");
    let (code, stdout, stderr) = run(tamis().arg("run").arg(&raw).args(["--memory-budget", "1M", "--out"]).arg(&out));
    assert_eq!(code, 0, "{stdout}{stderr}");
    assert!(stdout.contains("no trace of") && stdout.contains("too many for --memory-budget"), "{stdout}");
    let last = std::fs::read_to_string(&raw).unwrap().lines().rev().find_map(|line| {
        let record: Value = serde_json::from_str(line).ok()?;
        Some(record["shipping"]["street"].as_str().filter(|street| street.len() > 14)?.to_owned())
    });
    file(&out, "debug.log", format!("street {}\n", last.unwrap()));
    for budget in ["1M", "256M"] {
        let (code, stdout, stderr) =
            run(tamis().arg("audit").arg(&raw).arg("--against").arg(&out).args(["--json", "--memory-budget", budget]));
        assert_eq!(code, 1, "{stdout}{stderr}");
        let report: Value = serde_json::from_str(&stdout).unwrap();
        assert_eq!(report["passes"] == 1, budget == "256M", "{report:#}");
        assert_eq!(report["values_missed"], 0);
        let found = report["findings"].as_array().unwrap();
        // In several passes its words may be found beside it.
        assert!(found.iter().all(|finding| finding["path"] == "/shipping/street"), "{report:#}");
        assert_eq!(found.iter().filter(|finding| finding["form"] == "raw").count(), 1, "{report:#}");
    }
}

/// A run over real data, and the audit of it, must be clean.
fn clean(inputs: &[PathBuf], contract: Option<&Path>) {
    let folder = tempdir().unwrap();
    let with = |command: &mut Command| {
        command.args(inputs);
        if let Some(contract) = contract {
            command.arg("--contract").arg(contract);
        }
    };
    let mut command = tamis();
    command.env("TAMIS_KEY", KEY).arg("run").arg("--out").arg(folder.path());
    with(&mut command);
    let (code, stdout, stderr) = run(&mut command);
    assert_eq!(code, 0, "{stdout}{stderr}");
    assert!(stdout.contains("no trace of"), "{stdout}");
    let mut command = tamis();
    command.arg("audit");
    with(&mut command);
    let (code, stdout, stderr) = run(command.arg("--against").arg(folder.path()));
    assert_eq!(code, 0, "{stdout}{stderr}");
}

#[test]
fn the_shipped_sample_is_clean() {
    clean(&[PathBuf::from("data/orders.ndjson")], None);
}

#[test]
fn the_shared_data_are_clean() {
    if let Some(orders) = testdata("orders_sample.ndjson") {
        clean(&[orders], None);
    }
    if let Some(shop) = testdata("ecommerce.ndjson.gz") {
        clean(&[shop], Some(Path::new("contracts/ecommerce.json")));
    }
    if let Some(retail) = testdata("retail") {
        let mut files: Vec<PathBuf> = retail.read_dir().unwrap().map(|entry| entry.unwrap().path()).collect();
        files.retain(|file| file.extension().is_some_and(|extension| extension == "csv"));
        files.sort();
        clean(&files, Some(Path::new("contracts/retail.json")));
    }
}
