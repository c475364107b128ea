//! The page of a lifecycle: what came in, what was ordinary, what drifted, and which models reigned.

mod charts;
mod heat;

use super::markup::Markup;
use super::number::grouped;
use super::table::Column::{Number, Words};
use super::table::{Column, Table, name};
use super::{beside, page as whole_page, section};

const STYLE: &str = include_str!("style.css");

/// Batches that the pictures show; the tables have as many.
pub const SHOWN: usize = 120;

/// All that the page shows: names, counts, rates and dates.
#[derive(Clone, Debug, Default)]
pub struct Page {
    /// The contract's name and version.
    pub contract: (String, String),
    /// Batches that were taken in all.
    pub taken: u64,
    /// The latest batches, the oldest first.
    pub batches: Vec<Shown>,
    /// The champions, the oldest first.
    pub champions: Vec<Champion>,
    /// Files that could not be read: the name, and why.
    pub unreadable: Vec<(String, String)>,
    /// The chance of a false acceptance alarm, and of a false anomaly alarm on either side.
    pub alphas: (f64, f64),
}

/// A batch.
#[derive(Clone, Debug, Default)]
pub struct Shown {
    /// The name of its file.
    pub file: String,
    /// Its day.
    pub day: String,
    /// Its records.
    pub records: u64,
    /// The share that was accepted.
    pub acceptance: Rate,
    /// The share that was flagged; none without a champion.
    pub anomaly: Option<Rate>,
    /// Each column's index in parts of what is drift, so that 1 is at the limit, and whether it drifted.
    pub drift: Vec<(String, f64, bool)>,
    /// Whether drift called.
    pub drifted: bool,
    /// What came of it, in words.
    pub words: Vec<String>,
}

/// A share with its limits.
#[derive(Clone, Copy, Debug, Default)]
pub struct Rate {
    /// In \[0, 1\].
    pub value: f64,
    /// Less than this is out of control.
    pub low: Option<f64>,
    /// More than this is.
    pub high: Option<f64>,
    /// Whether it was.
    pub alarm: bool,
}

/// A champion.
#[derive(Clone, Debug, Default)]
pub struct Champion {
    /// Its name.
    pub model: String,
    /// The day from which it reigned.
    pub from: String,
    /// The batch after which it came, by its place among those shown; none where that is not shown.
    pub batch: Option<usize>,
    /// Why it was trained.
    pub why: String,
    /// Its area under the ROC curve with the interval, where it was measured.
    pub auroc: Option<(f64, f64, f64)>,
    /// How much greater that is than its predecessor's on the same records.
    pub difference: Option<f64>,
    /// Whether the outliers were planted.
    pub planted: bool,
}

/// Writes the page.
///
/// # Example
/// ```
/// use tamis::quality::report::lifecycle::{Page, Rate, Shown, html};
/// let batch = Shown { file: "<b>.csv".into(), records: 10, acceptance: Rate { value: 0.9, ..Rate::default() }, ..Shown::default() };
/// let page = html(&Page { taken: 1, batches: vec![batch], ..Page::default() });
/// assert!(page.starts_with("<!doctype html>") && !page.contains("<b>.csv"));
/// ```
#[must_use]
pub fn html(page: &Page) -> String {
    let main = heading(page)
        .then(acceptance(page))
        .then(anomaly(page))
        .then(drift(page))
        .then(champions(page))
        .then(unreadable(page));
    let note =
        "Personal data was masked before anything here was counted; the page holds names, counts, rates and dates.";
    let footer = Markup::element("footer", Markup::element("p", note));
    whole_page(&format!("Tamis lifecycle: {}", page.contract.0), STYLE, Markup::element("main", main).then(footer))
}

fn heading(page: &Page) -> Markup {
    let figure = |label: &'static str, value: String, note: String| {
        let value = Markup::element("dd", Markup::element("strong", value).then(Markup::element("span", note)));
        Markup::element("div", Markup::element("dt", label).then(value))
    };
    let alarms = page.batches.iter().filter(|batch| batch.acceptance.alarm).count();
    let odd = page.batches.iter().filter(|batch| batch.anomaly.is_some_and(|rate| rate.alarm)).count();
    let drifts = page.batches.iter().filter(|batch| batch.drifted).count();
    let shown = format!("of the {} shown", page.batches.len());
    let champion = page.champions.last().map_or("none".to_owned(), |champion| champion.model.clone());
    let figures = figure("Batches", grouped(page.taken), "taken".to_owned())
        .then(figure("Acceptance alarms", alarms.to_string(), shown.clone()))
        .then(figure("Anomaly alarms", odd.to_string(), shown.clone()))
        .then(figure("Drift calls", drifts.to_string(), shown))
        .then(figure("Champions", page.champions.len().to_string(), format!("now {champion}")));
    let title = Markup::text("Lifecycle of ").then(Markup::element("bdi", page.contract.0.as_str()));
    Markup::element("header", Markup::element("p class=\"brand\"", "Tamis cycle").then(Markup::element("h1", title)))
        .then(Markup::element("dl class=\"figures\"", figures))
}

/// A picture over the whole width.
fn wide(picture: Markup) -> Markup {
    Markup::element("div class=\"control\"", picture)
}

fn percent(share: f64) -> String {
    format!("{:.2}\u{a0}%", 100.0 * share)
}

fn acceptance(page: &Page) -> Markup {
    const COLUMNS: &[Column] = &[
        Words("Day"),
        Words("File"),
        Number("Records"),
        Number("Accepted"),
        Number("Limit"),
        Words("What came of it"),
    ];
    let answers = format!(
        "Accepted records by batch, and below which share a batch is out of control: Laney’s p′-chart, whose limit depends \
         on the batch’s size and on how much ordinary batches differ. An ordinary batch is below it with a chance of about {}. \
         Batches out of control are not in the baseline.",
        percent(page.alphas.0)
    );
    let mut table = Table::new("Batches, the latest first", COLUMNS);
    for batch in page.batches.iter().rev() {
        let accepted = percent(batch.acceptance.value) + if batch.acceptance.alarm { " ▼" } else { "" };
        let words = batch.words.iter().map(|words| Markup::element("li", words.as_str()));
        table.row([
            Markup::text(&batch.day),
            name(&batch.file),
            grouped(batch.records).into(),
            accepted.into(),
            batch.acceptance.low.map_or("–".to_owned(), percent).into(),
            Markup::element("ul", words.collect::<Markup>()),
        ]);
    }
    let rates: Vec<Rate> = page.batches.iter().map(|batch| batch.acceptance).collect();
    let picture = charts::control("Share of accepted records by batch, with the lower limit", &days(page), &rates);
    section("What was accepted?", answers, wide(picture).then(table.folded_or("No batch was taken yet.")))
}

fn days(page: &Page) -> Vec<String> {
    page.batches.iter().map(|batch| batch.day.clone()).collect()
}

fn anomaly(page: &Page) -> Markup {
    const COLUMNS: &[Column] = &[Words("Day"), Number("Flagged"), Number("From"), Number("To")];
    let scored: Vec<(&Shown, Rate)> = page.batches.iter().filter_map(|batch| Some((batch, batch.anomaly?))).collect();
    if scored.is_empty() {
        return Markup::default();
    }
    let answers = format!(
        "Records that the champion flagged, of those accepted, against what the same champion flagged of the records held \
         out from its training and of earlier batches. An ordinary batch is beyond either limit with a chance of about {}.",
        percent(page.alphas.1)
    );
    let mut table = Table::new("Flagged records, the latest first", COLUMNS);
    for (batch, rate) in scored.iter().rev() {
        let flagged = percent(rate.value) + if rate.alarm { " ▲" } else { "" };
        let limit = |limit: Option<f64>| Markup::from(limit.map_or("–".to_owned(), percent));
        table.row([Markup::text(&batch.day), flagged.into(), limit(rate.low), limit(rate.high)]);
    }
    let days: Vec<String> = scored.iter().map(|(batch, _)| batch.day.clone()).collect();
    let rates: Vec<Rate> = scored.iter().map(|(_, rate)| *rate).collect();
    let picture = charts::control("Share of flagged records by batch, with both limits", &days, &rates);
    section("What was odd?", answers, wide(picture).then(table.folded_or("")))
}

fn drift(page: &Page) -> Markup {
    if page.batches.iter().all(|batch| batch.drift.is_empty()) {
        return Markup::default();
    }
    let answers = "Each column’s population stability index against the champion’s reference, in parts of what is called \
                   drift: dark is beyond the limit and certain, after the correction for all columns tested. One odd \
                   batch does not call: it takes several of the latest.";
    section("What drifted?", answers, heat::table(&page.batches))
}

fn champions(page: &Page) -> Markup {
    const COLUMNS: &[Column] =
        &[Words("From"), Words("Model"), Words("Trained because"), Number("AUROC"), Number("Interval"), Number("Gain")];
    let mut table = Table::new("Champions, the latest first", COLUMNS);
    for champion in page.champions.iter().rev() {
        let kind = if champion.planted { " (planted)" } else { "" };
        let auroc = champion.auroc.map_or("not measured".to_owned(), |(area, ..)| format!("{area:.4}{kind}"));
        let interval = champion.auroc.map_or("–".to_owned(), |(_, low, high)| format!("{low:.4} to {high:.4}"));
        let gain = champion.difference.map_or("–".to_owned(), |gain| format!("{gain:+.4}"));
        table.row([
            Markup::text(&champion.from),
            name(&champion.model),
            Markup::text(&champion.why),
            auroc.into(),
            interval.into(),
            gain.into(),
        ]);
    }
    let answers = "Models that were promoted: measured on records that neither they nor their predecessors were trained \
                   on. The gain is against the predecessor on the same records.";
    let marks: Vec<(usize, String)> =
        page.champions.iter().filter_map(|champion| Some((champion.batch?, champion.model.clone()))).collect();
    let picture = charts::timeline("Champions by batch", &days(page), &marks);
    section("Which model reigned?", answers, beside(picture, table.or("No model was promoted yet.")))
}

fn unreadable(page: &Page) -> Markup {
    const COLUMNS: &[Column] = &[Words("File"), Words("Why")];
    if page.unreadable.is_empty() {
        return Markup::default();
    }
    let mut table = Table::new("Files that could not be read", COLUMNS);
    for (file, why) in page.unreadable.iter().rev() {
        table.row([name(file), Markup::text(why)]);
    }
    section(
        "What could not be read?",
        "These files are in the inbox still; mended ones are taken anew.",
        table.folded_or(""),
    )
}
