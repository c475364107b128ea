//! The journal: append-only, a line an event, whole lines alone.

use super::event::{Entry, Event, FORMAT};
use anyhow::{Context, Result, bail};
use std::fs::{File, OpenOptions};
use std::io::{BufRead, BufReader, Read, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};

/// Longest line that is read, in bytes; one of a contract with a thousand columns has a tenth of it.
const MOST_LINE: u64 = 4 << 20;

pub(super) struct Journal {
    path: PathBuf,
    file: File,
}

impl Journal {
    /// Opens the journal, cuts off a line that was not written to its end, and gives every event to `take`.
    pub(super) fn open(path: &Path, take: &mut dyn FnMut(Entry)) -> Result<Self> {
        let name = path.display();
        let mut options = OpenOptions::new();
        options.read(true).append(true).create(true);
        let file = options.open(path).with_context(|| format!("cannot open the journal {name}"))?;
        let journal = Self { path: path.to_owned(), file };
        let whole = journal.read(take)?;
        // What was being written when the process ended never happened: nothing that follows it was done.
        journal.file.set_len(whole).with_context(|| format!("cannot write the journal {name}"))?;
        (&journal.file).seek(SeekFrom::End(0)).with_context(|| format!("cannot read the journal {name}"))?;
        Ok(journal)
    }

    /// Reads all whole lines; answers their bytes.
    fn read(&self, take: &mut dyn FnMut(Entry)) -> Result<u64> {
        let name = self.path.display();
        let mut reader = BufReader::with_capacity(1 << 16, &self.file);
        let (mut whole, mut number) = (0, 0_u64);
        loop {
            let mut line = Vec::new();
            let read = reader.by_ref().take(MOST_LINE).read_until(b'\n', &mut line);
            let read = read.with_context(|| format!("cannot read the journal {name}"))?;
            if line.last() != Some(&b'\n') {
                if read as u64 == MOST_LINE {
                    bail!("line {} of the journal {name} is longer than any that Tamis writes", number + 1);
                }
                return Ok(whole);
            }
            whole += read as u64;
            number += 1;
            let entry: Entry = serde_json::from_slice(&line)
                .with_context(|| format!("line {number} of the journal {name} is none that this version writes"))?;
            match &entry.event {
                Event::Opened { format } if format != FORMAT => {
                    bail!("the journal {name} has the format {format}, and this version of Tamis reads {FORMAT}");
                }
                Event::Opened { .. } if number == 1 => {}
                _ if number == 1 => bail!("the journal {name} does not begin with its format, {FORMAT}"),
                _ => {}
            }
            take(entry);
        }
    }

    /// Writes an event, so that it is there after a failure of power too.
    pub(super) fn append(&mut self, entry: &Entry) -> Result<()> {
        let mut line = serde_json::to_vec(entry).context("an event cannot be written")?;
        line.push(b'\n');
        let written = self.file.write_all(&line).and_then(|()| self.file.sync_data());
        written.with_context(|| format!("cannot write the journal {}", self.path.display()))
    }
}
