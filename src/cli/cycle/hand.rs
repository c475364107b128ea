//! Hands each batch's accepted, masked records over to whoever indexes them: at least once, in the order of the batches.

use super::super::progress::say;
use super::event::{Batch, Event};
use super::{Book, Turn, send};
use crate::contract::sha256_hex;
use anyhow::{Context, Result, bail};
use serde_json::{Value as Json, json};
use std::io::Write;
use std::process::{Command, Stdio};

/// Variables that a program which indexes masked records has no business to know.
const SECRETS: [&str; 3] = ["TAMIS_KEY", "TAMIS_WEBHOOK_SECRET", "GITHUB_TOKEN"];

/// Hands over every batch that nobody took yet; stops at the first that is not taken, so that their order holds.
pub(super) fn over(turn: &Turn<'_>, book: &mut Book, failed: &mut Vec<String>) {
    let Some(taker) = &turn.args.on_accepted else {
        return;
    };
    let batches: Vec<Batch> = book.story.unhanded().cloned().collect();
    for batch in batches {
        let done = body(turn, &batch).and_then(|body| give(taker, &batch, &body));
        let done = done.and_then(|()| book.write(turn, Event::Handed { batch: batch.id.clone() }));
        if let Err(error) = done {
            let words = format!("the accepted records of the batch {} were not handed over: {error:#}", batch.id);
            say(&format!("tamis: {words}; it is tried again at the next turn"));
            failed.push(words);
            return;
        }
    }
}

fn delivery(batch: &Batch) -> String {
    let id = sha256_hex(format!("tamis.accepted/1 {}", batch.id).as_bytes());
    id.get(..32).unwrap_or_default().to_owned()
}

fn body(turn: &Turn<'_>, batch: &Batch) -> Result<Json> {
    let path = turn.batch(&batch.id).join("accepted.ndjson");
    let path = std::path::absolute(&path).with_context(|| format!("cannot find {}", path.display()))?;
    Ok(json!({
        "format": "tamis.accepted/1",
        "event": "tamis-accepted",
        "delivery": delivery(batch),
        "at": turn.clock.now(),
        "batch": batch.id,
        "moment": batch.moment,
        "path": path.display().to_string(),
        "records": batch.accepted(),
        "rejected": batch.refused.hits,
        "sha256": batch.accepted_sha256,
        "contract": { "name": turn.contract.name(), "version": turn.contract.version(), "sha256": batch.contract_sha256 },
    }))
}

fn give(taker: &str, batch: &Batch, body: &Json) -> Result<()> {
    let bytes = body.to_string().into_bytes();
    if taker.starts_with("http://") || taker.starts_with("https://") {
        return send::signed(taker, "tamis-accepted", &delivery(batch), &bytes);
    }
    let mut words = taker.split_whitespace();
    let program = words.next().context("--on-accepted names no program")?;
    let mut command = Command::new(program);
    command.args(words).stdin(Stdio::piped());
    // Our own stdout is the result.
    command.stdout(Stdio::from(std::io::stderr()));
    for secret in SECRETS {
        command.env_remove(secret);
    }
    command.env("TAMIS_BATCH", &batch.id);
    command.env("TAMIS_ACCEPTED", body.get("path").and_then(Json::as_str).unwrap_or_default());
    let mut child = command.spawn().with_context(|| format!("cannot run {program}"))?;
    if let Some(mut stdin) = child.stdin.take() {
        // A program that does not read its input may have gone already.
        let _ = stdin.write_all(&bytes);
    }
    let status = child.wait().with_context(|| format!("cannot wait for {program}"))?;
    if !status.success() {
        bail!("{program} ended with {status}");
    }
    Ok(())
}
