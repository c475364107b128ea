//! An output, as it is read: cut at the same places however its bytes arrive.

use super::scan::AROUND;
use memchr::memchr_iter;
use std::ops::Range;

/// Bytes of a block that is searched at a time.
const BLOCK: usize = 1 << 18;

/// An output of which the bytes arrive in chunks of any size.
#[derive(Default)]
pub(crate) struct Output {
    held: Vec<u8>,
    /// Where in the output the first byte held stands.
    start: u64,
    /// Where in what is held the next block begins.
    next: usize,
    /// Lines that ended before the next block.
    lines: u64,
}

/// A block to search.
pub(crate) struct Step {
    /// With what stands around it, in what is held.
    all: Range<usize>,
    core: Range<usize>,
    /// Where in the output what is held begins.
    start: u64,
    /// Lines that ended before the block.
    lines: u64,
}

impl Output {
    pub(crate) fn push(&mut self, bytes: &[u8]) {
        self.held.extend_from_slice(bytes);
    }

    /// The blocks that are complete; with `last` all that is left.
    pub(crate) fn steps(&mut self, last: bool) -> Vec<Step> {
        let mut steps = Vec::new();
        loop {
            let behind = self.next + BLOCK + AROUND;
            let whole = behind <= self.held.len();
            if !(whole || last && self.next < self.held.len()) {
                return steps;
            }
            let end = (self.next + BLOCK).min(self.held.len());
            let all = self.next.saturating_sub(AROUND)..behind.min(self.held.len());
            steps.push(Step { all, core: self.next..end, start: self.start, lines: self.lines });
            self.lines += memchr_iter(b'\n', self.held.get(self.next..end).unwrap_or_default()).count() as u64;
            self.next = end;
        }
    }

    /// The bytes of a block, and where the block itself stands in them.
    pub(crate) fn bytes(&self, step: &Step) -> (&[u8], Range<usize>) {
        let bytes = self.held.get(step.all.clone()).unwrap_or_default();
        (bytes, step.core.start - step.all.start..step.core.end - step.all.start)
    }

    /// Where something in the bytes of a block stands in the output: its offset, and its line counted from 1.
    pub(super) fn place(&self, step: &Step, at: usize) -> (u64, u64) {
        let at = step.all.start + at;
        let before = self.held.get(step.core.start..at).unwrap_or_default();
        (step.start + at as u64, step.lines + 1 + memchr_iter(b'\n', before).count() as u64)
    }

    /// Lets go of what no later block needs.
    pub(crate) fn forget(&mut self) {
        let gone = self.next.saturating_sub(AROUND);
        self.held.drain(..gone);
        self.next -= gone;
        self.start += gone as u64;
    }
}
