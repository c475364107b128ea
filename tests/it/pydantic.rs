//! Contracts from Pydantic's schemas: `tests/python/pydantic_models.py` prints the schemas of models as users write them,
//! and Pydantic's own verdicts on records, with which ours are compared.
//!
//! Without a Python that has Pydantic the test says so and passes, except where `CI=true`.

use crate::common::python;
use std::collections::BTreeMap;
use std::path::Path;
use std::process::{Command, Output};
use tamis::contract::Contract;

/// How many of the models load at least. The rest are refused by name, never half understood.
const MODELS_TAKEN: usize = 15;

/// Models whose record is no object: a contract refuses them whatever it supports.
const NO_RECORDS: [&str; 1] = ["Tags"];

/// A record on which the verdicts differ.
struct Difference<'r> {
    model: &'r str,
    /// Pydantic accepts it and we do not.
    theirs: bool,
    record: &'r str,
    /// Path and code of each of our violations.
    violations: Vec<(&'r str, &'r str)>,
}

impl Difference<'_> {
    fn all(&self, path: &str, code: &str) -> bool {
        self.theirs && self.violations.iter().all(|(at, what)| at.ends_with(path) && *what == code)
    }
}

type Known = (fn(&Difference<'_>) -> bool, &'static str);

/// The differences that there are beyond coercions, and why.
///
/// Coercions are told by Pydantic itself: what it takes in its lax mode and refuses in its strict mode. Our counterpart
/// of them is `x-normalize`, which these contracts do not have.
const KNOWN: [Known; 6] = [
    (
        |one| one.all("/unique", "uniqueItems"),
        "a set takes equal items and keeps one of them; its schema says uniqueItems",
    ),
    (
        |one| !one.theirs && one.record.contains("1e+300"),
        "Pydantic takes no integer that is written as a very large float",
    ),
    (
        |one| one.all("/email", "format") && (one.record.contains("\" ") || one.record.contains(" \"")),
        "EmailStr takes blanks off before it checks, even in strict mode; x-normalize trim does",
    ),
    (
        |one| one.model == "Money" && !one.theirs && one.record.contains("\"amount\": \""),
        "the schema of a Decimal takes any text where Pydantic asks for digits",
    ),
    (
        |one| one.model == "Times" && (one.all("/at", "format") || one.all("/clock", "format")),
        "Pydantic takes times without a zone, and numbers as text; x-normalize datetime does",
    ),
    (
        |one| one.all("/level", "type") && one.record.contains("\"level\": true"),
        "true is 1 to an IntEnum, even in strict mode",
    ),
];

/// A folder with what the Python side writes.
fn models() -> Option<tempfile::TempDir> {
    let python = python("import pydantic, email_validator")?;
    let folder = tempfile::tempdir().unwrap();
    let script = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/python/pydantic_models.py");
    let output = Command::new(python).arg(script).arg(folder.path()).output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    Some(folder)
}

fn tamis(args: &[&str]) -> (i32, String, String) {
    let key = "07".repeat(32);
    let Output { status, stdout, stderr } = Command::new(env!("CARGO_BIN_EXE_tamis"))
        .env("TAMIS_KEY", key)
        .env("TAMIS_TRACK", "off")
        .args(args)
        .output()
        .unwrap();
    let text = |bytes| String::from_utf8(bytes).unwrap();
    (status.code().unwrap(), text(stdout), text(stderr))
}

fn names(folder: &Path) -> Vec<String> {
    let entries = folder.read_dir().unwrap().map(|entry| entry.unwrap().path());
    let verdicts = entries.filter(|path| path.extension().is_some_and(|extension| extension == "verdicts"));
    let mut names: Vec<String> =
        verdicts.map(|path| path.file_stem().unwrap().to_string_lossy().into_owned()).collect();
    names.sort();
    names
}

#[test]
fn models_load_as_they_are_or_are_refused_by_name() {
    let Some(folder) = models() else {
        return;
    };
    let mut taken = Vec::new();
    let mut refused: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for name in names(folder.path()) {
        let file = folder.path().join(format!("{name}.json"));
        let schema = std::fs::read_to_string(&file).unwrap();
        let file = file.to_str().unwrap();
        let (code, out, err) = tamis(&["contract", "from-pydantic", file]);
        let (applied_code, applied, applied_err) = tamis(&["contract", "from-pydantic", file, "--apply"]);
        assert_eq!(code, applied_code, "{name}: {err}{applied_err}");
        match Contract::load(schema.as_bytes()) {
            Ok(_) => {
                assert_eq!((code, out.trim_end()), (0, schema.trim_end()), "{name}: {err}");
                Contract::load(applied.as_bytes()).unwrap_or_else(|faults| panic!("{name}: {faults:?}"));
                only_adds(&name, &serde_json::from_str(&schema).unwrap(), &serde_json::from_str(&applied).unwrap());
                taken.push(name);
            }
            Err(faults) => {
                assert_eq!((code, out.as_str(), applied.as_str()), (2, "", ""), "{name}");
                for fault in faults {
                    assert!(err.contains(&fault.to_string()), "{name}: {fault} is not in {err}");
                    refused.entry(name.clone()).or_default().push(fault.to_string());
                }
            }
        }
    }
    for (name, why) in &refused {
        println!("refused: {name}: {}", why.join("; "));
    }
    println!("taken: {} of {}: {}", taken.len(), taken.len() + refused.len(), taken.join(", "));
    assert!(taken.len() >= MODELS_TAKEN, "{taken:?}");
    assert!(NO_RECORDS.iter().all(|name| refused.contains_key(*name)), "{refused:?}");
}

/// `applied` is `schema` with annotations beside what stands there, which stays in its order.
fn only_adds(name: &str, schema: &serde_json::Value, applied: &serde_json::Value) {
    use serde_json::Value;
    match (schema, applied) {
        (Value::Object(schema), Value::Object(applied)) => {
            let kept: Vec<&String> = applied.keys().filter(|key| schema.contains_key(*key)).collect();
            assert_eq!(kept, schema.keys().collect::<Vec<_>>(), "{name}");
            for (key, value) in applied {
                match schema.get(key) {
                    Some(before) => only_adds(name, before, value),
                    None => assert!(key.starts_with("x-"), "{name}: {key} was added"),
                }
            }
        }
        (Value::Array(schema), Value::Array(applied)) => {
            assert_eq!(schema.len(), applied.len(), "{name}");
            schema.iter().zip(applied).for_each(|(schema, applied)| only_adds(name, schema, applied));
        }
        _ => assert_eq!(schema, applied, "{name}"),
    }
}

#[test]
fn verdicts_are_those_of_pydantic() {
    let Some(folder) = models() else {
        return;
    };
    let at =
        |name: &str, extension: &str| folder.path().join(format!("{name}.{extension}")).to_str().unwrap().to_owned();
    let mut compared = 0;
    let mut known: BTreeMap<&str, u32> = BTreeMap::new();
    for name in names(folder.path()) {
        let contract = at(&name, "json");
        if Contract::load(&std::fs::read(&contract).unwrap()).is_err() {
            continue;
        }
        let out = at(&name, "out");
        let records = at(&name, "ndjson");
        let (code, _, err) = tamis(&["validate", &records, "--contract", &contract, "--out", &out]);
        assert_eq!(code, 0, "{name}: {err}");
        let rejected = std::fs::read_to_string(Path::new(&out).join("rejected.ndjson")).unwrap();
        let rejected: BTreeMap<usize, serde_json::Value> = rejected
            .lines()
            .map(|line| serde_json::from_str::<serde_json::Value>(line).unwrap())
            .map(|verdict| (usize::try_from(verdict["line"].as_u64().unwrap()).unwrap(), verdict))
            .collect();
        let verdicts = std::fs::read_to_string(at(&name, "verdicts")).unwrap();
        let lines: Vec<String> = std::fs::read_to_string(&records).unwrap().lines().map(ToOwned::to_owned).collect();
        let mut coerced = 0;
        let mut accepted = 0;
        for (index, (verdict, record)) in verdicts.chars().zip(&lines).enumerate() {
            let ours = !rejected.contains_key(&(index + 1));
            accepted += usize::from(ours);
            let theirs = verdict != '0';
            if verdict == 'c' && !ours {
                coerced += 1;
            } else if ours != theirs {
                let violations = rejected.get(&(index + 1)).and_then(|verdict| verdict["violations"].as_array());
                let text = |value: &'_ serde_json::Value, key: &str| value[key].as_str().unwrap().to_owned();
                let violations: Vec<(String, String)> =
                    violations.into_iter().flatten().map(|one| (text(one, "path"), text(one, "code"))).collect();
                let violations: Vec<(&str, &str)> =
                    violations.iter().map(|(path, code)| (path.as_str(), code.as_str())).collect();
                let difference = Difference { model: &name, theirs, record, violations };
                let why = KNOWN.iter().find(|(holds, _)| holds(&difference)).map(|(_, why)| *why);
                let shown = &difference.violations;
                let why = why.unwrap_or_else(|| panic!("{name}: pydantic {verdict}, we {ours} {shown:?}: {record}"));
                *known.entry(why).or_default() += 1;
            }
            compared += 1;
        }
        println!("{name}: {} records, {accepted} accepted, {coerced} only by pydantic's coercions", lines.len());
        assert!(
            accepted >= 20 && accepted + 20 <= lines.len(),
            "{name}: the records tell nothing: {accepted} accepted"
        );
    }
    println!("known differences: {known:#?}");
    assert!(compared >= 400 * MODELS_TAKEN);
}

#[test]
fn schemas_that_cannot_be_read_say_where() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("schema.json");
    for (schema, messages) in [
        ("", &["/: not JSON at byte 0"][..]),
        ("[1]", &["/: a contract that is not a JSON object is not supported"]),
        (
            r#"{"type": "object", "properties": {"a": {"tpye": 1}, "b": {"$dynamicRef": "x"}}}"#,
            &["/properties/a: ", "/properties/b: "],
        ),
        (
            r#"{"type": "object", "required": ["n"], "properties": {"n": {"type": "integer", "default": 1}}}"#,
            &["/properties/n: n is required although it has a default", "serialization"],
        ),
    ] {
        std::fs::write(&file, schema).unwrap();
        let (code, out, err) = tamis(&["contract", "from-pydantic", file.to_str().unwrap()]);
        assert_eq!((code, out.as_str()), (2, ""), "{schema}");
        for message in messages {
            assert!(err.contains(message), "{message} is not in {err}");
        }
    }
    let (code, _, err) = tamis(&["contract", "from-pydantic", "nowhere.json"]);
    assert!(code == 2 && err.contains("cannot read nowhere.json"), "{err}");
    if let Some(models) = models() {
        let file = models.path().join("serialised.json");
        let (code, _, err) = tamis(&["contract", "from-pydantic", file.to_str().unwrap()]);
        assert!(code == 2 && err.contains("/properties/shout: shout is a computed field"), "{err}");
    }
}
