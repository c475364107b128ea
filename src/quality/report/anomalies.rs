//! What the model found odd.

use super::markup::Markup;
use super::number::{PERCENT, count, grouped, percent, share};
use super::record::{fields, id};
use super::section;
use super::table::Column::{Number, Record, Words};
use super::table::{Column, Table, name};
use serde_json::Value as Json;
use std::fmt::Write as _;

/// The picture, in its own units: a bar every `STEP`, the tallest `HEIGHT`, with room for the labels.
const STEP: f64 = 40.0;
const HEIGHT: f64 = 200.0;
const LEFT: f64 = 56.0;
const TOP: f64 = 28.0;

/// The histogram of the scores, with the threshold marked.
pub(super) fn scores(summary: &Json, flagged: &[Json]) -> Markup {
    let scored = count(&summary["scored"]);
    if scored == 0 {
        return Markup::default();
    }
    let anomalies = count(&summary["anomalies"]);
    let mut answers = format!(
        "{} of {} scored records were flagged ({}). The score lies between 0 and 1; higher is odder.",
        grouped(anomalies),
        grouped(scored),
        percent(anomalies, scored),
    );
    if let Some(rate) = summary["anomaly_rate"].as_f64() {
        let rate = 100.0 * rate;
        // Writing to a String cannot fail.
        let _ =
            write!(answers, " Measured on records that the model was not trained on, the rate is {rate:.1}{PERCENT}.");
    }
    let bins: Vec<u64> = summary["score_histogram"].as_array().into_iter().flatten().map(count).collect();
    let picture = if bins.iter().all(|bin| *bin == 0) {
        // A model that is no forest has decisions, but no scores.
        Markup::default()
    } else {
        histogram(&bins, threshold(summary, flagged))
    };
    section("What is odd?", answers, picture)
}

/// The score above which a record is flagged.
fn threshold(summary: &Json, flagged: &[Json]) -> Option<f64> {
    summary["threshold"].as_f64().or_else(|| {
        // decision = −score − offset, and the threshold is −offset.
        let anomaly = &flagged.first()?["anomaly"];
        Some(anomaly["score"].as_f64()? + anomaly["decision"].as_f64()?)
    })
}

fn histogram(bins: &[u64], threshold: Option<f64>) -> Markup {
    let most = bins.iter().copied().max().unwrap_or(0);
    let width: f64 = bins.iter().map(|_| STEP).sum();
    let mut at = LEFT;
    let mut picture = Markup::element("title id=\"scores\"", "Scored records by score");
    picture = picture.then(Markup::element("desc", describe(bins, threshold)));
    picture = picture.then(scale(most, width));
    for bin in bins {
        let height = HEIGHT * share(*bin, most).unwrap_or(0.0);
        // A bin with a single record must not vanish beside one with thousands.
        let height = if *bin > 0 { height.max(2.0) } else { 0.0 };
        let place = [("x", at + 1.0), ("y", TOP + HEIGHT - height), ("width", STEP - 2.0), ("height", height)];
        picture = picture.then(Markup::measured("rect class=\"good\"", &place, ""));
        at += STEP;
    }
    for tenth in (0..=10_u8).step_by(2) {
        let share = f64::from(tenth) / 10.0;
        let place = [("x", LEFT + share * width), ("y", TOP + HEIGHT + 22.0)];
        picture = picture.then(Markup::measured("text class=\"middle\"", &place, format!("{share:.1}")));
    }
    if let Some(threshold) = threshold.filter(|threshold| (0.0..=1.0).contains(threshold)) {
        let x = LEFT + threshold * width;
        let line = [("x1", x), ("x2", x), ("y1", TOP), ("y2", TOP + HEIGHT)];
        let label = [("x", x), ("y", TOP - 10.0)];
        let words = format!("flagged above {threshold:.3}");
        picture = picture.then(Markup::measured("line class=\"threshold\"", &line, ""));
        picture = picture.then(Markup::measured("text class=\"middle\"", &label, words));
    }
    let opening = "svg class=\"histogram\" viewBox=\"0 0 872 262\" role=\"img\" aria-labelledby=\"scores\"";
    Markup::element("figure", Markup::element(opening, picture))
}

/// Lines at nothing, half and all of the tallest bar.
fn scale(most: u64, width: f64) -> Markup {
    let levels = [(0.0, 0), (0.5, most / 2), (1.0, most)];
    let lines = levels.into_iter().filter(|(level, count)| *level == 0.0 || *count > 0).map(|(_, count)| {
        let y = TOP + HEIGHT * (1.0 - share(count, most).unwrap_or(0.0));
        let line = [("x1", LEFT), ("x2", LEFT + width), ("y1", y), ("y2", y)];
        let label = [("x", LEFT - 8.0), ("y", y + 4.0)];
        let label = Markup::measured("text class=\"end\"", &label, grouped(count));
        Markup::measured("line class=\"scale\"", &line, "").then(label)
    });
    lines.collect()
}

/// The picture in words.
fn describe(bins: &[u64], threshold: Option<f64>) -> String {
    let bounds = |index: usize| [index, index + 1].map(|edge| share(edge as u64, bins.len() as u64).unwrap_or(0.0));
    let mut text = String::new();
    for (index, bin) in bins.iter().enumerate().filter(|(_, bin)| **bin > 0) {
        let [from, to] = bounds(index);
        let _ = write!(text, "{} from {from:.2} to {to:.2}. ", grouped(*bin));
    }
    if let Some(threshold) = threshold {
        let _ = write!(text, "Records above {threshold:.3} are flagged.");
    }
    text
}

/// The flagged records, the oddest first, with what makes them so.
pub(super) fn flagged(verdicts: &[Json]) -> Markup {
    const COLUMNS: &[Column] = &[Number("Line"), Words("Id"), Number("Score"), Words("Why"), Record("Record, masked")];
    if verdicts.is_empty() {
        return Markup::default();
    }
    let mut table = Table::new("Flagged records", COLUMNS);
    for verdict in verdicts {
        let anomaly = &verdict["anomaly"];
        let reasons = anomaly["reasons"].as_array().into_iter().flatten().filter_map(reason);
        table.row([
            count(&verdict["line"]).to_string().into(),
            name(&id(verdict)),
            anomaly["score"].as_f64().map_or("–".to_owned(), |score| format!("{score:.3}")).into(),
            Markup::element("ul", reasons.collect::<Markup>()),
            fields(&verdict["record"]),
        ]);
    }
    let answers = "The oddest first. Each reason is the share of a feature in what sets the record apart. Odd is not \
                   wrong: a flag is a question to a person.";
    section("Flagged records", answers, table.or(""))
}

/// A feature and its share; none where that would read as nothing.
fn reason(reason: &Json) -> Option<Markup> {
    let share = (100.0 * reason["share"].as_f64()?).round();
    let feature = name(reason["feature"].as_str().unwrap_or_default());
    (share >= 1.0).then(|| Markup::element("li", feature.then(Markup::text(&format!(" {share}{PERCENT}")))))
}
