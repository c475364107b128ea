//! `Checked` -> `Masked`: personal data is removed before anything else sees the record.
//!
//! Features, verdicts, logs, metrics, reports and the registry take a `Masked` and nothing before it, so what this
//! stage removes cannot reach them. A value that failed its check is removed whatever its mask: a phone number in the
//! wrong field must not leave in the quarantine file.
//!
//! `x-mask` names a mask; keyed masks derive a key of their own for every domain from the ring's ([`Key`],
//! [`KeyRing`]). No mask hashes without a key: whoever can guess a value could check the guess.

mod canonical;
mod ff1;
mod format;
mod generalise;
mod key;
mod masked;
mod masker;
mod output;
mod partial;
mod read;
mod reveal;
mod reversible;
pub(crate) mod scan;
mod shift;
#[cfg(test)]
mod testdata;
mod token;

pub(crate) use canonical::Form;
pub(crate) use format::Alphabet;
pub(crate) use generalise::Generalise;
pub use key::{Key, KeyError, KeyRing};
pub use masked::{Masked, TokenPair};
pub use masker::{BatchId, Masker};
pub(crate) use output::{write_number, write_text, write_value as write_masked};
pub(crate) use read::{About, read};
pub use reveal::{Found, Reveal};
pub use scan::{Confidence, Finding, Kind, Kinds, find, find_with, scan_with};
use token::is_shaped;
pub(crate) use token::is_token;

/// Stands for a text of which nothing can be shown.
const REDACTED: &str = "[redacted]";

/// What happens to a field's value, by `x-mask`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Mask {
    /// The value stays.
    Keep,
    /// The field is left out.
    Drop,
    /// The value is replaced by a fixed text, or by null where it was no text.
    Redact,
    /// The first and last characters stay.
    Partial { first: usize, last: usize },
    /// The value is replaced by a keyed token: equal values of a domain get equal tokens.
    Pseudonym {
        /// Separates the tokens of one field from those of another; the field itself where none is named.
        domain: Option<String>,
        /// How far equal values get equal tokens.
        scope: Scope,
        /// How the value is spelled before it is keyed.
        form: Form,
    },
    /// The value is sealed in a token that the key gives back.
    Reversible { domain: Option<String> },
    /// The letters of an alphabet are replaced by others, so that the value keeps its shape.
    Format { domain: Option<String>, alphabet: Alphabet, keep: usize },
    /// The value is made coarser.
    Generalise(Generalise),
    /// A date moves by a number of days that is the person's own.
    Shift {
        /// Most days, either way.
        days: u16,
        /// The path of the field that tells the person.
        by: String,
        domain: Option<String>,
    },
    /// A URL without user, query and fragment.
    Url,
    /// Personal data of these kinds inside free text is replaced, the rest stays.
    Scan(Kinds),
}

/// How far equal values get equal tokens.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum Scope {
    /// Wherever the key is used.
    #[default]
    Global,
    /// Within one batch.
    Batch,
    /// Within one record.
    Record,
}

impl Scope {
    const NAMED: [(&'static str, Self); 3] =
        [("global", Self::Global), ("batch", Self::Batch), ("record", Self::Record)];

    fn named(name: &str) -> Option<Self> {
        Self::NAMED.iter().find(|(known, _)| *known == name).map(|(_, scope)| *scope)
    }

    pub(crate) fn name(self) -> &'static str {
        Self::NAMED.iter().find(|(_, scope)| *scope == self).map_or("", |(name, _)| name)
    }
}

impl Mask {
    /// Whether masked values are equal where the values are, and only there: by them duplicates are told.
    pub(crate) fn keeps_equality(&self) -> bool {
        // A shape that could not be kept is redacted, so that two values may become one.
        matches!(self, Self::Keep | Self::Pseudonym { scope: Scope::Global, .. } | Self::Reversible { .. })
    }

    /// Whether the mask leaves tokens, which are told from values.
    pub(crate) fn leaves_tokens(&self) -> bool {
        matches!(self, Self::Pseudonym { .. } | Self::Reversible { .. })
    }

    /// Whether the mask of a list is the mask of each of its items.
    pub(crate) fn covers_items(&self) -> bool {
        !matches!(self, Self::Keep | Self::Drop)
    }

    /// Whether the mask may have left this text, as far as the text tells without the key.
    pub(crate) fn may_leave(&self, text: &str) -> bool {
        match self {
            Self::Keep | Self::Scan(_) | Self::Format { .. } | Self::Shift { .. } => true,
            Self::Drop => false,
            Self::Redact => text == REDACTED,
            Self::Partial { first, last } => partial::partial(text, *first, *last) == text,
            Self::Pseudonym { .. } => is_shaped("tok", text),
            Self::Reversible { .. } => is_shaped("rev", text),
            Self::Generalise(way) => text == REDACTED || way.keeps(text),
            Self::Url => !text.contains(['?', '#']),
        }
    }

    /// Whether the mask may have left this number: it is one that a bucket begins with, or no mask at all.
    pub(crate) fn may_leave_number(&self, text: &str, value: f64) -> bool {
        match self {
            Self::Keep | Self::Scan(_) => true,
            Self::Generalise(way) => way.keeps_number(text, value),
            _ => false,
        }
    }
}
