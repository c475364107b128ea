//! Files that appear whole or not at all.

use anyhow::{Context, Result};
use std::io::{self, BufWriter, Write};
use std::path::{Path, PathBuf};
use tempfile::{Builder, NamedTempFile};

/// Files being written beside their final names; [`Files::finish`] moves them there, dropping it removes them.
pub(super) struct Files {
    folder: PathBuf,
    files: Vec<(PathBuf, BufWriter<NamedTempFile>)>,
}

/// One of the files.
#[derive(Clone, Copy)]
pub(super) struct FileId(usize);

impl Files {
    /// Files in a folder, which is made if it is not there.
    pub(super) fn new(folder: &Path) -> Result<Self> {
        std::fs::create_dir_all(folder).with_context(|| format!("cannot make the folder {}", folder.display()))?;
        let folder = folder.to_owned();
        Ok(Self { folder, files: Vec::new() })
    }

    /// One file by its path, in a folder that is already there.
    pub(super) fn one(path: &Path) -> Result<(Self, FileId)> {
        let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty());
        let mut files = Self { folder: folder.unwrap_or(Path::new(".")).to_owned(), files: Vec::new() };
        let name = path.file_name().with_context(|| format!("{} names no file", path.display()))?;
        let id = files.add(name)?;
        Ok((files, id))
    }

    pub(super) fn add(&mut self, name: impl AsRef<Path>) -> Result<FileId> {
        let path = self.folder.join(name);
        let file = Builder::new()
            .prefix(".tamis-")
            .suffix(".tmp")
            .tempfile_in(&self.folder)
            .with_context(|| format!("cannot write {}", path.display()))?;
        super::stop::guard(file.path().to_owned());
        self.files.push((path, BufWriter::with_capacity(1 << 16, file)));
        Ok(FileId(self.files.len() - 1))
    }

    pub(super) fn write(&mut self, file: FileId, bytes: &[u8]) -> Result<()> {
        if let Some((path, file)) = self.files.get_mut(file.0) {
            file.write_all(bytes).with_context(|| format!("cannot write {}", path.display()))?;
        }
        Ok(())
    }

    /// The final names.
    pub(super) fn paths(&self) -> Vec<PathBuf> {
        self.files.iter().map(|(path, _)| path.clone()).collect()
    }

    /// Moves every file to its final name.
    pub(super) fn finish(self) -> Result<()> {
        for (path, file) in self.files {
            let write = || format!("cannot write {}", path.display());
            let file = file.into_inner().map_err(io::IntoInnerError::into_error).with_context(write)?;
            readable(&file).with_context(write)?;
            file.persist(&path).map_err(|error| error.error).with_context(write)?;
        }
        Ok(())
    }
}

/// A temporary file is private to its owner; a result is as readable as any new file.
#[cfg(unix)]
fn readable(file: &NamedTempFile) -> io::Result<()> {
    use std::os::unix::fs::PermissionsExt;
    file.as_file().set_permissions(std::fs::Permissions::from_mode(0o644))
}

#[cfg(not(unix))]
fn readable(_file: &NamedTempFile) -> io::Result<()> {
    Ok(())
}

/// Where a command prints: stdout, or a file that appears whole.
pub(super) enum Sink {
    Stdout(BufWriter<io::Stdout>),
    File(Files, FileId),
}

impl Sink {
    pub(super) fn new(path: Option<&Path>) -> Result<Self> {
        match path {
            Some(path) if path.as_os_str() != "-" => {
                let (files, id) = Files::one(path)?;
                Ok(Self::File(files, id))
            }
            _ => Ok(Self::Stdout(BufWriter::with_capacity(1 << 16, io::stdout()))),
        }
    }

    pub(super) fn write(&mut self, bytes: &[u8]) -> Result<()> {
        match self {
            Self::Stdout(stdout) => stdout.write_all(bytes).context("cannot write to stdout"),
            Self::File(files, id) => files.write(*id, bytes),
        }
    }

    pub(super) fn line(&mut self, line: &str) -> Result<()> {
        self.write(line.as_bytes())?;
        self.write(b"\n")
    }

    pub(super) fn finish(self) -> Result<()> {
        match self {
            Self::Stdout(mut stdout) => stdout.flush().context("cannot write to stdout"),
            Self::File(files, _) => files.finish(),
        }
    }
}

/// Prints a text on stdout.
pub(super) fn print(text: &str) -> Result<()> {
    let mut sink = Sink::new(None)?;
    sink.write(text.as_bytes())?;
    sink.finish()
}

pub(super) fn is_broken_pipe(error: &anyhow::Error) -> bool {
    let kind = error.downcast_ref::<io::Error>().map(io::Error::kind);
    let below = error.chain().find_map(|cause| cause.downcast_ref::<io::Error>()).map(io::Error::kind);
    kind.or(below) == Some(io::ErrorKind::BrokenPipe)
}
