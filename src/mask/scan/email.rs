//! E-mail addresses (RFC 5321, with the letters of RFC 6531), whatever the domain.

use super::hit::Hit;
use super::kind::{Confidence, Kind};
use super::text::{LETTER, SYMBOL, Text, is_alnum};
use std::ops::Range;

/// The address around an `@`; nothing of it before `floor`.
pub(super) fn find(text: Text<'_>, at: usize, floor: usize) -> Option<Hit> {
    between(text, at, at + 1, floor)
}

/// The address around the `%40` that a URL has for an `@`, of which the digits stand at a place.
pub(super) fn find_encoded(text: Text<'_>, digits: usize, floor: usize) -> Option<Hit> {
    let sign = digits.checked_sub(1).filter(|sign| *sign >= floor && text.slice(*sign, digits + 2) == b"%40")?;
    between(text, sign, digits + 2, floor)
}

fn between(text: Text<'_>, at: usize, domain: usize, floor: usize) -> Option<Hit> {
    let end = domain_end(text, domain)?;
    let start = quoted_start(text, at, floor).or_else(|| local_start(text, at, floor))?;
    Some(Hit::new(start, end, Kind::Email, Confidence::High))
}

/// A quoted local part may hold white space: it is looked for on the same line, as far back as it may be long.
fn quoted_start(text: Text<'_>, at: usize, floor: usize) -> Option<usize> {
    let close = at.checked_sub(1).filter(|close| text.at(*close) == b'"')?;
    let floor = floor.max(close.saturating_sub(64));
    let mut start = close;
    loop {
        start = text.skip_back(start, floor, |byte| !matches!(byte, b'"' | b'\n'));
        let open = start.checked_sub(1).filter(|open| *open >= floor && text.at(*open) == b'"')?;
        if text.before(open) != b'\\' {
            return (open + 1 < close).then_some(open);
        }
        start = open;
    }
}

fn local_start(text: Text<'_>, at: usize, floor: usize) -> Option<usize> {
    let is_local = |byte: u8| is_alnum(byte) || byte == SYMBOL || b"!#$%&'*+-/=?^_`{|}~.".contains(&byte);
    let mut start = text.skip_back(at, floor, is_local);
    start = after_key(text, start..at);
    // Punctuation at the start is more often the writer's than the address's, and tells nothing of anyone.
    start = text.skip(start, |byte| !is_alnum(byte) && byte != b'_' && byte != b'@');
    (start < at).then_some(start)
}

/// `email=anna` names a parameter first, and a URL a path.
fn after_key(text: Text<'_>, local: Range<usize>) -> usize {
    let from = |marks: &[u8]| text.skip_back(local.end, local.start, |byte| !marks.contains(&byte));
    let in_url = text.before(local.start) == b':' && text.slice(local.start, local.end).starts_with(b"//");
    if in_url {
        return from(b"/?&=#");
    }
    let value = from(b"=");
    let key =
        text.skip_back(value.saturating_sub(1), local.start, |byte| is_alnum(byte) || byte == b'_' || byte == b'-');
    let key = text.slice(key, value.saturating_sub(1)).to_ascii_lowercase();
    let names =
        [&b"to"[..], b"from", b"cc", b"bcc", b"user", b"login", b"username", b"contact", b"sender", b"recipient"];
    let is_key = names.contains(&key.as_slice()) || key.windows(4).any(|part| part == b"mail");
    if value > local.start && is_key { value } else { local.start }
}

/// The end of the labels of a domain: the last is a word, as top-level domains are, or the whole an IP address.
fn domain_end(text: Text<'_>, start: usize) -> Option<usize> {
    if text.at(start) == b'[' {
        let close = text.skip(start + 1, |byte| byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b':'));
        let literal = text.at(close) == b']' && close > start + 7 && close < start + 56;
        let numeric = text.slice(start, close).iter().any(u8::is_ascii_digit);
        return (literal && numeric).then_some(close + 1);
    }
    let run = text.skip(start, |byte| is_alnum(byte) || matches!(byte, b'.' | b'-'));
    let host = text.slice(start, run);
    let mut end = host.len();
    while let Some(domain) = host.get(..end).filter(|domain| !domain.is_empty()) {
        let last = domain.iter().rposition(|byte| *byte == b'.').map_or(0, |dot| dot + 1);
        let label = domain.get(last..).unwrap_or_default();
        let letters = label.iter().all(|byte| byte.is_ascii_alphabetic() || *byte == LETTER);
        let top = (letters && label.len() >= 2) || label.starts_with(b"xn--");
        if last > 1 && top {
            return Some(start + end);
        }
        end = last.saturating_sub(1);
    }
    let local =
        host.get(..9).is_some_and(|name| name.eq_ignore_ascii_case(b"localhost")) && !is_alnum(text.at(start + 9));
    local.then_some(start + 9).or_else(|| numeric_end(text, start))
}

fn numeric_end(text: Text<'_>, start: usize) -> Option<usize> {
    let end = text.skip(start, |byte| byte.is_ascii_digit() || byte == b'.');
    let host = std::str::from_utf8(text.slice(start, end)).ok()?.trim_end_matches('.');
    host.parse::<std::net::Ipv4Addr>().is_ok().then_some(start + host.len())
}
