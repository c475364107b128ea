//! Which rules reject most, what mending them would gain, what was put right, and a few of the records that were refused.

use super::charts::{self, Kind, Row};
use super::markup::Markup;
use super::number::{count, float, grouped, percent};
use super::record::{fields, id};
use super::table::Column::{Number, Record, Words};
use super::table::{Column, Table, name};
use super::{beside, section};
use serde_json::Value as Json;

/// Rules and checks by how many records they reject, the silent ones too.
pub(super) fn rules(summary: &Json) -> Markup {
    const COLUMNS: &[Column] = &[
        Words("Field"),
        Words("Code"),
        Words("Asks for"),
        Words("Severity"),
        Number("Violations"),
        Number("Records rejected"),
        Number("Of all records"),
        Number("By it alone"),
    ];
    let records = count(&summary["records"]);
    // A summary of an older version has the violations alone.
    let list = summary["rules"].as_array().or(summary["violations"].as_array()).map_or(&[][..], Vec::as_slice);
    let mut table = Table::new("Rules and checks, those that reject most first", COLUMNS);
    let mut bars = Vec::new();
    let mut silent = 0;
    for rule in list {
        let text = |key: &str| rule[key].as_str().unwrap_or_default();
        let [times, rejected, alone] = ["count", "rejected", "alone"].map(|key| count(&rule[key]));
        silent += usize::from(times == 0);
        if rejected > 0 {
            bars.push(Row {
                label: format!("{} {}", text("path"), text("code")).trim().to_owned(),
                parts: vec![(Kind::Bad, float(alone)), (Kind::Fixed, float(rejected.saturating_sub(alone)))],
                note: format!("{} + {}", grouped(alone), grouped(rejected.saturating_sub(alone))),
            });
        }
        table.row([
            name(text("path")),
            name(text("code")),
            text("expected").into(),
            text("severity").into(),
            grouped(times).into(),
            grouped(rejected).into(),
            percent(rejected, records).into(),
            grouped(alone).into(),
        ]);
    }
    let caption = "Records that each rule rejects by it alone + together with others, in this order";
    let answers = format!(
        "A record may break several. {silent} of {} rules and checks never fired. A rule of the severity warn counts, \
         but does not reject.",
        list.len()
    );
    let picture = charts::bars(caption, &bars, None);
    section("Which rules reject most?", answers, picture.then(table.folded_or("The contract asks for nothing.")))
}

/// What would let the most records in.
pub(super) fn gains(summary: &Json) -> Markup {
    const COLUMNS: &[Column] = &[Words("Fix"), Words("Field"), Words("Code"), Number("More records"), Number("Of all")];
    let records = count(&summary["records"]);
    let mut list: Vec<(u64, Markup, &Json)> = Vec::new();
    for gain in summary["gains"].as_array().into_iter().flatten() {
        let remedy = Markup::text("add ").then(name(gain["remedy"].as_str().unwrap_or_default()));
        list.push((count(&gain["records"]), remedy.then(Markup::text(" to x-normalize")), gain));
    }
    for kind in summary["violations"].as_array().into_iter().flatten().filter(|kind| count(&kind["alone"]) > 0) {
        list.push((count(&kind["alone"]), Markup::text("mend the cause at its source"), kind));
    }
    list.sort_by_key(|(gain, ..)| std::cmp::Reverse(*gain));
    let mut table = Table::new("What each fix alone would gain", COLUMNS);
    for (gain, fix, at) in list {
        let text = |key: &str| name(at[key].as_str().unwrap_or_default());
        table.row([fix, text("path"), text("code"), grouped(gain).into(), percent(gain, records).into()]);
    }
    let answers = "Each counts the records that nothing else is wrong with. A normaliser is named where it was tried on \
                   the failing values and mended them; a mended value may still break a rule or repeat another.";
    section("Which fix would gain the most?", answers, table.folded_or("No single fix would let a record in."))
}

/// Repairs by code.
pub(super) fn repairs(summary: &Json) -> Markup {
    const COLUMNS: &[Column] = &[Words("Field"), Words("Code"), Number("Repairs"), Number("Per 100 records")];
    let records = count(&summary["records"]);
    let list = summary["repairs_by"].as_array().map_or(&[][..], Vec::as_slice);
    let mut table = Table::new("Repairs by field and code", COLUMNS);
    let mut bars = Vec::new();
    for repair in list {
        let text = |key: &str| repair[key].as_str().unwrap_or_default();
        let times = count(&repair["count"]);
        table.row([name(text("path")), name(text("code")), grouped(times).into(), percent(times, records).into()]);
        bars.push(Row {
            label: format!("{} {}", text("path"), text("code")).trim().to_owned(),
            parts: vec![(Kind::Fixed, float(times))],
            note: grouped(times),
        });
    }
    let answers =
        "Values that were put right before they were checked, in rejected records too. Each verdict lists its own.";
    let picture = charts::bars("Repairs by field and code", &bars, None);
    section("What was repaired?", answers, beside(picture, table.folded_or("Nothing had to be repaired.")))
}

/// Examples of rejected records.
pub(super) fn rejected(verdicts: &[Json]) -> Markup {
    const COLUMNS: &[Column] = &[Number("Line"), Words("Id"), Words("What is wrong"), Record("Record, masked")];
    if verdicts.is_empty() {
        return Markup::default();
    }
    let mut table = Table::new("Examples of rejected records", COLUMNS);
    for verdict in verdicts {
        let faults = verdict["violations"].as_array().into_iter().flatten().map(|fault| {
            let text = |key: &str| fault[key].as_str().unwrap_or_default();
            let words = name(text("code")).then(Markup::text(" ")).then(Markup::element("bdi", text("message")));
            Markup::element("li", words)
        });
        let faults = Markup::element("ul", faults.collect::<Markup>());
        table.row([count(&verdict["line"]).to_string().into(), name(&id(verdict)), faults, fields(&verdict["record"])]);
    }
    let answers = "A few of each kind. A value that failed is in no output: the message says its type and length.";
    section("Rejected records", answers, table.folded_or(""))
}
