//! The page: files that the platform serves.

use super::problem::Problem;
use worker::{Env, Request, Response, ResponseBuilder};

/// A file of the page. The platform serves those that exist by itself, so what comes here is mostly what does not.
pub(super) async fn fetch(request: Request, env: &Env) -> Result<Response, Problem> {
    let Ok(files) = env.assets("ASSETS") else {
        return Err(Problem::NotFound);
    };
    let response = files.fetch_request(request).await?;
    if response.status_code() == 404 {
        return Err(Problem::NotFound);
    }
    // The headers of a response from elsewhere cannot be added to: it is made anew around the same body.
    let headers = response.headers().clone();
    let (status, (_, body)) = (response.status_code(), response.into_parts());
    Ok(ResponseBuilder::new().with_status(status).with_headers(headers).body(body))
}
