//! Many records came since the last training.

use super::{Finding, Trigger};

/// Calls when at least `enough` accepted records came since the last training.
#[must_use]
#[allow(clippy::cast_precision_loss, reason = "counts of records stay far below 2^53")]
pub fn records(since: u64, enough: u64) -> Finding {
    let words = format!("{since} records since the last training, {enough} call for the next");
    let (value, high) = (since as f64, Some(enough as f64));
    Finding { trigger: Trigger::Records, fired: since >= enough, value, low: None, high, words }
}
