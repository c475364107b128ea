//! `tamis mask`: the accepted records, masked.

use super::args::MaskArgs;
use super::output::Sink;
use super::{End, batch, progress, setup};
use anyhow::Result;

pub(super) fn mask(args: &MaskArgs) -> Result<End> {
    let (sieve, pool) = setup::sieve(&args.records)?;
    let mut sink = Sink::new(args.out.as_deref())?;
    let summary = batch::run(
        &args.records,
        &sieve,
        &pool,
        "masking",
        |examined, source, part: &mut batch::Part<Vec<u8>>| {
            if part.accepts(&sieve, examined, source) {
                examined.write_record(&mut part.made);
            }
        },
        |lines| sink.write(&lines),
    )?;
    sink.finish()?;
    if summary.rejected() > 0 {
        progress::say(&format!(
            "tamis: {} of {} records were rejected and are not in the output; `tamis validate` says why",
            summary.rejected(),
            summary.records()
        ));
    }
    Ok(End::Done)
}
