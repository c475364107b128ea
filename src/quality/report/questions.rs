//! The five questions about a batch: what came in, what the fields are like, what is missing, what is extreme, and
//! whether some groups fare worse.

use super::markup::Markup;
use super::number::{count, decimal, grouped, percent, share};
use super::table::Column::{Bar, Number, Words};
use super::table::{Column, Kind, Table, bar, name};
use super::{members, section};
use serde_json::Value as Json;

/// How many records may enter, and how many of those only after a repair.
pub(super) fn acceptance(summary: &Json) -> Markup {
    let of = |key: &str| count(&summary[key]);
    let (records, accepted, rejected, repaired) = (of("records"), of("accepted"), of("rejected"), of("repaired"));
    let clean = accepted.saturating_sub(repaired);
    let sentence = format!(
        "{} of {} records were accepted ({}), {} of them after a repair; {} were rejected.",
        grouped(accepted),
        grouped(records),
        percent(accepted, records),
        grouped(repaired),
        grouped(rejected),
    );
    let mut from = 0.0;
    let mut bars = Markup::default();
    let mut legend = Markup::default();
    for (part, label, opening, mark) in [
        (clean, "accepted as they were", "rect class=\"good\" height=\"28\"", "li class=\"good\""),
        (repaired, "accepted after a repair", "rect class=\"fixed\" height=\"28\"", "li class=\"fixed\""),
        (rejected, "rejected", "rect class=\"bad\" height=\"28\"", "li class=\"bad\""),
    ] {
        let width = 1000.0 * share(part, records).unwrap_or(0.0);
        bars = bars.then(Markup::measured(opening, &[("x", from), ("width", width)], ""));
        legend = legend.then(Markup::element(mark, format!("{} {label} ({})", grouped(part), percent(part, records))));
        from += width;
    }
    let title = Markup::element("title id=\"acceptance\"", "Records by what became of them");
    let picture = title.then(Markup::element("desc", sentence.as_str())).then(bars);
    let opening = "svg class=\"stack\" viewBox=\"0 0 1000 28\" preserveAspectRatio=\"none\" role=\"img\" \
                   aria-labelledby=\"acceptance\"";
    let figure = Markup::element(opening, picture).then(Markup::element("ul class=\"legend\"", legend));
    section("How much of the feed may enter?", sentence, figure)
}

/// What the accepted values of each field are like.
pub(super) fn profiles(summary: &Json) -> Markup {
    const COLUMNS: &[Column] = &[
        Words("Field"),
        Number("Values"),
        Number("Distinct"),
        Number("Least"),
        Number("Median"),
        Number("Mean"),
        Number("Deviation"),
        Number("99\u{a0}% below"),
        Number("Most"),
        Number("Length"),
    ];
    let mut table = Table::new("Profile of each field over the accepted records", COLUMNS);
    for (path, field) in members(&summary["fields"]) {
        let about = if field["distinct_exact"] == Json::Bool(false) { "≈\u{a0}" } else { "" };
        // An estimate may pass the count of the values, which it cannot be.
        let distinct = count(&field["distinct"]).min(count(&field["count"]));
        let distinct = format!("{about}{}", grouped(distinct));
        let numbers = ["min", "p50", "mean", "sd", "p99", "max"].map(|key| Markup::from(decimal(&field[key])));
        let length = match (field["length_min"].as_u64(), field["length_max"].as_u64()) {
            (Some(least), Some(most)) if least == most => grouped(least),
            (Some(least), Some(most)) => format!("{} to {}", grouped(least), grouped(most)),
            _ => "–".to_owned(),
        };
        let cells = [name(path), grouped(count(&field["count"])).into(), distinct.into()];
        table.row(cells.into_iter().chain(numbers).chain([length.into()]));
    }
    let answers = "Masked fields show counts and lengths alone. Lengths are in characters, as masked.";
    section("What are the fields like?", answers, table.or("No record was accepted, so there is nothing to profile."))
}

/// Fields without a value, and fields whose value failed a check.
pub(super) fn gaps(summary: &Json) -> Markup {
    const COLUMNS: &[Column] =
        &[Words("Field"), Number("Missing"), Bar("Of all records"), Number("Unusable"), Bar("Of all records")];
    let records = count(&summary["records"]);
    let gaps = |field: &Json| (count(&field["missing"]), count(&field["unusable"]));
    let longest =
        members(&summary["fields"]).map(|(_, field)| gaps(field)).map(|(missing, unusable)| missing.max(unusable));
    let longest = longest.max().unwrap_or(0);
    let mut table = Table::new("Missing and unusable values by field", COLUMNS);
    for (path, field) in members(&summary["fields"]) {
        let (missing, unusable) = gaps(field);
        if missing + unusable > 0 {
            table.row([
                name(path),
                grouped(missing).into(),
                bar(missing, records, longest, Kind::Fixed),
                grouped(unusable).into(),
                bar(unusable, records, longest, Kind::Bad),
            ]);
        }
    }
    let answers =
        "Missing is absent or null, which an optional field may be. Unusable is a value that failed its check.";
    section("What is missing or unusable?", answers, table.or("No field lacks a value and none is unusable."))
}

/// Accepted values far from the others.
pub(super) fn extremes(summary: &Json) -> Markup {
    const COLUMNS: &[Column] = &[
        Words("Field"),
        Number("Lower fence"),
        Number("Upper fence"),
        Number("Below"),
        Number("Above"),
        Number("Least"),
        Number("Most"),
    ];
    let mut table = Table::new("Values outside the fences", COLUMNS);
    for (path, fences) in members(&summary["extremes"]) {
        let field = summary["fields"].get(path).unwrap_or(&Json::Null);
        table.row([
            name(path),
            decimal(&fences["low"]).into(),
            decimal(&fences["high"]).into(),
            grouped(count(&fences["below"])).into(),
            grouped(count(&fences["above"])).into(),
            decimal(&field["min"]).into(),
            decimal(&field["max"]).into(),
        ]);
    }
    let answers = "Fences stand one and a half times the distance of the quartiles beyond them (Tukey). A value outside \
                   is unusual, not wrong.";
    section("What is extreme?", answers, table.or("No numeric field is shown, so there is nothing to compare."))
}

/// Whether the records of some group are rejected more often.
pub(super) fn groups(summary: &Json) -> Markup {
    const COLUMNS: &[Column] = &[Words("Value"), Number("Records"), Number("Accepted"), Bar("Acceptance")];
    let mut tables = Markup::default();
    for (path, values) in members(&summary["acceptance_by"]) {
        let mut table = Table::new("Acceptance by value", COLUMNS);
        for (value, group) in members(values) {
            let (accepted, records) = (count(&group["accepted"]), count(&group["records"]));
            if records > 0 {
                let share = bar(accepted, records, records, Kind::Good);
                table.row([name(value), grouped(records).into(), grouped(accepted).into(), share]);
            }
        }
        let heading = Markup::element("h3", Markup::text("By ").then(name(path)));
        tables = tables.then(heading).then(table.or("No record has a value here."));
    }
    if tables.is_empty() {
        tables =
            Markup::element("p class=\"none\"", "The contract has no field with a list of values that may be shown.");
    }
    section("Do some groups fare worse?", "Acceptance by the value of each listed field.", tables)
}
