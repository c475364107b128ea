//! The routes that take features instead of records.

use super::problem::{Problem, Taken};
use super::route::{OfModel, of_model as named};
use super::{answer, body, in_force, serving};
use crate::inference::{Fault, Served};
use crate::score::Model;
use serde_json::json;
use worker::{Env, Request, Response};

static TENSOR: Taken = Taken {
    media_types: "application/json",
    body: "an inference request with one tensor, features",
    longer: "send more rows in several",
};

static FRAME: Taken = Taken {
    media_types: "application/json, text/csv",
    body: "a data frame with a column for each of the model's features",
    longer: "send more rows in several",
};

/// What reads a body and answers it.
type Answering = fn(&Served, &Model, &[u8]) -> Result<Vec<u8>, Fault>;

/// The Open Inference Protocol's routes for one model.
pub(super) async fn of_model(what: OfModel, request: Request, env: &Env) -> Result<Response, Problem> {
    let path = request.path();
    let (name, version, _) = named(&path).ok_or(Problem::NotFound)?;
    in_force::with(|in_force| {
        let served = in_force.served();
        let missing = || Problem::NoSuchModel { name: served.name().to_owned(), version: served.version().to_owned() };
        if served.is(name, version) { Ok(()) } else { Err(missing()) }
    })??;
    match what {
        OfModel::Metadata => answer::json(&in_force::with(|in_force| in_force.served().metadata())?),
        OfModel::Ready => {
            serving::ready(env)?;
            answer::json(&json!({ "name": name, "ready": true }))
        }
        OfModel::Infer => {
            let stated = body::media_type(request.headers(), &TENSOR)?;
            // The protocol has one form only, and its clients often do not say which.
            if !matches!(stated.as_str(), "" | "application/json") {
                return Err(Problem::MediaType(&TENSOR));
            }
            score(Served::infer, request, &TENSOR, env).await
        }
    }
}

/// MLflow's scoring.
pub(super) async fn invocations(request: Request, env: &Env) -> Result<Response, Problem> {
    let answering = match body::media_type(request.headers(), &FRAME)?.as_str() {
        "application/json" => Served::invoke as Answering,
        "text/csv" => Served::invoke_csv,
        _ => return Err(Problem::MediaType(&FRAME)),
    };
    score(answering, request, &FRAME, env).await
}

/// The model that scores is the one that judges records. Features need no masks, but while there is no masking key the
/// function is not ready as a whole, and says so on all of its routes.
async fn score(
    answering: Answering,
    mut request: Request,
    taken: &'static Taken,
    env: &Env,
) -> Result<Response, Problem> {
    let serving = serving::get(env)?;
    let model = serving.model().ok_or(Problem::Internal("model"))?;
    let body = body::whole(&mut request, taken).await?;
    let answered = in_force::with(|in_force| answering(in_force.served(), model, &body))??;
    answer::bytes("application/json", answered)
}
