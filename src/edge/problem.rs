//! Errors in the words of RFC 9457: the one place where they get a status and a text.

use crate::inference::{Fault, Flaw, Place};
use serde_json::{Map, Value as Json, json};

/// What a route takes, for those who sent something else.
#[derive(Debug)]
pub(super) struct Taken {
    /// Its media types, as `Accept-Post` lists them.
    pub(super) media_types: &'static str,
    /// What to send.
    pub(super) body: &'static str,
    /// How to send more than fits into one body.
    pub(super) longer: &'static str,
}

/// In which words else an error is said, for clients that know nothing of RFC 9457. All of them are members beside its own,
/// which the RFC provides for (section 3.2), so that either kind of client finds what it looks for in one body.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Dialect {
    /// None.
    Plain,
    /// The Open Inference Protocol's `error`.
    OpenInference,
    /// MLflow's `error_code` and `message`.
    Mlflow,
}

impl Dialect {
    /// That of the protocol that a path belongs to.
    pub(super) fn of(path: &str) -> Self {
        match path {
            "/invocations" | "/ping" | "/version" => Self::Mlflow,
            "/v2" => Self::OpenInference,
            _ if path.starts_with("/v2/") => Self::OpenInference,
            _ => Self::Plain,
        }
    }
}

/// Why a request is not served.
#[derive(Debug)]
pub(super) enum Problem {
    /// The body is not JSON.
    NotJson {
        /// 1-based line of the fault in the body.
        line: usize,
        /// Its offset in the body, in bytes from 0.
        byte: usize,
        /// What should stand there.
        expected: String,
    },
    /// There is no body.
    Empty(&'static Taken),
    /// A parameter of the query has no value that can be used.
    Parameter {
        /// The parameter.
        name: &'static str,
        /// What it takes.
        expected: &'static str,
    },
    /// No keys are configured, so nobody is let in.
    Locked,
    /// A key is missing or not accepted.
    Key {
        /// Whether one was shown.
        shown: bool,
    },
    /// There is no such route or file.
    NotFound,
    /// The route does not take the method.
    Method {
        /// Those that it takes.
        allow: &'static str,
    },
    /// The body passes the limit.
    TooLarge {
        /// The limit in bytes.
        limit: usize,
        /// What the route takes.
        taken: &'static Taken,
    },
    /// The body's media type is not one that is read.
    MediaType(&'static Taken),
    /// The body is compressed.
    Encoding,
    /// A single record was to be accepted and is not; the violations of its verdict.
    Rejected(Json),
    /// The body does not hold rows of the model's features.
    Features(Fault),
    /// Another model or version is asked for than the one that is served, whose name and version these are.
    NoSuchModel {
        /// The name of the one model.
        name: String,
        /// Its version.
        version: String,
    },
    /// The masking key is missing or unusable; says which.
    NoMaskingKey(String),
    /// The contract or the model cannot be used; says why.
    NoModel(String),
    /// The function cannot do its work yet; says why.
    NotReady(String),
    /// Something failed that should not; the kind of error alone, for its text may hold anything.
    Internal(&'static str),
}

impl Problem {
    /// The HTTP status.
    pub(super) fn status(&self) -> u16 {
        match self {
            Self::TooLarge { .. } | Self::Features(Fault { flaw: Flaw::Rows { .. }, .. }) => 413,
            Self::NotJson { .. } | Self::Empty(_) | Self::Parameter { .. } | Self::Features(_) => 400,
            Self::Locked | Self::Key { .. } => 401,
            Self::NotFound | Self::NoSuchModel { .. } => 404,
            Self::Method { .. } => 405,
            Self::MediaType(_) | Self::Encoding => 415,
            Self::Rejected(_) => 422,
            Self::Internal(_) => 500,
            Self::NoMaskingKey(_) | Self::NoModel(_) | Self::NotReady(_) => 503,
        }
    }

    /// The last part of the problem's `type` and its title.
    fn kind(&self) -> (&'static str, &'static str) {
        match self {
            Self::NotJson { .. } => ("not-json", "The body is not JSON"),
            Self::Empty(_) => ("empty-body", "The body is empty"),
            Self::Parameter { .. } => ("parameter", "A parameter of the query has no usable value"),
            Self::Locked => ("keys-not-configured", "No keys are configured"),
            Self::Key { .. } => ("key", "A key is needed"),
            Self::NotFound => ("not-found", "There is nothing here"),
            Self::NoSuchModel { .. } => ("no-such-model", "There is no such model"),
            Self::Method { .. } => ("method", "The route does not take this method"),
            Self::TooLarge { .. } => ("too-large", "The body is too large"),
            Self::MediaType(_) => ("media-type", "The body's media type is not supported"),
            Self::Encoding => ("content-encoding", "The body's content encoding is not supported"),
            Self::Features(_) => ("features", "The body does not hold rows of the model's features"),
            Self::Rejected(_) => ("contract-violation", "The record violates the contract"),
            Self::NoMaskingKey(_) => ("no-masking-key", "There is no masking key"),
            Self::NoModel(_) => ("no-model", "There is no usable model"),
            Self::NotReady(_) => ("not-ready", "The function is not ready"),
            Self::Internal(_) => ("internal", "The function failed"),
        }
    }

    /// What happened this time, and what to do about it. It holds nothing that came with the request.
    pub(super) fn detail(&self) -> String {
        match self {
            Self::NotJson { line, byte, expected } => {
                format!("line {line}, byte {byte} of the body: expected {expected}")
            }
            Self::Empty(taken) => format!("send {}", taken.body),
            Self::Parameter { name, expected } => format!("{name} takes {expected}"),
            Self::Locked => "set TAMIS_API_KEYS to the SHA-256 of each key, or TAMIS_OPEN=1 to ask for none".into(),
            Self::Key { shown: false } => "send a key as Authorization: Bearer".into(),
            Self::Key { shown: true } => "the key is not among those that are accepted".into(),
            Self::NotFound => "GET /openapi.json lists the routes".into(),
            Self::Method { allow } => format!("it takes {allow}"),
            Self::TooLarge { limit, taken } => format!("a body is taken up to {limit} bytes; {}", taken.longer),
            Self::MediaType(taken) => format!("send {}, in UTF-8", taken.media_types.replace(", ", " or ")),
            Self::Encoding => "send the body as it is, without a content encoding".into(),
            Self::Features(fault) => fault.to_string(),
            Self::NoSuchModel { name, version } => format!("the one model is {name}, its version {version}"),
            Self::Rejected(_) => {
                "the members of errors say what is wrong; POST /v1/verdicts gives the whole verdict".into()
            }
            Self::NoMaskingKey(reason) | Self::NoModel(reason) | Self::NotReady(reason) => reason.clone(),
            Self::Internal(_) => "it was logged under the request's id".into(),
        }
    }

    /// The document of RFC 9457.
    pub(super) fn document(&self, request_id: &str, dialect: Dialect) -> Json {
        let (kind, title) = self.kind();
        let mut document = Map::new();
        let mut put = |name: &str, value: Json| document.insert(name.to_owned(), value);
        put("type", format!("urn:tamis:problem:{kind}").into());
        put("title", title.into());
        put("status", self.status().into());
        put("detail", self.detail().into());
        put("request_id", request_id.into());
        match self {
            Self::NotJson { line, byte, .. } => {
                put("line", json!(line));
                put("byte", json!(byte));
            }
            Self::Rejected(violations) => {
                put("errors", violations.clone());
            }
            Self::Features(Fault { place: Place::Pointer(pointer), .. }) => {
                put("pointer", pointer.as_str().into());
            }
            _ => {}
        }
        match dialect {
            Dialect::Plain => {}
            Dialect::OpenInference => {
                put("error", self.detail().into());
            }
            Dialect::Mlflow => {
                put("error_code", self.error_code().into());
                put("message", self.detail().into());
            }
        }
        Json::Object(document)
    }

    /// The name that MLflow has for an error of this kind.
    fn error_code(&self) -> &'static str {
        match self.status() {
            401 => "UNAUTHENTICATED",
            404 | 405 => "ENDPOINT_NOT_FOUND",
            500 => "INTERNAL_ERROR",
            503 => "TEMPORARILY_UNAVAILABLE",
            _ => "BAD_REQUEST",
        }
    }

    /// The headers that go with the status.
    pub(super) fn header(&self) -> Option<(&'static str, &'static str)> {
        match self {
            Self::Locked | Self::Key { shown: false } => Some(("www-authenticate", "Bearer realm=\"tamis\"")),
            Self::Key { shown: true } => Some(("www-authenticate", "Bearer realm=\"tamis\", error=\"invalid_token\"")),
            Self::Method { allow } => Some(("allow", allow)),
            Self::MediaType(taken) => Some(("accept-post", taken.media_types)),
            Self::Encoding => Some(("accept-encoding", "identity")),
            _ => None,
        }
    }
}

impl From<Fault> for Problem {
    fn from(fault: Fault) -> Self {
        match (&fault.flaw, &fault.place) {
            (Flaw::Engine, _) => Self::Internal("engine"),
            (Flaw::Syntax { .. } | Flaw::Utf8, Place::Text { line, byte }) => {
                let expected = fault.flaw.to_string();
                let expected = expected.strip_prefix("expected ").unwrap_or(&expected).to_owned();
                Self::NotJson { line: *line, byte: *byte, expected }
            }
            _ => Self::Features(fault),
        }
    }
}

impl From<worker::Error> for Problem {
    /// Only the error's kind is kept: its text may quote the request.
    fn from(error: worker::Error) -> Self {
        Self::Internal((&error).into())
    }
}
