//! More or fewer records are flagged than is ordinary.

use super::{Finding, Trigger, percent};
use crate::monitor::control::{Chart, Observed, Past, Rule, Sides};

/// Holds a batch's flagged records against the p′-chart of what the same model flagged before: the rows held out from its
/// training first, then batches; `alpha` is the chance that an ordinary batch is beyond either limit.
#[must_use]
pub fn anomaly(past: &[Past], flagged: &Observed, alpha: f64) -> Finding {
    let rule = Rule { alpha, sides: Sides::Both };
    let chart = Chart::learn(past, rule);
    let limits = chart.map(|chart| chart.limits(flagged.records, rule));
    let fired = chart.is_some_and(|chart| chart.is_out(flagged, rule));
    let value = flagged.rate();
    let seen = format!("{} of {} scored records flagged, {}", flagged.hits, flagged.records, percent(value));
    let words = match limits {
        None => format!("{seen}; nothing to compare with"),
        Some(limits) => {
            let where_ = if fired { "outside" } else { "within" };
            format!("{seen}, {where_} {} to {}", percent(limits.low), percent(limits.high))
        }
    };
    let (low, high) = (limits.map(|limits| limits.low), limits.map(|limits| limits.high));
    Finding { trigger: Trigger::Anomaly, fired, value, low, high, words }
}
