//! The training window: the accepted, masked records of the latest batches.

use super::super::args::InputFormat;
use super::super::batch;
use super::super::label::LabelField;
use super::event::Batch;
use super::story::Story;
use super::{Turn, clock, records};
use crate::contract::Contract;
use crate::forest::Matrix;
use crate::monitor::drift::{Gather, Plan};
use crate::pipeline::Sieve;
use anyhow::{Context, Result, bail};
use siphasher::sip::SipHasher13;
use std::collections::HashMap;
use std::fs::File;
use std::hash::Hasher;
use std::io::{BufRead, BufReader};
use std::path::Path;

/// Parts of the records by a hash of their ids; the last is held out, as in `tamis train`.
const PARTS: u64 = 5;

/// The records, as features.
pub(super) struct Rows {
    pub(super) values: Matrix,
    pub(super) ids: Vec<u64>,
    pub(super) labels: Vec<Option<bool>>,
    /// How many there are up to the end of each batch.
    pub(super) ends: Vec<usize>,
}

impl Rows {
    fn new(columns: usize) -> Self {
        Self { values: Matrix::new(columns), ids: Vec::new(), labels: Vec::new(), ends: Vec::new() }
    }

    pub(super) fn len(&self) -> usize {
        self.ids.len()
    }
}

/// What the window holds.
pub(super) struct TrainingWindow {
    pub(super) train: Rows,
    /// Never trained on, whichever window they are in: the champion has not seen them either.
    pub(super) held_out: Rows,
    /// The window's records for the reference of drift.
    pub(super) gather: Gather,
    /// Records that were read for it, refused ones among them.
    pub(super) records: u64,
    pub(super) batches: Vec<Batch>,
}

/// The batches to train on, the oldest first.
pub(super) fn chosen(story: &Story, sieve: &Sieve, records: u64, days: Option<f64>) -> Vec<Batch> {
    let latest = story.batches.back().and_then(|told| clock::read(&told.batch.moment));
    #[allow(clippy::cast_precision_loss, reason = "seconds of some years")]
    let fresh = |batch: &Batch| {
        let age =
            latest.zip(clock::read(&batch.moment)).map_or(0.0, |(latest, moment)| (latest - moment) as f64 / 86_400.0);
        days.is_none_or(|days| age <= days)
    };
    // Under another contract or a key that is gone the masked records are none that this sieve would accept.
    let usable = |batch: &Batch| {
        batch.contract_sha256 == sieve.contract().sha256() && sieve.key_ids().contains(&batch.key) && fresh(batch)
    };
    let (mut chosen, mut held) = (Vec::new(), 0);
    for told in story.batches.iter().rev().filter(|told| usable(&told.batch)) {
        if held >= records {
            break;
        }
        held += told.batch.accepted();
        chosen.push(told.batch.clone());
    }
    chosen.reverse();
    chosen
}

/// What one share of the records gives.
#[derive(Default)]
struct Made {
    values: Vec<f32>,
    ids: Vec<u64>,
    labels: Vec<Option<bool>>,
    gather: Option<Gather>,
}

/// Reads the window's records again. They are masked already, and masking changes nothing about them.
pub(super) fn read(turn: &Turn<'_>, sieve: &Sieve, plan: &Plan, batches: Vec<Batch>) -> Result<TrainingWindow> {
    let contract = sieve.contract();
    let columns = contract.feature_names().count();
    let labels = Labels::of(turn, contract)?;
    let mut window = TrainingWindow {
        train: Rows::new(columns),
        held_out: Rows::new(columns),
        gather: Gather::new(plan),
        records: batches.iter().map(|batch| batch.refused.records).sum(),
        batches,
    };
    for batch in window.batches.clone() {
        let path = turn.batch(&batch.id).join("accepted.ndjson");
        let records = records(path, Some(InputFormat::Ndjson));
        batch::run_with_originals(
            &records,
            sieve,
            turn.pool,
            "reading the window",
            |examined, _, original, part: &mut batch::Part<Made>| {
                let Some(row) = examined.row() else {
                    return;
                };
                let made = &mut part.made;
                made.values.extend_from_slice(row);
                let id = examined
                    .id(contract)
                    .unwrap_or_else(|| [batch.id.as_bytes(), &examined.line().to_le_bytes()].concat());
                let id = hash(&id);
                made.ids.push(id);
                made.labels.push(labels.read(id, original));
                made.gather.get_or_insert_with(|| Gather::new(plan)).push(plan, examined, None);
            },
            |made| {
                for ((row, id), label) in made.values.chunks_exact(columns.max(1)).zip(&made.ids).zip(&made.labels) {
                    let rows = if id % PARTS == PARTS - 1 { &mut window.held_out } else { &mut window.train };
                    rows.values.push_row(row).context("a row of another width")?;
                    rows.ids.push(*id);
                    rows.labels.push(*label);
                }
                if let Some(gather) = made.gather {
                    window.gather.merge(gather);
                }
                Ok(())
            },
        )?;
        for rows in [&mut window.train, &mut window.held_out] {
            rows.ends.push(rows.len());
        }
    }
    Ok(window)
}

fn hash(id: &[u8]) -> u64 {
    let mut hasher = SipHasher13::new();
    hasher.write(id);
    hasher.finish()
}

/// What is known of outliers.
enum Labels {
    None,
    /// By the hash of the id as JSON.
    File(HashMap<u64, bool>),
    Field(LabelField),
}

impl Labels {
    fn of(turn: &Turn<'_>, contract: &Contract) -> Result<Self> {
        if let Some(path) = &turn.args.labels {
            return Self::read_file(path).map(Self::File);
        }
        let Some(name) = &turn.args.label else {
            return Ok(Self::None);
        };
        let pointer = if name.starts_with('/') { name.clone() } else { format!("/{name}") };
        if !contract.paths().any(|path| path == pointer) {
            bail!("the contract has no field {name}, so masked records have no label there; use --labels");
        }
        LabelField::of(name, contract).map(Self::Field)
    }

    /// Reads lines of `{"id": …, "outlier": …}`.
    fn read_file(path: &Path) -> Result<HashMap<u64, bool>> {
        #[derive(serde::Deserialize)]
        struct Line {
            id: serde_json::Value,
            outlier: bool,
        }
        let name = path.display();
        let file = File::open(path).with_context(|| format!("cannot read the labels {name}"))?;
        let mut labels = HashMap::new();
        for (number, line) in (1..).zip(BufReader::new(file).lines()) {
            let line = line.with_context(|| format!("cannot read the labels {name}"))?;
            if line.trim().is_empty() {
                continue;
            }
            // What serde says could quote an id.
            let Ok(Line { id, outlier }) = serde_json::from_str(&line) else {
                bail!("line {number} of the labels {name} is no {{\"id\": …, \"outlier\": true or false}}");
            };
            labels.insert(hash(id.to_string().as_bytes()), outlier);
        }
        Ok(labels)
    }

    #[allow(clippy::float_cmp, reason = "labels are whole numbers")]
    fn read(&self, id: u64, record: Option<&[u8]>) -> Option<bool> {
        match self {
            Self::None => None,
            Self::File(labels) => labels.get(&id).copied(),
            Self::Field(field) => match field.read(record?)? {
                1.0 => Some(true),
                0.0 => Some(false),
                _ => None,
            },
        }
    }
}
