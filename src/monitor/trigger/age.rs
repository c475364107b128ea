//! The last training is long ago.

use super::{Finding, Trigger};

/// Seconds of a day.
const DAY: f64 = 86_400.0;

/// Calls when the last training, at a moment in seconds, is at least so many days before another moment.
#[must_use]
#[allow(clippy::cast_precision_loss, reason = "seconds of some years")]
pub fn age(trained: i64, now: i64, most_days: f64) -> Finding {
    let value = (now - trained).max(0) as f64 / DAY;
    let words = format!("trained {value:.0} days ago, {most_days} call for the next training");
    Finding { trigger: Trigger::Age, fired: value >= most_days, value, low: None, high: Some(most_days), words }
}
