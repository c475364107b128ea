//! Records that were accepted and masked earlier, and their twins among those that come now.

use super::key::{Key, Part, keys};
use super::{Overflow, Seen};
use crate::contract::{Contract, Field};
use crate::mask::Mask;
use crate::pipeline::{Examined, Sieve};
use crate::record::document::{Document, NodeId};
use crate::record::{Limits, Malformed, Record};
use crate::verdict::Status;
use std::fmt;
use std::io;

/// What a line of accepted records may cost: masks make records longer than they came.
const LIMITS: Limits = Limits { bytes: 64 << 20, depth: 128, values: 1_000_000 };

/// The unique values of records that were accepted earlier, known by their masked form: under one key, equal values
/// have equal tokens.
pub struct Twins<'s> {
    sieve: &'s Sieve,
    seen: Seen,
}

/// A field of `x-unique` whose mask does not keep equal values equal and different ones apart.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Incomparable {
    /// The field's JSON Pointer.
    pub pointer: String,
}

impl fmt::Display for Incomparable {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} is in x-unique, but its mask leaves nothing by which equal values are told", self.pointer)
    }
}

impl std::error::Error for Incomparable {}

/// Why a record that was accepted earlier cannot be compared with.
#[derive(Debug)]
#[non_exhaustive]
pub enum TwinError {
    /// It is no record.
    Malformed(Malformed),
    /// It holds tokens of another key.
    OtherKey {
        /// The field's JSON Pointer.
        pointer: String,
    },
    /// The digests beyond the memory budget could not be stored.
    Io(io::Error),
}

impl fmt::Display for TwinError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Malformed(malformed) => malformed.fmt(f),
            Self::OtherKey { pointer } => write!(f, "{pointer} was not masked under this key"),
            Self::Io(error) => error.fmt(f),
        }
    }
}

impl std::error::Error for TwinError {}

impl<'s> Twins<'s> {
    /// No record yet. At most so many digests are held in memory, the others in `overflow`.
    ///
    /// # Errors
    /// [`Incomparable`], naming the field, where masked records cannot tell.
    pub fn new(sieve: &'s Sieve, most: usize, overflow: Box<dyn Overflow>) -> Result<Self, Incomparable> {
        let contract = sieve.contract();
        for field in contract.unique.iter().flatten() {
            let field = contract.field(*field);
            if !is_comparable(contract, field) {
                return Err(Incomparable { pointer: field.pointer.clone() });
            }
        }
        Ok(Self { sieve, seen: Seen::with_overflow(most, overflow) })
    }

    /// Takes one record as `accepted.ndjson` has it.
    ///
    /// # Errors
    /// [`TwinError`].
    pub fn learn(&mut self, accepted: &[u8]) -> Result<(), TwinError> {
        let Record(doc) = Record::parse(accepted, LIMITS).map_err(TwinError::Malformed)?;
        let contract = self.sieve.contract();
        for id in contract.unique.iter().flatten() {
            let field = contract.field(*id);
            let part = part(&doc, &field.pointer);
            let ours = |part: &Part<'_>| self.sieve.masker().made_in_force(*id, part.form());
            if field.mask.leaves_tokens() && part.is_some_and(|part| !ours(&part)) {
                return Err(TwinError::OtherKey { pointer: field.pointer.clone() });
            }
        }
        let of = |field| part(&doc, &contract.field(field).pointer);
        for key in keys(contract, self.sieve.masker(), of) {
            self.insert(&key).map_err(TwinError::Io)?;
        }
        Ok(())
    }

    fn insert(&mut self, key: &Key) -> io::Result<()> {
        if self.seen.contains(key.digest)? { Ok(()) } else { self.seen.insert(key.digest) }
    }

    /// Rejects a record as a duplicate where it has a twin.
    ///
    /// On a record that is rejected anyway that is said only at the paths where it was a duplicate before: its twin may
    /// have come after it, and then it is none of its faults.
    ///
    /// # Errors
    /// What the place of the digests fails with.
    pub fn reject(&mut self, examined: &mut Examined, before: &[&str]) -> io::Result<()> {
        let Some(record) = examined.masked() else {
            return Ok(());
        };
        let contract = self.sieve.contract();
        let found = keys(contract, self.sieve.masker(), |field| record.part(field));
        let was_valid = examined.status() == Status::Accepted;
        for key in found {
            let is_wanted = was_valid || before.contains(&contract.field(key.field).pointer.as_str());
            if is_wanted && self.seen.contains(key.digest)? {
                examined.duplicate(key.index, key.field);
            }
        }
        Ok(())
    }
}

/// Whether masked values of a field are equal where the values are, and only there, and are shown at all.
fn is_comparable(contract: &Contract, field: &Field) -> bool {
    let around =
        |other: &&Field| field.pointer.strip_prefix(other.pointer.as_str()).is_some_and(|rest| rest.starts_with('/'));
    let hides = |other: &Field| matches!(other.mask, Mask::Drop | Mask::Redact);
    field.mask.keeps_equality() && !contract.fields.iter().filter(around).any(hides)
}

fn part<'d>(doc: &'d Document, pointer: &str) -> Option<Part<'d>> {
    let mut at: NodeId = Document::ROOT;
    for name in pointer.split('/').skip(1) {
        let name = name.replace("~1", "/").replace("~0", "~");
        at = doc.children(at).find(|child| doc.str(doc.node(*child).key) == name)?;
    }
    Part::of(doc, doc.usable(at)?)
}
