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
