//! The formats that are drafted, as `format` names them.

use crate::contract::TextFormat;
use crate::validate::is_format;

/// The narrower first: the first that nearly all texts have is drafted.
pub(super) const TABLE: [(&str, TextFormat); 9] = [
    ("email", TextFormat::Email),
    ("date-time", TextFormat::DateTime),
    ("uuid", TextFormat::Uuid),
    ("ipv4", TextFormat::Ipv4),
    ("ipv6", TextFormat::Ipv6),
    ("date", TextFormat::Date),
    ("time", TextFormat::Time),
    ("duration", TextFormat::Duration),
    ("uri", TextFormat::Uri),
];

pub(super) fn holds(format: TextFormat, text: &str) -> bool {
    // Whatever follows a scheme is a URI, so `note:x` is one; only those that lead somewhere are meant.
    is_format(format, text) && (format != TextFormat::Uri || text.contains("://"))
}

#[cfg(test)]
mod tests {
    use super::{TABLE, holds};

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
            ("PT1H30M", "duration"),
            ("ftp://a.de/x?y", "uri"),
            ("2025-13-10", ""),
            ("09:15", ""),
            ("note:x", ""),
            ("P", ""),
        ] {
            let found = TABLE.iter().find(|(_, format)| holds(*format, text)).map_or("", |(name, _)| *name);
            assert_eq!(found, format, "{text}");
        }
    }
}
