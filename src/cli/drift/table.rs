//! The comparison for people.

use crate::monitor::drift::{ColumnDrift, Drift, LeftOut, RateDrift, Verdict, short};
use std::fmt::Write;

/// Letters of a column's name that are shown; the end of a path says more than its beginning.
const MOST_LETTERS: usize = 28;

pub(super) fn table(drift: &Drift, reference: &str, current: &str) -> String {
    let mut out = String::new();
    let (known, new) = drift.records;
    // Writing to a String cannot fail.
    let _ = writeln!(out, "reference   {known:>9} records   {reference}");
    let _ = writeln!(out, "current     {new:>9} records   {current}");
    let _ = writeln!(
        out,
        "\n{:<MOST_LETTERS$} {:<8} {:>8} {:>7} {:>8} {:>6} {:>9} {:>6} {:>8} {:>8}  verdict",
        "column", "kind", "n", "PSI", "critical", "KS", "W1", "JS", "chi2 p", "adjusted"
    );
    for column in drift.columns.iter().chain(&drift.score) {
        line(&mut out, column);
    }
    let _ = writeln!(
        out,
        "\n{:<MOST_LETTERS$} {:>10} {:>10} {:>22} {:>8} {:>8}  verdict",
        "rate", "reference", "current", "95 % interval", "p", "adjusted"
    );
    rate(&mut out, "accepted", &drift.acceptance);
    if let Some(anomalies) = &drift.anomalies {
        rate(&mut out, "flagged as odd", anomalies);
    }
    left_out(&mut out, drift);
    let _ = writeln!(out, "\n{}", conclusion(drift));
    out
}

fn line(out: &mut String, column: &ColumnDrift) {
    let ordered = column.ordered.as_ref();
    let ks = ordered.map_or_else(|| "-".to_owned(), |one| format!("{:.3}", one.ks));
    let distance = ordered.map_or_else(|| "-".to_owned(), |one| short(one.wasserstein));
    let _ = writeln!(
        out,
        "{:<MOST_LETTERS$} {:<8} {:>8} {:>7.3} {:>8.3} {ks:>6} {distance:>9} {:>6.3} {:>8} {:>8}  {}",
        cut(column.reference.name()),
        column.kind(),
        column.records().1,
        column.psi,
        column.psi_critical,
        column.jensen_shannon,
        chance(column.chi_square_p),
        chance(column.adjusted),
        words(column.verdict)
    );
}

fn rate(out: &mut String, name: &str, rate: &RateDrift) {
    let (reference, current) = rate.rates();
    let (low, high) = rate.interval;
    let percent = |share: f64| format!("{:.2} %", 100.0 * share);
    let interval = format!("{} to {}", percent(low), percent(high));
    let _ = writeln!(
        out,
        "{name:<MOST_LETTERS$} {:>10} {:>10} {interval:>22} {:>8} {:>8}  {}",
        percent(reference),
        percent(current),
        chance(rate.p),
        chance(rate.adjusted),
        words(rate.verdict)
    );
}

fn left_out(out: &mut String, drift: &Drift) {
    let list = |(name, reason): &(String, LeftOut)| format!("{name} ({})", reason.describe());
    let list: Vec<String> = drift.left_out.iter().map(list).collect();
    if !list.is_empty() {
        let _ = writeln!(out, "\nnot compared: {}", list.join(", "));
    }
}

fn conclusion(drift: &Drift) -> String {
    let fewest = drift.rules.min_records;
    match drift.verdict {
        Verdict::TooFew => format!("Too few records to say: a verdict takes {fewest} on each side."),
        Verdict::Drift => format!("Drift: {}", drift.names().join(", ")),
        Verdict::Slight => "No drift; what is sure is too small to matter.".to_owned(),
        Verdict::Stable => "No drift.".to_owned(),
    }
}

fn words(verdict: Verdict) -> &'static str {
    match verdict {
        Verdict::TooFew => "too few",
        Verdict::Stable => "-",
        Verdict::Slight => "slight",
        Verdict::Drift => "DRIFT",
    }
}

fn chance(p: f64) -> String {
    if p < 0.0001 { "< 0.0001".to_owned() } else { format!("{p:.4}") }
}

fn cut(name: &str) -> String {
    let letters = name.chars().count();
    if letters <= MOST_LETTERS {
        return name.to_owned();
    }
    std::iter::once('…').chain(name.chars().skip(letters + 1 - MOST_LETTERS)).collect()
}
