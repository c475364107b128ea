//! The core's tests in wasm, under Node and in Chromium: the same functions as natively.
#![allow(missing_docs, unreachable_pub, reason = "nobody reads a test's documentation but here")]
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::pedantic,
    dead_code,
    reason = "a test may stop at what it does not expect, and takes what it needs of what all targets share"
)]
#![cfg(target_family = "wasm")]

#[path = "../core/forest.rs"]
mod forest;
#[path = "../core/masks.rs"]
mod masks;
#[path = "../core/way.rs"]
mod way;

use wasm_bindgen_test::wasm_bindgen_test;

#[wasm_bindgen_test]
fn verdicts_have_one_digest() {
    way::verdicts_have_one_digest();
}

#[wasm_bindgen_test]
fn sample_is_judged_as_it_was_made() {
    way::sample_is_judged_as_it_was_made();
}

#[wasm_bindgen_test]
fn chunks_change_nothing() {
    way::chunks_change_nothing();
}

#[wasm_bindgen_test]
fn tokens_follow_the_key() {
    way::tokens_follow_the_key();
}

#[wasm_bindgen_test]
fn a_small_forest_has_its_golden_bytes() {
    forest::a_small_forest_has_its_golden_bytes();
}

#[wasm_bindgen_test]
fn saving_and_loading_keep_every_bit() {
    forest::saving_and_loading_keep_every_bit();
}

#[wasm_bindgen_test]
fn the_order_of_growing_does_not_matter() {
    forest::the_order_of_growing_does_not_matter();
}

#[wasm_bindgen_test]
fn damaged_bytes_are_errors() {
    forest::damaged_bytes_are_errors();
}

#[wasm_bindgen_test]
fn a_long_array_is_read() {
    way::a_long_array_is_read();
}

#[wasm_bindgen_test]
fn masks_have_their_golden_bytes() {
    masks::masks_have_their_golden_bytes();
}

#[wasm_bindgen_test]
fn tokens_join_what_they_should() {
    masks::tokens_join_what_they_should();
}

#[wasm_bindgen_test]
fn batches_are_kept_apart() {
    masks::batches_are_kept_apart();
}

#[wasm_bindgen_test]
fn masked_records_pass_unchanged() {
    masks::masked_records_pass_unchanged();
}

#[wasm_bindgen_test]
fn what_is_reversible_comes_back() {
    masks::what_is_reversible_comes_back();
}
