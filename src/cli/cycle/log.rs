//! Logs a training as a run, under an id that follows from the batch: however often it is logged, it is one run.

use super::super::track::{Registers, once};
use super::Turn;
use super::clock;
use super::story::Told;
use crate::contract::sha256_hex;
use crate::registry::Id;
use crate::track::{Kind, RunLog};
use anyhow::{Context, Result};

/// Logs the challenger of a batch.
pub(super) fn log(turn: &Turn<'_>, told: &Told) -> Result<()> {
    let Some(trained) = &told.trained else {
        return Ok(());
    };
    let model = turn.models.model(&trained.model)?;
    let track = &turn.args.track;
    let experiment = track.experiment.clone().unwrap_or_else(|| turn.contract.name().to_owned());
    let now = clock::read(&turn.clock.now()).and_then(|seconds| u64::try_from(seconds).ok()).unwrap_or_default();
    let mut random = [0; 10];
    let hash = sha256_hex(format!("tamis.run/1 {} {}", told.batch.id, trained.model).as_bytes());
    for (byte, digit) in random.iter_mut().zip(hash.bytes()) {
        *byte = digit;
    }
    let mut run = RunLog::new("cycle", &experiment, now * 1000, random);
    if let Some(name) = &track.run_name {
        run.name.clone_from(name);
    }
    run.contract(&turn.contract);
    run.tag("tamis.version", env!("CARGO_PKG_VERSION"));
    run.tag("tamis.batch", &told.batch.id);
    run.tag("tamis.promoted", trained.refusals.is_empty());
    run.tag("tamis.why", trained.why.iter().map(|why| why.name()).collect::<Vec<_>>().join(","));
    run.forest(&turn.args.forest.params());
    run.trained(model.metadata());
    figures(&mut run, told);
    let id: Id = trained.model.parse().context("a model's id is none")?;
    let folder = turn.models.version(&id);
    let files = [
        (Kind::Model, folder.join("model.onnx")),
        (Kind::Document, folder.join("card.md")),
        (Kind::Document, folder.join("card.json")),
    ];
    let registers = if trained.refusals.is_empty() { Registers::ByDefault } else { Registers::Never };
    once(track, &turn.args.state, run, &files, (&model, registers))
}

#[allow(clippy::cast_precision_loss, reason = "counts of rows")]
fn figures(run: &mut RunLog, told: &Told) {
    let Some(trained) = &told.trained else {
        return;
    };
    let evidence = &trained.evidence;
    run.metric("auroc", evidence.challenger);
    run.metric("auroc_low", evidence.interval.0);
    run.metric("auroc_high", evidence.interval.1);
    if let Some(paired) = &evidence.paired {
        run.metric("champion_auroc", paired.first);
        run.metric("auroc_gain", paired.difference);
        run.metric("auroc_gain_low", paired.interval.0);
    }
    run.metric("rank_correlation", evidence.correlation);
    run.metric("held_out_rows", evidence.rows as f64);
    run.metric("outliers", evidence.outliers as f64);
    run.metric("flagged_rate", evidence.flagged as f64 / evidence.rows.max(1) as f64);
    run.metric("window_batches", trained.batches as f64);
    run.metric("batch_acceptance_rate", 1.0 - told.batch.refused.rate());
}
