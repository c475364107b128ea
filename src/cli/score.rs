//! `tamis score`: one verdict a line.

use super::args::ScoreArgs;
use super::output::Sink;
use super::{End, batch, model, setup};
use crate::verdict::Explain;
use anyhow::Result;

pub(super) fn score(args: &ScoreArgs) -> Result<End> {
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
