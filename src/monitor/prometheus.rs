//! [`Counts`] -> the page that Prometheus reads.

use super::counts::{Counts, LATENCY_BOUNDS};
use super::text::{Kind, Page};
use crate::quality::SCORE_BINS;

/// The media type of [`prometheus`].
pub const CONTENT_TYPE: &str = "text/plain; version=0.0.4; charset=utf-8";

/// What is in force: the labels of the metrics that say so.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Info<'i> {
    /// The contract's name.
    pub contract: &'i str,
    /// The contract's version.
    pub contract_version: &'i str,
    /// The SHA-256 of the contract's bytes, in hexadecimal.
    pub contract_sha256: &'i str,
    /// The model's name in verdicts and the SHA-256 of its bytes; none where nothing scores.
    pub model: Option<(&'i str, &'i str)>,
}

/// The counts as a page of Prometheus' text format 0.0.4.
///
/// # Example
/// ```
/// use tamis::monitor::{Counts, Info, prometheus};
/// let info = Info { contract: "orders", contract_version: "1", contract_sha256: "ab", model: None };
/// let page = prometheus(&Counts::default(), &info);
/// assert!(page.contains("\ntamis_records_total{status=\"accepted\"} 0\n"));
/// ```
#[must_use]
pub fn prometheus(counts: &Counts, info: &Info<'_>) -> String {
    let mut page = Page::default();
    records(&mut page, counts);
    scores(&mut page, counts);
    requests(&mut page, counts);
    in_force(&mut page, info);
    page.finish()
}

fn records(page: &mut Page, counts: &Counts) {
    page.family("tamis_records_total", Kind::Counter, "Records judged, by status.");
    page.sample(&[("status", "accepted")], counts.accepted);
    page.sample(&[("status", "rejected")], counts.rejected);
    page.family("tamis_repaired_records_total", Kind::Counter, "Accepted records that were repaired.");
    page.sample(&[], counts.repaired);
    page.family("tamis_violations_total", Kind::Counter, "Faults of records, by field (JSON Pointer) and code.");
    for (path, codes) in &counts.violations {
        for (code, count) in codes {
            page.sample(&[("path", path), ("code", code)], count);
        }
    }
    page.family("tamis_repairs_total", Kind::Counter, "Changes that made values fit, by code.");
    for (code, count) in &counts.repairs {
        page.sample(&[("code", code)], count);
    }
}

fn scores(page: &mut Page, counts: &Counts) {
    page.family("tamis_anomalies_total", Kind::Counter, "Accepted records that the model flagged.");
    page.sample(&[], counts.flagged);
    page.family("tamis_anomaly_score", Kind::Histogram, "Scores of accepted records in (0, 1); higher is odder.");
    // The bins reach to 1, so that nothing is left for the bucket behind the last bound.
    let counted: Vec<u64> = counts.scores.iter().copied().chain([0]).collect();
    page.histogram(&[], &score_bounds(), &counted, counts.score_sum);
}

#[allow(clippy::cast_precision_loss, reason = "twenty bins")]
fn score_bounds() -> Vec<f64> {
    (1..=SCORE_BINS).map(|bin| bin as f64 / SCORE_BINS as f64).collect()
}

fn requests(page: &mut Page, counts: &Counts) {
    page.family("tamis_http_requests_total", Kind::Counter, "Requests answered, by route and status.");
    for (name, route) in &counts.routes {
        for (status, count) in &route.statuses {
            page.sample(&[("route", name), ("status", &status.to_string())], count);
        }
    }
    page.family(
        "tamis_http_request_duration_seconds",
        Kind::Histogram,
        "Durations of requests, by route. Deployed Workers stop the clock while they compute, so there it is the time \
         spent waiting for input and for other services; take CPU time from the platform's own metrics.",
    );
    for (name, route) in &counts.routes {
        page.histogram(&[("route", name)], &LATENCY_BOUNDS, &route.durations, route.seconds);
    }
}

fn in_force(page: &mut Page, info: &Info<'_>) {
    page.family("tamis_contract_info", Kind::Gauge, "The contract in force.");
    let (name, version, sha256) = (info.contract, info.contract_version, info.contract_sha256);
    page.sample(&[("name", name), ("version", version), ("sha256", sha256)], 1);
    page.family("tamis_model_info", Kind::Gauge, "The model in force.");
    if let Some((name, sha256)) = info.model {
        page.sample(&[("name", name), ("sha256", sha256)], 1);
    }
    page.family("tamis_build_info", Kind::Gauge, "The version of Tamis.");
    page.sample(&[("version", env!("CARGO_PKG_VERSION"))], 1);
}
