//! The local record: a file that only grows, by whole lines.

use crate::cli::progress::say;
use crate::track::{Entry, Ledger};
use anyhow::{Context, Result, bail};
use std::fs::{File, OpenOptions, TryLockError};
use std::io::{Read, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};
use std::time::Duration;

/// The record's name in its folder.
const FILE: &str = "runs.ndjson";
/// How often a lock is tried that another run holds, and the pause between.
const TRIES: u32 = 50;
const PAUSE: Duration = Duration::from_millis(100);

pub(super) fn path(folder: &Path) -> PathBuf {
    folder.join(FILE)
}

/// Adds a line. Runs may end at the same time: each writes its line in one piece, alone.
pub(super) fn append(folder: &Path, entry: &Entry) -> Result<PathBuf> {
    let path = path(folder);
    std::fs::create_dir_all(folder).with_context(|| format!("cannot make the folder {}", folder.display()))?;
    let cannot = || format!("cannot write {}", path.display());
    let mut file = OpenOptions::new().read(true).append(true).create(true).open(&path).with_context(cannot)?;
    lock(&file).with_context(cannot)?;
    let mut line = entry.line()?;
    if is_cut(&mut file).with_context(cannot)? {
        // A crash left half a line, which must not swallow this one.
        line.insert(0, '\n');
    }
    file.write_all(line.as_bytes()).and_then(|()| file.sync_data()).with_context(cannot)?;
    Ok(path)
}

/// Locks the file until it is closed. Where the system has no locks, such as on some network drives, appending alone has
/// to do.
fn lock(file: &File) -> Result<()> {
    for _ in 0..TRIES {
        match file.try_lock() {
            Err(TryLockError::WouldBlock) => std::thread::sleep(PAUSE),
            Ok(()) | Err(TryLockError::Error(_)) => return Ok(()),
        }
    }
    bail!("another run holds it")
}

fn is_cut(file: &mut File) -> std::io::Result<bool> {
    if file.metadata()?.len() == 0 {
        return Ok(false);
    }
    let mut last = [0];
    file.seek(SeekFrom::End(-1))?;
    file.read_exact(&mut last)?;
    Ok(last != *b"\n")
}

/// Reads the record of a folder.
pub(super) fn read(folder: &Path) -> Result<Ledger> {
    let path = path(folder);
    let bytes = match std::fs::read(&path) {
        Ok(bytes) => bytes,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => {
            bail!("there is no record of runs at {}", path.display())
        }
        Err(error) => return Err(error).with_context(|| format!("cannot read {}", path.display())),
    };
    let ledger = Ledger::read(&bytes);
    let name = path.display();
    if let Some(line) = ledger.unreadable.first() {
        let more = match ledger.unreadable.len() {
            1 => String::new(),
            count => format!(", nor are {} more", count - 1),
        };
        say(&format!("tamis: line {line} of {name} is not readable{more}"));
    }
    if let Some(line) = ledger.newer.first() {
        say(&format!("tamis: a newer version wrote line {line} of {name}: it is left out"));
    }
    Ok(ledger)
}
