//! Requests to other machines: bounded in time and in what is read, tried again where that may help.

use super::stop;
use std::fmt;
use std::time::Duration;
use ureq::Agent;
use ureq::http::{Method, Request};
use ureq::tls::{PemItem, RootCerts, TlsConfig, parse_pem};

/// Most bytes that are read of an answer.
const MOST_BYTES: u64 = 4 << 20;

/// How long things may take, and how often they are tried.
#[derive(Clone, Copy, Debug)]
pub(super) struct Patience {
    /// For the connection.
    pub(super) connect: Duration,
    /// For the answer to begin once the request is sent, and for each part of it.
    pub(super) answer: Duration,
    /// For a body to be sent.
    pub(super) send: Duration,
    /// Tries after the first.
    pub(super) retries: u32,
    /// The pause before the first of these; each later one is twice as long.
    pub(super) pause: Duration,
}

impl Default for Patience {
    fn default() -> Self {
        Self {
            connect: Duration::from_secs(5),
            answer: Duration::from_secs(30),
            send: Duration::from_mins(5),
            retries: 3,
            pause: Duration::from_millis(500),
        }
    }
}

/// What a server answered; any status is an answer.
#[derive(Clone, Debug)]
pub(super) struct Answer {
    pub(super) status: u16,
    pub(super) body: Vec<u8>,
}

impl Answer {
    pub(super) fn is_success(&self) -> bool {
        (200..300).contains(&self.status)
    }

    /// Whether the same request may fare better later.
    fn is_passing(&self) -> bool {
        matches!(self.status, 408 | 429 | 500..=599)
    }
}

/// Why there is no answer. Nothing of the request is in it, least of all its address or its headers.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub(super) enum Failure {
    /// There is no connection, or it broke.
    Unreachable(String),
    /// It took too long.
    TimedOut,
    /// The request cannot be made, or the answer is none of HTTP.
    Unusable(String),
    /// The user asked to stop.
    Stopped,
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Unreachable(why) => write!(f, "it cannot be reached ({why})"),
            Self::TimedOut => f.write_str("it did not answer in time"),
            Self::Unusable(why) => write!(f, "it cannot be talked to ({why})"),
            Self::Stopped => f.write_str("interrupted"),
        }
    }
}

impl std::error::Error for Failure {}

/// Keeps connections open between requests.
pub(super) struct Client {
    agent: Agent,
    patience: Patience,
}

impl Client {
    /// A client that trusts the usual authorities, or those of a PEM file alone.
    pub(super) fn new(patience: Patience, authorities: Option<&[u8]>) -> Self {
        let certificate = |item| match item {
            Ok(PemItem::Certificate(certificate)) => Some(certificate),
            _ => None,
        };
        let roots = authorities.map(|pem| {
            let found: Vec<_> = parse_pem(pem).filter_map(certificate).collect();
            RootCerts::new_with_certs(&found)
        });
        let tls = TlsConfig::builder().root_certs(roots.unwrap_or(RootCerts::WebPki)).build();
        let config = Agent::config_builder()
            .tls_config(tls)
            .http_status_as_error(false)
            // A login page behind a redirect would look like success.
            .max_redirects(0)
            .max_redirects_will_error(false)
            .user_agent(concat!("tamis/", env!("CARGO_PKG_VERSION")))
            .timeout_connect(Some(patience.connect))
            .timeout_send_body(Some(patience.send))
            .timeout_recv_response(Some(patience.answer))
            .timeout_recv_body(Some(patience.answer));
        Self { agent: Agent::new_with_config(config.build()), patience }
    }

    /// Sends a request once.
    pub(super) fn once(
        &self,
        method: &str,
        url: &str,
        headers: &[(&str, &str)],
        body: &[u8],
    ) -> Result<Answer, Failure> {
        let method = Method::from_bytes(method.as_bytes()).map_err(|_| Failure::Unusable("no such method".into()))?;
        let mut request = Request::builder().method(&method).uri(url);
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        // The parser's words may quote what it could not parse.
        let unusable = |_| Failure::Unusable("its address or a header is malformed".into());
        let answer = if method == Method::GET {
            self.agent.run(request.body(()).map_err(unusable)?)
        } else {
            self.agent.run(request.body(body).map_err(unusable)?)
        };
        let mut answer = answer.map_err(|error| failure(&error))?;
        let status = answer.status().as_u16();
        let body = answer.body_mut().with_config().limit(MOST_BYTES).read_to_vec();
        Ok(Answer { status, body: body.map_err(|error| failure(&error))? })
    }

    /// Does something again, with growing pauses, while it fails in a way that may pass.
    pub(super) fn patiently(&self, mut try_it: impl FnMut() -> Result<Answer, Failure>) -> Result<Answer, Failure> {
        let mut pause = self.patience.pause;
        for _ in 0..self.patience.retries {
            match try_it() {
                Ok(answer) if answer.is_passing() => {}
                // A server that let us wait that long already would do so again.
                Err(Failure::Unreachable(_)) => {}
                settled => return settled,
            }
            wait(pause)?;
            pause = pause.saturating_mul(2);
        }
        try_it()
    }
}

/// Sends a body to an address, as webhooks do.
pub(super) fn post(url: &str, headers: &[(&str, &str)], body: &[u8]) -> Result<Answer, Failure> {
    let client = Client::new(Patience::default(), None);
    client.patiently(|| client.once("POST", url, headers, body))
}

/// Waits, unless the user asks to stop.
fn wait(mut pause: Duration) -> Result<(), Failure> {
    let step = Duration::from_millis(100);
    while !pause.is_zero() {
        if stop::requested() {
            return Err(Failure::Stopped);
        }
        std::thread::sleep(pause.min(step));
        pause = pause.saturating_sub(step);
    }
    Ok(())
}

fn failure(error: &ureq::Error) -> Failure {
    match error {
        ureq::Error::Timeout(_) => Failure::TimedOut,
        ureq::Error::Io(error) => Failure::Unreachable(error.kind().to_string()),
        ureq::Error::HostNotFound => Failure::Unreachable("there is no such host".into()),
        ureq::Error::ConnectionFailed => Failure::Unreachable("no connection".into()),
        ureq::Error::Rustls(error) => Failure::Unusable(error.to_string()),
        ureq::Error::Tls(what) => Failure::Unusable((*what).to_owned()),
        ureq::Error::BodyExceedsLimit(_) => Failure::Unusable("its answer is too long".into()),
        ureq::Error::Protocol(_) => Failure::Unusable("its answer is not HTTP".into()),
        // Other kinds may quote the address.
        _ => Failure::Unusable("the request failed".into()),
    }
}
