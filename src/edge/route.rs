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
    /// What the server of the Open Inference Protocol says of itself.
    Server,
    /// Whether that server runs.
    ServerLive,
    /// Whether it can do its work.
    ServerReady,
    /// Something about one model of that server.
    OfModel(OfModel),
    /// Features to score, as MLflow's tools send them.
    Invocations,
    /// Whether MLflow's server could do its work.
    Ping,
    /// The version of that server.
    Version,
    /// A file of the page.
    Page,
}

/// What is asked of a model of the Open Inference Protocol.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum OfModel {
    /// Its inputs and outputs.
    Metadata,
    /// Whether it can score.
    Ready,
    /// Scores.
    Infer,
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
const ROUTES: [(&str, Route); 20] = [
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
    ("/v2", Route::Server),
    // Its specification has both.
    ("/v2/", Route::Server),
    ("/v2/health/live", Route::ServerLive),
    ("/v2/health/ready", Route::ServerReady),
    ("/v2/models/{model}", Route::OfModel(OfModel::Metadata)),
    ("/v2/models/{model}/ready", Route::OfModel(OfModel::Ready)),
    ("/v2/models/{model}/infer", Route::OfModel(OfModel::Infer)),
    ("/invocations", Route::Invocations),
    ("/ping", Route::Ping),
    ("/version", Route::Version),
];

/// What a path below `/v2/models/` names: a model, perhaps one of its versions, and what of it.
pub(super) fn of_model(path: &str) -> Option<(&str, Option<&str>, OfModel)> {
    let mut steps = path.strip_prefix("/v2/models/")?.split('/');
    let name = steps.next().filter(|name| !name.is_empty())?;
    let (mut version, mut step) = (None, steps.next());
    if step == Some("versions") {
        version = Some(steps.next().filter(|version| !version.is_empty())?);
        step = steps.next();
    }
    let what = match step {
        None => OfModel::Metadata,
        Some("ready") => OfModel::Ready,
        Some("infer") => OfModel::Infer,
        Some(_) => return None,
    };
    steps.next().is_none().then_some((name, version, what))
}

/// Paths below these are never files, so that no file can pass for a route.
const API: [&str; 2] = ["/v1/", "/v2/"];

const READ: &str = "GET, HEAD";

impl Route {
    /// The route of a path.
    pub(super) fn of(path: &str, method: &Method) -> Result<Self, Problem> {
        let fixed = || ROUTES.iter().find(|(known, _)| *known == path).map(|(_, route)| *route);
        let known = of_model(path).map(|(.., what)| Self::OfModel(what)).or_else(fixed);
        let reads = matches!(method, Method::Get | Method::Head);
        match known {
            Some(route) if route.takes_body() => {
                if *method == Method::Post {
                    Ok(route)
                } else {
                    Err(Problem::Method { allow: "POST" })
                }
            }
            Some(route) if reads => Ok(route),
            Some(_) => Err(Problem::Method { allow: READ }),
            None if API.iter().any(|prefix| path.starts_with(prefix)) => Err(Problem::NotFound),
            None if reads => Ok(Self::Page),
            None if path == "/" => Err(Problem::Method { allow: READ }),
            None => Err(Problem::NotFound),
        }
    }

    fn takes_body(self) -> bool {
        matches!(self, Self::Judge(_) | Self::OfModel(OfModel::Infer) | Self::Invocations)
    }

    /// The route's name in metrics: its path, or `page` for any file.
    pub(super) fn label(self) -> &'static str {
        ROUTES.iter().find(|(_, route)| *route == self).map_or("page", |(path, _)| path)
    }

    /// Whether a request must show a key.
    pub(super) fn needs_key(self) -> bool {
        !matches!(
            self,
            Self::Health
                | Self::Ready
                | Self::OpenApi
                | Self::Page
                | Self::Server
                | Self::ServerLive
                | Self::ServerReady
                | Self::Ping
                | Self::Version
        )
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
