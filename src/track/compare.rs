//! Runs side by side.

use super::run::RunLog;
use serde_json::{Value as Json, json};
use std::collections::BTreeSet;
use std::fmt::Write;

/// The figures that people look at first, in this order; the others follow by their names.
pub(super) const FIRST: [&str; 11] = [
    "acceptance_rate",
    "anomaly_rate",
    "flagged_rate",
    "auroc",
    "average_precision",
    "precision",
    "recall",
    "threshold",
    "records",
    "accepted",
    "rejected",
];

/// What differs between runs; the first is what the others are held against.
pub(crate) struct Comparison<'r> {
    pub(super) runs: Vec<&'r RunLog>,
    /// Parameters and origins that are not the same in all runs.
    pub(super) params: Vec<(String, Vec<Option<String>>)>,
    /// All figures of any run.
    pub(super) metrics: Vec<(String, Vec<Option<f64>>)>,
}

impl<'r> Comparison<'r> {
    pub(crate) fn of(runs: Vec<&'r RunLog>) -> Self {
        let names: BTreeSet<&String> = runs.iter().flat_map(|run| run.params.keys()).collect();
        let values = |name: &String| runs.iter().map(|run| run.params.get(name).cloned()).collect::<Vec<_>>();
        let mut params: Vec<_> = names.into_iter().map(|name| (name.clone(), values(name))).collect();
        let tags = [
            ("dataset_sha256", "tamis.dataset.sha256"),
            ("model_sha256", "tamis.model.sha256"),
            ("tamis_version", "tamis.version"),
            ("commit", "mlflow.source.git.commit"),
        ];
        for (name, tag) in tags {
            params.push((name.to_owned(), runs.iter().map(|run| run.tags.get(tag).cloned()).collect()));
        }
        params.retain(|(_, values)| values.iter().any(|value| Some(value) != values.first()));
        let metrics = metric_names(&runs).into_iter();
        let metrics = metrics.map(|name| {
            let values = runs.iter().map(|run| run.metrics.get(name).copied()).collect();
            (name.to_owned(), values)
        });
        Self { params, metrics: metrics.collect(), runs }
    }

    /// The comparison for programs.
    pub(crate) fn json(&self) -> Json {
        let metric = |(name, values): &(String, Vec<Option<f64>>)| {
            let deltas: Vec<_> = (0..values.len()).map(|place| delta(values, place)).collect();
            (name.clone(), json!({ "values": values, "deltas": deltas }))
        };
        json!({
            "runs": self.runs.iter().map(|run| run.id.as_str()).collect::<Vec<_>>(),
            "params": self.params.iter().map(|(name, values)| (name.clone(), json!(values))).collect::<serde_json::Map<_, _>>(),
            "metrics": self.metrics.iter().map(metric).collect::<serde_json::Map<_, _>>(),
        })
    }

    /// The comparison for people: a column a run, the changes from the first beside the figures.
    pub(crate) fn text(&self) -> String {
        let mut rows = vec![self.row("", |run| run.name.clone()), self.row("id", |run| run.id.clone())];
        rows.push(self.row("started", started));
        rows.push(self.row("experiment", |run| run.experiment.clone()));
        if self.params.is_empty() {
            rows.push(vec!["all parameters are the same".to_owned()]);
        }
        for (name, values) in &self.params {
            let shown = |value: &Option<String>| {
                value.as_deref().map_or_else(|| "–".to_owned(), |value| shorter(value).to_owned())
            };
            rows.push(std::iter::once(name.clone()).chain(values.iter().map(shown)).collect());
        }
        for (name, values) in &self.metrics {
            let cell = |place: usize| {
                let value = values.get(place).copied().flatten().map_or_else(|| "–".to_owned(), figure);
                match delta(values, place) {
                    Some(delta) if place > 0 && delta != 0.0 => format!("{value} ({})", signed(delta)),
                    _ => value,
                }
            };
            rows.push(std::iter::once(name.clone()).chain((0..values.len()).map(cell)).collect());
        }
        aligned(&rows)
    }

    fn row(&self, name: &str, of: impl Fn(&RunLog) -> String) -> Vec<String> {
        std::iter::once(name.to_owned()).chain(self.runs.iter().map(|run| of(run))).collect()
    }
}

/// The names of all figures, those that people look at first in front.
pub(super) fn metric_names<'r>(runs: &[&'r RunLog]) -> Vec<&'r str> {
    let names: BTreeSet<&str> = runs.iter().flat_map(|run| run.metrics.keys()).map(String::as_str).collect();
    let place = |name: &str| FIRST.iter().position(|first| *first == name).unwrap_or(FIRST.len());
    let mut names: Vec<_> = names.into_iter().collect();
    names.sort_by_key(|name| place(name));
    names
}

/// What a figure is more than the first run's.
pub(super) fn delta(values: &[Option<f64>], place: usize) -> Option<f64> {
    let first = values.first().copied().flatten()?;
    Some(values.get(place).copied().flatten()? - first)
}

/// A figure for people: counts whole, all else to four digits.
pub(super) fn figure(value: f64) -> String {
    let size = value.abs();
    if crate::contract::is_whole(value) && size < 1e15 {
        return format!("{value:.0}");
    }
    if (1e-3..1e6).contains(&size) { format!("{value:.4}") } else { format!("{value:.3e}") }
}

pub(super) fn signed(value: f64) -> String {
    let text = figure(value.abs());
    format!("{}{text}", if value < 0.0 { "−" } else { "+" })
}

/// A hash by its first digits; any other text as it is.
pub(super) fn shorter(text: &str) -> &str {
    let is_hash = text.len() >= 32 && text.bytes().all(|byte| byte.is_ascii_hexdigit());
    if is_hash { text.get(..12).unwrap_or(text) } else { text }
}

/// The start of a run for people, in UTC.
pub(super) fn started(run: &RunLog) -> String {
    super::rfc3339(run.started).get(..19).unwrap_or_default().replace('T', " ")
}

/// Rows as a table: columns as wide as their widest cell.
pub(super) fn aligned(rows: &[Vec<String>]) -> String {
    let columns = rows.iter().map(Vec::len).max().unwrap_or(0);
    let width = |column: usize| {
        let cells = rows.iter().filter(|row| row.len() > 1).filter_map(|row| row.get(column));
        cells.map(|cell| cell.chars().count()).max().unwrap_or(0)
    };
    let widths: Vec<usize> = (0..columns).map(width).collect();
    let mut out = String::new();
    for row in rows {
        let mut line = String::new();
        for (cell, width) in row.iter().zip(widths.iter().copied()) {
            // Writing to a String cannot fail.
            let _ = write!(line, "{cell:<width$}  ");
        }
        out.push_str(line.trim_end());
        out.push('\n');
    }
    out
}

/// The runs of a record as a table: the figures that people look at first, where any run has them.
pub(crate) fn listed(runs: &[&RunLog], is_sent: impl Fn(&RunLog) -> bool) -> String {
    let shown: Vec<&str> = metric_names(runs)
        .into_iter()
        .filter(|name| FIRST.contains(name) && !matches!(*name, "accepted" | "rejected" | "threshold"))
        .collect();
    let heads = ["id", "started (UTC)", "command", "name", "experiment"].map(ToOwned::to_owned);
    let mut rows = vec![heads.into_iter().chain(shown.iter().map(|name| (*name).to_owned())).collect::<Vec<_>>()];
    for run in runs {
        let mut row = vec![run.id.clone(), started(run), run.command.clone(), run.name.clone(), run.experiment.clone()];
        row.extend(shown.iter().map(|name| run.metrics.get(*name).copied().map_or_else(|| "–".to_owned(), figure)));
        if is_sent(run) {
            row.push("sent".to_owned());
        }
        rows.push(row);
    }
    aligned(&rows)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_equal_is_left_out_and_changes_are_shown() {
        let run = |seed: u64, auroc: f64| {
            let mut run = RunLog::new("train", "orders", seed, [1; 10]);
            run.param("seed", seed);
            run.param("trees", 100);
            run.metric("auroc", auroc);
            run.metric("records", 5000.0);
            run.tag("tamis.dataset.sha256", "ab".repeat(32));
            run
        };
        let (first, second) = (run(1, 0.75), run(2, 0.7));
        let mut third = run(3, 0.5);
        third.metrics.remove("auroc");
        let comparison = Comparison::of(vec![&first, &second, &third]);
        let names: Vec<_> = comparison.params.iter().map(|(name, _)| name.as_str()).collect();
        assert_eq!(names, ["seed"]);
        let json = comparison.json();
        assert_eq!(json["metrics"]["auroc"]["values"], json!([0.75, 0.7, null]));
        assert_eq!(json["metrics"]["auroc"]["deltas"][2], Json::Null);
        let text = comparison.text();
        assert!(text.contains("0.7000 (−0.0500)") && text.contains("5000") && !text.contains("trees"), "{text}");
        assert_eq!([figure(0.123_456), figure(1e-9), figure(12.0), figure(0.0)], ["0.1235", "1.000e-9", "12", "0"]);
    }
}
