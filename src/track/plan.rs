//! What an `MLflow` server is asked, in order, so that it knows a run.
//!
//! The plan is data: it can be printed and compared without a server. What an answer tells stands in later requests as
//! `{run_id}` and the like. Every step finds what it would make before it makes it, so a plan that broke off may be
//! carried out again, and the server has the run once.

use super::names::{self, escaped};
use super::package::{MODEL, Package};
use super::run::{Artifact, Dataset, Kind, Register, RunLog};
use serde_json::{Value as Json, json};
use std::collections::BTreeMap;

const API: &str = "/api/2.0/mlflow";
/// The server's own limits on one request of `log-batch`, which also bound its size.
const MOST_METRICS: usize = 800;
const MOST_PARAMS: usize = 50;
/// The longest value of a parameter, in letters.
const MOST_VALUE: usize = 6000;

/// What is asked, in order.
#[derive(Debug, PartialEq)]
pub(crate) struct Plan {
    pub(crate) steps: Vec<Step>,
}

/// One thing to be done, and the ways to do it.
#[derive(Debug, PartialEq)]
pub(crate) struct Step {
    /// What it does, as a verb, for messages.
    pub(crate) name: String,
    /// The requests to try: the next one where the one before finds nothing, or what it makes is there already.
    pub(crate) tries: Vec<Request>,
}

/// One request.
#[derive(Debug, PartialEq)]
pub(crate) struct Request {
    pub(crate) method: &'static str,
    /// Behind the server's address.
    pub(crate) path: String,
    pub(crate) body: Body,
    /// What its answer must tell.
    pub(crate) learns: Vec<Learn>,
}

/// A name, and where in an answer its value stands, as a JSON Pointer.
pub(crate) type Learn = (&'static str, &'static str);

/// The body of a request.
#[derive(Debug, PartialEq)]
pub(crate) enum Body {
    None,
    Json(Json),
    Text(String),
    /// The bytes of a file that the run wrote.
    File(Artifact),
}

impl Plan {
    /// The plan for a run; `package` says what stands beside its model. Without it no model is sent.
    pub(crate) fn of(run: &RunLog, package: Option<&Package<'_>>) -> Self {
        let mut steps = vec![experiment(&run.experiment), begin(run)];
        steps.extend(figures(run));
        steps.extend(inputs(run));
        for artifact in &run.artifacts {
            match artifact.kind {
                Kind::Data => {}
                Kind::Document => steps.push(upload(file_name(&artifact.path), Body::File(artifact.clone()))),
                Kind::Model => steps.extend(package.into_iter().flat_map(|package| folder(run, artifact, package))),
            }
        }
        let finished = json!({ "run_id": "{run_id}", "status": "FINISHED", "end_time": run.ended });
        steps.push(post("close the run", "runs/update", finished));
        if let Some(register) = run.register.as_ref().filter(|_| package.is_some()) {
            steps.extend(registration(run, register));
        }
        Self { steps }
    }
}

fn request(method: &'static str, path: String, body: Body, learns: &[Learn]) -> Request {
    Request { method, path, body, learns: learns.to_vec() }
}

fn get(path: &str, query: &[(&str, &str)], learns: &[Learn]) -> Request {
    let pairs: Vec<_> = query.iter().map(|(name, value)| format!("{name}={}", escaped(value, "{}"))).collect();
    request("GET", format!("{API}/{path}?{}", pairs.join("&")), Body::None, learns)
}

fn make(path: &str, body: Json, learns: &[Learn]) -> Request {
    request("POST", format!("{API}/{path}"), Body::Json(body), learns)
}

fn post(name: &str, path: &str, body: Json) -> Step {
    Step { name: name.to_owned(), tries: vec![make(path, body, &[])] }
}

fn experiment(name: &str) -> Step {
    let find = || {
        get("experiments/get-by-name", &[("experiment_name", name)], &[("experiment_id", "/experiment/experiment_id")])
    };
    let create = make("experiments/create", json!({ "name": name }), &[("experiment_id", "/experiment_id")]);
    // Another run may have made it between the two.
    Step { name: "find or make the experiment".to_owned(), tries: vec![find(), create, find()] }
}

fn begin(run: &RunLog) -> Step {
    let filter = format!("tags.\"tamis.id\" = '{}'", run.id);
    let find = json!({ "experiment_ids": ["{experiment_id}"], "filter": filter, "max_results": 1 });
    let new = json!({
        "experiment_id": "{experiment_id}",
        "run_name": run.name,
        "start_time": run.started,
        // Told at once, so that the run is found again should this be the last that is heard.
        "tags": pairs(&BTreeMap::from([("tamis.id".to_owned(), run.id.clone())])),
    });
    let found = [("run_id", "/runs/0/info/run_id"), ("artifact_uri", "/runs/0/info/artifact_uri")];
    let begun = [("run_id", "/run/info/run_id"), ("artifact_uri", "/run/info/artifact_uri")];
    Step {
        name: "begin the run".to_owned(),
        tries: vec![make("runs/search", find, &found), make("runs/create", new, &begun)],
    }
}

fn pairs(map: &BTreeMap<String, String>) -> Vec<Json> {
    let value = |value: &str| value.chars().take(MOST_VALUE).collect::<String>();
    map.iter().map(|(key, text)| json!({ "key": key, "value": value(text) })).collect()
}

/// Parameters, tags and metrics, in as few requests as the server's limits allow.
fn figures(run: &RunLog) -> impl Iterator<Item = Step> {
    let batch = |member: &'static str, list: &[Json]| {
        post("send parameters, tags and metrics", "runs/log-batch", json!({ "run_id": "{run_id}", member: list }))
    };
    let tags = {
        let mut tags = run.tags.clone();
        tags.insert("mlflow.source.name".to_owned(), format!("tamis {}", run.command));
        tags.insert("mlflow.source.type".to_owned(), "LOCAL".to_owned());
        tags
    };
    let metric =
        |(key, value): (&String, &f64)| json!({ "key": key, "value": value, "timestamp": run.ended, "step": 0 });
    let metrics: Vec<_> = run.metrics.iter().map(metric).collect();
    let mut steps: Vec<_> = pairs(&run.params).chunks(MOST_PARAMS).map(|list| batch("params", list)).collect();
    steps.extend(pairs(&tags).chunks(MOST_PARAMS).map(|list| batch("tags", list)));
    steps.extend(metrics.chunks(MOST_METRICS).map(|list| batch("metrics", list)));
    steps.into_iter()
}

fn inputs(run: &RunLog) -> Option<Step> {
    let dataset = |data: &Dataset| {
        let sums = data.sums.as_ref()?;
        let name = if data.path == "-" { "stdin" } else { file_name(&data.path) };
        let tag = json!({ "key": "mlflow.data.context", "value": data.context });
        Some(json!({
            "tags": [tag],
            "dataset": {
                "name": name,
                // What DVC calls the same bytes.
                "digest": sums.md5,
                "source_type": "local",
                "source": json!({ "uri": data.path }).to_string(),
                "profile": json!({ "bytes": sums.bytes, "sha256": sums.sha256 }).to_string(),
            },
        }))
    };
    let datasets: Vec<_> = run.datasets.iter().filter_map(dataset).collect();
    (!datasets.is_empty())
        .then(|| post("send what was read", "runs/log-inputs", json!({ "run_id": "{run_id}", "datasets": datasets })))
}

fn file_name(path: &str) -> &str {
    path.rsplit(['/', '\\']).next().unwrap_or(path)
}

fn upload(name: &str, body: Body) -> Step {
    let path = format!("/api/2.0/mlflow-artifacts/artifacts/{{artifacts}}/{}", escaped(name, "/"));
    Step { name: format!("upload {name}"), tries: vec![request("PUT", path, body, &[])] }
}

fn folder<'p>(run: &'p RunLog, artifact: &'p Artifact, package: &'p Package<'_>) -> impl Iterator<Item = Step> + 'p {
    let model = upload(&format!("model/{MODEL}"), Body::File(artifact.clone()));
    let beside = package.files(run.ended).into_iter();
    std::iter::once(model).chain(beside.map(|(name, text)| upload(&format!("model/{name}"), Body::Text(text))))
}

fn registration(run: &RunLog, register: &Register) -> Vec<Step> {
    let name = names::model(&register.name);
    let find = || get("registered-models/get", &[("name", &name)], &[]);
    let create = make("registered-models/create", json!({ "name": name }), &[]);
    let filter = format!("name='{name}' and run_id='{{run_id}}'");
    let known = get(
        "model-versions/search",
        &[("filter", &filter), ("max_results", "1")],
        &[("version", "/model_versions/0/version")],
    );
    let told = ["tamis.model.sha256", "tamis.contract", "tamis.contract.sha256"];
    let tags = run.tags.iter().filter(|(key, _)| told.contains(&key.as_str()));
    let tags = pairs(&tags.map(|(key, value)| (key.clone(), value.clone())).collect());
    let body = json!({ "name": name, "source": "{artifact_uri}/model", "run_id": "{run_id}", "tags": tags });
    let version = make("model-versions/create", body, &[("version", "/model_version/version")]);
    let mut steps = vec![
        Step { name: "find or make the registered model".to_owned(), tries: vec![find(), create, find()] },
        Step { name: "register the version".to_owned(), tries: vec![known, version] },
    ];
    if let Some(alias) = &register.alias {
        let body = json!({ "name": name, "alias": alias, "version": "{version}" });
        steps.push(post("move the alias", "registered-models/alias", body));
    }
    steps
}

/// A text with what was learnt in the place of its names.
pub(crate) fn filled(text: &str, learnt: &BTreeMap<&'static str, String>) -> String {
    learnt.iter().fold(text.to_owned(), |text, (name, value)| text.replace(&format!("{{{name}}}"), value))
}

/// Where a run's artifacts stand behind the server's own address; none where the server has them elsewhere, out of our
/// reach.
pub(crate) fn artifact_path(uri: &str) -> Option<String> {
    let rest = uri.strip_prefix("mlflow-artifacts:")?;
    let path = match rest.strip_prefix("//") {
        Some(rest) => rest.split_once('/').map_or("", |(_, path)| path),
        None => rest,
    };
    let path = path.trim_matches('/');
    (!path.is_empty() && !path.split('/').any(|step| step == "..")).then(|| escaped(path, "/"))
}

#[cfg(test)]
mod tests;
