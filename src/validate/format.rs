//! The keyword `format` (JSON Schema Validation §7.3).

mod time;
mod uri;

use super::email::is_email;
use crate::contract::TextFormat;
use crate::normalise::is_stored_moment;
use std::net::{Ipv4Addr, Ipv6Addr};

/// Whether a text is of a format.
pub(crate) fn is_format(format: TextFormat, text: &str) -> bool {
    match format {
        TextFormat::Email => is_email(text),
        // Most moments stand in the form in which the normaliser leaves them, which takes one look.
        TextFormat::DateTime => is_stored_moment(text.as_bytes()) || time::is_date_time(text),
        TextFormat::Date => time::is_date(text),
        TextFormat::Time => time::is_time(text),
        TextFormat::Duration => time::is_duration(text),
        TextFormat::Uuid => is_uuid(text),
        TextFormat::Uri => uri::is_uri(text),
        TextFormat::UriReference => uri::is_reference(text),
        TextFormat::Ipv4 => is_ipv4(text),
        TextFormat::Ipv6 => is_ipv6(text),
        TextFormat::IpAny => is_ipv4(text) || is_ipv6(text),
        TextFormat::JsonPointer => is_json_pointer(text),
    }
}

fn is_ipv4(text: &str) -> bool {
    text.parse::<Ipv4Addr>().is_ok()
}

fn is_ipv6(text: &str) -> bool {
    text.parse::<Ipv6Addr>().is_ok()
}

/// RFC 4122 §3: 8-4-4-4-12 hexadecimal digits.
fn is_uuid(text: &str) -> bool {
    text.len() == 36
        && text.bytes().enumerate().all(|(at, byte)| match at {
            8 | 13 | 18 | 23 => byte == b'-',
            _ => byte.is_ascii_hexdigit(),
        })
}

/// RFC 6901 §3.
fn is_json_pointer(text: &str) -> bool {
    let escapes = text.split('~').skip(1).all(|rest| rest.starts_with(['0', '1']));
    (text.is_empty() || text.starts_with('/')) && escapes
}
