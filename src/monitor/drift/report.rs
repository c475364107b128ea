//! A comparison as one HTML file, for those who decide what follows.

use super::compare::{ColumnDrift, Drift, RateDrift};
use super::rules::Verdict;
use super::short;
use crate::quality::report::charts::pairs;
use crate::quality::report::markup::Markup;
use crate::quality::report::number::{PERCENT, grouped, percent, share};
use crate::quality::report::table::{Column, Table, name};
use crate::quality::report::{figure, page, section};

/// Columns that a sentence names.
const NAMED: usize = 5;

/// Writes the report; `reference` and `current` say in words what the two sides are.
///
/// It opens offline, prints, runs no script, and holds counts and names alone.
#[must_use]
pub fn html(drift: &Drift, reference: &str, current: &str) -> String {
    let title = Markup::text("Drift of ").then(Markup::element("bdi", drift.contract.name.as_str()));
    let head = Markup::element("p class=\"brand\"", "Tamis drift report")
        .then(Markup::element("h1", title))
        .then(Markup::element("p class=\"answers\"", overview(drift)))
        .then(figures(drift));
    let main = Markup::element("header", head)
        .then(rates(drift))
        .then(columns(drift))
        .then(pictures(drift))
        .then(method(drift))
        .then(left_out(drift));
    let body = Markup::element("main", main).then(footer(drift, reference, current));
    page(&format!("Tamis drift report: {}", drift.contract.name), "", body)
}

/// What happened, in sentences for somebody who never heard of an index.
fn overview(drift: &Drift) -> String {
    let (reference, current) = drift.acceptance.rates();
    let acceptance = |verb: &str| {
        format!(
            " The share of records that keep the contract {verb} from {:.1}{PERCENT} to {:.1}{PERCENT}.",
            100.0 * reference,
            100.0 * current
        )
    };
    let moved = match drift.acceptance.verdict {
        Verdict::Drift if current < reference => acceptance("fell"),
        Verdict::Drift => acceptance("rose"),
        _ => String::new(),
    };
    let all = drift.columns.len() + usize::from(drift.score.is_some());
    let drifted: Vec<&str> = drift
        .columns
        .iter()
        .chain(&drift.score)
        .filter(|column| column.verdict == Verdict::Drift)
        .map(|column| column.reference.name())
        .collect();
    let odd = match drift.anomalies {
        Some(RateDrift { verdict: Verdict::Drift, effect, .. }) => {
            format!(" {} records than before are flagged as odd.", if effect > 0.0 { "More" } else { "Fewer" })
        }
        _ => String::new(),
    };
    let what = match (drift.verdict, drifted.len()) {
        (Verdict::TooFew, _) => {
            return format!(
                "There are too few records to say whether anything changed: a verdict takes {} on each side.",
                drift.rules.min_records
            );
        }
        (_, 0) => format!(
            "In none of {all} columns do the new records differ from the reference by more than chance explains and by enough to matter."
        ),
        (_, count) => format!(
            "In {count} of {all} columns the new records differ from the reference by more than chance explains and by enough to matter: {}.",
            list(&drifted)
        ),
    };
    let next = match drift.verdict {
        Verdict::Drift => {
            " If the source or the business changed for good, train a model on newer records; if something broke, mend it first."
        }
        _ => " Nothing needs to be done.",
    };
    format!("{what}{moved}{odd}{next}")
}

fn list(names: &[&str]) -> String {
    let (shown, more) = names.split_at(names.len().min(NAMED));
    let rest = if more.is_empty() { String::new() } else { format!(" and {} more", more.len()) };
    format!("{}{rest}", shown.join(", "))
}

fn figures(drift: &Drift) -> Markup {
    let (reference, current) = drift.records;
    let columns = drift.columns.iter().chain(&drift.score);
    let drifted = columns.clone().filter(|column| column.verdict == Verdict::Drift).count();
    let rate = |rate: &RateDrift| {
        (
            percent(rate.current.0, rate.current.1),
            format!("{} in the reference", percent(rate.reference.0, rate.reference.1)),
        )
    };
    let (accepted, before) = rate(&drift.acceptance);
    let mut list = figure("Verdict", words(drift.verdict).to_owned(), "over everything".to_owned())
        .then(figure("New records", grouped(current), format!("{} in the reference", grouped(reference))))
        .then(figure("Columns with drift", drifted.to_string(), format!("of {}", columns.count())))
        .then(figure("Accepted", accepted, before));
    if let Some(anomalies) = &drift.anomalies {
        let (flagged, before) = rate(anomalies);
        list = list.then(figure("Flagged as odd", flagged, before));
    }
    Markup::element("dl class=\"figures\"", list)
}

fn words(verdict: Verdict) -> &'static str {
    match verdict {
        Verdict::TooFew => "too few",
        Verdict::Stable => "stable",
        Verdict::Slight => "slight",
        Verdict::Drift => "drift",
    }
}

fn rates(drift: &Drift) -> Markup {
    const COLUMNS: &[Column] = &[
        Column::Words("rate"),
        Column::Number("reference"),
        Column::Number("new records"),
        Column::Number("its 95 % interval"),
        Column::Number("effect (h)"),
        Column::Number("adjusted p"),
        Column::Words("verdict"),
    ];
    let mut table = Table::new("Rates", COLUMNS);
    let rates = [("accepted of all records", Some(drift.acceptance)), ("flagged of the accepted", drift.anomalies)];
    for (what, rate) in rates.into_iter().filter_map(|(what, rate)| Some((what, rate?))) {
        let (low, high) = rate.interval;
        table.row([
            what.into(),
            percent(rate.reference.0, rate.reference.1).into(),
            percent(rate.current.0, rate.current.1).into(),
            format!("{:.2} to {:.2}{PERCENT}", 100.0 * low, 100.0 * high).into(),
            format!("{:.3}", rate.effect).into(),
            chance(rate.adjusted).into(),
            words(rate.verdict).into(),
        ]);
    }
    section("Acceptance and oddness", "Whether more or fewer records keep the contract, or look odd.", table.or(""))
}

/// The gravest first; of equal verdicts the greatest index.
fn sorted(drift: &Drift) -> Vec<&ColumnDrift> {
    let mut list: Vec<&ColumnDrift> = drift.columns.iter().chain(&drift.score).collect();
    list.sort_by(|left, right| (right.verdict as u8).cmp(&(left.verdict as u8)).then(right.psi.total_cmp(&left.psi)));
    list
}

fn columns(drift: &Drift) -> Markup {
    const COLUMNS: &[Column] = &[
        Column::Words("column"),
        Column::Words("kind"),
        Column::Number("records"),
        Column::Number("PSI"),
        Column::Number("critical"),
        Column::Number("KS"),
        Column::Number("W1"),
        Column::Number("JS"),
        Column::Number("chi² p"),
        Column::Number("adjusted p"),
        Column::Words("verdict"),
    ];
    let mut table = Table::new("Columns, those with drift first", COLUMNS);
    for column in sorted(drift) {
        let ordered = |of: &dyn Fn(&super::Ordered) -> String| column.ordered.as_ref().map_or("–".to_owned(), of);
        table.row([
            name(column.reference.name()),
            column.kind().into(),
            grouped(column.records().1).into(),
            format!("{:.3}", column.psi).into(),
            format!("{:.3}", column.psi_critical).into(),
            ordered(&|one| format!("{:.3}", one.ks)).into(),
            ordered(&|one| short(one.wasserstein)).into(),
            format!("{:.3}", column.jensen_shannon).into(),
            chance(column.chi_square_p).into(),
            chance(column.adjusted).into(),
            words(column.verdict).into(),
        ]);
    }
    let answers = format!(
        "A column drifts where its index (PSI) is above {} and the difference is sure at the level {}, corrected for all that \
         is tested at once. “Slight” is sure and too small to matter.",
        drift.rules.min_psi, drift.rules.alpha
    );
    section("Columns", answers, table.or("There are no columns."))
}

fn pictures(drift: &Drift) -> Markup {
    let picture = |column: &ColumnDrift| {
        let (reference, current) = column.records();
        let cells = column.reference.bins().labels().into_iter().zip(column.reference.counts()).zip(&column.current);
        let rows: Vec<(String, f64, f64)> = cells
            .filter(|((_, one), other)| **one > 0 || **other > 0)
            .map(|((label, one), other)| {
                (label, share(*one, reference).unwrap_or(0.0), share(*other, current).unwrap_or(0.0))
            })
            .collect();
        let caption = format!("{}: {}, index {:.3}", column.reference.name(), words(column.verdict), column.psi);
        pairs(&caption, &rows)
    };
    let pictures =
        Markup::element("div class=\"figures-grid\"", sorted(drift).into_iter().map(picture).collect::<Markup>());
    let answers = "Shares of the records in each bin: blue and above is the reference, orange and below are the new records. \
                   A bin of numbers holds about a tenth of the reference, unless one value is more frequent.";
    section("Reference and new records", answers, pictures)
}

fn method(drift: &Drift) -> Markup {
    let points = [
        format!(
            "Everything is computed from integer counts in the reference's own bins: tenths at its quantiles, a value that a \
             tenth of the records has in a bin of its own, the {} most frequent texts.",
            20
        ),
        "PSI: the population stability index Σ (p − q) ln (p / q), half a record added to each count, over cells joined until \
         each may expect five records on the smaller side. Its critical value is chi² × (1/n + 1/m): what it exceeds without \
         drift at the stated level."
            .to_owned(),
        "KS and W1: the Kolmogorov-Smirnov statistic and the Wasserstein-1 distance (in the column's unit) over the bins, each \
         bin standing at its middle. JS: the Jensen-Shannon distance with base 2. chi² p: Pearson's test."
            .to_owned(),
        format!(
            "Adjusted p: the greater p of Pearson's test and of the index, after Benjamini and Hochberg over all columns, the \
             scores and the rates. Where nothing drifts, a comparison alarms in at most a share {} of cases, whatever the number \
             of columns and the size of the window.",
            drift.rules.alpha
        ),
        "Rates: the test of two proportions, Fisher's exact test where few are expected; Wilson's interval; Cohen's h as the \
         effect."
            .to_owned(),
        "Records are taken to be independent. Where several come from one source, such as the lines of one invoice, they vary \
         more, and there are more false alarms."
            .to_owned(),
    ];
    let points = points.into_iter().map(|point| Markup::element("li", point)).collect::<Markup>();
    section("How it is computed", "For whoever wants to check it.", Markup::element("ul", points))
}

fn left_out(drift: &Drift) -> Markup {
    const COLUMNS: &[Column] = &[Column::Words("field"), Column::Words("why it has no column")];
    if drift.left_out.is_empty() {
        return Markup::default();
    }
    let mut table = Table::new("Fields without a column", COLUMNS);
    for (field, reason) in &drift.left_out {
        table.row([name(field), reason.describe().into()]);
    }
    section(
        "Not compared",
        "Masked fields are never counted; these are shown as they are, and yet have no column.",
        table.or(""),
    )
}

fn footer(drift: &Drift, reference: &str, current: &str) -> Markup {
    let contract = &drift.contract;
    let pairs = [
        ("Reference", reference.to_owned()),
        ("New records", current.to_owned()),
        ("Contract", format!("{} {}", contract.name, contract.version)),
        ("Its SHA-256", contract.sha256.clone()),
        ("Model", drift.model.clone().unwrap_or_else(|| "none".to_owned())),
    ];
    let list = pairs
        .into_iter()
        .map(|(term, value)| Markup::element("dt", term).then(Markup::element("dd", Markup::element("code", value))));
    let note = "No record is in this report: it is made of counts, and a text is named only where at least five records of \
                the reference have it.";
    Markup::element("footer", Markup::element("dl", list.collect::<Markup>()).then(Markup::element("p", note)))
}

/// A chance as people read it.
fn chance(p: f64) -> String {
    if p < 0.0001 { "< 0.0001".to_owned() } else { format!("{p:.4}") }
}
