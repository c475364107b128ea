//! The whole way, natively.

#[path = "../core/way.rs"]
pub mod every_target;

use every_target as core;

#[test]
fn verdicts_have_one_digest() {
    core::verdicts_have_one_digest();
}

#[test]
fn sample_is_judged_as_it_was_made() {
    core::sample_is_judged_as_it_was_made();
}

#[test]
fn chunks_change_nothing() {
    core::chunks_change_nothing();
}

#[test]
fn tokens_follow_the_key() {
    core::tokens_follow_the_key();
}

/// Prints the digest to put into `tests/data/verdicts.sha256` after a deliberate change of the verdicts.
#[test]
#[ignore = "a tool, not a test"]
fn print_digest() {
    let verdicts = core::verdicts(&core::sieve(), tamis::record::Format::Ndjson, core::ORDERS, &[65_536]);
    println!("{}", core::hex(&verdicts));
}

#[test]
fn a_long_array_is_read() {
    core::a_long_array_is_read();
}

/// A mask on a list covers all that lies in it, however deep: the objects of a list must not carry raw values out.
#[test]
fn the_mask_of_a_list_reaches_into_its_objects() {
    let note =
        r#"{"type": "object", "properties": {"by": {"type": "string"}, "id": {"type": "string", "x-mask": "keep"}}}"#;
    for (mask, items) in [
        ("scan", format!(r#", "items": {note}"#)),
        ("pseudonym", format!(r#", "items": {note}"#)),
        ("redact", format!(r#", "items": {note}"#)),
        ("scan", String::new()),
        ("pseudonym", String::new()),
    ] {
        let contract = format!(
            r#"{{"type": "object", "properties": {{"notes": {{"type": "array", "x-mask": "{mask}"{items}}}}}}}"#
        );
        let contract = tamis::contract::Contract::load(contract.as_bytes()).unwrap();
        let sieve = tamis::pipeline::Sieve::new(contract, &tamis::mask::Key::new([7; 32]));
        let input =
            br#"{"notes": [{"by": "anna@example.com", "id": "n1", "eve@example.com": 1}, {"eve@example.com": 2}]}"#;
        let verdicts = core::verdicts(&sieve, tamis::record::Format::Ndjson, input, &[4096]);
        let verdicts = String::from_utf8(verdicts).unwrap();
        assert!(verdicts.contains("\"accepted\""), "{mask}: {verdicts}");
        assert!(!verdicts.contains("@example.com"), "{mask}: {verdicts}");
    }
}
