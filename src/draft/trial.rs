//! A draft is tried on a sample of the records that it was made from, so that its author learns what it refuses.

use crate::contract::Contract;
use crate::mask::Key;
use crate::pipeline::{Batch, Desk, Sieve};
use crate::quality::Summary;
use crate::record::{Frame, Malformed};
use crate::verdict::Explain;
use siphasher::sip::SipHasher13;
use std::collections::BTreeMap;
use std::hash::Hasher;

/// Most records of a sample.
const MOST_RECORDS: usize = 10_000;
/// Most bytes of a sample.
const MOST_BYTES: usize = 16 << 20;
/// Most reasons that are told.
const MOST_REASONS: usize = 8;

/// A uniform sample of the records: those whose position has the smallest hashes. No chance is in it.
#[derive(Default)]
pub(super) struct Sample {
    kept: BTreeMap<u64, (u64, Vec<u8>, Option<Malformed>)>,
    bytes: usize,
    offered: u64,
}

impl Sample {
    pub(super) fn offer(&mut self, frame: &Frame<'_>) {
        let mut hasher = SipHasher13::new();
        hasher.write_u64(self.offered);
        self.offered += 1;
        let rank = hasher.finish();
        let full = self.kept.len() >= MOST_RECORDS || self.bytes >= MOST_BYTES;
        if full && self.kept.last_key_value().is_none_or(|(last, _)| *last <= rank) {
            return;
        }
        self.bytes += frame.bytes.len();
        self.kept.insert(rank, (self.offered, frame.bytes.to_vec(), frame.fault));
        while self.kept.len() > MOST_RECORDS || (self.bytes > MOST_BYTES && self.kept.len() > 1) {
            if let Some((_, (_, bytes, _))) = self.kept.pop_last() {
                self.bytes -= bytes.len();
            }
        }
    }
}

/// What the contract makes of the sample, in sentences.
pub(super) fn run(contract: Contract, sample: &Sample) -> Vec<String> {
    // The tokens are thrown away, so any key does.
    let sieve = Sieve::new(contract, &Key::new([0; 32]));
    let (mut batch, mut summary, mut desk) = (Batch::default(), Summary::default(), Desk::default());
    let mut records: Vec<_> = sample.kept.values().collect();
    records.sort_by_key(|(position, _, _)| *position);
    let mut verdict = Vec::new();
    for (position, bytes, fault) in records {
        let mut examined = sieve.examine(Frame { line: *position, bytes, fault: *fault }, &mut desk);
        if batch.admit(&mut examined).is_err() {
            // The memory for telling duplicates is used up; what was seen so far tells enough.
            break;
        }
        verdict.clear();
        sieve.conclude(&examined, None, Explain::default(), &mut summary, &mut verdict);
        desk.recycle(examined);
    }
    let of =
        if summary.records() < sample.offered { format!(" (a sample of {})", sample.offered) } else { String::new() };
    let rate = summary.acceptance_rate().unwrap_or_default() * 100.0;
    let mut remarks =
        vec![format!("the draft accepts {} of {} records{of}, {rate:.1} %", summary.accepted(), summary.records())];
    for (path, code, count) in summary.violations(sieve.contract()).into_iter().take(MOST_REASONS) {
        let path = if path.is_empty() { "the record" } else { &path };
        remarks.push(format!("it refuses {count} for {code} at {path}"));
    }
    remarks
}
