//! Records a run that may be recorded again: whoever was killed before noting that it was done does it anew.

use super::super::args::TrackArgs;
use super::{Place, Registers, artifacts, deliver, place, record, register};
use crate::score::Model;
use crate::track::{Entry, Kind, Ledger, RunLog};
use anyhow::Result;
use std::path::{Path, PathBuf};

/// Records a run under its id: what the record or the server has already is not written again. Without a place that the
/// arguments name, the record stands in `folder`.
///
/// # Errors
/// When a server was named and does not take the run.
pub(in crate::cli) fn once(
    args: &TrackArgs,
    folder: &Path,
    mut run: RunLog,
    files: &[(Kind, PathBuf)],
    (model, registers): (&Model, Registers),
) -> Result<()> {
    let Some(mut place) = place(args)? else {
        return Ok(());
    };
    if place.folder == Path::new(super::FOLDER) {
        place = Place { folder: folder.to_owned(), ..place };
    }
    run.artifacts = artifacts(files);
    run.tag("tamis.model.sha256", model.sha256());
    run.register = register(args, &run, Some(model), registers);
    let there = std::fs::read(record::path(&place.folder)).map(|bytes| Ledger::read(&bytes)).ok();
    let is_kept = there.as_ref().is_some_and(|ledger| ledger.runs.iter().any(|kept| kept.id == run.id));
    let is_sent = there.as_ref().is_some_and(|ledger| ledger.sent.contains_key(&run.id));
    if !is_kept {
        record::append(&place.folder, &Entry::Run(run.clone()))?;
    }
    match &place.server {
        Some(server) if !is_sent => deliver(server, &place.folder, &run, Some(model)),
        _ => Ok(()),
    }
}
