//! How far the records of one batch depend on their neighbours.

use serde::{Deserialize, Serialize};

/// Records of a block at first: longer than most groups that belong together, such as the lines of an invoice.
const SHORTEST: u64 = 50;
/// Blocks that are held: when there are as many, pairs of neighbours become one.
const MOST: usize = 80;

/// Counts hits in consecutive blocks of one batch, in constant memory.
///
/// The records of one invoice are neighbours, and if one is refused most are. So the rates of blocks that are longer than
/// such groups differ by more than chance, by the same factor as the rates of whole batches would if nothing else changed
/// between them (the method of batch means).
#[derive(Clone, Debug)]
pub struct Blocks {
    size: u64,
    counts: Vec<u64>,
    open: u64,
    in_open: u64,
    records: u64,
    hits: u64,
}

impl Default for Blocks {
    fn default() -> Self {
        Self { size: SHORTEST, counts: Vec::new(), open: 0, in_open: 0, records: 0, hits: 0 }
    }
}

impl Blocks {
    /// Counts the next record.
    pub fn push(&mut self, hit: bool) {
        self.records += 1;
        self.hits += u64::from(hit);
        self.open += u64::from(hit);
        self.in_open += 1;
        if self.in_open == self.size {
            self.counts.push(self.open);
            (self.open, self.in_open) = (0, 0);
            if self.counts.len() == MOST {
                self.counts = self.counts.chunks(2).map(|pair| pair.iter().sum()).collect();
                self.size *= 2;
            }
        }
    }

    /// What was counted.
    #[must_use]
    #[allow(clippy::cast_precision_loss, reason = "counts of records stay far below 2^53")]
    pub fn observed(&self) -> Observed {
        let blocks = self.counts.len() as u64;
        let sum: u64 = self.counts.iter().sum();
        let mean = if blocks == 0 { 0.0 } else { sum as f64 / blocks as f64 };
        let squares: f64 = self.counts.iter().map(|count| (*count as f64 - mean) * (*count as f64 - mean)).sum();
        Observed {
            records: self.records,
            hits: self.hits,
            spread: squares / self.size as f64,
            freedom: blocks.saturating_sub(1),
        }
    }
}

/// How many of a batch's records were hits, and how unevenly.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Observed {
    /// Records of the batch.
    pub records: u64,
    /// Those of them that count: refused ones, or flagged ones.
    pub hits: u64,
    /// The sum of squared deviations of the blocks' hits from their mean, divided by the records of a block. Divided by
    /// `freedom` and by p(1 − p) it is the factor by which the variance exceeds that of independent records.
    pub spread: f64,
    /// Whole blocks, less one.
    pub freedom: u64,
}

impl Observed {
    /// The share of hits in \[0, 1\]; 0 of no records.
    #[must_use]
    #[allow(clippy::cast_precision_loss, reason = "counts of records stay far below 2^53")]
    pub fn rate(&self) -> f64 {
        if self.records == 0 { 0.0 } else { self.hits as f64 / self.records as f64 }
    }
}

#[cfg(test)]
#[allow(clippy::cast_precision_loss, reason = "counts of blocks")]
mod tests {
    use super::{Blocks, MOST, SHORTEST};
    use proptest::prelude::*;

    #[test]
    fn neighbours_that_fall_together_spread_more() {
        let observe = |hit: &dyn Fn(u64) -> bool| {
            let mut blocks = Blocks::default();
            (0..4000).for_each(|record| blocks.push(hit(record)));
            let seen = blocks.observed();
            seen.spread / seen.freedom as f64 / (seen.rate() * (1.0 - seen.rate()))
        };
        // A multiplicative hash scatters; its tenth part is about as uneven as chance.
        let scatter = |n: u64| (n.wrapping_mul(0x9E37_79B9_7F4A_7C15) ^ n.wrapping_mul(0xBF58_476D_1CE4_E5B9)) >> 40;
        let alone = observe(&|record| scatter(record).is_multiple_of(10));
        let grouped = observe(&|record| scatter(record / 20).is_multiple_of(10));
        assert!(alone < 2.0, "{alone}");
        assert!(grouped > 8.0 && grouped < 40.0, "{grouped}");
    }

    proptest! {
        #[test]
        fn nothing_is_lost_and_memory_is_bounded(hits in prop::collection::vec(any::<bool>(), 0..20_000)) {
            let mut blocks = Blocks::default();
            for hit in &hits {
                blocks.push(*hit);
            }
            let seen = blocks.observed();
            prop_assert_eq!(seen.records, hits.len() as u64);
            prop_assert_eq!(seen.hits, hits.iter().filter(|hit| **hit).count() as u64);
            prop_assert!(blocks.counts.len() < MOST);
            prop_assert!(seen.freedom >= (seen.records / SHORTEST / 2).min(MOST as u64 / 2).saturating_sub(1));
            prop_assert_eq!(blocks.counts.iter().sum::<u64>() + blocks.open, seen.hits);
        }
    }
}
