//! `tamis generate`: synthetic orders, and the truth about each.

use super::args::GenerateArgs;
use super::output::Sink;
use super::{End, progress, stop};
use crate::generate::{Params, orders};
use anyhow::Result;

pub(super) fn generate(args: &GenerateArgs) -> Result<End> {
    let mut orders =
        orders(&Params { rows: args.rows, seed: args.seed, defects: args.defects, anomalies: args.anomalies })?;
    let mut lines = Sink::new(args.out.as_deref())?;
    let mut truths = args.truth.as_deref().map(|path| Sink::new(Some(path))).transpose()?;
    for (index, row) in (&mut orders).enumerate() {
        if index % 4096 == 0 {
            stop::check()?;
        }
        lines.line(&row.line)?;
        if let Some(truths) = &mut truths {
            truths.line(&row.truth)?;
        }
    }
    lines.finish()?;
    truths.map(Sink::finish).transpose()?;
    let tally = orders.tally();
    progress::say(&format!(
        "tamis: {} orders, {} of them with defects; {} keep the contract, {} are anomalous",
        tally.rows, tally.defective, tally.accepted, tally.anomalies
    ));
    Ok(End::Done)
}
