//! What is in force: the contract and the model, for readers and for caches.

use super::problem::Problem;
use super::serving;
use crate::contract::{Contract, sha256_hex};
use crate::inference::Served;
use crate::monitor::drift::Reference;
use crate::monitor::{Info, Watched};
use crate::score::{Engine, Model};
use serde_json::{Value as Json, json};
use std::cell::OnceCell;
use worker::{Headers, Response, ResponseBuilder};

/// The contract, and the model's card. They are known without a masking key.
pub(super) struct InForce {
    contract: Contract,
    model_name: String,
    model_sha256: String,
    card: Json,
    served: Served,
    reference: Option<Reference>,
}

thread_local! {
    static IN_FORCE: OnceCell<InForce> = const { OnceCell::new() };
}

/// Looks at what is in force.
pub(super) fn with<T>(look: impl FnOnce(&InForce) -> T) -> Result<T, Problem> {
    IN_FORCE.with(|known| {
        if known.get().is_none() {
            let (contract, model) = (serving::contract()?, serving::model()?);
            let _ = known.set(InForce::new(contract, &model));
        }
        known.get().map(look).ok_or(Problem::Internal("in force"))
    })
}

/// `GET /v1/contract`: the document itself.
pub(super) fn contract(headers: &Headers) -> Result<Response, Problem> {
    with(|in_force| cached(headers, "application/schema+json", in_force.contract.source().to_vec()))?
}

/// `GET /v1/model`: what the model says about itself.
pub(super) fn model(headers: &Headers) -> Result<Response, Problem> {
    with(|in_force| cached(headers, "application/json", in_force.card.to_string().into_bytes()))?
}

impl InForce {
    fn new(contract: Contract, model: &Model) -> Self {
        let name = format!("{}@{}", contract.name(), model.id());
        Self {
            card: card(&name, model),
            served: Served::new(contract.name(), contract.feature_names(), model),
            reference: serving::reference(&contract, model),
            model_name: name,
            model_sha256: model.sha256().to_owned(),
            contract,
        }
    }

    /// The contract.
    pub(super) fn contract(&self) -> &Contract {
        &self.contract
    }

    /// The model as the inference protocols name it.
    pub(super) fn served(&self) -> &Served {
        &self.served
    }

    /// The labels for Prometheus, and what drift is told by on a day since 1970.
    pub(super) fn info(&self, today: u32) -> Info<'_> {
        Info {
            contract: self.contract.name(),
            contract_version: self.contract.version(),
            contract_sha256: self.contract.sha256(),
            model: Some((&self.model_name, &self.model_sha256)),
            drift: self.reference.as_ref().map(|reference| Watched { reference, today }),
        }
    }
}

fn card(name: &str, model: &Model) -> Json {
    let metadata = model.metadata();
    let engine = match model.engine() {
        Engine::Forest => "forest",
        Engine::Tract => "tract",
    };
    json!({
        "name": name,
        "sha256": model.sha256(),
        "engine": engine,
        "features": metadata.features,
        "offset": model.forest().map(crate::forest::Forest::offset),
        "training": metadata.training,
        "anomaly_rate": metadata.anomaly_rate,
        "contract": metadata.contract,
        "version": metadata.version,
    })
}

/// A response that a cache may keep if it asks each time whether it still holds (RFC 9110, section 13.1.2).
fn cached(headers: &Headers, media_type: &str, body: Vec<u8>) -> Result<Response, Problem> {
    let tag = format!("\"{}\"", sha256_hex(&body));
    let builder =
        ResponseBuilder::new().with_header("etag", &tag)?.with_header("cache-control", "private, no-cache")?;
    let known = headers.get("if-none-match")?.unwrap_or_default();
    let same = |candidate: &str| candidate == "*" || candidate.strip_prefix("W/").unwrap_or(candidate) == tag;
    if known.split(',').map(str::trim).any(same) {
        return Ok(builder.with_status(304).empty());
    }
    Ok(builder.with_header("content-type", media_type)?.fixed(body))
}
