//! `--enforce-k`: the records again, without those in small groups.
//!
//! Whether a group is small is known only at the end, and stdin cannot be read twice: the masked records go to a
//! temporary file without a name beside the result, each after its group's digest. What is written is measured anew, from
//! its own bytes, before it gets its name.

use super::super::output::Files;
use super::super::stop;
use crate::pipeline::{Desk, Examined, Sieve};
use crate::privacy::{Part, Plan, Survey, Trust};
use crate::record::Frame;
use anyhow::{Context, Result, bail};
use serde_json::{Value, json};
use std::fs::File;
use std::io::{BufReader, BufWriter, Read, Seek, Write};
use std::path::Path;

/// Records that are measured anew at a time.
const AT_ONCE: u64 = 4096;

/// What came of it.
pub(super) struct Enforced {
    pub(super) k: u64,
    pub(super) written: u64,
    pub(super) left_out: u64,
    /// The smallest group of what was written, measured anew.
    pub(super) reached: u64,
    pub(super) out: String,
}

impl Enforced {
    pub(super) fn json(&self) -> Value {
        json!({
            "k": self.k, "written": self.written, "left_out": self.left_out, "k_reached": self.reached, "out": self.out,
        })
    }
}

/// The masked records, on disk.
pub(super) struct Spool(BufWriter<File>);

impl Spool {
    pub(super) fn new(out: &Path) -> Result<Self> {
        let folder = out.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
        let file = tempfile::tempfile_in(folder).with_context(|| format!("cannot write in {}", folder.display()))?;
        Ok(Self(BufWriter::with_capacity(1 << 16, file)))
    }

    pub(super) fn push(&mut self, spooled: &[u8]) -> Result<()> {
        self.0.write_all(spooled).context("cannot write the temporary file of --enforce-k")
    }
}

/// Appends a record as the spool holds it: its group's digest, its length, itself.
pub(super) fn spool(digest: u128, examined: &Examined, out: &mut Vec<u8>) {
    out.extend_from_slice(&digest.to_le_bytes());
    let length_at = out.len();
    out.extend_from_slice(&[0; 8]);
    let start = out.len();
    examined.write_record(out);
    let length = (out.len() - start) as u64;
    if let Some(slot) = out.get_mut(length_at..start) {
        slot.copy_from_slice(&length.to_le_bytes());
    }
}

/// Writes the records of groups of at least `least`, and makes sure of it.
pub(super) fn enforce(
    spool: Spool,
    survey: &Survey,
    sieve: &Sieve,
    plan: &Plan,
    least: u64,
    out: &Path,
) -> Result<Enforced> {
    let again = "cannot read the temporary file of --enforce-k";
    let mut file = spool.0.into_inner().map_err(std::io::IntoInnerError::into_error).context(again)?;
    file.rewind().context(again)?;
    let mut reader = BufReader::with_capacity(1 << 16, file);
    let (mut files, id) = Files::one(out)?;
    let mut check = Check { plan, sieve, desk: Desk::default(), part: Part::default(), anew: Survey::default() };
    let (mut written, mut left_out) = (0, 0);
    let mut line = Vec::new();
    for at in 0..survey.counted().measured {
        if at.is_multiple_of(AT_ONCE) {
            stop::check()?;
        }
        let (mut digest, mut length) = ([0; 16], [0; 8]);
        reader.read_exact(&mut digest).context(again)?;
        reader.read_exact(&mut length).context(again)?;
        line.clear();
        let length = u64::from_le_bytes(length);
        let read = reader.by_ref().take(length).read_to_end(&mut line).context(again)?;
        if read as u64 != length {
            bail!("{again}: it ends early");
        }
        if survey.size(u128::from_le_bytes(digest)) < least {
            left_out += 1;
            continue;
        }
        written += 1;
        check.see(written, &line)?;
        files.write(id, &line)?;
    }
    let reached = check.k(written)?;
    if written > 0 && reached < least {
        bail!("the result would have k {reached} instead of {least}: nothing was written; please report this");
    }
    files.finish()?;
    Ok(Enforced { k: least, written, left_out, reached, out: out.display().to_string() })
}

/// Measures what is written.
struct Check<'c> {
    plan: &'c Plan,
    sieve: &'c Sieve,
    desk: Desk,
    part: Part,
    anew: Survey,
}

impl Check<'_> {
    fn see(&mut self, number: u64, line: &[u8]) -> Result<()> {
        let examined = self.sieve.adopt(Frame { line: number, bytes: line, fault: None }, &mut self.desk, true);
        self.part.see(self.plan, self.sieve, &examined, None, Some(Trust::Told));
        self.desk.recycle(examined);
        if number.is_multiple_of(AT_ONCE) {
            self.anew.merge(std::mem::take(&mut self.part))?;
        }
        Ok(())
    }

    fn k(mut self, written: u64) -> Result<u64> {
        self.anew.merge(self.part)?;
        if self.anew.counted().measured != written {
            bail!("a record that was to be written cannot be read again: nothing was written; please report this");
        }
        Ok(self.anew.figures(1).k)
    }
}
