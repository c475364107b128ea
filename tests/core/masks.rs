//! Every mask, on every target: the same bytes, and nothing of what they hide.

use serde_json::Value as Json;
use tamis::contract::Contract;
use tamis::mask::{Found, Key, KeyRing, Reveal};
use tamis::pipeline::Sieve;
use tamis::record::Format;
use tamis::stream::Stream;
use tamis::verdict::Status;

/// A field for every mask.
pub const CONTRACT: &str = r#"{
  "x-contract": {"name": "people", "version": "1"}, "x-id": "id", "type": "object", "required": ["id", "person"],
  "properties": {
    "id": {"type": "string"},
    "person": {"type": ["string", "integer"], "x-mask": "pseudonym"},
    "email": {"type": "string", "format": "email", "x-normalize": ["trim"], "x-mask": {"op": "pseudonym", "domain": "mail"}},
    "copy": {"type": "string", "format": "email", "x-mask": {"op": "pseudonym", "domain": "mail"}},
    "other": {"type": "string", "format": "email", "x-mask": "pseudonym"},
    "phone": {"type": "string", "x-pii": "phone", "x-mask": {"op": "pseudonym", "country": "49"}},
    "iban": {"type": "string", "x-pii": "bank_account", "x-mask": "pseudonym"},
    "daily": {"type": "string", "x-mask": {"op": "pseudonym", "scope": "batch"}},
    "once": {"type": "string", "x-mask": {"op": "pseudonym", "scope": "record", "domain": "once"}},
    "twice": {"type": "string", "x-mask": {"op": "pseudonym", "scope": "record", "domain": "once"}},
    "street": {"type": "string", "x-mask": "reversible"},
    "salary": {"type": "number", "x-mask": "reversible"},
    "member": {"type": "string", "x-mask": {"op": "format", "keep": 2}},
    "card": {"type": "string", "x-mask": {"op": "partial", "last": 4}},
    "postcode": {"type": "string", "x-mask": {"op": "generalise", "prefix": 2}},
    "income": {"type": "number", "x-mask": {"op": "generalise", "bucket": 10000}},
    "age": {"type": "integer", "x-mask": {"op": "generalise", "bands": [18, 30, 65]}},
    "born": {"type": "string", "format": "date", "x-mask": {"op": "generalise", "to": "year"}},
    "ip": {"type": "string", "x-mask": {"op": "generalise", "network": 16, "network6": 32}},
    "visit": {"type": "string", "format": "date-time", "x-mask": {"op": "shift", "days": 30, "by": "person"}},
    "left": {"type": "string", "format": "date-time", "x-mask": {"op": "shift", "days": 30, "by": "person"}},
    "page": {"type": "string", "x-mask": "url"},
    "note": {"type": "string", "x-mask": "scan"},
    "secret": {"type": "string", "x-mask": "redact"},
    "gone": {"type": "string", "x-mask": "drop"},
    "friends": {"type": "array", "items": {"type": "string"}, "x-mask": {"op": "reversible", "domain": "friends"}}
  }
}"#;

/// Two people of whom one comes twice, spelled in two ways.
pub const PEOPLE: &str = r#"{"id":"1","person":"P-1","email":"anna@example.com","copy":"anna@example.com","other":"anna@example.com","phone":"030 1234567","iban":"DE89 3704 0044 0532 0130 00","daily":"x","once":"x","twice":"x","street":"Große Straße 7","salary":52300.50,"member":"M-4711-0815","card":"4111111111111111","postcode":"10115","income":52300.5,"age":29,"born":"1996-03-09","ip":"192.0.2.77","visit":"2025-03-09T10:00:00Z","left":"2025-03-11T09:00:00+01:00","page":"https://u:p@example.com/a?b#c","note":"mail anna@example.com","secret":"s","gone":"g","friends":["Berta","Carl"]}
{"id":"2","person":"P-1","email":" anna@EXAMPLE.com ","phone":"+49 (0)30 123 45 67","iban":"de89370400440532013000","daily":"x","once":"x","twice":"x","visit":"2025-04-01T00:00:00Z","left":"2025-04-03T00:00:00Z","friends":["Berta"]}
{"id":"3","person":7,"email":"berta@example.com","daily":"x","member":"M-1","age":70,"born":"1950-01-01","ip":"2001:db8:7::1","visit":"2025-04-01T00:00:00Z","street":"tok_aaaa_aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"}
{"id":"4","person":7.0,"email":"tok_aaaa_aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa","street":"rev_aaaa_aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"}
"#;

/// What [`masked`] makes of [`PEOPLE`]; `cargo test -- --ignored print_masks` prints it after a deliberate change.
pub const MASKED: &str = include_str!("../data/masks.ndjson");

pub fn sieve(keys: impl Into<KeyRing>) -> Sieve {
    Sieve::new(Contract::load(CONTRACT.as_bytes()).unwrap(), keys)
}

pub fn key(byte: u8) -> Key {
    Key::new([byte; 32])
}

/// The accepted records, masked, and how many were rejected.
pub fn masked(sieve: &Sieve, batch: Option<&str>, lines: &str) -> (String, usize) {
    let (mut out, mut rejected) = (Vec::new(), 0);
    let mut stream = Stream::new(sieve, Format::Ndjson).with_batch(batch);
    let mut take = |judged: tamis::stream::Judged<'_>| match judged.status {
        Status::Accepted => judged.examined.write_record(&mut out),
        Status::Rejected => rejected += 1,
    };
    stream.push(lines.as_bytes(), &mut take);
    stream.finish(&mut take);
    (String::from_utf8(out).unwrap(), rejected)
}

fn parsed(lines: &str) -> Vec<Json> {
    lines.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

/// The masked records are the same bytes on every target.
pub fn masks_have_their_golden_bytes() {
    assert_eq!(masked(&sieve(&key(7)), None, PEOPLE), (MASKED.to_owned(), 1));
}

/// Equal values are equal where they should be, and nowhere else.
pub fn tokens_join_what_they_should() {
    let records = parsed(&masked(&sieve(&key(7)), None, PEOPLE).0);
    let at = |record: usize, field: &str| records[record][field].as_str().unwrap().to_owned();
    assert_eq!(at(0, "email"), at(1, "email"));
    assert_eq!(at(0, "email"), at(0, "copy"));
    assert_ne!(at(0, "email"), at(0, "other"));
    assert_eq!(at(0, "phone"), at(1, "phone"));
    assert_eq!(at(0, "iban"), at(1, "iban"));
    assert_eq!(records[0]["friends"][0], records[1]["friends"][0]);
    // Within the batch, and within the record.
    assert_eq!(at(0, "daily"), at(2, "daily"));
    assert_eq!(at(0, "once"), at(0, "twice"));
    assert_ne!(at(0, "once"), at(1, "once"));
    // A text that only begins like a token is masked as any other.
    assert!(at(2, "street").starts_with("rev_") && at(2, "street").len() > 60);
    let days = |text: &str| text[8..10].parse::<i64>().unwrap() + 31 * text[5..7].parse::<i64>().unwrap();
    assert_eq!(days(&at(0, "left")) - days(&at(0, "visit")), 2);
    assert!(at(0, "left").ends_with("T09:00:00+01:00") && at(0, "visit") != "2025-03-09T10:00:00Z");
}

/// A batch under another name shares no token with it, and under the same name all.
pub fn batches_are_kept_apart() {
    let sieve = sieve(&key(7));
    let daily = |batch: Option<&str>, lines: &str| parsed(&masked(&sieve, batch, lines).0)[0]["daily"].clone();
    let later = PEOPLE.split_once('\n').unwrap().1;
    assert_eq!(daily(Some("monday"), PEOPLE), daily(Some("monday"), later));
    assert_ne!(daily(Some("monday"), PEOPLE), daily(Some("tuesday"), PEOPLE));
    assert_eq!(daily(None, PEOPLE), daily(None, PEOPLE));
    assert_ne!(daily(None, PEOPLE), daily(None, later));
}

/// What was masked under the key passes as it is; under another key its tokens are values like any other.
pub fn masked_records_pass_unchanged() {
    let fields = [
        "id", "person", "email", "copy", "other", "phone", "iban", "daily", "street", "salary", "postcode", "income",
        "note", "friends",
    ];
    let only = |lines: &str| -> String {
        let keep = |mut record: Json| {
            record.as_object_mut().unwrap().retain(|name, _| fields.contains(&name.as_str()));
            format!("{record}\n")
        };
        parsed(lines).into_iter().map(keep).collect()
    };
    let once = only(&masked(&sieve(&key(7)), None, PEOPLE).0);
    assert_eq!(masked(&sieve(&key(7)), None, &once), (once.clone(), 0));
    let rotated = KeyRing::from(&key(7)).rotate(key(8)).unwrap();
    assert_eq!(masked(&sieve(&rotated), None, &once), (once.clone(), 0));
    // No token of another key is an e-mail address, so those records do not get in.
    let (again, rejected) = masked(&sieve(&key(8)), None, &once);
    assert_eq!(rejected, 3);
    assert_eq!(again, "");
}

/// The key gives back what it can, and after a rotation still does.
pub fn what_is_reversible_comes_back() {
    let lines = masked(&sieve(&key(7)), None, PEOPLE).0;
    let rotated = KeyRing::from(&key(7)).rotate(key(8)).unwrap();
    let original = parsed(PEOPLE);
    for (ring, shaping) in [(KeyRing::from(&key(7)), key(7)), (rotated.clone(), key(7))] {
        let sieve = sieve(&ring);
        let reveal = Reveal::new(&sieve).with_shaping_key(&shaping.id()).unwrap();
        let mut found = Found::default();
        for (line, original) in lines.lines().zip(&original) {
            let revealed: Json = serde_json::from_slice(&reveal.reveal(line.as_bytes(), &mut found).unwrap()).unwrap();
            for field in ["street", "salary", "friends"] {
                assert_eq!(revealed[field], original[field], "{field}");
            }
        }
        assert_eq!((found.tokens, found.shaped, found.unopened.len()), (6, 1, 0));
        assert_eq!(found.pseudonyms.keys().collect::<Vec<_>>(), [&key(7).id()]);
    }
    // Under the new key alone nothing comes back, and that is said.
    let alone = sieve(&key(8));
    let mut found = Found::default();
    lines.lines().for_each(|line| drop(Reveal::new(&alone).reveal(line.as_bytes(), &mut found).unwrap()));
    assert_eq!((found.tokens, found.unopened[&key(7).id()]), (0, 6));
    // Issued anew, it needs the new key alone, and equals what is masked from now on.
    let ring = sieve(&rotated);
    let renew = Reveal::new(&ring);
    let mut found = Found::default();
    let renewed: Vec<Json> = lines
        .lines()
        .map(|line| serde_json::from_slice(&renew.renew(line.as_bytes(), &mut found).unwrap()).unwrap())
        .collect();
    let fresh = parsed(&masked(&alone, None, PEOPLE).0);
    for (renewed, fresh) in renewed.iter().zip(&fresh) {
        for field in ["street", "salary", "friends"] {
            assert_eq!(renewed[field], fresh[field], "{field}");
        }
    }
}
