//! What a turn tells: a table or JSON on stdout, and the exit code.

use super::super::output::Files;
use super::super::progress::shown;
use super::super::{End, output};
use super::Turn;
use super::story::{Story, Told};
use crate::monitor::drift::Verdict;
use crate::monitor::trigger::{Finding, Trigger};
use crate::quality::report::lifecycle::{self, Champion, Page, Rate, Shown};
use anyhow::{Result, bail};
use serde_json::{Value as Json, json};
use std::fmt::Write as _;

/// Characters of a file's name that the table shows.
const NAME: usize = 24;

/// What happened in a turn.
pub(super) struct News<'n> {
    pub(super) story: &'n Story,
    /// How many of the story's latest batches were worked on.
    pub(super) taken: usize,
    /// Files that could not be read: batch, name, why.
    pub(super) unreadable: &'n [(String, String, String)],
    /// Files that wait for their end.
    pub(super) waiting: &'n [String],
    /// What could not be told or handed over.
    pub(super) untold: &'n [String],
}

impl News<'_> {
    fn batches(&self) -> impl Iterator<Item = &Told> {
        let batches = &self.story.batches;
        batches.iter().skip(batches.len().saturating_sub(self.taken))
    }

    pub(super) fn is_any(&self) -> bool {
        self.taken > 0 || !self.unreadable.is_empty() || !self.untold.is_empty()
    }
}

/// The exit code: what could not be read or told goes before an alarm or a refused challenger.
pub(super) fn end(news: &News<'_>) -> Result<End> {
    if !news.untold.is_empty() {
        bail!("somebody could not be told, or not be handed what was accepted; the next turn tries again");
    }
    if !news.unreadable.is_empty() {
        bail!("{} of the new files cannot be read as records; all others were taken", news.unreadable.len());
    }
    let refused = |told: &Told| told.trained.as_ref().is_some_and(|trained| !trained.refusals.is_empty());
    let gate = news.batches().any(|told| told.is_alarm() || refused(told));
    Ok(if gate { End::Refused } else { End::Done })
}

/// Prints the turn on stdout.
pub(super) fn print(turn: &Turn<'_>, news: &News<'_>) -> Result<()> {
    if turn.args.json {
        return output::print(&format!("{:#}\n", whole(turn, news)));
    }
    output::print(&text(turn, news))
}

fn whole(turn: &Turn<'_>, news: &News<'_>) -> Json {
    let unreadable: Vec<Json> =
        news.unreadable.iter().map(|(batch, file, why)| json!({ "batch": batch, "file": file, "why": why })).collect();
    json!({
        "batches": news.batches().map(batch).collect::<Vec<Json>>(),
        "unreadable": unreadable,
        "waiting": news.waiting,
        "undelivered": news.untold,
        "champion": news.story.champion(),
        "taken": news.story.taken,
        "contract": { "name": turn.contract.name(), "version": turn.contract.version(), "sha256": turn.contract.sha256() },
    })
}

/// A batch as JSON.
pub(super) fn batch(told: &Told) -> Json {
    let batch = &told.batch;
    let judged = told.judged.as_ref();
    let training = match (&told.trained, &told.untrained) {
        (Some(trained), _) => json!({
            "challenger": trained.model,
            "champion": trained.champion,
            "why": trained.why,
            "rows": trained.rows,
            "batches": trained.batches,
            "evidence": trained.evidence,
            "refusals": trained.refusals,
            "promoted": told.promoted,
        }),
        (None, Some(why)) => json!({ "untrained": why }),
        (None, None) => Json::Null,
    };
    json!({
        "id": batch.id,
        "file": batch.file.name,
        "moment": batch.moment,
        "records": batch.refused.records,
        "accepted": batch.accepted(),
        "rejected": batch.refused.hits,
        "flagged": batch.flagged.map(|flagged| flagged.hits),
        "model": batch.model,
        "alarm": told.is_alarm(),
        "findings": judged.map(|judged| &judged.findings),
        "drift": judged.and_then(|judged| judged.drift).map(Verdict::name),
        "columns": judged.map(|judged| &judged.columns),
        "training": training,
    })
}

fn text(turn: &Turn<'_>, news: &News<'_>) -> String {
    let mut out = String::new();
    if news.taken == 0 && news.unreadable.is_empty() {
        out.push_str("nothing new in the inbox\n");
    }
    if news.taken > 0 {
        // Writing to a String cannot fail.
        let _ = writeln!(
            out,
            "{:<10}  {:<NAME$} {:>9} {:>9} {:>8}  {:>8} {:>17}  drift",
            "day", "file", "records", "accepted", "limit", "flagged", "limits"
        );
    }
    for told in news.batches() {
        row(told, &mut out);
    }
    for (_, file, why) in news.unreadable {
        let _ = writeln!(out, "{}: cannot be read: {}", shown(file), shown(why));
    }
    for file in news.waiting {
        let _ = writeln!(out, "{}: waits until it is written", shown(file));
    }
    let state = turn.args.state.display();
    let champion = news.story.champion().map_or("none", |model| model.get(..8).unwrap_or_default());
    let _ = writeln!(out, "champion {champion}; {} batches in all; the page is {state}/cycle.html", news.story.taken);
    out
}

fn percent(share: f64) -> String {
    format!("{:.2} %", 100.0 * share)
}

fn find(told: &Told, trigger: Trigger) -> Option<&Finding> {
    told.judged.as_ref()?.findings.iter().find(|finding| finding.trigger == trigger)
}

/// A batch's line, and below it all that called, and what came of it.
fn row(told: &Told, out: &mut String) {
    let batch = &told.batch;
    let mark = |trigger: Trigger| if told.fired(trigger) { "!" } else { " " };
    let limit = find(told, Trigger::Acceptance).and_then(|finding| finding.low).map_or("–".to_owned(), percent);
    let flagged = batch.flagged.map_or("–".to_owned(), |flagged| percent(flagged.rate()));
    let limits = find(told, Trigger::Anomaly).and_then(|finding| finding.low.zip(finding.high));
    let limits = limits.map_or("–".to_owned(), |(low, high)| format!("{} – {}", percent(low), percent(high)));
    let drift = told.judged.as_ref().and_then(|judged| judged.drift).map_or("–", Verdict::name);
    let _ = writeln!(
        out,
        "{:<10}  {:<NAME$} {:>9} {:>8}{} {:>8}  {:>7}{} {:>17}  {}{}",
        batch.moment.get(..10).unwrap_or_default(),
        cut(&batch.file.name),
        batch.refused.records,
        percent(1.0 - batch.refused.rate()),
        mark(Trigger::Acceptance),
        limit,
        flagged,
        mark(Trigger::Anomaly),
        limits,
        drift,
        mark(Trigger::Drift),
    );
    for finding in told.judged.iter().flat_map(|judged| &judged.findings).filter(|finding| finding.fired) {
        let what = if finding.trigger.is_alarm() { "ALARM" } else { "due" };
        let _ = writeln!(out, "            {what} {}: {}", finding.trigger, shown(&finding.words));
    }
    training(told, out);
}

fn training(told: &Told, out: &mut String) {
    if let Some(why) = &told.untrained {
        let _ = writeln!(out, "            no challenger: {why}");
    }
    let Some(trained) = &told.trained else {
        return;
    };
    let evidence = &trained.evidence;
    let why: Vec<&str> = trained.why.iter().map(|why| why.name()).collect();
    let kind = if evidence.planted { "planted" } else { "labelled" };
    let against = evidence.paired.map_or(String::new(), |paired| {
        format!(
            " against {:.4} ({:+.4} [{:+.4}, {:+.4}])",
            paired.first, paired.difference, paired.interval.0, paired.interval.1
        )
    });
    let _ = writeln!(
        out,
        "            challenger {} ({}) on {} records of {} batches: AUROC {:.4} [{:.4}, {:.4}]{against} on {} held out, {} {kind} outliers; flags {} of them",
        trained.model.get(..8).unwrap_or_default(),
        why.join(", "),
        trained.rows,
        trained.batches,
        evidence.challenger,
        evidence.interval.0,
        evidence.interval.1,
        evidence.rows,
        evidence.outliers,
        evidence.flagged,
    );
    for refusal in &trained.refusals {
        let _ = writeln!(out, "            REFUSED: {refusal}");
    }
    if told.promoted {
        let _ = writeln!(out, "            promoted");
    }
}

/// A name that fits its column; of a long one the end says more.
fn cut(name: &str) -> String {
    let name = shown(name);
    let count = name.chars().count();
    if count <= NAME {
        return name;
    }
    std::iter::once('…').chain(name.chars().skip(count + 1 - NAME)).collect()
}

/// Writes the page, where it is not as it should be.
pub(super) fn page(turn: &Turn<'_>, news: &News<'_>) -> Result<()> {
    let html = lifecycle::html(&told(turn, news.story));
    let path = turn.args.state.join("cycle.html");
    if std::fs::read(&path).is_ok_and(|there| there == html.as_bytes()) {
        return Ok(());
    }
    let mut files = Files::new(&turn.args.state)?;
    let file = files.add("cycle.html")?;
    files.write(file, html.as_bytes())?;
    files.finish()
}

/// The story as the page has it.
fn told(turn: &Turn<'_>, story: &Story) -> Page {
    let skipped = story.batches.len().saturating_sub(lifecycle::SHOWN);
    let shown: Vec<&Told> = story.batches.iter().skip(skipped).collect();
    let champions = story.reigns.iter().map(|reign| {
        let evidence = reign.trained.as_ref().map(|trained| &trained.evidence);
        let why = reign.trained.iter().flat_map(|trained| &trained.why).map(|why| why.name()).collect::<Vec<_>>();
        let is =
            |told: &&Told| told.promoted && told.trained.as_ref().is_some_and(|trained| trained.model == reign.model);
        Champion {
            model: reign.model.get(..8).unwrap_or_default().to_owned(),
            from: day(&reign.from),
            batch: shown.iter().position(is),
            why: if why.is_empty() { "promoted by hand".to_owned() } else { why.join(", ") },
            auroc: evidence.map(|evidence| (evidence.challenger, evidence.interval.0, evidence.interval.1)),
            difference: evidence.and_then(|evidence| evidence.paired).map(|paired| paired.difference),
            planted: evidence.is_some_and(|evidence| evidence.planted),
        }
    });
    Page {
        contract: (turn.contract.name().to_owned(), turn.contract.version().to_owned()),
        taken: story.taken,
        champions: champions.collect(),
        unreadable: story.unreadable.iter().map(|(_, file, why)| (file.clone(), why.clone())).collect(),
        alphas: (turn.settings.alpha, turn.settings.anomaly_alpha),
        batches: shown.into_iter().map(|told| of_batch(told, turn.settings.drift.min_psi)).collect(),
    }
}

fn day(moment: &str) -> String {
    moment.get(..10).unwrap_or_default().to_owned()
}

fn of_batch(told: &Told, min_psi: f64) -> Shown {
    let batch = &told.batch;
    let rate = |trigger: Trigger, value: f64| {
        let finding = find(told, trigger);
        let low = finding.and_then(|finding| finding.low);
        let high = finding.and_then(|finding| finding.high);
        Rate { value, low, high, alarm: told.fired(trigger) }
    };
    let mut words: Vec<String> = told
        .judged
        .iter()
        .flat_map(|judged| &judged.findings)
        .filter(|finding| finding.fired)
        .map(|finding| format!("{}: {}", finding.trigger, finding.words))
        .collect();
    if let Some(trained) = &told.trained {
        let model = trained.model.get(..8).unwrap_or_default();
        let refusals: Vec<String> = trained.refusals.iter().map(ToString::to_string).collect();
        words.push(match refusals.as_slice() {
            [] => format!("champion {model}"),
            refusals => format!("challenger {model} refused: {}", refusals.join("; ")),
        });
    }
    words.extend(told.untrained.as_ref().map(|why| format!("no challenger: {why}")));
    let columns = told.judged.iter().flat_map(|judged| &judged.columns);
    Shown {
        file: batch.file.name.clone(),
        day: day(&batch.moment),
        records: batch.refused.records,
        acceptance: rate(Trigger::Acceptance, 1.0 - batch.refused.rate()),
        anomaly: batch.flagged.map(|flagged| rate(Trigger::Anomaly, flagged.rate())),
        drift: columns
            .map(|column| {
                (column.name.clone(), column.psi / column.critical.max(min_psi), column.verdict == Verdict::Drift)
            })
            .collect(),
        drifted: told.fired(Trigger::Drift),
        words,
    }
}
