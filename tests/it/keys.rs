//! `tamis key` and `tamis reveal`: keys are made, rotated and used, and none is ever shown.

use super::common::run;
use super::masks::every_target::{CONTRACT, PEOPLE};
use serde_json::Value as Json;
use std::path::Path;
use std::process::Command;

fn tamis(folder: &Path, arguments: &[&str]) -> (i32, String, String) {
    let mut command = Command::new(env!("CARGO_BIN_EXE_tamis"));
    command.env("TAMIS_TRACK", "off");
    run(command.current_dir(folder).env_remove("TAMIS_KEY").args(arguments))
}

fn done(folder: &Path, arguments: &[&str]) -> (String, String) {
    let (code, stdout, stderr) = tamis(folder, arguments);
    assert_eq!(code, 0, "{arguments:?}: {stderr}");
    (stdout, stderr)
}

/// A folder with a contract, records and a key file.
fn folder() -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("people.json"), CONTRACT).unwrap();
    std::fs::write(folder.path().join("people.ndjson"), PEOPLE).unwrap();
    done(folder.path(), &["key", "new", "--out", "key"]);
    folder
}

fn records(text: &str) -> Vec<Json> {
    text.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

#[test]
fn a_new_key_goes_to_a_file_or_a_pipe_and_nowhere_else() {
    let folder = folder();
    let at = folder.path();
    let text = std::fs::read_to_string(at.join("key")).unwrap();
    let key = text.lines().find(|line| !line.starts_with('#')).unwrap().split(' ').next().unwrap().to_owned();
    assert_eq!(key.len(), 64);
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        assert_eq!(std::fs::metadata(at.join("key")).unwrap().permissions().mode() & 0o777, 0o600);
    }
    let (code, _, stderr) = tamis(at, &["key", "new", "--out", "key"]);
    assert_eq!(code, 2);
    assert!(stderr.contains("is there already"), "{stderr}");
    assert_eq!(std::fs::read_to_string(at.join("key")).unwrap(), text);
    let (stdout, stderr) = done(at, &["key", "new"]);
    assert_eq!((stdout.trim().len(), stderr.as_str()), (64, ""));
    let (stdout, stderr) = done(at, &["key", "list", "--key-file", "key"]);
    assert!(stdout.ends_with("in force\n") && !stdout.contains(&key) && !stderr.contains(&key));
    // A damaged key file is told by the place in it.
    std::fs::write(at.join("bad"), format!("{key}\nno-key!\n")).unwrap();
    let (code, stdout, stderr) = tamis(at, &["key", "list", "--key-file", "bad"]);
    assert_eq!((code, stdout.as_str()), (2, ""));
    assert!(stderr.contains("key 2 is neither") && !stderr.contains(&key) && !stderr.contains("no-key!"), "{stderr}");
}

#[test]
fn tokens_outlive_a_rotation() {
    let folder = folder();
    let at = folder.path();
    let all = |command: &'static str, input: &'static str| -> Vec<&'static str> {
        let mut words: Vec<&str> = command.split(' ').collect();
        words.extend([input, "--contract", "people.json", "--key-file", "key"]);
        words
    };
    let (before, _) = done(at, &all("mask", "people.ndjson"));
    std::fs::write(at.join("before.ndjson"), &before).unwrap();
    let (_, said) = done(at, &["key", "rotate", "key"]);
    let (list, _) = done(at, &["key", "list", "--key-file", "key", "--json"]);
    let list: Json = serde_json::from_str(&list).unwrap();
    let (new, old) = (list["in_force"].as_str().unwrap(), list["reading"][0].as_str().unwrap());
    assert!(said.contains(new) && said.contains(old));
    assert!(before.contains(&format!("tok_{old}_")) && before.contains(&format!("rev_{old}_")));
    let (after, _) = done(at, &all("mask", "people.ndjson"));
    std::fs::write(at.join("after.ndjson"), &after).unwrap();
    assert!(after.contains(&format!("tok_{new}_")) && !after.contains(old));

    // Both come back; what kept its shape does under the key that it was made with.
    let (revealed, said) = done(at, &[all("reveal", "before.ndjson"), vec!["--shape-key", old]].concat());
    assert_eq!(records(&revealed)[0]["street"], "Große Straße 7");
    assert_eq!(records(&revealed)[0]["salary"].to_string(), "52300.5");
    assert!(revealed.contains("52300.50"), "a number keeps its digits");
    assert_eq!(records(&revealed)[0]["member"], "M-4711-0815");
    assert!(said.contains("6 reversible tokens and 1 values") && said.contains("pseudonyms of key"), "{said}");
    let (revealed, _) = done(at, &all("reveal", "after.ndjson"));
    assert_eq!(records(&revealed)[0]["member"], "M-4711-0815");

    // Pseudonyms are linked by whoever has the raw records and both keys.
    let (links, _) = done(at, &all("key link", "people.ndjson"));
    let (before, after) = (records(&before), records(&after));
    let link = records(&links).into_iter().find(|link| link["path"] == "/email").unwrap();
    assert_eq!((&link["old"], &link["new"]), (&before[0]["email"], &after[0]["email"]));
    assert!(!links.contains("anna") && links.contains("/friends/*"));

    // Reversible ones are issued anew without the raw records.
    let (renewed, _) = done(at, &all("key renew", "before.ndjson"));
    let renewed = records(&renewed);
    assert_eq!(renewed[0]["street"], after[0]["street"]);
    assert_eq!(renewed[0]["email"], before[0]["email"]);

    // Who lacks the older key is told so, by its id.
    let keys = std::fs::read_to_string(at.join("key")).unwrap();
    std::fs::write(at.join("key"), keys.lines().nth(1).unwrap()).unwrap();
    let (code, stdout, stderr) = tamis(at, &all("reveal", "before.ndjson"));
    assert_eq!(code, 1);
    assert!(stderr.contains(&format!("6 tokens are of key {old}, which the key file does not hold")), "{stderr}");
    assert_eq!(records(&stdout).len(), 3);
    let (code, _, stderr) = tamis(at, &all("key link", "people.ndjson"));
    assert_eq!(code, 2);
    assert!(stderr.contains("holds one key"), "{stderr}");
}

#[test]
fn what_is_no_record_is_told_by_its_line() {
    let folder = folder();
    let at = folder.path();
    std::fs::write(at.join("broken.ndjson"), "{\"id\": \"1\"}\n\n{\"street\": \"Secret 1\"\n").unwrap();
    let (code, _, stderr) = tamis(at, &["reveal", "broken.ndjson", "--contract", "people.json", "--key-file", "key"]);
    assert_eq!(code, 2);
    assert!(stderr.contains("broken.ndjson, line 3: not JSON at byte") && !stderr.contains("Secret"), "{stderr}");
    let (code, _, stderr) = tamis(at, &["reveal", "people.ndjson", "--contract", "people.json"]);
    assert_eq!(code, 2);
    assert!(stderr.contains("reveal needs the key"), "{stderr}");
}

#[test]
fn a_verdict_is_revealed_too_and_a_batch_may_have_a_name() {
    let folder = folder();
    let at = folder.path();
    let words = |more: &[&'static str]| [&["--contract", "people.json", "--key-file", "key"], more].concat();
    done(at, &[&["validate", "people.ndjson", "--out", "out"], &words(&[])[..]].concat());
    std::fs::write(at.join("verdict"), "{\"line\":1,\"status\":\"rejected\",\"record\":").unwrap();
    let accepted = std::fs::read_to_string(at.join("out/accepted.ndjson")).unwrap();
    let verdict = format!("{{\"line\":1,\"status\":\"accepted\",\"record\":{}}}\n", accepted.lines().next().unwrap());
    std::fs::write(at.join("verdict.ndjson"), verdict).unwrap();
    let (revealed, _) = done(at, &[&["reveal", "verdict.ndjson"], &words(&[])[..]].concat());
    assert_eq!(records(&revealed)[0]["record"]["street"], "Große Straße 7");
    assert_eq!(records(&revealed)[0]["record"]["member"], "M-4711-0815");
    let mask = |more: &[&'static str]| {
        records(&done(at, &[&["mask", "people.ndjson"], &words(more)[..]].concat()).0)[0]["daily"].clone()
    };
    assert_eq!(mask(&["--batch-id", "a"]), mask(&["--batch-id", "a", "--threads", "1"]));
    assert_ne!(mask(&["--batch-id", "a"]), mask(&["--batch-id", "b"]));
    assert_eq!(mask(&[]), mask(&[]));
}
