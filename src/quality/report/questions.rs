//! The five questions about a batch: what came in, what the fields are like, what is missing, what is extreme, and
//! whether some groups fare worse.

use super::charts::{self, Kind, Row};
use super::markup::Markup;
use super::number::{count, decimal, float, grouped, percent};
use super::table::Column::{Number, Words};
use super::table::{Column, Table, name};
use super::{beside, members, section};
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
    let row = |label: &str, kind: Kind, part: u64| Row {
        label: label.to_owned(),
        parts: vec![(kind, float(part))],
        note: format!("{} ({})", grouped(part), percent(part, records)),
    };
    let rows = [
        row("accepted as is", Kind::Good, clean),
        row("accepted, repaired", Kind::Fixed, repaired),
        row("rejected", Kind::Bad, rejected),
    ];
    section("How much of the feed may enter?", sentence, charts::bars("Records by what became of them", &rows, None))
}

/// What the accepted values of each field are like.
pub(super) fn profiles(summary: &Json) -> Markup {
    let answers = "Of accepted records. Masked fields show counts and lengths alone. Lengths are in characters, as \
                   masked; ≈ marks what is estimated, and ≥ a count that may be a little higher.";
    let tables = values(summary).then(numbers(summary));
    section("What are the fields like?", answers, tables)
}

/// Every field: how many values, how different, how long, and which are the most frequent.
fn values(summary: &Json) -> Markup {
    const COLUMNS: &[Column] =
        &[Words("Field"), Number("Values"), Number("Distinct"), Number("Length"), Words("Most frequent")];
    let mut table = Table::new("Values of each field", COLUMNS);
    for (path, field) in members(&summary["fields"]) {
        let about = if field["distinct_exact"] == Json::Bool(false) { "≈\u{a0}" } else { "" };
        let distinct = match field["distinct"].as_u64() {
            Some(distinct) => format!("{about}{}", grouped(distinct)),
            None => "–".to_owned(),
        };
        let length = match (field["length_min"].as_u64(), field["length_max"].as_u64()) {
            (Some(least), Some(most)) if least == most => grouped(least),
            (Some(least), Some(most)) => format!("{} to {}", grouped(least), grouped(most)),
            _ => "–".to_owned(),
        };
        table.row([
            name(path),
            grouped(count(&field["count"])).into(),
            distinct.into(),
            length.into(),
            most_frequent(field),
        ]);
    }
    table.or("No record was accepted, so there is nothing to profile.")
}

/// The most frequent values with their counts, where they may be shown and some value comes twice.
fn most_frequent(field: &Json) -> Markup {
    const MOST: usize = 5;
    let list = field["top"].as_array().map_or(&[][..], Vec::as_slice);
    if list.iter().all(|one| count(&one["count"]) < 2) {
        return Markup::text("–");
    }
    let least = if field["top_exact"] == Json::Bool(false) { "≥\u{a0}" } else { "" };
    let item = |one: &Json| {
        let value = match &one["value"] {
            Json::String(text) => name(&super::record::short(text)),
            other => name(&other.to_string()),
        };
        Markup::element("li", value.then(Markup::text(&format!(" {least}{}", grouped(count(&one["count"]))))))
    };
    Markup::element("ul", list.iter().take(MOST).map(item).collect::<Markup>())
}

/// Numbers, and how many items lists have: quantiles and spread.
fn numbers(summary: &Json) -> Markup {
    const COLUMNS: &[Column] = &[
        Words("Field"),
        Number("Least"),
        Number("1\u{a0}%"),
        Number("5\u{a0}%"),
        Number("25\u{a0}%"),
        Number("Median"),
        Number("75\u{a0}%"),
        Number("95\u{a0}%"),
        Number("99\u{a0}%"),
        Number("Most"),
        Number("Mean"),
        Number("Deviation"),
    ];
    const KEYS: [&str; 11] = ["min", "p01", "p05", "p25", "p50", "p75", "p95", "p99", "max", "mean", "sd"];
    let mut table = Table::new("Quantiles of numbers", COLUMNS);
    let mut figures = Markup::default();
    let mut any = false;
    for (path, field) in members(&summary["fields"]) {
        let parts = [(path.to_owned(), field), (format!("items of {path}"), &field["items"])];
        for (label, part) in parts.iter().filter(|(_, part)| part["p50"].is_number()) {
            any = true;
            let about = if part["quantiles_exact"] == Json::Bool(false) { " ≈" } else { "" };
            let head = name(label).then(Markup::text(about));
            table.row(std::iter::once(head).chain(KEYS.map(|key| Markup::from(decimal(&part[key])))));
        }
        figures = figures.then(spread(path, summary["extremes"].get(path).unwrap_or(&Json::Null)));
    }
    if !any {
        return Markup::default();
    }
    table.or("").then(Markup::element("div class=\"figures-grid\"", figures))
}

/// How the values between the fences are spread.
fn spread(path: &str, fences: &Json) -> Markup {
    let histogram = &fences["histogram"];
    let (Some(from), Some(to)) = (histogram["from"].as_f64(), histogram["to"].as_f64()) else {
        return Markup::default();
    };
    let counts: Vec<u64> = histogram["counts"].as_array().into_iter().flatten().map(count).collect();
    let outside = count(&fences["below"]) + count(&fences["above"]);
    let rest = match outside {
        0 => String::new(),
        _ => format!("; {} more lie outside the fences", grouped(outside)),
    };
    let caption = format!("Values of {path} from {} to {}{rest}", decimal(&from.into()), decimal(&to.into()));
    charts::histogram(&caption, &counts, (from, to), None)
}

/// Fields without a value, and fields whose value failed a check.
pub(super) fn gaps(summary: &Json) -> Markup {
    const COLUMNS: &[Column] =
        &[Words("Field"), Number("Missing"), Number("Share"), Number("Unusable"), Number("Share")];
    let records = count(&summary["records"]);
    let mut list: Vec<(&str, u64, u64)> = members(&summary["fields"])
        .map(|(path, field)| (path, count(&field["missing"]), count(&field["unusable"])))
        .filter(|(_, missing, unusable)| missing + unusable > 0)
        .collect();
    list.sort_by_key(|(_, missing, unusable)| std::cmp::Reverse(missing + unusable));
    let mut table = Table::new("Missing and unusable values by field", COLUMNS);
    let mut bars = Vec::new();
    for (path, missing, unusable) in list {
        // In a list a record may have many.
        let of_all = |part: u64| if path.contains("/*") { "–".to_owned() } else { percent(part, records) };
        table.row([
            name(path),
            grouped(missing).into(),
            of_all(missing).into(),
            grouped(unusable).into(),
            of_all(unusable).into(),
        ]);
        bars.push(Row {
            label: path.to_owned(),
            parts: vec![(Kind::Fixed, float(missing)), (Kind::Bad, float(unusable))],
            note: format!("{} + {}", grouped(missing), grouped(unusable)),
        });
    }
    let answers =
        "Missing is absent or null, which an optional field may be. Unusable is a value that failed its check.";
    let picture = charts::bars("Missing + unusable values by field, in this order", &bars, None);
    let table = table.or("No field lacks a value and none is unusable.");
    section("What is missing or unusable?", answers, beside(picture, table))
}

/// Accepted values far from the others, and values beyond the contract's own bounds.
pub(super) fn extremes(summary: &Json) -> Markup {
    const FENCES: &[Column] = &[
        Words("Field"),
        Number("Lower fence"),
        Number("Upper fence"),
        Number("Below"),
        Number("Above"),
        Number("Least"),
        Number("Most"),
    ];
    const BOUNDS: &[Column] = &[Words("Field"), Words("Bound"), Number("Value"), Number("Outside")];
    let mut fenced = Table::new("Accepted values outside the fences", FENCES);
    let mut bounded = Table::new("Values outside the contract's bounds", BOUNDS);
    let mut bars = Vec::new();
    for (path, extremes) in members(&summary["extremes"]) {
        let field = summary["fields"].get(path).unwrap_or(&Json::Null);
        let mut bar = |label: String, kind: Kind, outside: u64| {
            if outside > 0 {
                let parts = vec![(kind, float(outside))];
                bars.push((outside, Row { label, parts, note: grouped(outside) }));
            }
        };
        if extremes["low"].is_number() {
            let (below, above) = (count(&extremes["below"]), count(&extremes["above"]));
            let about = if extremes["exact"] == Json::Bool(false) { " ≈" } else { "" };
            fenced.row([
                name(path).then(Markup::text(about)),
                decimal(&extremes["low"]).into(),
                decimal(&extremes["high"]).into(),
                grouped(below).into(),
                grouped(above).into(),
                decimal(&field["min"]).into(),
                decimal(&field["max"]).into(),
            ]);
            bar(format!("{path} below fence"), Kind::Fixed, below);
            bar(format!("{path} above fence"), Kind::Fixed, above);
        }
        for bound in extremes["bounds"].as_array().into_iter().flatten() {
            let (code, outside) = (bound["code"].as_str().unwrap_or_default(), count(&bound["outside"]));
            bounded.row([name(path), name(code), decimal(&bound["bound"]).into(), grouped(outside).into()]);
            bar(format!("{path} {code}"), Kind::Bad, outside);
        }
    }
    bars.sort_by_key(|(outside, _)| std::cmp::Reverse(*outside));
    let bars: Vec<Row> = bars.into_iter().map(|(_, bar)| bar).collect();
    let answers = "Fences stand one and a half times the distance of the quartiles beyond them (Tukey). A value outside \
                   is unusual, not wrong, and was accepted; one outside a bound of the contract was not.";
    let picture = charts::bars("Values outside each fence and each bound", &bars, None);
    let content = beside(picture, bounded.or("The contract sets no bounds."))
        .then(fenced.or("No numeric field is shown, so there is nothing to compare."));
    section("What is extreme?", answers, content)
}

/// Whether the records of some group are rejected more often.
pub(super) fn groups(summary: &Json) -> Markup {
    const COLUMNS: &[Column] = &[Words("Value"), Number("Records"), Number("Accepted"), Number("Acceptance")];
    let mut tables = Markup::default();
    for (path, values) in members(&summary["acceptance_by"]) {
        let mut table = Table::new(format!("Acceptance by {path}"), COLUMNS);
        let mut bars = Vec::new();
        for (value, group) in members(values) {
            let (accepted, records) = (count(&group["accepted"]), count(&group["records"]));
            if records > 0 {
                let share = percent(accepted, records);
                bars.push(Row {
                    label: value.to_owned(),
                    parts: vec![(Kind::Good, 100.0 * float(accepted) / float(records))],
                    note: format!("{share} of {}", grouped(records)),
                });
                table.row([name(value), grouped(records).into(), grouped(accepted).into(), share.into()]);
            }
        }
        let heading = Markup::element("h3", Markup::text("By ").then(name(path)));
        let picture = charts::bars(&format!("Share of accepted records by {path}"), &bars, Some(100.0));
        tables = tables.then(heading).then(beside(picture, table.folded_or("No record has a value here.")));
    }
    if tables.is_empty() {
        tables =
            Markup::element("p class=\"none\"", "The contract has no field with a list of values that may be shown.");
    }
    section("Do some groups fare worse?", "Acceptance by the value of each listed field.", tables)
}
