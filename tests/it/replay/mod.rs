//! Quarantined records: sealed, mended, replayed; and all that may have happened to them in between.

mod seal;

use crate::common::{KEY, file, run, tamis};
use serde_json::Value;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

fn done(command: &mut Command) -> String {
    let (code, stdout, stderr) = run(command);
    assert_eq!(code, 0, "{stderr}");
    stdout
}

fn read(path: impl AsRef<Path>) -> String {
    std::fs::read_to_string(path).unwrap()
}

fn json(line: &str) -> Value {
    serde_json::from_str(line).unwrap()
}

/// A line of rejected.ndjson without its seal.
fn unsealed(line: &str) -> String {
    let (verdict, _) = line.split_once(",\"sealed\":").unwrap_or_else(|| panic!("no seal: {line}"));
    format!("{verdict}}}")
}

fn sorted(lines: impl Iterator<Item = String>) -> Vec<String> {
    let mut lines: Vec<String> = lines.collect();
    lines.sort();
    lines
}

fn lines(text: &str) -> impl Iterator<Item = String> {
    text.lines().map(ToOwned::to_owned)
}

/// The built-in contract, milder in some fields.
fn mended(folder: &Path) -> PathBuf {
    let mut contract = String::from_utf8(tamis::builtin::CONTRACT.to_vec()).unwrap();
    for (from, to) in [
        ("\"version\": \"1.0.0\"", "\"version\": \"1.1.0\""),
        ("\"minimum\": 1,\n      \"x-normalize\": [\"number\"]", "\"x-normalize\": [\"number\"]"),
        ("\"format\": \"email\",", ""),
        ("\"CH\"]", "\"CH\", \"XX\", \"ZZ\"]"),
        ("\"unit_price > 0\"", "\"unit_price >= 0\""),
    ] {
        assert!(contract.contains(from), "{from}");
        contract = contract.replacen(from, to, 1);
    }
    file(folder, "mended.json", contract)
}

fn dirty_feed(folder: &Path) -> PathBuf {
    let feed = done(tamis().args(["generate", "--rows", "4000", "--seed", "11", "--defects", "0.5"]));
    file(folder, "feed.ndjson", feed)
}

fn validate(inputs: &[&Path], out: &Path, args: &[&str]) -> String {
    done(tamis().arg("validate").args(inputs).arg("--out").arg(out).args(args))
}

#[test]
fn the_rescued_are_what_the_mended_contract_accepts() {
    let folder = tempfile::tempdir().unwrap();
    let at = |name: &str| folder.path().join(name);
    let contract = mended(folder.path());
    let contract = contract.to_str().unwrap();
    // Of two records with one id the mended contract may take the other one, so here the first is always the good one.
    let mut ids = std::collections::BTreeSet::new();
    let all = read(dirty_feed(folder.path()));
    let id = |line: &str| serde_json::from_str(line).map_or(Value::Null, |record: Value| record["order_id"].clone());
    let mut feed: Vec<&str> = all
        .lines()
        .filter(|line| !id(line).is_string() || ids.insert(id(line).as_str().unwrap().trim().to_owned()))
        .collect();
    let once = file(folder.path(), "once.ndjson", feed.join("\n"));
    validate(&[&once], &at("zeroth"), &[]);
    let accepted: std::collections::BTreeSet<String> =
        read(at("zeroth/accepted.ndjson")).lines().map(|line| id(line).to_string()).collect();
    let again: Vec<&str> =
        feed.iter().copied().filter(|line| accepted.contains(&id(line).to_string())).step_by(9).collect();
    assert!(again.len() > 100);
    feed.extend(again);
    let feed = file(folder.path(), "feed.ndjson", feed.join("\n"));
    validate(&[&feed], &at("first"), &["--seal"]);
    validate(&[&feed], &at("direct"), &["--contract", contract]);
    let replay = |out: &str, threads: &str| {
        done(
            tamis()
                .arg("replay")
                .arg(at("first/rejected.ndjson"))
                .args(["--contract", contract, "--threads", threads, "--json", "--out"])
                .arg(at(out))
                .arg("--against")
                .arg(at("first/accepted.ndjson")),
        )
    };
    let summary = json(&replay("second", "1"));
    let [first, rescued, direct] = ["first", "second", "direct"].map(|name| read(at(name).join("accepted.ndjson")));
    assert!(rescued.lines().count() > 100);
    let (ours, theirs) = (sorted(lines(&first).chain(lines(&rescued))), sorted(lines(&direct)));
    let differ = ours.iter().zip(&theirs).find(|(ours, theirs)| ours != theirs);
    assert!(ours == theirs, "{} {} {differ:?}", ours.len(), theirs.len());
    let rejected = read(at("second/rejected.ndjson"));
    let direct = read(at("direct/rejected.ndjson"));
    assert!(rejected.lines().map(unsealed).eq(direct.lines().map(ToOwned::to_owned)));
    // The counts, in another way.
    let replayed = &summary["replay"];
    assert_eq!(replayed["lines"], read(at("first/rejected.ndjson")).lines().count());
    assert_eq!(replayed["rescued"], rescued.lines().count());
    assert_eq!(replayed["rejected"], rejected.lines().count());
    assert_eq!(replayed["unopened"], serde_json::json!([]));
    let still: Vec<u64> = rejected.lines().map(|line| json(line)["line"].as_u64().unwrap()).collect();
    let was_email = read(at("first/rejected.ndjson"))
        .lines()
        .map(json)
        .filter(|verdict| !still.contains(&verdict["line"].as_u64().unwrap()))
        .flat_map(|verdict| verdict["violations"].as_array().unwrap().clone())
        .filter(|violation| violation["path"] == "/customer_email" && violation["code"] == "format")
        .count();
    let from = replayed["rescued_from"].as_array().unwrap();
    let from = from.iter().find(|kind| kind["path"] == "/customer_email" && kind["code"] == "format").unwrap();
    assert_eq!(from["count"], was_email);
    assert_eq!(json(&read(at("second/summary.json"))), summary);
    // A rescued record takes its place once.
    replay("third", "3");
    for name in ["accepted.ndjson", "rejected.ndjson", "summary.json"] {
        assert!(read(at("second").join(name)) == read(at("third").join(name)), "{name}");
    }
    let again = done(
        tamis()
            .arg("replay")
            .arg(at("first/rejected.ndjson"))
            .args(["--contract", contract, "--json"])
            .args([Path::new("--against"), &at("first/accepted.ndjson"), Path::new("--against")])
            .arg(at("second/accepted.ndjson")),
    );
    let again = json(&again);
    let with_key = rescued.lines().filter(|line| json(line)["order_id"].is_string()).count();
    assert!(with_key > 0);
    assert_eq!(again["replay"]["rescued"], rescued.lines().count() - with_key);
}

#[test]
fn without_a_change_nothing_changes() {
    let folder = tempfile::tempdir().unwrap();
    let at = |name: &str| folder.path().join(name);
    let feed = dirty_feed(folder.path());
    let twice = file(folder.path(), "twice.ndjson", read(&feed));
    validate(&[&feed, &twice], &at("first"), &["--seal", "--threads", "1"]);
    validate(&[&feed, &twice], &at("same"), &["--seal", "--threads", "3"]);
    let rejected = read(at("first/rejected.ndjson"));
    assert!(rejected == read(at("same/rejected.ndjson")));
    assert!(rejected.contains("\"duplicate\"") && rejected.contains("twice.ndjson"));
    // Neither with nor without the accepted at hand.
    for against in [None, Some(at("first/accepted.ndjson"))] {
        let mut replay = tamis();
        replay.arg("replay").arg(at("first/rejected.ndjson")).arg("--out").arg(at("second"));
        if let Some(against) = against {
            replay.arg("--against").arg(against);
        }
        done(&mut replay);
        assert!(read(at("second/rejected.ndjson")) == rejected);
        assert_eq!(read(at("second/accepted.ndjson")), "");
    }
}

#[test]
fn csv_and_arrays_and_short_words_are_replayed() {
    let folder = tempfile::tempdir().unwrap();
    let at = |name: &str| folder.path().join(name);
    let contract = |most: u32| {
        let text = format!(
            r#"{{"title": "n", "type": "object", "properties": {{"n": {{"type": "integer", "maximum": {most}, "x-normalize": ["number"]}}}}}}"#
        );
        file(folder.path(), &format!("{most}.json"), text).to_str().unwrap().to_owned()
    };
    let csv = file(folder.path(), "a.csv", "n,m\n1,x\n50,y\n500,z\n1,2,3\n");
    let array = file(folder.path(), "b.json", "[{\"n\": 2},\n {\"n\": 60}, {\n\"n\": 600}]");
    validate(&[&csv, &array], &at("first"), &["--seal", "--contract", &contract(9)]);
    let (code, stdout, stderr) = run(tamis()
        .arg("replay")
        .arg(at("first/rejected.ndjson"))
        .args(["--contract", &contract(99), "--json", "--out"])
        .arg(at("second")));
    assert_eq!(code, 0, "{stderr}");
    assert_eq!(read(at("second/accepted.ndjson")), "{\"n\":50}\n{\"n\":60}\n");
    let rejected: Vec<Value> = read(at("second/rejected.ndjson")).lines().map(json).collect();
    let places: Vec<_> = rejected
        .iter()
        .map(|verdict| (verdict["source"].as_str().unwrap().ends_with(".csv"), verdict["line"].as_u64().unwrap()))
        .collect();
    assert_eq!(places, [(true, 4), (true, 5), (false, 3)]);
    assert_eq!(json(&stdout)["replay"]["unopened"][0]["code"], "no_original");
}

fn sealed_feed(folder: &Path) -> (PathBuf, Vec<String>) {
    let feed = dirty_feed(folder);
    validate(&[&feed], &folder.join("first"), &["--seal"]);
    let path = folder.join("first/rejected.ndjson");
    let text = read(&path);
    (path, lines(&text).collect())
}

#[test]
fn what_cannot_be_opened_is_named_and_kept() {
    let folder = tempfile::tempdir().unwrap();
    let (_, mut lines) = sealed_feed(folder.path());
    let seal = |line: &str| json(line)["sealed"].as_str().unwrap().to_owned();
    let seals: Vec<String> = lines.iter().map(|line| seal(line)).collect();
    let secret = "eve.secret@example.com";
    // Altered, cut, exchanged, moved to another line, not base64, no seal, no verdict, no rejected verdict.
    lines[0] = lines[0].replace(&seals[0], &format!("{}A", &seals[0][..seals[0].len() - 1]));
    if seal(&lines[0]) == seals[0] {
        lines[0] = lines[0].replace(&seals[0], &format!("{}B", &seals[0][..seals[0].len() - 1]));
    }
    lines[1] = lines[1].replace(&seals[1], &seals[1][..20]);
    lines[2] = lines[2].replace(&seals[2], &seals[3]);
    let number = format!("{{\"line\":{},", json(&lines[4])["line"]);
    lines[4] = lines[4].replace(&number, "{\"line\":999999,");
    lines[5] = lines[5].replace(&seals[5], secret);
    lines[6] = unsealed(&lines[6]);
    lines[7] = format!("{{\"email\": \"{secret}\"");
    lines[8] = lines[8].replace("\"status\":\"rejected\"", "\"status\":\"accepted\"");
    lines[9] = lines[9].replace(&seals[9], "");
    lines[10] = lines[10].replace(&format!("\"{}\"", seals[10]), "17");
    let broken = file(folder.path(), "broken.ndjson", lines.join("\n"));
    let out = folder.path().join("second");
    let (code, stdout, stderr) = run(tamis().arg("replay").arg(&broken).arg("--json").arg("--out").arg(&out));
    assert_eq!(code, 0, "{stderr}");
    let replayed = json(&stdout)["replay"].clone();
    let found: Vec<(String, Vec<u64>)> = replayed["unopened"]
        .as_array()
        .unwrap()
        .iter()
        .map(|kind| {
            let lines = kind["first"].as_array().unwrap().iter().map(|place| place["line"].as_u64().unwrap());
            (kind["code"].as_str().unwrap().to_owned(), lines.collect())
        })
        .collect();
    let expected = [("no_verdict", vec![8, 9, 11]), ("no_seal", vec![7]), ("seal", vec![1, 2, 3, 5, 6, 10])];
    assert_eq!(found, expected.map(|(code, lines)| (code.to_owned(), lines)));
    for place in ["broken.ndjson:8", "broken.ndjson:7", "broken.ndjson:10"] {
        assert!(stderr.contains(place), "{stderr}");
    }
    assert!(!stderr.contains(secret) && !stdout.contains(secret));
    // Nothing is lost: without a mended contract every line is there again, in its order.
    assert!(read(out.join("rejected.ndjson")).lines().eq(lines.iter().map(String::as_str)));
}

#[test]
fn another_key_or_contract_opens_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let (path, lines) = sealed_feed(folder.path());
    let out = folder.path().join("second");
    let replay = |path: &Path| {
        let mut command = tamis();
        command.arg("replay").arg(path).arg("--out").arg(&out);
        command
    };
    let (code, _, stderr) = run(replay(&path).env("TAMIS_KEY", "08".repeat(32)));
    assert_eq!(code, 2);
    assert!(stderr.contains("no seal opens under this key"), "{stderr}");
    let renamed = String::from_utf8(tamis::builtin::CONTRACT.to_vec()).unwrap();
    let renamed = renamed.replace("\"name\": \"orders\", \"version\"", "\"name\": \"sales\", \"version\"");
    let renamed = file(folder.path(), "renamed.json", renamed);
    let (code, _, stderr) = run(replay(&path).arg("--contract").arg(&renamed));
    assert_eq!(code, 2);
    assert!(stderr.contains("the contract name sales"), "{stderr}");
    let (code, _, stderr) = run(replay(&path).env_remove("TAMIS_KEY"));
    assert_eq!(code, 2);
    assert!(stderr.contains("TAMIS_KEY or --key-file"), "{stderr}");
    let unsealed =
        file(folder.path(), "unsealed.ndjson", lines.iter().map(|line| unsealed(line) + "\n").collect::<String>());
    let (code, _, stderr) = run(&mut replay(&unsealed));
    assert_eq!(code, 2);
    assert!(stderr.contains("with --seal"), "{stderr}");
    let (code, _, stderr) = run(&mut replay(Path::new("data/orders.ndjson")));
    assert_eq!(code, 2);
    assert!(stderr.contains("replay reads rejected.ndjson"), "{stderr}");
    assert_eq!(std::fs::read_dir(&out).unwrap().count(), 0, "nothing is written");
    // The folder of the first run would lose its accepted records.
    let (code, _, stderr) = run(tamis().arg("replay").arg(&path).arg("--out").arg(folder.path().join("first")));
    assert_eq!(code, 2);
    assert!(stderr.contains("would be overwritten"), "{stderr}");
    // Nothing to replay is no fault.
    let empty = file(folder.path(), "empty.ndjson", "");
    let (code, stdout, _) = run(replay(&empty).arg("--json"));
    assert_eq!((code, &json(&stdout)["replay"]["lines"]), (0, &0.into()));
    // The key may come from a file, and the lines from a pipe.
    let key = file(folder.path(), "key", KEY);
    let mut child = replay(Path::new("-"))
        .env_remove("TAMIS_KEY")
        .arg("--key-file")
        .arg(&key)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    child.stdin.take().unwrap().write_all((lines.join("\n") + "\n").as_bytes()).unwrap();
    let ended = child.wait_with_output().unwrap();
    assert!(ended.status.success() && String::from_utf8_lossy(&ended.stdout).contains("quarantined"));
}

/// A record whose twin was accepted must not be rescued; one whose twin was not may be.
#[test]
fn twins_are_told_by_what_was_accepted() {
    let folder = tempfile::tempdir().unwrap();
    let at = |name: &str| folder.path().join(name);
    let contract = |name: &str, most: u32, mask: &str, unique: &str| {
        let text = format!(
            r#"{{"title": "people", "type": "object", "x-unique": {unique}, "properties": {{
                "mail": {{"type": "string", "x-mask": "{mask}"}}, "n": {{"type": "integer", "maximum": {most}}},
                "id": {{"type": "integer"}}}}}}"#
        );
        file(folder.path(), name, text).to_str().unwrap().to_owned()
    };
    let unique = r#"["mail", ["id", "n"]]"#;
    let feed = file(
        folder.path(),
        "feed.ndjson",
        [
            r#"{"mail": "anna@example.com", "n": 50, "id": 1}"#,
            r#"{"mail": "anna@example.com", "n": 1, "id": 2}"#,
            r#"{"mail": "anna@example.com", "n": 1, "id": 3}"#,
            r#"{"mail": "bob@example.com", "n": 60, "id": 4}"#,
            r#"{"mail": "bob@example.com", "n": 60, "id": 5}"#,
            r#"{"mail": "carl@example.com", "n": 1, "id": 2.0}"#,
        ]
        .join("\n"),
    );
    validate(&[&feed], &at("first"), &["--seal", "--contract", &contract("strict.json", 9, "pseudonym", unique)]);
    let mild = contract("mild.json", 99, "pseudonym", unique);
    let replay = |args: &[&str]| {
        run(tamis().arg("replay").arg(at("first/rejected.ndjson")).arg("--out").arg(at("second")).args(args))
    };
    let rest = || -> Vec<(u64, String)> {
        let rejected = read(at("second/rejected.ndjson"));
        let verdicts = rejected.lines().map(json);
        verdicts
            .map(|verdict| {
                let codes = verdict["violations"].as_array().unwrap().iter();
                let codes: Vec<String> = codes.map(|one| format!("{}:{}", one["path"], one["code"])).collect();
                (verdict["line"].as_u64().unwrap(), codes.join(" ").replace('"', ""))
            })
            .collect()
    };
    let accepted = at("first/accepted.ndjson").to_str().unwrap().to_owned();
    let (code, _, stderr) = replay(&["--contract", &mild, "--against", &accepted]);
    assert_eq!(code, 0, "{stderr}");
    let all = |rest: &[(u64, &str)]| rest.iter().map(|(line, code)| (*line, (*code).to_owned())).collect::<Vec<_>>();
    let twins = [(1, "/mail:duplicate"), (3, "/mail:duplicate"), (5, "/mail:duplicate"), (6, ":duplicate")];
    assert_eq!(rest(), all(&twins));
    // Without the accepted, the first twin cannot be seen, and the user is told.
    let (code, _, stderr) = replay(&["--contract", &mild]);
    assert_eq!(code, 0);
    assert!(stderr.contains("--against"), "{stderr}");
    assert_eq!(rest(), all(&twins[1..]));
    // A contract that no longer wants the key has nothing against duplicates.
    let free = contract("free.json", 99, "pseudonym", "[]");
    let (code, _, stderr) = replay(&["--contract", &free]);
    assert_eq!((code, rest().len()), (0, 0));
    assert!(!stderr.contains("--against"), "{stderr}");
    // Where a mask leaves nothing to compare, or another key made the tokens, nothing is guessed.
    let blind = contract("blind.json", 99, "redact", unique);
    let (code, _, stderr) = replay(&["--contract", &blind, "--against", &accepted]);
    assert_eq!(code, 2);
    assert!(stderr.contains("/mail is in x-unique"), "{stderr}");
    let foreign = read(&accepted).replace("tok_", "tok_x");
    let foreign = file(folder.path(), "foreign.ndjson", foreign);
    let (code, _, stderr) = replay(&["--contract", &mild, "--against", foreign.to_str().unwrap()]);
    assert_eq!(code, 2);
    assert!(stderr.contains("line 1 of") && stderr.contains("not masked under this key"), "{stderr}");
    let nonsense = file(folder.path(), "nonsense.ndjson", format!("{}secret\n", read(&accepted)));
    let (code, _, stderr) = replay(&["--contract", &mild, "--against", nonsense.to_str().unwrap()]);
    assert_eq!(code, 2);
    assert!(stderr.contains("line 2 of") && !stderr.contains("secret"), "{stderr}");
}
