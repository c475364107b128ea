//! Fields of numbers.

use super::field::{Place, Schema, typed};
use super::values::{Numbers, share};
use super::words::Words;
use serde_json::json;

pub(super) fn schema(place: &Place<'_>) -> Schema {
    let seen = place.seen;
    let name = &place.name;
    let numbers = seen.numbers.merged(&seen.texts.numbers);
    let whole = numbers.whole == numbers.count
        || (numbers.count >= 200 && share(numbers.whole, numbers.count, 995))
        || (name.is_count() && share(numbers.whole, numbers.count, 900));
    let counted = name.is_count() || name.is_scale() || name.is_identifier();
    let kind = if whole && (counted || !name.is_measure()) { "integer" } else { "number" };
    let mut schema = typed(kind, place.nullable);
    if !place.is_personal() {
        bounds(name, &numbers, &mut schema);
    }
    // The normaliser refuses numbers that a double would round.
    if seen.texts.count + seen.texts.missing > 0 && !share(numbers.inexact, numbers.count, 10) {
        schema.insert("x-normalize".into(), json!(["number"]));
    }
    schema
}

/// Bounds that lie in the meaning of the numbers. The largest number seen is none: the next may be larger.
fn bounds(name: &Words, numbers: &Numbers, schema: &mut Schema) {
    let mut set = |least: Option<i64>, most: Option<i64>| {
        schema.extend(least.map(|least| ("minimum".into(), json!(least))));
        schema.extend(most.map(|most| ("maximum".into(), json!(most))));
    };
    let within =
        |beyond: u64| beyond == 0 || (numbers.count >= 200 && share(numbers.count - beyond, numbers.count, 990));
    let not_negative = numbers.count - numbers.negative;
    if name.any("lat latitude") && within(numbers.beyond[0]) {
        return set(Some(-90), Some(90));
    }
    if name.any("lon lng long longitude") && within(numbers.beyond[1]) {
        return set(Some(-180), Some(180));
    }
    if name.is_percentage() && within(numbers.above_hundred + numbers.negative) {
        return set(Some(0), Some(100));
    }
    if let Some((least, most)) = scale(name, numbers) {
        return set(Some(least), Some(most));
    }
    let named = name.is_never_negative() && share(not_negative, numbers.count, 950);
    let plain = !name.is_signed() && numbers.count >= 20 && within(numbers.negative);
    if !(named || plain) {
        return;
    }
    // Nobody orders nothing; but a stock may be empty.
    let ordered = name.any("quantity qty menge quantite cantidad quantidade") && numbers.count >= 20;
    let none = ordered && share(numbers.count - numbers.zero, numbers.count, 990);
    set(Some(i64::from(none)), None);
}

/// The ends of a scale: those of the calendar, else the next usual end above what was seen.
fn scale(name: &Words, numbers: &Numbers) -> Option<(i64, i64)> {
    const CALENDAR: [(&str, i64, i64); 5] = [
        ("month", 1, 12),
        ("hour", 0, 23),
        ("minute second", 0, 59),
        ("quarter", 1, 4),
        ("weekday dayofweek dow", 0, 7),
    ];
    if !(name.is_scale() && share(numbers.whole, numbers.count, 900)) {
        return None;
    }
    // What stands there once in a while is dirt.
    let rare = numbers.count / 200;
    let seen: Vec<i64> =
        (0_i64..).zip(&numbers.small).filter(|(_, count)| **count > rare).map(|(value, _)| value).collect();
    let (least, most) = (*seen.first()?, *seen.last()?);
    let covered: u64 = numbers.small.iter().filter(|count| **count > rare).sum();
    if let Some((_, from, to)) = CALENDAR.iter().find(|(terms, _, _)| name.any(terms)) {
        return (least >= *from && most <= *to).then_some((*from, *to));
    }
    let distinct = seen.len() as u64;
    let well_filled = distinct >= 3 && covered >= 5 * distinct && most - least < i64::try_from(distinct).ok()?;
    let end = if most <= 5 { 5 } else { 10 };
    (well_filled && least <= 1 && most <= 10 && share(covered, numbers.count, 900)).then_some((least, end))
}
