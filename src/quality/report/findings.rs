//! What was wrong, what was put right, and a few of the records that were refused.

use super::markup::Markup;
use super::number::{count, grouped};
use super::record::{fields, id};
use super::table::Column::{Bar, Number, Record, Words};
use super::table::{Column, Kind, Table, bar, name};
use super::{members, section};
use serde_json::Value as Json;

/// Violations by field and code, and where the summary knows it, what mending each alone would gain.
pub(super) fn violations(summary: &Json) -> Markup {
    const PLAIN: &[Column] = &[Words("Field"), Words("Code"), Number("Violations"), Bar("Per 100 records")];
    const GAINS: &[Column] =
        &[Words("Field"), Words("Code"), Number("Violations"), Bar("Per 100 records"), Number("Gain")];
    let records = count(&summary["records"]);
    let list = summary["violations"].as_array().map_or(&[][..], Vec::as_slice);
    let longest = list.iter().map(|kind| count(&kind["count"])).max().unwrap_or(0);
    let gains = list.iter().any(|kind| kind["alone"].is_u64());
    let mut table = Table::new("Violations by field and code", if gains { GAINS } else { PLAIN });
    for kind in list {
        let text = |key: &str| name(kind[key].as_str().unwrap_or_default());
        let times = count(&kind["count"]);
        let share = bar(times, records, longest, Kind::Bad);
        // The table takes as many cells as it has columns.
        table.row([text("path"), text("code"), grouped(times).into(), share, grouped(count(&kind["alone"])).into()]);
    }
    let answers = if gains {
        "A record may have several. The gain counts the records that nothing else is wrong with: to mend that cause \
         alone lets so many more in."
    } else {
        "A record may have several."
    };
    section("What was wrong?", answers, table.folded_or("Nothing was wrong."))
}

/// Repairs by code.
pub(super) fn repairs(summary: &Json) -> Markup {
    const COLUMNS: &[Column] = &[Words("Repair"), Number("Times"), Bar("Per 100 records")];
    let records = count(&summary["records"]);
    let longest = members(&summary["repairs"]).map(|(_, times)| count(times)).max().unwrap_or(0);
    let mut table = Table::new("Repairs by code", COLUMNS);
    for (repair, times) in members(&summary["repairs"]) {
        let times = count(times);
        table.row([name(repair), grouped(times).into(), bar(times, records, longest, Kind::Fixed)]);
    }
    let answers =
        "Values that were put right before they were checked, in rejected records too. Each verdict lists its own.";
    section("What was repaired?", answers, table.folded_or("Nothing had to be repaired."))
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
    section("Rejected records", answers, table.or(""))
}
