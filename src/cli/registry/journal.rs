//! The history's file, which is the lock too: who holds a [`Journal`] sees no half of anybody's change.
//!
//! The file is never replaced, so the lock is always on the same one. The system gives a lock back when its process ends,
//! however it ends.

use super::folder;
use crate::registry::{Entry, History};
use anyhow::{Context, Result};
use std::fs::{File, OpenOptions};
use std::io::{ErrorKind, Read, Write};
use std::path::{Path, PathBuf};

/// The history of a registry, locked until this is dropped.
pub(super) struct Journal {
    path: PathBuf,
    /// None where there is no history yet, and nothing to be locked.
    file: Option<File>,
    history: History,
    /// How many bytes of the file count.
    counts: u64,
}

impl Journal {
    /// The history for reading, shared with other readers. Nothing is written, so a read-only folder serves.
    pub(super) fn read(root: &Path) -> Result<Self> {
        let path = folder::history(root);
        let file = match File::open(&path) {
            Err(error) if error.kind() == ErrorKind::NotFound => {
                return Ok(Self { path, file: None, history: History::default(), counts: 0 });
            }
            file => file.with_context(|| format!("cannot read {}", path.display()))?,
        };
        file.lock_shared().with_context(|| format!("cannot lock {}", path.display()))?;
        Self::load(path, file)
    }

    /// The history for writing, for this process alone. It waits until others are done.
    pub(super) fn write(root: &Path) -> Result<Self> {
        let versions = folder::versions(root);
        std::fs::create_dir_all(&versions).with_context(|| format!("cannot make the folder {}", versions.display()))?;
        let path = folder::history(root);
        let file = OpenOptions::new().read(true).append(true).create(true).open(&path);
        let file = file.with_context(|| format!("cannot write {}", path.display()))?;
        file.lock().with_context(|| format!("cannot lock {}", path.display()))?;
        folder::sync(root)?;
        let journal = Self::load(path, file)?;
        // What has no line end never counted; a new line must not grow onto it.
        journal.cut()?;
        Ok(journal)
    }

    fn load(path: PathBuf, file: File) -> Result<Self> {
        let mut bytes = Vec::new();
        (&file).read_to_end(&mut bytes).with_context(|| format!("cannot read {}", path.display()))?;
        let (history, counts) = History::read(&bytes).with_context(|| format!("{} is damaged", path.display()))?;
        Ok(Self { path, file: Some(file), history, counts: counts as u64 })
    }

    pub(super) fn history(&self) -> &History {
        &self.history
    }

    pub(super) fn into_history(self) -> History {
        self.history
    }

    /// Appends a line, which lasts when this returns.
    pub(super) fn append(&mut self, entry: Entry) -> Result<()> {
        let cannot = || format!("cannot write {}", self.path.display());
        let line = entry.line().with_context(cannot)?;
        let mut after = self.history.clone();
        after.push(entry).with_context(cannot)?;
        let file = self.file.as_mut().with_context(cannot)?;
        let written = file.write_all(line.as_bytes()).and_then(|()| file.sync_all());
        if let Err(error) = written {
            // A full disk may have taken a part of the line.
            let _ = self.cut();
            return Err(error).with_context(cannot);
        }
        self.counts += line.len() as u64;
        self.history = after;
        Ok(())
    }

    fn cut(&self) -> Result<()> {
        let Some(file) = &self.file else { return Ok(()) };
        let cannot = || format!("cannot write {}", self.path.display());
        if file.metadata().with_context(cannot)?.len() > self.counts {
            file.set_len(self.counts).and_then(|()| file.sync_all()).with_context(cannot)?;
        }
        Ok(())
    }
}
