//! `tamis split`: accepted, masked records to fit on, to choose by, and to measure on.

use super::args::SplitArgs;
use super::output::{self, FileId, Files};
use super::{End, batch, setup};
use crate::pipeline::Examined;
use crate::training::{Part, Shares};
use anyhow::{Context, Result, bail};
use serde_json::json;
use std::io::{BufReader, BufWriter, Read, Seek, Write};

pub(super) fn split(args: &SplitArgs) -> Result<End> {
    let Some(shares) = Shares::new(args.dev, args.test) else {
        bail!("--dev and --test leave nothing to train on");
    };
    let parts = Parts::new(args)?;
    let (counts, rejected) = match &args.by {
        None => by_id(args, shares, parts)?,
        Some(field) => by_moment(args, shares, parts, field)?,
    };
    let by = args.by.as_deref().unwrap_or("id");
    let [train, dev, test] = counts;
    if args.records.json {
        let told = json!({ "by": by, "train": train, "dev": dev, "test": test, "rejected": rejected });
        output::print(&format!("{told:#}\n"))?;
    } else {
        output::print(&table(counts, by))?;
    }
    Ok(End::Done)
}

#[allow(clippy::cast_precision_loss, reason = "counts of records")]
fn table(counts: [u64; 3], by: &str) -> String {
    let all = counts.iter().sum::<u64>().max(1) as f64;
    let line = |(name, count): (&str, u64)| format!("{name:<6} {count:>10}  {:>5.2} %\n", 100.0 * count as f64 / all);
    let lines: String = ["train", "dev", "test"].into_iter().zip(counts).map(line).collect();
    format!("{lines}split by {by}\n")
}

/// The three files, and how many records each has.
struct Parts {
    files: Files,
    ids: [FileId; 3],
    counts: [u64; 3],
}

impl Parts {
    fn new(args: &SplitArgs) -> Result<Self> {
        let mut files = Files::new(&args.out)?;
        let ids = [files.add("train.ndjson")?, files.add("dev.ndjson")?, files.add("test.ndjson")?];
        Ok(Self { files, ids, counts: [0; 3] })
    }

    fn write(&mut self, part: Part, line: &[u8]) -> Result<()> {
        let [train, dev, test] = self.ids;
        let [trained, chosen, measured] = &mut self.counts;
        let (file, count) = match part {
            Part::Train => (train, trained),
            Part::Dev => (dev, chosen),
            Part::Test => (test, measured),
        };
        *count += 1;
        self.files.write(file, line)
    }

    fn finish(self) -> Result<[u64; 3]> {
        self.files.finish()?;
        Ok(self.counts)
    }
}

/// Masked lines one after another, with what decides the part of each.
struct Made<M> {
    lines: Vec<u8>,
    marks: Vec<(M, usize)>,
}

impl<M> Default for Made<M> {
    fn default() -> Self {
        Self { lines: Vec::new(), marks: Vec::new() }
    }
}

impl<M> Made<M> {
    fn push(&mut self, examined: &Examined, mark: M) {
        let start = self.lines.len();
        examined.write_record(&mut self.lines);
        self.marks.push((mark, self.lines.len() - start));
    }
}

fn by_id(args: &SplitArgs, shares: Shares, mut parts: Parts) -> Result<([u64; 3], u64)> {
    let (sieve, pool) = setup::sieve(&args.records)?;
    let contract = sieve.contract();
    let summary = batch::run(
        &args.records,
        &sieve,
        &pool,
        "splitting",
        |examined, source, part: &mut batch::Part<Made<Part>>| {
            if part.accepts(&sieve, examined, source) {
                // A record without an id goes by where it stands, which is the best there is.
                let id = examined.id(contract).unwrap_or_else(|| examined.line().to_string().into_bytes());
                part.made.push(examined, shares.by_id(&id));
            }
        },
        |made| {
            let mut rest = made.lines.as_slice();
            for (part, length) in made.marks {
                let (line, behind) = rest.split_at_checked(length).unwrap_or((rest, &[]));
                parts.write(part, line)?;
                rest = behind;
            }
            Ok(())
        },
    )?;
    Ok((parts.finish()?, summary.rejected()))
}

/// Where the cuts are is known when all moments are, so the lines wait in a temporary file; 16 bytes of each stay in memory.
fn by_moment(args: &SplitArgs, shares: Shares, mut parts: Parts, field: &str) -> Result<([u64; 3], u64)> {
    let (sieve, pool) = setup::sieve(&args.records)?;
    let contract = sieve.contract();
    let pointer = if field.starts_with('/') { field.to_owned() } else { format!("/{field}") };
    if !contract.paths().any(|path| path == pointer) {
        bail!("the contract has no field {field} to split by");
    }
    let waiting = || "cannot keep records in a temporary file";
    let mut lines = BufWriter::new(tempfile::tempfile().with_context(waiting)?);
    let mut marks: Vec<(Option<i64>, usize)> = Vec::new();
    let summary = batch::run(
        &args.records,
        &sieve,
        &pool,
        "reading",
        |examined, source, part: &mut batch::Part<Made<Option<i64>>>| {
            if part.accepts(&sieve, examined, source) {
                part.made.push(examined, examined.moment(contract, &pointer));
            }
        },
        |made| {
            marks.extend(made.marks);
            lines.write_all(&made.lines).with_context(waiting)
        },
    )?;
    if !marks.is_empty() && marks.iter().all(|(moment, _)| moment.is_none()) {
        bail!("the field {field} holds no date-time of RFC 3339, or it is masked");
    }
    let mut lines = lines.into_inner().map_err(std::io::IntoInnerError::into_error).with_context(waiting)?;
    lines.rewind().with_context(waiting)?;
    let mut lines = BufReader::new(lines);
    let mut line = Vec::new();
    for (part, (_, length)) in shares.by_moment(marks.iter().map(|(moment, _)| *moment)).into_iter().zip(&marks) {
        line.resize(*length, 0);
        lines.read_exact(&mut line).with_context(waiting)?;
        parts.write(part, &line)?;
    }
    Ok((parts.finish()?, summary.rejected()))
}
