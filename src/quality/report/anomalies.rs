//! What the model found odd.

use super::charts;
use super::markup::Markup;
use super::number::{PERCENT, count, grouped, percent};
use super::record::{fields, id};
use super::section;
use super::table::Column::{Number, Record, Words};
use super::table::{Column, Table, name};
use serde_json::Value as Json;
use std::fmt::Write as _;

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
    // A model that is no forest has decisions, but no scores: there is nothing to draw.
    let threshold = threshold(summary, flagged);
    let word = threshold.map(|threshold| format!("flagged above {threshold:.3}")).unwrap_or_default();
    let mark = threshold.map(|threshold| (threshold, word.as_str()));
    let caption = format!("Scored records by score{}{word}", if word.is_empty() { "" } else { "; " });
    let picture = charts::histogram(&caption, &bins, (0.0, 1.0), mark);
    let picture = picture.then(scores_table(&bins));
    section("What is odd?", answers, picture)
}

/// The picture in numbers.
fn scores_table(bins: &[u64]) -> Markup {
    const COLUMNS: &[Column] = &[Words("Score"), Number("Records")];
    let mut table = Table::new("Scored records by score", COLUMNS);
    let width = 1.0 / f64::from(u32::try_from(bins.len()).unwrap_or(1).max(1));
    for (index, bin) in (0_u32..).zip(bins).filter(|(_, bin)| **bin > 0) {
        let from = f64::from(index) * width;
        table.row([format!("{from:.2} to {:.2}", from + width).into(), grouped(*bin).into()]);
    }
    table.or("")
}

/// The score above which a record is flagged.
fn threshold(summary: &Json, flagged: &[Json]) -> Option<f64> {
    summary["threshold"].as_f64().or_else(|| {
        // decision = −score − offset, and the threshold is −offset.
        let anomaly = &flagged.first()?["anomaly"];
        Some(anomaly["score"].as_f64()? + anomaly["decision"].as_f64()?)
    })
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
    let answers = "The oddest first. Each reason says where the value stands among those that the model was trained on, and \
                   the share of the feature in what sets the record apart. Odd is not \
                   wrong: a flag is a question to a person.";
    section("Flagged records", answers, table.or(""))
}

/// A feature, where its value stands, and its share; none where that would read as nothing.
fn reason(reason: &Json) -> Option<Markup> {
    let share = (100.0 * reason["share"].as_f64()?).round();
    let feature = name(reason["feature"].as_str().unwrap_or_default());
    let told = format!("{} ({share}{PERCENT})", place(reason));
    (share >= 1.0).then(|| Markup::element("li", feature.then(Markup::text(&told))))
}

/// Where the value of a reason stands: ` is above 99.98 % of what was seen`.
fn place(reason: &Json) -> String {
    let (side, quantile) = (reason["side"].as_str(), reason["quantile"].as_f64());
    let (side, share) = match (side, quantile) {
        (Some("missing"), _) => return " is missing".to_owned(),
        (Some("below"), Some(quantile)) => ("below", 1.0 - quantile),
        (Some("above"), Some(quantile)) => ("above", quantile),
        (Some(side @ ("below" | "above")), None) => return format!(" is {side} the others"),
        _ => return " lies apart from the others".to_owned(),
    };
    if share >= 1.0 {
        return format!(" is {side} all that was seen");
    }
    // Rounded down: what was exceeded must not read as all. The small part mends what a double makes of 0.57.
    let hundredths = (10_000.0 * share + 1e-6).floor();
    let text = format!("{:.2}", hundredths / 100.0);
    let text = text.trim_end_matches('0').trim_end_matches('.');
    format!(" is {side} {text}{PERCENT} of what was seen")
}

#[cfg(test)]
mod tests {
    use super::place;
    use serde_json::json;

    #[test]
    fn a_reason_says_where_the_value_stands() {
        for (side, quantile, says) in [
            (json!("above"), json!(0.9998), " is above 99.98\u{a0}% of what was seen"),
            (json!("above"), json!(0.999_999), " is above 99.99\u{a0}% of what was seen"),
            (json!("above"), json!(1.0), " is above all that was seen"),
            (json!("below"), json!(0.0), " is below all that was seen"),
            (json!("below"), json!(0.43), " is below 57\u{a0}% of what was seen"),
            (json!("below"), json!(null), " is below the others"),
            (json!("between"), json!(0.5), " lies apart from the others"),
            (json!("between"), json!(null), " lies apart from the others"),
            (json!("missing"), json!(null), " is missing"),
        ] {
            assert_eq!(place(&json!({"side": side, "quantile": quantile})), says);
        }
    }
}
