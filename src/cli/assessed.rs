//! What `tamis train` tells of a new model.

use super::args::TrainArgs;
use crate::evaluation::{Evaluation, EvaluationError};
use crate::onnx::ThresholdRule;
use crate::registry::Id;
use crate::training::{Assessment, Sample, SplitBy, Trained};
use serde_json::{Value as Json, json};
use std::fmt::Write as _;

pub(super) struct Told<'t> {
    pub(super) args: &'t TrainArgs,
    pub(super) sample: &'t Sample,
    pub(super) trained: &'t Trained,
    pub(super) assessment: Option<&'t Assessment>,
    /// The version that the model is in a registry, where it was added to one.
    pub(super) version: Option<Id>,
}

impl Told<'_> {
    pub(super) fn json(&self) -> Json {
        json!({
            "model": self.args.model_out.display().to_string(),
            "sha256": crate::contract::sha256_hex(&self.trained.onnx),
            "version": self.version,
            "rows": self.sample.rows(),
            "seen": self.sample.seen(),
            "fitted": self.trained.fitted,
            "anomaly_rate": self.trained.anomaly_rate,
            "threshold": -self.trained.forest.offset(),
            "rule": self.trained.threshold,
            "held_out": self.assessment.map(held_out),
        })
    }

    pub(super) fn text(&self) -> String {
        let Self { args, sample, trained, assessment, version } = self;
        let kept = match sample.seen() {
            seen if seen > sample.rows() as u64 => format!("a sample of {} out of {seen}", sample.rows()),
            seen => seen.to_string(),
        };
        let rate = match trained.anomaly_rate {
            Some(rate) => format!("flags {:.2} % of records held out from training", rate * 100.0),
            None => "too few records to hold some out, so its anomaly rate is not known".to_owned(),
        };
        let mut out = format!("trained on {kept} accepted records; {rate}\n");
        // Writing to a String cannot fail.
        let _ = match trained.threshold {
            None => Ok(()),
            Some(ThresholdRule::Score { score }) => writeln!(out, "flags what scores above {score}"),
            Some(ThresholdRule::Budget { rate, confidence, rows, flagged, .. }) => writeln!(
                out,
                "fitted on {} of them; flags what scores above {:.4}: at most one in {:.0} with {:.0} % confidence, by {rows} \
                 records held out, {flagged} of which lie above",
                trained.fitted,
                -trained.forest.offset(),
                1.0 / rate,
                100.0 * confidence,
            ),
        };
        if let Some(assessment) = assessment {
            out.push_str(&measured(assessment));
        }
        let _ = writeln!(out, "written to {}", args.model_out.display());
        if let (Some(id), Some(root)) = (version, &args.registry) {
            let _ = writeln!(out, "in the registry {} it is {}", root.display(), id.short());
        }
        out
    }
}

fn measured(found: &Assessment) -> String {
    let (low, high) = found.rate_interval.unwrap_or((0.0, 1.0));
    let by = match found.by {
        SplitBy::Id => "by a hash of their ids",
        SplitBy::Moment => "the latest",
    };
    let mut out = format!(
        "on {} records held out ({by}): {} flagged, {:.2} % [{:.2}, {:.2}]\n",
        found.test,
        found.flagged,
        100.0 * found.rate,
        100.0 * low,
        100.0 * high
    );
    if let Some(stability) = found.stability {
        let _ = writeln!(
            out,
            "over {} seeds: rank correlation {:.3}, {:.0} % of the oddest {} in common",
            found.seeds,
            stability.spearman,
            100.0 * stability.top,
            stability.top_rows
        );
    }
    match &found.evaluation {
        None => {}
        Some(Err(error)) => {
            let _ = writeln!(out, "of the labels nothing can be said: {error}");
        }
        Some(Ok(found)) => {
            let interval = |interval: Option<(f64, f64)>| {
                interval.map_or(String::new(), |(low, high)| format!(" [{low:.4}, {high:.4}]"))
            };
            let _ = writeln!(
                out,
                "against {} known outliers among them: AUROC {:.4}{}, average precision {:.4}{}",
                found.outliers,
                found.auroc.mean,
                interval(found.auroc.interval),
                found.average_precision.mean,
                interval(found.average_precision.interval)
            );
        }
    }
    out
}

fn held_out(found: &Assessment) -> Json {
    let pair = |interval: Option<(f64, f64)>| interval.map(|(low, high)| [low, high]);
    let labels = |found: &Result<Evaluation, EvaluationError>| match found {
        Err(error) => json!({"error": error.kind()}),
        Ok(found) => json!({
            "rows": found.rows,
            "outliers": found.outliers,
            "auroc": found.auroc.mean,
            "auroc_interval": pair(found.auroc.interval),
            "average_precision": found.average_precision.mean,
            "average_precision_interval": pair(found.average_precision.interval),
            "precision": found.precision.map(|precision| precision.mean),
            "precision_interval": pair(found.precision.and_then(|precision| precision.interval)),
            "recall": found.recall.mean,
            "resamples": found.resamples,
        }),
    };
    json!({
        "split": match found.by { SplitBy::Id => "id", SplitBy::Moment => "moment" },
        "train": found.train,
        "dev": found.dev,
        "test": found.test,
        "flagged": found.flagged,
        "rate": found.rate,
        "rate_interval": pair(found.rate_interval),
        "stability": found.stability.map(|stability| json!({
            "seeds": found.seeds,
            "spearman": stability.spearman,
            "top_jaccard": stability.top,
            "top_rows": stability.top_rows,
        })),
        "labels": found.evaluation.as_ref().map(labels),
        "confidence": crate::evaluation::CONFIDENCE,
    })
}
