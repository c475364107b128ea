//! The formats that a text may have, as `format` names them.

use crate::contract::Contract;
use std::net::{Ipv4Addr, Ipv6Addr};

/// A name of `format`, and whether a text has it: never more than the contract's own check lets pass.
type Form = (&'static str, fn(&str) -> bool);

/// Those that are drafted, the narrower first. One that contracts do not take yet is found and left out.
pub(super) const TABLE: [Form; 8] = [
    ("email", crate::validate::is_email),
    ("date-time", crate::normalise::is_rfc3339),
    ("uuid", is_uuid),
    ("ipv4", |text| text.parse::<Ipv4Addr>().is_ok()),
    ("ipv6", |text| text.len() > 2 && text.parse::<Ipv6Addr>().is_ok()),
    ("date", is_date),
    ("time", is_time),
    ("uri", |text| crate::normalise::url_parts(text).is_some() && text.is_ascii()),
];

/// Whether a contract with the format loads.
pub(super) fn loads(name: &str) -> bool {
    let contract = serde_json::json!({"type": "object", "properties": {"x": {"type": "string", "format": name}}});
    Contract::load(contract.to_string().as_bytes()).is_ok()
}

/// RFC 9562 section 4: 32 hexadecimal digits in five groups.
fn is_uuid(text: &str) -> bool {
    let groups: Vec<&str> = text.split('-').collect();
    groups.iter().map(|group| group.len()).eq([8, 4, 4, 4, 12])
        && groups.iter().all(|group| group.bytes().all(|digit| digit.is_ascii_hexdigit()))
}

/// `full-date` of RFC 3339 section 5.6.
fn is_date(text: &str) -> bool {
    text.len() == 10 && text.as_bytes().get(4) == Some(&b'-') && crate::normalise::read::is_moment(text)
}

/// `full-time` of RFC 3339 section 5.6, which has a zone.
fn is_time(text: &str) -> bool {
    text.as_bytes().get(2) == Some(&b':') && crate::normalise::is_rfc3339(&format!("2000-01-01T{text}"))
}

#[cfg(test)]
mod tests {
    use super::TABLE;

    #[test]
    fn tells_formats() {
        for (text, format) in [
            ("a@b.de", "email"),
            ("2025-01-10T09:15:00Z", "date-time"),
            ("123e4567-e89b-12d3-a456-426614174000", "uuid"),
            ("10.0.0.1", "ipv4"),
            ("2001:db8::1", "ipv6"),
            ("2025-01-10", "date"),
            ("09:15:00Z", "time"),
            ("https://a.de/x?y", "uri"),
            ("2025-13-10", ""),
            ("09:15", ""),
            ("x", ""),
            ("123e4567e89b12d3a456426614174000", ""),
        ] {
            let found = TABLE.iter().find(|(_, holds)| holds(text)).map_or("", |(name, _)| *name);
            assert_eq!(found, format, "{text}");
        }
    }
}
