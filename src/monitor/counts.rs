//! The counts themselves, and their wire form between the instances of a service.

use super::drift::{Days, Window};
use crate::contract::Contract;
use crate::quality::{SCORE_BINS, Summary};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// Upper bounds of the buckets in which the durations of requests are counted, in seconds; one more takes the rest.
pub const LATENCY_BOUNDS: [f64; 12] = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 10.0];

/// Different labels that one family keeps apart; what comes beyond is counted together as [`OTHER`]. A contract of some
/// hundred fields stays below; a service whose contract changes daily for a year must not fill its memory.
const MOST_LABELS: usize = 1000;
/// The label of all that has no label of its own any more.
const OTHER: &str = "other";

/// Counts since the service began. Every instance counts on its own, and the sums are merged in any order.
///
/// # Example
/// ```
/// use tamis::monitor::Counts;
/// let (mut here, mut there) = (Counts::default(), Counts::default());
/// here.request("/healthz", 200, 0.001);
/// there.request("/healthz", 200, 0.002);
/// here.merge(&there);
/// assert_eq!(here.requests("/healthz", 200), 2);
/// ```
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Counts {
    pub(super) accepted: u64,
    pub(super) rejected: u64,
    pub(super) repaired: u64,
    /// By path, then by code.
    pub(super) violations: BTreeMap<String, BTreeMap<String, u64>>,
    pub(super) repairs: BTreeMap<String, u64>,
    pub(super) flagged: u64,
    /// Scored records by twentieths of (0, 1).
    pub(super) scores: [u64; SCORE_BINS],
    pub(super) score_sum: f64,
    pub(super) routes: BTreeMap<String, Route>,
    /// In the bins of the model's reference.
    pub(super) drift: Days,
}

/// The requests of one route.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub(super) struct Route {
    pub(super) statuses: BTreeMap<u16, u64>,
    /// Requests by duration: not more than each of [`LATENCY_BOUNDS`] and more than the one before, and last the rest.
    pub(super) durations: [u64; LATENCY_BOUNDS.len() + 1],
    pub(super) seconds: f64,
}

impl Counts {
    /// Counts the records of a batch.
    pub fn records(&mut self, summary: &Summary, contract: &Contract) {
        self.accepted += summary.accepted();
        self.rejected += summary.rejected();
        self.repaired += summary.repaired();
        self.flagged += summary.flagged();
        self.score_sum += summary.score_sum();
        add_all(&mut self.scores, summary.scores());
        for (path, code, count) in summary.violations(contract) {
            self.violation(&path, &code, count);
        }
        for (code, count) in summary.repairs() {
            add(&mut self.repairs, code, count);
        }
    }

    /// Counts the records of a batch in the bins of a reference (by its [`shape`](super::drift::Reference::shape)), on a
    /// day since 1970 in UTC.
    pub fn window(&mut self, day: u32, shape: &str, window: &Window) {
        self.drift.add(day, shape, window);
    }

    /// Counts a request, with the status that it was answered with and its duration in seconds.
    pub fn request(&mut self, route: &str, status: u16, seconds: f64) {
        let bucket = LATENCY_BOUNDS.iter().position(|bound| seconds <= *bound).unwrap_or(LATENCY_BOUNDS.len());
        let route = self.routes.entry(route.to_owned()).or_default();
        *route.statuses.entry(status).or_default() += 1;
        route.seconds += seconds;
        if let Some(count) = route.durations.get_mut(bucket) {
            *count += 1;
        }
    }

    /// Adds the counts of another instance.
    pub fn merge(&mut self, other: &Self) {
        self.accepted += other.accepted;
        self.rejected += other.rejected;
        self.repaired += other.repaired;
        self.flagged += other.flagged;
        self.score_sum += other.score_sum;
        add_all(&mut self.scores, &other.scores);
        for (path, codes) in &other.violations {
            for (code, count) in codes {
                self.violation(path, code, *count);
            }
        }
        for (code, count) in &other.repairs {
            add(&mut self.repairs, code, *count);
        }
        self.drift.merge(&other.drift);
        for (name, theirs) in &other.routes {
            let ours = self.routes.entry(name.clone()).or_default();
            ours.seconds += theirs.seconds;
            add_all(&mut ours.durations, &theirs.durations);
            for (status, count) in &theirs.statuses {
                *ours.statuses.entry(*status).or_default() += count;
            }
        }
    }

    /// Records that were judged.
    #[must_use]
    pub fn judged(&self) -> u64 {
        self.accepted + self.rejected
    }

    /// Requests of a route that were answered with a status.
    #[must_use]
    pub fn requests(&self, route: &str, status: u16) -> u64 {
        self.routes.get(route).and_then(|route| route.statuses.get(&status)).copied().unwrap_or_default()
    }

    /// Whether nothing was counted yet.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }

    fn violation(&mut self, path: &str, code: &str, count: u64) {
        let known = self.violations.get(path).is_some_and(|codes| codes.contains_key(code));
        let labels = self.violations.values().map(BTreeMap::len).sum::<usize>();
        let (path, code) = if known || labels < MOST_LABELS { (path, code) } else { (OTHER, OTHER) };
        *self.violations.entry(path.to_owned()).or_default().entry(code.to_owned()).or_default() += count;
    }
}

fn add(counts: &mut BTreeMap<String, u64>, label: &str, count: u64) {
    let label = if counts.contains_key(label) || counts.len() < MOST_LABELS { label } else { OTHER };
    *counts.entry(label.to_owned()).or_default() += count;
}

fn add_all(ours: &mut [u64], theirs: &[u64]) {
    for (our, their) in ours.iter_mut().zip(theirs) {
        *our += their;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_wire_form_keeps_every_count() {
        let mut counts = Counts::default();
        counts.request("/v1/verdicts", 200, 0.02);
        counts.request("/v1/verdicts", 400, 100.0);
        counts.violation("/quantity", "minimum", 3);
        add(&mut counts.repairs, "trimmed", 2);
        counts.score_sum = 0.1 + 0.2;
        let wire = serde_json::to_string(&counts).unwrap();
        assert_eq!(serde_json::from_str::<Counts>(&wire).unwrap(), counts);
    }

    #[test]
    fn counts_of_an_older_version_are_read() {
        let counts: Counts = serde_json::from_str(r#"{"accepted": 7}"#).unwrap();
        assert_eq!((counts.judged(), counts.is_empty()), (7, false));
    }

    #[test]
    fn merging_is_the_same_in_any_order() {
        let part = |seed: u16| {
            let mut counts = Counts::default();
            for index in 0..40 {
                let seen = seed * 31 + index * 17;
                let route = if seen.is_multiple_of(2) { "/a" } else { "/b" };
                // Durations whose sums are exact, so that the order of the additions does not show.
                counts.request(route, 200 + seen % 3, f64::from(seen % 64) / 64.0);
                counts.violation(&format!("/{}", seen % 5), "type", seen.into());
            }
            counts
        };
        let merged = |order: [u16; 3]| {
            let mut sum = Counts::default();
            for seed in order {
                sum.merge(&part(seed));
            }
            sum
        };
        assert_eq!(merged([1, 2, 3]), merged([3, 1, 2]));
        assert_eq!(merged([1, 2, 3]).routes.values().flat_map(|route| route.durations).sum::<u64>(), 120);
    }

    #[test]
    fn labels_are_bounded_and_nothing_is_lost() {
        let mut counts = Counts::default();
        for index in 0..3 * MOST_LABELS {
            counts.violation(&format!("/{index}"), "type", 1);
            add(&mut counts.repairs, &format!("code{index}"), 1);
        }
        assert_eq!(counts.violations.values().map(BTreeMap::len).sum::<usize>(), MOST_LABELS + 1);
        assert_eq!(counts.repairs.len(), MOST_LABELS + 1);
        assert_eq!(counts.violations[OTHER][OTHER], 2 * MOST_LABELS as u64);
        assert_eq!(counts.repairs.values().sum::<u64>(), 3 * MOST_LABELS as u64);
    }
}
