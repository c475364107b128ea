//! A record that went the way, up to where the batch around it decides.

use super::desk::Before;
use crate::contract::{Contract, FieldId, moment};
use crate::mask::{Masked, TokenPair};
use crate::unique::Key as UniqueKey;
use crate::validate::{Fault, Place, Violation};
use crate::verdict::Status;

/// A record on which all is known but what the batch around it decides.
pub struct Examined {
    pub(super) line: u64,
    pub(super) record: Option<Masked>,
    pub(super) violations: Vec<Violation>,
    pub(super) valid: bool,
    pub(super) keys: Vec<UniqueKey>,
    pub(super) row: Vec<f32>,
    /// Kept where [`Sieve::noting`] asked for it.
    pub(crate) before: Option<Box<Before>>,
}

impl Examined {
    pub(super) fn malformed(line: u64, fault: Fault) -> Self {
        Self {
            line,
            record: None,
            violations: vec![Violation::new(Place::new(FieldId::ROOT), fault)],
            valid: false,
            keys: Vec::new(),
            row: Vec::new(),
            before: None,
        }
    }

    /// Where the record starts: the 1-based physical line, or its position in an array.
    #[must_use]
    pub fn line(&self) -> u64 {
        self.line
    }

    /// Whether the record may enter.
    #[must_use]
    pub fn status(&self) -> Status {
        if self.valid { Status::Accepted } else { Status::Rejected }
    }

    /// Whether the bytes were no record at all.
    #[must_use]
    pub fn is_malformed(&self) -> bool {
        self.record.is_none() && !self.violations.is_empty()
    }

    /// The features of an accepted record, in the contract's order.
    #[must_use]
    pub fn row(&self) -> Option<&[f32]> {
        self.valid.then_some(self.row.as_slice())
    }

    /// The same in 64 bits, for a model that takes them.
    pub(crate) fn doubles(&self, contract: &Contract) -> Option<Vec<f64>> {
        // A record that was adopted has no features.
        let record = self.record.as_ref().filter(|_| self.valid && !self.row.is_empty())?;
        Some(crate::features::doubles(record, contract))
    }

    /// The record, masked; none where the bytes were no record.
    pub(crate) fn masked(&self) -> Option<&Masked> {
        self.record.as_ref()
    }

    /// Rejects the record because another one holds one of its unique keys.
    pub(crate) fn duplicate(&mut self, index: usize, field: FieldId) {
        let violation = Violation::new(Place::new(field), Fault::Duplicate(index));
        if !self.violations.contains(&violation) {
            self.violations.push(violation);
        }
        self.valid = false;
    }

    /// Rejects the record again because it was rejected as a duplicate at one of these paths, where the contract still
    /// wants a unique key.
    pub fn hold(&mut self, contract: &Contract, paths: &[&str]) {
        let held = |key: &&UniqueKey| paths.contains(&contract.field(key.field).pointer.as_str());
        let held: Vec<UniqueKey> = self.keys.iter().filter(held).copied().collect();
        for key in held {
            self.duplicate(key.index, key.field);
        }
    }

    /// Writes the masked record alone, and the end of the line; nothing where the bytes were no record.
    pub fn write_record(&self, out: &mut Vec<u8>) {
        if let Some(record) = &self.record {
            record.write_json(out);
            out.push(b'\n');
        }
    }

    /// The tokens of this record and those of the same record under another key, where they differ.
    #[must_use]
    pub fn token_pairs(&self, new: &Self) -> Vec<TokenPair> {
        match (&self.record, &new.record) {
            (Some(old), Some(new)) => old.token_pairs(new),
            _ => Vec::new(),
        }
    }

    /// The moment that the field at a JSON Pointer names, masked, in seconds since 1970; none where it names none.
    #[must_use]
    pub fn moment(&self, contract: &Contract, pointer: &str) -> Option<i64> {
        moment(self.scalar(contract, pointer)?)
    }

    /// The number that the field at a JSON Pointer holds, masked; none where it holds none.
    #[must_use]
    pub fn number(&self, contract: &Contract, pointer: &str) -> Option<f64> {
        self.scalar(contract, pointer)?.parse().ok()
    }

    fn scalar(&self, contract: &Contract, pointer: &str) -> Option<&str> {
        let record = self.record.as_ref()?;
        Some(record.scalar(record.value(contract.field_at(pointer)?)?))
    }

    /// The value of the contract's `x-id`, as JSON; none where there is none to show.
    #[must_use]
    pub fn id(&self, contract: &Contract) -> Option<Vec<u8>> {
        let record = self.record.as_ref()?;
        let mut id = Vec::new();
        record.write_scalar(record.value(contract.id?)?, &mut id);
        Some(id)
    }
}
