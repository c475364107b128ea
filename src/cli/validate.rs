//! `tamis validate`: check, repair, mask; keep the rejected with their reasons.

use super::args::ValidateArgs;
use super::output::{self, Files};
use super::{End, batch, setup, table};
use crate::quality::Summary;
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
    let (sieve, pool) = setup::sieve(&args.records)?;
    let mut files = Files::new(&args.out)?;
    let accepted = files.add("accepted.ndjson")?;
    let rejected = files.add("rejected.ndjson")?;
    let summary_file = files.add("summary.json")?;
    let summary = batch::run(
        &args.records,
        &sieve,
        &pool,
        "validating",
        |examined, source, part: &mut batch::Part<Made>| {
            let made = &mut part.made;
            made.verdict.clear();
            match sieve.conclude(examined, source, Explain::default(), &mut part.summary, &mut made.verdict).0 {
                Status::Accepted => examined.write_record(&mut made.accepted),
                Status::Rejected => made.rejected.extend_from_slice(&made.verdict),
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
                "tamis: {:.2} % of the records were accepted, below the {:.2} % asked for",
                rate * 100.0,
                least * 100.0
            ));
            End::Refused
        }
        _ => End::Done,
    }
}
