//! A request's identity: its own id, and its place in a trace that began elsewhere.

use worker::Headers;

/// A request's id, and its W3C trace context.
pub(super) struct Trace {
    id: String,
    parent: String,
}

/// Longest id that is taken over from a client.
const LONGEST_ID: usize = 128;

impl Trace {
    /// Takes the client's id and trace over where they are sane, and makes what is missing.
    pub(super) fn continued(headers: &Headers) -> Self {
        let header = |name: &str| headers.get(name).ok().flatten();
        let id = header("x-request-id").filter(|id| is_id(id)).unwrap_or_else(random::<16>);
        let span = random::<8>();
        let parent = match header("traceparent").as_deref().and_then(incoming) {
            Some((trace, flags)) => format!("00-{trace}-{span}-{flags}"),
            None => format!("00-{}-{span}-00", random::<16>()),
        };
        Self { id, parent }
    }

    /// The request's id.
    pub(super) fn id(&self) -> &str {
        &self.id
    }

    /// The trace with this request as the parent of what follows, as `traceparent` has it.
    pub(super) fn parent(&self) -> &str {
        &self.parent
    }
}

/// Letters, digits and a few marks: nothing that could be read as something else in a log, and no address.
fn is_id(id: &str) -> bool {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'.' | b':');
    (1..=LONGEST_ID).contains(&id.len()) && id.bytes().all(plain)
}

/// The trace's id and flags in a `traceparent` (W3C Trace Context, section 3.2); a later version is read as version 00.
fn incoming(parent: &str) -> Option<(&str, &str)> {
    let mut parts = parent.trim().splitn(5, '-');
    let (version, trace, span, flags) = (parts.next()?, parts.next()?, parts.next()?, parts.next()?);
    let hex = |part: &str, digits: usize| {
        part.len() == digits && part.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'))
    };
    let zero = |part: &str| part.bytes().all(|byte| byte == b'0');
    let whole = hex(version, 2) && hex(trace, 32) && hex(span, 16) && hex(flags, 2);
    let more = version == "00" && parts.next().is_some();
    (whole && !more && version != "ff" && !zero(trace) && !zero(span)).then_some((trace, flags))
}

/// So many random bytes in hexadecimal.
fn random<const BYTES: usize>() -> String {
    let mut bytes = [0; BYTES];
    // It cannot fail while a request is served; an id of zeros would not be worth failing the request for.
    let _ = getrandom::fill(&mut bytes);
    base16ct::lower::encode_string(&bytes)
}
