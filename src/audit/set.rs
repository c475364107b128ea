//! A set of fingerprints, which are random already: nothing is hashed again.

/// Fingerprints, up to a number.
#[derive(Clone)]
pub(super) struct Set {
    slots: Vec<u64>,
    count: usize,
    most: usize,
}

impl Set {
    pub(super) fn new(most: usize) -> Self {
        Self { slots: vec![0; 1024], count: 0, most }
    }

    /// Adds a fingerprint; one too many is left out.
    pub(super) fn insert(&mut self, print: u64) {
        if self.count * 4 >= self.slots.len() * 3 && self.count < self.most {
            let old = std::mem::take(&mut self.slots);
            self.slots = vec![0; old.len() * 2];
            for print in old.into_iter().filter(|print| *print != 0) {
                let at = self.place(print);
                self.put(at, print);
            }
        }
        let at = self.place(print);
        if self.count < self.most && self.slots.get(at) == Some(&0) {
            self.put(at, print);
            self.count += 1;
        }
    }

    pub(super) fn contains(&self, print: u64) -> bool {
        self.slots.get(self.place(print)) == Some(&print)
    }

    fn put(&mut self, at: usize, print: u64) {
        if let Some(slot) = self.slots.get_mut(at) {
            *slot = print;
        }
    }

    fn place(&self, print: u64) -> usize {
        place(&self.slots, print)
    }
}

/// Where a fingerprint is in a table, whose length is a power of two, or would be.
#[inline]
pub(super) fn place(slots: &[u64], print: u64) -> usize {
    let mask = slots.len() - 1;
    #[allow(clippy::cast_possible_truncation, reason = "the low bits choose the slot")]
    let mut at = print as usize & mask;
    while slots.get(at).is_some_and(|slot| *slot != 0 && *slot != print) {
        at = (at + 1) & mask;
    }
    at
}
