//! One batch: validated, masked, scored by the champion, counted in the bins of its reference.

use super::super::output::Files;
use super::super::{batch, stop};
use super::event::{Batch, Seen};
use super::inbox::Content;
use super::{Turn, hex, records};
use crate::monitor::control::Blocks;
use crate::monitor::drift::{Counter, Reference, Window};
use crate::pipeline::{Examined, Sieve};
use crate::quality::Summary;
use crate::verdict::{Explain, Status};
use anyhow::{Context, Result};
use sha2::{Digest, Sha256};
use std::fs::File;
use std::path::Path;

/// What one share of the records gives.
#[derive(Default)]
struct Made {
    accepted: Vec<u8>,
    rejected: Vec<u8>,
    verdict: Vec<u8>,
    /// For each record whether it was refused; for each scored one whether it was flagged.
    refused: Vec<bool>,
    flagged: Vec<bool>,
    window: Option<Window>,
}

/// What is counted over all shares, in the order of the records.
#[derive(Default)]
struct Counted {
    refused: Blocks,
    flagged: Blocks,
    window: Option<Window>,
    accepted: Sha256,
}

impl Made {
    /// Takes a record.
    fn record(
        &mut self,
        examined: &Examined,
        source: Option<&str>,
        sieve: &Sieve,
        counter: Option<&Counter>,
        summary: &mut Summary,
    ) {
        self.verdict.clear();
        let (status, score) = sieve.conclude(examined, source, Explain::default(), summary, &mut self.verdict);
        self.refused.push(status == Status::Rejected);
        match status {
            Status::Accepted => examined.write_record(&mut self.accepted),
            Status::Rejected => self.rejected.extend_from_slice(&self.verdict),
        }
        self.flagged.extend(score.map(|score| score.flagged));
        if let Some(counter) = counter {
            counter.count(self.window.get_or_insert_with(|| counter.window()), examined, score);
        }
    }
}

impl Counted {
    /// Adds the next share.
    fn add(&mut self, made: &Made) -> Result<()> {
        made.refused.iter().for_each(|refused| self.refused.push(*refused));
        made.flagged.iter().for_each(|flagged| self.flagged.push(*flagged));
        self.accepted.update(&made.accepted);
        if let Some(part) = &made.window {
            match &mut self.window {
                Some(window) => window.merge(part)?,
                None => self.window = Some(part.clone()),
            }
        }
        Ok(())
    }
}

/// Writes a batch's files into its folder, whole or not at all; answers what the journal tells of it.
pub(super) fn take(
    turn: &Turn<'_>,
    sieve: &Sieve,
    reference: Option<&Reference>,
    path: &Path,
    (seen, content): (&Seen, &Content),
) -> Result<Batch> {
    let counter = reference.map(|reference| Counter::of(reference, sieve.contract())).transpose()?;
    let counter = counter.map(|counter| counter.with_model(sieve.model_name())).transpose()?;
    let mut files = Files::new(&turn.batch(&content.id))?;
    let (accepted, rejected) = (files.add("accepted.ndjson")?, files.add("rejected.ndjson")?);
    let mut all = Counted::default();
    let summary = batch::run(
        &records(path.to_owned(), turn.args.format),
        sieve,
        turn.pool,
        "validating, masking",
        |examined, source, part: &mut batch::Part<Made>| {
            part.made.record(examined, source, sieve, counter.as_ref(), &mut part.summary);
        },
        |made| {
            all.add(&made)?;
            files.write(accepted, &made.accepted)?;
            files.write(rejected, &made.rejected)
        },
    )?;
    if let Some(window) = &all.window {
        let file = files.add("window.json")?;
        files.write(file, format!("{}\n", window.to_json()).as_bytes())?;
    }
    let file = files.add("summary.json")?;
    files.write(file, format!("{:#}\n", sieve.summary_json(&summary, None)).as_bytes())?;
    keep(files)?;
    let compared = all.window.is_some();
    Ok(Batch {
        id: content.id.clone(),
        file: seen.clone(),
        sha256: content.sha256.clone(),
        moment: super::clock::of_name(&seen.name).unwrap_or_else(|| turn.clock.now()),
        contract_sha256: sieve.contract().sha256().to_owned(),
        key: sieve.key_ids().first().cloned().unwrap_or_default(),
        model: sieve.model().map(|model| model.sha256().to_owned()),
        accepted_sha256: hex(&all.accepted.finalize()),
        refused: all.refused.observed(),
        flagged: sieve.model().map(|_| all.flagged.observed()),
        compared,
    })
}

/// Moves the files to their names and makes that lasting: the journal's line must not outlive them.
fn keep(files: Files) -> Result<()> {
    let paths = files.paths();
    files.finish()?;
    for path in paths {
        let kept = File::open(&path).and_then(|file| file.sync_all());
        kept.with_context(|| format!("cannot write {}", path.display()))?;
    }
    stop::forget();
    Ok(())
}
