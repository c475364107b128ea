//! What somebody is to be told of: alarms, new champions, refused challengers, files that cannot be read.

use super::event::{Event, Notice};
use super::story::{Story, Told};
use super::{Book, Turn};
use crate::contract::sha256_hex;
use anyhow::Result;
use serde_json::{Value as Json, json};

/// Hexadecimal digits of a delivery's id.
const ID: usize = 32;

/// The next notice about a batch that nobody wrote yet; none where nothing is to be told, or nobody listens.
pub(super) fn next(turn: &Turn<'_>, story: &Story, told: &Told) -> Option<Notice> {
    let mut wanted: Vec<(&str, Json)> = Vec::new();
    if told.is_alarm() {
        wanted.push(("tamis-alarm", Json::Null));
    }
    if let Some(trained) = &told.trained {
        let kind = if told.promoted { "tamis-retrained" } else { "tamis-refused" };
        wanted.push((kind, challenger(trained)));
    }
    let notices =
        wanted.into_iter().filter_map(|(kind, model)| notice(turn, kind, &told.batch.id, about(told, &model)));
    notices.into_iter().find(|notice| !story.is_noticed(&notice.delivery))
}

/// Who is told.
fn targets(turn: &Turn<'_>) -> Vec<String> {
    let webhook = turn.args.webhook.as_ref().map(|_| "webhook".to_owned());
    let github = turn.args.github.as_ref().map(|_| "github".to_owned());
    webhook.into_iter().chain(github).collect()
}

/// The same for the same thing, however often it is sent.
fn delivery(kind: &str, batch: &str) -> String {
    sha256_hex(format!("tamis.notice/1 {kind} {batch}").as_bytes()).get(..ID).unwrap_or_default().to_owned()
}

/// A notice in the form that all have, with what this one is `about` behind it; none where nobody listens.
fn notice(turn: &Turn<'_>, kind: &str, batch: &str, about: Json) -> Option<Notice> {
    let targets = targets(turn);
    if targets.is_empty() {
        return None;
    }
    let delivery = delivery(kind, batch);
    let mut body = json!({
        "format": "tamis.notice/1",
        "event": kind,
        "delivery": delivery,
        "at": turn.clock.now(),
        "contract": { "name": turn.contract.name(), "version": turn.contract.version() },
    });
    if let (Json::Object(body), Json::Object(about)) = (&mut body, about) {
        body.extend(about);
    }
    Some(Notice { delivery, kind: kind.to_owned(), batch: batch.to_owned(), targets, body })
}

/// What is told of a batch that was taken.
fn about(told: &Told, model: &Json) -> Json {
    let batch = &told.batch;
    let findings: Vec<Json> = told
        .judged
        .iter()
        .flat_map(|judged| &judged.findings)
        .filter(|finding| finding.fired)
        .map(|finding| json!({ "trigger": finding.trigger, "value": finding.value, "low": finding.low, "high": finding.high, "words": finding.words }))
        .collect();
    json!({
        "batch": {
            "id": batch.id,
            "moment": batch.moment,
            "records": batch.refused.records,
            "accepted": batch.accepted(),
            "rejected": batch.refused.hits,
            "flagged": batch.flagged.map(|flagged| flagged.hits),
        },
        "findings": findings,
        "model": model,
    })
}

fn challenger(trained: &super::event::Trained) -> Json {
    let refusals: Vec<String> = trained.refusals.iter().map(ToString::to_string).collect();
    json!({
        "challenger": trained.model,
        "champion": trained.champion,
        "promoted": trained.refusals.is_empty(),
        "refusals": refusals,
        "evidence": trained.evidence,
    })
}

/// Writes a notice of a file that cannot be read.
pub(super) fn unreadable(turn: &Turn<'_>, book: &mut Book, batch: &str, why: &str) -> Result<()> {
    let about = json!({ "batch": { "id": batch }, "why": why });
    match notice(turn, "tamis-unreadable", batch, about) {
        Some(notice) if !book.story.is_noticed(&notice.delivery) => book.write(turn, Event::Notice(Box::new(notice))),
        _ => Ok(()),
    }
}
