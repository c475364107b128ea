//! The way over whole files, on any number of threads.
//!
//! Records are cut into blocks by their count and size alone, never by how the bytes happened to arrive; each block is
//! examined in parallel, admitted in order, and concluded in parallel. So the result is the same for any number of
//! threads, and memory is bounded by one block.

use super::args::Records;
use super::input::{self, Input};
use super::{progress, spill, stop};
use crate::pipeline::{Batch, BatchId, Desk, Examined, Sieve};
use crate::quality::Summary;
use crate::record::{Frame, Framer, Limits, Malformed};
use crate::verdict::{Explain, Status};
use anyhow::{Context, Result};
use rayon::prelude::*;
use std::io::Read;
use std::ops::Range;

/// Most records of a block.
const BLOCK_RECORDS: usize = 4096;
/// Bytes after which a block ends early.
const BLOCK_BYTES: usize = 4 << 20;
/// Records that one thread takes at a time.
const SHARE: usize = 512;

/// What one share of a block gives: its counts, and whatever the command makes of each record.
pub(super) struct Part<P> {
    pub(super) summary: Summary,
    pub(super) made: P,
}

impl<P> Part<P> {
    /// Counts a record whose verdict nobody reads; answers whether it is accepted.
    pub(super) fn accepts(&mut self, sieve: &Sieve, examined: &Examined, source: Option<&str>) -> bool {
        let mut verdict = Vec::new();
        sieve.conclude(examined, source, Explain::default(), &mut self.summary, &mut verdict).0 == Status::Accepted
    }
}

/// How the records of each input are examined, where that is not as the sieve does it.
pub(super) struct Reading<'r> {
    /// Sees the beginning of each input before anything of it is examined.
    pub(super) begin: &'r mut dyn FnMut(&str, &Block),
    pub(super) examine: &'r (dyn Fn(Frame<'_>, &mut Desk) -> Examined + Sync),
}

/// Takes all records of all inputs the way up to their verdicts.
///
/// `each` turns an admitted record into a part of the result, on any thread; `sink` takes the parts in the order of the
/// records. Answers the counts of the whole batch.
pub(super) fn run<P: Default + Send>(
    records: &Records,
    sieve: &Sieve,
    pool: &rayon::ThreadPool,
    doing: &'static str,
    each: impl Fn(&Examined, Option<&str>, &mut Part<P>) + Sync,
    sink: impl FnMut(P) -> Result<()>,
) -> Result<Summary> {
    run_with_originals(
        records,
        sieve,
        pool,
        doing,
        |examined, source, _, part: &mut Part<P>| each(examined, source, part),
        sink,
    )
}

/// Like [`run`], with the bytes of each record as they came; none where the framer could not keep them.
pub(super) fn run_with_originals<P: Default + Send>(
    records: &Records,
    sieve: &Sieve,
    pool: &rayon::ThreadPool,
    doing: &'static str,
    each: impl Fn(&Examined, Option<&str>, Option<&[u8]>, &mut Part<P>) + Sync,
    sink: impl FnMut(P) -> Result<()>,
) -> Result<Summary> {
    let examine = |frame: Frame<'_>, desk: &mut Desk| sieve.examine(frame, desk);
    let reading = Reading { begin: &mut |_, _| {}, examine: &examine };
    run_reading(records, sieve, pool, doing, reading, each, sink)
}

/// Like [`run_with_originals`], with a reading of one's own.
pub(super) fn run_reading<P: Default + Send>(
    records: &Records,
    sieve: &Sieve,
    pool: &rayon::ThreadPool,
    doing: &'static str,
    reading: Reading<'_>,
    each: impl Fn(&Examined, Option<&str>, Option<&[u8]>, &mut Part<P>) + Sync,
    mut sink: impl FnMut(P) -> Result<()>,
) -> Result<Summary> {
    let Reading { begin, examine } = reading;
    let bar = progress::bar(input::length(&records.inputs), doing);
    let inputs = input::open(records, &bar)?;
    let named = inputs.len() > 1;
    let mut work = Work {
        sieve,
        examine,
        pool,
        batch: spill::batch(records.memory_budget),
        summary: Summary::default(),
        desks: Vec::new(),
        id: records.batch_id.as_deref().map(|name| sieve.batch_named(name)),
    };
    for input in inputs {
        let name = input.name.clone();
        let source = named.then_some(name.as_str());
        let mut begun = false;
        stream(input, sieve.limits(), &mut |block| {
            if !std::mem::replace(&mut begun, true) {
                begin(&name, block);
            }
            work.block(block, source, &each, &mut sink)
        })?;
    }
    bar.finish_and_clear();
    Ok(work.summary)
}

/// Reads one input and hands over its blocks.
pub(super) fn stream(mut input: Input, limits: Limits, done: &mut dyn FnMut(&mut Block) -> Result<()>) -> Result<()> {
    let mut framer = Framer::new(input.format, limits);
    let mut chunk = vec![0; 1 << 18];
    let mut block = Block::default();
    loop {
        stop::check()?;
        let count = input.reader.read(&mut chunk).with_context(|| format!("cannot read {}", input.name))?;
        let mut failed = None;
        let mut take = |frame: Frame<'_>| {
            if failed.is_none() {
                block.push(frame);
                if block.is_full() {
                    failed = done(&mut block).err();
                    block.clear();
                }
            }
        };
        if count == 0 {
            framer.finish(&mut take);
        } else {
            framer.push(chunk.get(..count).unwrap_or_default(), &mut take);
        }
        if let Some(error) = failed {
            return Err(error);
        }
        if count == 0 {
            return done(&mut block);
        }
    }
}

/// Frames that are worked on together.
#[derive(Default)]
pub(super) struct Block {
    bytes: Vec<u8>,
    frames: Vec<(u64, Range<usize>, Option<Malformed>)>,
}

impl Block {
    /// The records, in order.
    pub(super) fn frames(&self) -> impl Iterator<Item = Frame<'_>> {
        self.frames.iter().map(|(line, range, fault)| Frame {
            line: *line,
            bytes: self.bytes.get(range.clone()).unwrap_or_default(),
            fault: *fault,
        })
    }

    fn push(&mut self, frame: Frame<'_>) {
        let start = self.bytes.len();
        self.bytes.extend_from_slice(frame.bytes);
        self.frames.push((frame.line, start..self.bytes.len(), frame.fault));
    }

    fn is_full(&self) -> bool {
        self.frames.len() >= BLOCK_RECORDS || self.bytes.len() >= BLOCK_BYTES
    }

    fn clear(&mut self) {
        self.bytes.clear();
        self.frames.clear();
    }
}

struct Work<'w> {
    sieve: &'w Sieve,
    examine: &'w (dyn Fn(Frame<'_>, &mut Desk) -> Examined + Sync),
    pool: &'w rayon::ThreadPool,
    batch: Batch,
    summary: Summary,
    /// The buffers of the records of a block.
    desks: Vec<Desk>,
    /// What tells this batch from others, once it is known.
    id: Option<BatchId>,
}

impl Work<'_> {
    fn block<P: Default + Send>(
        &mut self,
        block: &mut Block,
        source: Option<&str>,
        each: &(impl Fn(&Examined, Option<&str>, Option<&[u8]>, &mut Part<P>) + Sync),
        sink: &mut impl FnMut(P) -> Result<()>,
    ) -> Result<()> {
        stop::check()?;
        let sieve = self.sieve;
        let first =
            || block.frames().find(|frame| frame.fault.is_none()).map(|frame| sieve.batch_beginning(frame.bytes));
        self.id = self.id.or_else(first);
        let id = self.id;
        let examine = self.examine;
        self.desks.resize_with(self.desks.len().max(block.frames.len()), Desk::default);
        if let Some(id) = id {
            self.desks.iter_mut().for_each(|desk| desk.enter(id));
        }
        let desks = &mut self.desks;
        let bytes = &block.bytes;
        let frames = &block.frames;
        let mut examined: Vec<Examined> = self.pool.install(|| {
            let shares = frames.par_chunks(SHARE).zip(desks.par_chunks_mut(SHARE));
            let shares = shares.flat_map_iter(|(frames, desks)| {
                frames.iter().zip(desks).map(|((line, range, fault), desk)| {
                    let frame =
                        Frame { line: *line, bytes: bytes.get(range.clone()).unwrap_or_default(), fault: *fault };
                    examine(frame, desk)
                })
            });
            shares.collect()
        });
        self.batch.warm(&examined);
        for record in &mut examined {
            self.batch.admit(record).with_context(spill::failed)?;
        }
        let desks = &mut self.desks;
        let parts: Vec<Part<P>> = self.pool.install(|| {
            let shares = examined.par_chunks_mut(SHARE).zip(frames.par_chunks(SHARE)).zip(desks.par_chunks_mut(SHARE));
            let shares = shares.map(|((records, frames), desks)| {
                let mut part = Part { summary: Summary::default(), made: P::default() };
                for ((record, (_, range, fault)), desk) in records.iter_mut().zip(frames).zip(desks) {
                    let original = if fault.is_none() { bytes.get(range.clone()) } else { None };
                    each(record, source, original, &mut part);
                    // Here and not behind the loop: giving memory back takes as long as a tenth of the work.
                    desk.clear(record);
                }
                part.summary.settle();
                part
            });
            shares.collect()
        });
        for part in parts {
            self.summary.merge(&part.summary);
            sink(part.made)?;
        }
        Ok(())
    }
}
