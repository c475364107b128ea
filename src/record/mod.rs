//! Bytes -> [`Record`]: framing, parsing, limits.

pub(crate) mod canonical;
mod csv;
pub(crate) mod decimal;
pub(crate) mod document;
mod frame;
mod parse;

pub use frame::{Format, Frame, Framer};
pub use parse::{Fault, Limits, Malformed};

use document::{Document, Kind};
use std::fmt;

/// One JSON object as it arrived: nothing about it is known to be right.
///
/// It holds raw personal data, so it shows its field names alone and has no way to be written out: only what
/// [`crate::mask`] makes of it can.
pub struct Record(pub(crate) Document);

impl Record {
    /// Reads one record.
    ///
    /// # Errors
    /// [`Malformed`] with the byte offset: not UTF-8, not JSON, not an object, a key twice, or a limit passed.
    ///
    /// # Example
    /// ```
    /// use tamis::record::{Limits, Record};
    /// let record = Record::parse(br#"{"id": 1, "email": "a@b.example"}"#, Limits::default()).unwrap();
    /// assert_eq!(format!("{record:?}"), r#"Record { fields: ["id", "email"] }"#);
    /// let error = Record::parse(br#"{"id": }"#, Limits::default()).unwrap_err();
    /// assert_eq!(error.to_string(), "not JSON at byte 7: expected a value");
    /// ```
    pub fn parse(bytes: &[u8], limits: Limits) -> Result<Self, Malformed> {
        Self::parse_into(Document::default(), bytes, limits).map_err(|(error, _)| error)
    }

    /// Like [`Record::parse`], reading into the buffers of an earlier record; they come back on failure too.
    pub(crate) fn parse_into(mut doc: Document, bytes: &[u8], limits: Limits) -> Result<Self, (Malformed, Document)> {
        let parsed = parse::parse(bytes, limits, &mut doc).and_then(|()| {
            if doc.value(Document::ROOT).kind() == Kind::Object {
                Ok(())
            } else {
                let byte = bytes.iter().position(|byte| !byte.is_ascii_whitespace());
                Err(Malformed { fault: Fault::NotAnObject, byte: byte.unwrap_or_default() })
            }
        });
        match parsed {
            Ok(()) => Ok(Self(doc)),
            Err(error) => Err((error, doc)),
        }
    }
}

/// Field names alone: the values may be personal data.
impl fmt::Debug for Record {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let doc = &self.0;
        let fields: Vec<&str> = doc.children(Document::ROOT).map(|id| doc.str(doc.node(id).key)).collect();
        f.debug_struct("Record").field("fields", &fields).finish()
    }
}

/// Checks that `bytes` are one JSON value without a key twice in an object: what `serde_json` would let pass in a
/// contract.
pub(crate) fn check_json(bytes: &[u8]) -> Result<(), Malformed> {
    read_value(bytes).map(|_| ())
}

/// Reads any JSON value, such as one that stands in a contract.
pub(crate) fn read_value(bytes: &[u8]) -> Result<Document, Malformed> {
    let mut doc = Document::default();
    parse::parse(bytes, Limits { bytes: 16 << 20, depth: 128, values: 1_000_000 }, &mut doc)?;
    Ok(doc)
}
