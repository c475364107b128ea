//! Counting: which combinations of values there are, and how often.

use super::diversity::Tally;
use super::form::{Form, form};
use super::plan::Plan;
use super::table::Table;
use super::value::{Row, Value};
use crate::mask::Masked;
use crate::pipeline::{Examined, Sieve};
use crate::verdict::Status;
use std::collections::HashMap;
use std::fmt;

/// Most groups that are counted: about a gigabyte of memory.
const MOST_GROUPS: usize = 1 << 24;
/// Most sensitive values that are remembered, over all groups; further ones count as one value of their group.
const MOST_VALUES: usize = 1 << 23;

/// There are more different combinations than memory is given for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Full;

impl fmt::Display for Full {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "the quasi-identifiers have more than {MOST_GROUPS} different combinations, so nearly every record stands \
             alone: generalise or drop the field that differs most, and measure again"
        )
    }
}

impl std::error::Error for Full {}

/// What became of the records.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Counted {
    /// Records that were read.
    pub read: u64,
    /// Those that were measured: accepted by the contract, or masked before.
    pub measured: u64,
    /// Those that are no record, or that the contract rejects.
    pub rejected: u64,
    /// Those in a masked file that do not look masked.
    pub unmasked: u64,
    /// Those that were measured because the caller said that they are masked, though they do not look so.
    pub doubtful: u64,
}

impl Counted {
    fn add(&mut self, other: Self) {
        self.read += other.read;
        self.measured += other.measured;
        self.rejected += other.rejected;
        self.unmasked += other.unmasked;
        self.doubtful += other.doubtful;
    }
}

/// A group of one share of the records.
struct Entry {
    digest: u128,
    count: u64,
    line: u64,
    values: Box<[Value]>,
    tallies: Box<[Tally]>,
}

/// What a share of the records has, for one thread to count.
#[derive(Default)]
pub struct Part {
    counted: Counted,
    source: Option<Box<str>>,
    index: HashMap<u128, usize>,
    entries: Vec<Entry>,
    row: Row,
    sensitive: Row,
}

impl Part {
    /// Counts a record that was examined, or adopted (`adopted`, and then `trusted` where the caller says that it is
    /// masked); answers the digest of its group, none where it is not measured.
    pub fn see(
        &mut self,
        plan: &Plan,
        sieve: &Sieve,
        examined: &Examined,
        source: Option<&str>,
        adopted: Option<Trust>,
    ) -> Option<u128> {
        self.counted.read += 1;
        if self.source.as_deref() != source {
            self.source = source.map(Into::into);
        }
        let Some(record) = examined.masked().filter(|_| examined.status() == Status::Accepted) else {
            let held_back = adopted.is_some() && !examined.is_malformed() && examined.masked().is_none();
            self.counted.unmasked += u64::from(held_back);
            self.counted.rejected += u64::from(!held_back);
            return None;
        };
        if adopted == Some(Trust::Told) && form(record.document(), sieve.contract()) == Form::Raw {
            self.counted.doubtful += 1;
        }
        self.counted.measured += 1;
        Some(self.count(plan, sieve, record, examined.line()))
    }

    fn count(&mut self, plan: &Plan, sieve: &Sieve, record: &Masked, line: u64) -> u128 {
        let digest = plan.digest(record, sieve.masker(), &mut self.row);
        let at = *self.index.entry(digest).or_insert(self.entries.len());
        if at == self.entries.len() {
            let tallies = plan.sensitive.iter().map(|_| Tally::default()).collect();
            self.entries.push(Entry { digest, count: 0, line, values: self.row.values(), tallies });
        }
        let Some(entry) = self.entries.get_mut(at) else { return digest };
        entry.count += 1;
        if !plan.sensitive.is_empty() {
            self.sensitive.read(record.document(), &plan.sensitive);
            for (tally, piece) in entry.tallies.iter_mut().zip(self.sensitive.pieces()) {
                let [half @ .., _, _, _, _, _, _, _, _] = sieve.masker().digest(&[b"sensitive", piece]);
                tally.add(u64::from_be_bytes(half), 1, true);
            }
        }
        digest
    }
}

/// How a record is known to be masked that did not go through the masks here.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Trust {
    /// By its looks: what looks raw is held back.
    Looks,
    /// The caller says so.
    Told,
}

/// A group of all records.
pub(super) struct Group {
    pub(super) count: u64,
    /// Where its first record stands.
    pub(super) line: u64,
    pub(super) source: usize,
    pub(super) tallies: Box<[Tally]>,
}

/// The groups of all records.
#[derive(Default)]
pub struct Survey {
    counted: Counted,
    index: HashMap<u128, usize>,
    pub(super) groups: Vec<Group>,
    pub(super) sources: Vec<Option<Box<str>>>,
    pub(super) table: Table,
    values: usize,
}

impl Survey {
    /// Takes the counts of a share; the shares come in the order of the records.
    ///
    /// # Errors
    /// [`Full`] when there are more groups than memory is given for.
    pub fn merge(&mut self, part: Part) -> Result<(), Full> {
        self.counted.add(part.counted);
        if self.sources.last() != Some(&part.source) {
            self.sources.push(part.source);
        }
        for entry in part.entries {
            let at = *self.index.entry(entry.digest).or_insert(self.groups.len());
            if at == self.groups.len() {
                if at == MOST_GROUPS {
                    return Err(Full);
                }
                self.table.push(entry.digest, at, &entry.values);
                self.values += entry.tallies.iter().map(Tally::held).sum::<usize>();
                let source = self.sources.len().saturating_sub(1);
                let Entry { count, line, tallies, .. } = entry;
                self.groups.push(Group { count, line, source, tallies });
                continue;
            }
            let Some(group) = self.groups.get_mut(at) else { continue };
            group.count += entry.count;
            for (tally, other) in group.tallies.iter_mut().zip(&entry.tallies) {
                let before = tally.held();
                tally.merge(other, self.values < MOST_VALUES);
                self.values += tally.held() - before;
            }
        }
        Ok(())
    }

    /// What became of the records.
    #[must_use]
    pub fn counted(&self) -> Counted {
        self.counted
    }

    /// How many records have the combination of this digest.
    #[must_use]
    pub fn size(&self, digest: u128) -> u64 {
        self.index.get(&digest).and_then(|at| self.groups.get(*at)).map_or(0, |group| group.count)
    }

    pub(super) fn sizes(&self) -> impl Iterator<Item = u64> {
        self.groups.iter().map(|group| group.count)
    }
}
