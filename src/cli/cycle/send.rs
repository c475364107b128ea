//! Sends notices: to a webhook, signed as GitHub signs its own, and to GitHub.

use super::super::http;
use super::super::progress::say;
use super::event::{Event, Notice};
use super::{Book, Turn, hex};
use anyhow::{Context, Result, bail};
use hmac::{Hmac, KeyInit, Mac};
use serde_json::{Value as Json, json};
use sha2::Sha256;

/// The variable with the webhook's secret.
const SECRET: &str = "TAMIS_WEBHOOK_SECRET";
/// The variable with GitHub's token, and that with the address of its API, as GitHub's own runners set them.
const TOKEN: &str = "GITHUB_TOKEN";
const API: &str = "GITHUB_API_URL";

/// Sends every notice to the targets that did not take it yet. What fails stays, and is sent with the same delivery id at
/// the next turn: at least once, so a receiver looks at that id.
pub(super) fn outbox(turn: &Turn<'_>, book: &mut Book, failed: &mut Vec<String>) {
    let pending: Vec<Notice> = book.story.outbox.iter().cloned().collect();
    let mut dead: Vec<String> = Vec::new();
    for notice in pending {
        for target in &notice.targets {
            if dead.contains(target) {
                continue;
            }
            let sent = match target.as_str() {
                "webhook" => webhook(turn, &notice),
                _ => github(turn, &notice),
            };
            let sent = sent.and_then(|()| {
                book.write(turn, Event::Delivered { delivery: notice.delivery.clone(), target: target.clone() })
            });
            if let Err(error) = sent {
                let words =
                    format!("{} was not told: {error:#}", if target == "webhook" { "the webhook" } else { "GitHub" });
                say(&format!("tamis: {words}; it is tried again at the next turn"));
                failed.push(words);
                // Who does not answer now does not answer the next one either.
                dead.push(target.clone());
            }
        }
    }
}

fn webhook(turn: &Turn<'_>, notice: &Notice) -> Result<()> {
    let Some(url) = &turn.args.webhook else {
        bail!("--webhook names no address any more");
    };
    let body = serde_json::to_vec(&notice.body).context("a notice cannot be written")?;
    signed(url, &notice.kind, &notice.delivery, &body)
}

/// Posts a body with its signature: the delivery's id and its moment are members of the body, and so they are signed too.
pub(super) fn signed(url: &str, kind: &str, delivery: &str, body: &[u8]) -> Result<()> {
    let signature = signature(body)?;
    let mut headers =
        vec![("content-type", "application/json"), ("x-tamis-event", kind), ("x-tamis-delivery", delivery)];
    if let Some(signature) = &signature {
        headers.push(("x-tamis-signature-256", signature));
    }
    answered(http::post(url, &headers, body))
}

/// `sha256=` and the HMAC of a body under the secret; none where there is no secret.
fn signature(body: &[u8]) -> Result<Option<String>> {
    let Some(secret) = std::env::var(SECRET).ok().filter(|secret| !secret.is_empty()) else {
        return Ok(None);
    };
    let mut mac = Hmac::<Sha256>::new_from_slice(secret.as_bytes()).ok().context("the secret is none for HMAC")?;
    mac.update(body);
    Ok(Some(format!("sha256={}", hex(&mac.finalize().into_bytes()))))
}

/// Asks GitHub to send the repository a `repository_dispatch` event.
fn github(turn: &Turn<'_>, notice: &Notice) -> Result<()> {
    let Some(repository) = &turn.args.github else {
        bail!("--github names no repository any more");
    };
    let token = std::env::var(TOKEN).ok().filter(|token| !token.is_empty());
    let token = token.with_context(|| format!("--github needs a token in the variable {TOKEN}"))?;
    let api = std::env::var(API).ok().filter(|api| !api.is_empty());
    let api = api.unwrap_or_else(|| "https://api.github.com".to_owned());
    let url = format!("{}/repos/{repository}/dispatches", api.trim_end_matches('/'));
    let body = json!({ "event_type": notice.kind, "client_payload": payload(&notice.body) });
    let authorization = format!("Bearer {token}");
    let headers = [
        ("content-type", "application/json"),
        ("accept", "application/vnd.github+json"),
        ("x-github-api-version", "2022-11-28"),
        ("authorization", authorization.as_str()),
    ];
    answered(http::post(&url, &headers, body.to_string().as_bytes()))
}

/// GitHub takes ten members at most, and a workflow reads the event's name elsewhere.
fn payload(body: &Json) -> Json {
    let mut body = body.clone();
    if let Some(members) = body.as_object_mut() {
        members.shift_remove("event");
    }
    body
}

fn answered(answer: Result<http::Answer, http::Failure>) -> Result<()> {
    let answer = answer?;
    if !answer.is_success() {
        bail!("it answered with the status {}", answer.status);
    }
    Ok(())
}
