//! A change of a registry, step by step, under its lock.

use super::folder;
use super::journal::Journal;
use crate::contract::sha256_hex;
use crate::registry::{Card, Entry, History, Id};
use anyhow::{Context, Result, bail};
use std::path::{Path, PathBuf};

/// A change of a registry. It holds the lock until it is dropped.
pub(super) struct Session {
    root: PathBuf,
    journal: Journal,
    now: String,
}

impl Session {
    /// Takes the lock, and completes what a process that was ended left undone.
    pub(super) fn begin(root: &Path, now: &str) -> Result<Self> {
        let journal = Journal::write(root)?;
        let mut session = Self { root: root.to_owned(), journal, now: now.to_owned() };
        folder::sweep(root)?;
        for id in folder::ids(root)? {
            session.log_addition(&id)?;
        }
        session.adopt()?;
        if let Some(champion) = said(root, session.history())? {
            session.point(&champion)?;
        }
        Ok(session)
    }

    pub(super) fn history(&self) -> &History {
        self.journal.history()
    }

    /// Step 1: the version, whole.
    pub(super) fn write_version(&self, id: &Id, onnx: &[u8], card: &Card) -> Result<()> {
        let staged = self.stage_version(id, onnx, card)?;
        folder::settle(&self.root, id, &staged)
    }

    /// The first half of step 1.
    pub(super) fn stage_version(&self, id: &Id, onnx: &[u8], card: &Card) -> Result<PathBuf> {
        let (json, text) = (card.to_json()?, card.markdown(&[]));
        let files = [(folder::MODEL, onnx), (folder::CARD, json.as_bytes()), (folder::TEXT, text.as_bytes())];
        folder::stage(&self.root, id, &files)
    }

    /// Step 2 of an addition, unless there is such a line.
    pub(super) fn log_addition(&mut self, id: &Id) -> Result<()> {
        if self.history().added(id).is_some() {
            return Ok(());
        }
        let path = folder::version(&self.root, id).join(folder::CARD);
        let card = std::fs::read(&path).with_context(|| format!("cannot read {}", path.display()))?;
        let entry = self.history().addition(id, Some(sha256_hex(&card)), None, &self.now);
        entry.map_or(Ok(()), |entry| self.journal.append(entry))
    }

    /// Steps 2 and 3 of another champion.
    pub(super) fn switch(&mut self, entry: Entry) -> Result<()> {
        let id = entry.id.clone();
        self.log(entry)?;
        self.point(&id)
    }

    /// Step 2 of another champion.
    pub(super) fn log(&mut self, entry: Entry) -> Result<()> {
        self.journal.append(entry)
    }

    /// Step 3: the file `champion` follows the history.
    fn point(&self, id: &Id) -> Result<()> {
        if folder::pointer(&self.root)?.as_ref() == Some(id) {
            return Ok(());
        }
        folder::replace(&self.root, folder::CHAMPION, format!("{id}\n").as_bytes())
    }

    /// Writes the line of a champion that has none: somebody shipped the folder without its history.
    fn adopt(&mut self) -> Result<()> {
        let Some(id) = said(&self.root, self.history())? else { return Ok(()) };
        let why = "it was the champion of a folder without a history";
        match self.history().champion() {
            None => self.history().promotion(&id, Some(why), &self.now).map_or(Ok(()), |entry| self.log(entry)),
            Some(_) => Ok(()),
        }
    }
}

/// The champion of a registry, which must be there.
pub(super) fn champion(root: &Path, history: &History) -> Result<Option<Id>> {
    let champion = said(root, history)?;
    if let Some(id) = &champion
        && !folder::version(root, id).is_dir()
    {
        bail!("the champion {id} of the registry {} is missing: there is no folder versions/{id}", root.display());
    }
    Ok(champion)
}

/// The champion by the history, which the file `champion` may lag behind by one change.
///
/// Whether its version is there is not asked here: who lost a champion must be able to go back to the one before.
fn said(root: &Path, history: &History) -> Result<Option<Id>> {
    match (history.last_switch(), folder::pointer(root)?) {
        // A folder that was shipped without its history.
        (None, pointer) => Ok(pointer),
        (Some(switch), pointer) if pointer.as_ref() == Some(&switch.to) || pointer == switch.from => {
            Ok(Some(switch.to))
        }
        (Some(switch), pointer) => {
            let pointer = pointer.map_or_else(|| "is missing".to_owned(), |id| format!("names {}", id.short()));
            bail!(
                "the registry {} contradicts itself: its file champion {pointer}, and its history says {}. Nothing changes \
                 before that file holds the id {}, or the history is the one that belongs to it",
                root.display(),
                switch.to.short(),
                switch.to
            );
        }
    }
}
