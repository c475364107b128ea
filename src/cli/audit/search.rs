//! Reads outputs, and what `tamis run` notes for the audit of its own.

use super::super::stop;
use super::{open, show};
use crate::audit::{Audit, Noter, Notes, Output, Report};
use crate::contract::Contract;
use anyhow::{Context, Result, bail};
use rayon::prelude::*;
use std::fmt::Write;
use std::io::Read;
use std::path::{Path, PathBuf};

/// Bytes of an output that are read at a time.
const CHUNK: u64 = 1 << 21;

/// All files that are named or lie below a named folder, in the order of their names.
pub(super) fn files(paths: &[PathBuf]) -> Result<Vec<PathBuf>> {
    let mut files = Vec::new();
    for path in paths {
        below(path, &mut files)?;
    }
    if files.is_empty() {
        bail!("there is no file to search in --against");
    }
    Ok(files)
}

fn below(path: &Path, files: &mut Vec<PathBuf>) -> Result<()> {
    let read = || format!("cannot read {}", path.display());
    if !path.metadata().with_context(read)?.is_dir() {
        files.push(path.to_owned());
        return Ok(());
    }
    let entries: std::io::Result<Vec<PathBuf>> =
        path.read_dir().with_context(read)?.map(|entry| entry.map(|entry| entry.path())).collect();
    let mut entries = entries.with_context(read)?;
    entries.sort();
    for entry in entries {
        // A link to a folder could lead back to where it stands.
        if !(entry.is_symlink() && entry.is_dir()) {
            below(&entry, files)?;
        }
    }
    Ok(())
}

/// A key for fingerprints that are forgotten with the audit.
pub(super) fn moment_key() -> Result<u64> {
    let mut key = [0; 8];
    getrandom::fill(&mut key).context("the system has no randomness for a key")?;
    Ok(u64::from_le_bytes(key))
}

/// Searches all outputs for what was noted since the last pass; answers how many bytes that were.
pub(super) fn pass(audit: &mut Audit, files: &[PathBuf], pool: &rayon::ThreadPool) -> Result<u64> {
    let search = audit.search();
    let mut total = 0;
    for (number, path) in files.iter().enumerate() {
        let mut reader = open(path)?;
        let mut output = Output::default();
        let mut chunk = Vec::new();
        loop {
            stop::check()?;
            chunk.clear();
            let count = reader.by_ref().take(CHUNK).read_to_end(&mut chunk);
            let count = count.with_context(|| format!("cannot read {}", path.display()))?;
            total += count as u64;
            output.push(&chunk);
            let steps = output.steps(count == 0);
            let hits: Vec<_> = pool.install(|| steps.par_iter().map(|step| search.step(&output, step)).collect());
            for (step, hits) in steps.iter().zip(&hits) {
                audit.count(number, &output, step, hits);
            }
            output.forget();
            if count == 0 {
                break;
            }
        }
    }
    audit.next(search);
    Ok(total)
}

/// What `tamis run` notes while it reads, for the audit of its own outputs.
pub(in crate::cli) struct Watch {
    audit: Audit,
}

impl Watch {
    /// Watches unless that is not wanted.
    pub(in crate::cli) fn unless(unwanted: bool, contract: &Contract, bytes: usize) -> Result<Option<Self>> {
        if unwanted {
            return Ok(None);
        }
        Ok(Some(Self { audit: Audit::new(contract, moment_key()?, bytes, false) }))
    }

    pub(in crate::cli) fn noter(&self) -> Noter {
        self.audit.noter()
    }

    /// Takes notes. There is no second reading: what does not fit is counted and not looked for.
    pub(in crate::cli) fn take(&mut self, notes: Notes) {
        let values = notes.values();
        if self.audit.take(notes).is_some() {
            self.audit.miss(values);
        }
    }

    /// Searches the outputs.
    pub(in crate::cli) fn finish(mut self, files: Vec<PathBuf>, pool: &rayon::ThreadPool) -> Result<Audited> {
        pass(&mut self.audit, &files, pool)?;
        Ok(Audited { report: self.audit.report(), files })
    }
}

/// The audit of a run.
pub(in crate::cli) struct Audited {
    report: Report,
    files: Vec<PathBuf>,
}

impl Audited {
    pub(in crate::cli) fn is_clean(&self) -> bool {
        self.report.is_clean()
    }

    /// The line for people, and the findings behind it.
    pub(in crate::cli) fn text(&self, input: &str) -> String {
        let names = show::names(&self.files);
        let mut text = show::line(&self.report, names.len());
        text.push('\n');
        if self.report.missed > 0 {
            // Writing to a String cannot fail.
            let _ = writeln!(
                text,
                "    {} more removed values are too many for --memory-budget: `tamis audit` looks for all",
                self.report.missed
            );
        }
        text.push_str(&show::findings(&self.report, &names, input));
        text
    }
}
