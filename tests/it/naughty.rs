//! The Big List of Naughty Strings in every place that a feed or a contract has for a text: nothing panics, every
//! verdict is one line of JSON, what is kept comes out as it went in, and what is masked does not come out.

use crate::common::testdata;
use crate::way::every_target::verdicts;
use serde_json::{Map, Value, json};
use std::path::Path;
use std::process::Command;
use tamis::contract::Contract;
use tamis::mask::Key;
use tamis::pipeline::Sieve;
use tamis::record::Format;
use unicode_normalization::UnicodeNormalization;

/// Sizes of the chunks that a stream may come in.
const CHUNKS: [&[usize]; 3] = [&[65_536], &[1], &[3, 1, 7, 2, 100]];

fn strings() -> Option<Vec<String>> {
    let list: Vec<String> = serde_json::from_slice(&std::fs::read(testdata("suites/blns.json")?).unwrap()).unwrap();
    assert!(list.len() >= 515, "{}", list.len());
    Some(list)
}

fn order() -> Value {
    json!({
        "order_id": "ORD-1234", "customer_email": "anna@example.com", "quantity": 1, "unit_price": 2, "is_gift": false,
        "status": "paid", "created_at": "2025-01-01T00:00:00Z", "priority": 1, "tags": ["new"], "coupon_code": "SAVE",
        "referrer_url": "https://example.com/", "shipping": {
            "country_code": "DE", "city": "Berlin", "postal_code": "10115", "street": "Unter den Linden 1" }
    })
}

/// Every place of an order that holds a value, and whether its mask leaves nothing of a text there.
const FIELDS: [(&str, bool); 17] = [
    ("/order_id", false),
    ("/customer_email", true),
    ("/quantity", true),
    ("/unit_price", true),
    ("/is_gift", true),
    ("/status", false),
    ("/created_at", false),
    ("/priority", true),
    ("/tags", false),
    ("/tags/0", false),
    ("/coupon_code", false),
    ("/referrer_url", false),
    ("/shipping", true),
    ("/shipping/country_code", false),
    ("/shipping/city", false),
    ("/shipping/postal_code", true),
    ("/shipping/street", true),
];

fn with(pointer: &str, value: &str) -> Value {
    let mut order = order();
    *order.pointer_mut(pointer).unwrap() = value.into();
    order
}

/// All orders with one naughty string, field by field.
fn orders(strings: &[String]) -> impl Iterator<Item = (&'static str, bool, &String, Value)> {
    FIELDS.iter().flat_map(move |(field, gone)| strings.iter().map(|text| (*field, *gone, text, with(field, text))))
}

fn lines(records: impl Iterator<Item = Value>) -> Vec<u8> {
    records.flat_map(|record| format!("{record}\n").into_bytes()).collect()
}

fn sieve(contract: &Value) -> Sieve {
    let contract = Contract::load(contract.to_string().as_bytes());
    Sieve::new(contract.unwrap_or_else(|faults| panic!("{}", faults[0])), &Key::new([7; 32]))
}

/// Lines of JSON, whose only control character is the one at their ends. U+2028 and its like may stand in a JSON text
/// (RFC 8259 §7) and end no line of NDJSON.
fn parsed(out: &[u8]) -> Vec<Value> {
    assert!(out.is_empty() || out.ends_with(b"\n"));
    let lines = out.split(|byte| *byte == b'\n').filter(|line| !line.is_empty());
    let read = |line: &[u8]| {
        assert!(line.iter().all(|byte| *byte >= 0x20), "{}", String::from_utf8_lossy(line));
        serde_json::from_slice(line).unwrap_or_else(|_| panic!("{}", String::from_utf8_lossy(line)))
    };
    lines.map(read).collect()
}

/// The verdicts on some bytes, in whatever chunks they come.
fn judged(sieve: &Sieve, format: Format, input: &[u8]) -> Vec<Value> {
    let all = CHUNKS.map(|sizes| verdicts(sieve, format, input, sizes));
    assert!(all[0] == all[1] && all[0] == all[2], "chunks matter");
    parsed(&all[0])
}

/// Whether a text stands in any key or text of a value.
fn tells(value: &Value, text: &str) -> bool {
    match value {
        Value::String(found) => found.contains(text),
        Value::Array(list) => list.iter().any(|item| tells(item, text)),
        Value::Object(map) => map.iter().any(|(key, value)| key.contains(text) || tells(value, text)),
        _ => false,
    }
}

fn trimmed(text: &str) -> String {
    let blank = |letter: char| {
        letter.is_whitespace() || "\u{200b}\u{200c}\u{200d}\u{200e}\u{200f}\u{2060}\u{feff}\u{180e}".contains(letter)
    };
    text.trim_matches(blank).nfc().collect()
}

#[test]
fn every_field_of_an_order() {
    let Some(strings) = strings() else { return };
    let sieve = Sieve::new(Contract::orders().unwrap(), &Key::new([7; 32]));
    let input = lines(orders(&strings).map(|(.., order)| order));
    let found = judged(&sieve, Format::Ndjson, &input);
    assert_eq!(found.len(), strings.len() * FIELDS.len());
    // What every verdict may say in its own words, and every order holds anyway.
    let plain = &judged(&sieve, Format::Ndjson, &lines(std::iter::once(order())))[0];
    let mut judged_texts = 0;
    for (line, ((field, gone, text, _), verdict)) in orders(&strings).zip(&found).enumerate() {
        assert_eq!(verdict["line"], line + 1);
        let rejected = verdict["status"] == "rejected";
        let own = text.chars().count() < 5 || tells(plain, text);
        if (gone || rejected && violates(verdict, field)) && !own {
            // Codes and messages are in our words: `false`, `null`, `number`.
            let said = verdict["violations"].to_string().contains(text.as_str());
            assert!(
                said && text.chars().all(char::is_alphabetic) || !tells(verdict, text),
                "{field}: {text:?}: {verdict}"
            );
            judged_texts += 1;
        }
        if field == "/shipping/city" && !rejected {
            assert_eq!(verdict["record"]["shipping"]["city"], trimmed(text), "{text:?}");
        }
        if field == "/tags/0" && !rejected && trimmed(text) == *text && !text.is_empty() && !text.contains('@') {
            let kept = &verdict["record"]["tags"][0];
            assert!(
                *kept == **text || kept.is_null() || text.chars().filter(char::is_ascii_digit).count() >= 10,
                "{kept} {text:?}"
            );
        }
    }
    assert!(judged_texts > 5_000, "{judged_texts}");
}

fn violates(verdict: &Value, field: &str) -> bool {
    verdict["violations"].as_array().unwrap().iter().any(|violation| violation["path"] == field)
}

#[test]
fn what_is_kept_comes_out_byte_for_byte() {
    let Some(strings) = strings() else { return };
    let sieve = sieve(&json!({
        "type": "object", "x-id": "text", "properties": { "text": { "type": "string" } },
        "patternProperties": { "^": { "type": "string" } }
    }));
    let records: Vec<Value> = strings
        .iter()
        .map(|text| {
            Map::from_iter([("text".into(), text.clone().into()), (format!("k{text}"), text.clone().into())]).into()
        })
        .collect();
    let ndjson = lines(records.iter().cloned());
    for (format, input) in
        [(Format::Ndjson, ndjson), (Format::Json, Value::from(records.clone()).to_string().into_bytes())]
    {
        for (record, verdict) in records.iter().zip(judged(&sieve, format, &input)) {
            assert_eq!((&verdict["record"], &verdict["id"]), (record, &record["text"]));
        }
    }
    // The same text, spelled in another way: all letters as escapes.
    let escaped: String = strings
        .iter()
        .map(|text| {
            let text: String = text.encode_utf16().map(|unit| format!("\\u{unit:04x}")).collect();
            format!("{{\"text\":\"{text}\"}}\n")
        })
        .collect();
    for (text, verdict) in strings.iter().zip(judged(&sieve, Format::Ndjson, escaped.as_bytes())) {
        assert_eq!(verdict["record"]["text"], **text);
    }
}

#[test]
fn keys_of_a_record() {
    let Some(strings) = strings() else { return };
    let record = |text: &String| Value::from(Map::from_iter([(text.clone(), text.clone().into())]));
    let input = lines(strings.iter().map(record));
    let pointer = |text: &str| format!("/{}", text.replace('~', "~0").replace('/', "~1"));
    for (rest, kept) in [
        (json!({ "x-unknown": "drop" }), false),
        (json!({ "x-unknown": "keep" }), true),
        (json!({ "x-unknown": "reject" }), false),
        (json!({ "additionalProperties": false }), false),
        (json!({ "additionalProperties": { "type": "string" } }), true),
        (json!({ "additionalProperties": { "type": "string", "x-mask": "drop" } }), false),
        (json!({ "patternProperties": { ".": { "type": "integer" } } }), false),
        (json!({ "patternProperties": { "[^a]": { "type": "string" } }, "x-unknown": "keep" }), true),
        (json!({ "propertyNames": { "maxLength": 0 }, "x-unknown": "keep" }), false),
    ] {
        let mut contract = json!({ "type": "object" });
        contract.as_object_mut().unwrap().extend(rest.as_object().unwrap().clone());
        for (text, verdict) in strings.iter().zip(judged(&sieve(&contract), Format::Ndjson, &input)) {
            let accepted = verdict["status"] == "accepted";
            if kept {
                assert_eq!((accepted, &verdict["record"]), (true, &record(text)), "{contract}");
            }
            for violation in verdict["violations"].as_array().unwrap() {
                let path = violation["path"].as_str().unwrap();
                // A key that does not look like a name of a field may be personal data, and is not told.
                assert!(["", "/*"].contains(&path) || path == pointer(text), "{contract}: {path:?} {text:?}");
            }
            let empty = verdict["record"].as_object().is_none_or(Map::is_empty);
            assert!(kept || !accepted || empty || text.is_empty(), "{contract}: {verdict}");
        }
    }
}

/// The places of a contract for a text of its author.
fn contracts(text: &str) -> Vec<(&'static str, Value)> {
    let field = |field: Value| json!({ "type": "object", "properties": { "text": field } });
    let rule = |id: &str, assert: &str, message: &str| {
        json!({ "type": "object", "properties": { "text": { "type": "string" } },
                "x-rules": [{ "id": id, "assert": assert, "message": message }] })
    };
    vec![
        ("enum", field(json!({ "enum": [text, "other"] }))),
        ("const", field(json!({ "const": text }))),
        ("default", field(json!({ "type": "string", "default": text }))),
        (
            "title",
            field(
                json!({ "type": "string", "title": text, "description": text, "$comment": text, "examples": [text] }),
            ),
        ),
        ("pattern", field(json!({ "type": "string", "pattern": text }))),
        ("format", field(json!({ "type": "string", "format": text }))),
        ("x-mask", field(json!({ "type": "string", "x-mask": text }))),
        ("x-pii", field(json!({ "type": "string", "x-pii": text }))),
        ("domain", field(json!({ "type": "string", "x-mask": { "op": "pseudonym", "domain": text } }))),
        ("keyword", field(Map::from_iter([("type".into(), "string".into()), (text.into(), text.into())]).into())),
        (
            "name",
            json!({ "type": "object", "properties": Map::from_iter([(text.into(), json!({ "type": "string" }))]), "required": [text] }),
        ),
        ("x-contract", json!({ "type": "object", "x-contract": { "name": text, "version": text } })),
        (
            "x-id",
            json!({ "type": "object", "x-id": text, "properties": Map::from_iter([(text.into(), json!({ "type": "string" }))]) }),
        ),
        ("$ref", field(json!({ "$ref": text }))),
        (
            "patternProperties",
            json!({ "type": "object", "patternProperties": Map::from_iter([(text.into(), json!({ "type": "string" }))]) }),
        ),
        ("rule id", rule(text, "size(text) < 0", "no")),
        ("rule", rule("rule", text, "no")),
        ("message", rule("rule", "size(text) < 0", text)),
        (
            "feature",
            json!({ "type": "object", "properties": { "n": { "type": "number" } }, "x-features": [{ "name": text, "expr": "n" }] }),
        ),
    ]
}

#[test]
fn words_of_a_contract() {
    /// Where any text may stand.
    const FREE: [&str; 9] = ["enum", "const", "default", "title", "name", "x-contract", "x-id", "message", "x-pii"];
    let Some(strings) = strings() else { return };
    for text in &strings {
        for (place, contract) in contracts(text) {
            let loaded = match Contract::load(contract.to_string().as_bytes()) {
                Ok(loaded) => loaded,
                Err(faults) => {
                    let said: Vec<String> = faults.iter().map(ToString::to_string).collect();
                    assert!(!said.is_empty() && said.iter().all(|said| said.len() > 8), "{place} {text:?}: {said:?}");
                    let path = place == "x-id" && text.contains('.');
                    assert!(!FREE.contains(&place) || text.is_empty() || path, "{place} {text:?}: {said:?}");
                    continue;
                }
            };
            let sieve = Sieve::new(loaded, &Key::new([7; 32]));
            let records = [
                json!({ "text": text }),
                json!({ "text": "none of it" }),
                json!({}),
                Map::from_iter([(text.clone(), json!(1))]).into(),
            ];
            let found = judged(&sieve, Format::Ndjson, &lines(records.into_iter()));
            assert_eq!(found.len(), 4);
            match place {
                "enum" | "const" => assert_eq!(found[0]["record"]["text"], **text, "{place}"),
                "default" => assert_eq!(found[2]["record"]["text"], **text),
                "message" => assert_eq!(found[0]["violations"][0]["message"], **text, "{}", found[0]),
                "name" => {
                    let pointer = format!("/{}", text.replace('~', "~0").replace('/', "~1"));
                    assert_eq!(found[2]["violations"][0]["path"], pointer);
                    assert_eq!(found[3]["violations"][0]["path"], pointer);
                }
                "rule id" => assert_eq!(found[0]["violations"][0]["code"], **text),
                _ => {}
            }
        }
    }
}

fn cell(text: &str) -> String {
    format!("\"{}\"", text.replace('"', "\"\""))
}

#[test]
fn cells_and_headers_of_csv() {
    let Some(strings) = strings() else { return };
    let keep = sieve(
        &json!({ "type": "object", "x-unknown": "keep", "properties": { "n": { "type": "string" }, "text": { "type": "string" } } }),
    );
    for end in ["\n", "\r\n"] {
        let mut input = format!("n,text{end}");
        for text in &strings {
            input.push_str(&format!("x,{}{end}", cell(text)));
        }
        let found = judged(&keep, Format::Csv, input.as_bytes());
        assert_eq!(found.len(), strings.len());
        for (text, verdict) in strings.iter().zip(found) {
            assert!(verdict["record"]["text"] == **text || text.is_empty(), "{text:?}: {verdict}");
        }
    }
    // Without quotes a cell means what it means; it may break its row, and nothing else.
    let mut input = String::from("n,text\n");
    strings.iter().for_each(|text| input.push_str(&format!("x,{text}\n")));
    judged(&keep, Format::Csv, input.as_bytes());
    // As a header.
    for text in &strings {
        for (quoted, header) in [(true, cell(text)), (false, text.clone())] {
            let found = judged(&keep, Format::Csv, format!("n,{header}\nx,value\n").as_bytes());
            // A header's names are trimmed.
            let named = quoted && text.trim() == text && !text.is_empty() && text != "n";
            assert!(!named || found.len() == 1 && found[0]["record"][text] == "value", "{text:?}: {found:?}");
        }
    }
    let header: Vec<String> = strings.iter().map(|text| cell(text)).collect();
    judged(&keep, Format::Csv, format!("{}\n{}\n", header.join(","), header.join(",")).as_bytes());
    // Nor is a text a file of any kind by itself.
    for text in &strings {
        for format in [Format::Auto, Format::Ndjson, Format::Json, Format::Csv] {
            judged(&keep, format, text.as_bytes());
        }
    }
}

fn tamis(arguments: &[&str], folder: &Path) -> (i32, String) {
    let mut command = Command::new(env!("CARGO_BIN_EXE_tamis"));
    command.env("TAMIS_TRACK", "off");
    let output = command.env("TAMIS_KEY", "07".repeat(32)).args(arguments).current_dir(folder).output().unwrap();
    let said = String::from_utf8(output.stderr).unwrap();
    let shown = String::from_utf8(output.stdout).unwrap();
    assert!(!shown.chars().any(|letter| letter.is_control() && letter != '\n'), "{arguments:?}: {shown:?}");
    assert!(!said.contains("panicked"), "{arguments:?}: {said}");
    assert!(!said.chars().any(|letter| letter.is_control() && letter != '\n'), "{arguments:?}: {said:?}");
    (output.status.code().unwrap(), said)
}

/// Elements that only show; whoever gets a text of the feed to be another has written HTML into the report.
const SHOWS: &str = " !doctype html head meta title style body main header footer section article nav aside h1 h2 h3 h4 h5 p \
    a abbr b bdi strong em i small span div code pre br hr ul ol li dl dt dd table caption colgroup col thead tbody tfoot tr \
    th td figure figcaption details summary time mark meter progress q sub sup kbd var wbr blockquote svg g path rect \
    line polyline polygon circle ellipse text tspan defs desc use symbol clippath lineargradient stop link ";

/// Reads a report as a browser would, tag by tag: only elements that show, no scripts in attributes, no loads.
fn harmless(html: &str) {
    let mut rest = html;
    let mut tags = 0;
    while let Some((_, after)) = rest.split_once('<') {
        if let Some(comment) = after.strip_prefix("!--") {
            rest = comment.split_once("-->").unwrap().1;
            continue;
        }
        let mut quote = None;
        let end = after.find(|letter| {
            match (quote, letter) {
                (None, '"') => quote = Some(letter),
                (Some(open), letter) if open == letter => quote = None,
                (None, '>') => return true,
                _ => {}
            }
            false
        });
        let (tag, next) = after.split_at(end.unwrap_or_else(|| panic!("an open tag: {after:.80}")));
        let tag = tag.trim_start_matches('/').to_ascii_lowercase();
        let name = tag.split([' ', '\n', '/']).next().unwrap();
        assert!(SHOWS.contains(&format!(" {name} ")) && !name.is_empty(), "<{tag:.200}>");
        // What stands between quotes is a value, in which a text of the feed may say what it likes.
        let attributes: String = tag.split('"').step_by(2).collect();
        assert!(!attributes.contains(" on") && !attributes.contains('\''), "<{tag:.200}>");
        let loads =
            [" src=", "href=", "srcset=", "http-equiv=", "action="].iter().any(|name| attributes.contains(name));
        assert!(!loads || tag.contains("href=\"#") || tag.contains("content-security-policy"), "<{tag:.200}>");
        rest = &next[1..];
        if name == "style" && !after.starts_with('/') {
            rest = rest.split_once("</style>").unwrap().1;
        }
        tags += 1;
    }
    assert!(tags > 50, "{tags}");
}

#[test]
fn the_binary_stands_and_its_report_is_no_ones_but_ours() {
    let Some(strings) = strings() else { return };
    let folder = tempfile::tempdir().unwrap();
    let at = folder.path();
    let mut orders: Vec<Value> = orders(&strings).map(|(.., order)| order).collect();
    // Accepted ones too, with the string where it is shown, in groups and as ids.
    for (index, text) in strings.iter().enumerate() {
        let mut order = with("/shipping/city", text);
        order["order_id"] = format!("ORD-{:06}", index + 1).into();
        order["quantity"] = (index % 7 + 1).into();
        orders.push(order);
    }
    let ours: Vec<u8> = lines(orders.iter().cloned());
    std::fs::write(at.join("orders.ndjson"), &ours).unwrap();
    std::fs::write(at.join("orders.json"), Value::from(orders.clone()).to_string()).unwrap();
    let rows: String = strings.iter().map(|text| format!("ORD-1,{},{}\n", cell(text), cell(text))).collect();
    std::fs::write(at.join("orders.csv"), format!("order_id,status,customer_email\n{rows}")).unwrap();
    let read = |name: &str| std::fs::read(at.join(name)).unwrap();
    for input in ["orders.ndjson", "orders.json", "orders.csv"] {
        let count = if input == "orders.csv" { strings.len() } else { orders.len() };
        assert_eq!(tamis(&["score", input, "--out", "scored.ndjson"], at).0, 0);
        assert_eq!(parsed(&read("scored.ndjson")).len(), count, "{input}");
        assert_eq!(tamis(&["validate", input, "--out", "valid"], at).0, 0);
        assert_eq!(parsed(&read("valid/accepted.ndjson")).len() + parsed(&read("valid/rejected.ndjson")).len(), count);
        serde_json::from_slice::<Value>(&read("valid/summary.json")).unwrap();
        assert_eq!(tamis(&["report", input, "-o", "report.html"], at).0, 0);
        let html = String::from_utf8(read("report.html")).unwrap();
        harmless(&html);
        let markup = strings.iter().filter(|text| text.contains('<') && text.len() > 4);
        markup.for_each(|text| assert!(!html.contains(text.as_str()), "{text:?}"));
    }
    // Without the audit: the same strings fail their check in one order and are shown by right in another, as a city, and
    // of what is longer than a few words nobody can tell which of the two it came from.
    assert_eq!(tamis(&["run", "orders.ndjson", "--out", "out", "--no-audit"], at).0, 0);
    assert_eq!(parsed(&read("out/verdicts.ndjson")).len(), orders.len());
    harmless(&String::from_utf8(read("out/report.html")).unwrap());
    named_by_the_strings(&strings, at);
}

/// A contract all of whose words are naughty.
fn named_by_the_strings(strings: &[String], at: &Path) {
    let name = |text: &String| !text.is_empty();
    let properties: Map<String, Value> = strings
        .iter()
        .filter(|text| name(text))
        .map(|text| (text.clone(), json!({ "enum": [text, 1], "title": text, "description": text, "x-quasi": true })))
        .collect();
    let rule = |(index, text): (usize, &String)| json!({ "id": format!("rule{index}"), "assert": "false", "message": text, "severity": "warn" });
    let rules: Vec<Value> = strings.iter().filter(|text| name(text)).enumerate().map(rule).collect();
    let contract = json!({ "type": "object", "title": strings[200], "description": strings[201], "x-rules": rules,
                           "x-contract": { "name": "<script>alert(1)</script>", "version": "1" }, "properties": properties });
    std::fs::write(at.join("contract.json"), contract.to_string()).unwrap();
    let good: Map<String, Value> =
        strings.iter().filter(|text| name(text)).map(|text| (text.clone(), text.clone().into())).collect();
    let bad: Map<String, Value> = good.keys().map(|key| (key.clone(), "<b>".into())).collect();
    std::fs::write(at.join("own.ndjson"), lines([good.into(), bad.into()].into_iter())).unwrap();
    assert_eq!(tamis(&["contract", "check", "contract.json"], at), (0, String::new()));
    let (code, said) = tamis(&["validate", "own.ndjson", "--contract", "contract.json", "--out", "own"], at);
    assert_eq!(code, 0, "{said}");
    for file in ["own/accepted.ndjson", "own/rejected.ndjson"] {
        assert_eq!(parsed(&std::fs::read(at.join(file)).unwrap()).len(), 1, "{file}");
    }
    let (code, said) = tamis(&["report", "own.ndjson", "--contract", "contract.json", "-o", "own.html"], at);
    assert_eq!(code, 0, "{said}");
    harmless(&std::fs::read_to_string(at.join("own.html")).unwrap());
    for text in strings.iter().step_by(5) {
        for (place, contract) in
            contracts(text).into_iter().filter(|(place, _)| ["pattern", "keyword", "$ref", "rule"].contains(place))
        {
            std::fs::write(at.join("one.json"), contract.to_string()).unwrap();
            let (code, said) = tamis(&["validate", "own.ndjson", "--contract", "one.json", "--out", "one"], at);
            assert!(code == 0 || code == 2 && said.starts_with("tamis: "), "{place} {text:?}: {code} {said}");
        }
    }
}
