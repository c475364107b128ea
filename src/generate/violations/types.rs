//! Values of a type that the field cannot hold.

use crate::generate::draft::Draft;
use crate::generate::field::Field;
use crate::generate::order::Order;
use crate::generate::random::Random;

/// Neither true nor false.
pub(super) fn boolean(draft: &mut Draft, _: &mut Order, random: &mut Random) -> bool {
    let json = random.pick(&["\"maybe\"", "2", "-1", "\"ja\"", "\"2\"", "[true]", "{}", "0.5"]);
    let free = draft.claim(Field::IsGift);
    if free {
        draft.json(Field::IsGift, json);
        draft.fault(Field::IsGift, "boolean");
    }
    free
}

/// What stands where something else belongs, and the code that each gives: the one of the normaliser that could not read
/// it, or `type` where the normalisers leave it as it is.
const WRONG: &[(Field, &[&str], &str)] = &[
    (Field::OrderId, &["100234", "{\"value\": \"ORD-100234\"}", "[\"ORD-100234\"]", "true"], "type"),
    (Field::CustomerEmail, &["{\"address\": \"anna@example.com\"}", "[\"anna@example.com\"]", "12345"], "type"),
    (Field::Quantity, &["true", "[1]", "{\"value\": 2}", "[]"], "number"),
    (Field::UnitPrice, &["{\"amount\": 19.99, \"currency\": \"EUR\"}", "[19.99]", "false"], "number"),
    (Field::Status, &["1", "[\"paid\"]", "{\"code\": \"paid\"}", "false"], "type"),
    (Field::CreatedAt, &["{\"$date\": \"2025-01-10T09:15:00Z\"}", "[2025, 1, 10]", "true"], "datetime"),
    (Field::Shipping, &["\"10115 Berlin\"", "[\"DE\", \"Berlin\"]", "12", "true", "[]"], "type"),
    (Field::CountryCode, &["49", "[\"DE\"]", "{\"code\": \"DE\"}"], "type"),
    (Field::City, &["10115", "{\"name\": \"Berlin\"}", "[]"], "type"),
    (Field::PostalCode, &["[\"10115\"]", "{\"zip\": \"10115\"}", "true"], "type"),
    (Field::Street, &["[\"Main Street\", \"1\"]", "12", "{\"name\": \"Main Street\"}"], "type"),
    (Field::Tags, &["5", "{\"vip\": true}", "true"], "type"),
    (Field::CouponCode, &["10", "[\"VIP50\"]", "false", "{\"code\": \"VIP50\"}"], "type"),
    (Field::Priority, &["true", "[1]", "{\"level\": 1}"], "number"),
];

/// A value of the wrong type.
pub(super) fn wrong(draft: &mut Draft, _: &mut Order, random: &mut Random) -> bool {
    let Some((field, values, code)) = random.weighted(WRONG, |_| 1) else {
        return false;
    };
    let free = draft.claim(*field);
    if free {
        draft.json(*field, random.pick(values));
        draft.fault(*field, code);
    }
    free
}

/// A list of tags in which one is no text.
pub(super) fn tag(draft: &mut Draft, _: &mut Order, random: &mut Random) -> bool {
    let (json, path) = random.pick(&[
        ("[5]", "/tags/0"),
        ("[\"vip\", null]", "/tags/1"),
        ("[\"vip\", 7, \"new\"]", "/tags/1"),
        ("[{\"name\": \"vip\"}, \"new\"]", "/tags/0"),
        ("[\"new\", \"promo\", [\"vip\"]]", "/tags/2"),
        ("[true, \"new\"]", "/tags/0"),
    ]);
    let free = draft.claim(Field::Tags);
    if free {
        draft.json(Field::Tags, json);
        draft.fault_at(Field::Tags, path, "type");
    }
    free
}
