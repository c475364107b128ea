//! `tamis score`: one verdict a line; of a bare matrix, one score a line.

use super::args::ScoreArgs;
use super::matrix::{self, Asked, Features, Label, Row, Rows};
use super::output::Sink;
use super::{End, batch, model, progress, setup, stop};
use crate::mask::{write_number, write_text};
use crate::score::{Model, Score};
use crate::verdict::{Anomaly, Explain, write_why};
use anyhow::{Result, anyhow, bail};
use rayon::prelude::*;

pub(super) fn score(args: &ScoreArgs) -> Result<End> {
    if matrix::are_matrices(&args.records, || takes_numbers(args))? {
        return numbers(args);
    }
    let (sieve, pool) = setup::sieve(&args.records)?;
    let sieve = model::attach(sieve, args.model.as_deref(), &args.trust)?;
    let explain = args.explain.map_or_else(Explain::default, Explain::Every);
    let mut sink = Sink::new(args.out.as_deref())?;
    batch::run(
        &args.records,
        &sieve,
        &pool,
        "scoring",
        |examined, source, part: &mut batch::Part<Vec<u8>>| {
            sieve.conclude(examined, source, explain, &mut part.summary, &mut part.made);
        },
        |lines| sink.write(&lines),
    )?;
    sink.finish()?;
    Ok(End::Done)
}

/// Whether the model is one for bare numbers: it was made under no contract.
fn takes_numbers(args: &ScoreArgs) -> Result<bool> {
    let Some(path) = &args.model else { return Ok(false) };
    Ok(model::load(path, &args.trust)?.metadata().contract.is_none())
}

/// Scores bare matrices: no contract speaks of them.
fn numbers(args: &ScoreArgs) -> Result<End> {
    let Some(path) = &args.model else {
        bail!("these are bare numbers, which the built-in model was not made for: name a model with --model");
    };
    let model = model::load(path, &args.trust)?;
    let asked = Asked::of(Label::None, Some(Features::from(&model)));
    let pool = setup::threads(&args.records)?;
    let mut sink = Sink::new(args.out.as_deref())?;
    let bar = progress::bar(super::input::length(&args.records.inputs), "scoring");
    for input in &args.records.inputs {
        let name = input.display().to_string();
        let mut scorer = Scorer {
            model: &model,
            pool: &pool,
            sink: &mut sink,
            file: &name,
            source: (args.records.inputs.len() > 1).then_some(name.as_str()),
            explain: args.explain,
            names: Vec::new(),
            rows: Vec::new(),
            lines: Vec::new(),
        };
        matrix::read(input, &args.records, &asked, &bar, &mut scorer)?;
        scorer.flush()?;
    }
    bar.finish_and_clear();
    sink.finish()?;
    Ok(End::Done)
}

/// Rows that are scored together, and those that one thread takes.
const BLOCK: usize = 16_384;
const SHARE: usize = 512;

struct Scorer<'s> {
    model: &'s Model,
    pool: &'s rayon::ThreadPool,
    sink: &'s mut Sink,
    file: &'s str,
    source: Option<&'s str>,
    explain: Option<usize>,
    names: Vec<String>,
    /// The rows that wait, one after another.
    rows: Vec<f64>,
    lines: Vec<u64>,
}

impl Rows for Scorer<'_> {
    fn begin(&mut self, names: Vec<String>) -> Result<()> {
        self.names = names;
        Ok(())
    }

    fn row(&mut self, row: &Row<'_>) -> Result<()> {
        self.rows.extend_from_slice(row.values);
        self.lines.push(row.line);
        if self.lines.len() == BLOCK { self.flush() } else { Ok(()) }
    }
}

impl Scorer<'_> {
    /// Scores and prints the rows that wait.
    fn flush(&mut self) -> Result<()> {
        stop::check()?;
        let width = self.model.columns().max(1);
        let shares = self.rows.par_chunks(SHARE * width).zip(self.lines.par_chunks(SHARE));
        let (model, names, explain, source) = (self.model, &self.names, self.explain, self.source);
        let file = self.file;
        let score = |(rows, lines): (&[f64], &[u64])| -> Result<Vec<u8>> {
            let scores = model.score_doubles(rows).map_err(|error| {
                // A row of its own tells which one it was.
                let mut each = rows.chunks_exact(width).zip(lines);
                let refused = each.find_map(|(row, line)| Some((model.score_doubles(row).err()?, line)));
                match refused {
                    Some((error, line)) => anyhow!("cannot score {file}: line {line}: {error}"),
                    None => anyhow!("cannot score {file}: {error}"),
                }
            })?;
            let mut out = Vec::new();
            for ((row, score), line) in rows.chunks_exact(width).zip(scores).zip(lines) {
                let why = explain.map(|count| Explain::Every(count).of_score(model, names, row, score));
                write_bare(*line, source, score, why.as_ref(), &mut out);
            }
            Ok(out)
        };
        let parts: Vec<Vec<u8>> = self.pool.install(|| shares.map(score).collect::<Result<_>>())?;
        self.rows.clear();
        self.lines.clear();
        parts.iter().try_for_each(|part| self.sink.write(part))
    }
}

/// Writes what a model says of a row that no contract speaks of, as a line; the reasons where they are asked for.
fn write_bare(line: u64, source: Option<&str>, score: Score, why: Option<&Anomaly>, out: &mut Vec<u8>) {
    out.extend_from_slice(format!("{{\"line\":{line}").as_bytes());
    if let Some(source) = source {
        out.extend_from_slice(b",\"source\":");
        write_text(source, out);
    }
    out.extend_from_slice(b",\"score\":");
    write_number(score.score.unwrap_or(f64::NAN), out);
    out.extend_from_slice(b",\"decision\":");
    write_number(score.decision, out);
    out.extend_from_slice(if score.flagged { b",\"label\":-1" } else { b",\"label\":1" });
    if let Some(why) = why {
        write_why(why, out);
    }
    out.extend_from_slice(b"}\n");
}
