//! `tamis evaluate`: how well scores tell known outliers from the rest.

use super::args::{EvaluateArgs, Records};
use super::label::{Labels, Reading};
use super::matrix::{self, Asked, Features, Label, MOST_CELLS, Row, Rows};
use super::output::Sink;
use super::track::{Registers, Tracking, evaluated};
use super::{End, batch, measured, model, progress, setup};
use crate::contract::Contract;
use crate::evaluation::{Estimate, Evaluation, Run};
use crate::forest::{Data, Matrix, fit};
use crate::score::{Model, narrow};
use anyhow::{Context, Result, bail};
use rayon::prelude::*;
use serde_json::json;
use std::fmt::Write as _;

pub(super) fn evaluate(args: &EvaluateArgs) -> Result<End> {
    if args.records.inputs.len() > 1 && (args.metrics_out.is_some() || args.plots_out.is_some()) {
        bail!("--metrics-out and --plots-out take the figures of one input");
    }
    let tracking = Tracking::begin("evaluate", &args.track, &args.records)?;
    let judge = Judge::new(args)?;
    let matrices = matrix::are_matrices(&args.records, || Ok(judge.takes_numbers()))?;
    let mut sink = Sink::new(None)?;
    let mut table = Table::default();
    let mut found_in = Vec::new();
    for input in &args.records.inputs {
        let name = input.display().to_string();
        let records = Records { inputs: vec![input.clone()], ..args.records.clone() };
        let rows = if matrices { judge.numbers(args, &records)? } else { judge.records(args, &records)? };
        let (found, run) = judge.judge(&rows).with_context(|| format!("cannot evaluate {name}"))?;
        found_in.push((name.clone(), found.clone()));
        if let Some(path) = &args.metrics_out {
            measured::write(path, &measured::of_evaluation(&found))?;
        }
        if let (Some(folder), Some((labels, run))) = (&args.plots_out, run) {
            measured::plots(folder, &run, &labels)?;
        }
        if args.records.json {
            sink.line(&json(&name, &rows, &found, args).to_string())?;
        } else {
            table.push(input, &rows, found);
        }
    }
    if !args.records.json {
        sink.write(table.text(args).as_bytes())?;
    }
    sink.finish()?;
    let contract = if matrices { None } else { Some(setup::contract(args.records.contract.as_deref())?) };
    track(&tracking, contract.as_ref(), &judge, &found_in)?;
    Ok(End::Done)
}

/// Records what was found in each input; of several, their means too.
#[allow(clippy::cast_precision_loss, reason = "a count of files")]
fn track(
    tracking: &Tracking,
    contract: Option<&Contract>,
    judge: &Judge<'_>,
    found_in: &[(String, Evaluation)],
) -> Result<()> {
    let Some(mut run) = tracking.log(contract, "evaluation") else {
        return Ok(());
    };
    if judge.model.is_none() {
        run.forest(&judge.args.forest.params());
        run.param("seeds", judge.args.seeds);
    }
    if let [(_, found)] = found_in {
        evaluated(&mut run, found);
    } else {
        for (name, found) in found_in {
            run.metric(&format!("auroc/{name}"), found.auroc.mean);
            run.metric(&format!("average_precision/{name}"), found.average_precision.mean);
        }
        let mean = |of: fn(&Evaluation) -> f64| {
            found_in.iter().map(|(_, found)| of(found)).sum::<f64>() / found_in.len() as f64
        };
        run.metric("auroc", mean(|found| found.auroc.mean));
        run.metric("average_precision", mean(|found| found.average_precision.mean));
    }
    tracking.finish(run, &[], judge.model.as_ref(), Registers::Never)
}

/// Labelled rows of one input.
#[derive(Default)]
struct Labelled {
    rows: Matrix,
    /// The same in 64 bits, where a model takes them.
    wide: Option<Vec<f64>>,
    features: Vec<String>,
    /// The labels as they stand there.
    labels: Vec<f32>,
    reading: Reading,
}

impl Labelled {
    fn push(&mut self, row: &[f32], label: f32) -> Result<()> {
        if self.rows.values().len() + row.len() > MOST_CELLS {
            bail!("there are more than the {MOST_CELLS} numbers that are held in memory: evaluate a sample");
        }
        self.reading.see(label);
        self.labels.push(label);
        Ok(self.rows.push_row(row)?)
    }
}

impl Rows for Labelled {
    fn begin(&mut self, names: Vec<String>) -> Result<()> {
        if names.is_empty() {
            bail!("there is no column beside the label");
        }
        self.rows = Matrix::new(names.len());
        self.features = names;
        Ok(())
    }

    fn row(&mut self, row: &Row<'_>) -> Result<()> {
        if let Some(wide) = &mut self.wide {
            wide.extend_from_slice(row.values);
        }
        let values: Vec<f32> = row.values.iter().copied().map(narrow).collect();
        self.push(&values, row.mark.label.unwrap_or(f32::NAN))
    }
}

/// What one share of the records gives.
#[derive(Default)]
struct Made {
    values: Vec<f32>,
    /// The same in 64 bits, where a model takes them.
    wide: Vec<f64>,
    labels: Vec<f32>,
    /// The first record whose label is none.
    wrong: Option<u64>,
}

/// The labels, and what a model says of their rows.
type Told = (Vec<bool>, Run);

struct Judge<'a> {
    args: &'a EvaluateArgs,
    pool: rayon::ThreadPool,
    model: Option<Model>,
}

impl<'a> Judge<'a> {
    fn new(args: &'a EvaluateArgs) -> Result<Self> {
        let pool = setup::threads(&args.records)?;
        let model = args.model.as_deref().map(|path| model::load(path, &args.trust)).transpose()?;
        args.forest.params().check().context("the forest cannot be trained")?;
        Ok(Self { args, pool, model })
    }

    /// Whether a table that could be either is one of bare numbers: nothing speaks for a contract.
    fn takes_numbers(&self) -> bool {
        let under_none = self.model.as_ref().is_none_or(|model| model.metadata().contract.is_none());
        under_none && self.args.labels.is_none()
    }

    /// The features and labels of bare numbers.
    fn numbers(&self, args: &EvaluateArgs, records: &Records) -> Result<Labelled> {
        if args.labels.is_some() {
            bail!("bare numbers have no ids, so --labels cannot be read for them");
        }
        let bar = progress::bar(super::input::length(&records.inputs), "reading");
        let wide = self.model.as_ref().is_some_and(Model::is_wide).then(Vec::new);
        let mut rows = Labelled { wide, ..Labelled::default() };
        let label = args.label.as_deref().map_or(Label::Usual, Label::Named);
        let asked = Asked::of(label, self.model.as_ref().map(Features::from));
        for path in &records.inputs {
            matrix::read(path, records, &asked, &bar, &mut rows)?;
        }
        bar.finish_and_clear();
        Ok(rows)
    }

    /// The features and labels of the accepted records.
    fn records(&self, args: &EvaluateArgs, records: &Records) -> Result<Labelled> {
        let beside = args.labels.is_some().then_some("outlier");
        let Some(name) = args.label.as_deref().or(beside) else {
            bail!("--label must name the field that says which records are outliers");
        };
        let (sieve, pool) = setup::sieve(records)?;
        let field = Labels::of(name, args.labels.as_deref(), sieve.contract())?;
        let columns = super::train::columns(&sieve)?;
        if let Some(model) = &self.model {
            sieve.check(model)?;
        }
        let features = sieve.contract().feature_names().map(ToOwned::to_owned).collect();
        let wide = self.model.as_ref().is_some_and(Model::is_wide);
        let wide_rows = wide.then(Vec::new);
        let mut rows = Labelled { rows: Matrix::new(columns), wide: wide_rows, features, ..Labelled::default() };
        batch::run_with_originals(
            records,
            &sieve,
            &pool,
            "reading",
            |examined, _, original, part: &mut batch::Part<Made>| {
                if let Some(row) = examined.row() {
                    let label = field.read(examined, sieve.contract(), original);
                    if label.is_none() {
                        part.made.wrong.get_or_insert(examined.line());
                    }
                    part.made.values.extend_from_slice(row);
                    if wide {
                        part.made.wide.extend(examined.doubles(sieve.contract()).unwrap_or_default());
                    }
                    part.made.labels.push(label.unwrap_or(f32::INFINITY));
                }
            },
            |made| {
                if let Some(line) = made.wrong {
                    bail!("the label {name} of the record in line {line} is neither 0 nor 1");
                }
                if let Some(wide) = &mut rows.wide {
                    wide.extend(made.wide);
                }
                let made_rows = made.values.chunks_exact(columns).zip(&made.labels);
                made_rows.into_iter().try_for_each(|(row, label)| rows.push(row, *label))
            },
        )?;
        Ok(rows)
    }

    /// The figures, and what the first run says of the labelled rows.
    fn judge(&self, rows: &Labelled) -> Result<(Evaluation, Option<Told>)> {
        if !rows.labels.is_empty() && rows.labels.iter().all(|label| label.is_nan()) {
            let name = self.args.label.as_deref().unwrap_or("it");
            bail!("nothing has a label: {name} is absent or empty in all");
        }
        let outlier = rows.reading.outlier()?;
        let labels: Vec<Option<bool>> = rows.labels.iter().map(|label| outlier(*label)).collect();
        let runs: Vec<Run> = match &self.model {
            Some(model) => vec![of_model(model, rows, &labels, &self.pool)?],
            None => self.pool.install(|| {
                let seeds = (0..u64::from(self.args.seeds)).into_par_iter();
                seeds.map(|seed| self.fitted(seed, rows, &labels)).collect::<Result<_>>()
            })?,
        };
        let known: Vec<bool> = labels.iter().flatten().copied().collect();
        let repeat = |count: usize, resample: &(dyn Fn(usize) -> f64 + Sync)| -> Vec<f64> {
            self.pool.install(|| (0..count).into_par_iter().map(resample).collect())
        };
        let found = Evaluation::of(&known, &runs, self.args.forest.seed, &repeat)?;
        Ok((found, runs.into_iter().next().map(|run| (known, run))))
    }

    /// A forest fitted on all rows, and what it says of those that have a label.
    fn fitted(&self, seed: u64, rows: &Labelled, labels: &[Option<bool>]) -> Result<Run> {
        super::stop::check()?;
        let mut params = self.args.forest.params();
        params.seed = seed;
        let categorical = super::train::categorical(&self.args.forest.categorical, &rows.features)?;
        let data = Data { categorical: &categorical, ..Data::from(&rows.rows) };
        let forest = fit(data, &params.check()?)?;
        let scores = forest.score_batch(&rows.rows).into_iter().zip(labels);
        let mut run = Run::default();
        for (score, _) in scores.filter(|(_, label)| label.is_some()) {
            run.oddness.push(score);
            run.flagged.push(forest.decision(score) < 0.0);
        }
        Ok(run)
    }
}

/// Rows that one thread scores at a time.
const SHARE: usize = 4096;

fn of_model(model: &Model, labelled: &Labelled, labels: &[Option<bool>], pool: &rayon::ThreadPool) -> Result<Run> {
    let rows = &labelled.rows;
    if rows.columns() != model.columns() {
        bail!("the model takes {} features a row, the file has {}", model.columns(), rows.columns());
    }
    let share = SHARE * rows.columns().max(1);
    let scores: Vec<Vec<_>> = if let Some(wide) = &labelled.wide {
        pool.install(|| wide.par_chunks(share).map(|share| Ok(model.score_doubles(share)?)).collect::<Result<_>>())?
    } else {
        let score = |share: &[f32]| Ok(model.score_batch(&Matrix::from_vec(rows.columns(), share.to_vec())?)?);
        pool.install(|| rows.values().par_chunks(share).map(score).collect::<Result<_>>())?
    };
    let mut run = Run::default();
    for (score, _) in scores.into_iter().flatten().zip(labels).filter(|(_, label)| label.is_some()) {
        run.oddness.push(-score.decision);
        run.flagged.push(score.flagged);
    }
    Ok(run)
}

fn json(name: &str, rows: &Labelled, found: &Evaluation, args: &EvaluateArgs) -> serde_json::Value {
    let pair =
        |estimate: Option<Estimate>| estimate.and_then(|estimate| estimate.interval).map(|(low, high)| [low, high]);
    let mean = |estimate: Option<Estimate>| estimate.map(|estimate| estimate.mean);
    json!({
        "file": name,
        "rows": rows.rows.rows(),
        "features": rows.rows.columns(),
        "labelled": found.rows,
        "outliers": found.outliers,
        "model": args.model.as_ref().map(|model| model.display().to_string()),
        "seeds": args.model.is_none().then_some(found.runs),
        "auroc_mean": found.auroc.mean,
        "auroc_sd": found.auroc.sd,
        "auroc_interval": pair(Some(found.auroc)),
        "ap_mean": found.average_precision.mean,
        "ap_sd": found.average_precision.sd,
        "ap_interval": pair(Some(found.average_precision)),
        "precision_mean": mean(found.precision),
        "precision_sd": found.precision.and_then(|precision| precision.sd),
        "precision_interval": pair(found.precision),
        "recall_mean": found.recall.mean,
        "recall_interval": pair(Some(found.recall)),
        "precision_at_outliers_mean": found.precision_at_outliers.mean,
        "flagged_mean": found.flagged,
        "confidence": crate::evaluation::CONFIDENCE,
        "resamples": found.resamples,
    })
}

/// The figures of several files for people.
#[derive(Default)]
struct Table {
    lines: Vec<(String, usize, usize, Evaluation)>,
}

impl Table {
    fn push(&mut self, path: &std::path::Path, rows: &Labelled, found: Evaluation) {
        let name = path.file_name().unwrap_or(path.as_os_str()).to_string_lossy();
        self.lines.push((progress::shown(&name), rows.rows.rows(), rows.rows.columns(), found));
    }

    #[allow(clippy::cast_precision_loss, reason = "a count of files")]
    fn text(&self, args: &EvaluateArgs) -> String {
        let width = self.lines.iter().map(|line| line.0.chars().count()).max().unwrap_or(0).max(4);
        let mut out = format!(
            "{:width$} {:>8} {:>5} {:>8}  {:<32} {:<32} {:<23}\n",
            "file", "rows", "feat.", "outliers", "AUROC", "average precision", "precision at threshold"
        );
        for (name, rows, columns, found) in &self.lines {
            // Writing to a String cannot fail.
            let _ = writeln!(
                out,
                "{name:width$} {rows:>8} {columns:>5} {:>8}  {:<32} {:<32} {}",
                found.outliers,
                shown(found.auroc),
                shown(found.average_precision),
                found
                    .precision
                    .map_or("nothing is flagged".to_owned(), |precision| shown(Estimate { sd: None, ..precision })),
            );
        }
        let count = self.lines.len() as f64;
        if self.lines.len() > 1 {
            let mean = |of: fn(&Evaluation) -> f64| self.lines.iter().map(|line| of(&line.3)).sum::<f64>() / count;
            let (auroc, precision) = (mean(|found| found.auroc.mean), mean(|found| found.average_precision.mean));
            let _ = writeln!(out, "{:width$} {:>8} {:>5} {:>8}  {auroc:<32.4} {precision:<32.4}", "mean", "", "", "");
        }
        let what = match &args.model {
            Some(_) => "one model".to_owned(),
            None => {
                format!("mean ± deviation of {} forests (seeds 0 to {}) fitted on all rows", args.seeds, args.seeds - 1)
            }
        };
        let _ = writeln!(
            out,
            "{what}; [95 % intervals over rows: DeLong's for the AUROC, stratified bootstrap for the average precision, \
             Wilson's for the precision]"
        );
        out
    }
}

fn shown(estimate: Estimate) -> String {
    let mut text = format!("{:.4}", estimate.mean);
    if let Some(sd) = estimate.sd {
        let _ = write!(text, " ± {sd:.4}");
    }
    if let Some((low, high)) = estimate.interval {
        let _ = write!(text, " [{low:.4}, {high:.4}]");
    }
    text
}
