//! What was wrong, what was put right, and a few of the records that were refused.

use super::markup::Markup;
use super::number::{count, grouped};
use super::table::{Kind, Table, bar, code, counted, name, number, words};
use super::{members, section};
use serde_json::Value as Json;

/// Violations by field and code, and where the summary knows it, what mending each alone would gain.
pub(super) fn violations(summary: &Json) -> Markup {
    let records = count(&summary["records"]);
    let list = summary["violations"].as_array().map_or(&[][..], Vec::as_slice);
    let gains = list.iter().any(|kind| kind["alone"].is_u64());
    let heads: &[&str] = if gains {
        &["Field", "Code", "Violations", "For 100 records", "Gained if mended"]
    } else {
        &["Field", "Code", "Violations", "For 100 records"]
    };
    let mut table = Table::new("Violations by field and code", heads);
    for kind in list {
        let text = |key: &str| kind[key].as_str().unwrap_or_default();
        let times = bar(count(&kind["count"]), records, Kind::Bad);
        let gain = gains.then(|| counted(&kind["alone"]));
        let cells = [code(text("code")), counted(&kind["count"]), times].into_iter().chain(gain);
        table.row(name(text("path")), cells);
    }
    let answers = if gains {
        "A record may have several. The last column counts the records that nothing else is wrong with: mending that \
         cause alone lets so many more in."
    } else {
        "A record may have several."
    };
    section("What was wrong?", answers, table.or("Nothing was wrong."))
}

/// Repairs by code.
pub(super) fn repairs(summary: &Json) -> Markup {
    let most = members(&summary["repairs"]).map(|(_, times)| count(times)).max().unwrap_or(0);
    let mut table = Table::new("Repairs by code", &["Repair", "Times", "Beside the most frequent"]);
    for (repair, times) in members(&summary["repairs"]) {
        table.row(name(repair), [counted(times), bar(count(times), most, Kind::Fixed)]);
    }
    let answers = "Values that were put right before they were checked, in rejected records too. Each verdict lists its own.";
    section("What was repaired?", answers, table.or("Nothing had to be repaired."))
}

/// Examples of rejected records.
pub(super) fn rejected(verdicts: &[Json]) -> Markup {
    if verdicts.is_empty() {
        return Markup::default();
    }
    let mut table = Table::new("Examples of rejected records", &["Line", "Id", "What is wrong", "Record, masked"]);
    for verdict in verdicts {
        let faults = verdict["violations"].as_array().into_iter().flatten().map(|fault| {
            let text = |key: &str| fault[key].as_str().unwrap_or_default();
            let words = name(text("path")).then(Markup::text(" ")).then(Markup::element("bdi", text("message")));
            Markup::element("li", words)
        });
        let faults = words(Markup::element("ul", faults.collect::<Markup>()));
        table.row(grouped(count(&verdict["line"])), [code(&id(verdict)), faults, record(verdict)]);
    }
    let answers = "A few of each kind. Values that failed are in no output: the message says their type and length.";
    section("Rejected records", answers, table.or(""))
}

/// A cell with a verdict's masked record.
pub(super) fn record(verdict: &Json) -> Markup {
    // Enough to recognise a record; the whole of it is in the NDJSON outputs.
    const MOST: usize = 600;
    let record = &verdict["record"];
    if record.is_null() {
        return number("–");
    }
    let text = record.to_string();
    let shown = match text.char_indices().nth(MOST) {
        Some((end, _)) => format!("{}…", text.get(..end).unwrap_or_default()),
        None => text,
    };
    Markup::element("td class=\"record\"", name(&shown))
}

/// A verdict's id as a text.
pub(super) fn id(verdict: &Json) -> String {
    match &verdict["id"] {
        Json::Null => "–".to_owned(),
        Json::String(id) => id.clone(),
        id => id.to_string(),
    }
}
