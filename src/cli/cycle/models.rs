//! The registry, as the cycle uses it: a challenger's card, and the step to champion.

use super::super::registry::{Registry, configured, signing_key};
use super::Turn;
use super::challenger::Challenger;
use super::event::Batch;
use crate::evaluation::CONFIDENCE;
use crate::registry::{Card, Id, Input, Metric, Span};
use crate::score::Model;
use anyhow::{Context, Result};
use std::path::{Path, PathBuf};

/// The registry.
pub(super) struct Models {
    registry: Registry,
}

impl Models {
    pub(super) fn open(folder: &Path, public_key: Option<&Path>) -> Result<Self> {
        Ok(Self { registry: Registry::open(folder, configured(public_key)?)? })
    }

    /// The id of the champion, which is the SHA-256 of its bytes.
    pub(super) fn champion(&self) -> Result<Option<String>> {
        Ok(self.registry.champion()?.map(|id| id.as_str().to_owned()))
    }

    /// The folder of a version.
    pub(super) fn version(&self, id: &Id) -> PathBuf {
        self.registry.root().join("versions").join(id.as_str())
    }

    pub(super) fn model(&self, id: &str) -> Result<Model> {
        let bytes = self.registry.model(&read(id)?)?;
        Model::from_onnx(&bytes).with_context(|| format!("the model {id} cannot be loaded"))
    }

    /// Adds a challenger with its card, and signs it where a key for that is named.
    pub(super) fn add(&self, turn: &Turn<'_>, made: &Challenger, batches: &[Batch]) -> Result<()> {
        let moment = batches.last().map_or_else(|| turn.clock.now(), |batch| batch.moment.clone());
        let added = self.registry.add(&made.onnx, &card(made, batches, &moment)?, &turn.clock.now())?;
        if let Some(path) = &turn.args.sign_with {
            self.registry.sign(&added.id, &signing_key(path)?, &turn.clock.now())?;
        }
        Ok(())
    }

    pub(super) fn promote(&self, id: &str, why: &str, at: &str) -> Result<()> {
        self.registry.promote(&read(id)?, Some(why), at).map(|_| ())
    }
}

fn read(id: &str) -> Result<Id> {
    id.parse().with_context(|| format!("{id} is no id of a model"))
}

/// The card: the same for the same challenger, however often it is made.
fn card(made: &Challenger, batches: &[Batch], moment: &str) -> Result<Card> {
    let mut card = Card::of(&made.model, &made.onnx);
    let evidence = &made.told.evidence;
    card.data.inputs =
        batches.iter().map(|batch| Input { sha256: batch.sha256.clone(), bytes: batch.file.bytes }).collect();
    card.data.records = Some(batches.iter().map(|batch| batch.refused.records).sum());
    card.data.accepted = Some(batches.iter().map(Batch::accepted).sum());
    card.data.span = batches
        .iter()
        .map(|batch| batch.moment.as_str())
        .min()
        .zip(batches.iter().map(|batch| batch.moment.as_str()).max())
        .map(|(from, to)| Span { from: from.to_owned(), to: to.to_owned() });
    card.lineage.parent = made.told.champion.as_deref().map(read).transpose()?;
    card.lineage.trained_at = Some(moment.to_owned());
    card.lineage.made_by = Some("tamis cycle".to_owned());
    let kind = if evidence.planted { "planted" } else { "known" };
    let on =
        format!("records held out by a hash of the id, {} {kind} outliers beside or among them", evidence.outliers);
    let rows = evidence.rows as u64;
    let (low, high) = evidence.interval;
    card.measure(Metric::new("auroc", evidence.challenger).within(low, high, CONFIDENCE).on(&on, rows));
    if let Some(paired) = &evidence.paired {
        let (low, high) = paired.interval;
        card.measure(Metric::new("auroc_gain", paired.difference).within(low, high, CONFIDENCE).on(&on, rows));
    }
    #[allow(clippy::cast_precision_loss, reason = "counts of rows")]
    let share = evidence.flagged as f64 / evidence.rows.max(1) as f64;
    let (low, high) = evidence.flagged_interval;
    let held_out = "records held out by a hash of the id";
    card.measure(Metric::new("flagged_rate", share).within(low, high, CONFIDENCE).on(held_out, rows));
    Ok(card)
}
