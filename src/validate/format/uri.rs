//! URIs and references to them (RFC 3986 appendix A).

use std::net::{Ipv4Addr, Ipv6Addr};

/// A URI with its scheme.
pub(super) fn is_uri(text: &str) -> bool {
    text.split_once(':').is_some_and(|(scheme, rest)| is_scheme(scheme) && is_rest(rest, false))
}

/// A URI, or one that is relative to another.
pub(super) fn is_reference(text: &str) -> bool {
    is_uri(text) || is_rest(text, true)
}

fn is_scheme(scheme: &str) -> bool {
    scheme.starts_with(|first: char| first.is_ascii_alphabetic())
        && scheme.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'+' | b'-' | b'.'))
}

/// What follows the scheme. The first segment of a relative path may hold no colon, or it would be a scheme.
fn is_rest(text: &str, relative: bool) -> bool {
    let (text, fragment) = text.split_once('#').map_or((text, None), |(text, fragment)| (text, Some(fragment)));
    let (hierarchy, query) = text.split_once('?').map_or((text, None), |(text, query)| (text, Some(query)));
    let path = if let Some(rest) = hierarchy.strip_prefix("//") {
        let end = rest.find('/').unwrap_or(rest.len());
        let Some((authority, path)) = rest.split_at_checked(end) else { return false };
        if !is_authority(authority) {
            return false;
        }
        path
    } else {
        let first = hierarchy.split('/').next().unwrap_or_default();
        if relative && first.contains(':') {
            return false;
        }
        hierarchy
    };
    of(path, b":@/")
        && query.is_none_or(|query| of(query, b":@/?"))
        && fragment.is_none_or(|fragment| of(fragment, b":@/?"))
}

fn is_authority(authority: &str) -> bool {
    let (user, host) = authority.rsplit_once('@').map_or(("", authority), |(user, host)| (user, host));
    let (host, port) = match host.strip_prefix('[') {
        Some(rest) => match rest.split_once(']') {
            Some((literal, after)) if is_literal(literal) => ("", after),
            _ => return false,
        },
        None => host.find(':').and_then(|at| host.split_at_checked(at)).unwrap_or((host, "")),
    };
    let port_fits =
        port.is_empty() || port.strip_prefix(':').is_some_and(|port| port.bytes().all(|it| it.is_ascii_digit()));
    of(user, b":") && port_fits && (host.parse::<Ipv4Addr>().is_ok() || of(host, b""))
}

/// What stands in brackets: an IPv6 address, or an address of a version to come.
fn is_literal(literal: &str) -> bool {
    let future =
        literal.strip_prefix(['v', 'V']).and_then(|rest| rest.split_once('.')).is_some_and(|(version, rest)| {
            !version.is_empty()
                && version.bytes().all(|byte| byte.is_ascii_hexdigit())
                && !rest.is_empty()
                && of(rest, b":")
        });
    literal.parse::<Ipv6Addr>().is_ok() || future
}

/// Whether a text is of unreserved letters, sub-delimiters, percent-encoded bytes and some more.
fn of(text: &str, more: &[u8]) -> bool {
    let mut bytes = text.bytes();
    while let Some(byte) = bytes.next() {
        let good = match byte {
            b'%' => {
                let mut digit = || bytes.next().is_some_and(|byte| byte.is_ascii_hexdigit());
                digit() && digit()
            }
            b'-' | b'.' | b'_' | b'~' | b'!' | b'$' | b'&' | b'\'' | b'(' | b')' | b'*' | b'+' | b',' | b';' | b'=' => {
                true
            }
            _ => byte.is_ascii_alphanumeric() || more.contains(&byte),
        };
        if !good {
            return false;
        }
    }
    true
}
