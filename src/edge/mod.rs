//! The edge function: a Cloudflare Worker that lets records through the same way as the command line does, with the
//! same bytes as the result.
//!
//! ```text
//! request -> route -> access -> body -> judge -> answer
//!                                         |
//!                                       tally -> ledger -> the object `Monitor`
//! ```
//! Nothing is decided here: routes, media types, keys and status codes are translated, the judging is
//! [`crate::stream`]'s, and the protocols for features instead of records are [`crate::inference`]'s. Every error becomes a [`problem::Problem`], and none of them holds a value of a record.
//!
//! What the Worker is told (variables and secrets; bindings are in `wrangler.toml`):
//! - `TAMIS_KEY`: the masking key. There is never a random one here, for its tokens would differ from instance to
//!   instance; without it the routes that take records answer 503.
//! - `TAMIS_API_KEYS`: the SHA-256 of each accepted key, in hexadecimal, separated by commas.
//! - `TAMIS_OPEN=1`: no key is asked for where none is configured, as in local development.

mod access;
mod answer;
mod body;
mod in_force;
mod inference;
mod judge;
mod ledger;
mod lines;
mod monitor;
mod openapi;
mod page;
mod problem;
mod route;
mod serving;
mod tally;
mod task;
mod trace;

use problem::{Dialect, Problem};
use route::Route;
use serde_json::json;
use std::rc::Rc;
use tally::Tally;
use trace::Trace;
use worker::{Context, Env, Method, Request, Response, event};

/// Takes a request from the runtime.
#[event(fetch)]
async fn fetch(request: Request, env: Env, context: Context) -> worker::Result<Response> {
    let (trace, method) = (Trace::continued(request.headers()), request.method());
    let path = request.path();
    let (route, dialect) = (Route::of(&path, &method), Dialect::of(&path));
    let tally = Rc::new(Tally::begin(route.as_ref().map_or("other", |route| route.label()), &env, context));
    let answer = match route {
        Ok(route) => serve(route, request, &env, &tally).await,
        Err(problem) => Err(problem),
    };
    let response = match answer {
        Ok(response) => response,
        Err(problem) => answer::refuse(&problem, &trace, dialect)?,
    };
    tally.answered(response.status_code());
    let response = if method == Method::Head { answer::head(response) } else { response };
    answer::stamp(response, &trace)
}

async fn serve(route: Route, request: Request, env: &Env, tally: &Rc<Tally>) -> Result<Response, Problem> {
    if route.needs_key() {
        access::check(request.headers(), env)?;
    }
    match route {
        Route::Judge(stage) => judge::judge(stage, request, &*serving::get(env)?, tally).await,
        Route::Contract => in_force::contract(request.headers()),
        Route::Model => in_force::model(request.headers()),
        Route::Metrics => monitor::page(env).await,
        Route::Health => answer::json(&json!({ "status": "ok" })),
        Route::Ready | Route::Ping => {
            serving::ready(env)?;
            answer::json(&json!({ "status": "ready" }))
        }
        Route::Server => answer::json(&crate::inference::server()),
        Route::ServerLive => answer::json(&json!({ "live": true })),
        Route::ServerReady => {
            serving::ready(env)?;
            answer::json(&json!({ "ready": true }))
        }
        Route::OfModel(what) => inference::of_model(what, request, env).await,
        Route::Invocations => inference::invocations(request, env).await,
        Route::Version => answer::bytes("text/plain", env!("CARGO_PKG_VERSION").into()),
        Route::OpenApi => openapi::answer(),
        Route::Page => page::fetch(request, env).await,
    }
}
