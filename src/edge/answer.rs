//! Responses: how they are made, and what every one of them carries.

use super::problem::{Dialect, Problem};
use super::trace::Trace;
use serde::Serialize;
use worker::{Response, ResponseBuilder, console_error};

/// A response with a body.
pub(super) fn bytes(media_type: &str, body: Vec<u8>) -> Result<Response, Problem> {
    Ok(ResponseBuilder::new().with_header("content-type", media_type)?.fixed(body))
}

/// A response with a JSON body.
pub(super) fn json<T: Serialize>(value: &T) -> Result<Response, Problem> {
    Ok(ResponseBuilder::new().from_json(value)?)
}

/// The response to a request that is not served.
pub(super) fn refuse(problem: &Problem, trace: &Trace, dialect: Dialect) -> worker::Result<Response> {
    let document = problem.document(trace.id(), dialect);
    if let Problem::Internal(kind) = problem {
        console_error!("{}", serde_json::json!({ "error": kind, "request_id": trace.id(), "trace": trace.parent() }));
    }
    let mut response =
        ResponseBuilder::new().with_status(problem.status()).with_header("content-type", "application/problem+json")?;
    if let Some((name, value)) = problem.header() {
        response = response.with_header(name, value)?;
    }
    Ok(response.fixed(document.to_string().into_bytes()))
}

/// The response without its body, as HEAD asks for.
pub(super) fn head(response: Response) -> Response {
    let (builder, _) = response.into_parts();
    builder.empty()
}

/// Adds what every response carries: the request's id, its trace, and that nobody is to keep it or to take it for
/// something else than it says. What the response says itself about caching stands.
pub(super) fn stamp(response: Response, trace: &Trace) -> worker::Result<Response> {
    let headers = response.headers();
    headers.set("x-request-id", trace.id())?;
    headers.set("traceparent", trace.parent())?;
    headers.set("x-content-type-options", "nosniff")?;
    if !headers.has("cache-control")? {
        headers.set("cache-control", "no-store")?;
    }
    Ok(response)
}
