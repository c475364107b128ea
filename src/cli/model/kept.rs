//! What `tamis train` knows of a model that goes into a registry.

use crate::cli::args::TrainArgs;
use crate::cli::now::now;
use crate::cli::registry::Registry;
use crate::cli::train::Counts;
use crate::evaluation::CONFIDENCE;
use crate::registry::{Card, Id, Input, Metric, Statements};
use crate::score::Model;
use crate::training::{Assessment, SplitBy, Trained};
use anyhow::{Context, Result};
use sha2::{Digest, Sha256};
use std::fs::File;
use std::io::Read;
use std::path::Path;

/// A model that was just trained, and all that is known of it.
pub(in crate::cli) struct Kept<'t> {
    pub(in crate::cli) args: &'t TrainArgs,
    pub(in crate::cli) statements: Statements,
    pub(in crate::cli) counts: Counts,
    pub(in crate::cli) trained: &'t Trained,
    pub(in crate::cli) assessment: Option<&'t Assessment>,
}

impl Kept<'_> {
    /// Adds the model to a registry; a champion it becomes only by `tamis model promote`.
    pub(in crate::cli) fn add_to(&self, root: &Path) -> Result<Id> {
        let registry = Registry::open(root, None)?;
        let now = now();
        let mut card = Card::of(&Model::from_onnx(&self.trained.onnx)?, &self.trained.onnx);
        card.data.inputs = inputs(&self.args.records.inputs)?;
        (card.data.records, card.data.accepted) = self.counts.unzip();
        card.lineage.parent = registry.champion()?;
        card.lineage.trained_at = Some(now.clone());
        card.lineage.made_by = Some(format!("tamis train {}", env!("CARGO_PKG_VERSION")));
        for metric in self.assessment.map(metrics).unwrap_or_default() {
            card.measure(metric);
        }
        card.statements = self.statements.clone();
        registry.add(&self.trained.onnx, &card, &now).map(|added| added.id)
    }
}

/// The figures of the part that was held out.
fn metrics(found: &Assessment) -> Vec<Metric> {
    let by = match found.by {
        SplitBy::Id => "a fifth by a hash of the id",
        SplitBy::Moment => "the latest fifth",
    };
    let on = format!("records held out ({by}) from a forest of the same parameters, fitted on {} others", found.train);
    let mut metrics = match &found.evaluation {
        Some(Ok(evaluation)) => Metric::all_of(evaluation, &on),
        _ => Vec::new(),
    };
    let rate = Metric::new("flagged_rate", found.rate).on(&on, found.test as u64);
    metrics.push(match found.rate_interval {
        Some((low, high)) => rate.within(low, high, CONFIDENCE),
        None => rate,
    });
    metrics
}

/// The hashes of the inputs. What was a pipe cannot be read again, and is not stated.
fn inputs(paths: &[impl AsRef<Path>]) -> Result<Vec<Input>> {
    let files = paths.iter().map(AsRef::as_ref).filter(|path| path.is_file());
    files.map(|path| input(path).with_context(|| format!("cannot read {}", path.display()))).collect()
}

fn input(path: &Path) -> Result<Input> {
    let (mut file, mut hash, mut bytes) = (File::open(path)?, Sha256::new(), 0);
    let mut block = vec![0; 1 << 16];
    loop {
        let length = file.read(&mut block)?;
        let Some(read) = block.get(..length).filter(|read| !read.is_empty()) else { break };
        hash.update(read);
        bytes += read.len() as u64;
    }
    Ok(Input { sha256: base16ct::lower::encode_string(&hash.finalize()), bytes })
}
