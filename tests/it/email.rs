//! `format: email` against the labelled cases of isemail and against Python's email-validator. Where we differ, and
//! only there, a table says why.

use crate::common::testdata;
use serde_json::json;
use std::collections::BTreeMap;
use std::process::Command;
use tamis::contract::Contract;
use tamis::mask::Key;
use tamis::pipeline::{Desk, Sieve};
use tamis::record::Frame;
use tamis::verdict::Status;

/// Whether each text passes as `format: email`.
fn verdicts<'t>(texts: impl Iterator<Item = &'t str>) -> Vec<bool> {
    let contract = r#"{"type": "object", "properties": {"email": {"type": "string", "format": "email"}}}"#;
    let sieve = Sieve::new(Contract::load(contract.as_bytes()).unwrap(), &Key::new([7; 32]));
    let mut desk = Desk::default();
    let mut judge = |text: &str| {
        let record = json!({ "email": text }).to_string();
        let examined = sieve.examine(Frame { line: 1, bytes: record.as_bytes(), fault: None }, &mut desk);
        let good = examined.status() == Status::Accepted;
        desk.recycle(examined);
        good
    };
    texts.map(&mut judge).collect()
}

struct Case {
    id: u32,
    address: String,
    category: String,
}

/// The text between a tag and its end.
fn element<'x>(xml: &'x str, tag: &str) -> Option<&'x str> {
    let open = format!("<{tag}>");
    let from = xml.find(&open)? + open.len();
    Some(&xml[from..from + xml[from..].find(&format!("</{tag}>"))?])
}

/// Resolves references; a picture of a control character (U+2400 and on) stands for that character.
fn unescaped(xml: &str) -> String {
    let mut text = String::new();
    let mut rest = xml;
    while let Some((before, after)) = rest.split_once('&') {
        let (name, tail) = after.split_once(';').unwrap();
        text.push_str(before);
        text.push(match name {
            "lt" => '<',
            "gt" => '>',
            "amp" => '&',
            "quot" => '"',
            "apos" => '\'',
            number => {
                let hex = number.strip_prefix("#x");
                let decimal = || number.strip_prefix('#').unwrap().parse().unwrap();
                char::from_u32(hex.map_or_else(decimal, |hex| u32::from_str_radix(hex, 16).unwrap())).unwrap()
            }
        });
        rest = tail;
    }
    text.push_str(rest);
    let control = |letter: char| match letter {
        '\u{2400}'..='\u{241F}' => char::from_u32(u32::from(letter) - 0x2400).unwrap(),
        letter => letter,
    };
    text.chars().map(control).collect()
}

fn isemail() -> Option<Vec<Case>> {
    let xml = std::fs::read_to_string(testdata("pii/isemail-tests.xml")?).unwrap();
    let cases = xml.split("<test id=\"").skip(1).map(|case| Case {
        id: case.split_once('"').unwrap().0.parse().unwrap(),
        address: element(case, "address").map(unescaped).unwrap_or_default(),
        category: element(case, "category").unwrap().to_owned(),
    });
    Some(cases.collect())
}

/// What the categories ask for and we do not do, by the number of the case.
const ISEMAIL: [(u32, bool, &str); 1] = [
    // Mail to a top-level domain itself is forbidden to registries since 2013, and such an address is most often a slip.
    (5, false, "a domain without a dot"),
];

/// A feed wants the address that mail can be sent to, as Pydantic's EmailStr does: what is valid, whatever the DNS says.
/// What RFC 5321 allows beyond (quoted local parts, address literals, numeric and reserved domains), comments, folding
/// white space and what RFC 5322 deprecates or allows in headers alone is for a mail program, and not taken.
#[test]
fn holds_the_labelled_cases() {
    let Some(cases) = isemail() else { return };
    assert!(cases.len() >= 164, "{}", cases.len());
    let ours = verdicts(cases.iter().map(|case| case.address.as_str()));
    let differences: Vec<(u32, bool)> = cases
        .iter()
        .zip(ours)
        .filter(|(case, ours)| *ours != matches!(&*case.category, "ISEMAIL_VALID_CATEGORY" | "ISEMAIL_DNSWARN"))
        .map(|(case, ours)| (case.id, ours))
        .collect();
    let listed: Vec<(u32, bool)> = ISEMAIL.iter().map(|(id, ours, _)| (*id, *ours)).collect();
    assert_eq!(differences, listed);
}

/// One line of the oracle: the address, what email-validator and Pydantic say, the Unicode categories beyond ASCII.
type Line = (String, bool, bool, Vec<String>);

/// Why we may take what email-validator refuses, or refuse what it takes.
fn reason((address, theirs, _, categories): &Line) -> Option<&'static str> {
    let local = address.split_once('@').map_or("", |(local, _)| local);
    match *theirs {
        // RFC 5321 §4.5.3.1.1 gives a local part 64 bytes; email-validator holds that in its strict mode alone.
        true if local.len() > 64 => Some("a long local part"),
        // Python's tables are of the Unicode that its interpreter was built with, ours are newer.
        false if categories.iter().any(|category| category == "Cn") => Some("a letter that Python does not know yet"),
        _ => None,
    }
}

#[test]
fn agrees_with_email_validator() {
    let modules = "import email_validator, pydantic";
    let Some(python) = super::common::python(modules) else { return };
    let script = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/python/email_oracle.py");
    let output = Command::new(python).args([script, "20", "6000"]).output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let lines: Vec<Line> =
        output.stdout.split(|byte| *byte == b'\n').filter_map(|line| serde_json::from_slice(line).ok()).collect();
    assert!(lines.len() > 5000 && lines.iter().filter(|line| line.1).count() > 1000);
    let ours = verdicts(lines.iter().map(|line| line.0.as_str()));
    let stripped = |letter: char| letter.is_whitespace() || ('\u{1c}'..='\u{1f}').contains(&letter);
    let mut reasons: BTreeMap<&str, usize> = BTreeMap::new();
    let mut unlisted = Vec::new();
    for (line, ours) in lines.iter().zip(ours) {
        let (address, theirs, pydantic, _) = line;
        if ours != *theirs {
            match reason(line) {
                Some(reason) => *reasons.entry(reason).or_default() += 1,
                None => unlisted.push(format!("{address:?}: we say {ours}")),
            }
        }
        // Pydantic strips white space and reads the address out of `Anna <anna@example.com>`: the value that it then
        // holds is another than the one that came in. A contract says so with the normaliser `trim`.
        let rewritten = address.trim_matches(stripped) != address || address.contains('<');
        if theirs != pydantic && !(*pydantic && rewritten) {
            unlisted.push(format!("{address:?}: Pydantic says {pydantic}, email-validator {theirs}"));
        }
    }
    assert!(unlisted.is_empty(), "{} unlisted:\n{}", unlisted.len(), unlisted.join("\n"));
    println!("{} addresses; listed differences: {reasons:?}", lines.len());
}
