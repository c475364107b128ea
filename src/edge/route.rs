//! Paths and methods to routes.

use super::problem::Problem;
use worker::Method;

/// What a request asks for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Route {
    /// Records to judge.
    Judge(Stage),
    /// The contract in force.
    Contract,
    /// The model in force.
    Model,
    /// The counts for Prometheus.
    Metrics,
    /// Whether the function runs.
    Health,
    /// Whether it can do its work.
    Ready,
    /// Its description.
    OpenApi,
    /// A file of the page.
    Page,
}

/// How far records go, and what of them comes back.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Stage {
    /// All the way; verdicts.
    Verdicts,
    /// Up to the masks, without a model; verdicts.
    Validate,
    /// Up to the masks; the accepted records alone.
    Mask,
    /// All the way, for a record that is expected to be accepted; verdicts.
    Score,
}

/// The routes of the API. `openapi.json` describes them, and a test holds the two together.
const ROUTES: [(&str, Route); 10] = [
    ("/v1/verdicts", Route::Judge(Stage::Verdicts)),
    ("/v1/validate", Route::Judge(Stage::Validate)),
    ("/v1/mask", Route::Judge(Stage::Mask)),
    ("/v1/score", Route::Judge(Stage::Score)),
    ("/v1/contract", Route::Contract),
    ("/v1/model", Route::Model),
    ("/metrics", Route::Metrics),
    ("/healthz", Route::Health),
    ("/readyz", Route::Ready),
    ("/openapi.json", Route::OpenApi),
];

/// Paths below these are never files, so that no file can pass for a route.
const API: [&str; 2] = ["/v1/", "/v2/"];

const READ: &str = "GET, HEAD";

impl Route {
    /// The route of a path.
    pub(super) fn of(path: &str, method: &Method) -> Result<Self, Problem> {
        let known = ROUTES.iter().find(|(known, _)| *known == path).map(|(_, route)| *route);
        let reads = matches!(method, Method::Get | Method::Head);
        match known {
            Some(route @ Self::Judge(_)) if *method == Method::Post => Ok(route),
            Some(Self::Judge(_)) => Err(Problem::Method { allow: "POST" }),
            Some(route) if reads => Ok(route),
            Some(_) => Err(Problem::Method { allow: READ }),
            None if API.iter().any(|prefix| path.starts_with(prefix)) => Err(Problem::NotFound),
            None if reads => Ok(Self::Page),
            None if path == "/" => Err(Problem::Method { allow: READ }),
            None => Err(Problem::NotFound),
        }
    }

    /// The route's name in metrics: its path, or `page` for any file.
    pub(super) fn label(self) -> &'static str {
        ROUTES.iter().find(|(_, route)| *route == self).map_or("page", |(path, _)| path)
    }

    /// Whether a request must show a key.
    pub(super) fn needs_key(self) -> bool {
        !matches!(self, Self::Health | Self::Ready | Self::OpenApi | Self::Page)
    }
}

impl Stage {
    /// Whether the model takes part.
    pub(super) fn scores(self) -> bool {
        matches!(self, Self::Verdicts | Self::Score)
    }

    /// Whether the caller of a single record is promised an accepted one, so that a rejection is an error.
    pub(super) fn promises(self) -> bool {
        matches!(self, Self::Mask | Self::Score)
    }
}
