//! Web addresses.

use super::Codes;
use crate::contract::{Field, Types};
use crate::record::document::{Document, NodeId, Value};

/// The parts of an http(s) URL that a mask tells apart.
pub(crate) struct Parts<'t> {
    /// `http` or `https`, as written.
    pub(crate) scheme: &'t str,
    /// Host and port.
    pub(crate) host: &'t str,
    /// From the first slash on, without query and fragment.
    pub(crate) path: &'t str,
}

/// Splits an http(s) URL (RFC 3986 section 3); none for anything else.
pub(crate) fn parts(text: &str) -> Option<Parts<'_>> {
    let (scheme, rest) = text.split_once("://")?;
    if !(scheme.eq_ignore_ascii_case("http") || scheme.eq_ignore_ascii_case("https")) {
        return None;
    }
    let forbidden = |letter: char| match letter {
        '<' | '>' | '"' | '\\' | '^' | '`' | '{' | '|' | '}' => true,
        '!'..='~' => false,
        _ => letter.is_whitespace() || letter.is_control(),
    };
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"-._~/:?#@!$&'()*+,;=%[]".contains(&byte);
    if !rest.bytes().all(plain) && rest.chars().any(forbidden) {
        return None;
    }
    let end = rest.find(['/', '?', '#']).unwrap_or(rest.len());
    let (authority, tail) = rest.split_at_checked(end)?;
    let host = authority.rsplit_once('@').map_or(authority, |(_, host)| host);
    let path = tail.split(['?', '#']).next().unwrap_or_default();
    is_host(host).then_some(Parts { scheme, host, path })
}

fn is_host(host: &str) -> bool {
    let (name, port) = match host.strip_prefix('[') {
        Some(rest) => {
            let Some((address, after)) = rest.split_once(']') else {
                return false;
            };
            if address.parse::<std::net::Ipv6Addr>().is_err() {
                return false;
            }
            match after.strip_prefix(':') {
                Some(port) => ("x", port),
                None if after.is_empty() => ("x", ""),
                None => return false,
            }
        }
        None => host.rsplit_once(':').unwrap_or((host, "")),
    };
    let port_fits = port.is_empty() || (port.len() <= 5 && port.parse::<u16>().is_ok());
    let labels = name.strip_suffix('.').unwrap_or(name).split('.');
    port_fits
        && name.len() <= 253
        && labels.clone().count() > 0
        && labels.into_iter().all(|label| {
            !label.is_empty()
                && label.len() <= 63
                && label.chars().all(|letter| letter.is_alphanumeric() || matches!(letter, '-' | '_' | '%'))
        })
}

/// What is no http(s) URL becomes null: a referrer that cannot be followed says nothing.
pub(super) fn http_or_null(
    doc: &mut Document,
    id: NodeId,
    field: &Field,
    repairs: &mut Codes,
) -> Result<(), &'static str> {
    let good = match doc.value(id) {
        Value::Text(span) => parts(doc.str(span)).is_some(),
        Value::Null => true,
        _ => false,
    };
    if !good {
        if !field.types.has(Types::NULL) {
            return Err("format");
        }
        doc.set(id, Value::Null);
        repairs.clear();
        repairs.push("not_a_url_to_null");
    }
    Ok(())
}
