//! Defects with one obvious reading: a validator repairs them, notes the repair and accepts the record.

mod moments;
mod numbers;
mod spaces;
mod unknown;
mod words;

pub(super) use words::TOKENS;

use super::defect::Family;

/// Every family that is repaired.
pub(super) const TABLE: &[Family] = &[
    Family::new("number_as_text", 14, numbers::plain),
    Family::new("currency_mark", 8, numbers::currency),
    Family::new("digit_grouping", 5, numbers::grouping),
    Family::new("decimal_comma", 7, numbers::decimal_comma),
    Family::new("full_width_digits", 3, numbers::full_width),
    Family::new("exponent", 2, numbers::exponent),
    Family::new("boolean_word", 8, words::boolean),
    Family::new("boolean_number", 4, words::boolean_number),
    Family::new("gift_absent", 3, words::gift_absent),
    Family::new("gift_missing", 3, words::gift_missing),
    Family::new("date_alone", 4, moments::date_alone),
    Family::new("date_dotted", 3, moments::dotted),
    Family::new("date_slashed", 3, moments::slashed),
    Family::new("no_zone", 7, moments::no_zone),
    Family::new("zone_offset", 5, moments::zone_offset),
    Family::new("epoch_seconds", 3, moments::epoch_seconds),
    Family::new("epoch_milliseconds", 3, moments::epoch_milliseconds),
    Family::new("letter_case", 9, words::letter_case),
    Family::new("white_space", 9, spaces::white_space),
    Family::new("zero_width", 3, spaces::zero_width),
    Family::new("decomposed_letters", 2, spaces::decomposed),
    Family::new("tags_as_text", 6, words::tags_as_text),
    Family::new("blank_tags", 3, words::blank_tags),
    Family::new("blank_optional", 4, words::blank_optional),
    Family::new("missing_token", 5, words::missing_token),
    Family::new("numeric_postal_code", 6, words::numeric_postal_code),
    Family::new("not_a_url", 6, words::not_a_url),
    Family::new("priority_word", 7, words::priority),
    Family::new("unknown_field", 8, unknown::member),
];
