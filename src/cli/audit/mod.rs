//! `tamis audit`: whether outputs hold what the masks remove from the inputs.

mod search;
mod show;

pub(super) use search::{Audited, Watch};

use super::args::{AuditArgs, Records};
use super::{End, batch, input, key, output, setup};
use crate::audit::{Audit, Notes};
use crate::mask::KeyRing;
use anyhow::{Context, Result};

pub(super) fn audit(args: &AuditArgs) -> Result<End> {
    let records = &args.records;
    let files = search::files(&args.against)?;
    // Which key masks does not matter to what is removed, so there is nothing to warn of when there is none.
    let key = match key::lasting(records.key_file.as_deref())? {
        Some(key) => key,
        None => KeyRing::from(&key::fresh()?),
    };
    let (sieve, pool) = setup::sieve_under(records, Some(&key))?;
    let sieve = sieve.noting(true);
    let mut audit = Audit::new(sieve.contract(), search::moment_key()?, records.memory_budget / 4 * 3, true);
    let noter = audit.noter();
    // The keys of x-unique are followed too, since a record is read as the other commands read it.
    let reading = Records { memory_budget: (records.memory_budget / 4).max(1), ..records.clone() };
    let mut bytes = 0;
    batch::run_with_originals(
        &reading,
        &sieve,
        &pool,
        "noting what is removed",
        |examined, source, original, part: &mut batch::Part<Notes>| {
            noter.note(examined, source, original, &mut part.made);
        },
        |notes| {
            let mut left = audit.take(notes);
            while let Some(notes) = left {
                bytes += search::pass(&mut audit, &files, &pool)?;
                left = audit.take(notes);
            }
            Ok(())
        },
    )?;
    if !audit.is_empty() || bytes == 0 {
        bytes += search::pass(&mut audit, &files, &pool)?;
    }
    let report = audit.report();
    let input = records.inputs.first().map(|input| input.display().to_string()).unwrap_or_default();
    let names = show::names(&files);
    if records.json {
        let mut json = report.json(&names, &input);
        if let Some(members) = json.as_object_mut() {
            members.insert("bytes".to_owned(), bytes.into());
        }
        output::print(&format!("{json:#}\n"))?;
    } else {
        output::print(&format!("{}\n{}", show::line(&report, names.len()), show::findings(&report, &names, &input)))?;
    }
    Ok(if report.is_clean() { End::Done } else { End::Refused })
}

/// Opens an output as the inputs are opened: perhaps compressed.
fn open(path: &std::path::Path) -> Result<Box<dyn std::io::Read + Send>> {
    input::open_bytes(path).with_context(|| format!("cannot read {}", path.display()))
}
