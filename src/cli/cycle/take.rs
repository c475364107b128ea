//! One batch: validated, masked, scored by the champion, counted in the bins of its reference.

use super::super::output::Files;
use super::super::{batch, stop};
use super::event::{Batch, Seen};
use super::inbox::Content;
use super::{Turn, hex};
use crate::monitor::control::{Blocks, Observed};
use crate::monitor::drift::{Counter, Reference, Window};
use crate::pipeline::Sieve;
use crate::verdict::{Explain, Status};
use anyhow::{Context, Result};
use sha2::{Digest, Sha256};
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
    let folder = turn.batch(&content.id);
    let mut files = Files::new(&folder)?;
    let (accepted, rejected) = (files.add("accepted.ndjson")?, files.add("rejected.ndjson")?);
    let mut counted = Counted::default();
    let records = turn.records(vec![path.to_owned()]);
    let summary = batch::run_with_originals(
        &records,
        sieve,
        turn.pool,
        "validating, masking",
        |examined, source, _, part: &mut batch::Part<Made>| {
            let made = &mut part.made;
            made.verdict.clear();
            let (status, score) =
                sieve.conclude(examined, source, Explain::default(), &mut part.summary, &mut made.verdict);
            made.refused.push(status == Status::Rejected);
            match status {
                Status::Accepted => examined.write_record(&mut made.accepted),
                Status::Rejected => made.rejected.extend_from_slice(&made.verdict),
            }
            made.flagged.extend(score.map(|score| score.flagged));
            if let Some(counter) = &counter {
                counter.count(made.window.get_or_insert_with(|| counter.window()), examined, score);
            }
        },
        |made| {
            made.refused.iter().for_each(|refused| counted.refused.push(*refused));
            made.flagged.iter().for_each(|flagged| counted.flagged.push(*flagged));
            if let Some(part) = made.window {
                match &mut counted.window {
                    Some(window) => window.merge(&part)?,
                    None => counted.window = Some(part),
                }
            }
            counted.accepted.update(&made.accepted);
            files.write(accepted, &made.accepted)?;
            files.write(rejected, &made.rejected)
        },
    )?;
    let compared = counted.window.is_some();
    if let Some(window) = &counted.window {
        let file = files.add("window.json")?;
        files.write(file, format!("{}\n", window.to_json()).as_bytes())?;
    }
    let file = files.add("summary.json")?;
    files.write(file, format!("{:#}\n", sieve.summary_json(&summary, None)).as_bytes())?;
    let paths = files.paths();
    files.finish()?;
    for path in paths {
        std::fs::File::open(&path)
            .and_then(|file| file.sync_all())
            .with_context(|| format!("cannot write {}", path.display()))?;
    }
    stop::forget();
    let flagged: Observed = counted.flagged.observed();
    Ok(Batch {
        id: content.id.clone(),
        file: seen.clone(),
        sha256: content.sha256.clone(),
        moment: super::clock::of_name(&seen.name).unwrap_or_else(|| turn.clock.now()),
        contract_sha256: sieve.contract().sha256().to_owned(),
        key: sieve.key_ids().first().cloned().unwrap_or_default(),
        model: sieve.model().map(|model| model.sha256().to_owned()),
        accepted_sha256: hex(&counted.accepted.finalize()),
        refused: counted.refused.observed(),
        flagged: sieve.model().map(|_| flagged),
        compared,
    })
}
