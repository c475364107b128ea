//! The digests by which equal keys of `x-unique` are told.

use crate::contract::{Contract, FieldId};
use crate::mask::Masker;
use crate::record::document::{Document, Value};
use std::borrow::Cow;

/// What one record has for one entry of `x-unique`.
#[derive(Clone, Copy)]
pub(crate) struct Key {
    /// The entry's place in the contract's list.
    pub(crate) index: usize,
    /// Where a duplicate is reported: the field, or the record where the key is of several fields.
    pub(crate) field: FieldId,
    pub(crate) digest: u128,
}

/// One scalar of a key, in the form in which equal values are equal bytes.
pub(crate) struct Part<'d> {
    kind: &'static [u8],
    form: Cow<'d, str>,
}

impl<'d> Part<'d> {
    /// None for null and containers, which are no keys.
    pub(crate) fn of(doc: &'d Document, value: Value) -> Option<Self> {
        let part = |kind: &'static [u8], form| Some(Self { kind, form });
        match value {
            Value::Text(span) => part(b"t", Cow::Borrowed(doc.str(span))),
            Value::Number { text, .. } => part(b"n", Cow::Owned(decimal(doc.str(text)))),
            Value::Bool(value) => part(b"b", Cow::Borrowed(if value { "true" } else { "false" })),
            Value::Null | Value::List(_) | Value::Object(_) => None,
        }
    }

    pub(crate) fn form(&self) -> &str {
        &self.form
    }
}

/// The keys of a record. An entry of which a part is absent, null or failed does not apply.
pub(crate) fn keys<'d>(contract: &Contract, masker: &Masker, part: impl Fn(FieldId) -> Option<Part<'d>>) -> Vec<Key> {
    let key = |(index, fields): (usize, &Vec<FieldId>)| {
        let parts: Option<Vec<Part<'d>>> = fields.iter().map(|field| part(*field)).collect();
        let parts = parts?;
        // A contract has far fewer fields than 65,536.
        let number = u16::try_from(index).unwrap_or(u16::MAX).to_le_bytes();
        let mut pieces: Vec<&[u8]> = Vec::with_capacity(1 + 2 * parts.len());
        pieces.push(&number);
        for part in &parts {
            pieces.push(part.kind);
            pieces.push(part.form.as_bytes());
        }
        let field = contract.unique_place(index);
        Some(Key { index, field, digest: u128::from_be_bytes(masker.digest(&pieces)) })
    };
    contract.unique.iter().enumerate().filter_map(key).collect()
}

/// The one form of a JSON number: 1, 1.0 and 10e-1 are one key, and no digit is lost as a double would lose it.
fn decimal(text: &str) -> String {
    let (mantissa, exponent) = text.split_once(['e', 'E']).unwrap_or((text, "0"));
    let (sign, unsigned) = match mantissa.strip_prefix('-') {
        Some(unsigned) => ("-", unsigned),
        None => ("", mantissa),
    };
    let (whole, fraction) = unsigned.split_once('.').unwrap_or((unsigned, ""));
    let digits = format!("{whole}{fraction}");
    let significant = digits.trim_end_matches('0');
    let digits_shifted = digits.len() - significant.len();
    let significant = significant.trim_start_matches('0');
    if significant.is_empty() {
        return "0".to_owned();
    }
    let shift = i64::try_from(digits_shifted).ok().zip(i64::try_from(fraction.len()).ok());
    let exponent = exponent.parse::<i64>().ok().zip(shift);
    let exponent = exponent.and_then(|(exponent, (zeros, places))| exponent.checked_add(zeros)?.checked_sub(places));
    match exponent {
        Some(exponent) => format!("{sign}{significant}e{exponent}"),
        // An exponent beyond 64 bits: its own text is its form.
        None => text.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::decimal;

    #[test]
    fn equal_numbers_have_one_form() {
        for (form, texts) in [
            ("1e0", &["1", "1.0", "10e-1", "1E0", "0.1e+1", "1.000"][..]),
            ("-25e-1", &["-2.5", "-2.50", "-25e-1", "-0.25e1"]),
            ("0", &["0", "-0", "0.00", "0e7", "-0.0E-9"]),
            ("12e4", &["120000", "1.2e5"]),
            ("9007199254740993e0", &["9007199254740993", "9007199254740993.0"]),
        ] {
            for text in texts {
                assert_eq!(decimal(text), form, "{text}");
            }
        }
        assert_ne!(decimal("9007199254740993"), decimal("9007199254740992"));
        assert_eq!(decimal("1e-99999999999999999999"), "1e-99999999999999999999");
    }
}
