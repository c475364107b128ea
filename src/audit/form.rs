//! In which form something was found.

/// What a needle is of a removed value.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Kind {
    /// The value as it came.
    Whole,
    /// The value as the contract's repairs or a normal form of Unicode make it.
    Normal,
    /// The value behind the name of its field.
    Named,
    /// An e-mail address inside the value.
    Address,
    /// What stands before the `@` of an address.
    Local,
    /// A word of the value.
    Word,
    /// The digits of the value.
    Digits,
    /// The digits without the country's code.
    National,
    Md5,
    Sha1,
    Sha256,
}

impl Kind {
    pub(super) const ALL: [Self; 11] = [
        Self::Whole,
        Self::Normal,
        Self::Named,
        Self::Address,
        Self::Local,
        Self::Word,
        Self::Digits,
        Self::National,
        Self::Md5,
        Self::Sha1,
        Self::Sha256,
    ];

    pub(super) fn number(self) -> u64 {
        self as u64
    }

    pub(super) fn numbered(number: u64) -> Self {
        usize::try_from(number).ok().and_then(|number| Self::ALL.get(number).copied()).unwrap_or(Self::Whole)
    }

    /// Whether it is a part of a value, which says nothing more where the whole stands.
    pub(super) fn is_part(self) -> bool {
        matches!(self, Self::Address | Self::Local | Self::Word | Self::National)
    }
}

/// How a found needle is written.
#[derive(Clone, Copy, PartialEq, Eq, Debug, PartialOrd, Ord, Hash)]
pub(crate) enum Form {
    /// Letter by letter.
    Raw,
    /// In small letters.
    LowerCase,
    /// With other letter case or other separators.
    Respelled,
    /// As the contract's repairs or a normal form of Unicode make it.
    Normalised,
    /// An e-mail address that stood inside the value.
    Address,
    /// What stood before the `@` of an address.
    LocalPart,
    /// A word of the value.
    Word,
    /// Its digits, with any separators.
    Digits,
    /// Its digits without the country's code.
    NationalNumber,
    /// Escaped as in JSON.
    JsonEscaped,
    /// Escaped as in HTML.
    HtmlEscaped,
    /// Percent-encoded.
    UrlEncoded,
    /// In base64.
    Base64,
    /// In hexadecimal digits.
    Hex,
    /// As MD5 without a key.
    Md5,
    /// As SHA-1 without a key.
    Sha1,
    /// As SHA-256 without a key.
    Sha256,
}

impl Form {
    /// The stable name.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Raw => "raw",
            Self::LowerCase => "lower_case",
            Self::Respelled => "respelled",
            Self::Normalised => "normalised",
            Self::Address => "address",
            Self::LocalPart => "local_part",
            Self::Word => "word",
            Self::Digits => "digits",
            Self::NationalNumber => "national_number",
            Self::JsonEscaped => "json_escaped",
            Self::HtmlEscaped => "html_escaped",
            Self::UrlEncoded => "url_encoded",
            Self::Base64 => "base64",
            Self::Hex => "hex",
            Self::Md5 => "md5",
            Self::Sha1 => "sha1",
            Self::Sha256 => "sha256",
        }
    }
}
