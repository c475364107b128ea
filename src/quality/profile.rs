//! The profile of one field.

use super::distinct::Distinct;
use super::quantiles::Quantiles;
use crate::record::document::Value;
use serde_json::{Map, Value as Json, json};

/// What the values of one field are like. Of masked fields it holds shapes and counts alone.
#[derive(Clone, Debug, Default)]
pub(super) struct Profile {
    /// Records without a value: absent or null.
    pub(super) missing: u64,
    /// Records whose value failed a check.
    pub(super) unusable: u64,
    /// Values of accepted records.
    count: u64,
    distinct: Distinct,
    numbers: Numbers,
    /// Shortest and longest text, in characters.
    lengths: Option<(u64, u64)>,
}

#[derive(Clone, Debug, Default)]
struct Numbers {
    count: f64,
    min: f64,
    max: f64,
    mean: f64,
    /// Sum of squared differences from the mean.
    m2: f64,
    quantiles: Quantiles,
}

impl Profile {
    pub(super) fn add(&mut self, value: Value, text: &str) {
        self.count += 1;
        match value {
            // Equal numbers may be spelt differently; adding zero makes −0 and 0 one.
            Value::Number { value, .. } => self.distinct.add(&(value + 0.0).to_bits().to_le_bytes()),
            _ => self.distinct.add(text.as_bytes()),
        }
        match value {
            Value::Number { value, .. } => self.numbers.add(value),
            Value::Text(_) => {
                let length = text.chars().count() as u64;
                let (least, most) = self.lengths.unwrap_or((length, length));
                self.lengths = Some((least.min(length), most.max(length)));
            }
            _ => {}
        }
    }

    pub(super) fn merge(&mut self, other: &Self) {
        self.missing += other.missing;
        self.unusable += other.unusable;
        self.count += other.count;
        self.distinct.merge(&other.distinct);
        self.numbers.merge(&other.numbers);
        self.lengths = match (self.lengths, other.lengths) {
            (Some(ours), Some(theirs)) => Some((ours.0.min(theirs.0), ours.1.max(theirs.1))),
            (ours, theirs) => ours.or(theirs),
        };
    }

    /// The profile for a summary; `shown` says whether values may be.
    pub(super) fn json(&self, shown: bool) -> Json {
        let (distinct, exact) = self.distinct.count();
        // An estimate knows what it cannot be.
        let distinct = distinct.min(self.count);
        let mut json = Map::new();
        json.insert("count".into(), self.count.into());
        json.insert("missing".into(), self.missing.into());
        json.insert("unusable".into(), self.unusable.into());
        json.insert("distinct".into(), distinct.into());
        json.insert("distinct_exact".into(), exact.into());
        if let Some((least, most)) = self.lengths {
            json.insert("length_min".into(), least.into());
            json.insert("length_max".into(), most.into());
        }
        if shown && self.numbers.count > 0.0 {
            self.numbers.json(&mut json);
        }
        Json::Object(json)
    }

    /// Values far outside the middle half: beyond the quartiles by one and a half times their distance (Tukey 1977).
    pub(super) fn extremes(&self) -> Option<Json> {
        let quantiles = &self.numbers.quantiles;
        let (first, third) = (quantiles.quantile(0.25)?, quantiles.quantile(0.75)?);
        let reach = 1.5 * (third - first);
        let (low, high) = (first - reach, third + reach);
        let (below, above) = quantiles.outside(low, high);
        Some(json!({ "low": low, "high": high, "below": below, "above": above }))
    }
}

impl Numbers {
    /// Welford's method: no difference of large sums.
    fn add(&mut self, value: f64) {
        if self.count == 0.0 {
            (self.min, self.max) = (value, value);
        }
        self.count += 1.0;
        self.min = self.min.min(value);
        self.max = self.max.max(value);
        let from_mean = value - self.mean;
        self.mean += from_mean / self.count;
        self.m2 += from_mean * (value - self.mean);
        self.quantiles.add(value);
    }

    fn merge(&mut self, other: &Self) {
        if other.count == 0.0 {
            return;
        }
        if self.count == 0.0 {
            self.clone_from(other);
            return;
        }
        let count = self.count + other.count;
        let apart = other.mean - self.mean;
        self.m2 += other.m2 + apart * apart * self.count * other.count / count;
        self.mean += apart * other.count / count;
        self.count = count;
        self.min = self.min.min(other.min);
        self.max = self.max.max(other.max);
        self.quantiles.merge(&other.quantiles);
    }

    fn json(&self, json: &mut Map<String, Json>) {
        let deviation = if self.count > 1.0 { libm::sqrt(self.m2 / (self.count - 1.0)) } else { 0.0 };
        json.insert("min".into(), self.min.into());
        json.insert("max".into(), self.max.into());
        json.insert("mean".into(), self.mean.into());
        json.insert("sd".into(), deviation.into());
        for (name, q) in [("p25", 0.25), ("p50", 0.5), ("p75", 0.75), ("p99", 0.99)] {
            // The exact extremes bound what the buckets say.
            let value = self.quantiles.quantile(q).map(|value| value.clamp(self.min, self.max));
            json.insert(name.into(), value.into());
        }
    }
}
