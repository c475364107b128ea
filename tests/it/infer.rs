//! Contracts drafted from data, as users run it: each must load, accept what it should, and hold nobody's data.

use crate::common::{tamis, testdata};
use serde_json::{Value, json};
use std::io::Write;
use std::path::Path;
use std::process::Stdio;
use tamis::contract::Contract;

/// The draft of some bytes on stdin: the exit code, the contract, the remarks.
fn infer(input: &[u8], args: &[&str]) -> (i32, Value, String) {
    let mut child = tamis()
        .args(["contract", "infer", "-"])
        .args(args)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let mut stdin = child.stdin.take().unwrap();
    let input = input.to_vec();
    let writer = std::thread::spawn(move || stdin.write_all(&input));
    let out = child.wait_with_output().unwrap();
    let _ = writer.join().unwrap();
    let code = out.status.code().unwrap();
    if code == 0 {
        Contract::load(&out.stdout).unwrap_or_else(|faults| panic!("{faults:?}"));
    }
    (code, serde_json::from_slice(&out.stdout).unwrap_or_default(), String::from_utf8(out.stderr).unwrap())
}

fn draft(input: &str) -> Value {
    let (code, contract, err) = infer(input.as_bytes(), &[]);
    assert_eq!(code, 0, "{err}");
    contract
}

/// A record for each number.
fn records(count: usize, make: impl Fn(usize) -> Value) -> String {
    (0..count).map(|index| format!("{}\n", make(index))).collect()
}

/// Drafts from files, and validates them with the draft: the contract and the share that it accepts.
fn and_back(inputs: &[&Path]) -> (Value, f64) {
    let folder = tempfile::tempdir().unwrap();
    let contract = folder.path().join("draft.json");
    let out = tamis().args(["contract", "infer", "--out"]).arg(&contract).args(inputs).output().unwrap();
    assert!(out.status.success(), "{}", String::from_utf8_lossy(&out.stderr));
    assert!(out.stdout.is_empty());
    let remarks = String::from_utf8(out.stderr).unwrap();
    let out = tamis()
        .arg("validate")
        .args(inputs)
        .arg("--contract")
        .arg(&contract)
        .arg("--out")
        .arg(folder.path())
        .output()
        .unwrap();
    assert!(out.status.success(), "{}", String::from_utf8_lossy(&out.stderr));
    let summary: Value = serde_json::from_slice(&std::fs::read(folder.path().join("summary.json")).unwrap()).unwrap();
    // What the remarks state is what happens.
    let stated = format!("the draft accepts {} of {} records", summary["accepted"], summary["records"]);
    assert!(remarks.contains(&stated), "{stated} is not in {remarks}");
    (serde_json::from_slice(&std::fs::read(contract).unwrap()).unwrap(), summary["acceptance_rate"].as_f64().unwrap())
}

fn at<'c>(contract: &'c Value, path: &str) -> &'c Value {
    let pointer: String =
        path.split('/').map(|part| if part == "*" { "/items".into() } else { format!("/properties/{part}") }).collect();
    contract.pointer(&pointer).unwrap_or(&Value::Null)
}

/// All texts that stand in a draft where values may come from: lists of values and patterns.
fn literals(schema: &Value, found: &mut Vec<String>) {
    match schema {
        Value::Object(object) => {
            for (key, value) in object {
                match (key.as_str(), value) {
                    ("enum" | "x-normalize" | "examples" | "default" | "const", _) => found.push(value.to_string()),
                    ("pattern" | "description", Value::String(text)) => found.push(text.clone()),
                    _ => literals(value, found),
                }
            }
        }
        Value::Array(list) => list.iter().for_each(|value| literals(value, found)),
        _ => {}
    }
}

fn holds_nothing_of<'v>(contract: &Value, values: impl IntoIterator<Item = &'v str>) {
    let mut found = Vec::new();
    literals(contract, &mut found);
    for value in values.into_iter().filter(|value| value.len() >= 4) {
        let leak = found.iter().find(|literal| literal.to_lowercase().contains(&value.to_lowercase()));
        assert!(leak.is_none(), "{value} stands in {leak:?}");
    }
}

#[test]
fn the_shipped_orders() {
    let (contract, rate) = and_back(&[Path::new("data/orders.ndjson")]);
    // 81.2 % of the records keep the contract that was written by hand.
    assert!((0.80..0.85).contains(&rate), "{rate}");
    assert_eq!(contract["x-id"], "order_id");
    assert_eq!(at(&contract, "order_id")["pattern"], r"^ORD-\d{6,12}$");
    assert_eq!(at(&contract, "customer_email")["x-mask"], "pseudonym");
    assert_eq!(at(&contract, "customer_email")["format"], "email");
    assert_eq!(at(&contract, "shipping/street")["x-mask"], "drop");
    assert_eq!(at(&contract, "shipping/postal_code")["x-mask"]["op"], "generalise");
    assert_eq!(at(&contract, "shipping/country_code")["pattern"], "^[A-Z]{2}$");
    let mut statuses: Vec<&str> =
        at(&contract, "status")["enum"].as_array().unwrap().iter().filter_map(Value::as_str).collect();
    statuses.sort_unstable();
    assert_eq!(statuses, ["cancelled", "paid", "pending", "refunded", "shipped"]);
    assert_eq!(at(&contract, "quantity")["type"], "integer");
    assert_eq!(at(&contract, "unit_price"), &json!({"type": "number", "minimum": 0, "x-normalize": ["number"]}));
    assert_eq!((&at(&contract, "priority")["minimum"], &at(&contract, "priority")["maximum"]), (&json!(1), &json!(5)));
    assert_eq!(at(&contract, "created_at")["format"], "date-time");
    assert_eq!(at(&contract, "is_gift")["x-normalize"], json!(["boolean"]));
    let names: Vec<&str> =
        contract["x-features"].as_array().unwrap().iter().filter_map(|one| one["expr"].as_str()).collect();
    for expr in ["quantity", "unit_price", "size(tags)", "is_gift", "status"] {
        assert!(names.contains(&expr), "{expr} is not in {names:?}");
    }
}

/// Another part of the same feed is accepted as the first was.
#[test]
fn generated_orders_drafted_from_others() {
    let folder = tempfile::tempdir().unwrap();
    let feed = |seed: &str, rows: &str| {
        let path = folder.path().join(format!("orders{seed}.ndjson"));
        let done = tamis()
            .args(["generate", "--defects", "0.3", "--seed", seed, "--rows", rows, "--out"])
            .arg(&path)
            .output()
            .unwrap();
        assert!(done.status.success());
        path
    };
    let (first, second) = (feed("11", "3000"), feed("12", "1500"));
    let (contract, rate) = and_back(&[&first]);
    let draft = folder.path().join("draft.json");
    std::fs::write(&draft, contract.to_string()).unwrap();
    let out = folder.path().join("out");
    let done =
        tamis().arg("validate").arg(&second).arg("--contract").arg(&draft).arg("--out").arg(&out).output().unwrap();
    assert!(done.status.success());
    let summary: Value = serde_json::from_slice(&std::fs::read(out.join("summary.json")).unwrap()).unwrap();
    let other = summary["acceptance_rate"].as_f64().unwrap();
    assert!((rate - other).abs() < 0.04, "{rate} and {other}");
}

#[test]
fn the_small_sample() {
    let Some(path) = testdata("orders_sample.ndjson") else {
        return;
    };
    let (contract, rate) = and_back(&[&path]);
    // 18 of the 50 addresses are none.
    assert!(rate > 0.4, "{rate}");
    assert_eq!(at(&contract, "customer_email")["x-mask"], "pseudonym");
    assert_eq!(at(&contract, "order_id")["pattern"], r"^ORD-\d{4,8}$");
    assert_eq!(at(&contract, "unit_price")["type"], "number");
}

#[test]
fn orders_with_persons_in_them() {
    let Some(path) = testdata("ecommerce.ndjson.gz") else {
        return;
    };
    let (contract, rate) = and_back(&[&path]);
    // 12 % of the addresses have a blank or a full stop before the at sign.
    assert!(rate > 0.85, "{rate}");
    let personal = [
        "customer_first_name",
        "customer_last_name",
        "customer_full_name",
        "email",
        "user",
        "customer_id",
        "customer_phone",
    ];
    for field in personal {
        assert_eq!(at(&contract, field)["x-mask"], "pseudonym", "{field}");
    }
    assert_eq!(at(&contract, "products/*/price")["type"], "number");
    assert_eq!(at(&contract, "products/*/sku")["pattern"], r"^ZO\d{10,20}$");
    assert_eq!(contract["x-id"], "order_id");
    assert_eq!(at(&contract, "products/*/product_name")["x-pii"], Value::Null);
    let mut text = String::new();
    let bytes = std::fs::File::open(&path).unwrap();
    std::io::Read::read_to_string(&mut flate2::read::MultiGzDecoder::new(bytes), &mut text).unwrap();
    let records: Vec<Value> = text.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    for field in personal {
        holds_nothing_of(&contract, records.iter().filter_map(|record| record[field].as_str()));
    }
}

#[test]
fn retail_days() {
    for day in ["2010-12-01", "2010-12-22", "2011-01-28", "2011-03-01"] {
        let Some(path) = testdata(&format!("retail/{day}.csv")) else {
            return;
        };
        let (contract, rate) = and_back(&[&path]);
        assert!(rate > 0.95, "{day}: {rate}");
        assert_eq!(at(&contract, "CustomerID")["x-mask"], "pseudonym");
        assert_eq!(at(&contract, "Quantity")["type"], "integer");
        assert_eq!(at(&contract, "UnitPrice")["x-normalize"], json!(["number"]));
        assert_eq!(at(&contract, "InvoiceDate")["format"], "date-time");
        assert_eq!(at(&contract, "InvoiceNo")["type"], "string");
        assert_eq!(contract["x-id"], Value::Null, "an invoice has many lines");
    }
}

#[test]
fn types_by_majority() {
    let contract = draft(&records(300, |n| {
        json!({
            "rating": n % 5 + 1,
            "weight": if n % 20 == 0 { json!(" 1,234.50") } else { json!(n) },
            "count": if n % 20 == 0 { json!("7 ") } else { json!(n % 9) },
            "plan": (["Free", "Pro", "PRO", "free", "Free", "PRO"][n % 6]),
            "zip_like": format!("{:05}", n),
            "flag": (["yes", "no"][n % 2]),
            "seen": if n % 3 == 0 { json!("N/A") } else { json!("2025-01-02 10:00:00") },
            "opened": format!("2025-01-{:02}", n % 28 + 1),
            "words": ([["a", "b"], ["c", " "]][n % 2]),
            "currency": (["EUR", "eur", "USD"][n % 3]), "version": format!("1.{}.{}", n % 5, n % 9), "ts": 1_736_500_500 + n,
            "list": if n % 10 == 0 { json!("x, y") } else { json!(["x"]) },
            "maybe": if n % 2 == 0 { json!(null) } else { json!(1.5) },
            "mixed": ([json!(1), json!("a"), json!(true)][n % 3]),
            "temperature": n,
            "latitude": 48.1, "share_percent": n % 100, "month": n % 3 + 1,
        })
    }));
    for (path, expected) in [
        ("rating", json!({"type": "integer", "minimum": 1, "maximum": 5})),
        ("weight", json!({"type": "number", "minimum": 0, "x-normalize": ["number"]})),
        ("count", json!({"type": "integer", "minimum": 0, "x-normalize": ["number"]})),
        ("flag", json!({"type": "boolean", "x-normalize": ["boolean"]})),
        ("seen", json!({"type": ["string", "null"], "format": "date-time", "x-normalize": ["datetime"]})),
        ("words/*", json!({"type": "string", "x-normalize": ["trim"]})),
        ("maybe", json!({"type": ["number", "null"], "minimum": 0})),
        ("mixed", json!({"type": ["string", "integer", "boolean"]})),
        ("temperature", json!({"type": "number"})),
        ("latitude", json!({"type": "number", "minimum": -90, "maximum": 90, "x-quasi": true})),
        ("currency", json!({"type": "string", "enum": ["EUR", "USD"], "x-normalize": ["trim", "uppercase"]})),
        ("version", json!({"type": "string", "pattern": r"^\d{1,2}\.\d{1,2}\.\d{1,2}$", "x-normalize": ["trim"]})),
        ("share_percent", json!({"type": "number", "minimum": 0, "maximum": 100})),
        ("month", json!({"type": "integer", "minimum": 1, "maximum": 12})),
        (
            "list",
            json!({"type": "array", "x-normalize": ["split"], "items": {"type": "string", "x-normalize": ["trim"]}}),
        ),
    ] {
        assert_eq!(at(&contract, path), &expected, "{path}");
    }
    assert_eq!(
        at(&contract, "plan")["x-normalize"],
        json!(["trim", {"op": "map", "values": {"free": "Free", "pro": "PRO"}}])
    );
    assert_eq!(at(&contract, "zip_like")["type"], "string", "leading zeros are kept");
    assert_eq!(at(&contract, "words")["x-normalize"], json!(["drop_blank"]));
    let opened = at(&contract, "opened");
    assert!(opened["format"] == "date" || opened["pattern"] == r"^\d{4}-\d{2}-\d{2}$", "{opened}");
    let required: Vec<&str> = contract["required"].as_array().unwrap().iter().filter_map(Value::as_str).collect();
    assert!(required.contains(&"rating") && !required.contains(&"seen") && !required.contains(&"maybe"));
}

/// Personal data in every disguise: none of it may stand in the draft, and its field is masked.
#[test]
fn no_value_of_a_person_is_in_a_draft() {
    let iban = ["DE89370400440532013000", "GB82WEST12345698765432", "FR1420041010050500013M02606"];
    let make = |n: usize| {
        json!({
            "Nachname": (["Hoffmann", "Schneider"][n % 2]),
            "prénom": "Geraldine",
            "Kundennummer": format!("HOFFMANN-{:04}", n % 3),
            "customer": {"name": "Adalbert", "id": format!("CUST-{n}"), "type": (["private", "business"][n % 2])},
            "user_type": (["guest", "member"][n % 2]),
            "pay": (iban[n % 3]),
            "x1": "+49 30 1234567",
            "x2": "anna.hoffmann@example.com",
            "x3": (["4111 1111 1111 1111", "5500 0000 0000 0004"][n % 2]),
            "x4": format!("10.0.0.{}", n % 3),
            "status": if n.is_multiple_of(2) { "adalbert@example.com" } else { "open" },
            "kind": if n.is_multiple_of(50) { "adalbert@example.com" } else { ["a", "b"][n % 2] },
            "remark": "please call Adalbert Hoffmann under +49 30 1234567, or mail to adalbert@example.com",
            "dob": "1980-02-03", "Geburtsdatum": "03.02.1980",
            "Telefon": 493_012_345_678_u64, "calle": "Mayor 5", "cp": 28013,
            "owner": "Geraldine", "assigned_to": "Geraldine", "teilnehmer_name": "Geraldine",
            "by_mail": {"hoffmann@example.com": 1, "schneider@example.com": 2},
        })
    };
    let contract = draft(&records(400, make));
    let masked = [
        "Nachname",
        "prénom",
        "Kundennummer",
        "customer/name",
        "customer/id",
        "pay",
        "x1",
        "x2",
        "x3",
        "x4",
        "status",
        "remark",
        "dob",
        "Geburtsdatum",
        "Telefon",
        "calle",
        "cp",
        "owner",
        "assigned_to",
    ];
    for path in masked {
        assert!(at(&contract, path)["x-mask"] != Value::Null, "{path}: {}", at(&contract, path));
        assert!(at(&contract, path)["enum"].is_null() && at(&contract, path)["pattern"].is_null(), "{path}");
    }
    let text = contract.to_string().to_lowercase();
    for value in [
        "hoffmann",
        "schneider",
        "geraldine",
        "adalbert",
        "cust-",
        "de89",
        "west",
        "+49",
        "4111",
        "10.0.0",
        "mayor",
        "28013",
        "1980",
        "@",
    ] {
        assert!(!text.contains(value), "{value} is in {text}");
    }
    assert_eq!(at(&contract, "dob")["x-mask"], json!({"op": "generalise", "prefix": 4}));
    assert_eq!(
        at(&contract, "Geburtsdatum")["x-mask"],
        json!({"op": "generalise", "prefix": 4}),
        "a moment is stored year first"
    );
    assert!(at(&contract, "user_type")["x-mask"].is_null());
    assert_eq!(at(&contract, "customer/type")["enum"], json!(["business", "private"]));
}

#[test]
fn hostile_input_gives_a_contract_or_a_clear_error() {
    for (input, message) in [
        ("", "there is no record to draft a contract from"),
        ("\n\n", "there is no record to draft a contract from"),
        ("hello\nworld\n", "none of the input is a record; line 1: not JSON at byte 0"),
        ("[1, 2]", "none of the input is a record"),
        ("{\"a\": 1, \"a\": 2}", "none of the input is a record"),
    ] {
        let (code, _, err) = infer(input.as_bytes(), &[]);
        assert!(code == 2 && err.contains(message), "{input}: {code} {err}");
    }
    let wide: serde_json::Map<String, Value> = (0..10_000).map(|n| (format!("key{n}"), json!(n))).collect();
    draft(&Value::Object(wide).to_string());
    let contract = draft(&records(300, |n| {
        let mut record: serde_json::Map<String, Value> =
            (0..40).map(|k| (format!("k{}", n * 40 + k), json!(k))).collect();
        record.insert("steady".into(), json!(n));
        Value::Object(record)
    }));
    assert_eq!(contract["properties"].as_object().unwrap().keys().collect::<Vec<_>>(), ["steady"]);
    draft(&format!("{}1{}\n", "{\"a\":".repeat(60), "}".repeat(60)).repeat(3));
    draft(&format!("{{\"a\":{}1{}}}\n", "[".repeat(60), "]".repeat(60)).repeat(3));
    let contract = draft(&records(9, |_| json!({"a": null, "email": null, "l": [], "o": {}})));
    assert_eq!(at(&contract, "a")["x-mask"], "drop");
    assert_eq!(at(&contract, "email")["x-mask"], "pseudonym");
    assert_eq!(at(&contract, "l")["x-mask"], "drop");
    draft(
        r#"{"a": 1, "": 2, "a/b~c": {"": [{"x": [null]}]}, "a.b": "z", "has": 1, "true": 2, "i d": "x", "x-id": 3, "$ref": 4}"#,
    );
    draft("{\"n\": 1e999, \"id\": 123456789012345678901234567890, \"z\": -0.0}\n{\"n\": 5, \"id\": 1, \"z\": 0}");
    draft("a;b\n1;2\n;\n");
    if let Some(path) = testdata("suites/blns.json") {
        let strings: Vec<String> = serde_json::from_slice(&std::fs::read(path).unwrap()).unwrap();
        let contract = draft(&records(
            strings.len(),
            |n| json!({"t": strings[n], "email": strings[n], "code": strings[n], "l": [strings[n]]}),
        ));
        assert_eq!(at(&contract, "email")["x-mask"], "pseudonym");
        draft(&records(strings.len(), |n| json!({strings[n].clone(): strings[n], "s": 1})));
    }
}

#[test]
fn a_draft_is_the_same_each_time() {
    let data = std::fs::read("data/orders.ndjson").unwrap();
    let (_, first, remarks) = infer(&data, &["--name", "one"]);
    let (_, second, again) = infer(&data, &["--name", "one"]);
    assert_eq!((first.to_string(), remarks), (second.to_string(), again));
    assert_eq!(first["x-contract"]["name"], "one");
}

/// docs/contracts.md names every keyword that contracts know.
#[test]
fn every_keyword_is_in_the_reference() {
    let keywords = std::fs::read_to_string("src/contract/keywords.rs").unwrap();
    let reference = std::fs::read_to_string("docs/contracts.md").unwrap();
    let mut count = 0;
    for line in keywords.lines().filter(|line| !line.trim_start().starts_with("//")) {
        for (at, keyword) in line.split('"').enumerate().filter(|(at, _)| at % 2 == 1) {
            count += 1;
            assert!(reference.contains(&format!("`{keyword}`")), "{keyword} ({at}) is not in docs/contracts.md");
        }
    }
    assert!(count >= 60, "{count} keywords were found");
}

/// The examples of normalisers in docs/contracts.md are what happens.
#[test]
fn the_examples_of_the_reference_hold() {
    let reference = std::fs::read_to_string("docs/contracts.md").unwrap();
    let (_, table) = reference.split_once("| normaliser | before | after |").unwrap();
    let folder = tempfile::tempdir().unwrap();
    let mut count = 0;
    for row in table.lines().skip(2).take_while(|line| line.starts_with('|')) {
        let cells: Vec<&str> = row.split(" | ").map(|cell| cell.trim_matches(['|', ' ', '`'])).collect();
        let [step, before, after] = cells.as_slice() else { panic!("{row}") };
        let step: Value = serde_json::from_str(step).unwrap_or_else(|_| json!(step));
        let before: Value = serde_json::from_str(before).unwrap();
        let types = match serde_json::from_str::<Value>(after).unwrap() {
            Value::Number(_) => json!("number"),
            Value::Bool(_) => json!("boolean"),
            Value::Array(_) => json!("array"),
            _ => json!(["string", "null"]),
        };
        let contract = json!({"type": "object", "properties": {"x": {"type": types, "x-normalize": [step]}}});
        let (path, input) = (folder.path().join("contract.json"), folder.path().join("in.ndjson"));
        std::fs::write(&path, contract.to_string()).unwrap();
        std::fs::write(&input, json!({"x": before}).to_string()).unwrap();
        let out = tamis().arg("mask").arg(&input).arg("--contract").arg(&path).output().unwrap();
        assert_eq!(String::from_utf8_lossy(&out.stdout).trim_end(), format!("{{\"x\":{after}}}"), "{row}");
        count += 1;
    }
    assert!(count >= 18, "{count} examples");
    // The contract at the top loads.
    let (_, rest) = reference.split_once("```json\n").unwrap();
    Contract::load(rest.split_once("```").unwrap().0.as_bytes()).unwrap();
}
