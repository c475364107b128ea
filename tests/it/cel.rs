//! The expressions against google/cel-spec's conformance cases, and what users and attackers do with them.

use super::textproto::{Proto, parse};
use std::path::PathBuf;
use tamis::contract::Contract;
use tamis::mask::Key;
use tamis::pipeline::Sieve;
use tamis::record::{Format, Limits};
use tamis::stream::Stream;

/// How many cases of the suite are answered. It may rise, never fall.
const FLOOR: usize = 605;

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
    // Names are never looked up in a package.
    let Some(bound) = bindings(case).filter(|_| case.get("container").is_none()) else {
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
    if case.get("check_only").is_some() {
        return Answer::None;
    }
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
        if matches!(kind, Some("int64_value" | "double_value" | "bool_value"))
            && integer != (kind == Some("int64_value"))
        {
            return Answer::Wrong(format!("integer: {integer}"));
        }
    }
    Answer::Right
}

#[test]
fn answers_the_conformance_cases_or_refuses_them() {
    let Some(folder) = crate::common::testdata("suites/cel") else {
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

/// A shop's order with a list of products, and rules that are broken exactly where `true` is said.
#[test]
fn rules_see_records_as_the_manual_says() {
    let item = serde_json::json!({"type": "object", "properties": {
        "sku": {"type": "string"}, "price": {"type": "number"}, "count": {"type": "integer"},
        "size": {"type": "object", "properties": {"w": {"type": "integer"}}},
        "tags": {"type": "array", "items": {"type": "string"}}}});
    let fields: Vec<Binding> = [
        ("products", serde_json::json!({"type": "array", "items": item})),
        ("sizes", serde_json::json!({"type": "array", "items": {"type": ["integer", "null"]}})),
        ("n", serde_json::json!({"type": ["integer", "null"]})),
        ("big", serde_json::json!({"type": "integer"})),
        ("money", serde_json::json!({"type": "number"})),
        ("at", serde_json::json!({"type": "string"})),
        ("mixed", serde_json::json!({"type": ["string", "integer"]})),
        ("unit-price", serde_json::json!({"type": "number"})),
        ("matrix", serde_json::json!({"type": "array", "items": {"type": "array", "items": {"type": "integer"}}})),
        ("absent", serde_json::json!({"type": "boolean"})),
        ("kind", serde_json::json!({"enum": ["a", "b"]})),
    ]
    .into_iter()
    .map(|(name, schema)| (name.to_owned(), schema, serde_json::Value::Null))
    .collect();
    let record = serde_json::json!({
        "products": [
            {"sku": "a", "price": 1.5, "count": 2, "size": {"w": 3}, "tags": ["x", "y"]},
            {"sku": "b", "price": 2, "count": 4, "tags": []},
            {"sku": "c", "count": 1, "size": {}}
        ],
        "sizes": [1, null, 3], "n": null, "big": 9007199254740993u64, "money": 10, "at": "2024-02-29T23:30:00Z",
        "mixed": "7", "unit-price": 2.5, "matrix": [[1, 2], [3]], "kind": "b"
    });
    for (rule, is_broken) in [
        ("products.all(p, p.count >= 0)", false),
        ("products.all(p, p.count > 1)", true),
        // The third product has no price: no product is dear, but that one is not known.
        ("products.all(p, p.price < 100.0)", false),
        ("products.exists(p, p.price > 100.0)", false),
        ("products.exists(p, p.price == 2.0) == false", true),
        ("sum(products.map(p, p.price * p.count)) == 11.0", false),
        ("sum(products.filter(p, has(p.price)).map(p, p.price * p.count)) != 11.0", true),
        ("sum(products.map(p, has(p.price), p.price * p.count)) != 11.0", true),
        ("products[0].price * 2 == 4.0", true),
        ("products[3].price > 0.0", false),
        ("products[0].size.w != 3", true),
        ("products.exists_one(p, has(p.size.w)) == false", true),
        ("products.all(p, p.tags.all(t, t != 'y'))", true),
        ("products.all(p, products.exists_one(q, q.sku == p.sku)) == false", true),
        ("products.map(p, p.sku) != ['a', 'b', 'c']", true),
        ("size(products.filter(p, p.count > 1)) != 2", true),
        ("products.exists(p, p.price == null) == false", true),
        ("sizes.all(s, s < 2)", true),
        ("sizes.exists(s, s == null) == false", true),
        ("sum(sizes) > 100", false),
        ("3 in sizes == false", true),
        ("2 in sizes", true),
        ("size(sizes) != 3", true),
        ("n == null", false),
        ("n != null", true),
        ("n > 1", false),
        ("!(n > 1)", false),
        ("n > 1 && false", true),
        ("n + 1 == null", false),
        ("n + 1 != null", false),
        ("has(n)", true),
        ("has(absent)", true),
        ("absent", false),
        ("big != 9007199254740993", true),
        ("big == 9007199254740992", true),
        ("big + 1 == 9007199254740994", false),
        ("money / 4 != 2.5", true),
        ("money / 0 < 1.0", true),
        ("timestamp(at).getFullYear() != 2024", true),
        ("timestamp(at).getDate('+01:00') != 1", true),
        ("timestamp(at) + duration('30m') != timestamp('2024-03-01T00:00:00Z')", true),
        ("timestamp(at) - timestamp('2024-02-29T22:00:00Z') <= duration('1h')", true),
        ("int(mixed) != 7", true),
        ("mixed != null", false),
        ("`unit-price` == 2.5", false),
        ("`unit-price` > 2.5", true),
        ("matrix.map(row, sum(row)) != [3, 3]", true),
        ("matrix == [[1, 2], [4]]", true),
        ("kind != 'b'", true),
        ("max(sizes.filter(s, s != null)) != 3", true),
        ("min(money, 3) != 3", true),
        ("min([]) == 1", false),
        ("approx(money, 10.004, 0.005)", false),
        ("approx(money, 10.006, 0.005)", true),
        ("abs(money - 12) != 2.0", true),
        ("at.matches('^2023-')", true),
        ("at.startsWith('2024') && at.endsWith('Z') && at.contains('-02-')", false),
        ("' x '.trim().upperAscii() != 'X'", true),
    ] {
        let found = broken(&schema(&fields, &[("rule", rule.to_owned())]), &record).unwrap();
        assert_eq!(found.contains(&"rule".to_owned()), is_broken, "{rule}: {found:?}");
    }
}

/// Nothing that a record holds makes a rule run for long: without an answer, the rule counts as broken.
#[test]
fn an_exhausted_rule_is_broken_and_quick() {
    let fields: Vec<Binding> = [
        ("xs", serde_json::json!({"type": "array", "items": {"type": "integer"}})),
        ("text", serde_json::json!({"type": "string"})),
    ]
    .into_iter()
    .map(|(name, schema)| (name.to_owned(), schema, serde_json::Value::Null))
    .collect();
    let long = "a".repeat(1 << 20);
    let record = serde_json::json!({"xs": vec![1; 100_000], "text": long});
    for (rule, is_broken) in [
        ("xs.all(x, x > 0 && x < 10 || x == 12)", false),
        ("sum(xs.map(x, x * 2)) == 200000", false),
        ("xs.all(x, xs.all(y, y == x))", true),
        ("size(xs.map(x, xs.map(y, xs))) == 100000", true),
        ("xs.all(x, xs.map(y, y) == xs)", true),
        ("xs.all(x, text.contains('b') || size(text) > 0)", true),
        ("xs.all(x, text == text + '')", true),
        ("xs.all(x, text.matches('b') || x == 1)", true),
        ("text.matches('(a?){200}b') || true", true),
        ("xs.all(x, x in [0, 2] || 5 in xs || x == 1)", true),
        ("xs.all(x, xs[99999] == x)", true),
        ("xs.all(x, size(xs) == 100000)", true),
        ("size(xs) < 1000 && xs.all(x, xs.all(y, x == y)) || size(xs) >= 1000", false),
    ] {
        let contract = schema(&fields, &[("rule", rule.to_owned())]);
        let start = std::time::Instant::now();
        let found = broken(&contract, &record).unwrap();
        assert_eq!(found == ["rule"], is_broken, "{rule}: {found:?}");
        assert!(start.elapsed().as_secs_f64() < 5.0, "{rule}: {:?}", start.elapsed());
    }
    let condition = serde_json::json!({"type": "object",
        "properties": {"xs": {"type": "array", "items": {"type": "integer"}}},
        "x-rules": [{"id": "rule", "when": "xs.all(x, xs.all(y, y == x))", "assert": "true"}],
        "x-features": [{"name": "f", "expr": "xs.all(x, xs.all(y, y == x))"}]});
    let found = broken(&serde_json::to_vec(&condition).unwrap(), &record).unwrap();
    assert_eq!(found, ["rule"]);
}

/// A long or deep expression is an error or an answer, and never costs the stack: it runs in a small one here.
#[test]
fn no_expression_overflows_the_stack() {
    let work = || {
        for (rule, loads) in [
            (format!("{} > 0", vec!["1"; 490].join(" + ")), true),
            (format!("{} > 0", vec!["1"; 100_000].join(" + ")), false),
            (format!("{}1{} > 0", "(".repeat(60), ")".repeat(60)), true),
            (format!("{}1{} > 0", "(".repeat(100_000), ")".repeat(100_000)), false),
            (format!("{}true", "!".repeat(900)), true),
            (format!("{}true", "!".repeat(100_000)), false),
            (format!("{}1 == 1", "-".repeat(900)), true),
            (format!("{}1{} == null", "[".repeat(900), "]".repeat(900)), false),
            (format!("{}true", "true ? true : ".repeat(200)), false),
            (format!("{}true{}", "[1].all(x, ".repeat(50), ")".repeat(50)), true),
            (format!("{}true{}", "[1].all(x, ".repeat(500), ")".repeat(500)), false),
            (format!("{} == 1", vec!["true"; 400].join(" && ")), false),
            (vec!["true"; 400].join(" && "), true),
            (vec!["1"; 400].join(" == "), false),
            ("has(".repeat(900), false),
            ("a.".repeat(490) + "b", false),
            ("[[1]]".to_owned() + &"[0]".repeat(300) + " == 1", false),
        ] {
            let contract = schema(&[], &[("rule", rule.clone())]);
            let found = broken(&contract, &serde_json::json!({}));
            assert_eq!(found.is_ok(), loads, "{}: {found:?}", rule.get(..40).unwrap_or(&rule));
        }
    };
    std::thread::Builder::new().stack_size(1 << 20).spawn(work).unwrap().join().unwrap();
}
