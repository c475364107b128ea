//! Digests of unique values beyond the memory budget: sorted runs in temporary files without a name.
//!
//! A run is asked through a filter, which may only nominate: a nominated digest is looked up in the file. Runs of about
//! one size are merged four at a time, so that their number grows with the logarithm of the input, and when the filters
//! pass their share of the budget the largest run goes on without one: memory stays bounded however long the input is.

mod filter;
mod merge;
mod run;

use crate::pipeline::{Batch, Overflow};
use run::{Run, Writer};
use std::io;

/// Runs of one size that are merged into one of the next.
const FAN: usize = 4;
/// Runs that share the memory for their indices: three each of ten sizes are more than any disk holds.
const MOST_RUNS: usize = 32;
/// Bytes of memory for a digest in the table: its own 16, and room to grow.
const DIGEST_BYTES: usize = 23;

/// Sorted runs of digests, the smallest first.
pub(super) struct Spill {
    levels: Vec<Vec<Run>>,
    filter_bytes: usize,
    index_entries: usize,
}

/// The digests that half a budget holds in memory, and a place for the others that takes the rest of it.
pub(super) fn within(budget: usize) -> (usize, Box<dyn Overflow>) {
    let spill =
        Spill { levels: Vec::new(), filter_bytes: budget / 8 * 3, index_entries: (budget / 8 / 8 / MOST_RUNS).max(16) };
    ((budget / 2 / DIGEST_BYTES).max(16), Box::new(spill))
}

/// A batch within a budget.
pub(super) fn batch(budget: usize) -> Batch {
    let (most, overflow) = within(budget);
    Batch::with_overflow(most, overflow)
}

/// What a failure is reported as.
pub(super) fn failed() -> String {
    let folder = std::env::temp_dir();
    format!("cannot keep the digests of unique values in a temporary file in {}", folder.display())
}

impl Overflow for Spill {
    fn holds(&mut self, digest: u128) -> io::Result<bool> {
        for run in self.levels.iter_mut().flatten() {
            if run.holds(digest)? {
                return Ok(true);
            }
        }
        Ok(false)
    }

    fn store(&mut self, count: usize, sorted: &mut dyn Iterator<Item = u128>) -> io::Result<()> {
        let mut writer = self.writer(count)?;
        for digest in sorted {
            writer.push(digest)?;
        }
        self.add(0, writer.finish()?)
    }
}

impl Spill {
    fn add(&mut self, level: usize, run: Run) -> io::Result<()> {
        if level == self.levels.len() {
            self.levels.push(Vec::new());
        }
        let Some(runs) = self.levels.get_mut(level) else {
            return Ok(());
        };
        runs.push(run);
        if runs.len() < FAN {
            return Ok(());
        }
        let mut parts = std::mem::take(runs);
        for part in &mut parts {
            // Merging reads them from end to end: their filters make room for that of the whole.
            part.forget();
        }
        let mut writer = self.writer(parts.iter().map(Run::len).sum())?;
        merge::merge(&parts, &mut writer)?;
        self.add(level + 1, writer.finish()?)
    }

    /// A writer of so many digests, with a filter where one has room.
    fn writer(&mut self, count: usize) -> io::Result<Writer> {
        let wanted = filter::bytes(count);
        loop {
            let used: usize = self.levels.iter().flatten().map(Run::filter_bytes).sum();
            if used + wanted <= self.filter_bytes {
                return Writer::new(count, true, self.index_entries);
            }
            let largest = self.levels.iter_mut().flatten().max_by_key(|run| run.filter_bytes());
            match largest {
                Some(run) if run.filter_bytes() > wanted => run.forget(),
                _ => return Writer::new(count, false, self.index_entries),
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{FAN, Spill, within};
    use crate::pipeline::Overflow;
    use crate::unique::Seen;
    use proptest::prelude::*;
    use std::collections::BTreeSet;

    /// Like the digests that come: anywhere in their range.
    fn scattered(value: u32) -> u128 {
        let mut hasher = <sha2::Sha256 as sha2::Digest>::new();
        sha2::Digest::update(&mut hasher, value.to_le_bytes());
        let hash: [u8; 32] = sha2::Digest::finalize(hasher).into();
        u128::from_be_bytes(hash[..16].try_into().unwrap())
    }

    fn agrees(budget: usize, digests: impl Iterator<Item = u128>) {
        let (most, overflow) = within(budget);
        let mut seen = Seen::with_overflow(most, overflow);
        let mut model = BTreeSet::new();
        for digest in digests {
            let known = seen.contains(digest).unwrap();
            assert_eq!(known, model.contains(&digest), "{digest}");
            if !known {
                seen.insert(digest).unwrap();
                model.insert(digest);
            }
        }
    }

    proptest! {
        #[test]
        fn is_a_set(budget in 0_usize..20_000, values in prop::collection::vec(0_u32..1500, 0..3000)) {
            agrees(budget, values.into_iter().map(scattered));
        }

        /// Filters and indices expect scattered digests, and must be right about any.
        #[test]
        fn is_a_set_of_neighbours(values in prop::collection::vec(0_u128..600, 0..2000), high: bool) {
            agrees(700, values.into_iter().map(|value| if high { value << 100 } else { value }));
        }
    }

    #[test]
    fn stays_exact_and_small_while_it_grows() {
        let budget = 64 << 10;
        let (most, _) = within(budget);
        let mut spill = Spill { levels: Vec::new(), filter_bytes: budget / 8 * 3, index_entries: 16 };
        let rounds = 150_000 / u32::try_from(most).unwrap();
        let mut next = 0;
        for _ in 0..rounds {
            let mut part: Vec<u128> = (next..).take(most).map(scattered).collect();
            next += u32::try_from(most).unwrap();
            part.sort_unstable();
            spill.store(part.len(), &mut part.into_iter()).unwrap();
            let filters: usize = spill.levels.iter().flatten().map(super::Run::filter_bytes).sum();
            assert!(filters <= budget / 8 * 3);
            assert!(spill.levels.iter().all(|level| level.len() < FAN));
        }
        assert!(spill.levels.len() <= 5, "{}", spill.levels.len());
        // Some runs have lost their filter, some still have one, and both answer rightly.
        assert!(spill.levels.iter().flatten().any(|run| run.filter_bytes() == 0));
        assert!(spill.levels.iter().flatten().any(|run| run.filter_bytes() > 0));
        assert!((0..next).step_by(7).all(|value| spill.holds(scattered(value)).unwrap()));
        assert!((next..next + 20_000).all(|value| !spill.holds(scattered(value)).unwrap()));
    }
}
