//! One line of a quarantine file.

use super::tally::Unopened;
use serde::{Deserialize, Deserializer};
use std::borrow::Cow;

/// What a line is.
pub(super) enum Line<'b> {
    /// A rejected verdict with its sealed original.
    Sealed(Verdict<'b>),
    /// Something that holds no original.
    Unopened(Unopened),
}

/// What replaying needs of a verdict.
pub(super) struct Verdict<'b> {
    pub(super) line: u64,
    pub(super) source: Option<Cow<'b, str>>,
    pub(super) sealed: &'b str,
    /// Path and code of all that rejected the record.
    pub(super) reasons: Vec<(Cow<'b, str>, Cow<'b, str>)>,
}

impl Verdict<'_> {
    /// The paths at which the record was a duplicate.
    pub(super) fn duplicates(&self) -> Vec<&str> {
        let duplicates = self.reasons.iter().filter(|(_, code)| code == "duplicate");
        duplicates.map(|(path, _)| path.as_ref()).collect()
    }
}

#[derive(Deserialize)]
struct Wire<'b> {
    line: u64,
    #[serde(borrow, default)]
    source: Option<Cow<'b, str>>,
    #[serde(borrow)]
    status: Cow<'b, str>,
    #[serde(borrow)]
    violations: Vec<Violation<'b>>,
    #[serde(borrow, default)]
    sealed: Sealed<'b>,
}

#[derive(Deserialize)]
struct Violation<'b> {
    #[serde(borrow)]
    path: Cow<'b, str>,
    #[serde(borrow)]
    code: Cow<'b, str>,
    #[serde(borrow, default)]
    severity: Option<Cow<'b, str>>,
}

/// The member `sealed`; null is not the same as absent.
#[derive(Default)]
enum Sealed<'b> {
    #[default]
    Absent,
    Null,
    Text(&'b str),
}

impl<'de: 'b, 'b> Deserialize<'de> for Sealed<'b> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        // A seal has nothing that JSON escapes, so it can be borrowed as it stands.
        let text: Option<&'de str> = Option::deserialize(deserializer)?;
        Ok(text.map_or(Self::Null, Self::Text))
    }
}

impl<'b> Line<'b> {
    pub(super) fn read(bytes: &'b [u8]) -> Self {
        let wire: Wire<'b> = match serde_json::from_slice(bytes) {
            Ok(wire) => wire,
            Err(_) => return Self::Unopened(Unopened::Verdict),
        };
        if wire.status != "rejected" {
            return Self::Unopened(Unopened::Verdict);
        }
        let sealed = match wire.sealed {
            Sealed::Absent => return Self::Unopened(Unopened::Unsealed),
            Sealed::Null => return Self::Unopened(Unopened::Lost),
            Sealed::Text(sealed) => sealed,
        };
        let rejecting = wire.violations.into_iter().filter(|violation| violation.severity.as_deref() != Some("warn"));
        let reasons = rejecting.map(|violation| (violation.path, violation.code)).collect();
        Self::Sealed(Verdict { line: wire.line, source: wire.source, sealed, reasons })
    }
}
