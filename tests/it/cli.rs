//! The command line, cold: what users run, and every bad input that they may have.

use crate::common::{file, run, tamis};
use std::io::Write;
use std::process::{Command, Stdio};

const GOOD: &str = r#"{"order_id":"ORD-1234","customer_email":"anna@example.com","quantity":1,"unit_price":2,"status":"paid","created_at":"2025-01-01T00:00:00Z","shipping":{"country_code":"DE","city":"Berlin"},"priority":1}"#;

fn good(id: u32) -> String {
    GOOD.replace("1234", &id.to_string())
}

/// Verdicts on some bytes from stdin.
fn score(input: &[u8]) -> Vec<serde_json::Value> {
    let mut child = tamis().args(["score", "-"]).stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().unwrap();
    let mut stdin = child.stdin.take().unwrap();
    let input = input.to_vec();
    let writer = std::thread::spawn(move || stdin.write_all(&input));
    let out = child.wait_with_output().unwrap();
    writer.join().unwrap().unwrap();
    assert!(out.status.success());
    let text = String::from_utf8(out.stdout).unwrap();
    text.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

fn codes(verdict: &serde_json::Value) -> Vec<&str> {
    verdict["violations"].as_array().unwrap().iter().map(|violation| violation["code"].as_str().unwrap()).collect()
}

#[test]
fn a_broken_line_leaves_its_neighbours_alone() {
    let input = format!("{}\n{{\"order_id\": \"ORD-1\", secret}}\n\n{}\r\n", good(1111), good(2222));
    let verdicts = score(input.as_bytes());
    let lines: Vec<_> = verdicts
        .iter()
        .map(|verdict| (verdict["line"].as_u64().unwrap(), verdict["status"].as_str().unwrap()))
        .collect();
    assert_eq!(lines, [(1, "accepted"), (2, "rejected"), (4, "accepted")]);
    let violation = &verdicts[1]["violations"][0];
    assert_eq!(violation["code"], "syntax");
    assert_eq!(violation["byte"], 22);
    assert!(!verdicts[1].to_string().contains("secret"));
    assert!(verdicts[1]["record"].is_null());
}

#[test]
fn hostile_lines_get_a_verdict_of_their_own() {
    let deep = format!("{{\"a\":{}{}}}", "[".repeat(10_000), "]".repeat(10_000));
    let double = GOOD.replacen('{', "{\"customer_email\":\"eve@example.com\",", 1);
    let escaped = GOOD.replacen('{', "{\"customer\\u005femail\":\"eve@example.com\",", 1);
    let huge = GOOD.replace("\"unit_price\":2", "\"unit_price\":1e999");
    let mut input = Vec::new();
    for line in [
        deep.as_bytes(),
        double.as_bytes(),
        escaped.as_bytes(),
        huge.as_bytes(),
        b"{\"a\":\"\xff\"}",
        b"[1, 2]",
        b"\"text\"",
        b"{\"a\":\"\\ud800\"}",
        b"{\"a\":NaN}",
        good(3333).as_bytes(),
    ] {
        input.extend_from_slice(line);
        input.push(b'\n');
    }
    let verdicts = score(&input);
    let found: Vec<_> = verdicts.iter().map(codes).collect();
    let expected: [&[&str]; 10] = [
        &["too_deep"],
        &["duplicate_key"],
        &["duplicate_key"],
        &["number"],
        &["utf8"],
        &["type"],
        &["type"],
        &["syntax"],
        &["syntax"],
        &[],
    ];
    assert_eq!(found, expected);
    let all = serde_json::to_string(&verdicts).unwrap();
    assert!(!all.contains("eve@") && !all.contains("anna@"));
}

#[test]
fn a_line_of_100_megabytes_is_refused_in_little_memory() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("long.ndjson");
    let mut file = std::io::BufWriter::new(std::fs::File::create(&path).unwrap());
    writeln!(file, "{}", good(1111)).unwrap();
    file.write_all(b"{\"a\":\"").unwrap();
    for _ in 0..100 {
        file.write_all(&[b'x'; 1 << 20]).unwrap();
    }
    writeln!(file, "\"}}\n{}", good(2222)).unwrap();
    file.flush().unwrap();
    let (code, stdout, _) = run(tamis().arg("score").arg(&path));
    assert_eq!(code, 0);
    let verdicts: Vec<serde_json::Value> = stdout.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert_eq!(verdicts.iter().map(codes).collect::<Vec<_>>(), [&[][..], &["too_long"], &[]]);
}

#[test]
fn marks_and_line_ends_are_no_content() {
    let verdicts = score(format!("\u{feff}{}\r\n\r\n{}", good(1111), good(2222)).as_bytes());
    assert!(verdicts.iter().all(|verdict| verdict["status"] == "accepted"), "{verdicts:?}");
    assert_eq!(verdicts[1]["line"], 3);
}

#[test]
fn an_array_is_its_elements() {
    let verdicts = score(format!(" [{},\n{{}},\n{}]", good(1111), good(2222)).as_bytes());
    let lines: Vec<_> = verdicts.iter().map(|verdict| verdict["line"].as_u64().unwrap()).collect();
    assert_eq!(lines, [1, 2, 3]);
    assert_eq!(verdicts[2]["status"], "accepted");
    assert!(codes(&verdicts[1]).iter().all(|code| *code == "required"));
    let open = score(format!("[{}", good(1111)).as_bytes());
    assert_eq!(open.iter().map(codes).collect::<Vec<_>>(), [&[][..], &["syntax"]]);
}

#[test]
fn an_empty_file_has_no_records() {
    let folder = tempfile::tempdir().unwrap();
    let empty = file(folder.path(), "empty.ndjson", b"");
    let out = folder.path().join("out");
    let (code, stdout, _) = run(tamis().arg("validate").arg(&empty).arg("--out").arg(&out).arg("--json"));
    assert_eq!(code, 0);
    let summary: serde_json::Value = serde_json::from_str(&stdout).unwrap();
    assert_eq!((&summary["records"], &summary["acceptance_rate"]), (&0.into(), &serde_json::Value::Null));
    let (code, _, stderr) = run(tamis().arg("run").arg(&empty).arg("--out").arg(folder.path().join("none")));
    assert_eq!((code, stderr.trim()), (2, "tamis: there is no record in the input"));
}

#[test]
fn binary_rubbish_is_rejected_line_by_line() {
    let verdicts = score(&[0, 159, 146, 150, b'\n', 7, 8]);
    assert_eq!(verdicts.len(), 2);
    assert!(verdicts.iter().all(|verdict| verdict["status"] == "rejected"));
}

#[test]
fn missing_files_and_folders_are_named() {
    let folder = tempfile::tempdir().unwrap();
    let nowhere = folder.path().join("nowhere.ndjson");
    let (code, _, stderr) = run(tamis().arg("score").arg(&nowhere));
    assert_eq!(code, 2);
    assert!(stderr.starts_with("tamis: cannot read ") && stderr.contains("nowhere.ndjson"), "{stderr}");
    let input = file(folder.path(), "in.ndjson", GOOD.as_bytes());
    let (code, _, stderr) = run(tamis().arg("validate").arg(&input).arg("--out").arg("/dev/null/out"));
    assert_eq!(code, 2);
    assert!(stderr.contains("cannot make the folder /dev/null/out"), "{stderr}");
    let (code, _, stderr) = run(tamis().arg("train").arg(&input).arg("--model-out").arg("/dev/null/model.onnx"));
    assert_eq!(code, 2);
    assert!(stderr.contains("/dev/null/model.onnx"), "{stderr}");
}

#[test]
fn bad_keys_are_refused_and_not_shown() {
    let folder = tempfile::tempdir().unwrap();
    let input = file(folder.path(), "in.ndjson", GOOD.as_bytes());
    let (code, _, stderr) = run(tamis().env("TAMIS_KEY", "hunter2hunter2").arg("mask").arg(&input));
    assert_eq!(code, 2);
    assert!(stderr.contains("TAMIS_KEY") && !stderr.contains("hunter2"), "{stderr}");
    let (code, stdout, stderr) = run(tamis().env_remove("TAMIS_KEY").arg("mask").arg(&input));
    assert_eq!(code, 0);
    assert!(stderr.contains("no key given") && stdout.contains("tok_"), "{stderr}");
}

#[test]
fn a_contract_with_an_unknown_keyword_does_not_load() {
    let folder = tempfile::tempdir().unwrap();
    let input = file(folder.path(), "in.ndjson", GOOD.as_bytes());
    let contract = String::from_utf8(tamis::builtin::CONTRACT.to_vec()).unwrap();
    for (from, to, says) in [
        (
            "\"x-mask\": \"pseudonym\"",
            "\"x-masks\": \"pseudonym\"",
            "/properties/customer_email: the keyword x-masks is not known",
        ),
        ("\"minimum\": 0", "\"minimun\": 0", "the keyword minimun is not known"),
        (
            "\"type\": \"boolean\"",
            "\"unevaluatedProperties\": false",
            "the keyword unevaluatedProperties is not supported",
        ),
        ("\"unit_price > 0\"", "\"unit_prize > 0\"", "zero_price: column 1: the contract has no field unit_prize"),
        (
            "\"quantity * unit_price <= 100000\"",
            "\"quantity * status <= 1\"",
            "order_total: column 12: needs a number, but has text",
        ),
        (
            "\"x-unknown\": \"drop\"",
            "\"x-unknown\": \"drop\", \"additionalProperties\": false",
            "contradict each other",
        ),
        ("\"x-mask\": \"url\"", "\"x-mask\": \"url\", \"x-mask\": \"keep\"", "a key stands twice"),
        ("\"pattern\": \"^ORD-", "\"pattern\": \"(?=x)^ORD-", "the pattern \"(?=x)^ORD-"),
    ] {
        assert!(contract.contains(from), "{from}");
        let contract = file(folder.path(), "contract.json", contract.replacen(from, to, 1).as_bytes());
        let (code, _, stderr) = run(tamis().arg("score").arg(&input).arg("--contract").arg(&contract));
        assert_eq!(code, 2, "{to}");
        assert!(stderr.contains(says), "{to}: {stderr}");
    }
}

#[test]
fn models_that_do_not_fit_are_refused() {
    let folder = tempfile::tempdir().unwrap();
    let input = file(folder.path(), "in.ndjson", GOOD.as_bytes());
    let contract = String::from_utf8(tamis::builtin::CONTRACT.to_vec()).unwrap();
    let model = file(folder.path(), "model.onnx", tamis::builtin::MODEL);
    for (from, to, says) in [
        ("{ \"name\": \"is_gift\", \"expr\": \"is_gift\" },", "", "it takes 7 features, the contract has 6"),
        ("\"name\": \"total_amount\"", "\"name\": \"total\"", "its feature 3 is total_amount, the contract's is total"),
        ("\"version\": \"1.0.0\"", "\"version\": \"1.0.1\"", "it was trained under orders 1.0.0"),
    ] {
        assert!(contract.contains(from), "{from}");
        let contract = file(folder.path(), "contract.json", contract.replacen(from, to, 1).as_bytes());
        let (code, _, stderr) =
            run(tamis().arg("score").arg(&input).arg("--contract").arg(&contract).arg("--model").arg(&model));
        assert_eq!(code, 2, "{to}");
        assert!(stderr.contains(says), "{to}: {stderr}");
    }
    let truncated = file(folder.path(), "cut.onnx", &tamis::builtin::MODEL[..5000]);
    let (code, _, stderr) = run(tamis().arg("score").arg(&input).arg("--model").arg(&truncated));
    assert_eq!(code, 2);
    assert!(stderr.contains("cut.onnx"), "{stderr}");
}

#[test]
fn gates_and_usage_have_their_exit_codes() {
    let folder = tempfile::tempdir().unwrap();
    let input = file(folder.path(), "in.ndjson", format!("{GOOD}\nbroken\n").as_bytes());
    let out = folder.path().join("out");
    let gate = |least: &str| {
        run(tamis().arg("validate").arg(&input).arg("--out").arg(&out).args(["--min-acceptance", least])).0
    };
    assert_eq!((gate("0.5"), gate("0.51")), (0, 1));
    // Just as well over several inputs, from a pipe, and with the summary on stdout, which stays JSON.
    let more = file(folder.path(), "more.ndjson", good(4321).as_bytes());
    for (least, code) in [("0.25", 0), ("0.26", 1)] {
        let mut command = tamis();
        command.arg("validate").arg("-").arg(&more).args(["--json", "--min-acceptance", least, "--out"]).arg(&out);
        let mut child = command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
        child.stdin.take().unwrap().write_all(b"{}\nbroken\n{\"order_id\": \"ORD-1234\"}\n").unwrap();
        let ended = child.wait_with_output().unwrap();
        let summary: serde_json::Value = serde_json::from_slice(&ended.stdout).unwrap();
        assert_eq!((&summary["records"], &summary["accepted"]), (&4.into(), &1.into()));
        assert_eq!(ended.status.code(), Some(code), "{least}");
        let said = String::from_utf8_lossy(&ended.stderr).contains("1 of 4 records were accepted (25.00 %)");
        assert_eq!(said, code == 1);
    }
    assert_eq!(run(tamis().arg("score")).0, 2);
    assert_eq!(run(tamis().arg("nonsense")).0, 2);
    assert_eq!(run(tamis().arg("--help")).0, 0);
}

#[test]
fn compressed_and_several_inputs_are_read() {
    let folder = tempfile::tempdir().unwrap();
    let plain = file(folder.path(), "a.ndjson", good(1111).as_bytes());
    let mut gzip = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::default());
    gzip.write_all(good(1111).as_bytes()).unwrap();
    // The name does not tell: the content does.
    let gzip = file(folder.path(), "b.bin", gzip.finish().unwrap());
    let zstd = ruzstd::encoding::compress_to_vec(good(2222).as_bytes(), ruzstd::encoding::CompressionLevel::Fastest);
    let zstd = file(folder.path(), "c.ndjson.zst", &zstd);
    let csv = file(folder.path(), "d.csv", b"order_id,quantity\nORD-1,2\n");
    let (code, stdout, _) = run(tamis().arg("score").args([&plain, &gzip, &zstd, &csv]));
    assert_eq!(code, 0);
    let verdicts: Vec<serde_json::Value> = stdout.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    let status: Vec<_> = verdicts.iter().map(|verdict| verdict["status"].as_str().unwrap()).collect();
    assert_eq!(status, ["accepted", "rejected", "accepted", "rejected"]);
    assert_eq!(codes(&verdicts[1]), ["duplicate"]);
    assert!(verdicts[1]["source"].as_str().unwrap().ends_with("b.bin"));
    assert_eq!(verdicts[3]["line"], 2);
}

#[test]
fn a_separator_within_a_quoted_name_separates_nothing() {
    let folder = tempfile::tempdir().unwrap();
    for (name, header) in [("commas", "order_id,\"a;b;c;d\",\"e\"\"f;g\""), ("semicolons", "order_id;\"a,b,c,d\";e")] {
        let row = if name == "commas" { "ORD-1234,x,y" } else { "ORD-1234;x;y" };
        let path = file(folder.path(), &format!("{name}.csv"), format!("{header}\n{row}\n").as_bytes());
        let (code, stdout, _) = run(tamis().arg("score").arg(&path));
        let verdict: serde_json::Value = serde_json::from_str(&stdout).unwrap();
        assert_eq!((code, &verdict["id"]), (0, &"ORD-1234".into()), "{name}");
    }
}

#[test]
fn the_same_bytes_on_any_number_of_threads() {
    let folder = tempfile::tempdir().unwrap();
    let runs: Vec<Vec<Vec<u8>>> = ["1", "2", "7"]
        .iter()
        .map(|threads| {
            let out = folder.path().join(threads);
            let (code, ..) = run(tamis().args(["run", "data/orders.ndjson", "--threads", threads, "--out"]).arg(&out));
            assert_eq!(code, 0);
            let names =
                ["accepted.ndjson", "rejected.ndjson", "verdicts.ndjson", "model.onnx", "summary.json", "report.html"];
            names.iter().map(|name| std::fs::read(out.join(name)).unwrap()).collect()
        })
        .collect();
    assert!(runs[0] == runs[1] && runs[0] == runs[2]);
    assert!(runs[0].iter().all(|file| !file.is_empty()));
}

#[cfg(unix)]
#[test]
fn interrupting_leaves_no_half_file() {
    let folder = tempfile::tempdir().unwrap();
    let out = folder.path().join("out");
    let mut child =
        tamis().args(["run", "-", "--out"]).arg(&out).stdin(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    let stdin = child.stdin.take().unwrap();
    (&stdin).write_all(tamis_orders().as_slice()).unwrap();
    std::thread::sleep(std::time::Duration::from_millis(300));
    let interrupted = Command::new("kill").arg("-INT").arg(child.id().to_string()).status().unwrap();
    assert!(interrupted.success());
    // More input may never come: the pipe stays open until the end.
    let ended = child.wait_with_output().unwrap();
    drop(stdin);
    assert_eq!(ended.status.code(), Some(130), "{}", String::from_utf8_lossy(&ended.stderr));
    let left: Vec<_> = std::fs::read_dir(&out).unwrap().map(|entry| entry.unwrap().file_name()).collect();
    assert!(left.is_empty(), "{left:?}");
}

#[cfg(unix)]
fn tamis_orders() -> Vec<u8> {
    std::fs::read("data/orders.ndjson").unwrap()
}

/// A key file may be a pipe, as `--key-file <(pass show tamis)` makes one: it is read once.
#[test]
fn a_key_may_come_through_a_pipe() {
    let folder = tempfile::tempdir().unwrap();
    let input = file(folder.path(), "in.ndjson", format!("{GOOD}\n{{}}\n"));
    let script = r#""$0" validate "$1" --seal --out "$2" --key-file <(printf '07%.0s' {1..32}) >&2 &&
        "$0" replay "$2/rejected.ndjson" --key-file <(printf '07%.0s' {1..32}) >&2"#;
    let mut command = Command::new("bash");
    command.args(["-c", script, env!("CARGO_BIN_EXE_tamis")]).arg(&input).arg(folder.path().join("out"));
    command.env("TAMIS_TRACK", "off");
    let (code, _, stderr) = run(command.env_remove("TAMIS_KEY"));
    assert_eq!(code, 0, "{stderr}");
}
