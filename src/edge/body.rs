//! Request bodies: what they claim to be, and how much of them is read.

use super::problem::{Problem, Taken};
use futures_util::StreamExt;
use worker::{ByteStream, Headers, Request};

/// The largest body that is no lines; it is held in memory as a whole, unlike lines.
pub(super) const LIMIT: usize = 10 << 20;

/// How records stand in a body.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Media {
    /// One record, or an array of records.
    Json,
    /// One record a line.
    Ndjson,
}

impl Media {
    /// How the records of a request stand in its body.
    pub(super) fn of(headers: &Headers) -> Result<Self, Problem> {
        match media_type(headers, &RECORDS)?.as_str() {
            "application/json" => Ok(Self::Json),
            // Its names that are in use; none is registered.
            "application/x-ndjson" | "application/ndjson" | "application/jsonl" | "application/x-jsonlines" => {
                Ok(Self::Ndjson)
            }
            _ => Err(Problem::MediaType(&RECORDS)),
        }
    }

    /// The media type of the answer.
    pub(super) fn name(self) -> &'static str {
        match self {
            Self::Json => "application/json",
            Self::Ndjson => "application/x-ndjson",
        }
    }
}

/// What the routes take that judge records.
pub(super) static RECORDS: Taken = Taken {
    media_types: "application/json, application/x-ndjson",
    body: "a record, an array of records, or records as lines",
    longer: "application/x-ndjson of any length",
};

/// Reads `Content-Encoding` and `Content-Type`: the media type in small letters, empty where none is stated.
pub(super) fn media_type(headers: &Headers, taken: &'static Taken) -> Result<String, Problem> {
    let encoding = headers.get("content-encoding")?.unwrap_or_default();
    if !encoding.is_empty() && !encoding.trim().eq_ignore_ascii_case("identity") {
        return Err(Problem::Encoding);
    }
    let stated = headers.get("content-type")?.unwrap_or_default().to_ascii_lowercase();
    let mut parts = stated.split(';').map(str::trim);
    let media_type = parts.next().unwrap_or_default().to_owned();
    let other = |part: &str| part.strip_prefix("charset=").is_some_and(|charset| charset.trim_matches('"') != "utf-8");
    if parts.any(other) { Err(Problem::MediaType(taken)) } else { Ok(media_type) }
}

/// The body as it arrives.
pub(super) fn chunks(request: &mut Request, taken: &'static Taken) -> Result<ByteStream, Problem> {
    if request.inner().body().is_none() {
        return Err(Problem::Empty(taken));
    }
    Ok(request.stream()?)
}

/// The next piece of a body that holds anything; none at its end.
pub(super) async fn next(chunks: &mut ByteStream) -> Option<worker::Result<Vec<u8>>> {
    loop {
        match chunks.next().await {
            Some(Ok(chunk)) if chunk.is_empty() => {}
            next => return next,
        }
    }
}

/// The body as a whole; it holds more than white space.
pub(super) async fn whole(request: &mut Request, taken: &'static Taken) -> Result<Vec<u8>, Problem> {
    let stated = request.headers().get("content-length")?.and_then(|length| length.trim().parse::<u64>().ok());
    if stated.is_some_and(|length| length > LIMIT as u64) {
        return Err(Problem::TooLarge { limit: LIMIT, taken });
    }
    let mut chunks = chunks(request, taken)?;
    let mut body = Vec::new();
    while let Some(chunk) = next(&mut chunks).await {
        let chunk = chunk?;
        if body.len() + chunk.len() > LIMIT {
            return Err(Problem::TooLarge { limit: LIMIT, taken });
        }
        body.extend_from_slice(&chunk);
    }
    if body.trim_ascii().is_empty() { Err(Problem::Empty(taken)) } else { Ok(body) }
}
