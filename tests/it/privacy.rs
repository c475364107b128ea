//! `tamis privacy`: figures against counting by hand, masked and raw input, suppression.

use crate::common::{KEY, file, run, tamis, testdata};
use proptest::prelude::*;
use serde_json::{Value, json};
use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write;
use std::path::Path;
use tamis::contract::Contract;
use tamis::mask::Key;
use tamis::pipeline::{Desk, Sieve};
use tamis::privacy::{Part, Plan, Survey};
use tamis::record::Frame;

const PEOPLE: &str = r#"{
  "x-contract": {"name": "people", "version": "1"}, "x-id": "id", "type": "object", "required": ["id"],
  "properties": {
    "id": {"type": "integer"},
    "email": {"type": ["string", "null"], "format": "email", "x-mask": "pseudonym"},
    "town": {"type": ["string", "null"], "x-quasi": true},
    "zip": {"type": ["string", "null"], "pattern": "^[0-9]{5}$", "x-quasi": true, "x-mask": {"op": "generalise", "prefix": 2}},
    "age": {"type": ["integer", "null"], "x-quasi": true},
    "illness": {"type": ["string", "null"], "x-pii": "health", "x-mask": "keep"}
  }
}"#;

/// What the crate says of some records, which come in shares of `chunk`.
fn survey(contract: &Contract, records: &[Value], chunk: usize, wanted: u64) -> Value {
    let plan = Plan::new(contract, &[]).unwrap();
    let sieve = Sieve::new(Contract::load(contract.source()).unwrap(), &Key::parse(KEY).unwrap());
    let (mut survey, mut desk) = (Survey::default(), Desk::default());
    for (at, share) in records.chunks(chunk).enumerate() {
        let mut part = Part::default();
        for (nth, record) in share.iter().enumerate() {
            let line = (at * chunk + nth + 1) as u64;
            let bytes = record.to_string();
            let examined = sieve.examine(Frame { line, bytes: bytes.as_bytes(), fault: None }, &mut desk);
            part.see(&plan, &sieve, &examined, None, None);
        }
        survey.merge(part).unwrap();
    }
    survey.report(&plan, contract, wanted).json()
}

fn masked_group(record: &Value) -> String {
    let zip = record["zip"].as_str().map(|zip| &zip[..2]);
    format!("{}|{zip:?}|{}", record["town"], record["age"])
}

fn person() -> impl Strategy<Value = Value> {
    let some = |strategy: &'static str| prop::option::weighted(0.9, strategy);
    (some("[AB]"), some("[1-2]{2}[0-9]{3}"), prop::option::of(30..32), some("[xyz]")).prop_map(
        |(town, zip, age, illness)| json!({ "id": 1, "town": town, "zip": zip, "age": age, "illness": illness }),
    )
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(200))]

    #[test]
    fn figures_are_what_counting_by_hand_gives(
        people in prop::collection::vec(person(), 1..80),
        chunk in 1..30_usize,
        wanted in 2..6_u64,
    ) {
        let contract = Contract::load(PEOPLE.as_bytes()).unwrap();
        let json = survey(&contract, &people, chunk, wanted);
        let mut groups: BTreeMap<String, Vec<&Value>> = BTreeMap::new();
        for person in &people {
            groups.entry(masked_group(person)).or_default().push(person);
        }
        let sizes: Vec<u64> = groups.values().map(|group| group.len() as u64).collect();
        let records = people.len() as f64;
        let below: Vec<u64> = sizes.iter().copied().filter(|size| *size < wanted).collect();
        let k = *sizes.iter().min().unwrap();
        prop_assert_eq!(&json["records"], people.len());
        prop_assert_eq!(&json["k"], k);
        prop_assert_eq!(&json["groups"], groups.len());
        let unique = sizes.iter().filter(|size| **size == 1).count();
        prop_assert_eq!(&json["unique"]["records"], unique);
        prop_assert_eq!(&json["below"]["groups"], below.len());
        prop_assert_eq!(&json["below"]["records"], below.iter().sum::<u64>());
        let near = |path: &Value, wanted: f64| (path.as_f64().unwrap() - wanted).abs() < 1e-12;
        prop_assert!(near(&json["unique"]["rate"], unique as f64 / records));
        prop_assert!(near(&json["risk"]["highest"], 1.0 / k as f64));
        // Over records and not over groups.
        let mean = groups.values().flatten().count() as f64;
        let sum: f64 = people.iter().map(|person| 1.0 / groups[&masked_group(person)].len() as f64).sum();
        prop_assert!((json["risk"]["mean"].as_f64().unwrap() - sum / mean).abs() < 1e-9);
        for band in json["sizes"].as_array().unwrap() {
            let within = |size: &&u64| {
                **size >= band["from"].as_u64().unwrap() && band["to"].as_u64().is_none_or(|to| **size <= to)
            };
            prop_assert_eq!(&band["groups"], sizes.iter().filter(within).count());
            prop_assert_eq!(&band["records"], sizes.iter().filter(within).sum::<u64>());
        }
        let banded: u64 = json["sizes"].as_array().unwrap().iter().map(|band| band["groups"].as_u64().unwrap()).sum();
        prop_assert_eq!(banded as usize, groups.len());

        let smallest = json["smallest"].as_array().unwrap();
        prop_assert_eq!(smallest.len(), below.len().min(10));
        for small in smallest {
            let first = &people[small["line"].as_u64().unwrap() as usize - 1];
            prop_assert_eq!(&small["size"], groups[&masked_group(first)].len());
        }

        let (mut distinct, mut entropy, mut uniform) = (usize::MAX, f64::INFINITY, 0);
        for group in groups.values() {
            let mut values: BTreeMap<String, f64> = BTreeMap::new();
            for person in group {
                *values.entry(person["illness"].to_string()).or_default() += 1.0 / group.len() as f64;
            }
            distinct = distinct.min(values.len());
            entropy = entropy.min(values.values().map(|share| -share * share.ln()).sum::<f64>().exp());
            uniform += if values.len() == 1 { group.len() } else { 0 };
        }
        let diversity = &json["diversity"][0];
        prop_assert_eq!(&diversity["path"], "/illness");
        prop_assert_eq!(&diversity["distinct"], distinct);
        prop_assert_eq!(&diversity["uniform_records"], uniform);
        prop_assert!((diversity["entropy"].as_f64().unwrap() - entropy).abs() < 1e-9);

        for (at, pointer) in ["town", "zip", "age"].iter().enumerate() {
            let mut without = BTreeMap::new();
            for person in &people {
                let mut person = person.clone();
                person[pointer] = Value::Null;
                *without.entry(masked_group(&person)).or_insert(0_u64) += 1;
            }
            prop_assert_eq!(&json["quasi_identifiers"][at]["k_without"], *without.values().min().unwrap());
        }
    }
}

/// The suggested masks, put into the contract, give the k that was promised.
#[test]
fn suggestions_keep_their_word() {
    let folder = tempfile::tempdir().unwrap();
    let mut contract: Value = serde_json::from_str(PEOPLE).unwrap();
    contract["properties"]["age"].as_object_mut().unwrap().remove("x-quasi");
    let mut people = String::new();
    for at in 0..400_u32 {
        let town = ["Aachen", "Augsburg", "Berlin", "Bern"][at as usize % 4];
        let _ = writeln!(people, r#"{{"id": {at}, "town": "{town}", "zip": "{}"}}"#, 10_000 + at * 61 % 90_000);
    }
    let people = file(folder.path(), "people.ndjson", people);
    let ask = |contract: &Value| -> Value {
        let contract = file(folder.path(), "people.json", contract.to_string());
        let mut command = tamis();
        command.args(["privacy", "--json", "--k", "20", "--contract"]).args([&contract, &people]);
        let (code, out, err) = run(&mut command);
        assert_eq!(code, 0, "{err}");
        serde_json::from_str(&out).unwrap()
    };
    let before = ask(&contract);
    let suggestion = &before["suggestions"][0];
    assert!(before["k"].as_u64().unwrap() < 20);
    assert_eq!(suggestion["minimal"], true);
    for (path, mask) in suggestion["masks"].as_object().unwrap() {
        contract["properties"][&path[1..]]["x-mask"] = mask.clone();
    }
    let after = ask(&contract);
    assert_eq!(after["k"], suggestion["k"]);
    assert_eq!(after["groups"], suggestion["groups"]);
    assert!(after["k"].as_u64().unwrap() >= 20);
}

/// Sixty people, in groups of one, two, three, … by town, and their file.
fn people(folder: &Path) -> std::path::PathBuf {
    let mut lines = String::new();
    let mut id = 0;
    for town in 1..=10 {
        for _ in 0..town {
            id += 1;
            let _ =
                writeln!(lines, r#"{{"id": {id}, "email": "p{id}@example.com", "town": "T{town}", "zip": "10115"}}"#);
        }
    }
    file(folder, "people.ndjson", lines)
}

fn ask(arguments: &[&str], key: &str) -> (i32, String, String) {
    run(tamis().env("TAMIS_KEY", key).arg("privacy").args(arguments))
}

#[test]
fn a_masked_file_gives_the_figures_of_the_raw_one_under_any_key() {
    let folder = tempfile::tempdir().unwrap();
    let contract = file(folder.path(), "people.json", PEOPLE);
    let contract = contract.to_str().unwrap();
    let raw = people(folder.path());
    let masked = folder.path().join("accepted.ndjson");
    let (code, ..) = run(tamis().args(["mask", "--contract", contract, "--out"]).args([&masked, &raw]));
    assert_eq!(code, 0);
    let figures = |path: &Path, arguments: &[&str], key: &str| {
        let mut all = vec!["--json", "--contract", contract, path.to_str().unwrap()];
        all.extend(arguments);
        let (code, out, err) = ask(&all, key);
        assert_eq!(code, 0, "{err}");
        (serde_json::from_str::<Value>(&out).unwrap(), err)
    };
    let (of_raw, said) = figures(&raw, &[], KEY);
    assert_eq!(said, "");
    assert_eq!((&of_raw["records"], &of_raw["k"], &of_raw["groups"]), (&json!(55), &json!(1), &json!(10)));
    let other = "11".repeat(32);
    for key in [KEY, &other, ""] {
        let (of_masked, said) = figures(&masked, &[], key);
        assert_eq!(of_masked, of_raw);
        assert!(said.contains("is masked already") && !said.contains("random"), "{said}");
        assert_eq!(figures(&masked, &["--masked"], key).0, of_raw);
    }
    // What no token gives away is told by the masks' form.
    let bare = std::fs::read_to_string(&masked).unwrap();
    let bare: String = bare
        .lines()
        .map(|line| {
            let mut record: Value = serde_json::from_str(line).unwrap();
            record["email"] = Value::Null;
            format!("{record}\n")
        })
        .collect();
    let bare = file(folder.path(), "bare.ndjson", bare);
    assert_eq!(figures(&bare, &[], KEY).0, of_raw);
}

#[test]
fn raw_records_in_a_masked_file_are_held_back() {
    let folder = tempfile::tempdir().unwrap();
    let contract = file(folder.path(), "people.json", PEOPLE);
    let contract = contract.to_str().unwrap();
    let raw = people(folder.path());
    let (_, masked, _) = run(tamis().args(["mask", "--contract", contract]).arg(&raw));
    let mixed = format!("{masked}{}\n", r#"{"id": 99, "email": "eve@example.com", "town": "T10", "zip": "10"}"#);
    let mixed = file(folder.path(), "mixed.ndjson", mixed);
    let out = folder.path().join("safe.ndjson");
    let out = out.to_str().unwrap();
    let (code, _, said) =
        ask(&["--contract", contract, mixed.to_str().unwrap(), "--enforce-k", "2", "--out", out], KEY);
    assert_eq!(code, 0, "{said}");
    assert!(said.contains("1 of 56 records stand in a masked file but do not look masked"), "{said}");
    let written = std::fs::read_to_string(out).unwrap();
    assert_eq!(written.lines().count(), 54);
    assert!(!written.contains("eve@"));
}

#[test]
fn enforcing_leaves_out_small_groups_and_nothing_else() {
    let folder = tempfile::tempdir().unwrap();
    let contract = file(folder.path(), "people.json", PEOPLE);
    let contract = contract.to_str().unwrap();
    let raw = people(folder.path());
    let (_, masked, _) = run(tamis().args(["mask", "--contract", contract]).arg(&raw));
    let out = folder.path().join("safe.ndjson");
    let arguments = ["--json", "--contract", contract, raw.to_str().unwrap(), "--enforce-k", "5", "--out"];
    let arguments: Vec<&str> = arguments.into_iter().chain([out.to_str().unwrap()]).collect();
    let (code, json, said) = ask(&arguments, KEY);
    assert_eq!((code, said.as_str()), (0, ""));
    let json: Value = serde_json::from_str(&json).unwrap();
    let enforced = &json["enforced"];
    assert_eq!(
        (&enforced["written"], &enforced["left_out"], &enforced["k_reached"]),
        (&json!(45), &json!(10), &json!(5))
    );
    let written = std::fs::read_to_string(&out).unwrap();
    let wanted: String = masked
        .lines()
        .filter(|line| !["\"T1\"", "\"T2\"", "\"T3\"", "\"T4\""].iter().any(|town| line.contains(town)))
        .fold(String::new(), |all, line| all + line + "\n");
    assert_eq!(written, wanted);
    let (code, json, _) = ask(&["--json", "--contract", contract, out.to_str().unwrap(), "--min-k", "5"], "");
    assert_eq!(code, 0);
    assert_eq!(serde_json::from_str::<Value>(&json).unwrap()["k"], 5);

    let before = std::fs::read(&out).unwrap();
    let hopeless: Vec<&str> = arguments.iter().map(|it| if *it == "5" { "50" } else { it }).collect();
    let (code, json, _) = ask(&hopeless, KEY);
    assert_eq!((code, &serde_json::from_str::<Value>(&json).unwrap()["enforced"]["written"]), (0, &json!(0)));
    assert_ne!(std::fs::read(&out).unwrap(), before);
    let names: BTreeSet<_> =
        std::fs::read_dir(folder.path()).unwrap().map(|entry| entry.unwrap().file_name()).collect();
    assert_eq!(names.len(), 3, "{names:?}");
}

#[test]
fn what_cannot_be_measured_is_said() {
    let folder = tempfile::tempdir().unwrap();
    let contract = file(folder.path(), "people.json", PEOPLE);
    let contract = contract.to_str().unwrap();
    let unmarked = file(folder.path(), "unmarked.json", PEOPLE.replace("\"x-quasi\": true", "\"x-quasi\": false"));
    let raw = people(folder.path());
    let raw = raw.to_str().unwrap();
    let empty = file(folder.path(), "empty.ndjson", "");
    let plain = PEOPLE.replace("pseudonym", "keep").replace(r#"{"op": "generalise", "prefix": 2}"#, "\"keep\"");
    let plain = file(folder.path(), "plain.json", plain);
    let broken = file(folder.path(), "broken.ndjson", "{\"id\": 1, \"zip\": \"10\"}\n{\"id\": 2, \"zip\": \"11\"}\n");
    let foreign = file(folder.path(), "foreign.ndjson", "{\"name\": 1}\n{\"name\": 2}\n");
    let out = folder.path().join("nothing.ndjson");
    let out = out.to_str().unwrap();
    for (arguments, wanted) in [
        (vec!["--contract", unmarked.to_str().unwrap(), raw], "write \"x-quasi\": true on every field"),
        (vec!["--contract", unmarked.to_str().unwrap(), raw], "look like some: /town, /zip, /age"),
        (vec!["--contract", contract, empty.to_str().unwrap()], "there are no records"),
        (vec!["--contract", contract, foreign.to_str().unwrap()], "none of the 2 records can be measured"),
        (
            vec!["--contract", plain.to_str().unwrap(), broken.to_str().unwrap()],
            "none of the 2 records can be measured",
        ),
        (vec!["--contract", contract, raw, "--sensitive", "disease"], "the contract has no field disease; it has /id"),
        (vec!["--contract", contract, raw, "--sensitive", "/town"], "it cannot be the sensitive field as well"),
        (vec!["--contract", contract, raw, "--enforce-k", "5", "--out", "-"], "--out needs a file"),
        (vec!["--contract", contract, raw, "--enforce-k", "1", "--out", out], "must be a whole number from 2 on"),
        (vec!["--contract", contract, raw, "--enforce-k", "5"], "--out"),
    ] {
        let (code, printed, said) = ask(&arguments, KEY);
        assert_eq!((code, printed.as_str()), (2, ""), "{arguments:?}: {said}");
        assert!(said.contains(wanted), "{arguments:?}: {said}");
    }
    let (code, _, said) = ask(&["--contract", contract, raw, "--min-k", "3"], KEY);
    assert_eq!((code, said.as_str()), (1, "tamis: k is 1, below the 3 asked for\n"));
    assert!(!Path::new(out).exists());
}

#[test]
fn the_table_shows_figures_and_no_value() {
    let folder = tempfile::tempdir().unwrap();
    let contract = file(folder.path(), "people.json", PEOPLE);
    let raw = people(folder.path());
    let (code, out, _) = ask(&["--contract", contract.to_str().unwrap(), raw.to_str().unwrap()], KEY);
    assert_eq!(code, 0);
    for wanted in ["55 of 55 records", "below k = 5", "1.82 %", "100.00 %", "/town", "line 1\n", "l-diversity"] {
        assert!(out.contains(wanted), "{wanted}: {out}");
    }
    for value in ["T1", "example.com", "10115", "tok_"] {
        assert!(!out.contains(value), "{value}: {out}");
    }
}

#[test]
fn a_file_that_is_given_twice_does_not_count_twice() {
    let folder = tempfile::tempdir().unwrap();
    let accepted = folder.path().join("accepted.ndjson");
    let (code, ..) = run(tamis().args(["mask", "data/orders.ndjson", "--out"]).arg(&accepted));
    assert_eq!(code, 0);
    let figures = |inputs: &[&Path]| {
        let (code, out, err) = run(tamis().env("TAMIS_KEY", "").args(["privacy", "--json"]).args(inputs));
        assert_eq!(code, 0, "{err}");
        serde_json::from_str::<Value>(&out).unwrap()
    };
    let (once, twice) = (figures(&[&accepted]), figures(&[&accepted, &accepted]));
    assert_eq!((&once["records"], &twice["records"], &twice["read"]), (&json!(4059), &json!(4059), &json!(8118)));
    assert_eq!((&once["k"], &once["unique"], &once["sizes"]), (&twice["k"], &twice["unique"], &twice["sizes"]));
    // Raw and masked records have the same groups.
    let raw = figures(&[Path::new("data/orders.ndjson")]);
    assert_eq!((&once["sizes"], &once["suggestions"]), (&raw["sizes"], &raw["suggestions"]));
}

/// A key of `x-unique` that its mask makes coarser is no key any more.
#[test]
fn masked_values_that_were_unique_are_no_duplicates() {
    let folder = tempfile::tempdir().unwrap();
    let contract = PEOPLE.replace(r#""x-id": "id","#, r#""x-id": "id", "x-unique": ["zip"],"#);
    let contract = file(folder.path(), "people.json", contract);
    let mut lines = String::new();
    for id in 0..9 {
        let _ = writeln!(lines, r#"{{"id": {id}, "email": "p{id}@example.com", "town": "T", "zip": "1011{id}"}}"#);
    }
    let raw = file(folder.path(), "nine.ndjson", lines);
    let masked = folder.path().join("accepted.ndjson");
    let (code, ..) = run(tamis().args(["mask", "--contract"]).args([&contract, &raw]).arg("--out").arg(&masked));
    assert_eq!(code, 0);
    for input in [&raw, &masked] {
        let (code, out, _) = ask(&["--json", "--contract", contract.to_str().unwrap(), input.to_str().unwrap()], KEY);
        let json: Value = serde_json::from_str(&out).unwrap();
        assert_eq!((code, &json["k"], &json["rejected"]), (0, &json!(9), &json!(0)));
    }
}

#[test]
fn people_are_counted_by_their_token() {
    let folder = tempfile::tempdir().unwrap();
    let contract = file(folder.path(), "people.json", PEOPLE);
    let mut lines = String::new();
    for id in 0..6 {
        let _ = writeln!(lines, r#"{{"id": {id}, "email": "p{}@example.com", "town": "T"}}"#, id % 2);
    }
    let lines = file(folder.path(), "few.ndjson", lines);
    let (code, out, _) = ask(
        &["--json", "--sensitive", "email", "--contract", contract.to_str().unwrap(), lines.to_str().unwrap()],
        KEY,
    );
    let json: Value = serde_json::from_str(&out).unwrap();
    assert_eq!((code, &json["k"], &json["diversity"][0]["distinct"]), (0, &json!(6), &json!(2)));
}

#[test]
fn any_number_of_threads_gives_the_same_figures() {
    let ask = |threads: &str| {
        let (code, out, _) = ask(&["--json", "--threads", threads, "data/orders.ndjson"], KEY);
        assert_eq!(code, 0);
        serde_json::from_str::<Value>(&out).unwrap()
    };
    let one = ask("1");
    assert_eq!(one, ask("3"));
    assert_eq!((&one["read"], &one["records"]), (&json!(5000), &json!(4059)));
}

#[test]
fn an_invoice_file_in_csv_is_measured_under_its_contract() {
    let Some(day) = testdata("retail/2010-12-01.csv") else { return };
    let (code, out, said) = ask(&["--json", "--contract", "contracts/retail.json", day.to_str().unwrap()], KEY);
    assert_eq!(code, 0, "{said}");
    let json: Value = serde_json::from_str(&out).unwrap();
    // The country stands last in a line of the file.
    let (_, accepted, _) = run(tamis().args(["mask", "--contract", "contracts/retail.json"]).arg(&day));
    let mut countries: BTreeMap<String, u64> = BTreeMap::new();
    for line in accepted.lines() {
        let record: Value = serde_json::from_str(line).unwrap();
        *countries.entry(record["Country"].as_str().unwrap().to_owned()).or_default() += 1;
    }
    assert_eq!(json["k"], *countries.values().min().unwrap());
    assert_eq!(json["groups"], countries.len());
    assert_eq!(json["records"], countries.values().sum::<u64>());
}
