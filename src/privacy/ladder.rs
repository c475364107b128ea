//! How one field could be made coarser, step by step, and what each step loses.

use super::plan::Coarser;
use super::value::{Kind, Value};
use serde_json::{Value as Json, json};
use std::collections::HashMap;

/// Lengths of beginnings that are tried.
const PREFIXES: [usize; 6] = [8, 6, 4, 3, 2, 1];
/// Most widths of buckets that are tried; each divides the next.
const MOST_WIDTHS: usize = 7;

/// What could be done to a field.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Level {
    /// It stays as the masks leave it.
    Same,
    /// Its first characters.
    Prefix(usize),
    /// The bucket of this width in which the number lies.
    Bucket(u64),
    Day,
    Month,
    Year,
    Drop,
}

impl Level {
    /// What a value becomes. A value to which the step means nothing stays.
    pub(super) fn apply(self, value: &Value) -> Value {
        let cut = |text: &str| Value::short(value.kind, text);
        match (self, value.kind) {
            (Self::Drop, _) => Value::short(Kind::Nothing, ""),
            (Self::Prefix(count), Kind::Text) => cut(first(&value.text, count)),
            (Self::Bucket(width), Kind::Number) => match bucket(&value.text, width) {
                Some(bucket) => cut(&bucket.to_string()),
                None => value.clone(),
            },
            (Self::Day, Kind::Text) if is_date(&value.text) => cut(first(&value.text, 10)),
            (Self::Month, Kind::Text) if is_date(&value.text) => cut(first(&value.text, 7)),
            (Self::Year, Kind::Text) if is_date(&value.text) => cut(first(&value.text, 4)),
            _ => value.clone(),
        }
    }

    /// The `x-mask` that does it; none where nothing is to be done.
    pub(super) fn mask(self) -> Option<Json> {
        Some(match self {
            Self::Same => return None,
            Self::Prefix(count) => json!({ "op": "generalise", "prefix": count }),
            Self::Bucket(width) => json!({ "op": "generalise", "bucket": width }),
            Self::Day => json!({ "op": "generalise", "to": "day" }),
            Self::Month => json!({ "op": "generalise", "to": "month" }),
            Self::Year => json!({ "op": "generalise", "to": "year" }),
            Self::Drop => json!("drop"),
        })
    }
}

fn first(text: &str, count: usize) -> &str {
    text.char_indices().nth(count).and_then(|(end, _)| text.get(..end)).unwrap_or(text)
}

#[allow(clippy::cast_precision_loss, reason = "widths are far below 2^53")]
fn bucket(text: &str, width: u64) -> Option<f64> {
    let value: f64 = text.parse().ok()?;
    // Adding zero makes -0 the same as 0.
    Some(libm::floor(value / width as f64) * width as f64 + 0.0)
}

/// `2025-01`, `2025-01-11`, or a time on such a day (RFC 3339).
fn is_date(text: &str) -> bool {
    let form = text.bytes().take(10).map(|byte| if byte.is_ascii_digit() { b'0' } else { byte });
    let form: Vec<u8> = form.collect();
    form == b"0000-00" || form == b"0000-00-00"
}

/// One step of a field's ladder.
#[derive(Clone, Debug)]
pub(super) struct Step {
    pub(super) level: Level,
    /// For each value of the field the number of what it becomes.
    pub(super) classes: Vec<u32>,
    /// How many different ones there are.
    pub(super) count: usize,
    /// The part of the field's information (Shannon's entropy) that is lost, in [0, 1].
    pub(super) loss: f64,
}

/// The steps that make a difference, the finest first. Each joins values that the one before kept apart, and parts none.
pub(super) fn ladder(coarser: Coarser, values: &[Value], weights: &[u64]) -> Vec<Step> {
    let mut steps: Vec<Step> = Vec::new();
    for level in std::iter::once(Level::Same).chain(levels(coarser, values)).chain([Level::Drop]) {
        let mut known: HashMap<Value, u32> = HashMap::new();
        let mut classes = Vec::with_capacity(values.len());
        for value in values {
            // There are fewer classes than values.
            let next = u32::try_from(known.len()).unwrap_or(u32::MAX);
            classes.push(*known.entry(level.apply(value)).or_insert(next));
        }
        let count = known.len();
        if steps.last().is_none_or(|before| count < before.count) {
            steps.push(Step { level, classes, count, loss: 0.0 });
        }
    }
    let whole = steps.first().map_or(0.0, |step| entropy(step, weights));
    let mut least = 0.0_f64;
    for step in steps.iter_mut().skip(1) {
        // Never less than the step before, whatever the rounding.
        least = least.max(1.0 - entropy(step, weights) / whole).min(1.0);
        step.loss = least;
    }
    steps
}

fn levels(coarser: Coarser, values: &[Value]) -> Vec<Level> {
    match coarser {
        Coarser::Prefix => PREFIXES.map(Level::Prefix).to_vec(),
        Coarser::Bucket => widths(values).into_iter().map(Level::Bucket).collect(),
        Coarser::Moment => vec![Level::Day, Level::Month, Level::Year],
        Coarser::Date => vec![Level::Month, Level::Year],
        Coarser::Not => Vec::new(),
    }
}

/// Widths up to the first that is wider than the values are apart: 1 (for fractions), 5, 10, 50, 100, …
#[allow(clippy::cast_precision_loss, reason = "widths are far below 2^53")]
fn widths(values: &[Value]) -> Vec<u64> {
    let numbers = values.iter().filter(|value| value.kind == Kind::Number);
    let numbers: Vec<f64> =
        numbers.filter_map(|value| value.text.parse().ok()).filter(|number: &f64| number.is_finite()).collect();
    let (Some(least), Some(most)) =
        (numbers.iter().copied().min_by(f64::total_cmp), numbers.iter().copied().max_by(f64::total_cmp))
    else {
        return Vec::new();
    };
    let whole = numbers.iter().all(|number| crate::contract::is_whole(*number));
    let mut widths: Vec<u64> = if whole { Vec::new() } else { vec![1] };
    let mut ten = 10;
    for width in std::iter::from_fn(|| {
        let pair = [ten / 2, ten];
        ten *= 10;
        (ten < 1_000_000_000_000_000).then_some(pair)
    })
    .flatten()
    {
        widths.push(width);
        if width as f64 > most - least {
            break;
        }
    }
    let skipped = widths.len().saturating_sub(MOST_WIDTHS);
    widths.split_off(skipped)
}

#[allow(clippy::cast_precision_loss, reason = "counts of records, far below 2^53")]
fn entropy(step: &Step, weights: &[u64]) -> f64 {
    let mut sums = vec![0_u64; step.count];
    for (class, weight) in step.classes.iter().zip(weights) {
        if let Some(sum) = sums.get_mut(*class as usize) {
            *sum += weight;
        }
    }
    let whole = sums.iter().sum::<u64>() as f64;
    let shares = sums.iter().map(|sum| *sum as f64 / whole).filter(|share| *share > 0.0);
    shares.map(|share| -share * libm::log(share)).sum()
}

#[cfg(test)]
mod tests {
    use super::Level::{Bucket, Day, Drop, Month, Prefix, Same, Year};
    use super::*;

    fn text(text: &str) -> Value {
        Value::new(Kind::Text, text)
    }

    #[test]
    fn steps_do_what_their_masks_say() {
        let number = |text: &str| Value::new(Kind::Number, text);
        for (level, value, wanted) in [
            (Prefix(2), text("München"), text("Mü")),
            (Prefix(2), text("M"), text("M")),
            (Prefix(2), number("12e0"), number("12e0")),
            (Bucket(10), number("37e0"), number("30")),
            (Bucket(10), number("-5e-1"), number("-10")),
            (Bucket(1), number("-5e-1"), number("-1")),
            (Bucket(10), number("0"), number("0")),
            (Bucket(10), text("37"), text("37")),
            (Day, text("2025-01-11T12:00:00Z"), text("2025-01-11")),
            (Month, text("2025-01-11T12:00:00Z"), text("2025-01")),
            (Year, text("2025-01"), text("2025")),
            (Year, text("11.1.2025"), text("11.1.2025")),
            (Year, Value::new(Kind::Nothing, ""), Value::new(Kind::Nothing, "")),
            (Drop, text("Berlin"), Value::new(Kind::Nothing, "")),
        ] {
            assert_eq!(level.apply(&value), wanted, "{level:?} {value:?}");
        }
    }

    #[test]
    fn steps_that_change_nothing_are_left_out_and_losses_grow() {
        let levels = |coarser, values: &[Value]| -> Vec<Level> {
            let steps = ladder(coarser, values, &vec![3; values.len()]);
            assert!(steps.windows(2).all(|pair| pair[0].loss <= pair[1].loss && pair[0].count > pair[1].count));
            assert!(steps.len() == 1 || steps.last().is_some_and(|step| (step.loss - 1.0).abs() < 1e-12));
            steps.iter().map(|step| step.level).collect()
        };
        assert_eq!(levels(Coarser::Prefix, &[text("10115"), text("10117"), text("80331")]), [Same, Prefix(4), Drop]);
        assert_eq!(levels(Coarser::Prefix, &[text("10"), text("12"), text("80")]), [Same, Prefix(1), Drop]);
        assert_eq!(levels(Coarser::Not, &[text("10"), text("12")]), [Same, Drop]);
        assert_eq!(levels(Coarser::Not, &[text("10")]), [Same]);
        assert_eq!(levels(Coarser::Moment, &[text("2025-01"), text("2025-02"), text("2024-02")]), [Same, Year, Drop]);
        let ages: Vec<Value> = (18..80).map(|age| Value::new(Kind::Number, &age.to_string())).collect();
        assert_eq!(levels(Coarser::Bucket, &ages), [Same, Bucket(5), Bucket(10), Bucket(50), Bucket(100)]);
    }
}
