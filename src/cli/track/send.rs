//! Carries out a plan at a server.

use super::super::http::{Answer, Client, Failure, Patience};
use super::server::Server;
use crate::track::{Artifact, Body, Plan, Request, Step, artifact_path, filled};
use anyhow::{Context, Result, anyhow, bail};
use serde_json::Value as Json;
use std::collections::BTreeMap;
use std::time::Duration;

/// What was learnt from the answers.
pub(super) type Learnt = BTreeMap<&'static str, String>;

/// Does all of a plan.
pub(super) fn send(server: &Server, plan: &Plan) -> Result<Learnt> {
    let sender = Sender { server, client: client()? };
    let mut learnt = Learnt::new();
    for step in &plan.steps {
        sender
            .step(step, &mut learnt)
            .map_err(|error| anyhow!("the MLflow server {server}: {}: {error:#}", step.name))?;
    }
    Ok(learnt)
}

/// A client with MLflow's own variables for its patience and its authorities.
fn client() -> Result<Client> {
    let number = |name: &str| std::env::var(name).ok().and_then(|text| text.trim().parse::<u32>().ok());
    let mut patience = Patience::default();
    if let Some(seconds) = number("MLFLOW_HTTP_REQUEST_TIMEOUT").filter(|seconds| *seconds > 0) {
        patience.answer = Duration::from_secs(seconds.into());
    }
    if let Some(retries) = number("MLFLOW_HTTP_REQUEST_MAX_RETRIES") {
        patience.retries = retries.min(10);
    }
    let authorities = match std::env::var_os("MLFLOW_TRACKING_SERVER_CERT_PATH").filter(|path| !path.is_empty()) {
        Some(path) => Some(std::fs::read(&path).context("cannot read the file of MLFLOW_TRACKING_SERVER_CERT_PATH")?),
        None => None,
    };
    Ok(Client::new(patience, authorities.as_deref()))
}

struct Sender<'s> {
    server: &'s Server,
    client: Client,
}

/// How one request ended.
enum Tried {
    /// It did what it should.
    Done,
    /// There is nothing to be found, or what was to be made is there.
    Next(String),
}

impl Sender<'_> {
    fn step(&self, step: &Step, learnt: &mut Learnt) -> Result<()> {
        let mut why = String::new();
        for request in &step.tries {
            let answer = self.ask(request, learnt)?;
            match self.take(&answer, request, learnt)? {
                Tried::Done => return Ok(()),
                Tried::Next(reason) => why = reason,
            }
        }
        bail!(why)
    }

    fn ask(&self, request: &Request, learnt: &Learnt) -> Result<Answer> {
        // What was not learnt cannot stand in an address.
        let path = filled(&request.path, learnt).replace('{', "%7b").replace('}', "%7d");
        let (kind, body) = match &request.body {
            Body::None => (None, Vec::new()),
            Body::Json(json) => (Some("application/json"), filled_json(json, learnt).to_string().into_bytes()),
            Body::Text(text) => (Some("application/octet-stream"), filled(text, learnt).into_bytes()),
            Body::File(artifact) => (Some("application/octet-stream"), contents(artifact)?),
        };
        let mut headers = Vec::new();
        headers.extend(kind.map(|kind| ("Content-Type", kind)));
        headers.extend(self.server.authorization().map(|header| ("Authorization", header)));
        let url = self.server.url(&path);
        let answer = self.client.patiently(|| self.client.once(request.method, &url, &headers, &body));
        answer.map_err(|failure| match failure {
            Failure::Unusable(why) => Failure::Unusable(self.server.shown(&why)).into(),
            other => other.into(),
        })
    }

    fn take(&self, answer: &Answer, request: &Request, learnt: &mut Learnt) -> Result<Tried> {
        let json: Json = serde_json::from_slice(&answer.body).unwrap_or_default();
        let status = answer.status;
        if !answer.is_success() {
            let text = |member: &str| self.server.shown(json.get(member).and_then(Json::as_str).unwrap_or_default());
            let (code, message) = (text("error_code"), text("message"));
            let reason = [status.to_string(), code.clone(), message].join(" ");
            let reason = format!("it answered {}", reason.trim_end());
            return match code.as_str() {
                "RESOURCE_DOES_NOT_EXIST" | "RESOURCE_ALREADY_EXISTS" => Ok(Tried::Next(reason)),
                _ if matches!(status, 401 | 403) => bail!(
                    "{reason}: MLFLOW_TRACKING_TOKEN, or MLFLOW_TRACKING_USERNAME and MLFLOW_TRACKING_PASSWORD, must let one in"
                ),
                _ => Err(anyhow!(reason)),
            };
        }
        for (name, pointer) in &request.learns {
            let value = match json.pointer(pointer) {
                Some(Json::String(text)) => text.clone(),
                Some(Json::Number(number)) => number.to_string(),
                _ if json.is_object() => return Ok(Tried::Next(format!("it answered {status} without {name}"))),
                _ => bail!("it answered {status} with what is no JSON object: is it an MLflow server?"),
            };
            if *name == "artifact_uri" {
                let path = artifact_path(&value).with_context(|| {
                    let place = self.server.shown(&value);
                    format!("it keeps artifacts at {place}, out of its own reach: start it with --serve-artifacts")
                })?;
                learnt.insert("artifacts", path);
            }
            learnt.insert(name, value);
        }
        Ok(Tried::Done)
    }
}

fn filled_json(json: &Json, learnt: &Learnt) -> Json {
    match json {
        Json::String(text) => Json::String(filled(text, learnt)),
        Json::Array(items) => items.iter().map(|item| filled_json(item, learnt)).collect(),
        Json::Object(members) => members
            .iter()
            .map(|(key, value)| (key.clone(), filled_json(value, learnt)))
            .collect::<serde_json::Map<_, _>>()
            .into(),
        other => other.clone(),
    }
}

/// The bytes of a file, if they are still those that the run wrote.
fn contents(artifact: &Artifact) -> Result<Vec<u8>> {
    let bytes = std::fs::read(&artifact.path).with_context(|| format!("cannot read {}", artifact.path))?;
    if artifact.sums.as_ref().is_some_and(|sums| sums.sha256 != crate::contract::sha256_hex(&bytes)) {
        bail!("{} is not what the run wrote any more", artifact.path);
    }
    Ok(bytes)
}
