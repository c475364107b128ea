//! JSON that is read as it stands, and the faults that are found on the way.

use super::fault::{Fault, Flaw, Place};
use serde::de::{DeserializeSeed, Deserializer, Error, IgnoredAny, MapAccess, SeqAccess, Visitor};
use std::cell::RefCell;
use std::fmt;

/// Keeps a fault while the reader's own error, which can hold only text, brings the reading to its end.
#[derive(Default)]
pub(super) struct Report(RefCell<Option<Fault>>);

impl Report {
    fn take(&self) -> Option<Fault> {
        self.0.borrow_mut().take()
    }
}

/// A place in the body, by its JSON Pointer.
#[derive(Clone, Copy)]
pub(super) struct Spot<'a> {
    pub(super) at: &'a str,
    pub(super) report: &'a Report,
}

impl Spot<'_> {
    /// Ends the reading with a fault below this place.
    pub(super) fn refuse<E: Error>(self, below: &str, flaw: Flaw) -> E {
        *self.report.0.borrow_mut() = Some(Fault::at(&format!("{}{below}", self.at), flaw));
        E::custom("")
    }

    pub(super) fn expected<E: Error>(self, what: &str) -> E {
        self.refuse("", Flaw::Expected(what.to_owned()))
    }

    /// Refuses an object that has not all members that it must have.
    pub(super) fn whole<E: Error>(self, seen: &[bool], names: &[&str]) -> Result<(), E> {
        match names.iter().zip(seen).find(|(_, seen)| !**seen) {
            None => Ok(()),
            Some((missing, _)) => {
                Err(self.refuse("", Flaw::Missing { missing: (*missing).to_owned(), expected: names.join(", ") }))
            }
        }
    }
}

/// The body as text, without a byte order mark, and how many bytes that has taken off.
pub(super) fn text(body: &[u8]) -> Result<(&str, usize), Fault> {
    let text = std::str::from_utf8(body).map_err(|error| {
        let byte = error.valid_up_to();
        Fault { place: Place::Text { line: line_of(body, byte), byte }, flaw: Flaw::Utf8 }
    })?;
    Ok(text.strip_prefix('\u{feff}').map_or((text, 0), |rest| (rest, body.len() - rest.len())))
}

/// Reads all of a body.
pub(super) fn read<'b, S: DeserializeSeed<'b>>(body: &'b [u8], report: &Report, seed: S) -> Result<S::Value, Fault> {
    let (text, mark) = text(body)?;
    let mut reader = serde_json::Deserializer::from_str(text);
    let value = seed.deserialize(&mut reader).and_then(|value| reader.end().map(|()| value));
    value.map_err(|error| {
        report.take().unwrap_or_else(|| {
            let byte = if error.is_eof() { body.len() } else { mark + byte_of(text, &error) };
            let word = ["NaN", "-NaN", "Infinity", "-Infinity"]
                .iter()
                .any(|word| body.get(byte..).is_some_and(|rest| rest.starts_with(word.as_bytes())));
            Fault { place: Place::Text { line: line_of(body, byte), byte }, flaw: Flaw::Syntax { word } }
        })
    })
}

/// Where the reader stopped. Its columns count from 1, and a sign of a number is behind it already.
fn byte_of(text: &str, error: &serde_json::Error) -> usize {
    let before: usize = text.split_inclusive('\n').take(error.line().saturating_sub(1)).map(str::len).sum();
    let byte = before + error.column().saturating_sub(1);
    let signed = byte.checked_sub(1).filter(|at| text.as_bytes().get(*at) == Some(&b'-'));
    signed.unwrap_or(byte)
}

fn line_of(body: &[u8], byte: usize) -> usize {
    1 + body.iter().take(byte).filter(|byte| **byte == b'\n').count()
}

/// A value without others in it, other than a text.
#[derive(Clone, Copy)]
pub(super) enum Scalar {
    Null,
    Bool(bool),
    Signed(i64),
    Unsigned(u64),
    Float(f64),
}

/// What is taken in one place of a body; all that a place does not take is refused there.
pub(super) trait Take<'de>: Sized {
    type Value;

    /// Refuses the value.
    fn refuse<E: Error>(self) -> E;

    fn scalar<E: Error>(self, _: Scalar) -> Result<Self::Value, E> {
        Err(self.refuse())
    }

    fn text<E: Error>(self, _: &str) -> Result<Self::Value, E> {
        Err(self.refuse())
    }

    fn list<A: SeqAccess<'de>>(self, _: A) -> Result<Self::Value, A::Error> {
        Err(self.refuse())
    }

    fn members<A: MapAccess<'de>>(self, _: A) -> Result<Self::Value, A::Error> {
        Err(self.refuse())
    }
}

/// Reads a value for whom takes it. Here alone the library's own words are kept from ever being said: they quote values.
pub(super) struct Into<T>(pub(super) T);

impl<'de, T: Take<'de>> DeserializeSeed<'de> for Into<T> {
    type Value = T::Value;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<T::Value, D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de, T: Take<'de>> Visitor<'de> for Into<T> {
    type Value = T::Value;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("another value")
    }

    fn visit_unit<E: Error>(self) -> Result<T::Value, E> {
        self.0.scalar(Scalar::Null)
    }

    fn visit_bool<E: Error>(self, value: bool) -> Result<T::Value, E> {
        self.0.scalar(Scalar::Bool(value))
    }

    fn visit_i64<E: Error>(self, value: i64) -> Result<T::Value, E> {
        self.0.scalar(Scalar::Signed(value))
    }

    fn visit_u64<E: Error>(self, value: u64) -> Result<T::Value, E> {
        self.0.scalar(Scalar::Unsigned(value))
    }

    fn visit_f64<E: Error>(self, value: f64) -> Result<T::Value, E> {
        self.0.scalar(Scalar::Float(value))
    }

    fn visit_str<E: Error>(self, value: &str) -> Result<T::Value, E> {
        self.0.text(value)
    }

    fn visit_seq<A: SeqAccess<'de>>(self, list: A) -> Result<T::Value, A::Error> {
        self.0.list(list)
    }

    fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<T::Value, A::Error> {
        self.0.members(map)
    }
}

/// The name of a member.
pub(super) struct Key<F>(pub(super) F);

impl<T, F: FnOnce(&str) -> T> Take<'_> for Key<F> {
    type Value = T;

    /// It is never asked to: JSON has no other names than texts.
    fn refuse<E: Error>(self) -> E {
        E::custom("")
    }

    fn text<E: Error>(self, text: &str) -> Result<T, E> {
        Ok((self.0)(text))
    }
}

/// A text that says one of a few things.
pub(super) struct Word<'a, F> {
    pub(super) spot: Spot<'a>,
    pub(super) expected: &'a str,
    pub(super) pick: F,
}

impl<T, F: FnOnce(&str) -> Option<T>> Take<'_> for Word<'_, F> {
    type Value = T;

    fn refuse<E: Error>(self) -> E {
        self.spot.expected(self.expected)
    }

    fn text<E: Error>(self, text: &str) -> Result<T, E> {
        let Self { spot, expected, pick } = self;
        pick(text).ok_or_else(|| spot.expected(expected))
    }
}

/// Reads the members of an object that have one of these names, wherever they stand, and says which were there.
///
/// A member of another name is passed over, for protocols add some. One that is there twice is refused, for its reader
/// could have meant either.
pub(super) fn each<'de, A: MapAccess<'de>>(
    mut map: A,
    names: &[&str],
    spot: Spot<'_>,
    mut read: impl FnMut(usize, &mut A) -> Result<(), A::Error>,
) -> Result<Vec<bool>, A::Error> {
    let mut seen = vec![false; names.len()];
    let known = |name: &str| names.iter().position(|known| *known == name);
    while let Some(index) = map.next_key_seed(Into(Key(known)))? {
        let Some((index, seen)) = index.and_then(|index| Some((index, seen.get_mut(index)?))) else {
            map.next_value::<IgnoredAny>()?;
            continue;
        };
        if std::mem::replace(seen, true) {
            let name = names.get(index).copied().unwrap_or_default();
            return Err(spot.refuse(&format!("/{name}"), Flaw::Twice));
        }
        read(index, &mut map)?;
    }
    Ok(seen)
}
