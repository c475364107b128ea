//! Fields of texts: formats, lists of values, patterns, and what repairs them.

use super::field::{Place, Schema, typed};
use super::formats;
use super::personal;
use super::values::{Usual, share};
use serde_json::{Value, json};

/// A point in time.
pub(super) fn moment(place: &Place<'_>) -> Schema {
    let seen = place.seen;
    let mut schema = typed("string", place.nullable);
    schema.insert("format".into(), json!("date-time"));
    let clean = seen.texts.strict_moments == seen.texts.count && seen.texts.missing == 0 && seen.numbers.count == 0;
    if !clean {
        schema.insert("x-normalize".into(), json!(["datetime"]));
    }
    schema
}

pub(super) fn schema(place: &Place<'_>) -> Schema {
    let texts = &place.seen.texts;
    let mut schema = typed("string", place.nullable);
    let mut steps: Vec<Value> = Vec::new();
    // A number here and there is dirt.
    let numbers = place.seen.numbers.count;
    if numbers > 0 && (place.seen.present() < 200 || share(numbers, place.seen.present(), 5)) {
        steps.push(json!("text"));
    }
    steps.push(json!("trim"));
    let web_name = place.name.any("url uri link href website homepage referrer referer");
    let web = texts.count > 0 && share(texts.web, texts.count, if web_name { 600 } else { 900 });
    let mut checked = web;
    if web {
        steps.push(json!("http_url"));
    } else if let Some(format) = format(place) {
        schema.insert("format".into(), json!(format));
        if format == "email" {
            steps.push(json!("lowercase_domain"));
        }
        checked = true;
    } else if !place.is_personal() {
        checked = limits(place, &mut schema, &mut steps);
    }
    schema.insert("x-normalize".into(), Value::Array(steps));
    if web && !place.is_personal() {
        schema.insert("x-mask".into(), json!("url"));
    } else if !place.is_personal() && !checked && (texts.hits > 0 || share(texts.sentences, texts.count, 300)) {
        // Names are not found in free text; what has a form is.
        if texts.hits > 0 {
            schema.insert("x-pii".into(), json!("free_text"));
        }
        schema.insert("x-mask".into(), json!("scan"));
    }
    schema
}

/// The format that nearly all texts have, or most where the name says so.
fn format(place: &Place<'_>) -> Option<&'static str> {
    let texts = &place.seen.texts;
    let named = |format: &str| match format {
        "email" => place.class.is_some_and(|class| class.name == "email"),
        "ipv4" | "ipv6" => place.class.is_some_and(|class| class.name == "ip"),
        "date" => place.name.is_moment(),
        _ => false,
    };
    let found = formats::TABLE
        .iter()
        .zip(texts.formats)
        .find(|((format, _), count)| *count > 0 && share(*count, texts.count, if named(format) { 600 } else { 900 }));
    found.map(|((format, _), _)| *format)
}

/// A list of values, or a pattern. Answers whether there is one.
fn limits(place: &Place<'_>, schema: &mut Schema, steps: &mut Vec<Value>) -> bool {
    if let Some(values) = values(place) {
        steps.extend(letter_case(&values));
        let values: Vec<String> = values.into_iter().map(|value| value.text).collect();
        schema.insert("enum".into(), listed(&values, place.nullable));
        return true;
    }
    let Some(pattern) = pattern(place) else {
        return false;
    };
    // Codes of countries, languages and currencies are the same in any letter case.
    let pattern = match pattern.as_str() {
        "^[A-Z]{2}$" | "^(?:[A-Z]{2}|[a-z]{2})$" => "^[A-Z]{2}$".to_owned(),
        "^[A-Z]{3}$" | "^(?:[A-Z]{3}|[a-z]{3})$" => "^[A-Z]{3}$".to_owned(),
        _ => {
            schema.insert("pattern".into(), json!(pattern));
            return true;
        }
    };
    steps.push(json!("uppercase"));
    schema.insert("pattern".into(), json!(pattern));
    true
}

fn listed(values: &[String], nullable: bool) -> Value {
    let mut list: Vec<Value> = values.iter().map(|value| json!(value)).collect();
    if nullable {
        list.push(Value::Null);
    }
    Value::Array(list)
}

/// The values of a field whose name leads one to expect few, where they repeat enough to be all.
fn values(place: &Place<'_>) -> Option<Vec<Usual>> {
    let texts = &place.seen.texts;
    if !place.name.is_closed() || texts.count < 20 || share(texts.sentences, texts.count, 300) {
        return None;
    }
    let rare = if texts.count < 200 { (texts.count / 50).max(1) } else { (texts.count / 250).max(2) };
    let mut values = texts.common.list()?;
    values.retain(|value| value.count > rare);
    let count = values.len() as u64;
    let covered: u64 = values.iter().map(|value| value.count).sum();
    one_letter_case(&mut values);
    // States of a country are many more than a feed shows; states of a thing are words.
    if place.name.last() == "state" && values.iter().all(|value| value.text.len() <= 3) {
        return None;
    }
    let good = (2..=24).contains(&count)
        && texts.count >= 5 * count
        && share(covered, texts.count, 850)
        && !values.iter().any(|value| personal::is_in(&value.text));
    good.then_some(values)
}

/// Where a value stands there in several letter cases, the one that all values have is theirs.
fn one_letter_case(values: &mut [Usual]) {
    if values.iter().all(|value| value.in_form == value.count) {
        return;
    }
    if values.iter().all(|value| value.in_lower > 0) {
        for value in values {
            value.text = value.text.to_lowercase();
            value.in_form = value.in_lower;
        }
    } else if values.iter().all(|value| value.in_upper > 0) {
        for value in values {
            value.text = value.text.to_uppercase();
            value.in_form = value.in_upper;
        }
    }
}

/// The normaliser that brings values into their usual letter case, where some are not in it.
fn letter_case(values: &[Usual]) -> Option<Value> {
    if values.iter().all(|value| value.in_form == value.count) {
        return None;
    }
    if values.iter().all(|value| value.text == value.text.to_lowercase()) {
        return Some(json!("lowercase"));
    }
    if values.iter().all(|value| value.text == value.text.to_uppercase()) {
        return Some(json!("uppercase"));
    }
    let words: serde_json::Map<String, Value> =
        values.iter().map(|value| (value.text.to_lowercase(), json!(value.text))).collect();
    Some(json!({"op": "map", "values": words}))
}

/// The pattern of texts that name a thing, or that are all alike.
fn pattern(place: &Place<'_>) -> Option<String> {
    let texts = &place.seen.texts;
    // Only what the texts are counts: numbers among them become texts of digits.
    if place.seen.numbers.count > 0 && !share(texts.count, place.seen.present(), 950) {
        return None;
    }
    if place.name.is_identifier() {
        return (texts.count >= 10).then(|| texts.shapes.pattern(950, false)).flatten();
    }
    let open = place.name.is_open() || place.name.is_free_text();
    (!open && texts.count >= 100).then(|| texts.shapes.pattern(990, true)).flatten()
}
