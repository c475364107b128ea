//! What contracts mean for records: alternatives, recursion, members under any name, masks below all of them.

use tamis::contract::Contract;
use tamis::mask::Key;
use tamis::pipeline::Sieve;
use tamis::record::Format;

/// The verdicts on some records, each without its line number.
fn verdicts(contract: &str, records: &str) -> Vec<serde_json::Value> {
    let contract = Contract::load(contract.as_bytes()).unwrap_or_else(|faults| panic!("{}", faults[0]));
    let sieve = Sieve::new(contract, &Key::new([7; 32]));
    let lines = crate::way::every_target::verdicts(&sieve, Format::Ndjson, records.as_bytes(), &[7]);
    lines
        .split(|byte| *byte == b'\n')
        .filter(|line| !line.is_empty())
        .map(|line| serde_json::from_slice(line).unwrap())
        .collect()
}

fn faults(contract: &str) -> Vec<String> {
    match Contract::load(contract.as_bytes()) {
        Ok(_) => Vec::new(),
        Err(faults) => faults.iter().map(ToString::to_string).collect(),
    }
}

/// `path code` of each violation.
fn violations(verdict: &serde_json::Value) -> Vec<String> {
    let list = verdict["violations"].as_array().unwrap();
    list.iter().map(|it| format!("{} {}", it["path"].as_str().unwrap(), it["code"].as_str().unwrap())).collect()
}

const PAYMENTS: &str = r##"{
  "type": "object", "required": ["payment"], "x-id": "id",
  "properties": {"id": {"type": "integer"}, "payment": {
    "discriminator": {"propertyName": "kind", "mapping": {"card": "#/$defs/Card", "iban": "#/$defs/Iban"}},
    "oneOf": [{"$ref": "#/$defs/Card"}, {"$ref": "#/$defs/Iban"}]}},
  "x-rules": [{"id": "small", "assert": "payment.amount < 100.0"}],
  "$defs": {
    "Card": {"type": "object", "required": ["kind", "number"], "properties": {
      "kind": {"const": "card", "type": "string"},
      "number": {"type": "string", "x-mask": "pseudonym", "x-normalize": ["trim"]},
      "amount": {"type": "number", "x-normalize": ["number"]}}},
    "Iban": {"type": "object", "required": ["kind", "iban"], "properties": {
      "kind": {"const": "iban", "type": "string"},
      "iban": {"type": "string", "x-mask": "drop"},
      "amount": {"type": "number", "maximum": 50}}}}}"##;

#[test]
fn a_tagged_form_brings_its_own_fields_and_masks() {
    let records = r#"{"id": 1, "payment": {"kind": "card", "number": " 4111 ", "amount": "12.5", "more": 1}}
{"id": 2, "payment": {"kind": "iban", "iban": "DE89", "amount": 12.5}}
{"id": 3, "payment": {"kind": "iban", "iban": "DE89", "amount": 70}}
{"id": 4, "payment": {"kind": "cash", "number": "4111"}}
{"id": 5, "payment": {"kind": "card", "iban": "DE89"}}
{"id": 6, "payment": {"kind": "card", "number": "4111", "amount": 1000}}
{"id": 7, "payment": "4111"}
"#;
    let all = verdicts(PAYMENTS, records);
    assert_eq!(all[0]["status"], "accepted", "{}", all[0]);
    assert!(all[0]["record"]["payment"]["number"].as_str().unwrap().starts_with("tok_"));
    assert_eq!(all[0]["record"]["payment"]["amount"], 12.5);
    assert_eq!(all[0]["repairs"][1]["path"], "/payment/number");
    assert_eq!(all[1]["record"]["payment"], serde_json::json!({"kind": "iban", "amount": 12.5}));
    let expected: [&[&str]; 5] = [
        &["/payment/amount maximum"],
        &["/payment oneOf"],
        &["/payment/number required"],
        &[" small"],
        &["/payment type"],
    ];
    for (verdict, expected) in all[2..].iter().zip(expected) {
        assert_eq!(violations(verdict), expected, "{verdict}");
        assert!(!verdict.to_string().contains("4111") && !verdict.to_string().contains("DE89"), "{verdict}");
    }
}

#[test]
fn alternatives_without_a_tag_go_by_type_and_content() {
    let contract = r#"{"type": "object", "properties": {"v": {"anyOf": [
        {"type": "integer", "minimum": 0},
        {"type": "string", "format": "email", "x-mask": "pseudonym"},
        {"type": "object", "required": ["a"], "properties": {"a": {"type": "integer", "x-normalize": ["number"]}}},
        {"type": "object", "required": ["b"], "properties": {"b": {"type": "string", "x-mask": "redact"}}},
        {"type": "null"}]}}}"#;
    let records = r#"{"v": 3}
{"v": -3}
{"v": "anna@example.com"}
{"v": "anna"}
{"v": {"a": 1}}
{"v": {"b": "anna"}}
{"v": {"a": "1"}}
{"v": null}
{"v": [1]}
{}
"#;
    let all = verdicts(contract, records);
    let found: Vec<(String, Vec<String>)> =
        all.iter().map(|verdict| (verdict["record"].to_string(), violations(verdict))).collect();
    let token = all[2]["record"]["v"].as_str().unwrap();
    assert!(token.starts_with("tok_"));
    let expected = [
        (r#"{"v":3}"#, vec![]),
        ("{}", vec!["/v minimum"]),
        ("", vec![]),
        ("{}", vec!["/v format"]),
        (r#"{"v":{"a":1}}"#, vec![]),
        (r#"{"v":{"b":"[redacted]"}}"#, vec![]),
        (r#"{"v":{"a":1}}"#, vec![]),
        (r#"{"v":null}"#, vec![]),
        ("{}", vec!["/v type"]),
        ("{}", vec![]),
    ];
    for (index, (record, codes)) in expected.iter().enumerate().filter(|(index, _)| *index != 2) {
        assert_eq!(found[index].0, *record, "{index}");
        assert_eq!(found[index].1, *codes, "{index}");
    }
}

#[test]
fn recursion_is_masked_at_every_depth() {
    let contract = r##"{"$ref": "#/$defs/Node", "type": "object", "x-rules": [{"id": "named", "assert": "name != 'x'"}],
      "$defs": {"Node": {"type": "object", "required": ["name"], "properties": {
        "name": {"type": "string", "minLength": 1},
        "email": {"type": "string", "x-mask": "pseudonym"},
        "children": {"type": "array", "items": {"$ref": "#/$defs/Node"}}}}}}"##;
    let records = r#"{"name": "a", "email": "e1", "children": [{"name": "b", "email": "e2", "children": [{"name": "x", "email": "e3", "k": 1}]}]}
{"name": "a", "children": [{"name": "b", "children": [{"email": 3}, {"name": ""}]}]}
"#;
    let all = verdicts(contract, records);
    assert_eq!(all[0]["status"], "accepted", "{}", all[0]);
    let text = all[0].to_string();
    assert!(!text.contains("\"e1\"") && !text.contains("\"e2\"") && !text.contains("\"e3\""), "{text}");
    assert_eq!(text.matches("tok_").count(), 3);
    assert_eq!(all[0]["repairs"][0]["path"], "/children/0/children/0/k");
    assert_eq!(
        violations(&all[1]),
        [
            "/children/0/children/0/name required",
            "/children/0/children/0/email type",
            "/children/0/children/1/name minLength"
        ]
    );
}

#[test]
fn members_under_any_name_are_checked_and_masked() {
    let contract = r#"{"type": "object", "properties": {
      "prices": {"type": "object", "additionalProperties": {"type": "number", "minimum": 0, "x-normalize": ["number"]}},
      "people": {"type": "object", "patternProperties": {"^p_": {"type": "string", "x-mask": "pseudonym"}}, "additionalProperties": false},
      "pair": {"prefixItems": [{"type": "string", "x-mask": "drop"}, {"type": "integer"}], "items": false, "type": "array"},
      "free": {"type": "object"}}}"#;
    let records = r#"{"prices": {"eur": "1.5", "usd": 2}, "people": {"p_a": "anna"}, "pair": ["secret", 3], "free": {"a": {"b": 1}}}
{"prices": {"eur": -1, "anna@example.com": "x"}, "people": {"q": 1, "p_a": 1}, "pair": [1, "2", 3]}
"#;
    let all = verdicts(contract, records);
    assert_eq!(all[0]["status"], "accepted", "{}", all[0]);
    assert_eq!(all[0]["record"]["prices"], serde_json::json!({"eur": 1.5, "usd": 2}));
    assert_eq!(all[0]["record"]["pair"], serde_json::json!([3]));
    assert_eq!(all[0]["record"]["free"], serde_json::json!({"a": {"b": 1}}));
    assert_eq!(all[0]["repairs"], serde_json::json!([{"path": "/prices/eur", "code": "number_from_text"}]));
    let found = violations(&all[1]);
    for expected in [
        "/prices/* number",
        "/prices/eur minimum",
        "/people/q unknown_field",
        "/people/p_a type",
        "/pair/0 type",
        "/pair/1 type",
        "/pair/2 type",
    ] {
        assert!(found.iter().any(|it| it == expected), "{expected} in {found:?}");
    }
    assert!(!all[1].to_string().contains("anna"), "{}", all[1]);
}

#[test]
fn a_warning_counts_and_does_not_reject() {
    let contract = r#"{"type": "object", "properties": {
      "age": {"type": "integer", "maximum": 120, "x-severity": "warn", "x-mask": "keep"}, "n": {"type": "integer"}},
      "x-rules": [{"id": "odd", "assert": "n % 2 == 1", "severity": "warn"}]}"#;
    let all = verdicts(contract, "{\"age\": 130, \"n\": 2}\n{\"age\": \"x\", \"n\": 3}\n");
    assert_eq!(all[0]["status"], "accepted");
    assert_eq!(all[0]["record"], serde_json::json!({"age": 130, "n": 2}));
    assert_eq!(violations(&all[0]), ["/age maximum", " odd"]);
    assert_eq!(all[0]["violations"][0]["severity"], "warn");
    // What is of another type can be used by nobody, and the mask of its field does not fit it.
    assert_eq!((all[1]["status"].as_str(), &all[1]["record"]), (Some("accepted"), &serde_json::json!({"n": 3})));
}

#[test]
fn numbers_are_compared_exactly() {
    let contract = r#"{"type": "object", "properties": {
      "big": {"type": "integer", "maximum": 9007199254740992}, "id": {"const": 9007199254740993},
      "price": {"type": "number", "multipleOf": 0.01}, "list": {"type": "array", "uniqueItems": true}}}"#;
    for (record, good) in [
        (r#"{"big": 9007199254740992}"#, true),
        (r#"{"big": 9007199254740993}"#, false),
        (r#"{"big": 9007199254740991.5}"#, false),
        (r#"{"id": 9007199254740993}"#, true),
        (r#"{"id": 9007199254740992}"#, false),
        (r#"{"price": 19.99}"#, true),
        (r#"{"price": 0.07}"#, true),
        (r#"{"price": 19.999}"#, false),
        (r#"{"list": [9007199254740993, 9007199254740992]}"#, true),
        (r#"{"list": [1.0, 1]}"#, false),
        (r#"{"list": [{"a": 1, "b": [2]}, {"b": [2.0], "a": 1}]}"#, false),
    ] {
        let verdict = &verdicts(contract, record)[0];
        assert_eq!(verdict["status"] == "accepted", good, "{record}");
        if good {
            // Numbers leave as they came.
            assert_eq!(verdict["record"].to_string(), record.replace(": ", ":").replace(", ", ","));
        }
    }
}

#[test]
fn contracts_that_cannot_be_do_not_load() {
    for (properties, says) in [
        (r#""a": {"type": "integer", "minimum": 3, "maximum": 2}"#, "/properties/a: minimum is more than maximum"),
        (r#""a": {"type": "string", "enum": [1, 2]}"#, "/properties/a: enum or const lists no value of the type"),
        (
            r#""a": {"allOf": [{"type": "string"}, {"type": "integer"}]}"#,
            "/properties/a: no value can have all the types",
        ),
        (r#""a": {"type": "integer", "default": "x"}"#, "/properties/a: the default is not a value"),
        (r##""a": {"$ref": "#/$defs/missing"}"##, "/properties/a: $ref takes the place of a schema"),
        (r##""a": {"$ref": "#/properties/b"}, "b": {"$ref": "#/properties/a"}"##, "a $ref leads to itself"),
        (
            r#""a": {"not": {"properties": {"b": {"x-mask": "drop"}}}}"#,
            "/properties/a: x-mask at a place that says only",
        ),
        (r#""a": {"type": "object", "required": ["b"], "additionalProperties": false}"#, "b is required, but"),
        (r#""a": {"patternProperties": {"(?=x)": true}}"#, "/properties/a: the pattern \"(?=x)\""),
        (r#""a": {"items": [{"type": "string"}]}"#, "items takes a schema"),
        (r#""a": {"$schema": "http://json-schema.org/draft-07/schema#"}"#, "a $schema other than"),
    ] {
        let contract = format!(r#"{{"type": "object", "properties": {{{properties}}}}}"#);
        let found = faults(&contract);
        assert!(found.iter().any(|fault| fault.contains(says)), "{properties}: {found:?}");
    }
}

/// Alternatives within alternatives multiply; the answer still comes, and it is no.
#[test]
fn hostile_alternatives_end() {
    let contract = r##"{"type": "object", "properties": {"v": {"not": {"$ref": "#/$defs/A"}}},
      "$defs": {"A": {"anyOf": [{"items": {"$ref": "#/$defs/A"}, "minItems": 1}, {"items": {"$ref": "#/$defs/A"}, "maxItems": 9}]}}}"##;
    let deep = format!("{{\"v\": {}1{}}}", "[".repeat(60), "]".repeat(60));
    let started = std::time::Instant::now();
    assert_eq!(verdicts(contract, &deep).len(), 1);
    assert!(started.elapsed().as_secs() < 5);
}

/// What is taken away whole is out of reach by its parts' names too: as the id, as a feature, in the summary's groups.
#[test]
fn nothing_below_a_mask_is_reached_by_its_own_name() {
    for mask in ["redact", "drop"] {
        let contract = format!(
            r#"{{"type": "object", "x-id": "person.name", "properties": {{"person": {{"type": "object", "x-mask": "{mask}",
            "properties": {{"name": {{"type": "string", "x-mask": "keep"}}, "age": {{"type": "integer", "x-mask": "keep"}}}}}}}},
            "x-features": [{{"name": "age", "expr": "person.age"}}, {{"name": "named", "expr": "has(person.name)"}}]}}"#
        );
        let Ok(loaded) = Contract::load(contract.as_bytes()) else { continue };
        let sieve = Sieve::new(loaded, &Key::new([7; 32]));
        let record = br#"{"person": {"name": "anna", "age": 31}}"#;
        let examined = sieve.examine(
            tamis::record::Frame { line: 1, bytes: record, fault: None },
            &mut tamis::pipeline::Desk::default(),
        );
        assert!(examined.row().unwrap()[0].is_nan() && examined.row().unwrap()[1] == 0.0, "{mask}");
        let verdict = &verdicts(&contract, std::str::from_utf8(record).unwrap())[0];
        assert!(!verdict.to_string().contains("anna"), "{verdict}");
    }
}
