//! The files that a replay writes.

use crate::cli::args::ReplayArgs;
use crate::cli::output::{FileId, Files};
use crate::pipeline::Examined;
use crate::verdict::Status;
use anyhow::{Result, bail};
use std::path::Path;

/// The rescued, the rest and the summary.
pub(super) struct Outputs {
    files: Files,
    accepted: FileId,
    rejected: FileId,
    summary: FileId,
    record: Vec<u8>,
}

/// Refuses to write over what is being read: a first run's accepted records are in the folder of its rejected ones.
pub(super) fn check(args: &ReplayArgs) -> Result<()> {
    let Some(out) = args.out.as_deref().and_then(|out| out.canonicalize().ok()) else {
        return Ok(());
    };
    for read in args.records.inputs.iter().chain(&args.against) {
        let folder = read.canonicalize().ok().and_then(|read| read.parent().map(Path::to_owned));
        if folder.is_some_and(|folder| folder == out) {
            bail!(
                "--out {} is the folder of {}, whose accepted.ndjson and rejected.ndjson would be overwritten; name another",
                out.display(),
                read.display()
            );
        }
    }
    Ok(())
}

impl Outputs {
    pub(super) fn new(folder: &Path) -> Result<Self> {
        let mut files = Files::new(folder)?;
        let accepted = files.add("accepted.ndjson")?;
        let rejected = files.add("rejected.ndjson")?;
        let summary = files.add("summary.json")?;
        Ok(Self { files, accepted, rejected, summary, record: Vec::new() })
    }

    pub(super) fn write(&mut self, status: Status, examined: &Examined, verdict: &[u8]) -> Result<()> {
        if status == Status::Rejected {
            return self.files.write(self.rejected, verdict);
        }
        self.record.clear();
        examined.write_record(&mut self.record);
        self.files.write(self.accepted, &self.record)
    }

    /// Carries a line over as it is. Where it was printed over several lines it becomes one: between the values of JSON
    /// a line's end is a space, and inside of them none can stand.
    pub(super) fn carry(&mut self, line: &[u8]) -> Result<()> {
        self.record.clear();
        self.record.extend(line.iter().map(|byte| if *byte == b'\n' { b' ' } else { *byte }));
        self.record.push(b'\n');
        self.files.write(self.rejected, &self.record)
    }

    pub(super) fn finish(mut self, summary: &str) -> Result<()> {
        self.files.write(self.summary, summary.as_bytes())?;
        self.files.finish()
    }
}
