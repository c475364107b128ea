//! The keyword `format`: what a text must be.

/// A format that is checked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum TextFormat {
    Email,
    DateTime,
    Date,
    Time,
    Duration,
    Uuid,
    Uri,
    UriReference,
    Ipv4,
    Ipv6,
    IpAny,
    JsonPointer,
}

impl TextFormat {
    const NAMES: [(&'static str, Self); 13] = [
        ("email", Self::Email),
        ("idn-email", Self::Email),
        ("date-time", Self::DateTime),
        ("date", Self::Date),
        ("time", Self::Time),
        ("duration", Self::Duration),
        ("uuid", Self::Uuid),
        ("uri", Self::Uri),
        ("uri-reference", Self::UriReference),
        ("ipv4", Self::Ipv4),
        ("ipv6", Self::Ipv6),
        ("ipvanyaddress", Self::IpAny),
        ("json-pointer", Self::JsonPointer),
    ];

    /// Formats that say what a text is for, and nothing of how it is written (Pydantic's secrets, bytes and paths).
    const SAYS_NOTHING: [&'static str; 6] = ["password", "binary", "base64url", "path", "file-path", "directory-path"];

    pub(crate) fn named(name: &str) -> Option<Self> {
        Self::NAMES.iter().find(|(known, _)| *known == name).map(|(_, format)| *format)
    }

    pub(crate) fn says_nothing(name: &str) -> bool {
        Self::SAYS_NOTHING.contains(&name)
    }

    /// What the text is, in words.
    pub(crate) fn describe(self) -> &'static str {
        match self {
            Self::Email => "an e-mail address",
            Self::DateTime => "a date-time of RFC 3339",
            Self::Date => "a date of RFC 3339",
            Self::Time => "a time of RFC 3339, with its offset",
            Self::Duration => "a duration of ISO 8601",
            Self::Uuid => "a UUID",
            Self::Uri => "a URI with its scheme",
            Self::UriReference => "a URI or a relative reference",
            Self::Ipv4 => "an IPv4 address",
            Self::Ipv6 => "an IPv6 address",
            Self::IpAny => "an IP address",
            Self::JsonPointer => "a JSON Pointer",
        }
    }
}
