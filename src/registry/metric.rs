//! A figure about a model, and how sure it is.

use crate::evaluation::{CONFIDENCE, Estimate, Evaluation};
use serde::{Deserialize, Serialize};

/// A figure, where it was measured, and between which bounds it lies.
///
/// # Example
/// ```
/// use tamis::registry::Metric;
///
/// let metric = Metric::new("auroc", 0.91).within(0.88, 0.94, 0.95).on("records held out by a hash of the id", 1200);
/// assert_eq!(metric.to_string(), "0.91 [0.88, 0.94]");
/// ```
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Metric {
    /// Its name, such as `auroc` or `anomaly_rate`.
    pub name: String,
    /// The figure.
    pub value: f64,
    /// Its bounds, the lower one first.
    pub interval: Option<[f64; 2]>,
    /// The share of repetitions in which such bounds hold the truth, in (0, 1).
    pub confidence: Option<f64>,
    /// What it was measured on, in words.
    pub on: Option<String>,
    /// On how many records.
    pub records: Option<u64>,
}

impl Metric {
    /// A bare figure.
    #[must_use]
    pub fn new(name: &str, value: f64) -> Self {
        Self { name: name.to_owned(), value, interval: None, confidence: None, on: None, records: None }
    }

    /// The figure with its bounds.
    #[must_use]
    pub fn within(self, low: f64, high: f64, confidence: f64) -> Self {
        Self { interval: Some([low, high]), confidence: Some(confidence), ..self }
    }

    /// The figure with what it was measured on.
    #[must_use]
    pub fn on(self, what: &str, records: u64) -> Self {
        Self { on: Some(what.to_owned()), records: Some(records), ..self }
    }

    /// What labels said of a model: `auroc`, `average_precision`, `precision`, `recall`, those that there are.
    #[must_use]
    pub fn all_of(evaluation: &Evaluation, on: &str) -> Vec<Self> {
        let figures = [
            ("auroc", Some(evaluation.auroc)),
            ("average_precision", Some(evaluation.average_precision)),
            ("precision", evaluation.precision),
            ("recall", Some(evaluation.recall)),
        ];
        let on = format!("{on}, {} of them known outliers", evaluation.outliers);
        let metric = |(name, figure): (&str, Option<Estimate>)| {
            let figure = figure?;
            let metric = Self::new(name, figure.mean).on(&on, evaluation.rows as u64);
            Some(match figure.interval {
                Some((low, high)) => metric.within(low, high, CONFIDENCE),
                None => metric,
            })
        };
        figures.into_iter().filter_map(metric).collect()
    }

    /// Whether every number is one that JSON can hold.
    pub(super) fn is_finite(&self) -> bool {
        let bounds = self.interval.into_iter().flatten().chain(self.confidence);
        bounds.chain([self.value]).all(f64::is_finite)
    }
}

impl std::fmt::Display for Metric {
    /// The figure to four digits, with its bounds if it has any.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}", four(self.value))?;
        match self.interval {
            Some([low, high]) => write!(f, " [{}, {}]", four(low), four(high)),
            None => Ok(()),
        }
    }
}

/// A number to four digits behind the point, without zeros at its end.
pub(super) fn four(value: f64) -> String {
    let text = format!("{value:.4}");
    let short = text.trim_end_matches('0').trim_end_matches('.');
    if short == "-0" { "0".to_owned() } else { short.to_owned() }
}

#[cfg(test)]
mod tests {
    use super::four;

    #[test]
    fn numbers_are_short() {
        for (value, text) in [(0.5, "0.5"), (1.0, "1"), (10.0, "10"), (-0.000_01, "0"), (0.123_456, "0.1235")] {
            assert_eq!(four(value), text);
        }
    }
}
