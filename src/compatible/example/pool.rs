//! Values at which two contracts may part: what either of them names, and what lies just beside it.

use super::build::{Builder, Place};
use super::text;
use crate::compatible::checks::json;
use crate::contract::{Check, Contract, Field, Number, SchemaId, TextFormat, Types};
use crate::normalise::Normaliser;
use serde_json::{Value as Json, json};

/// Most values of one place.
const MOST: usize = 600;
/// Longest text and longest list that are made to meet a bound.
const LONGEST: u64 = 5000;
const MOST_ITEMS: u64 = 200;
/// Deepest nesting of schemas that are read for values.
const DEEPEST: usize = 6;

/// What the contracts say of one place.
#[derive(Default)]
struct Hints {
    values: Vec<Json>,
    numbers: Vec<Json>,
    lengths: Vec<u64>,
    counts: Vec<u64>,
    patterns: Vec<String>,
    formats: Vec<TextFormat>,
    divisors: Vec<f64>,
    repaired: bool,
    words: Vec<String>,
}

/// All values of a place.
pub(super) fn values(builder: &Builder<'_>, place: &Place) -> Vec<Json> {
    let fields: Vec<&Field> = builder.fields(place).collect();
    let mut all = scalars(builder.old, builder.new, &fields);
    all.extend([json!([]), json!({})]);
    let counts = hints(builder.old, builder.new, &fields).counts;
    let sides = place.olds.iter().map(|id| (true, *id)).chain(place.news.iter().map(|id| (false, *id)));
    for (old, id) in sides {
        let field = if old { builder.old.field(id) } else { builder.new.field(id) };
        if field.union.is_some() || field.types == Types::ANY {
            continue;
        }
        if field.types.meets(Types::OBJECT) {
            all.extend([false, true].into_iter().filter_map(|full| builder.build(old, id, full, 2)));
        }
        if field.types.meets(Types::ARRAY) {
            for count in counts.iter().chain(&[1, 2]) {
                let count = usize::try_from(*count).unwrap_or_default();
                let list = builder.items(old, field, count, true, 2);
                let first = list.get(0).cloned();
                all.push(list);
                all.extend(first.map(|item| Json::Array(vec![item; count])));
            }
        }
    }
    if all.iter().any(Json::is_array) && fields.iter().any(|field| field.types == Types::ANY) {
        all.extend([json!([1, 1]), json!([0, 1]), json!({"z": 1})]);
    }
    distinct(all)
}

fn distinct(all: Vec<Json>) -> Vec<Json> {
    let mut seen = std::collections::HashSet::new();
    all.into_iter().filter(|value| seen.insert(value.to_string())).take(MOST).collect()
}

/// The values of a place that are no lists and no objects; those that the contracts name come first.
pub(super) fn scalars(old: &Contract, new: &Contract, fields: &[&Field]) -> Vec<Json> {
    let hints = hints(old, new, fields);
    let mut all = hints.values.clone();
    all.extend(numbers(&hints));
    let texts = texts(&hints);
    if hints.repaired {
        all.extend(hints.words.iter().map(|word| json!(word)));
        let repairs = ["1", "1.5", "1,5", "yes", "0", "n/a", "unknown", "2025-01-10", "2025-01-10T09:15:00+02:00"];
        all.extend(repairs.into_iter().chain(["a, b", "http://example.com/", "1736500500"]).map(|text| json!(text)));
    }
    all.extend(texts.iter().map(|text| json!(text)));
    for text in texts
        .iter()
        .chain(hints.values.iter().filter_map(Json::as_str).map(ToOwned::to_owned).collect::<Vec<_>>().iter())
    {
        if text.len() < 100 {
            all.extend([format!(" {text} "), text.to_uppercase(), text.to_lowercase()].map(Json::from));
        }
    }
    all.extend([json!(true), json!(false), Json::Null]);
    distinct(all)
}

fn hints(old: &Contract, new: &Contract, fields: &[&Field]) -> Hints {
    let mut hints = Hints::default();
    for field in fields {
        // A field does not say whose it is; a schema's place that only the other contract has is not found there.
        for contract in [old, new] {
            hints.checks(contract, &field.checks, 0);
        }
        hints.values.extend(field.default.as_ref().and_then(json));
        hints.repaired |= !field.normalise.is_empty();
        for step in &field.normalise {
            if let Normaliser::Map(words) = step {
                hints.words.extend(words.iter().map(|(word, _)| word.clone()));
            }
        }
    }
    for rule in old.rules.iter().chain(&new.rules) {
        hints.source(&rule.source);
    }
    hints
}

impl Hints {
    fn checks(&mut self, contract: &Contract, checks: &[Check], depth: usize) {
        for check in checks {
            match check {
                Check::Enum(values) | Check::Const(values) => {
                    self.values.extend(values.as_slice().iter().filter_map(json));
                }
                Check::Pattern(pattern) => self.patterns.push(pattern.as_str().to_owned()),
                Check::Format(format) => self.formats.push(*format),
                Check::MinLength(length) | Check::MaxLength(length) => around(*length, LONGEST, &mut self.lengths),
                Check::MinItems(count)
                | Check::MaxItems(count)
                | Check::MinProperties(count)
                | Check::MaxProperties(count) => around(*count, MOST_ITEMS, &mut self.counts),
                Check::Minimum(bound)
                | Check::Maximum(bound)
                | Check::ExclusiveMinimum(bound)
                | Check::ExclusiveMaximum(bound) => self.number(bound),
                Check::MultipleOf(divisor) => {
                    self.number(divisor);
                    self.divisors.push(divisor.value);
                }
                Check::UniqueItems => {}
                Check::Schema(_, id) => self.schema(contract, *id, depth),
            }
        }
    }

    fn schema(&mut self, contract: &Contract, id: SchemaId, depth: usize) {
        if let Some(schema) = contract.schemas.get(id.0).filter(|_| depth < DEEPEST) {
            self.checks(contract, &schema.checks, depth + 1);
            for below in schema.in_place().collect::<Vec<_>>() {
                self.schema(contract, below, depth + 1);
            }
        }
    }

    fn number(&mut self, bound: &Number) {
        if let Ok(whole) = bound.text.parse::<i64>() {
            self.numbers.extend([whole, whole.saturating_add(1), whole.saturating_sub(1)].map(Json::from));
        }
        let value = bound.value;
        self.numbers.extend([value, value + 1.0, value - 1.0, value + 0.5, value - 0.5, value + 0.01].map(Json::from));
    }

    /// Numbers and texts in an expression.
    fn source(&mut self, source: &str) {
        for number in source.split(|letter: char| !(letter.is_ascii_digit() || letter == '.')) {
            if let Ok(value) = number.parse::<f64>()
                && let Some(bound) = serde_json::from_str(number).ok().as_ref().and_then(Number::read)
            {
                self.number(&bound);
                self.numbers.push(Json::from(value / 2.0));
            }
        }
        let texts = source.split(['\'', '"']).skip(1).step_by(2);
        self.values.extend(texts.filter(|text| text.len() < 100).map(Json::from));
    }
}

/// A bound and its neighbours.
fn around(bound: u64, most: u64, into: &mut Vec<u64>) {
    into.extend([bound.saturating_sub(1), bound, bound.saturating_add(1)].into_iter().filter(|length| *length <= most));
}

fn numbers(hints: &Hints) -> Vec<Json> {
    let mut all = vec![json!(0), json!(1)];
    all.extend(hints.numbers.iter().cloned());
    for divisor in &hints.divisors {
        let near = hints.numbers.iter().filter_map(Json::as_f64).take(20);
        all.extend(near.map(|number| Json::from(libm::ceil(number / divisor) * divisor)));
        all.extend(hints.numbers.iter().filter_map(Json::as_i64).take(20).filter_map(|number| {
            let step = Some(*divisor).filter(|step| crate::contract::is_whole(*step) && *step < 1e9)?;
            #[allow(clippy::cast_possible_truncation, reason = "a whole number below 10^9")]
            let step = step as i64;
            number.checked_sub(number.rem_euclid(step)).map(Json::from)
        }));
    }
    all.extend([json!(-1), json!(0.5), json!(2), json!(1.0), json!(0.001), json!(1e15), json!(-0.5)]);
    all.extend([json!(9_007_199_254_740_993_i64), json!(-9_007_199_254_740_993_i64), json!(1e300), json!(-1e300)]);
    all
}

fn texts(hints: &Hints) -> Vec<String> {
    let mut all: Vec<String> = hints.formats.iter().map(|format| sample(*format).to_owned()).collect();
    for pattern in &hints.patterns {
        all.extend((0..8).filter_map(|attempt| text::matching(pattern, attempt)));
        for length in hints.lengths.iter().filter(|length| **length <= 64) {
            let fits = |text: &String| text.chars().count() as u64 == *length;
            all.extend((0..140).filter_map(|attempt| text::matching(pattern, attempt)).find(fits));
        }
    }
    for length in &hints.lengths {
        let length = usize::try_from(*length).unwrap_or_default();
        all.extend(["a", "0", "A", "é"].map(|letter| letter.repeat(length)));
        all.push(format!("{}@example.com", "a".repeat(length.saturating_sub(12))));
        all.push(format!("a@{}.example.com", "b".repeat(length.saturating_sub(14))));
        all.push(format!("https://example.com/{}", "a".repeat(length.saturating_sub(20))));
    }
    all.extend(["a", "", "A", "ab", "é", "a b", "-", "12", "_"].map(ToOwned::to_owned));
    // Other formats are no formats of the place: they tell where only one of the contracts asks for one.
    all.extend(FORMATS.iter().map(|(_, text)| (*text).to_owned()));
    all
}

/// A text of each format, of names and numbers that are nobody's (RFC 2606, RFC 5737, RFC 3849).
const FORMATS: [(TextFormat, &str); 12] = [
    (TextFormat::Email, "a@example.com"),
    (TextFormat::DateTime, "2020-01-01T00:00:00Z"),
    (TextFormat::Date, "2020-01-01"),
    (TextFormat::Time, "00:00:00Z"),
    (TextFormat::Duration, "P1D"),
    (TextFormat::Uuid, "00000000-0000-4000-8000-000000000000"),
    (TextFormat::Uri, "https://example.com/"),
    (TextFormat::UriReference, "/a"),
    (TextFormat::Ipv4, "192.0.2.1"),
    (TextFormat::Ipv6, "2001:db8::1"),
    (TextFormat::IpAny, "192.0.2.1"),
    (TextFormat::JsonPointer, "/a"),
];

fn sample(format: TextFormat) -> &'static str {
    FORMATS.iter().find(|(known, _)| *known == format).map_or("", |(_, text)| text)
}
