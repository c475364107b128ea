//! Where everything stands, and how a file gets there whole.

use crate::registry::Id;
use anyhow::{Context, Result};
use std::fs::{self, File};
use std::io::{ErrorKind, Write};
use std::path::{Path, PathBuf};

pub(super) const MODEL: &str = "model.onnx";
pub(super) const CARD: &str = "card.json";
pub(super) const TEXT: &str = "card.md";
pub(super) const SIGNATURE: &str = "signature.json";
pub(super) const CHAMPION: &str = "champion";

/// What the name of a version begins with until it is whole.
const UNFINISHED: &str = ".new-";

pub(super) fn versions(root: &Path) -> PathBuf {
    root.join("versions")
}

pub(super) fn version(root: &Path, id: &Id) -> PathBuf {
    versions(root).join(id.as_str())
}

pub(super) fn champion(root: &Path) -> PathBuf {
    root.join(CHAMPION)
}

pub(super) fn history(root: &Path) -> PathBuf {
    root.join("history.ndjson")
}

/// The ids of all versions, sorted. What is named otherwise is none.
pub(super) fn ids(root: &Path) -> Result<Vec<Id>> {
    let path = versions(root);
    let cannot = || format!("cannot read the folder {}", path.display());
    let entries = match fs::read_dir(&path) {
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(Vec::new()),
        entries => entries.with_context(cannot)?,
    };
    let mut ids = Vec::new();
    for entry in entries {
        ids.extend(entry.with_context(cannot)?.file_name().to_str().and_then(|name| name.parse::<Id>().ok()));
    }
    ids.sort_unstable();
    Ok(ids)
}

/// The id in the file `champion`; none where there is no such file.
pub(super) fn pointer(root: &Path) -> Result<Option<Id>> {
    let path = champion(root);
    let text = match fs::read_to_string(&path) {
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(None),
        text => text.with_context(|| format!("cannot read {}", path.display()))?,
    };
    let id = text.trim().parse().with_context(|| format!("{} names no version", path.display()))?;
    Ok(Some(id))
}

/// Writes a folder beside its final name, file by file.
pub(super) fn stage(root: &Path, id: &Id, files: &[(&str, &[u8])]) -> Result<PathBuf> {
    let folder = versions(root).join(format!("{UNFINISHED}{id}"));
    fs::create_dir_all(&folder).with_context(|| format!("cannot make the folder {}", folder.display()))?;
    for (name, bytes) in files {
        write(&folder.join(name), bytes)?;
    }
    sync(&folder)?;
    Ok(folder)
}

/// Gives a staged folder its final name.
pub(super) fn settle(root: &Path, id: &Id, staged: &Path) -> Result<()> {
    let path = version(root, id);
    fs::rename(staged, &path).with_context(|| format!("cannot write {}", path.display()))?;
    sync(&versions(root))
}

/// Removes the staged folders of processes that were ended: only who holds the lock stages, so they are nobody's.
pub(super) fn sweep(root: &Path) -> Result<()> {
    let Ok(entries) = fs::read_dir(versions(root)) else { return Ok(()) };
    for entry in entries.flatten().filter(|entry| entry.file_name().to_string_lossy().starts_with(UNFINISHED)) {
        let path = entry.path();
        fs::remove_dir_all(&path).with_context(|| format!("cannot remove the unfinished {}", path.display()))?;
    }
    Ok(())
}

/// Replaces a file of a folder by one rename. Only who holds the lock does, so the name beside it is free.
pub(super) fn replace(folder: &Path, name: &str, bytes: &[u8]) -> Result<()> {
    let beside = beside(folder, name, bytes)?;
    let path = folder.join(name);
    fs::rename(&beside, &path).with_context(|| format!("cannot write {}", path.display()))?;
    sync(folder)
}

/// The first half of [`replace`]: the new file beside the old one.
pub(super) fn beside(folder: &Path, name: &str, bytes: &[u8]) -> Result<PathBuf> {
    let beside = folder.join(format!("{UNFINISHED}{name}"));
    write(&beside, bytes)?;
    Ok(beside)
}

fn write(path: &Path, bytes: &[u8]) -> Result<()> {
    let written = File::create(path).and_then(|mut file| file.write_all(bytes).and_then(|()| file.sync_all()));
    written.with_context(|| format!("cannot write {}", path.display()))
}

/// Makes the names in a folder lasting. Where folders cannot be opened (Windows), the file system does so by itself.
pub(super) fn sync(folder: &Path) -> Result<()> {
    let Ok(opened) = File::open(folder) else { return Ok(()) };
    opened.sync_all().with_context(|| format!("cannot write the folder {}", folder.display()))
}
