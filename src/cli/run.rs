//! `tamis run`: the whole way over files, in one reading.
//!
//! The model is trained on what the first pass accepts, so verdicts are finished in a second pass: over what the first
//! one noted in a temporary file (the verdict so far, and the features), not over the input, which may be a pipe.

use super::args::RunArgs;
use super::model::Chosen;
use super::output::{self, Files};
use super::track::{Registers, Tracking};
use super::train::{self, Beside, Rows};
use super::validate::gate;
use super::{End, audit, batch, progress, setup, stop, table};
use crate::audit::Notes;
use crate::mask::KeyRing;
use crate::monitor::drift::{Gather, Plan};
use crate::pipeline::{Examined, Sieve};
use crate::quality::Summary;
use crate::quality::report::{Examples, html};
use crate::score::Model;
use crate::seal;
use crate::track::Kind;
use crate::training::{Sample, Subject};
use crate::verdict::{Explain, Status};
use anyhow::{Context, Result, bail};
use std::fs::File;
use std::io::{BufReader, BufWriter, Read, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};

/// What one share of the records gives.
#[derive(Default)]
struct Made {
    accepted: Vec<u8>,
    notes: Vec<u8>,
    head: Vec<u8>,
    rows: Rows,
    removed: Notes,
}

impl Made {
    /// Takes a record, and notes what its verdict is so far.
    fn record(
        &mut self,
        examined: &Examined,
        source: Option<&str>,
        sieve: &Sieve,
        plan: &Plan,
        summary: &mut Summary,
    ) -> Status {
        self.head.clear();
        let status = sieve.head(examined, source, summary, &mut self.head);
        if status == Status::Accepted {
            examined.write_record(&mut self.accepted);
        }
        self.rows.push(examined, sieve, None, &Beside::default(), plan);
        note(Noted::of(examined, sieve), &self.head, &mut self.notes);
        status
    }
}

pub(super) fn run(args: &RunArgs) -> Result<End> {
    let tracking = Tracking::begin("run", &args.track, &args.records)?;
    let key = setup::sealing_key(&args.records, args.seal)?;
    let chosen = args.model.as_deref().map(|path| Chosen::open(path, &args.trust)).transpose()?;
    let (sieve, pool) = sieve(args, key.as_ref(), chosen.as_ref())?;
    let sealer = setup::sealer(key.as_ref(), &sieve);
    let mut files = Files::new(&args.out)?;
    let accepted = files.add("accepted.ndjson")?;
    let mut watch = audit::Watch::unless(args.no_audit, sieve.contract(), args.records.memory_budget)?;
    let removals = watch.as_ref().map(audit::Watch::noter);
    let mut sample = train::sample(&sieve, args.forest.seed, &args.forest.categorical)?;
    let plan = Plan::of(sieve.contract());
    let mut gather = Gather::new(&plan);
    let mut notes = BufWriter::with_capacity(1 << 18, tempfile::tempfile().context("cannot write a temporary file")?);
    let mut summary = batch::run_with_originals(
        &args.records,
        &sieve,
        &pool,
        "validating, masking",
        |examined, source, original, part: &mut batch::Part<Made>| {
            if let Some(removals) = &removals {
                removals.note(examined, source, original, &mut part.made.removed);
            }
            let status = part.made.record(examined, source, &sieve, &plan, &mut part.summary);
            if let (Status::Rejected, Some(sealer)) = (status, &sealer) {
                let kept = original.map(|original| sealer.seal(source, examined.line(), original));
                note_seal(kept.as_deref(), &mut part.made.notes);
            }
        },
        |made| {
            made.rows.pour(&mut sample, &mut gather);
            if let Some(watch) = &mut watch {
                watch.take(made.removed);
            }
            files.write(accepted, &made.accepted)?;
            notes.write_all(&made.notes).context("cannot write a temporary file")
        },
    )?;
    if summary.records() == 0 {
        bail!("there is no record in the input");
    }
    let subject = Subject { gathered: Some((plan, gather)), ..Subject::from(sieve.contract()) };
    let (sieve, onnx, anomaly_rate) = model(args, chosen, sieve, &sample, &subject, &pool)?;
    let notes = notes.into_inner().context("cannot write a temporary file")?;
    let shown = finish(notes, &sieve, args.seal, &mut files, &mut summary)?;
    let json = sieve.summary_json(&summary, anomaly_rate);
    results(&json, onnx.as_deref(), &shown, &mut files)?;
    stop::check()?;
    let paths = files.paths();
    files.finish()?;
    let audited = watch.map(|watch| watch.finish(paths.clone(), &pool)).transpose()?;
    let ran = Ran { args, sieve: &sieve, summary: &summary, anomaly_rate, paths, audited };
    let told = ran.tell(&json);
    ran.track(&tracking)?;
    told?;
    Ok(ran.end())
}

/// The sieve, with the model that is given, if one is.
fn sieve(args: &RunArgs, keys: Option<&KeyRing>, chosen: Option<&Chosen>) -> Result<(Sieve, rayon::ThreadPool)> {
    let (sieve, pool) = setup::sieve_under(&args.records, keys)?;
    let sieve = sieve.noting(!args.no_audit);
    Ok((chosen.iter().try_fold(sieve, |sieve, chosen| chosen.attach(sieve))?, pool))
}

/// A run whose results are written.
struct Ran<'r> {
    args: &'r RunArgs,
    sieve: &'r Sieve,
    summary: &'r Summary,
    anomaly_rate: Option<f64>,
    /// The results.
    paths: Vec<PathBuf>,
    audited: Option<audit::Audited>,
}

impl Ran<'_> {
    fn is_clean(&self) -> bool {
        self.audited.as_ref().is_none_or(audit::Audited::is_clean)
    }

    fn end(&self) -> End {
        if self.is_clean() { gate(self.summary, self.args.min_acceptance) } else { End::Refused }
    }

    /// Prints the summary, or the table and what the audit says.
    fn tell(&self, json: &serde_json::Value) -> Result<()> {
        let records = &self.args.records;
        let input = records.inputs.first().map(|input| input.display().to_string()).unwrap_or_default();
        let audit = self.audited.as_ref().map(|audited| audited.text(&input)).unwrap_or_default();
        if records.json {
            if !audit.is_empty() {
                progress::say(&format!("tamis: {}", audit.trim_end()));
            }
            return output::print(&format!("{json:#}\n"));
        }
        let table = table::table(self.summary, self.sieve.contract(), self.anomaly_rate);
        let out = self.args.out.display();
        output::print(&format!("{table}{audit}\nThe results are in {out}; begin with {out}/report.html\n"))
    }

    fn track(&self, tracking: &Tracking) -> Result<()> {
        let trained = self.args.model.is_none();
        let context = if trained { "training" } else { "scoring" };
        let Some(mut run) = tracking.log(Some(self.sieve.contract()), context) else {
            return Ok(());
        };
        if trained {
            run.forest(&self.args.forest.params());
        }
        run.counts(self.summary, self.sieve.contract(), self.anomaly_rate);
        let refused = self.end() == End::Refused;
        run.tag("tamis.gate", if refused { "refused" } else { "passed" });
        let files: Vec<_> = self.paths.iter().map(|path| (self.kind(path), path.clone())).collect();
        let registers = if refused { Registers::Never } else { Registers::OnRequest };
        tracking.finish(run, &files, self.sieve.model(), registers)
    }

    /// What becomes of a result on a server. What holds personal data by mistake must not spread.
    fn kind(&self, path: &Path) -> Kind {
        match path.file_name().and_then(|name| name.to_str()) {
            Some("summary.json" | "report.html") if self.is_clean() => Kind::Document,
            Some("model.onnx") if self.is_clean() => Kind::Model,
            _ => Kind::Data,
        }
    }
}

/// Writes the model, the summary and the report.
fn results(json: &serde_json::Value, onnx: Option<&[u8]>, shown: &Examples, files: &mut Files) -> Result<()> {
    if let Some(onnx) = onnx {
        let model = files.add("model.onnx")?;
        files.write(model, onnx)?;
    }
    let summary = files.add("summary.json")?;
    files.write(summary, format!("{json:#}\n").as_bytes())?;
    let page = files.add("report.html")?;
    files.write(page, html(json, &shown.flagged(), &shown.rejected()).as_bytes())
}

/// The sieve with a model trained on the sample, unless it was given one; its file and its held-out rate.
fn model(
    args: &RunArgs,
    chosen: Option<Chosen>,
    sieve: Sieve,
    sample: &Sample,
    subject: &Subject,
    pool: &rayon::ThreadPool,
) -> Result<(Sieve, Option<Vec<u8>>, Option<f64>)> {
    if let Some(chosen) = chosen {
        return Ok((sieve, Some(chosen.onnx), None));
    }
    if sample.rows() < 2 {
        progress::say("tamis: fewer than two records were accepted, so there is no model and nothing is scored");
        return Ok((sieve, None, None));
    }
    let trained = train::fit(sample, subject, &args.forest.params(), pool)?;
    let sieve = sieve.with_model(Model::from_onnx(&trained.onnx)?)?;
    Ok((sieve, Some(trained.onnx), trained.anomaly_rate))
}

/// The features of a record, as its model takes them.
enum Noted<'r> {
    /// It was rejected.
    Nothing,
    Singles(&'r [f32]),
    Doubles(Vec<f64>),
}

impl<'r> Noted<'r> {
    fn of(examined: &'r Examined, sieve: &Sieve) -> Self {
        match (sieve.doubles(examined), examined.row()) {
            (Some(row), _) => Self::Doubles(row),
            (None, Some(row)) => Self::Singles(row),
            (None, None) => Self::Nothing,
        }
    }
}

/// Notes a record for the second pass: its verdict so far, and its features if it was accepted.
fn note(row: Noted<'_>, head: &[u8], notes: &mut Vec<u8>) {
    let length = u32::try_from(head.len()).unwrap_or(u32::MAX);
    notes.extend_from_slice(&length.to_le_bytes());
    notes.push(u8::from(!matches!(row, Noted::Nothing)));
    notes.extend_from_slice(head);
    match row {
        Noted::Nothing => {}
        Noted::Singles(row) => row.iter().for_each(|value| notes.extend_from_slice(&value.to_le_bytes())),
        Noted::Doubles(row) => row.iter().for_each(|value| notes.extend_from_slice(&value.to_le_bytes())),
    }
}

/// The second pass: scores what was noted and writes the finished verdicts.
fn finish(mut notes: File, sieve: &Sieve, sealed: bool, files: &mut Files, summary: &mut Summary) -> Result<Examples> {
    let verdicts = files.add("verdicts.ndjson")?;
    let rejected = files.add("rejected.ndjson")?;
    notes.seek(SeekFrom::Start(0)).context("cannot read a temporary file")?;
    let mut notes = BufReader::with_capacity(1 << 18, notes);
    let bar = progress::bar(None, "scoring");
    let mut shown = Examples::default();
    let mut line = Vec::new();
    let columns = sieve.contract().feature_names().count();
    let wide = sieve.model().is_some_and(Model::is_wide);
    let mut bytes = vec![0; columns * if wide { size_of::<f64>() } else { size_of::<f32>() }];
    let mut row = vec![0.0; columns];
    for index in 0..summary.records() {
        if index % 4096 == 0 {
            stop::check()?;
            bar.tick();
        }
        let was_accepted = recall(&mut notes, &mut line, &mut bytes).context("cannot read a temporary file")?;
        let anomaly = if wide && was_accepted {
            let row: Vec<f64> = bytes.as_chunks().0.iter().map(|bytes| f64::from_le_bytes(*bytes)).collect();
            sieve.tail_of_doubles(&row, Explain::default(), &mut line)
        } else {
            row.iter_mut().zip(bytes.as_chunks().0).for_each(|(value, bytes)| *value = f32::from_le_bytes(*bytes));
            sieve.tail(was_accepted.then_some(&row), Explain::default(), &mut line)
        };
        if let Some(anomaly) = &anomaly {
            summary.score(anomaly.score);
        }
        files.write(verdicts, &line)?;
        let status = if was_accepted { Status::Accepted } else { Status::Rejected };
        shown.see(status, anomaly.map(|anomaly| anomaly.score.decision), &line);
        if !was_accepted {
            if sealed {
                let sealed = recall_seal(&mut notes).context("cannot read a temporary file")?;
                seal::attach(sealed.as_deref(), &mut line);
            }
            files.write(rejected, &line)?;
        }
    }
    bar.finish_and_clear();
    Ok(shown)
}

/// Notes the sealed original of a rejected record behind its verdict; a length that no seal has where there is none.
fn note_seal(sealed: Option<&str>, notes: &mut Vec<u8>) {
    let length = sealed.map_or(u32::MAX, |sealed| u32::try_from(sealed.len()).unwrap_or(u32::MAX));
    notes.extend_from_slice(&length.to_le_bytes());
    notes.extend_from_slice(sealed.unwrap_or_default().as_bytes());
}

/// Reads what [`note_seal`] wrote.
fn recall_seal(notes: &mut impl Read) -> std::io::Result<Option<String>> {
    let mut length = [0; 4];
    notes.read_exact(&mut length)?;
    let length = u32::from_le_bytes(length);
    if length == u32::MAX {
        return Ok(None);
    }
    let mut sealed = String::new();
    notes.take(u64::from(length)).read_to_string(&mut sealed)?;
    Ok(Some(sealed))
}

/// Reads what [`note`] wrote; answers whether the record was accepted.
fn recall(notes: &mut impl Read, line: &mut Vec<u8>, row: &mut [u8]) -> std::io::Result<bool> {
    let mut length = [0; 4];
    let mut was_accepted = [0];
    notes.read_exact(&mut length)?;
    notes.read_exact(&mut was_accepted)?;
    line.clear();
    notes.take(u64::from(u32::from_le_bytes(length))).read_to_end(line)?;
    let was_accepted = was_accepted == [1];
    if was_accepted {
        notes.read_exact(row)?;
    }
    Ok(was_accepted)
}
