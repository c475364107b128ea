//! Drift by column and batch, as a table whose cells are shaded.

use super::super::markup::Markup;
use super::super::table::name;
use super::Shown;
use std::collections::BTreeMap;

/// Batches that fit side by side.
const MOST: usize = 40;
/// Columns that are shown, those that drifted most first.
const MOST_COLUMNS: usize = 40;
/// The shades, from nothing to twice the limit.
const SHADES: [&str; 5] = [
    "td class=\"heat h0\"",
    "td class=\"heat h1\"",
    "td class=\"heat h2\"",
    "td class=\"heat h3\"",
    "td class=\"heat h4\"",
];

/// The table: a row a column, a cell a batch, the latest at the right.
pub(super) fn table(batches: &[Shown]) -> Markup {
    let shown: Vec<&Shown> = batches.iter().filter(|batch| !batch.drift.is_empty()).collect();
    let shown = shown.get(shown.len().saturating_sub(MOST)..).unwrap_or_default();
    let mut worst: BTreeMap<&str, f64> = BTreeMap::new();
    for (column, index, _) in shown.iter().flat_map(|batch| &batch.drift) {
        let there = worst.entry(column).or_default();
        *there = there.max(*index);
    }
    let mut columns: Vec<(&str, f64)> = worst.into_iter().collect();
    columns.sort_by(|a, b| b.1.total_cmp(&a.1).then(a.0.cmp(b.0)));
    columns.truncate(MOST_COLUMNS);
    let head = shown.iter().map(|batch| {
        Markup::element(
            "th scope=\"col\" class=\"day\"",
            Markup::element("span", batch.day.get(5..10).unwrap_or(&batch.day)),
        )
    });
    let head = Markup::element("th scope=\"col\"", "Column").then(head.collect::<Markup>());
    let rows = columns.iter().map(|(column, _)| {
        let cells = shown.iter().map(|batch| cell(batch.drift.iter().find(|(name, ..)| name == column)));
        Markup::element("tr", Markup::element("th scope=\"row\"", name(column)).then(cells.collect::<Markup>()))
    });
    let caption = "Drift by column and batch, in parts of the limit; a mark where it is certain";
    let table = Markup::element("caption", caption)
        .then(Markup::element("thead", Markup::element("tr", head)))
        .then(Markup::element("tbody", rows.collect::<Markup>()));
    let table = Markup::element("table class=\"heat\"", table);
    Markup::labelled("div class=\"wide\" role=\"group\" tabindex=\"0\"", caption, table)
}

#[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "one of five shades")]
fn cell(found: Option<&(String, f64, bool)>) -> Markup {
    let Some((_, index, drifted)) = found else {
        return Markup::element("td class=\"heat\"", "–");
    };
    let shade = (index.clamp(0.0, 2.0) * 2.0).floor() as usize;
    let opening = SHADES.get(shade).copied().unwrap_or("td class=\"heat\"");
    Markup::element(opening, format!("{index:.1}{}", if *drifted { "●" } else { "" }))
}
