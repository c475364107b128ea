//! The one form of a value before it is keyed, so that two spellings of one thing give one token and joins work.

use crate::normalise::is_blank;
use crate::record::decimal::Decimal;
use std::borrow::Cow;
use unicode_normalization::UnicodeNormalization;

/// What a value is, as far as its spelling goes.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) enum Form {
    /// Trimmed, and folded by Unicode's compatibility composition (NFKC): full-width letters and ligatures become plain.
    #[default]
    Text,
    /// A text whose part behind the last `@` is in lower case.
    Email,
    /// E.164: `+` and digits. A number without a country's code gets `country`, if there is one.
    Phone {
        /// The digits of the country's code.
        country: Option<String>,
    },
    /// Upper case, letters and digits alone: an IBAN, a card number, a national id.
    Code,
}

impl Form {
    /// The form of a class of personal data (`x-pii`) or of a text's `format`.
    pub(super) fn of(class: Option<&str>, format: Option<&str>) -> Self {
        match (class, format) {
            (Some("email"), _) | (_, Some("email" | "idn-email")) => Self::Email,
            (Some("phone" | "fax" | "mobile"), _) => Self::Phone { country: None },
            (Some("iban" | "bank_account" | "card" | "national_id"), _) => Self::Code,
            _ => Self::Text,
        }
    }

    pub(super) fn named(name: &str) -> Option<Self> {
        Some(match name {
            "text" => Self::Text,
            "email" => Self::Email,
            "phone" => Self::Phone { country: None },
            "code" => Self::Code,
            _ => return None,
        })
    }

    /// The canonical form of a text.
    pub(super) fn text<'t>(&self, text: &'t str) -> Cow<'t, str> {
        let plain = folded(text);
        match self {
            Self::Text => plain,
            Self::Email => email(plain),
            Self::Phone { country } => Cow::Owned(phone(&plain, country.as_deref())),
            Self::Code => code(plain),
        }
    }
}

/// The canonical form of a number: as a person would write it where it is whole, so that it equals the text of one.
pub(super) fn number(text: &str) -> Cow<'_, str> {
    let digits = text.strip_prefix('-').unwrap_or(text);
    if digits.bytes().all(|byte| byte.is_ascii_digit()) && text != "-0" {
        return Cow::Borrowed(text);
    }
    let mut form = String::new();
    Decimal::read(text).write(&mut form);
    let whole = form.split_once('e').and_then(|(digits, power)| {
        let zeros = power.parse::<usize>().ok().filter(|zeros| *zeros <= MOST_ZEROS)?;
        Some(if digits.is_empty() { "0".to_owned() } else { format!("{digits}{}", "0".repeat(zeros)) })
    });
    Cow::Owned(whole.unwrap_or(form))
}

/// A number with more zeros at its end is kept in its short form.
const MOST_ZEROS: usize = 40;

/// A trimmed text under NFKC. Clean ASCII, the usual case, is its own form.
fn folded(text: &str) -> Cow<'_, str> {
    let text = text.trim_matches(is_blank);
    if text.is_ascii() {
        Cow::Borrowed(text)
    } else {
        Cow::Owned(text.nfkc().collect::<String>().trim_matches(is_blank).to_owned())
    }
}

fn email(text: Cow<'_, str>) -> Cow<'_, str> {
    match text.rsplit_once('@') {
        Some((local, domain)) if domain.chars().any(char::is_uppercase) => {
            Cow::Owned(format!("{local}@{}", domain.to_lowercase()))
        }
        _ => text,
    }
}

/// Digits behind a `+`; `00` stands for it, and a zero in brackets, which is not dialled from abroad, is left out.
fn phone(text: &str, country: Option<&str>) -> String {
    let text = text.replace("(0)", "");
    let digits: String = text.chars().filter(char::is_ascii_digit).collect();
    let international =
        text.trim_start_matches(|letter: char| !letter.is_ascii_digit() && letter != '+').starts_with('+');
    if international {
        format!("+{digits}")
    } else if let Some(digits) = digits.strip_prefix("00") {
        format!("+{digits}")
    } else if let Some(country) = country {
        format!("+{country}{}", digits.strip_prefix('0').unwrap_or(&digits))
    } else {
        digits
    }
}

fn code(text: Cow<'_, str>) -> Cow<'_, str> {
    if text.bytes().all(|byte| byte.is_ascii_digit() || byte.is_ascii_uppercase()) {
        return text;
    }
    // What a separator kept apart may compose; letters beyond ASCII are in no such code, so they keep their case.
    let letters = text.chars().filter(|letter| letter.is_alphanumeric()).map(|letter| letter.to_ascii_uppercase());
    Cow::Owned(letters.nfkc().collect())
}

#[cfg(test)]
mod tests {
    use super::{Form, number};
    use proptest::prelude::*;

    #[test]
    fn spellings_of_one_thing_have_one_form() {
        let national = Form::Phone { country: Some("49".into()) };
        for (form, expected, spellings) in [
            (Form::Text, "Anna", &["Anna", " Anna\u{a0}", "\u{200b}Ａｎｎａ"][..]),
            (Form::Email, "Anna@example.com", &["Anna@example.com", "Anna@Example.COM ", "Ａnna＠example.com"]),
            (
                Form::Phone { country: None },
                "+493012345",
                &["+49 30 12345", "0049-30/12345", "+49 (0)30 123 45", " (+49)3012345"],
            ),
            (national, "+493012345", &["030 12345", "+49 30 12345", "(030) 12345"]),
            (Form::Phone { country: None }, "03012345", &["030 12345"]),
            (
                Form::Code,
                "DE89370400440532013000",
                &["DE89 3704 0044 0532 0130 00", "de89-3704-0044-0532-0130-00", "DE89\u{a0}3704 0044 0532 0130 00"],
            ),
            (
                Form::Code,
                "4111111111111111",
                &["4111 1111 1111 1111", "4111-1111-1111-1111", "４１１１１１１１１１１１１１１１"],
            ),
        ] {
            for spelling in spellings {
                assert_eq!(form.text(spelling), expected, "{spelling}");
            }
        }
        for (expected, spellings) in [
            ("120000", &["120000", "1.2e5", "120000.0"][..]),
            ("0", &["0", "-0", "0.0", "0e9"]),
            ("-7", &["-7", "-7.0"]),
            ("25e-1", &["2.5", "2.50", "25e-1"]),
            ("1e300", &["1e300", "10e299"]),
        ] {
            for spelling in spellings {
                assert_eq!(number(spelling), expected, "{spelling}");
            }
        }
    }

    proptest! {
        #[test]
        fn a_form_is_its_own_form(text in "\\PC{0,30}", which in 0..4_usize) {
            let form = [Form::Text, Form::Email, Form::Phone { country: None }, Form::Code][which].clone();
            let once = form.text(&text).into_owned();
            prop_assert_eq!(form.text(&once), once.as_str());
        }
    }
}
