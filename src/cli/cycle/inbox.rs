//! The inbox: which files are there, which are new, and what is in them. It is read and never changed.

use super::event::Seen;
use super::story::Story;
use anyhow::{Context, Result};
use sha2::{Digest, Sha256};
use std::fs::File;
use std::io::Read;
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

/// Hexadecimal digits of a content's hash that name a batch.
const ID: usize = 16;

/// A file that may be a batch.
pub(super) struct Waiting {
    pub(super) path: PathBuf,
    pub(super) seen: Seen,
}

/// What a file holds.
pub(super) struct Content {
    pub(super) id: String,
    pub(super) sha256: String,
}

/// The files of the inbox that are not known yet, in the order of their names; and those that wait for their end.
pub(super) fn look(inbox: &Path, story: &Story, settled: Option<Duration>) -> Result<(Vec<Waiting>, Vec<String>)> {
    let name = inbox.display();
    let entries = std::fs::read_dir(inbox).with_context(|| format!("cannot read the inbox {name}"))?;
    let (mut new, mut unfinished) = (Vec::new(), Vec::new());
    for entry in entries {
        let entry = entry.with_context(|| format!("cannot read the inbox {name}"))?;
        let path = entry.path();
        // A name that is no text is shown as well as it can be; the file is read by its path.
        let file = entry.file_name().to_string_lossy().into_owned();
        let lower = file.to_ascii_lowercase();
        let Some(seen) = seen(&path, &file).filter(|_| !lower.starts_with('.')) else {
            continue;
        };
        if [".tmp", ".part", ".partial", ".crdownload"].iter().any(|end| lower.ends_with(end)) {
            unfinished.push(file);
        } else if story.files.get(&file) != Some(&(seen.bytes, seen.modified)) {
            if settled.is_some_and(|settled| is_younger(seen.modified, settled)) {
                unfinished.push(file);
            } else {
                new.push(Waiting { path, seen });
            }
        }
    }
    new.sort_by(|a, b| a.seen.name.cmp(&b.seen.name));
    unfinished.sort();
    Ok((new, unfinished))
}

/// What tells a file from what it was before; none of what is no file, or is gone by now.
pub(super) fn seen(path: &Path, name: &str) -> Option<Seen> {
    let metadata = path.metadata().ok().filter(std::fs::Metadata::is_file)?;
    let modified = metadata.modified().ok()?.duration_since(UNIX_EPOCH).unwrap_or_default();
    let modified = u64::try_from(modified.as_nanos()).unwrap_or(u64::MAX);
    Some(Seen { name: name.to_owned(), bytes: metadata.len(), modified })
}

/// Whether a file was changed within the last while: whoever watches sees it again soon enough.
#[allow(clippy::disallowed_methods, reason = "a file's age is told by the clock")]
fn is_younger(modified: u64, than: Duration) -> bool {
    let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    now.saturating_sub(Duration::from_nanos(modified)) < than
}

/// Reads a file to its end as it is unpacked: what goes wrong after this is no fault of the file.
pub(super) fn unpack(path: &Path) -> Result<()> {
    let mut bytes = super::super::input::open_bytes(path)?;
    std::io::copy(&mut bytes, &mut std::io::sink())?;
    Ok(())
}

/// Hashes a file's bytes.
pub(super) fn content(path: &Path) -> std::io::Result<Content> {
    let mut file = File::open(path)?;
    let mut hasher = Sha256::new();
    let mut chunk = vec![0; 1 << 18];
    loop {
        let count = file.read(&mut chunk)?;
        if count == 0 {
            break;
        }
        hasher.update(chunk.get(..count).unwrap_or_default());
    }
    let sha256 = super::hex(&hasher.finalize());
    Ok(Content { id: sha256.get(..ID).unwrap_or_default().to_owned(), sha256 })
}
