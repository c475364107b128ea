//! A summary as one HTML file: it opens offline, prints, and can be read aloud.
//!
//! It holds masked values alone, because a [`Summary`](super::Summary) and verdicts hold nothing else. Everything in it
//! is escaped and it runs no script, so that a hostile feed can only make it ugly.

mod anomalies;
pub(crate) mod charts;
mod examples;
mod findings;
pub mod lifecycle;
pub(crate) mod markup;
pub(crate) mod number;
mod questions;
mod record;
pub(crate) mod table;

pub use examples::Examples;

use markup::Markup;
use number::{count, grouped, percent};
use serde_json::Value as Json;

const STYLE: &str = include_str!("report/style.css");

/// Writes the report: `summary` as `summary.json` has it, the most anomalous `flagged` verdicts and a few `rejected` ones.
///
/// Parts that the summary does not have are left out. The threshold of the scores is the summary's `threshold`, else
/// what the first flagged verdict implies.
///
/// # Example
/// ```
/// let summary = serde_json::json!({ "records": 3, "accepted": 2, "rejected": 1, "contract": { "name": "<b>" } });
/// let html = tamis::quality::report::html(&summary, &[], &[]);
/// assert!(html.starts_with("<!doctype html>") && html.contains("66.7\u{a0}%") && !html.contains("<b>"));
/// ```
#[must_use]
pub fn html(summary: &Json, flagged: &[Json], rejected: &[Json]) -> String {
    let name = summary.pointer("/contract/name").and_then(Json::as_str).unwrap_or("records");
    let main = heading(summary, name)
        .then(questions::acceptance(summary))
        .then(questions::profiles(summary))
        .then(questions::gaps(summary))
        .then(questions::extremes(summary))
        .then(questions::groups(summary))
        .then(findings::rules(summary))
        .then(findings::gains(summary))
        .then(findings::repairs(summary))
        .then(anomalies::scores(summary, flagged))
        .then(anomalies::flagged(flagged))
        .then(findings::rejected(rejected));
    page(&format!("Tamis report: {name}"), "", Markup::element("main", main).then(footer(summary)))
}

/// A page that opens offline, with the report's looks, and runs no script. `style` goes behind the report's own.
pub(crate) fn page(title: &str, style: &'static str, body: Markup) -> String {
    let head = Markup::html("<meta charset=\"utf-8\"><meta name=\"viewport\" content=\"width=device-width\">")
        .then(Markup::html("<meta name=\"color-scheme\" content=\"light dark\">"))
        // Even a fault in the escaping would not let a script run or a request out.
        .then(Markup::html(concat!(
            "<meta http-equiv=\"Content-Security-Policy\" ",
            "content=\"default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'\">"
        )))
        .then(Markup::element("title", title))
        .then(Markup::element("style", Markup::html(STYLE).then(Markup::html(style))));
    let page = Markup::element("head", head).then(Markup::element("body", body));
    format!("<!doctype html>\n{}\n", Markup::element("html lang=\"en\"", page).into_string())
}

fn heading(summary: &Json, name: &str) -> Markup {
    let records = count(&summary["records"]);
    let scored = count(&summary["scored"]);
    let of_records = |key: &str| percent(count(&summary[key]), records);
    let repaired = format!("{} of accepted", percent(count(&summary["repaired"]), count(&summary["accepted"])));
    let mut figures = figure("Records", grouped(records), "read".to_owned())
        .then(figure("Accepted", grouped(count(&summary["accepted"])), of_records("accepted")))
        .then(figure("Of these repaired", grouped(count(&summary["repaired"])), repaired))
        .then(figure("Rejected", grouped(count(&summary["rejected"])), of_records("rejected")));
    if scored > 0 {
        let anomalies = count(&summary["anomalies"]);
        let note = format!("{} of scored", percent(anomalies, scored));
        figures = figures.then(figure("Flagged as odd", grouped(anomalies), note));
    }
    let title = Markup::text("Data quality of ").then(Markup::element("bdi", name));
    Markup::element("header", Markup::element("p class=\"brand\"", "Tamis report").then(Markup::element("h1", title)))
        .then(Markup::element("dl class=\"figures\"", figures))
}

/// A figure at the head of a page, with what it means.
pub(crate) fn figure(label: &'static str, value: String, note: String) -> Markup {
    let value = Markup::element("dd", Markup::element("strong", value).then(Markup::element("span", note)));
    Markup::element("div", Markup::element("dt", label).then(value))
}

/// A section under a heading, with a sentence that says what it answers.
pub(crate) fn section(title: &'static str, answers: impl Into<Markup>, content: Markup) -> Markup {
    let head = Markup::element("h2", title).then(Markup::element("p class=\"answers\"", answers));
    Markup::element("section", head.then(content))
}

/// A picture and the table that says the same, side by side where there is room.
fn beside(picture: Markup, table: Markup) -> Markup {
    if picture.is_empty() {
        table
    } else {
        Markup::element("div class=\"beside\"", picture.then(Markup::element("div", table)))
    }
}

/// The members of an object of a summary; none where it is no object.
fn members(json: &Json) -> impl Iterator<Item = (&str, &Json)> {
    json.as_object().into_iter().flatten().map(|(key, value)| (key.as_str(), value))
}

fn footer(summary: &Json) -> Markup {
    let text = |json: &Json| json.as_str().unwrap_or("none").to_owned();
    let contract = &summary["contract"];
    let pairs = [
        ("Contract", format!("{} {}", text(&contract["name"]), text(&contract["version"]))),
        ("Its SHA-256", text(&contract["sha256"])),
        ("Model", text(&summary["model"])),
    ];
    let list = pairs
        .into_iter()
        .map(|(term, value)| Markup::element("dt", term).then(Markup::element("dd", Markup::element("code", value))));
    let note = "Personal data was masked before anything here was counted. Tokens are pseudonyms, not anonymous data: \
                who has the key or other data about the same people may single a person out, so treat them as personal \
                data (GDPR, recital 26).";
    Markup::element("footer", Markup::element("dl", list.collect::<Markup>()).then(Markup::element("p", note)))
}
