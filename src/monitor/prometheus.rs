//! [`Counts`] -> the page that Prometheus reads.

use super::counts::{Counts, LATENCY_BOUNDS};
use super::drift::{ColumnDrift, Drift, Reference, Rules, Verdict};
use super::text::{Kind, Page};
use crate::quality::SCORE_BINS;

/// The media type of [`prometheus`].
pub const CONTENT_TYPE: &str = "text/plain; version=0.0.4; charset=utf-8";

/// What is in force: the labels of the metrics that say so.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Info<'i> {
    /// The contract's name.
    pub contract: &'i str,
    /// The contract's version.
    pub contract_version: &'i str,
    /// The SHA-256 of the contract's bytes, in hexadecimal.
    pub contract_sha256: &'i str,
    /// The model's name in verdicts and the SHA-256 of its bytes; none where nothing scores.
    pub model: Option<(&'i str, &'i str)>,
    /// What drift is told by; none where the model brings no reference.
    pub drift: Option<Watched<'i>>,
}

/// What the records of a day are held against.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Watched<'i> {
    /// The reference that the model brings.
    pub reference: &'i Reference,
    /// The present day since 1970 in UTC.
    pub today: u32,
}

/// The counts as a page of Prometheus' text format 0.0.4.
///
/// # Example
/// ```
/// use tamis::monitor::{Counts, Info, prometheus};
/// let info = Info { contract: "orders", contract_version: "1", contract_sha256: "ab", model: None, drift: None };
/// let page = prometheus(&Counts::default(), &info);
/// assert!(page.contains("\ntamis_records_total{status=\"accepted\"} 0\n"));
/// ```
#[must_use]
pub fn prometheus(counts: &Counts, info: &Info<'_>) -> String {
    let mut page = Page::default();
    records(&mut page, counts);
    scores(&mut page, counts);
    if let Some(watched) = info.drift {
        drift(&mut page, counts, watched);
    }
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

/// Drift of the present day so far and of the last day before it that had records, by the default rules.
fn drift(page: &mut Page, counts: &Counts, Watched { reference, today }: Watched<'_>) {
    let windows = [("today", counts.drift.on(today, reference)), ("last_day", counts.drift.before(today, reference))];
    page.family("tamis_reference_records", Kind::Gauge, "Accepted records that drift is told by.");
    page.sample(&[], reference.accepted());
    page.family("tamis_drift_window_records", Kind::Gauge, "Records that were held against the reference.");
    for (name, window) in &windows {
        page.sample(&[("window", *name)], window.as_ref().map_or(0, super::drift::Window::records));
    }
    let compared = windows.iter().filter_map(|(name, window)| {
        // A window in the bins of the reference can always be compared with it.
        Some((*name, Drift::compare(reference, window.as_ref()?, &Rules::default()).ok()?))
    });
    let compared: Vec<(&str, Drift)> = compared.collect();
    page.family(
        "tamis_feature_psi",
        Kind::Gauge,
        "Population stability index of a feature or field against the reference.",
    );
    features(page, &compared, |column| Some(column.psi));
    page.family(
        "tamis_feature_psi_critical",
        Kind::Gauge,
        "What the index exceeds without drift in one window of a hundred.",
    );
    features(page, &compared, |column| Some(column.psi_critical));
    page.family(
        "tamis_feature_drift",
        Kind::Gauge,
        "1 where a feature or field drifts: the difference is large, and sure after the correction for all columns. None \
         where there are too few records.",
    );
    features(page, &compared, |column| said(column.verdict));
    page.family("tamis_score_psi", Kind::Gauge, "Population stability index of the scores against the reference.");
    whole(page, &compared, |drift| drift.score.as_ref().map(|score| score.psi));
    page.family(
        "tamis_score_psi_critical",
        Kind::Gauge,
        "What that index exceeds without drift in one window of a hundred.",
    );
    whole(page, &compared, |drift| drift.score.as_ref().map(|score| score.psi_critical));
    page.family("tamis_score_drift", Kind::Gauge, "1 where the scores drift.");
    whole(page, &compared, |drift| said(drift.score.as_ref()?.verdict));
    page.family("tamis_acceptance_drift", Kind::Gauge, "1 where the share of accepted records drifts.");
    whole(page, &compared, |drift| said(drift.acceptance.verdict));
    page.family("tamis_anomaly_rate_drift", Kind::Gauge, "1 where the share of flagged records drifts.");
    whole(page, &compared, |drift| said(drift.anomalies.as_ref()?.verdict));
}

/// A sample for each column of each window that has one.
fn features(page: &mut Page, compared: &[(&str, Drift)], value: impl Fn(&ColumnDrift) -> Option<f64>) {
    for (window, drift) in compared {
        for column in &drift.columns {
            if let Some(value) = value(column) {
                page.sample(&[("feature", column.reference.name()), ("window", *window)], value);
            }
        }
    }
}

/// A sample for each window that has one.
fn whole(page: &mut Page, compared: &[(&str, Drift)], value: impl Fn(&Drift) -> Option<f64>) {
    for (window, drift) in compared {
        if let Some(value) = value(drift) {
            page.sample(&[("window", *window)], value);
        }
    }
}

fn said(verdict: Verdict) -> Option<f64> {
    match verdict {
        Verdict::TooFew => None,
        Verdict::Drift => Some(1.0),
        Verdict::Stable | Verdict::Slight => Some(0.0),
    }
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

#[cfg(test)]
mod tests {
    use super::super::drift::tests::{known, window_of};
    use super::{Counts, Info, Watched, prometheus};

    const BARE: Info<'_> =
        Info { contract: "orders", contract_version: "1", contract_sha256: "ab", model: None, drift: None };

    #[test]
    fn drift_is_told_by_feature_and_day() {
        let known = known();
        let mut counts = Counts::default();
        // All alike, other than the reference; and too few on the day before.
        counts.window(20_000, &known.shape(), &window_of(&known, 30));
        counts.window(20_001, &known.shape(), &window_of(&known, 200));
        counts.window(20_001, &known.shape(), &window_of(&known, 100));
        let page = |today| {
            let info = Info { drift: Some(Watched { reference: &known, today }), ..BARE };
            prometheus(&counts, &info)
        };
        let value = |page: &str, sample: &str| {
            let line = page.lines().find_map(|line| line.strip_prefix(sample)?.strip_prefix(' '));
            line.map(|value| value.parse::<f64>().unwrap())
        };
        let today = page(20_001);
        assert_eq!(value(&today, "tamis_reference_records"), Some(400.0));
        assert_eq!(value(&today, "tamis_drift_window_records{window=\"today\"}"), Some(300.0));
        assert_eq!(value(&today, "tamis_drift_window_records{window=\"last_day\"}"), Some(30.0));
        for feature in ["c0", "c1"] {
            let of = |family: &str| value(&today, &format!("{family}{{feature=\"{feature}\",window=\"today\"}}"));
            assert!(of("tamis_feature_psi").unwrap() > of("tamis_feature_psi_critical").unwrap());
            assert_eq!(of("tamis_feature_drift"), Some(1.0));
            assert_eq!(
                value(&today, &format!("tamis_feature_drift{{feature=\"{feature}\",window=\"last_day\"}}")),
                None
            );
        }
        assert_eq!(value(&today, "tamis_acceptance_drift{window=\"today\"}"), Some(1.0));
        assert_eq!(value(&today, "tamis_score_drift{window=\"today\"}"), Some(0.0));
        // A day later the present one is empty and the last one whole.
        let later = page(20_002);
        assert_eq!(value(&later, "tamis_drift_window_records{window=\"today\"}"), Some(0.0));
        assert_eq!(value(&later, "tamis_drift_window_records{window=\"last_day\"}"), Some(300.0));
        assert_eq!(value(&later, "tamis_feature_drift{feature=\"c0\",window=\"last_day\"}"), Some(1.0));
    }

    #[test]
    fn every_family_has_a_head_and_no_sample_comes_twice() {
        let known = known();
        let mut counts = Counts::default();
        counts.window(7, &known.shape(), &window_of(&known, 200));
        let page = prometheus(&counts, &Info { drift: Some(Watched { reference: &known, today: 7 }), ..BARE });
        let mut family = "";
        let (mut families, mut seen) = (std::collections::BTreeSet::new(), std::collections::BTreeSet::new());
        for line in page.lines() {
            if let Some(head) = line.strip_prefix("# HELP ") {
                family = head.split(' ').next().unwrap();
                assert!(families.insert(family), "{line}");
            } else if !line.starts_with('#') {
                assert!(line.starts_with(family) && seen.insert(line.rsplit_once(' ').unwrap().0), "{line}");
            }
        }
        assert!(!prometheus(&counts, &BARE).contains("drift"));
    }
}
