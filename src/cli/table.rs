//! The short table of what happened.

use crate::contract::Contract;
use crate::quality::Summary;
use std::fmt::Write;

/// Most lines of each list.
const MOST: usize = 12;
const MOST_GAINS: usize = 3;

/// A table for people: accepted, repaired, rejected by reason, anomalies.
pub(super) fn table(summary: &Summary, contract: &Contract, anomaly_rate: Option<f64>) -> String {
    let mut out = String::new();
    let records = summary.records();
    line(&mut out, "records", records, None);
    line(&mut out, "accepted", summary.accepted(), Some(records));
    line(&mut out, "  of them repaired", summary.repaired(), Some(summary.accepted()));
    line(&mut out, "rejected", summary.rejected(), Some(records));
    kinds(&mut out, &summary.violations(contract));
    for (path, remedy, records) in summary.gains(contract).into_iter().take(MOST_GAINS) {
        let path = path.trim_start_matches('/').replace('/', ".");
        let _ = writeln!(out, "    adding {remedy} to {path} would let {records} more in");
    }
    if summary.scored() > 0 {
        line(&mut out, "anomalies", summary.flagged(), Some(summary.accepted()));
    }
    if let Some(rate) = anomaly_rate {
        // Writing to a String cannot fail.
        let _ = writeln!(out, "{:<36} {:>15.2} %", "anomaly rate on records held out", rate * 100.0);
    }
    out
}

#[allow(clippy::cast_precision_loss, reason = "counts of records, shown with two digits")]
pub(super) fn line(out: &mut String, name: &str, count: u64, whole: Option<u64>) {
    let share = match whole {
        Some(whole) if whole > 0 => format!(" {:>6.2} %", count as f64 / whole as f64 * 100.0),
        _ => String::new(),
    };
    let _ = writeln!(out, "{name:<36} {count:>8}{share}");
}

/// How often there was what, by path and code.
pub(super) fn kinds(out: &mut String, kinds: &[(String, String, u64)]) {
    let named = kinds.iter().map(|(path, code, count)| {
        let path = path.trim_start_matches('/').replace('/', ".");
        let name = if path.is_empty() { code.clone() } else { format!("{path} {code}") };
        (super::progress::shown(&name), *count)
    });
    list(out, named, kinds.len());
}

fn list(out: &mut String, entries: impl Iterator<Item = (String, u64)>, length: usize) {
    for (name, count) in entries.take(MOST) {
        let _ = writeln!(out, "    {name:<32} {count:>8}");
    }
    if length > MOST {
        let _ = writeln!(out, "    and {} more kinds, all in summary.json", length - MOST);
    }
}
