//! The official JSON Schema Test Suite (draft 2020-12): each schema stands as one field of a record. Either every case
//! of a group is answered rightly, or the contract refuses to load and names the keyword.

use serde_json::{Map, Value, json};
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use tamis::contract::{Contract, Formats};
use tamis::mask::Key;
use tamis::pipeline::{Desk, Sieve};
use tamis::record::Frame;
use tamis::verdict::Status;

/// Groups that are answered; it may only rise.
const LEAST_ANSWERED: usize = 237;

#[derive(serde::Deserialize)]
struct Group {
    description: String,
    schema: Value,
    tests: Vec<Case>,
}

#[derive(serde::Deserialize)]
struct Case {
    description: String,
    data: Value,
    valid: bool,
}

/// The schema as the field `value` of a record. References from the schema's root are moved along with it.
fn wrapped(schema: &Value, moved: bool) -> Vec<u8> {
    let mut schema = schema.clone();
    if moved {
        move_references(&mut schema);
    }
    json!({ "type": "object", "properties": { "value": schema } }).to_string().into_bytes()
}

fn move_references(value: &mut Value) {
    match value {
        Value::Array(list) => list.iter_mut().for_each(move_references),
        Value::Object(map) => {
            for (keyword, value) in map {
                match (keyword.as_str(), value) {
                    ("$ref", Value::String(reference)) if reference.starts_with('#') => {
                        reference.insert_str(1, "/properties/value");
                    }
                    ("enum" | "const" | "default", _) => {}
                    (_, value) => move_references(value),
                }
            }
        }
        _ => {}
    }
}

enum Answer {
    Refused(String),
    Right,
    Wrong(String),
}

fn ask(group: &Group, formats: Formats, moved: bool) -> Answer {
    let contract = match Contract::load_with(&wrapped(&group.schema, moved), formats) {
        Ok(contract) => contract,
        Err(faults) => return Answer::Refused(faults.iter().map(ToString::to_string).collect::<Vec<_>>().join("; ")),
    };
    let sieve = Sieve::new(contract, &Key::new([7; 32]));
    let mut desk = Desk::default();
    for case in &group.tests {
        let record = json!({ "value": case.data }).to_string();
        let examined = sieve.examine(Frame { line: 1, bytes: record.as_bytes(), fault: None }, &mut desk);
        if (examined.status() == Status::Accepted) != case.valid {
            return Answer::Wrong(format!("{}: {}: valid is {}", group.description, case.description, case.valid));
        }
        desk.recycle(examined);
    }
    Answer::Right
}

fn groups(path: &Path) -> Vec<Group> {
    serde_json::from_slice(&std::fs::read(path).unwrap()).unwrap()
}

fn files(folder: &Path) -> Vec<PathBuf> {
    let mut files: Vec<PathBuf> = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    files.retain(|file| file.extension().is_some_and(|extension| extension == "json"));
    files.sort();
    files
}

#[test]
fn answers_the_suite_or_refuses_by_name() {
    let Some(suite) = crate::common::testdata("suites/json-schema") else { return };
    let (mut answered, mut refused, mut wrong) = (0, 0, Vec::new());
    let mut by_file: BTreeMap<String, (usize, usize)> = BTreeMap::new();
    let mut reasons: Map<String, Value> = Map::new();
    for file in files(&suite) {
        let name = file.file_stem().unwrap().to_string_lossy().into_owned();
        // By the standard a format says nothing by itself; the suite's other part asks for the formats.
        let formats = if name == "format" { Formats::Annotate } else { Formats::Assert };
        for group in groups(&file) {
            let counts = by_file.entry(name.clone()).or_default();
            match ask(&group, formats, true) {
                Answer::Right => (answered, counts.0) = (answered + 1, counts.0 + 1),
                Answer::Refused(why) => {
                    (refused, counts.1) = (refused + 1, counts.1 + 1);
                    reasons.insert(format!("{name}: {}", group.description), why.into());
                }
                Answer::Wrong(case) => wrong.push(format!("{name}: {case}")),
            }
            // Whoever wraps a schema without moving its references must not be answered wrongly either.
            if let Answer::Wrong(case) = ask(&group, formats, false) {
                wrong.push(format!("{name}, not moved: {case}"));
            }
        }
    }
    for (file, (right, not)) in &by_file {
        println!("{file:24} {right:3} answered {not:3} refused");
    }
    if std::env::var_os("TAMIS_REASONS").is_some() {
        println!("{:#}", Value::Object(reasons));
    }
    println!("{answered} groups answered, {refused} refused by name, {} wrong", wrong.len());
    assert!(wrong.is_empty(), "{wrong:#?}");
    assert!(answered >= LEAST_ANSWERED, "{answered} answered");
}

/// The formats that are asserted, against the suite's cases for them; where we differ, and why.
const DIFFERENT: &[(&str, &str)] = &[
    ("duration: fractional duration is not allowed by RFC 3339 ABNF", "ISO 8601 has fractions, and Python writes them"),
    ("email: a quoted string with a space in the local part is valid", QUOTED),
    ("email: a quoted string with a double dot in the local part is valid", QUOTED),
    ("email: a quoted string with a @ in the local part is valid", QUOTED),
    ("email: an IPv4-address-literal after the @ is valid", LITERAL),
    ("email: an IPv6-address-literal after the @ is valid", LITERAL),
    ("idn-email: a non-ASCII quoted local part is valid", QUOTED),
    ("idn-email: a C1 control in the local part is valid", INVISIBLE),
    ("idn-email: a noncharacter in the local part is valid", INVISIBLE),
];
const QUOTED: &str =
    "no shop's customer has a quoted local part, but mistyped lines look like one; Python's email-validator agrees";
const LITERAL: &str = "an address without a domain is no customer's; Python's email-validator agrees";
const INVISIBLE: &str = "what nobody can see or type is a fault of the feed";

#[test]
fn formats_hold_their_suite() {
    let Some(suite) = crate::common::testdata("suites/json-schema/optional/format") else { return };
    let (mut right, mut total) = (0, 0);
    let mut wrong = Vec::new();
    for file in files(&suite) {
        let name = file.file_stem().unwrap().to_string_lossy().into_owned();
        for group in groups(&file) {
            let Ok(contract) = Contract::load(&wrapped(&group.schema, true)) else { continue };
            let sieve = Sieve::new(contract, &Key::new([7; 32]));
            for case in &group.tests {
                let record = json!({ "value": case.data }).to_string();
                let examined =
                    sieve.examine(Frame { line: 1, bytes: record.as_bytes(), fault: None }, &mut Desk::default());
                total += 1;
                let label = format!("{name}: {}", case.description);
                if (examined.status() == Status::Accepted) == case.valid {
                    right += 1;
                } else if !DIFFERENT.iter().any(|(known, _)| *known == label) {
                    wrong.push(format!("{label}: {} is {}", case.data, case.valid));
                }
            }
        }
    }
    println!(
        "{right} of {total} cases of the formats that are asserted, {} differences with a reason",
        DIFFERENT.len()
    );
    assert!(wrong.is_empty(), "{wrong:#?}");
}
