//! Turns over the real shop's days and over generated ones.

use super::bench::{Bench, alarms, same, tree, turn};
use crate::common::{run, testdata};
use std::io::Write;

/// The real shop begins with one ordinary day; the two bad days alarm, and the other does not.
#[test]
fn the_shops_bad_days_alarm() {
    let Some(days) = testdata("retail") else { return };
    let bench = Bench::new();
    for entry in std::fs::read_dir(&days).unwrap() {
        let path = entry.unwrap().path();
        bench.put(path.file_name().unwrap().to_str().unwrap(), std::fs::read(&path).unwrap());
    }
    let (code, report) = turn(bench.cycle().args(["--contract", "contracts/retail.json"]));
    assert_eq!(code, 1);
    assert_eq!(alarms(&report, "acceptance"), ["2010-12-22", "2011-01-28"]);
    assert_eq!(report["batches"].as_array().unwrap().len(), 4);
    assert!(report["champion"].is_string());
    let (code, report) = turn(bench.cycle().args(["--contract", "contracts/retail.json"]));
    assert_eq!((code, report["batches"].as_array().unwrap().len()), (0, 0));
}

/// A second turn, and one after a copy under another name, change nothing but for the note of the copy.
#[test]
fn what_was_taken_is_not_taken_again() {
    let bench = Bench::new();
    bench.orders("2026-01-01.ndjson", 800, 1, 0.2);
    bench.orders("2026-01-02.ndjson", 800, 2, 0.2);
    let (code, report) = turn(&mut bench.cycle());
    assert_eq!((code, report["taken"].as_u64()), (0, Some(2)), "{report:#}");
    let before = tree(&bench.state());
    let (code, report) = turn(&mut bench.cycle());
    assert_eq!((code, report["batches"].as_array().unwrap().len()), (0, 0));
    assert!(before == tree(&bench.state()));
    std::fs::copy(bench.inbox().join("2026-01-01.ndjson"), bench.inbox().join("copy.ndjson")).unwrap();
    let (code, stdout, stderr) = run(&mut bench.cycle());
    assert_eq!(code, 0, "{stdout}{stderr}");
    assert!(stderr.contains("copy.ndjson has the content of the batch"), "{stderr}");
    let changed: Vec<_> =
        tree(&bench.state()).into_iter().filter(|(name, bytes)| before.get(name) != Some(bytes)).collect();
    assert!(changed.iter().all(|(name, _)| name.to_str() == Some("journal.ndjson")), "{changed:?}");
    let (_, _, stderr) = run(&mut bench.cycle());
    assert!(!stderr.contains("copy.ndjson"), "{stderr}");
}

/// One turn over three files is three turns over one each.
#[test]
fn the_turns_do_not_show() {
    let bench = Bench::new();
    let other = bench.folder.path().join("other");
    for day in 1..=3 {
        bench.orders(&format!("2026-01-0{day}.ndjson"), 600, day, 0.2);
        turn(bench.cycle_in(&other).args(["--cooldown", "0", "--new-records", "500"]));
    }
    turn(bench.cycle().args(["--cooldown", "0", "--new-records", "500"]));
    same(&bench.state(), &other);
}

#[test]
fn unreadable_and_unfinished_files_stop_nobody() {
    let bench = Bench::new();
    bench.orders("a.ndjson", 500, 1, 0.2);
    bench.put("b.csv.gz", b"\x1f\x8bno gzip at all");
    bench.put("c.ndjson.tmp", b"{");
    bench.put("d.part", b"{");
    bench.put(".hidden", b"{");
    bench.orders("e.ndjson", 500, 2, 0.2);
    std::fs::create_dir(bench.inbox().join("folder")).unwrap();
    let (code, report) = turn(&mut bench.cycle());
    assert_eq!(code, 2);
    assert_eq!(report["batches"].as_array().unwrap().len(), 2);
    assert_eq!(report["unreadable"][0]["file"], "b.csv.gz");
    assert_eq!(report["waiting"], serde_json::json!(["c.ndjson.tmp", "d.part"]));
    // It is known now, and told once.
    assert_eq!(turn(&mut bench.cycle()).0, 0);
    std::fs::rename(bench.inbox().join("c.ndjson.tmp"), bench.inbox().join("c.ndjson")).unwrap();
    let (_, report) = turn(&mut bench.cycle());
    assert_eq!(report["batches"][0]["records"], 1);
}

/// Compressed files and CSV are batches like others, and an empty file is one without records.
#[test]
fn every_form_is_read() {
    let bench = Bench::new();
    bench.put("a.csv", "order_id,quantity\nORD-1,2\n");
    let mut gzip = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::default());
    gzip.write_all(b"{}\n{}\n").unwrap();
    bench.put("b.json.gz", gzip.finish().unwrap());
    bench.put("c.ndjson", b"");
    let (code, report) = turn(&mut bench.cycle());
    let records: Vec<_> =
        report["batches"].as_array().unwrap().iter().map(|batch| batch["records"].as_u64().unwrap()).collect();
    assert_eq!((code, records), (0, vec![1, 2, 0]), "{report:#}");
    assert!(report["champion"].is_null());
}

/// Nothing of a masked field stands anywhere in the state.
#[test]
fn the_state_holds_masked_records_alone() {
    let bench = Bench::new();
    bench.orders("2026-01-01.ndjson", 800, 5, 0.3);
    assert_eq!(turn(&mut bench.cycle()).0, 0);
    let mut audit = crate::common::tamis();
    let raw = bench.inbox().join("2026-01-01.ndjson");
    let (code, stdout, stderr) = run(audit.arg("audit").arg(raw).arg("--against").arg(bench.state()));
    assert_eq!(code, 0, "{stdout}{stderr}");
}

/// A challenger of one tree loses: it stays in the registry, the champion stays champion, and the exit code says so.
#[test]
fn a_worse_challenger_is_refused() {
    let bench = Bench::new();
    bench.orders("2026-01-01.ndjson", 3000, 1, 0.2);
    let (code, report) = turn(&mut bench.cycle());
    assert_eq!(code, 0, "{report:#}");
    let champion = report["champion"].clone();
    bench.orders("2026-01-02.ndjson", 3000, 2, 0.2);
    let (code, report) =
        turn(bench.cycle().args(["--new-records", "100", "--cooldown", "0", "--trees", "1", "--samples", "2"]));
    let training = &report["batches"][0]["training"];
    assert_eq!(code, 1, "{report:#}");
    assert_eq!((&training["promoted"], &report["champion"]), (&false.into(), &champion));
    assert_eq!(training["refusals"][0]["kind"], "worse", "{training:#}");
    let versions = bench.state().join("models/versions");
    assert!(versions.join(training["challenger"].as_str().unwrap()).is_dir());
    assert_eq!(std::fs::read_dir(versions).unwrap().count(), 2);
}

/// A champion that somebody promoted by hand is taken as it is.
#[test]
fn a_rollback_by_hand_is_noticed() {
    let bench = Bench::new();
    bench.orders("2026-01-01.ndjson", 2000, 1, 0.2);
    bench.orders("2026-01-02.ndjson", 2000, 2, 0.2);
    let arguments = ["--new-records", "100", "--cooldown", "0"];
    let (_, report) = turn(bench.cycle().args(arguments));
    let first = report["batches"][0]["training"]["challenger"].clone();
    let second = report["champion"].clone();
    assert_ne!(first, second);
    let models = bench.state().join("models");
    let (code, ..) = run(crate::common::tamis().args(["model", "rollback", "--registry"]).arg(&models));
    assert_eq!(code, 0);
    bench.orders("2026-01-03.ndjson", 500, 3, 0.2);
    let (_, report) = turn(bench.cycle().args(["--triggers", "acceptance"]));
    assert_eq!((&report["champion"], &report["batches"][0]["model"]), (&first, &first));
}

#[test]
fn one_cycle_at_a_time() {
    let bench = Bench::new();
    std::fs::create_dir(bench.state()).unwrap();
    let lock = std::fs::File::create(bench.state().join("lock")).unwrap();
    lock.lock().unwrap();
    let (code, _, stderr) = run(&mut bench.cycle());
    assert_eq!(code, 2);
    assert!(stderr.contains("another tamis cycle works on"), "{stderr}");
    drop(lock);
    assert_eq!(turn(&mut bench.cycle()).0, 0);
}

#[test]
fn wrong_arguments_are_named() {
    let bench = Bench::new();
    for (arguments, says) in [
        (&["--triggers", "acceptance,nonsense"][..], "there is no trigger nonsense"),
        (&["--alpha", "0.7"], "alpha must be a chance between 0 and 0.5"),
        (&["--margin", "1"], "margin must be"),
        (&["--every", "1s"], "--watch"),
    ] {
        let (code, _, stderr) = run(bench.cycle().args(arguments));
        assert!(code == 2 && stderr.contains(says), "{arguments:?}: {stderr}");
    }
    let mut command = crate::common::tamis();
    command.args(["cycle", "--inbox", "x", "--state", "y", "--now", "yesterday"]);
    let (code, _, stderr) = run(&mut command);
    assert!(code == 2 && stderr.contains("must be a moment in UTC"), "{stderr}");
    let config = crate::common::file(bench.folder.path(), "config.json", r#"{"new-recods": 5}"#);
    let (code, _, stderr) = run(bench.cycle().arg("--config").arg(&config));
    assert!(code == 2 && stderr.contains("new-recods"), "{stderr}");
    std::fs::write(&config, r#"{"triggers": ["age"], "max-age": 3, "alpha": 0.01}"#).unwrap();
    assert_eq!(turn(bench.cycle().arg("--config").arg(&config)).0, 0);
}

/// What is watched is taken when it is whole, and SIGTERM ends the watch after the step that is begun.
#[cfg(unix)]
#[test]
fn a_watch_takes_what_comes_and_ends_when_told() {
    let bench = Bench::new();
    bench.orders("2026-01-01.ndjson", 500, 1, 0.2);
    let mut command = bench.cycle();
    command
        .args(["--watch", "--every", "1s"])
        .stdout(std::process::Stdio::piped())
        .stderr(std::process::Stdio::piped());
    let child = command.spawn().unwrap();
    let journal = || std::fs::read_to_string(bench.state().join("journal.ndjson")).unwrap_or_default();
    let wait = |count: usize| {
        let begun = std::time::Instant::now();
        while journal().matches("\"event\":\"settled\"").count() < count {
            assert!(begun.elapsed().as_secs() < 60, "{}", journal());
            std::thread::sleep(std::time::Duration::from_millis(50));
        }
    };
    wait(1);
    bench.orders("2026-01-02.ndjson", 500, 2, 0.2);
    wait(2);
    assert!(std::process::Command::new("kill").arg(child.id().to_string()).status().unwrap().success());
    let ended = child.wait_with_output().unwrap();
    assert_eq!(ended.status.code(), Some(0), "{}", String::from_utf8_lossy(&ended.stderr));
}

/// A lasting change alarms until somebody says that it is meant.
#[test]
fn a_change_that_is_meant_is_ordinary_from_then_on() {
    let bench = Bench::new();
    for day in 1..=4 {
        bench.orders(&format!("2026-01-0{day}.ndjson"), 1500, day, if day > 2 { 0.9 } else { 0.1 });
    }
    let arguments = ["--triggers", "acceptance"];
    let (_, report) = turn(bench.cycle().args(arguments));
    assert_eq!(alarms(&report, "acceptance"), ["2026-01-03", "2026-01-04"]);
    bench.orders("2026-01-05.ndjson", 1500, 5, 0.9);
    let (code, report) = turn(bench.cycle().args(arguments).arg("--rebase"));
    assert_eq!((code, alarms(&report, "acceptance").len()), (0, 0), "{report:#}");
}
