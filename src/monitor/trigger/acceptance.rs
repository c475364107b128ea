//! Fewer records are accepted than is ordinary.

use super::{Finding, Trigger, percent};
use crate::monitor::control::{Chart, Observed, Past, Rule, Sides};

/// Holds a batch's refused records against the p′-chart of earlier batches; `alpha` is the chance that an ordinary batch
/// calls.
#[must_use]
pub fn acceptance(past: &[Past], refused: &Observed, alpha: f64) -> Finding {
    let rule = Rule { alpha, sides: Sides::High };
    let chart = Chart::learn(past, rule);
    let value = 1.0 - refused.rate();
    let low = chart.map(|chart| 1.0 - chart.limits(refused.records, rule).high);
    let fired = chart.is_some_and(|chart| chart.is_out(refused, rule));
    let accepted = refused.records - refused.hits;
    let words = match low {
        None => format!("{} of {} records accepted; no earlier batch to compare with", percent(value), refused.records),
        Some(low) if fired => {
            format!(
                "{accepted} of {} records accepted, {}, below the limit of {}",
                refused.records,
                percent(value),
                percent(low)
            )
        }
        Some(low) => format!("{} of {} records accepted, limit {}", percent(value), refused.records, percent(low)),
    };
    Finding { trigger: Trigger::Acceptance, fired, value, low, high: None, words }
}
