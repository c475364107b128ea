//! `tamis validate`: check, repair, mask; keep the rejected with their reasons.

use super::args::ValidateArgs;
use super::output::{self, Files};
use super::{End, batch, measured, setup, table};
use crate::quality::Summary;
use crate::seal;
use crate::verdict::{Explain, Status};
use anyhow::Result;

/// What one share of the records gives.
#[derive(Default)]
struct Made {
    accepted: Vec<u8>,
    rejected: Vec<u8>,
    verdict: Vec<u8>,
}

pub(super) fn validate(args: &ValidateArgs) -> Result<End> {
    let key = setup::sealing_key(&args.records, args.seal)?;
    let (sieve, pool) = setup::sieve_under(&args.records, key.as_ref())?;
    let sealer = setup::sealer(key.as_ref(), &sieve);
    let mut files = Files::new(&args.out)?;
    let accepted = files.add("accepted.ndjson")?;
    let rejected = files.add("rejected.ndjson")?;
    let summary_file = files.add("summary.json")?;
    let summary = batch::run_with_originals(
        &args.records,
        &sieve,
        &pool,
        "validating",
        |examined, source, original, part: &mut batch::Part<Made>| {
            let made = &mut part.made;
            made.verdict.clear();
            match sieve.conclude(examined, source, Explain::default(), &mut part.summary, &mut made.verdict).0 {
                Status::Accepted => examined.write_record(&mut made.accepted),
                Status::Rejected => {
                    if let Some(sealer) = &sealer {
                        let kept = original.map(|original| sealer.seal(source, examined.line(), original));
                        seal::attach(kept.as_deref(), &mut made.verdict);
                    }
                    made.rejected.extend_from_slice(&made.verdict);
                }
            }
        },
        |made| {
            files.write(accepted, &made.accepted)?;
            files.write(rejected, &made.rejected)
        },
    )?;
    let json = sieve.summary_json(&summary, None);
    files.write(summary_file, format!("{json:#}\n").as_bytes())?;
    files.finish()?;
    if let Some(path) = &args.metrics_out {
        measured::write(path, &measured::of_batch(&summary))?;
    }
    if args.records.json {
        output::print(&format!("{json:#}\n"))?;
    } else {
        output::print(&table::table(&summary, sieve.contract(), None))?;
    }
    Ok(gate(&summary, args.min_acceptance))
}

/// Says no when fewer records were accepted than asked for; an empty batch has nothing to refuse.
pub(super) fn gate(summary: &Summary, least: Option<f64>) -> End {
    match (summary.acceptance_rate(), least) {
        (Some(rate), Some(least)) if rate < least => {
            super::progress::say(&format!(
                "tamis: {} of {} records were accepted ({:.2} %), below the share of {least} asked for",
                summary.accepted(),
                summary.records(),
                rate * 100.0,
            ));
            End::Refused
        }
        _ => End::Done,
    }
}
