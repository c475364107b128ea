//! `tamis replay`: quarantined records once more, after the contract was mended.

mod line;
mod outputs;
mod tally;

use super::args::{Records, ReplayArgs};
use super::batch::{self, Block};
use super::{End, input, key, output, progress, setup, spill};
use crate::pipeline::{Batch, Desk, Examined, Sieve, Twins};
use crate::quality::Summary;
use crate::record::{Frame, Limits};
use crate::seal::{self, Sealer};
use crate::verdict::{Explain, Status};
use anyhow::{Context, Result};
use line::{Line, Verdict};
use outputs::Outputs;
use rayon::prelude::*;
use tally::{Tally, Unopened};

/// What a line of a quarantine file or of accepted records may cost: a seal is a third longer than its record, and a
/// record may break its contract in every value.
const LIMITS: Limits = Limits { bytes: 64 << 20, depth: 128, values: 1_000_000 };

pub(super) fn replay(args: &ReplayArgs) -> Result<End> {
    let records = &args.records;
    let keys = key::needed(records.key_file.as_deref(), "replay")?;
    outputs::check(args)?;
    let (sieve, pool) = setup::sieve_under(records, Some(&keys))?;
    let (batch, twins) = known(args, &sieve)?;
    let mut work = Work {
        sieve: &sieve,
        sealer: Sealer::new(sieve.contract(), &keys),
        pool: &pool,
        batch,
        twins,
        outputs: args.out.as_deref().map(Outputs::new).transpose()?,
        tally: Tally::default(),
        summary: Summary::default(),
        verdict: Vec::new(),
    };
    let bar = progress::bar(input::length(&records.inputs), "replaying");
    for input in input::open(records, &bar)? {
        let name = input.name.clone();
        batch::stream(input, LIMITS, &mut |block| work.block(&name, block))?;
    }
    bar.finish_and_clear();
    let Work { tally, summary, outputs, .. } = work;
    tally.check(&sieve)?;
    let mut json = sieve.summary_json(&summary, None);
    if let Some(members) = json.as_object_mut() {
        members.insert("replay".to_owned(), tally.json());
    }
    let json = format!("{json:#}\n");
    if let Some(outputs) = outputs {
        outputs.finish(&json)?;
    }
    tally.say();
    output::print(&if records.json { json } else { tally.table(&summary, sieve.contract()) })?;
    Ok(End::Done)
}

/// What the replayed records may not be twins of: each other, and those that were accepted earlier.
fn known<'s>(args: &ReplayArgs, sieve: &'s Sieve) -> Result<(Batch, Option<Twins<'s>>)> {
    let budget = args.records.memory_budget;
    if args.against.is_empty() {
        if sieve.contract().has_unique_keys() {
            progress::say(
                "tamis: without --against accepted.ndjson, duplicates stay rejected, and twins of records accepted earlier are not seen",
            );
        }
        return Ok((spill::batch(budget), None));
    }
    let (most, overflow) = spill::within(budget / 2);
    let mut twins = Twins::new(sieve, most, overflow).context("--against cannot be used with this contract")?;
    let accepted = Records { inputs: args.against.clone(), format: None, ..args.records.clone() };
    let bar = progress::bar(input::length(&accepted.inputs), "reading the accepted");
    for input in input::open(&accepted, &bar)? {
        let name = input.name.clone();
        batch::stream(input, LIMITS, &mut |block| {
            super::stop::check()?;
            for frame in block.frames() {
                let place = || format!("line {} of {name}", frame.line);
                if let Some(fault) = frame.fault {
                    return Err(fault).with_context(place);
                }
                twins.learn(frame.bytes).with_context(place)?;
            }
            Ok(())
        })?;
    }
    bar.finish_and_clear();
    Ok((spill::batch(budget / 2), Some(twins)))
}

struct Work<'w> {
    sieve: &'w Sieve,
    sealer: Sealer,
    pool: &'w rayon::ThreadPool,
    batch: Batch,
    twins: Option<Twins<'w>>,
    outputs: Option<Outputs>,
    tally: Tally,
    summary: Summary,
    verdict: Vec<u8>,
}

/// A line of the quarantine file that could be opened, and what the contract now says of its original.
type Opened<'b> = Result<(Verdict<'b>, Box<Examined>), Unopened>;

impl Work<'_> {
    fn block(&mut self, name: &str, block: &Block) -> Result<()> {
        super::stop::check()?;
        let frames: Vec<Frame<'_>> = block.frames().collect();
        let (sieve, sealer) = (self.sieve, &self.sealer);
        let opened: Vec<Opened<'_>> =
            self.pool.install(|| frames.par_iter().map(|frame| open(sieve, sealer, frame)).collect());
        for (frame, opened) in frames.iter().zip(opened) {
            if let Some(fault) = frame.fault {
                // What cannot be read cannot be carried over, and nothing may be lost.
                return Err(fault).with_context(|| format!("line {} of {name}", frame.line));
            }
            match opened {
                Ok((verdict, examined)) => self.judge(&verdict, *examined)?,
                Err(why) => {
                    self.tally.unopened(why, name, frame.line);
                    if let Some(outputs) = &mut self.outputs {
                        outputs.carry(frame.bytes)?;
                    }
                }
            }
        }
        Ok(())
    }

    fn judge(&mut self, old: &Verdict<'_>, mut examined: Examined) -> Result<()> {
        match &mut self.twins {
            Some(twins) => twins.reject(&mut examined, &old.duplicates()).with_context(spill::failed)?,
            None => examined.hold(self.sieve.contract(), &old.duplicates()),
        }
        self.batch.admit(&mut examined).with_context(spill::failed)?;
        self.verdict.clear();
        let source = old.source.as_deref();
        let (status, _) =
            self.sieve.conclude(&examined, source, Explain::default(), &mut self.summary, &mut self.verdict);
        if status == Status::Accepted {
            self.tally.rescued(old);
        } else {
            self.tally.rejected();
            // The same original, place and key give the same seal: the old one is the new one.
            seal::attach(Some(old.sealed), &mut self.verdict);
        }
        match &mut self.outputs {
            Some(outputs) => outputs.write(status, &examined, &self.verdict),
            None => Ok(()),
        }
    }
}

fn open<'b>(sieve: &Sieve, sealer: &Sealer, frame: &Frame<'b>) -> Opened<'b> {
    let verdict = match Line::read(frame.bytes) {
        Line::Sealed(verdict) => verdict,
        Line::Unopened(why) => return Err(why),
    };
    let original = sealer.open(verdict.source.as_deref(), verdict.line, verdict.sealed);
    let original = original.map_err(|_| Unopened::Seal)?;
    let frame = Frame { line: verdict.line, bytes: &original, fault: None };
    let examined = sieve.examine(frame, &mut Desk::default());
    Ok((verdict, Box::new(examined)))
}
