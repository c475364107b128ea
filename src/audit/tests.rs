//! The laws: what was removed is found in every form and wherever it stands, and nothing else is.

use super::scan::AROUND;
use super::*;
use crate::contract::Contract;
use crate::mask::Key;
use crate::pipeline::{Desk, Sieve};
use crate::record::Frame;
use data_encoding::{BASE64, BASE64URL_NOPAD, HEXLOWER};
use proptest::prelude::*;
use sha2::Digest;

const CONTRACT: &str = r#"{"type": "object", "x-contract": {"name": "people", "version": "1"}, "x-unknown": "drop", "properties": {
    "id": {"type": "string"},
    "email": {"type": "string", "x-normalize": ["trim", "lowercase_domain"], "x-mask": "pseudonym"},
    "phone": {"type": ["string", "null"], "x-mask": "redact"},
    "name": {"type": ["string", "null"], "x-mask": "drop"},
    "zip": {"type": ["string", "null"], "x-mask": {"op": "generalise", "prefix": 2}},
    "site": {"type": ["string", "null"], "x-mask": "url"},
    "note": {"type": ["string", "null"], "x-mask": "scan"},
    "age": {"type": "integer", "minimum": 0},
    "city": {"type": "string"}}}"#;

const KEY: u64 = 0x0123_4567_89AB_CDEF;

fn sieve() -> Sieve {
    Sieve::new(Contract::load(CONTRACT.as_bytes()).unwrap(), &Key::new([7; 32])).noting(true)
}

/// Notes records and searches one output; answers each finding's path, form and count.
fn audit(records: &[String], output: &[u8]) -> Vec<(String, &'static str, u64)> {
    let (report, _) = audit_in_chunks(records, output, usize::MAX, 8 << 20);
    report
}

fn audit_in_chunks(
    records: &[String],
    output: &[u8],
    chunk: usize,
    budget: usize,
) -> (Vec<(String, &'static str, u64)>, String) {
    let sieve = sieve();
    let mut audit = Audit::new(sieve.contract(), KEY, budget, true);
    let noter = audit.noter();
    let mut left = None;
    let mut records = (1..).zip(records);
    loop {
        while left.is_none() {
            let Some((line, record)) = records.next() else { break };
            let frame = Frame { line, bytes: record.as_bytes(), fault: None };
            let examined = sieve.examine(frame, &mut Desk::default());
            let mut removed = Notes::default();
            noter.note(&examined, None, Some(record.as_bytes()), &mut removed);
            left = audit.take(removed);
        }
        let search = audit.search();
        let mut read = Output::default();
        for bytes in output.chunks(chunk.min(output.len().max(1))).map(Some).chain([None]) {
            read.push(bytes.unwrap_or_default());
            for step in read.steps(bytes.is_none()) {
                let hits = search.step(&read, &step);
                audit.count(0, &read, &step, &hits);
            }
            read.forget();
        }
        audit.next(search);
        match left.take() {
            Some(rest) => left = audit.take(rest),
            None => break,
        }
    }
    let report = audit.report();
    let json = report.json(&["out".to_owned()], "raw").to_string();
    (report.findings.iter().map(|finding| (finding.path.clone(), finding.form.name(), finding.count)).collect(), json)
}

fn person() -> String {
    r#"{"id": "P-1", "email": " Jürgen.Weiß61@Example.COM", "phone": "+49 151 2345-6789", "name": "Hannelore Kowalczyk-Brandt",
        "zip": "80237", "site": "https://u:pw@shop.example/a?token=s3cretvalue", "note": "call 0049 or anna.lee77@example.org now",
        "age": -5, "city": "Bremen", "extra": "hidden treasure"}"#
        .to_owned()
}

/// What is planted, and the path and the form under which it must be found.
fn plants() -> Vec<(String, &'static str, &'static str)> {
    let mail = "Jürgen.Weiß61@Example.COM";
    let small = mail.to_lowercase();
    let sha = |text: &str| HEXLOWER.encode(&sha2::Sha256::digest(text.as_bytes()));
    vec![
        (mail.to_owned(), "/email", "raw"),
        (small.clone(), "/email", "lower_case"),
        (mail.to_uppercase().replace("SS", "ß"), "/email", "respelled"),
        (r"J\u00fcrgen.Wei\u00df61@Example.COM".to_owned(), "/email", "json_escaped"),
        ("J&#252;rgen.Wei&szlig;61&#x40;Example.COM".to_owned(), "/email", "html_escaped"),
        ("J%C3%BCrgen.Wei%C3%9F61%40Example.COM".to_owned(), "/email", "url_encoded"),
        ("J%25C3%25BCrgen.Wei%25C3%259F61%2540Example.COM".to_owned(), "/email", "url_encoded"),
        (BASE64.encode(mail.as_bytes()), "/email", "base64"),
        (BASE64.encode(format!("x{mail}").as_bytes()), "/email", "base64"),
        (BASE64URL_NOPAD.encode(format!("\u{ff}?{mail}~~~").as_bytes()), "/email", "base64"),
        (HEXLOWER.encode(small.as_bytes()), "/email", "hex"),
        (HEXLOWER.encode(mail.as_bytes()).to_uppercase(), "/email", "hex"),
        (sha(mail), "/email", "sha256"),
        (sha(&small), "/email", "sha256"),
        (sha(" Jürgen.Weiß61@Example.COM"), "/email", "sha256"),
        (BASE64.encode(&sha2::Sha256::digest(small.as_bytes())), "/email", "sha256"),
        (HEXLOWER.encode(&md5::Md5::digest(small.as_bytes())), "/email", "md5"),
        (HEXLOWER.encode(&sha1::Sha1::digest(mail.as_bytes())), "/email", "sha1"),
        ("jürgen.weiß61".to_owned(), "/email", "local_part"),
        ("jürgen_weiß61".to_owned(), "/email", "local_part"),
        ("+49 151 2345-6789".to_owned(), "/phone", "raw"),
        ("49 151 2345-6789".to_owned(), "/phone", "raw"),
        ("+49-151-2345 6789".to_owned(), "/phone", "respelled"),
        ("4915123456789".to_owned(), "/phone", "digits"),
        ("+49 (151) 23 45 67 89".to_owned(), "/phone", "digits"),
        ("0151 23456789".to_owned(), "/phone", "national_number"),
        (sha("4915123456789"), "/phone", "sha256"),
        ("Hannelore Kowalczyk-Brandt".to_owned(), "/name", "raw"),
        ("hannelore+kowalczyk+brandt".to_owned(), "/name", "lower_case"),
        ("KOWALCZYK".to_owned(), "/name", "word"),
        (BASE64.encode(b"Hannelore Kowalczyk-Brandt"), "/name", "base64"),
        (r#""zip":"80237""#.to_owned(), "/zip", "raw"),
        (r#""zip": "80237""#.to_owned(), "/zip", "raw"),
        ("zip=80237".to_owned(), "/zip", "raw"),
        (sha("80237"), "/zip", "sha256"),
        ("https://u:pw@shop.example/a?token=s3cretvalue".to_owned(), "/site", "raw"),
        ("anna.lee77@example.org".to_owned(), "/note", "raw"),
        ("anna.lee77".to_owned(), "/note", "local_part"),
        ("hidden treasure".to_owned(), "", "raw"),
    ]
}

#[test]
fn what_is_planted_is_found_where_it_stands() {
    for (plant, path, form) in plants() {
        for (before, after) in
            [("", ""), ("x \"", "\" y"), ("{\"a\":\"", "\"}\n"), ("<td>", "</td>"), ("\n", "\n"), ("k=", "&b=1")]
        {
            let output = format!("{before}{plant}{after}");
            let found = audit(&[person()], output.as_bytes());
            assert!(found.contains(&(path.to_owned(), form, 1)), "{output}: {found:?}");
            assert!(found.iter().all(|found| found.0 == path), "{output}: {found:?}");
        }
    }
}

#[test]
fn what_may_stand_there_is_no_finding() {
    for output in [
        r#"{"id":"P-1","email":"tok_abcd_abcdefghijklmnopqrstuvwxyz","phone":"[redacted]","zip":"80","site":"https://shop.example/a","#,
        r#""note":"call 0049 or [email] now","city":"Bremen"}"#,
        "call 0049 or",
        "Bremen bremen BREMEN",
        "80237",
        "\"zip\": 80237",
        "https://shop.example/a",
        "example.com",
        "151 2345",
        "1.51234567894915123",
        "Hannel Kowal Brand treasures",
        "accepted rejected violations pseudonym",
    ] {
        assert_eq!(audit(&[person()], output.as_bytes()), [], "{output}");
    }
}

#[test]
fn a_value_that_the_record_shows_elsewhere_is_no_finding() {
    let shows = r#"{"id": "Anna Lee", "name": "Anna Lee", "city": "Marienburg", "zip": null}"#.to_owned();
    let other = r#"{"id": "P-2", "name": "Marienburg", "city": "Ulm"}"#.to_owned();
    assert_eq!(audit(&[shows, other], b"Anna Lee of Marienburg"), []);
    let hides = r#"{"id": "P-3", "name": "Anna Lee", "city": "Ulm"}"#.to_owned();
    assert_eq!(audit(&[hides], b"Anna Lee of Marienburg"), [("/name".to_owned(), "raw", 1)]);
}

#[test]
fn common_words_are_no_finding_and_rare_ones_are() {
    let record = |number: u32| {
        format!(
            r#"{{"id": "{number}", "name": "Street Winterfeldt{} {number}"}}"#,
            ["", "platz"][usize::from(number == 7)]
        )
    };
    let records: Vec<String> = (0..3_000).map(record).collect();
    assert_eq!(audit(&records, b"winterfeldt"), []);
    assert_eq!(audit(&records, b"winterfeldtplatz"), [("/name".to_owned(), "word", 1)]);
    assert_eq!(audit(&records, b"street winterfeldt 8 and more"), [("/name".to_owned(), "lower_case", 1)]);
}

#[test]
fn what_is_no_record_is_searched_for_by_what_tells() {
    let broken = r#"{"id": "P-1", "email": "otto.maier@example.com", "phone": "+49 151 2345-6789""#.to_owned();
    assert_eq!(audit(std::slice::from_ref(&broken), b"otto.maier@example.com"), [(String::new(), "raw", 1)]);
    assert_eq!(audit(&[broken], b"15123456789"), [(String::new(), "national_number", 1)]);
}

#[test]
fn findings_say_where_and_never_what() {
    let mut output = vec![b'\n'; 700_000];
    output.extend_from_slice(b"ab hannelore kowalczyk brandt\n");
    let (_, json) = audit_in_chunks(&["{}".to_owned(), person()], &output, 1000, 8 << 20);
    assert!(json.contains(r#"{"offset":700003,"line":700001,"raw_line":2}"#), "{json}");
    assert!(!json.to_lowercase().contains("hannelore"));
}

#[test]
fn many_passes_find_what_one_finds_once() {
    let record = |number: u32| format!(r#"{{"id": "{number}", "email": "person{number}x@example.com"}}"#);
    let records: Vec<String> = (0..60_000).chain(0..10).map(record).collect();
    let output = b"person3x@example.com person59999x@example.com person777777x@example.com";
    let one = audit_in_chunks(&records, output, 10, 256 << 20);
    let many = audit_in_chunks(&records, output, 10, 1);
    assert_eq!(one.0, [("/email".to_owned(), "raw", 2)]);
    assert_eq!(many.0, one.0);
    assert!(one.1.contains("\"passes\":1") && !many.1.contains("\"passes\":1,"), "{}", many.1);
}

fn apart(byte: u8) -> bool {
    !byte.is_ascii_alphanumeric() && byte < 0x80 && !b"+/-_=%&\\.(), ".contains(&byte)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn a_plant_in_random_bytes_is_found(
        plant in 0..39_usize,
        before in prop::collection::vec(any::<u8>(), 0..400),
        after in prop::collection::vec(any::<u8>(), 0..400),
        left in any::<u8>().prop_filter("no part of a word", |byte| apart(*byte)),
        right in any::<u8>().prop_filter("no part of a word", |byte| apart(*byte)),
    ) {
        let (plant, path, form) = plants().swap_remove(plant);
        let output = [&before[..], &[left], plant.as_bytes(), &[right], &after].concat();
        let found = audit(&[person()], &output);
        prop_assert!(found.contains(&(path.to_owned(), form, 1)), "{:?}", found);
    }

    #[test]
    fn random_bytes_are_no_finding(output in prop::collection::vec(any::<u8>(), 0..4000)) {
        prop_assert_eq!(audit(&[person()], &output), []);
    }

    #[test]
    fn any_chunking_and_any_place_gives_the_same(
        at in 0..(2 * AROUND),
        chunk in 1..100_000_usize,
        filler in prop::sample::select(vec!["a", "\n", "%41", "QUJD", "ab ", "1 2"]),
        picks in prop::collection::vec(0..39_usize, 1..6),
    ) {
        // The plants stand around the end of the first block.
        let mut output = filler.repeat((1 << 18) / filler.len() - AROUND / filler.len()).into_bytes();
        output.extend(filler.repeat(at / filler.len()).bytes());
        for pick in picks {
            output.extend_from_slice(b"\"");
            output.extend_from_slice(plants().swap_remove(pick).0.as_bytes());
            output.extend_from_slice(b"\" ");
        }
        output.extend(filler.repeat(5_000).bytes());
        let whole = audit_in_chunks(&[person()], &output, usize::MAX, 8 << 20);
        prop_assert!(!whole.0.is_empty());
        prop_assert_eq!(&whole, &audit_in_chunks(&[person()], &output, chunk, 8 << 20));
        // Moved to the middle of a block, the same is found.
        let moved = audit(&[person()], &output[(1 << 17)..]);
        prop_assert_eq!(whole.0, moved);
    }
}

#[test]
fn what_comes_again_is_counted_again() {
    let clean = "{\"city\":\"Bremen\",\"shown\":[\"nothing to see here\"]}\n";
    let plants = plants();
    for (plant, path, form) in plants.iter().filter(|(plant, ..)| !plant.contains(['{', '}', '\n'])) {
        let held = format!("{{\"city\":\"Bremen\",\"shown\":[\"{plant}\"]}}\n");
        let output = format!("{clean}{held}{clean}{held}{clean}{clean}{held}").repeat(3);
        let found = audit(&[person()], output.as_bytes());
        assert!(found.contains(&((*path).to_owned(), form, 9)), "{plant}: {found:?}");
    }
}

#[test]
fn what_reaches_over_a_cut_is_found() {
    let record = "{\"id\": \"P-1\", \"name\": \"Hannelore {Brandt}\\nKowalczyk\"}".to_owned();
    let rest = "{\"some\":\"other text of the same output\"}\nKowalczyk and Hannelore {\n";
    for again in [1, 5] {
        let output = format!("{rest}{{\"a\":\"Hannelore {{Brandt}}\nKowalczyk\"}}\n{rest}").repeat(again);
        let found = audit(std::slice::from_ref(&record), output.as_bytes());
        assert!(found.contains(&("/name".to_owned(), "raw", again as u64)), "{found:?}");
    }
}
