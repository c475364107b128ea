//! The profile of one field.

use super::columns::{Role, Seen};
use super::digest::{of_text, of_token};
use super::distinct::Distinct;
use super::numbers::{Numbers, Ordered};
use super::top::Top;
use crate::contract::{Literal, is_whole};
use crate::record::document::Value;
use serde_json::{Map, Value as Json, json};

/// Values that a profile lists.
pub(super) const MOST_FREQUENT: usize = 10;
/// The quantiles of a profile.
const QUANTILES: [(&str, f64); 7] =
    [("p01", 0.01), ("p05", 0.05), ("p25", 0.25), ("p50", 0.5), ("p75", 0.75), ("p95", 0.95), ("p99", 0.99)];
/// Bins of a histogram.
const BINS: u32 = 20;

/// What the values of one field are like. Of masked fields it tells shapes and counts alone.
#[derive(Clone, Debug, Default)]
pub(super) struct Profile {
    pub(super) role: Role,
    /// Records without a value: absent or null. In a list: items, or members of items, without one.
    pub(super) missing: u64,
    /// Values that failed a check.
    pub(super) unusable: u64,
    /// Accepted and all records by the place of their value in the contract's list; last those without such a value.
    pub(super) groups: Vec<(u64, u64)>,
    /// Values of accepted records that are counted one by one, so not those of `groups`.
    count: u64,
    /// Accepted records with false and with true.
    booleans: (u64, u64),
    numbers: Numbers,
    top: Top,
    distinct: Distinct,
    lengths: Lengths,
    /// How many items the lists have.
    items: Numbers,
}

/// Lengths of texts, in characters.
#[derive(Clone, Copy, Debug, Default)]
struct Lengths {
    texts: u64,
    sum: u64,
    min: u64,
    max: u64,
}

impl Lengths {
    fn add(&mut self, length: u64, times: u64) {
        self.merge(Self { texts: times, sum: length * times, min: length, max: length });
    }

    fn merge(&mut self, other: Self) {
        if other.texts > 0 {
            self.min = if self.texts == 0 { other.min } else { self.min.min(other.min) };
            self.max = self.max.max(other.max);
            self.texts += other.texts;
            self.sum += other.sum;
        }
    }
}

impl Profile {
    pub(super) fn new(role: Role) -> Self {
        Self { role, groups: vec![(0, 0); role.groups()], ..Self::default() }
    }

    /// Takes a value of an accepted record that is in no group; `text` is its text.
    pub(super) fn add(&mut self, value: Value, text: &str) {
        self.count += 1;
        match value {
            Value::Bool(false) => self.booleans.0 += 1,
            Value::Bool(true) => self.booleans.1 += 1,
            Value::Number { value, .. } => self.numbers.add(value),
            Value::Text(_) => {
                self.lengths.add(characters(text), 1);
                match self.role.seen {
                    _ if self.role.unique => {}
                    Seen::Token => self.distinct.insert(of_token(text)),
                    Seen::Shape => self.distinct.insert(of_text(text)),
                    Seen::Values => {
                        let digest = of_text(text);
                        if self.top.add(digest, text, 1) {
                            self.distinct.insert(digest);
                        }
                    }
                }
            }
            _ => {}
        }
    }

    /// Takes a list of an accepted record.
    pub(super) fn add_list(&mut self, items: u32) {
        self.count += 1;
        self.items.add(items.into());
    }

    /// Sorts what waits, so that merging is quick.
    pub(super) fn settle(&mut self) {
        self.numbers.settle();
        self.items.settle();
    }

    /// Adds the counts of a part that stood behind this one.
    pub(super) fn merge(&mut self, other: &Self) {
        self.role = other.role;
        self.missing += other.missing;
        self.unusable += other.unusable;
        self.count += other.count;
        self.groups.resize(self.groups.len().max(other.groups.len()), (0, 0));
        for (our, their) in self.groups.iter_mut().zip(&other.groups) {
            our.0 += their.0;
            our.1 += their.1;
        }
        self.booleans.0 += other.booleans.0;
        self.booleans.1 += other.booleans.1;
        self.numbers.merge(&other.numbers);
        self.items.merge(&other.items);
        self.distinct.merge(&other.distinct);
        self.top.merge(&other.top);
        self.lengths.merge(other.lengths);
    }

    /// The profile for a summary; `values` are those that the contract lists.
    pub(super) fn json(&self, values: &[Literal]) -> Json {
        let numbers = self.numbers(values);
        let listed: Vec<(Json, u64)> = self.listed(values);
        let count = self.count + self.groups.iter().take(values.len()).map(|(accepted, _)| accepted).sum::<u64>();
        let mut json = Map::new();
        json.insert("count".into(), count.into());
        json.insert("missing".into(), self.missing.into());
        json.insert("unusable".into(), self.unusable.into());
        let (distinct, exact) = self.distinct(numbers.as_ref(), &listed);
        if !self.role.list {
            // An estimate knows what it cannot be.
            json.insert("distinct".into(), distinct.min(count).into());
            json.insert("distinct_exact".into(), exact.into());
        }
        self.lengths(values, &mut json);
        if let Some(items) = self.items.ordered() {
            json.insert("items".into(), Json::Object(numbers_json(&items)));
        }
        if self.role.seen == Seen::Values {
            if let Some(numbers) = &numbers {
                json.append(&mut numbers_json(numbers));
            }
            if !self.role.list && !self.role.unique {
                self.top_json(listed, numbers.as_ref(), &mut json);
            }
        }
        Json::Object(json)
    }

    /// The numbers, with those that the contract lists.
    fn numbers(&self, values: &[Literal]) -> Option<Ordered> {
        let mut numbers = self.numbers.clone();
        for (value, (accepted, _)) in values.iter().zip(&self.groups).filter(|(_, group)| group.0 > 0) {
            if let Literal::Number(number) = value {
                numbers.count(number.value + 0.0, *accepted);
            }
        }
        numbers.ordered()
    }

    /// Texts and truth values that the contract lists, and how many accepted records have each.
    fn listed(&self, values: &[Literal]) -> Vec<(Json, u64)> {
        let listed = values.iter().zip(&self.groups).filter(|(_, group)| group.0 > 0);
        let value = |(value, group): (&Literal, &(u64, u64))| match value {
            Literal::Text(text) => Some((text.as_str().into(), group.0)),
            Literal::Bool(value) => Some(((*value).into(), group.0)),
            _ => None,
        };
        listed.filter_map(value).collect()
    }

    fn distinct(&self, numbers: Option<&Ordered>, listed: &[(Json, u64)]) -> (u64, bool) {
        let (texts, exact) = if self.role.unique {
            // The contract lets no two accepted records have the same one.
            (self.lengths.texts, true)
        } else {
            self.distinct.count()
        };
        let booleans = u64::from(self.booleans.0 > 0) + u64::from(self.booleans.1 > 0);
        let distinct = texts + booleans + listed.len() as u64 + numbers.map_or(0, |numbers| numbers.distinct);
        (distinct, exact && numbers.is_none_or(|numbers| numbers.exact))
    }

    fn lengths(&self, values: &[Literal], json: &mut Map<String, Json>) {
        let mut lengths = self.lengths;
        for (value, group) in values.iter().zip(&self.groups).filter(|(_, group)| group.0 > 0) {
            if let Literal::Text(text) = value {
                lengths.add(characters(text), group.0);
            }
        }
        if lengths.texts > 0 {
            let Lengths { texts, sum, min, max } = lengths;
            json.insert("length_min".into(), min.into());
            json.insert("length_max".into(), max.into());
            #[allow(clippy::cast_precision_loss, reason = "counts stay far below 2^53")]
            let mean = sum as f64 / texts as f64;
            json.insert("lengths".into(), json!({ "min": min, "max": max, "mean": mean }));
        }
    }

    fn top_json(&self, listed: Vec<(Json, u64)>, numbers: Option<&Ordered>, json: &mut Map<String, Json>) {
        let mut top = listed;
        let booleans = [(false, self.booleans.0), (true, self.booleans.1)];
        top.extend(booleans.into_iter().filter(|(_, count)| *count > 0).map(|(value, count)| (value.into(), count)));
        let mut short = 0;
        if let Some(numbers) = numbers {
            top.extend(numbers.top.iter().map(|(value, count)| (number(*value), *count)));
            short = numbers.short;
        }
        self.top.frequent(MOST_FREQUENT, |texts, texts_short| {
            top.extend(texts.iter().map(|text| (text.text.into(), text.count)));
            short = short.max(texts_short);
        });
        // Stable, so that of equal counts the contract's order stays.
        top.sort_by_key(|(_, count)| std::cmp::Reverse(*count));
        top.truncate(MOST_FREQUENT);
        let entry = |(value, count): (Json, u64)| {
            if short == 0 {
                json!({ "value": value, "count": count })
            } else {
                json!({ "value": value, "count": count, "at_most": count + short })
            }
        };
        let top: Vec<Json> = top.into_iter().map(entry).collect();
        json.insert("top".into(), top.into());
        json.insert("top_exact".into(), (short == 0).into());
    }

    /// Values far outside the middle half: beyond the quartiles by one and a half times their distance (Tukey 1977); and
    /// how the values between these fences are spread.
    pub(super) fn extremes(&self, values: &[Literal]) -> Option<Map<String, Json>> {
        let numbers = self.numbers(values).filter(|_| self.role.seen == Seen::Values)?;
        let (first, third) = (numbers.quantile(0.25), numbers.quantile(0.75));
        let reach = 1.5 * (third - first);
        let (low, high) = (first - reach, third + reach);
        let (below, above) = numbers.outside(low, high);
        let (from, to) = (low.max(numbers.min), high.min(numbers.max));
        let histogram = json!({ "from": from, "to": to, "counts": numbers.histogram(from, to, BINS) });
        let json = json!({
            "low": low,
            "high": high,
            "below": below,
            "above": above,
            "exact": numbers.exact,
            "histogram": histogram,
        });
        match json {
            Json::Object(json) => Some(json),
            _ => None,
        }
    }
}

fn numbers_json(numbers: &Ordered) -> Map<String, Json> {
    let mut json = Map::new();
    json.insert("min".into(), numbers.min.into());
    json.insert("max".into(), numbers.max.into());
    json.insert("mean".into(), numbers.mean.into());
    json.insert("sd".into(), numbers.sd.into());
    for (name, q) in QUANTILES {
        json.insert(name.into(), numbers.quantile(q).into());
    }
    json.insert("quantiles_exact".into(), numbers.exact.into());
    json
}

/// A number as JSON; a whole one without a fraction.
#[allow(clippy::cast_possible_truncation, reason = "whole and below 2^53")]
fn number(value: f64) -> Json {
    if is_whole(value) && value.abs() < 9e15 { (value as i64).into() } else { value.into() }
}

fn characters(text: &str) -> u64 {
    text.chars().count() as u64
}
