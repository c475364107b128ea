//! Every mask, natively: the cases of all targets, what does not load, and the laws of tokens.

#[path = "../core/masks.rs"]
pub mod every_target;

use every_target as core;
use proptest::prelude::*;
use std::collections::HashSet;
use tamis::contract::Contract;

#[test]
fn masks_have_their_golden_bytes() {
    core::masks_have_their_golden_bytes();
}

#[test]
fn tokens_join_what_they_should() {
    core::tokens_join_what_they_should();
}

#[test]
fn batches_are_kept_apart() {
    core::batches_are_kept_apart();
}

#[test]
fn masked_records_pass_unchanged() {
    core::masked_records_pass_unchanged();
}

#[test]
fn what_is_reversible_comes_back() {
    core::what_is_reversible_comes_back();
}

/// Prints the lines to put into `tests/data/masks.ndjson` after a deliberate change of the masks.
#[test]
#[ignore = "a tool, not a test"]
fn print_masks() {
    print!("{}", core::masked(&core::sieve(&core::key(7)), None, core::PEOPLE).0);
}

fn load(schema: &str) -> Result<Contract, String> {
    let contract = format!(
        r#"{{"type": "object", "properties": {{"f": {schema}, "who": {{"type": "string"}}, "list": {{"type": "array", "items": {{"type": "string"}}}}}}}}"#
    );
    Contract::load(contract.as_bytes()).map_err(|faults| faults.iter().map(|fault| format!("{fault}\n")).collect())
}

/// A mask that is misspelled, lacks something or does nothing to the field's type does not load, and says why.
#[test]
fn a_mask_that_would_leak_does_not_load() {
    for (types, mask, complaint) in [
        (r#""string""#, r#""pseudonymise""#, "one of keep, drop, redact, partial, pseudonym"),
        (r#""string""#, r#""hash""#, "one of keep"),
        (r#""string""#, r#"7"#, "one of keep"),
        (r#""string""#, r#"{"op": "pseudonym", "domian": "x"}"#, "no parameter domian"),
        (r#""string""#, r#"{"op": "pseudonym", "scope": "day"}"#, "global, batch or record"),
        (r#""string""#, r#"{"op": "pseudonym", "country": "49"}"#, "of phone numbers"),
        (r#""string""#, r#"{"op": "pseudonym", "as": "phone", "country": "DE"}"#, "the digits of a country's code"),
        (r#""boolean""#, r#""pseudonym""#, "only on a field whose type says"),
        (r#""boolean""#, r#""reversible""#, "only on a field whose type says"),
        (r#""string""#, r#""partial""#, "the count of characters to keep"),
        (r#""string""#, r#"{"op": "partial", "keep": 1, "first": 1}"#, "not both"),
        (r#""string""#, r#"{"op": "partial", "keep": -1}"#, "a whole number"),
        (r#""integer""#, r#"{"op": "partial", "keep": 1}"#, "only on a field whose type says string"),
        (r#""string""#, r#"{"op": "format", "alphabet": "greek"}"#, "one of digits, hex"),
        (r#""integer""#, r#""format""#, "only on a field whose type says string"),
        (r#""string""#, r#""generalise""#, "one of prefix"),
        (r#""string""#, r#"{"op": "generalise", "prefix": 2, "to": "year"}"#, "one of prefix"),
        (r#""string""#, r#"{"op": "generalise", "to": "week"}"#, "day, month or year"),
        (r#""integer""#, r#"{"op": "generalise", "bucket": 0}"#, "a width"),
        (r#""integer""#, r#"{"op": "generalise", "bands": [30, 20]}"#, "that ascend"),
        (r#""integer""#, r#"{"op": "generalise", "bands": []}"#, "that ascend"),
        (r#""integer""#, r#"{"op": "generalise", "prefix": 2}"#, "only on a field whose type says string"),
        (r#""string""#, r#"{"op": "generalise", "network": 33}"#, "leading bits"),
        (r#""string""#, r#"{"op": "scan", "kinds": ["mail"]}"#, "no kind mail for scan: there are email"),
        (r#""string""#, r#"{"op": "scan", "kinds": []}"#, "a list of names"),
        (r#""string""#, r#"{"op": "scan", "kinds": "email"}"#, "a list of names"),
        (r#""string""#, r#"{"op": "shift", "days": 30}"#, "the field that tells the person"),
        (r#""string""#, r#"{"op": "shift", "by": "who"}"#, "the most days"),
        (r#""string""#, r#"{"op": "shift", "days": 0, "by": "who"}"#, "the most days"),
        (r#""string""#, r#"{"op": "shift", "days": 30, "by": "whom"}"#, "which is no field of one text or number"),
        (r#""string""#, r#"{"op": "shift", "days": 30, "by": "list"}"#, "which is no field of one text or number"),
    ] {
        let fault = load(&format!(r#"{{"type": {types}, "x-mask": {mask}}}"#)).unwrap_err();
        assert!(fault.contains(complaint), "{mask}: {fault}");
    }
    for (types, mask) in [
        (r#"["string", "null"]"#, r#"{"op": "partial", "first": 1, "last": 2}"#),
        (r#"["integer", "string"]"#, r#"{"op": "generalise", "bucket": 5}"#),
        (r#""string""#, r#"{"op": "shift", "days": 30, "by": "who", "domain": "stays"}"#),
        (r#""string""#, r#"{"op": "pseudonym", "as": "phone", "country": "+49", "scope": "record"}"#),
        (r#""string""#, r#"{"op": "format", "alphabet": "upper_alphanumeric", "keep": 3, "domain": "ids"}"#),
    ] {
        load(&format!(r#"{{"type": {types}, "x-mask": {mask}}}"#)).unwrap();
    }
}

/// A scan may look for some kinds alone.
#[test]
fn a_scan_finds_the_kinds_that_it_is_asked_for() {
    let text = "anna@example.com, +49 30 1234567, 192.0.2.7";
    for (mask, left) in [
        (r#""scan""#, "[email], [phone], [ip]"),
        (r#"{"op": "scan", "kinds": ["email"]}"#, "[email], +49 30 1234567, 192.0.2.7"),
        (r#"{"op": "scan", "kinds": ["phone", "email"]}"#, "[email], [phone], 192.0.2.7"),
    ] {
        assert_eq!(masked(&one(mask), text), left, "{mask}");
    }
}

fn one(mask: &str) -> tamis::pipeline::Sieve {
    tamis::pipeline::Sieve::new(load(&format!(r#"{{"type": "string", "x-mask": {mask}}}"#)).unwrap(), &core::key(7))
}

fn masked(sieve: &tamis::pipeline::Sieve, value: &str) -> String {
    let line = serde_json::json!({ "f": value }).to_string();
    let (out, rejected) = core::masked(sieve, None, &line);
    assert_eq!(rejected, 0);
    serde_json::from_str::<serde_json::Value>(&out).unwrap()["f"].as_str().unwrap().to_owned()
}

proptest! {
    /// What a mask made, the same mask leaves alone.
    #[test]
    fn masks_are_idempotent(value in "\\PC{0,40}|[0-9]{4}-[0-9]{2}-[0-9]{2}.{0,12}|https?://[a-z@:/?#.]{0,20}|tok_[a-z2-7_]{0,40}") {
        for mask in [
            r#""redact""#, r#"{"op": "partial", "keep": 2, "last": 1}"#, r#"{"op": "generalise", "prefix": 3}"#,
            r#"{"op": "generalise", "to": "month"}"#, r#"{"op": "generalise", "network": 24}"#, r#""url""#, r#""scan""#,
            r#""pseudonym""#, r#""reversible""#,
        ] {
            let sieve = one(mask);
            let once = masked(&sieve, &value);
            prop_assert_eq!(&masked(&sieve, &once), &once, "{}", mask);
            prop_assert_eq!(&masked(&sieve, &value), &once);
            if mask.contains("pseudonym") {
                prop_assert!(!once[9..].contains(&value) || value.len() < 4, "{}", mask);
            }
        }
    }
}

/// A million values give a million tokens, and no more of a value's four-letter pieces are in its token than in another's.
#[test]
fn tokens_are_injective_and_share_nothing_with_their_values() {
    let sieve = one(r#""pseudonym""#);
    let mut lines = String::new();
    for number in 0..1_000_000 {
        lines.push_str(&format!("{{\"f\":\"c{number}a2{}@example.com\"}}\n", number * 7919 % 99_991));
    }
    let (out, rejected) = core::masked(&sieve, None, &lines);
    assert_eq!(rejected, 0);
    let mut seen = HashSet::new();
    let (mut own, mut others) = (0_u32, 0_u32);
    let grams =
        |text: &str| -> HashSet<[u8; 4]> { text.as_bytes().windows(4).map(|gram| gram.try_into().unwrap()).collect() };
    let mut before: HashSet<[u8; 4]> = HashSet::new();
    for (line, raw) in out.lines().zip(lines.lines()) {
        let token = &line[15..line.len() - 2];
        assert_eq!(token.len(), 32, "{line}");
        assert!(seen.insert(token.to_owned()));
        let value = grams(&raw[6..raw.len() - 2]);
        let token = grams(token);
        own += u32::from(token.intersection(&value).next().is_some());
        others += u32::from(token.intersection(&before).next().is_some());
        before = value;
    }
    assert_eq!(seen.len(), 1_000_000);
    // Both are counts of the same rare chance, about 240 of a million here: they differ by no more than chance lets them.
    let spread = 5.0 * f64::from(own + others).sqrt() + 10.0;
    assert!((f64::from(own) - f64::from(others)).abs() < spread, "{own} {others}");
}
