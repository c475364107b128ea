//! The expressions against google/cel-spec's conformance cases, and what users and attackers do with them.

use super::textproto::{Proto, parse};
use std::path::PathBuf;
use tamis::contract::Contract;
use tamis::mask::Key;
use tamis::pipeline::Sieve;
use tamis::record::{Format, Limits};
use tamis::stream::Stream;

/// How many cases of the suite are answered. It may rise, never fall.
const FLOOR: usize = 1;

/// A field of the one-record contract that a case binds: its schema and its value.
type Binding = (String, serde_json::Value, serde_json::Value);

fn schema(properties: &[Binding], rules: &[(&str, String)]) -> Vec<u8> {
    let rules: Vec<_> = rules.iter().map(|(id, assert)| serde_json::json!({"id": id, "assert": assert})).collect();
    let properties: serde_json::Map<_, _> =
        properties.iter().map(|(name, schema, _)| (name.clone(), schema.clone())).collect();
    let contract = serde_json::json!({"type": "object", "properties": properties, "x-rules": rules});
    serde_json::to_vec(&contract).unwrap()
}

/// The ids of the rules that a record breaks.
fn broken(contract: &[u8], record: &serde_json::Value) -> Result<Vec<String>, String> {
    let contract = Contract::load(contract).map_err(|faults| faults[0].to_string())?;
    let limits = Limits { bytes: 1 << 24, values: 1 << 22, ..Limits::default() };
    let sieve = Sieve::new(contract, &Key::new([7; 32])).with_limits(limits);
    let mut line = serde_json::to_vec(record).unwrap();
    line.push(b'\n');
    let mut out = Vec::new();
    let mut stream = Stream::new(&sieve, Format::Ndjson);
    stream.push(&line, &mut |judged| out.extend_from_slice(judged.line));
    stream.finish(&mut |judged| out.extend_from_slice(judged.line));
    let verdict: serde_json::Value = serde_json::from_slice(&out).unwrap();
    let codes = verdict["violations"].as_array().unwrap();
    Ok(codes.iter().map(|fault| fault["code"].as_str().unwrap().to_owned()).collect())
}

fn quoted(text: &str) -> String {
    let letters: Vec<String> = text.chars().map(|letter| format!("\\U{:08x}", u32::from(letter))).collect();
    format!("'{}'", letters.concat())
}

/// An expected value as an expression that gives it; none where our language has no such value.
fn literal(value: &Proto) -> Option<String> {
    let Proto::Message(fields) = value else {
        return None;
    };
    let (kind, value) = fields.first()?;
    match kind.as_str() {
        "int64_value" | "bool_value" => Some(value.word()?.to_owned()),
        "null_value" => Some("null".into()),
        "string_value" => Some(quoted(&value.text()?)),
        "double_value" => Some(match value.word()?.to_lowercase().as_str() {
            "inf" | "infinity" => "(1.0 / 0.0)".into(),
            "-inf" | "-infinity" => "(-1.0 / 0.0)".into(),
            word => format!("{:?}", word.parse::<f64>().ok()?),
        }),
        "list_value" => {
            let items: Option<Vec<String>> = value.all("values").map(literal).collect();
            Some(format!("[{}]", items?.join(", ")))
        }
        _ => None,
    }
}

/// What a case binds; none where our contracts have no such value.
fn bindings(case: &Proto) -> Option<Vec<Binding>> {
    let bound = case.all("bindings").map(|binding| {
        let Proto::Message(fields) = binding.get("value")?.get("value")? else {
            return None;
        };
        let (kind, value) = fields.first()?;
        let (schema, value) = match kind.as_str() {
            "int64_value" => ("integer", serde_json::from_str(value.word()?).ok()?),
            "double_value" => ("number", serde_json::from_str(value.word()?).ok()?),
            "bool_value" => ("boolean", serde_json::from_str(value.word()?).ok()?),
            "string_value" => ("string", value.text()?.into()),
            _ => return None,
        };
        Some((binding.get("key")?.text()?, serde_json::json!({"type": schema}), value))
    });
    bound.collect()
}

enum Answer {
    Right,
    Wrong(String),
    /// It does not load, or expects what our contracts cannot say.
    None,
}

/// A rule that is false shows whether two values are equal, its opposite whether they are not, and neither shows that
/// one of them is missing.
fn answer(case: &Proto) -> Answer {
    let Some(expr) = case.get("expr").and_then(Proto::text) else {
        return Answer::None;
    };
    let Some(bound) = bindings(case) else {
        return Answer::None;
    };
    let fails = case.get("eval_error").is_some();
    let expected = match case.get("value") {
        Some(value) => literal(value),
        None if fails => Some(format!("({expr}\n)")),
        None if case.get("typed_result").is_some() => case.get("typed_result").unwrap().get("result").and_then(literal),
        None => Some("true".into()),
    };
    let record = bound.iter().map(|(name, _, value)| (name.clone(), value.clone())).collect();
    let record = serde_json::Value::Object(record);
    let Some(expected) = expected else {
        // It has no value of ours, so it must not load at all: `type(1)`, bytes, maps.
        let rules = [("same", format!("({expr}\n) == ({expr}\n)"))];
        return match broken(&schema(&bound, &rules), &record) {
            Ok(_) => Answer::Wrong("gives a value that we do not have".into()),
            Err(_) => Answer::None,
        };
    };
    let rules = [("same", format!("({expr}\n) == {expected}")), ("other", format!("({expr}\n) != {expected}"))];
    let found = match broken(&schema(&bound, &rules), &record) {
        Ok(found) => found,
        Err(message) => {
            assert!(message.contains("column "), "{expr}: {message}");
            return Answer::None;
        }
    };
    let wanted: &[&str] = if fails { &[] } else { &["other"] };
    if found != wanted {
        return Answer::Wrong(format!("expected {wanted:?}, found {found:?}"));
    }
    // An integer must not come out as the double of the same value, nor the other way round.
    if !fails {
        let remainder = schema(&bound, &[("integer", format!("({expr}\n) % 1 == 0"))]);
        let integer = Contract::load(&remainder).is_ok();
        let kind = case.get("value").and_then(|value| match value {
            Proto::Message(fields) => fields.first().map(|(kind, _)| kind.as_str()),
            _ => None,
        });
        if (kind == Some("double_value") && integer) || (kind == Some("bool_value") && integer) {
            return Answer::Wrong("an integer".into());
        }
    }
    Answer::Right
}

#[test]
fn answers_the_conformance_cases_or_refuses_them() {
    let Some(folder) = super::json::testdata("suites/cel") else {
        return;
    };
    let mut paths: Vec<PathBuf> = folder.read_dir().unwrap().map(|entry| entry.unwrap().path()).collect();
    paths.retain(|path| path.extension().is_some_and(|extension| extension == "textproto"));
    paths.sort();
    let (mut right, mut wrong) = (0, Vec::new());
    for path in paths {
        let file = parse(&std::fs::read_to_string(&path).unwrap());
        let name = path.file_stem().unwrap().to_string_lossy().into_owned();
        let (mut answered, mut all) = (0, 0);
        for section in file.all("section") {
            for case in section.all("test") {
                all += 1;
                match answer(case) {
                    Answer::Right => answered += 1,
                    Answer::None => {}
                    Answer::Wrong(how) => {
                        let expr = case.get("expr").and_then(Proto::text).unwrap_or_default();
                        wrong.push(format!("{name}: {expr}: {how}"));
                    }
                }
            }
        }
        println!("{name}: {answered} of {all} answered");
        right += answered;
    }
    println!("{right} answered");
    assert!(wrong.is_empty(), "{} wrong:\n{}", wrong.len(), wrong.join("\n"));
    assert!(right >= FLOOR, "{right} answered, but {FLOOR} before");
}
