//! Whether a new contract accepts all that the old one accepts.

use proptest::prelude::*;
use proptest::test_runner::TestRunner;
use serde_json::{Map, Value, json};
use std::cell::{Cell, RefCell};
use std::collections::BTreeMap;
use tamis::compatible::{Answer, Comparison, compatible};
use tamis::contract::Contract;
use tamis::mask::Key;
use tamis::pipeline::{Desk, Sieve};
use tamis::record::Frame;
use tamis::verdict::Status;

fn load(contract: &Value) -> Contract {
    Contract::load(contract.to_string().as_bytes()).unwrap_or_else(|faults| panic!("{}: {contract}", faults[0]))
}

fn accepts(contract: &Value, record: &str) -> bool {
    let sieve = Sieve::new(load(contract), &Key::new([9; 32]));
    let frame = Frame { line: 1, bytes: record.as_bytes(), fault: None };
    sieve.examine(frame, &mut Desk::default()).status() == Status::Accepted
}

/// Compares, and holds every "no" to its example.
fn compare(old: &Value, new: &Value) -> Comparison {
    let found = compatible(load(old), load(new));
    assert_eq!(found.answer == Answer::No, found.example.is_some());
    assert_eq!(found.answer == Answer::Yes, found.because.is_empty(), "{found:?}");
    if let Some(example) = &found.example {
        assert!(serde_json::from_str::<Value>(example).is_ok() && !example.contains('\n'), "{example}");
        assert!(accepts(old, example) && !accepts(new, example), "{old} {new} {example}");
    }
    found
}

/// An object with one property, `a`, and closed to others.
fn one(a: &Value) -> Value {
    json!({"type": "object", "additionalProperties": false, "properties": {"a": a}})
}

/// Pairs of what is said of one property.
fn values() -> Vec<(Value, Value, &'static str)> {
    let text = json!({"type": "string"});
    vec![
        (json!({"enum": ["x", "y"]}), json!({"enum": ["x", "y", "z"]}), "yes"),
        (json!({"enum": ["x", "y", "z"]}), json!({"enum": ["x", "y"]}), "no"),
        (json!({"const": "x"}), json!({"type": "string", "maxLength": 1}), "yes"),
        (json!({"enum": ["x", "yy"]}), json!({"pattern": "^.$", "type": "string"}), "no"),
        (json!({"enum": [1, 2, 3.0]}), json!({"type": "integer", "minimum": 1}), "yes"),
        (json!({"type": "integer"}), json!({"type": "number"}), "yes"),
        (json!({"type": "number"}), json!({"type": "integer"}), "no"),
        (json!({"type": "integer", "minimum": 1}), json!({"type": "integer", "minimum": 2}), "no"),
        (json!({"type": "integer", "minimum": 2}), json!({"type": "integer", "minimum": 1}), "yes"),
        (json!({"type": "integer", "exclusiveMinimum": 0}), json!({"type": "integer", "minimum": 1}), "yes"),
        (json!({"type": "number", "exclusiveMinimum": 0}), json!({"type": "number", "minimum": 1}), "no"),
        (json!({"type": "number", "maximum": 5}), json!({"type": "number", "exclusiveMaximum": 5}), "no"),
        (json!({"type": "number", "exclusiveMaximum": 5}), json!({"type": "number", "maximum": 5}), "yes"),
        (json!({"type": "number", "multipleOf": 6}), json!({"type": "number", "multipleOf": 3}), "yes"),
        (json!({"type": "number", "multipleOf": 3}), json!({"type": "number", "multipleOf": 6}), "no"),
        (json!({"type": "integer"}), json!({"type": "number", "multipleOf": 0.5}), "yes"),
        (json!({"type": "string", "maxLength": 5}), json!({"type": "string", "maxLength": 9}), "yes"),
        (json!({"type": "string", "maxLength": 9}), json!({"type": "string", "maxLength": 5}), "no"),
        (text.clone(), json!({"type": "string", "pattern": "^[a-z]+$"}), "no"),
        (
            json!({"type": "string", "pattern": "^[a-z]{2,5}$"}),
            json!({"type": "string", "pattern": "^[a-z]{3,5}$"}),
            "no",
        ),
        (json!({"type": "string", "pattern": "^[a-z]$"}), text.clone(), "yes"),
        (json!({"type": "string", "pattern": "^[a-y]$"}), json!({"type": "string", "pattern": "^[a-z]$"}), "unknown"),
        (json!({"type": "string", "format": "email"}), text.clone(), "yes"),
        (text.clone(), json!({"type": "string", "format": "email"}), "no"),
        (json!({"type": "string", "format": "ipv4"}), json!({"type": "string", "format": "ipvanyaddress"}), "yes"),
        (json!({"type": "string", "format": "date"}), json!({"type": "string", "format": "date-time"}), "no"),
        (text.clone(), json!({"anyOf": [{"type": "string"}, {"type": "null"}]}), "yes"),
        (json!({"anyOf": [{"type": "string"}, {"type": "null"}]}), text.clone(), "no"),
        (json!({"type": ["string", "null"]}), json!({"anyOf": [{"type": "string"}, {"type": "null"}]}), "yes"),
        (text.clone(), json!({"type": "string", "not": {"const": "x"}}), "no"),
        (json!({"type": "string", "not": {"const": "x"}}), text.clone(), "yes"),
        (json!({"type": "string", "not": {"const": "x"}}), json!({"not": {"const": "x"}, "type": "string"}), "yes"),
        (json!({"type": "array", "maxItems": 2}), json!({"type": "array", "maxItems": 1}), "no"),
        (json!({"type": "array", "maxItems": 1}), json!({"type": "array", "uniqueItems": true}), "yes"),
        (json!({"type": "array"}), json!({"type": "array", "uniqueItems": true}), "no"),
        (
            json!({"type": "array", "items": {"type": "integer"}}),
            json!({"type": "array", "items": {"type": "number"}}),
            "yes",
        ),
        (
            json!({"type": "array", "items": {"type": "number"}}),
            json!({"type": "array", "items": {"type": "integer"}}),
            "no",
        ),
        (json!({"type": "array"}), json!({"type": "array", "items": {"type": "string"}}), "no"),
        (
            json!({"type": "array", "prefixItems": [{"type": "string"}]}),
            json!({"type": "array", "prefixItems": [{"type": "integer"}]}),
            "no",
        ),
        // Repairs.
        (text.clone(), json!({"type": "string", "x-normalize": ["trim"], "maxLength": 3}), "no"),
        (
            json!({"type": "string", "x-normalize": ["trim"]}),
            json!({"type": "string", "x-normalize": ["trim", "lowercase"]}),
            "unknown",
        ),
        (json!({"enum": ["x"], "x-normalize": ["trim"]}), json!({"enum": ["x"]}), "no"),
        (json!({"enum": ["x", "y"]}), json!({"enum": ["x", "y"], "x-normalize": ["trim", "lowercase"]}), "yes"),
        (json!({"enum": ["X", "y"]}), json!({"enum": ["X", "y"], "x-normalize": ["lowercase"]}), "no"),
        (json!({"type": "integer"}), json!({"type": "integer", "x-normalize": ["number"]}), "no"),
        (
            json!({"type": "integer", "minimum": 0, "maximum": 9}),
            json!({"type": "integer", "minimum": 0, "maximum": 9, "x-normalize": ["number"]}),
            "yes",
        ),
        (
            json!({"type": "string", "x-normalize": ["trim"]}),
            json!({"type": ["string", "null"], "x-normalize": ["trim"]}),
            "yes",
        ),
        (
            json!({"type": ["string", "null"], "x-normalize": ["trim"]}),
            json!({"type": "string", "x-normalize": ["trim"]}),
            "yes",
        ),
        (
            json!({"enum": ["x", "unknown"], "x-normalize": ["trim"]}),
            json!({"type": "string", "minLength": 1, "x-normalize": ["trim"]}),
            "unknown",
        ),
        // Severity.
        (
            json!({"type": "integer", "minimum": 1, "x-severity": "warn"}),
            json!({"type": "integer", "minimum": 1}),
            "no",
        ),
        (json!({"type": "integer"}), json!({"type": "integer", "minimum": 1, "x-severity": "warn"}), "yes"),
        // Annotations.
        (text.clone(), json!({"type": "string", "title": "T", "x-mask": "drop", "x-pii": "name"}), "yes"),
        // A number beyond a double passes where nothing is said, and nowhere else.
        (json!({"type": "object"}), json!({"type": "object", "properties": {"b": {}}}), "unknown"),
        // Forms.
        (forms(&["card"]), forms(&["card", "iban"]), "yes"),
        (forms(&["card", "iban"]), forms(&["card"]), "no"),
        (
            text.clone(),
            json!({"anyOf": [{"type": "string"}, {"type": "object", "properties": {"b": {"type": "integer"}}}]}),
            "yes",
        ),
    ]
}

fn forms(names: &[&str]) -> Value {
    let form = |name: &&str| {
        json!({"type": "object", "required": ["kind"], "properties": {
            "kind": {"const": name}, *name: {"type": "string"}}})
    };
    json!({"oneOf": names.iter().map(form).collect::<Vec<_>>()})
}

#[test]
fn says_yes_no_or_unknown_of_one_value() {
    for (old, new, expected) in values() {
        let found = compare(&one(&old), &one(&new));
        assert_eq!(found.answer.name(), expected, "{old} -> {new}: {found:?}");
        assert_eq!(compare(&one(&old), &one(&old)).answer, Answer::Yes, "{old}");
        assert_eq!(compare(&one(&new), &one(&new)).answer, Answer::Yes, "{new}");
    }
}

#[test]
fn says_yes_no_or_unknown_of_records() {
    let n = json!({"type": "object", "properties": {"n": {"type": "integer"}}});
    let with = |more: Value| {
        let mut all = n.as_object().unwrap().clone();
        all.extend(more.as_object().unwrap().clone());
        Value::Object(all)
    };
    let both = |b: Value| json!({"n": {"type": "integer"}, "b": b});
    let closed = json!({"additionalProperties": false});
    for (old, new, expected) in [
        (n.clone(), with(json!({"required": ["n"]})), "no"),
        (with(json!({"required": ["n"]})), n.clone(), "yes"),
        (n.clone(), with(json!({"required": ["n"], "properties": {"n": {"type": "integer", "default": 1}}})), "yes"),
        (
            with(json!({"properties": {"n": {"type": "integer", "default": 1}}, "required": ["n"]})),
            with(json!({"required": ["n"]})),
            "no",
        ),
        (n.clone(), with(closed.clone()), "no"),
        (with(closed.clone()), n.clone(), "yes"),
        (
            with(closed.clone()),
            with(json!({"additionalProperties": false, "properties": both(json!({"type": "string"}))})),
            "yes",
        ),
        // What was dropped unseen may be anything.
        (n.clone(), with(json!({"properties": both(json!({"type": "string"}))})), "no"),
        (with(json!({"properties": both(json!({"type": "string"}))})), n.clone(), "yes"),
        (with(json!({"properties": both(json!({"type": "string"}))})), with(json!({"x-unknown": "reject"})), "no"),
        (with(json!({"x-unknown": "reject"})), with(json!({"x-unknown": "keep"})), "yes"),
        (n.clone(), with(json!({"x-rules": [{"id": "r", "assert": "n > 2"}]})), "no"),
        (n.clone(), with(json!({"x-rules": [{"id": "r", "assert": "n > 2", "severity": "warn"}]})), "yes"),
        (
            with(json!({"x-rules": [{"id": "r", "assert": "n > 2"}]})),
            with(json!({"x-rules": [{"id": "s", "assert": "n > 2", "message": "m"}]})),
            "yes",
        ),
        (
            with(json!({"x-rules": [{"id": "r", "assert": "n > 2", "when": "n != 0"}]})),
            with(json!({"x-rules": [{"id": "r", "assert": "n > 2"}]})),
            "no",
        ),
        // A rule sees a default where nothing was.
        (
            with(json!({"x-rules": [{"id": "r", "assert": "n > 2"}]})),
            with(
                json!({"properties": {"n": {"type": "integer", "default": 1}}, "x-rules": [{"id": "r", "assert": "n > 2"}]}),
            ),
            "no",
        ),
        // Integers are divided to integers, numbers are not.
        (
            with(json!({"x-rules": [{"id": "r", "assert": "n / 2 * 2 != n || n == 0 || n == 8"}]})),
            json!({"type": "object", "properties": {"n": {"type": "number"}}, "x-rules": [{"id": "r", "assert": "n / 2 * 2 != n || n == 0 || n == 8"}]}),
            "no",
        ),
        (n.clone(), with(json!({"x-unique": ["n"]})), "unknown"),
        (with(json!({"x-unique": ["n"]})), with(json!({"x-unique": ["n"]})), "yes"),
        (n.clone(), with(json!({"maxProperties": 1})), "no"),
        (
            with(json!({"maxProperties": 1})),
            with(json!({"maxProperties": 1, "properties": both(json!({"default": 1}))})),
            "no",
        ),
        (
            with(
                json!({"properties": {}, "patternProperties": {"^a": {"type": "integer"}}, "additionalProperties": false}),
            ),
            with(
                json!({"properties": {}, "patternProperties": {"^a": {"type": "number"}}, "additionalProperties": false}),
            ),
            "yes",
        ),
        (
            with(json!({"properties": {}, "additionalProperties": {"type": "number"}})),
            with(json!({"properties": {}, "additionalProperties": {"type": "integer"}})),
            "no",
        ),
        (tree("integer"), tree("number"), "yes"),
        (tree("number"), tree("integer"), "no"),
    ] {
        let found = compare(&old, &new);
        assert_eq!(found.answer.name(), expected, "{old} -> {new}: {found:?}");
        assert_eq!(compare(&new, &new).answer, Answer::Yes, "{new}");
    }
}

fn tree(n: &str) -> Value {
    json!({"type": "object", "properties": {"root": {"$ref": "#/$defs/Node"}}, "$defs": {"Node": {
        "type": "object", "required": ["n"], "properties": {
            "n": {"type": n}, "next": {"$ref": "#/$defs/Node"}}}}})
}

fn shipped(name: &str) -> Value {
    let path = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("contracts").join(name);
    serde_json::from_slice(&std::fs::read(path).unwrap()).unwrap()
}

#[test]
fn compares_the_contracts_that_are_shipped() {
    for name in ["orders.json", "retail.json", "ecommerce.json"] {
        assert_eq!(compare(&shipped(name), &shipped(name)).answer, Answer::Yes, "{name}");
    }
    let orders = shipped("orders.json");
    let mut stricter = orders.clone();
    stricter["properties"]["quantity"]["minimum"] = json!(2);
    let found = compare(&orders, &stricter);
    let example: Value = serde_json::from_str(found.example.as_deref().unwrap()).unwrap();
    assert_eq!(example["quantity"], 1, "{example}");
    assert_eq!(found.because[0].path, "/quantity");
    assert_eq!(compare(&stricter, &orders).answer, Answer::Yes);

    let mut rule = orders.clone();
    rule["x-rules"][1]["assert"] = json!("quantity * unit_price <= 50000");
    assert_eq!(compare(&orders, &rule).answer, Answer::No);
    let mut needed = orders.clone();
    needed["required"].as_array_mut().unwrap().push(json!("coupon_code"));
    assert_eq!(compare(&orders, &needed).answer, Answer::No);
    let mut country = orders.clone();
    country["properties"]["shipping"]["properties"]["country_code"]["enum"].as_array_mut().unwrap().push(json!("DK"));
    assert_eq!(compare(&orders, &country).answer, Answer::Yes);
    assert_eq!(compare(&country, &orders).answer, Answer::No);
}

#[test]
fn the_command_line_answers_in_words_in_json_and_by_its_exit_code() {
    let folder = tempfile::tempdir().unwrap();
    let write = |name: &str, contract: &Value| {
        let path = folder.path().join(name);
        std::fs::write(&path, contract.to_string()).unwrap();
        path
    };
    let wide = write("wide.json", &one(&json!({"type": "number"})));
    let narrow = write("narrow.json", &one(&json!({"type": "integer"})));
    let odd = write("odd.json", &one(&json!({"type": "integer", "x-masks": 1})));
    let run = |old: &std::path::Path, new: &std::path::Path, more: &[&str]| {
        let mut command = std::process::Command::new(env!("CARGO_BIN_EXE_tamis"));
        command.env("TAMIS_TRACK", "off");
        let out = command.args(["contract", "compatible"]).arg(old).arg(new).args(more).output().unwrap();
        (out.status.code().unwrap(), String::from_utf8(out.stdout).unwrap())
    };
    let (code, text) = run(&narrow, &wide, &[]);
    assert!(code == 0 && text.starts_with("yes: "), "{text}");
    let (code, text) = run(&wide, &narrow, &[]);
    assert!(code == 1 && text.starts_with("no: ") && text.contains("\n{\"a\":0.5}\n/a "), "{text}");
    let (code, text) = run(&wide, &narrow, &["--json"]);
    let answer: Value = serde_json::from_str(&text).unwrap();
    assert_eq!((code, &answer["answer"], &answer["example"]), (1, &json!("no"), &json!({"a": 0.5})));
    assert_eq!(answer["because"][0]["keyword"], "type");
    let (code, text) = run(&narrow, &wide, &["--json"]);
    let answer: Value = serde_json::from_str(&text).unwrap();
    assert_eq!((code, answer), (0, json!({"answer": "yes", "example": null, "because": []})));
    assert_eq!(run(&odd, &wide, &[]).0, 2);
    assert_eq!(run(&folder.path().join("none.json"), &wide, &[]).0, 2);
}

/// What is said of one value; small, so that pairs meet.
fn field() -> impl Strategy<Value = Value> {
    let scalar = prop_oneof![
        Just(json!(null)),
        Just(json!(true)),
        (-1_i64..4).prop_map(Value::from),
        Just(json!(0.5)),
        prop::sample::select(vec!["", "a", "A", " a ", "ab", "1", "unknown", "b"]).prop_map(Value::from),
    ];
    let types = vec!["null", "boolean", "integer", "number", "string", "array", "object"];
    let key = |name: &'static str| move |value: Value| (name.to_owned(), value);
    let steps = vec![
        "trim",
        "lowercase",
        "number",
        "boolean",
        "text",
        "missing",
        "split",
        "drop_blank",
        "datetime",
        "http_url",
    ];
    let keyword = prop_oneof![
        3 => prop::sample::select(types.clone()).prop_map(Value::from).prop_map(key("type")),
        2 => prop::collection::btree_set(prop::sample::select(types), 1..3)
            .prop_map(|types| Value::from(types.into_iter().collect::<Vec<_>>())).prop_map(key("type")),
        2 => prop::collection::vec(scalar.clone(), 1..4).prop_map(Value::from).prop_map(key("enum")),
        2 => (0_i64..3).prop_map(Value::from).prop_map(key("minimum")),
        2 => (0_i64..3).prop_map(Value::from).prop_map(key("exclusiveMaximum")),
        1 => (0_u64..3).prop_map(Value::from).prop_map(key("minLength")),
        1 => (0_u64..3).prop_map(Value::from).prop_map(key("maxLength")),
        1 => prop::sample::select(vec!["^a", "^[a-z]+$", "b|1"]).prop_map(Value::from).prop_map(key("pattern")),
        1 => (0_u64..3).prop_map(Value::from).prop_map(key("maxItems")),
        1 => Just(json!(true)).prop_map(key("uniqueItems")),
        1 => (0_u64..3).prop_map(Value::from).prop_map(key("maxProperties")),
        1 => scalar.prop_map(key("default")),
        2 => prop::collection::vec(prop::sample::select(steps), 1..3).prop_map(Value::from).prop_map(key("x-normalize")),
        1 => Just(json!("warn")).prop_map(key("x-severity")),
    ];
    let object = |entries: Vec<(String, Value)>| Value::Object(entries.into_iter().collect());
    prop::collection::vec(keyword, 0..4).prop_map(object).prop_recursive(2, 12, 3, move |inner| {
        let names = prop::sample::select(vec!["a", "b"]);
        let members = prop::collection::vec((names.clone(), inner.clone()), 0..3);
        let rest = prop_oneof![3 => Just(Value::Null), 1 => Just(json!(false)), 1 => inner.clone()];
        let required = prop::collection::btree_set(names, 0..2);
        prop_oneof![
            (members, rest, required, any::<bool>()).prop_map(|(members, rest, required, pattern)| {
                let members: Map<String, Value> = members.into_iter().map(|(name, it)| (name.to_owned(), it)).collect();
                let mut schema = json!({"type": "object", "properties": members, "required": required});
                match rest {
                    Value::Null => {}
                    Value::Object(_) if pattern => schema["patternProperties"] = json!({"^[a-c]$": rest}),
                    rest => schema["additionalProperties"] = rest,
                }
                schema
            }),
            inner.clone().prop_map(|items| json!({"type": "array", "items": items})),
            (inner.clone(), inner.clone()).prop_map(|(one, other)| json!({"anyOf": [one, other]})),
            inner.prop_map(|not| json!({"not": not})),
        ]
    })
}

fn contract() -> impl Strategy<Value = Value> {
    let rule = prop_oneof![
        4 => Just(None),
        1 => prop::sample::select(vec!["!has(a)", "has(a)", "has(b) || has(a)"]).prop_map(Some),
    ];
    let unknown = prop::sample::select(vec!["drop", "keep", "reject"]);
    (field(), field(), rule, unknown, any::<bool>()).prop_map(|(a, b, rule, unknown, required)| {
        let mut all = json!({"type": "object", "x-unknown": unknown, "properties": {"a": a, "b": b}});
        if required {
            all["required"] = json!(["a"]);
        }
        if let Some(rule) = rule {
            all["x-rules"] = json!([{"id": "r", "assert": rule}]);
        }
        all
    })
}

/// One keyword is taken away, changed or added somewhere.
fn mutated() -> impl Strategy<Value = (Value, Value)> {
    (contract(), contract(), field(), any::<prop::sample::Index>(), 0_u8..8).prop_map(|(old, other, field, at, how)| {
        let mut new = old.clone();
        match how {
            0 => return (old, other),
            1 => new["properties"]["a"] = field,
            2 => new["properties"]["c"] = field,
            3 => drop(new["properties"].as_object_mut().unwrap().shift_remove("b")),
            4 => new["required"] = json!(["b"]),
            5 => new["x-unknown"] = other["x-unknown"].clone(),
            6 => {
                if let (Some(a), Some(more)) = (new["properties"]["a"].as_object_mut(), field.as_object()) {
                    a.extend(more.clone());
                }
            }
            _ => {
                if let Some(a) = new["properties"]["a"].as_object_mut().filter(|a| !a.is_empty()) {
                    let name = at.get(&a.keys().cloned().collect::<Vec<_>>()).clone();
                    a.shift_remove(&name);
                }
            }
        }
        (old, new)
    })
}

fn value() -> impl Strategy<Value = Value> {
    let scalar = prop_oneof![
        Just(json!(null)),
        any::<bool>().prop_map(Value::from),
        (-1_i64..4).prop_map(Value::from),
        prop::sample::select(vec![json!(0.5), json!(1.0), json!(9_007_199_254_740_993_i64)]),
        prop::sample::select(vec!["", "a", "A", " a ", "ab", "1", "unknown", "b", "yes", "2025-01-01", "a,b"])
            .prop_map(Value::from),
    ];
    scalar.prop_recursive(2, 8, 3, |inner| {
        let names = prop::sample::select(vec!["a", "b", "c", "d"]);
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..3).prop_map(Value::from),
            prop::collection::btree_map(names, inner, 0..3).prop_map(|map| json!(map)),
        ]
    })
}

fn record() -> impl Strategy<Value = Value> {
    let names = prop::sample::select(vec!["a", "b", "c", "d"]);
    prop::collection::btree_map(names, value(), 0..4).prop_map(|map| json!(map))
}

#[test]
fn a_yes_and_a_no_hold() {
    let cases = ProptestConfig::default().cases.max(1500);
    let config = ProptestConfig { cases, failure_persistence: None, ..ProptestConfig::default() };
    // How often each answer came, and how many records a yes was held to.
    let (counts, held) = (RefCell::new(BTreeMap::new()), Cell::new(0_u32));
    let loads = |contract: &Value| Contract::load(contract.to_string().as_bytes()).is_ok();
    let strategy = (mutated(), prop::collection::vec(record(), 40));
    let run = TestRunner::new(config).run(&strategy, |((old, new), records)| {
        if old == new || !loads(&old) || !loads(&new) {
            return Ok(());
        }
        prop_assert_eq!(compare(&old, &old).answer, Answer::Yes);
        let found = compare(&old, &new);
        *counts.borrow_mut().entry(found.answer.name()).or_insert(0) += 1;
        if found.answer == Answer::Yes {
            for record in records.iter().map(Value::to_string).filter(|record| accepts(&old, record)) {
                held.set(held.get() + 1);
                prop_assert!(accepts(&new, &record), "{} -> {}: {}", old, new, record);
            }
        }
        Ok(())
    });
    run.unwrap_or_else(|error| panic!("{error}"));
    let counts = counts.borrow();
    println!("{counts:?}, {} records", held.get());
    assert!(counts["yes"] > 100 && counts["no"] > 100 && held.get() > 500, "{counts:?}, {} records", held.get());
}
