//! `tamis train`: a forest from the accepted, masked records.

use super::args::{Records, TrainArgs};
use super::output::{self, Files};
use super::track::{Registers, Tracking};
use super::{End, batch, setup};
use crate::forest::{Params, Tree};
use crate::pipeline::{Examined, Sieve};
use crate::quality::Summary;
use crate::score::Model;
use crate::track::Kind;
use crate::training::{Sample, Trained};
use crate::verdict::Explain;
use anyhow::{Context, Result, bail};
use rayon::prelude::*;
use serde_json::json;

/// Rows for training, with what decides where each is held out.
#[derive(Default)]
pub(super) struct Rows {
    values: Vec<f32>,
    ids: Vec<Vec<u8>>,
}

impl Rows {
    pub(super) fn push(&mut self, examined: &Examined, sieve: &Sieve) {
        if let Some(row) = examined.row() {
            self.values.extend_from_slice(row);
            let id = examined.id(sieve.contract()).unwrap_or_else(|| examined.line().to_string().into_bytes());
            self.ids.push(id);
        }
    }

    pub(super) fn pour(&self, sample: &mut Sample) {
        let columns = self.values.len().checked_div(self.ids.len()).unwrap_or_default().max(1);
        for (row, id) in self.values.chunks_exact(columns).zip(&self.ids) {
            sample.push(row, id);
        }
    }
}

pub(super) fn train(args: &TrainArgs) -> Result<End> {
    let tracking = Tracking::begin("train", &args.track, &args.records)?;
    let (sieve, pool) = setup::sieve(&args.records)?;
    let (mut files, model) = Files::one(&args.model_out)?;
    let mut sample = sample(&sieve, &args.forest.params())?;
    let summary = read(&args.records, &sieve, &pool, &mut sample)?;
    let trained = fit(&sample, &sieve, &args.forest.params(), &pool)?;
    files.write(model, &trained.onnx)?;
    files.finish()?;
    let told = tell(args, &sample, &trained);
    track(args, &tracking, &sieve, &summary, &trained)?;
    told?;
    Ok(End::Done)
}

/// Records the run.
fn track(args: &TrainArgs, tracking: &Tracking, sieve: &Sieve, summary: &Summary, trained: &Trained) -> Result<()> {
    let Some(mut run) = tracking.log(Some(sieve.contract()), "training") else {
        return Ok(());
    };
    run.forest(&args.forest.params());
    run.counts(summary, sieve.contract(), trained.anomaly_rate);
    let model = Model::from_onnx(&trained.onnx)?;
    run.trained(model.metadata());
    tracking.finish(run, &[(Kind::Model, args.model_out.clone())], Some(&model), Registers::ByDefault)
}

/// Says what was trained.
fn tell(args: &TrainArgs, sample: &Sample, trained: &Trained) -> Result<()> {
    let out = args.model_out.display().to_string();
    if args.records.json {
        let json = json!({
            "model": out,
            "sha256": crate::contract::sha256_hex(&trained.onnx),
            "rows": sample.rows(),
            "anomaly_rate": trained.anomaly_rate,
        });
        output::print(&format!("{json:#}\n"))
    } else {
        let rate = match trained.anomaly_rate {
            Some(rate) => format!("flags {:.2} % of records held out from training", rate * 100.0),
            None => "too few records to hold some out, so its anomaly rate is not known".to_owned(),
        };
        let kept = match sample.seen() {
            seen if seen > sample.rows() as u64 => format!("a sample of {} out of {seen}", sample.rows()),
            seen => seen.to_string(),
        };
        output::print(&format!("trained on {kept} accepted records; {rate}\nwritten to {out}\n"))
    }
}

/// An empty sample for the sieve's features.
pub(super) fn sample(sieve: &Sieve, params: &Params) -> Result<Sample> {
    let columns = sieve.contract().feature_names().count();
    if columns == 0 {
        bail!("the contract {} has no x-features, so there is nothing to train on", sieve.contract().name());
    }
    Ok(Sample::new(columns, params.seed))
}

fn read(records: &Records, sieve: &Sieve, pool: &rayon::ThreadPool, sample: &mut Sample) -> Result<Summary> {
    batch::run(
        records,
        sieve,
        pool,
        "reading",
        |examined, source, part: &mut batch::Part<Rows>| {
            let mut verdict = Vec::new();
            sieve.conclude(examined, source, Explain::default(), &mut part.summary, &mut verdict);
            part.made.push(examined, sieve);
        },
        |rows| {
            rows.pour(sample);
            Ok(())
        },
    )
}

/// Trains on all threads.
pub(super) fn fit(sample: &Sample, sieve: &Sieve, params: &Params, pool: &rayon::ThreadPool) -> Result<Trained> {
    let params = params.check().context("the forest cannot be trained")?;
    let grow = |trees: usize, grow: &(dyn Fn(usize) -> Tree + Sync)| -> Vec<Tree> {
        pool.install(|| (0..trees).into_par_iter().map(grow).collect())
    };
    Ok(sample.train(sieve.contract(), &params, &grow)?)
}
