//! The whole way, on every target: chunks, verdicts, truth.

use sha2::{Digest, Sha256};
use std::fmt::Write;
use tamis::contract::Contract;
use tamis::mask::Key;
use tamis::pipeline::Sieve;
use tamis::record::Format;
use tamis::score::Model;
use tamis::stream::Stream;
use tamis::verdict::Status;

/// The shipped sample, and the truth about it.
pub const ORDERS: &[u8] = include_bytes!("../../data/orders.ndjson");
pub const TRUTH: &str = include_str!("../../data/orders.truth.ndjson");

/// SHA-256 of the verdicts on the shipped sample under [`sieve`]: the same on every target.
/// `cargo test -- --ignored print_digest` prints the new one after a deliberate change.
pub const DIGEST: &str = include_str!("../data/verdicts.sha256");

pub fn sieve() -> Sieve {
    let model = Model::from_onnx(tamis::builtin::MODEL).unwrap();
    Sieve::new(Contract::orders().unwrap(), &Key::new([7; 32])).with_model(model).unwrap()
}

/// All verdicts on `input`, given in chunks of the sizes that `sizes` repeats.
pub fn verdicts(sieve: &Sieve, format: Format, input: &[u8], sizes: &[usize]) -> Vec<u8> {
    let mut out = Vec::new();
    let mut stream = Stream::new(sieve, format);
    let mut rest = input;
    for size in sizes.iter().cycle() {
        if rest.is_empty() {
            break;
        }
        let (chunk, tail) = rest.split_at((*size).clamp(1, rest.len()));
        stream.push(chunk, &mut |judged| out.extend_from_slice(judged.line));
        rest = tail;
    }
    stream.finish(&mut |judged| out.extend_from_slice(judged.line));
    out
}

pub fn hex(bytes: &[u8]) -> String {
    Sha256::digest(bytes).iter().fold(String::new(), |mut hex, byte| {
        let _ = write!(hex, "{byte:02x}");
        hex
    })
}

/// The verdicts are the same bytes on every target.
pub fn verdicts_have_one_digest() {
    let verdicts = verdicts(&sieve(), Format::Ndjson, ORDERS, &[65_536]);
    assert_eq!(hex(&verdicts), DIGEST.trim());
}

/// Each order of the sample gets the status and exactly the violations that its maker put there.
pub fn sample_is_judged_as_it_was_made() {
    let verdicts = verdicts(&sieve(), Format::Ndjson, ORDERS, &[1 << 20]);
    let verdicts: Vec<serde_json::Value> = verdicts
        .split(|byte| *byte == b'\n')
        .filter(|line| !line.is_empty())
        .map(|line| serde_json::from_slice(line).unwrap())
        .collect();
    let truths: Vec<serde_json::Value> = TRUTH.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert_eq!(verdicts.len(), truths.len());
    for (verdict, truth) in verdicts.iter().zip(&truths) {
        let line = &truth["line"];
        assert_eq!(verdict["line"], *line);
        assert_eq!(verdict["status"], truth["status"], "line {line}");
        assert_eq!(verdict["id"], truth["id"], "line {line}");
        let faults = |list: &serde_json::Value| -> Vec<(String, String)> {
            let text = |value: &serde_json::Value| value.as_str().unwrap().to_owned();
            list.as_array().unwrap().iter().map(|fault| (text(&fault["path"]), text(&fault["code"]))).collect()
        };
        assert_eq!(faults(&verdict["violations"]), faults(&truth["violations"]), "line {line}");
    }
}

/// Any split of the bytes into chunks gives the same verdicts.
pub fn chunks_change_nothing() {
    let sieve = sieve();
    let head = &ORDERS[..60_000];
    for (format, input) in [
        (Format::Ndjson, head.to_vec()),
        (Format::Auto, [b"\xEF\xBB\xBF\r\n\n", head].concat()),
        (Format::Json, array(head)),
        (Format::Auto, array(head)),
        (Format::Csv, b"order_id,quantity\nORD-0001,\"1\n\"\n\nORD-0002,x\n".to_vec()),
    ] {
        let whole = verdicts(&sieve, format, &input, &[input.len()]);
        for sizes in [&[1][..], &[2, 3, 5, 7, 11], &[4096], &[1, 10_000]] {
            assert!(verdicts(&sieve, format, &input, sizes) == whole, "{format:?} {sizes:?}");
        }
    }
}

/// An array that stands on one line is longer than any record may be, and is read all the same.
pub fn a_long_array_is_read() {
    let sieve = sieve();
    let orders = array(ORDERS);
    let one_line: Vec<u8> = orders.iter().copied().filter(|byte| *byte != b'\n').collect();
    assert!(one_line.len() > 1 << 20);
    let wanted = verdicts(&sieve, Format::Json, &orders, &[65_536]);
    for format in [Format::Json, Format::Auto] {
        assert!(verdicts(&sieve, format, &one_line, &[65_536]) == wanted, "{format:?}");
    }
    assert!(wanted.iter().filter(|byte| **byte == b'\n').count() > 4500);
}

/// The lines of NDJSON that are JSON by their brackets, as one array.
fn array(lines: &[u8]) -> Vec<u8> {
    let mut array = b"[".to_vec();
    for line in lines.split(|byte| *byte == b'\n').filter(|line| line.ends_with(b"}")) {
        if array.len() > 1 {
            array.extend_from_slice(b",\n ");
        }
        array.extend_from_slice(line);
    }
    array.push(b']');
    array
}

/// Masking is deterministic for a key, and tokens of different keys have nothing in common.
pub fn tokens_follow_the_key() {
    let token = |key: u8| {
        let sieve = Sieve::new(Contract::orders().unwrap(), &Key::new([key; 32]));
        let mut masked = Vec::new();
        let mut stream = Stream::new(&sieve, Format::Ndjson);
        let line = br#"{"order_id":"ORD-1234","customer_email":"a@EXAMPLE.com","quantity":1,"unit_price":2,"status":"paid","created_at":"2025-01-01T00:00:00Z","shipping":{"country_code":"DE","city":"Berlin"},"priority":1}"#;
        let mut take = |judged: tamis::stream::Judged<'_>| {
            assert_eq!(judged.status, Status::Accepted);
            judged.examined.write_record(&mut masked);
        };
        stream.push(line, &mut take);
        stream.finish(&mut take);
        let record: serde_json::Value = serde_json::from_slice(&masked).unwrap();
        record["customer_email"].as_str().unwrap().to_owned()
    };
    assert_eq!(token(1), token(1));
    assert_ne!(token(1)[9..], token(2)[9..]);
    assert!(token(1).starts_with("tok_") && token(1).len() == 41, "{}", token(1));
}
