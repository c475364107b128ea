//! Unique keys over a whole batch: within a memory budget, of several fields, of every form.

use crate::common::{KEY, file, run, tamis};
use std::fmt::Write;
use std::path::{Path, PathBuf};
use std::process::Command;

/// Thousands of orders, of which every fifth repeats an earlier one, near or far.
fn orders_with_repeats(folder: &Path) -> PathBuf {
    let (code, text, _) = run(tamis().args(["generate", "--rows", "6000", "--defects", "0.2"]));
    assert_eq!(code, 0);
    let lines: Vec<&str> = text.lines().collect();
    let mut all = String::new();
    for (at, line) in lines.iter().enumerate() {
        writeln!(all, "{line}").unwrap();
        if at % 4 == 0 {
            writeln!(all, "{}", lines[at * 7919 % (at + 1)]).unwrap();
        }
    }
    file(folder, "orders.ndjson", &all)
}

/// Standing in a folder for temporary files that is not there shows whether any was wanted.
#[test]
fn a_small_budget_spills_and_changes_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let orders = orders_with_repeats(folder.path());
    let results = |name: &str, args: &[&str]| -> Vec<Vec<u8>> {
        let out = folder.path().join(name);
        let (code, _, stderr) = run(tamis().arg("validate").arg(&orders).args(args).arg("--out").arg(&out));
        assert_eq!(code, 0, "{stderr}");
        let names = ["accepted.ndjson", "rejected.ndjson", "summary.json"];
        names.iter().map(|name| std::fs::read(out.join(name)).unwrap()).collect()
    };
    let whole = results("whole", &["--memory-budget", "1G"]);
    assert!(String::from_utf8_lossy(&whole[1]).matches("\"duplicate\"").count() > 1000);
    for (budget, threads) in [("1", "1"), ("700", "3"), ("16K", "2"), ("96kb", "2")] {
        assert!(results("small", &["--memory-budget", budget, "--threads", threads]) == whole, "{budget}");
    }
}

#[cfg(unix)]
#[test]
fn a_disk_that_fails_is_told() {
    let folder = tempfile::tempdir().unwrap();
    let orders = orders_with_repeats(folder.path());
    let nowhere = folder.path().join("nowhere");
    let out = folder.path().join("out");
    let validate = |budget: &str| {
        let command = &mut tamis();
        command.arg("validate").arg(&orders).args(["--memory-budget", budget]).arg("--out").arg(&out);
        run(command.env("TMPDIR", &nowhere))
    };
    let (code, _, stderr) = validate("4K");
    assert_eq!(code, 2, "{stderr}");
    assert!(stderr.contains("digests of unique values") && stderr.contains("nowhere"), "{stderr}");
    assert_eq!(std::fs::read_dir(&out).unwrap().count(), 0, "nothing is half written");
    assert_eq!(validate("64MiB").0, 0, "no file is made where memory suffices");
    // A file that may not grow fails in the midst of its writing, as on a full disk.
    let script = "trap '' XFSZ; ulimit -f 4; exec \"$0\" mask \"$1\" --memory-budget 2K";
    let (code, _, stderr) = run(Command::new("bash")
        .args(["-c", script, env!("CARGO_BIN_EXE_tamis")])
        .arg(&orders)
        .env("TAMIS_KEY", KEY)
        .env("TAMIS_TRACK", "off"));
    assert_eq!(code, 2, "{stderr}");
    assert!(stderr.contains("digests of unique values") && stderr.contains("too large"), "{stderr}");
}

/// Path, code and message of a violation.
type Violation = (String, String, String);

/// The rejected lines and why.
fn judge(contract: &str, lines: &str) -> Vec<(String, Vec<Violation>)> {
    let folder = tempfile::tempdir().unwrap();
    let contract = file(folder.path(), "contract.json", contract);
    let input = file(folder.path(), "in.ndjson", lines);
    let out = folder.path().join("out");
    let (code, _, stderr) =
        run(tamis().arg("validate").arg(&input).arg("--contract").arg(&contract).arg("--out").arg(&out));
    assert_eq!(code, 0, "{stderr}");
    let rejected = std::fs::read_to_string(out.join("rejected.ndjson")).unwrap();
    let verdicts = rejected.lines().map(|line| serde_json::from_str::<serde_json::Value>(line).unwrap());
    let text = |value: &serde_json::Value| value.as_str().unwrap().to_owned();
    verdicts
        .map(|verdict| {
            let violations = verdict["violations"].as_array().unwrap().iter();
            let violations = violations.map(|one| (text(&one["path"]), text(&one["code"]), text(&one["message"])));
            (verdict["line"].to_string(), violations.collect())
        })
        .collect()
}

#[test]
fn keys_of_several_fields() {
    let contract = r#"{"type": "object", "x-unique": [["invoice", "place.line"], "serial"], "properties": {
        "invoice": {"type": "string", "x-mask": "drop"}, "serial": {"type": ["integer", "null"]}, "draft": {"type": "boolean"},
        "place": {"type": "object", "properties": {"line": {"type": "integer", "maximum": 9}}}}}"#;
    let lines = [
        r#"{"invoice": "a", "place": {"line": 1}, "serial": 1}"#,
        r#"{"invoice": "a", "place": {"line": 2}, "serial": 2}"#,
        r#"{"invoice": "b", "place": {"line": 1}, "serial": 3}"#,
        // The combination stands already.
        r#"{"invoice": "a", "place": {"line": 1}, "serial": 4}"#,
        // A rejected record claims nothing: neither its serial nor its combination.
        r#"{"invoice": "c", "place": {"line": 10}, "serial": 5}"#,
        r#"{"invoice": "c", "place": {"line": 3}, "serial": 5}"#,
        // A part that is missing or null: the key does not apply.
        r#"{"invoice": "a", "serial": null}"#,
        r#"{"invoice": "a", "serial": null}"#,
        r#"{"place": {"line": 1}}"#,
        r#"{"place": {"line": 1}}"#,
        // Both keys at once.
        r#"{"invoice": "b", "place": {"line": 1}, "serial": 3.0}"#,
    ];
    let rejected = judge(contract, &lines.join("\n"));
    let of = |path: &str, code: &str, what: &str| {
        (path.to_owned(), code.to_owned(), format!("{what} was already used by an accepted record of this batch"))
    };
    let both = of("", "duplicate", "the combination of invoice and place.line");
    assert_eq!(rejected.iter().map(|(line, _)| line.as_str()).collect::<Vec<_>>(), ["4", "5", "11"]);
    assert_eq!(rejected[0].1, std::slice::from_ref(&both));
    assert_eq!(rejected[1].1[0].1, "maximum");
    assert_eq!(rejected[2].1, [both, of("/serial", "duplicate", "serial")]);
}

#[test]
fn keys_are_compared_by_value_and_type() {
    let contract = r#"{"type": "object", "x-unique": ["id", ["flag", "kind"]], "properties": {
        "id": {}, "flag": {"type": "boolean"}, "kind": {"type": "string"}}}"#;
    let lines = [
        r#"{"id": 1}"#,
        r#"{"id": "1"}"#,
        r#"{"id": true}"#,
        r#"{"id": 1.0}"#,
        r#"{"id": 10e-1}"#,
        r#"{"id": 9007199254740992}"#,
        r#"{"id": 9007199254740993}"#,
        r#"{"id": "true"}"#,
        r#"{"id": true}"#,
        r#"{"id": [1]}"#,
        r#"{"id": [1]}"#,
        r#"{"flag": true, "kind": "a"}"#,
        r#"{"flag": false, "kind": "a"}"#,
        r#"{"flag": true, "kind": "a"}"#,
    ];
    let rejected = judge(contract, &lines.join("\n"));
    assert_eq!(rejected.iter().map(|(line, _)| line.as_str()).collect::<Vec<_>>(), ["4", "5", "9", "14"]);
}

#[test]
fn what_cannot_be_a_key_does_not_load() {
    let contract = |unique: &str| {
        let text = r#"{"type": "object", "x-unique": UNIQUE, "properties": {"id": {"type": "string"},
            "tags": {"type": "array"}, "at": {"type": ["object", "null"]}}}"#;
        tamis::contract::Contract::load(text.replace("UNIQUE", unique).as_bytes())
    };
    for good in [r#"["id"]"#, r#"[["id"]]"#, "[]"] {
        assert!(contract(good).is_ok(), "{good}");
    }
    for bad in [
        r#"["tags"]"#,
        r#"["at"]"#,
        r#"[["id", "tags"]]"#,
        r#"[["id", "id"]]"#,
        r#"[["id", "no"]]"#,
        "[[]]",
        "[3]",
        r#"[[["id"]]]"#,
        r#""id""#,
    ] {
        let faults = contract(bad).unwrap_err();
        assert!(faults[0].to_string().contains("x-unique"), "{bad}: {}", faults[0]);
    }
}

#[test]
fn a_budget_is_a_number_of_bytes() {
    for bad in ["", "0", "-1", "64X", "many", "1e3", "99999999999T", "K"] {
        let (code, _, stderr) = run(tamis().args(["mask", "data/orders.ndjson", &format!("--memory-budget={bad}")]));
        assert_eq!(code, 2, "{bad}");
        assert!(stderr.contains("memory-budget"), "{stderr}");
    }
}
