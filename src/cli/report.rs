//! `tamis report`: the data-quality review as one HTML file.

use super::args::ReportArgs;
use super::output::Files;
use super::{End, batch, model, setup};
use crate::quality::report::{Examples, html};
use crate::verdict::Explain;
use anyhow::Result;

pub(super) fn report(args: &ReportArgs) -> Result<End> {
    let (sieve, pool) = setup::sieve(&args.records)?;
    let sieve = match (&args.model, &args.records.contract) {
        // Without a model that fits there is still all that validation says.
        (None, Some(_)) => sieve,
        (path, _) => model::attach(sieve, path.as_deref(), &args.trust)?,
    };
    let (mut files, page) = Files::one(&args.out)?;
    let mut shown = Examples::default();
    let summary = batch::run(
        &args.records,
        &sieve,
        &pool,
        "reading",
        |examined, source, part: &mut batch::Part<Examples>| {
            let mut line = Vec::new();
            let (status, score) = sieve.conclude(examined, source, Explain::default(), &mut part.summary, &mut line);
            part.made.see(status, score.map(|score| score.decision), &line);
        },
        |part| {
            shown.merge(part);
            Ok(())
        },
    )?;
    let json = sieve.summary_json(&summary, None);
    files.write(page, html(&json, &shown.flagged(), &shown.rejected()).as_bytes())?;
    files.finish()?;
    super::progress::say(&format!("tamis: the report is in {}", args.out.display()));
    Ok(End::Done)
}
