//! `tamis train`: a forest from the accepted, masked records, or from bare numbers.

use super::args::{Records, TrainArgs};
use super::label::{LabelField, Reading};
use super::matrix::{self, Asked, Features, Label, Row};
use super::output::{self, Files};
use super::track::Tracking;
use super::wanted::Wanted;
use super::{End, assessed, batch, model, progress, setup, stop};
use crate::contract::Contract;
use crate::forest::{CheckedParams, Forest, Params, Tree};
use crate::monitor::drift::{Gather, Plan};
use crate::onnx::export_explanations;
use crate::pipeline::{Examined, Sieve};
use crate::quality::Summary;
use crate::registry::Statements;
use crate::score::{Model, narrow};
use crate::training::{Mark, Sample, SplitBy, Subject, Threshold, Trained};
use anyhow::{Context, Result, bail};
use rayon::prelude::*;

/// What is read of a record beside its features.
#[derive(Default)]
pub(super) struct Beside {
    label: Option<LabelField>,
    /// The date-time field, as a JSON Pointer.
    moment: Option<String>,
    /// The field of the weight, likewise.
    weight: Option<String>,
}

impl Beside {
    fn of(args: &TrainArgs, contract: &Contract) -> Result<Self> {
        let label = args.label.as_deref().map(|label| LabelField::of(label, contract)).transpose()?;
        let field = |name: &str, what: &str| {
            let pointer = if name.starts_with('/') { name.to_owned() } else { format!("/{name}") };
            let known = contract.paths().any(|path| path == pointer);
            known.then_some(pointer).with_context(|| format!("the contract has no field {name} {what}"))
        };
        let moment = args.split_by.as_deref().map(|name| field(name, "to split by")).transpose()?;
        let weight = args.weights.as_deref().map(|name| field(name, "to weigh records by")).transpose()?;
        Ok(Self { label, moment, weight })
    }

    fn mark(&self, examined: &Examined, contract: &Contract, original: Option<&[u8]>) -> Mark {
        let label = self.label.as_ref().zip(original);
        // What is no label is told apart from a missing one when all are read.
        let label = label.map_or(f32::NAN, |(field, original)| field.read(original).unwrap_or(f32::INFINITY));
        // What is no weight is found out when a forest is fitted.
        let weight = |pointer: &String| examined.number(contract, pointer).unwrap_or(f64::NAN);
        let weight = self.weight.as_ref().map_or(1.0, weight);
        Mark { label, moment: self.moment.as_ref().and_then(|pointer| examined.moment(contract, pointer)), weight }
    }
}

/// Rows for training, with what decides where each is held out.
#[derive(Default)]
pub(super) struct Rows {
    values: Vec<f32>,
    ids: Vec<Vec<u8>>,
    marks: Vec<Mark>,
    gathered: Option<Gather>,
}

impl Rows {
    /// Takes a record's row, if it was accepted, and what the model will tell later ones by.
    pub(super) fn push(
        &mut self,
        examined: &Examined,
        sieve: &Sieve,
        original: Option<&[u8]>,
        beside: &Beside,
        plan: &Plan,
    ) {
        self.gathered.get_or_insert_with(|| Gather::new(plan)).push(plan, examined, None);
        if let Some(row) = examined.row() {
            self.values.extend_from_slice(row);
            let id = examined.id(sieve.contract()).unwrap_or_else(|| examined.line().to_string().into_bytes());
            self.ids.push(id);
            self.marks.push(beside.mark(examined, sieve.contract(), original));
        }
    }

    pub(super) fn pour(self, sample: &mut Sample, gather: &mut Gather) {
        if let Some(gathered) = self.gathered {
            gather.merge(gathered);
        }
        let columns = self.values.len().checked_div(self.ids.len()).unwrap_or_default().max(1);
        for ((row, id), mark) in self.values.chunks_exact(columns).zip(&self.ids).zip(&self.marks) {
            sample.push(row, id, *mark);
        }
    }
}

pub(super) fn train(args: &TrainArgs) -> Result<End> {
    let tracking = Tracking::begin("train", &args.track, &args.records)?;
    let statements = model::statements(&args.statements)?;
    if args.registry.is_none() && statements != Statements::default() {
        bail!(
            "--card, --provider and --intended-use state something for the card in a registry: name it with --registry"
        );
    }
    let begun = args.warm_start.as_deref().map(|path| model::load(path, &args.trust)).transpose()?;
    let wanted = Wanted::of(args, begun.as_ref())?;
    let params = wanted.params;
    let Read { subject, mut sample, reading, pool, counted } = if matrix::are_matrices(&args.records, || Ok(true))? {
        numbers(args, begun.as_ref(), &wanted)?
    } else {
        records(args, &wanted)?
    };
    if args.label.is_some() {
        sample.read_labels(reading.outlier()?);
        if !sample.is_labelled() {
            bail!("no row has a label");
        }
    }
    let by = if args.split_by.is_some() { SplitBy::Moment } else { SplitBy::Id };
    if by == SplitBy::Moment && sample.pace().is_none() {
        bail!("the field to split by holds no two moments: it must be a date-time of RFC 3339, and not masked");
    }
    let threshold = wanted.threshold(args, &sample, by)?;
    let forest = begun.as_ref().map(|model| begun_for(model, &subject)).transpose()?;
    let (mut files, model) = Files::one(&args.model_out)?;
    let trained = grown(&sample, &subject, &params, forest, threshold, &pool)?;
    files.write(model, &trained.onnx)?;
    let mut explanations = args.explain_out.as_deref().map(Files::one).transpose()?;
    if let Some((files, id)) = &mut explanations {
        let onnx = export_explanations(&trained.forest, &subject.features).context("cannot write --explain-out")?;
        files.write(*id, &onnx)?;
    }
    let assessment = assess(&sample, &params, threshold, by, &pool)?;
    stop::check()?;
    files.finish()?;
    if let Some((files, _)) = explanations {
        files.finish()?;
    }
    let counts = counted.as_ref().map(|(summary, _)| (summary.records(), summary.accepted()));
    let kept = model::Kept { args, statements, counts, trained: &trained, assessment: assessment.as_ref() };
    let version = args.registry.as_deref().map(|root| kept.add_to(root)).transpose()?;
    let told = assessed::Told { args, sample: &sample, trained: &trained, assessment: assessment.as_ref(), version };
    let printed = output::print(&if args.records.json { format!("{:#}\n", told.json()) } else { told.text() });
    tracking.trained(&told, params.get(), counted.as_ref())?;
    printed?;
    Ok(End::Done)
}

/// The forest that more trees are added to, if its features are those that were read.
fn begun_for<'m>(model: &'m Model, subject: &Subject) -> Result<&'m Forest> {
    if model.metadata().features != subject.features {
        bail!("the model to start from has other features: {}", model.metadata().features.join(", "));
    }
    model.forest().context("the model to start from is no forest of Tamis")
}

/// The positions of the categorical features by their names.
pub(super) fn categorical(names: &[String], features: &[String]) -> Result<Vec<usize>> {
    let position = |name: &String| {
        let at = features.iter().position(|feature| feature == name);
        at.with_context(|| {
            format!("there is no feature {name} that could be categorical, only {}", features.join(", "))
        })
    };
    names.iter().map(position).collect()
}

/// How many records were read, and how many of them were accepted; none of bare numbers.
pub(super) type Counts = Option<(u64, u64)>;

/// What was read.
struct Read {
    subject: Subject,
    sample: Sample,
    reading: Reading,
    pool: rayon::ThreadPool,
    /// The counts of the records and their contract; none for bare numbers.
    counted: Option<(Summary, Contract)>,
}

fn records(args: &TrainArgs, wanted: &Wanted) -> Result<Read> {
    let (sieve, pool) = setup::sieve(&args.records)?;
    let beside = Beside::of(args, sieve.contract())?;
    let mut sample = sample(&sieve, wanted.params.get().seed, &wanted.categorical)?;
    let mut reading = Reading::default();
    let plan = Plan::of(sieve.contract());
    let mut gather = Gather::new(&plan);
    let summary = read(&args.records, &sieve, &pool, &beside, &plan, |rows| {
        rows.marks.iter().for_each(|mark| reading.see(mark.label));
        rows.pour(&mut sample, &mut gather);
    })?;
    let contract = sieve.into_contract();
    let subject = Subject { gathered: Some((plan, gather)), ..Subject::from(&contract) };
    Ok(Read { subject, sample, reading, pool, counted: Some((summary, contract)) })
}

/// An empty sample for the sieve's features.
pub(super) fn sample(sieve: &Sieve, seed: u64, categories: &[String]) -> Result<Sample> {
    let sample = Sample::new(columns(sieve)?, seed);
    let features: Vec<String> = sieve.contract().feature_names().map(ToOwned::to_owned).collect();
    Ok(sample.with_categorical(categorical(categories, &features)?))
}

/// How many features the sieve's contract has, at least one.
pub(super) fn columns(sieve: &Sieve) -> Result<usize> {
    let columns = sieve.contract().feature_names().count();
    if columns == 0 {
        bail!("the contract {} has no x-features, so there is nothing to train on", sieve.contract().name());
    }
    Ok(columns)
}

fn read(
    records: &Records,
    sieve: &Sieve,
    pool: &rayon::ThreadPool,
    beside: &Beside,
    plan: &Plan,
    mut take: impl FnMut(Rows),
) -> Result<Summary> {
    batch::run_with_originals(
        records,
        sieve,
        pool,
        "reading",
        |examined, source, original, part: &mut batch::Part<Rows>| {
            part.accepts(sieve, examined, source);
            part.made.push(examined, sieve, original, beside, plan);
        },
        |rows| {
            take(rows);
            Ok(())
        },
    )
}

/// The sample of bare numbers.
struct Numbers<'n> {
    seed: u64,
    input: usize,
    subject: Subject,
    sample: Option<Sample>,
    reading: &'n mut Reading,
    /// A row in 32 bits.
    row: Vec<f32>,
}

impl matrix::Rows for Numbers<'_> {
    fn begin(&mut self, names: Vec<String>) -> Result<()> {
        if names.is_empty() {
            bail!("there is no column to train on");
        }
        if self.sample.is_none() {
            self.sample = Some(Sample::new(names.len(), self.seed));
            self.subject.features = names;
        }
        Ok(())
    }

    fn row(&mut self, row: &Row<'_>) -> Result<()> {
        let label = row.mark.label.unwrap_or(f32::NAN);
        self.reading.see(label);
        if let Some(sample) = &mut self.sample {
            let id = format!("{}:{}", self.input, row.line);
            let mark = Mark { label, moment: row.mark.moment, weight: row.mark.weight };
            self.row.clear();
            self.row.extend(row.values.iter().copied().map(narrow));
            sample.push(&self.row, id.as_bytes(), mark);
            if sample.seen() % 65_536 == 0 {
                stop::check()?;
            }
        }
        Ok(())
    }
}

fn numbers(args: &TrainArgs, begun: Option<&Model>, wanted: &Wanted) -> Result<Read> {
    let pool = setup::threads(&args.records)?;
    let mut reading = Reading::default();
    let bar = progress::bar(super::input::length(&args.records.inputs), "reading");
    let label = args.label.as_deref().map_or(Label::None, Label::Named);
    let mut numbers = Numbers {
        seed: wanted.params.get().seed,
        input: 0,
        subject: Subject::default(),
        sample: None,
        reading: &mut reading,
        row: Vec::new(),
    };
    for path in &args.records.inputs {
        // The columns of the first file are those of all.
        let before = numbers.subject.features.clone();
        let before = (!before.is_empty()).then_some(Features::of_first(&before));
        let asked = Asked {
            weights: args.weights.as_deref(),
            moment: args.split_by.as_deref(),
            ..Asked::of(label, begun.map(Features::from).or(before))
        };
        matrix::read(path, &args.records, &asked, &bar, &mut numbers)?;
        numbers.input += 1;
    }
    bar.finish_and_clear();
    let Numbers { subject, sample, .. } = numbers;
    if args.label.is_none() && begun.is_none() && subject.features.iter().any(|name| name == "y") {
        progress::say(
            "tamis: the column y is taken as a feature; --label y would leave it out and measure the model against it",
        );
    }
    let categorical = categorical(&wanted.categorical, &subject.features)?;
    let sample = sample.context("there are no rows")?.with_categorical(categorical);
    Ok(Read { subject, sample, reading, pool, counted: None })
}

/// Trains on all threads, as the parameters say.
pub(super) fn fit(sample: &Sample, subject: &Subject, params: &Params, pool: &rayon::ThreadPool) -> Result<Trained> {
    let params = params.check().context("the forest cannot be trained")?;
    grown(sample, subject, &params, None, Threshold::Contamination, pool)
}

fn grown(
    sample: &Sample,
    subject: &Subject,
    params: &CheckedParams,
    begun: Option<&Forest>,
    threshold: Threshold,
    pool: &rayon::ThreadPool,
) -> Result<Trained> {
    Ok(sample.train(subject, params, begun, threshold, &|trees, grow| grow_on(pool, trees, grow))?)
}

fn grow_on(pool: &rayon::ThreadPool, trees: usize, grow: &(dyn Fn(usize) -> Tree + Sync)) -> Vec<Tree> {
    pool.install(|| (0..trees).into_par_iter().map(grow).collect())
}

fn assess(
    sample: &Sample,
    params: &CheckedParams,
    threshold: Threshold,
    by: SplitBy,
    pool: &rayon::ThreadPool,
) -> Result<Option<crate::training::Assessment>> {
    let repeat = |count: usize, resample: &(dyn Fn(usize) -> f64 + Sync)| -> Vec<f64> {
        pool.install(|| (0..count).into_par_iter().map(resample).collect())
    };
    Ok(sample.assess(params, threshold, by, &|trees, grow| grow_on(pool, trees, grow), &repeat)?)
}
