//! What is recorded of a training.

use super::{Registers, Tracking};
use crate::cli::assessed::Told;
use crate::contract::Contract;
use crate::evaluation::Evaluation;
use crate::forest::Params;
use crate::quality::Summary;
use crate::score::Model;
use crate::track::{Kind, RunLog};
use crate::training::Assessment;
use anyhow::Result;

impl Tracking {
    /// Records a training; `counted` is what the records were like, where they were records.
    pub(in crate::cli) fn trained(
        &self,
        told: &Told<'_>,
        params: &Params,
        counted: Option<&(Summary, Contract)>,
    ) -> Result<()> {
        let Some(mut run) = self.log(counted.map(|(_, contract)| contract), "training") else {
            return Ok(());
        };
        let Told { args, trained, assessment, sample, version: _ } = told;
        run.forest(params);
        let chosen = [("label", &args.label), ("split_by", &args.split_by), ("weights", &args.weights)];
        for (name, value) in chosen.into_iter().filter_map(|(name, value)| Some((name, value.as_ref()?))) {
            run.param(name, value);
        }
        let model = Model::from_onnx(&trained.onnx)?;
        if !model.metadata().categorical.is_empty() {
            run.param("categorical", model.metadata().categorical.join(","));
        }
        if let Some((summary, contract)) = counted {
            run.counts(summary, contract, trained.anomaly_rate);
        }
        run.metric("anomaly_rate", trained.anomaly_rate);
        run.metric("threshold", -trained.forest.offset());
        run.metric("seen", whole(sample.seen()));
        if let Some(assessment) = assessment {
            held_out(&mut run, assessment);
        }
        run.trained(model.metadata());
        let files = [(Kind::Model, args.model_out.clone())];
        let explanations = args.explain_out.iter().map(|path| (Kind::Document, path.clone()));
        let files: Vec<_> = files.into_iter().chain(explanations).collect();
        self.finish(run, &files, Some(&model), Registers::ByDefault)
    }
}

#[allow(clippy::cast_precision_loss, reason = "a count of rows")]
fn whole(count: u64) -> f64 {
    count as f64
}

#[allow(clippy::cast_precision_loss, reason = "a count of rows")]
fn held_out(run: &mut RunLog, found: &Assessment) {
    run.metric("held_out/rows", found.test as f64);
    run.metric("held_out/flagged_rate", found.rate);
    run.metric("held_out/rank_correlation", found.stability.map(|stability| stability.spearman));
    if let Some(Ok(found)) = &found.evaluation {
        evaluated(run, found);
    }
}

/// Notes how well scores tell known outliers.
#[allow(clippy::cast_precision_loss, reason = "a count of rows")]
pub(in crate::cli) fn evaluated(run: &mut RunLog, found: &Evaluation) {
    run.metric("labelled", found.rows as f64);
    run.metric("outliers", found.outliers as f64);
    run.metric("auroc", found.auroc.mean);
    run.metric("average_precision", found.average_precision.mean);
    run.metric("precision", found.precision.map(|precision| precision.mean));
    run.metric("recall", found.recall.mean);
    for (name, interval) in [("auroc", found.auroc.interval), ("average_precision", found.average_precision.interval)] {
        run.metric(&format!("{name}_low"), interval.map(|(low, _)| low));
        run.metric(&format!("{name}_high"), interval.map(|(_, high)| high));
    }
}
