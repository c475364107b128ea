//! Tells whether a value was seen before: exactly, in 16 bytes a value, and beyond a budget outside memory.

mod key;
mod twins;

pub(crate) use key::{Key, Part, keys};
pub use twins::{Incomparable, TwinError, Twins};

use std::io;

/// Where the digests go that memory has no room for: the native command line has sorted files for them.
///
/// Only digests under the masking key come here, never values.
pub trait Overflow: Send {
    /// Whether a digest was stored.
    ///
    /// # Errors
    /// What the place of storage fails with.
    fn holds(&mut self, digest: u128) -> io::Result<bool>;

    /// Stores `count` digests, which come in ascending order and each once.
    ///
    /// # Errors
    /// What the place of storage fails with, such as a full disk. Nothing may be asked of it afterwards.
    fn store(&mut self, count: usize, sorted: &mut dyn Iterator<Item = u128>) -> io::Result<()>;
}

/// Values that accepted records of a batch hold, as a keyed digest of 128 bits each.
///
/// Two different values among a billion meet in 128 bits with a chance of 10^-21, so the answer is exact for every
/// practical purpose, and the key keeps anybody from making values that meet. Kept in 256 open tables, by the digests'
/// first byte, that grow one by one: a growing table never holds the whole twice, and sorting each one sorts them all.
pub(crate) struct Seen {
    shards: Vec<Shard>,
    len: usize,
    /// Digests in memory, at most, before they move on.
    most: usize,
    overflow: Option<Box<dyn Overflow>>,
    /// The digest zero, which stands for an empty place in the tables.
    zero: bool,
}

#[derive(Default)]
struct Shard {
    table: Vec<u128>,
    len: usize,
}

impl Default for Seen {
    /// Memory alone, without a bound.
    fn default() -> Self {
        let shards = (0..256).map(|_| Shard::default()).collect();
        Self { shards, len: 0, most: usize::MAX, overflow: None, zero: false }
    }
}

impl Seen {
    /// At most so many digests in memory, the others in `overflow`.
    pub(crate) fn with_overflow(most: usize, overflow: Box<dyn Overflow>) -> Self {
        Self { most: most.max(1), overflow: Some(overflow), ..Self::default() }
    }

    pub(crate) fn contains(&mut self, digest: u128) -> io::Result<bool> {
        if digest == 0 {
            return Ok(self.zero);
        }
        let shard = self.shards.get(first_byte(digest));
        if shard.is_some_and(|shard| shard.find(digest).is_ok()) {
            return Ok(true);
        }
        self.overflow.as_mut().map_or(Ok(false), |overflow| overflow.holds(digest))
    }

    /// Reads the place of a digest, so that it is at hand when it is asked for: reads that do not wait for each other's
    /// answers overlap, where one question after the other waits for memory each time.
    pub(crate) fn warm(&self, digest: u128) -> u128 {
        let shard = self.shards.get(first_byte(digest));
        shard.and_then(|shard| shard.table.get(shard.start(digest))).copied().unwrap_or_default()
    }

    /// Adds a digest that [`Seen::contains`] did not know.
    pub(crate) fn insert(&mut self, digest: u128) -> io::Result<()> {
        if digest == 0 {
            self.zero = true;
            return Ok(());
        }
        if self.len >= self.most {
            self.move_on()?;
        }
        if let Some(shard) = self.shards.get_mut(first_byte(digest)) {
            self.len += usize::from(shard.insert(digest));
        }
        Ok(())
    }

    fn move_on(&mut self) -> io::Result<()> {
        let Some(overflow) = &mut self.overflow else {
            return Ok(());
        };
        for shard in &mut self.shards {
            // The empty places are zero, so they come first.
            shard.table.sort_unstable();
        }
        let full = |shard: &Shard| shard.table.len() - shard.len;
        let mut sorted = self.shards.iter().flat_map(|shard| shard.table.iter().skip(full(shard)).copied());
        overflow.store(self.len, &mut sorted)?;
        for shard in &mut self.shards {
            shard.table.fill(0);
            shard.len = 0;
        }
        self.len = 0;
        Ok(())
    }
}

fn first_byte(digest: u128) -> usize {
    let [first, ..] = digest.to_be_bytes();
    usize::from(first)
}

impl Shard {
    /// Where the search for a digest begins.
    fn start(&self, digest: u128) -> usize {
        let [.., a, b, c, d] = digest.to_be_bytes();
        // Multiplying spreads the digest over any length without a division.
        let start = (u64::from(u32::from_be_bytes([a, b, c, d])) * self.table.len() as u64) >> 32;
        usize::try_from(start).unwrap_or_default()
    }

    /// The place of a digest, or the empty place where it belongs; a table without an empty place never stands.
    fn find(&self, digest: u128) -> Result<usize, usize> {
        let length = self.table.len();
        let start = self.start(digest);
        for place in (start..length).chain(0..start) {
            match self.table.get(place) {
                Some(found) if *found == digest => return Ok(place),
                Some(0) => return Err(place),
                _ => {}
            }
        }
        Err(length)
    }

    /// Answers whether the digest is new.
    fn insert(&mut self, digest: u128) -> bool {
        // Full at 17/20: probes stay short, and growing by a fifth keeps the waste small.
        if (self.len + 1) * 20 > self.table.len() * 17 {
            let length = (self.table.len() + self.table.len() / 5).max(self.len + 16);
            let old = std::mem::replace(&mut self.table, vec![0; length]);
            self.len = 0;
            for digest in old.into_iter().filter(|digest| *digest != 0) {
                self.place(digest);
            }
        }
        self.place(digest)
    }

    fn place(&mut self, digest: u128) -> bool {
        let Err(place) = self.find(digest) else {
            return false;
        };
        let Some(slot) = self.table.get_mut(place) else {
            return false;
        };
        *slot = digest;
        self.len += 1;
        true
    }
}

#[cfg(test)]
mod tests {
    use super::{Overflow, Seen};
    use std::collections::BTreeSet;
    use std::io;

    fn digest(index: u64) -> u128 {
        let mixed = index.wrapping_mul(0x9E37_79B9_7F4A_7C15);
        u128::from(mixed) << 64 | u128::from((!mixed).rotate_left(29))
    }

    #[test]
    fn remembers_exactly() {
        let mut seen = Seen::default();
        for index in 0..50_000 {
            assert!(!seen.contains(digest(index)).unwrap());
            seen.insert(digest(index)).unwrap();
            seen.insert(digest(index)).unwrap();
        }
        assert!((0..50_000).all(|index| seen.contains(digest(index)).unwrap()));
        assert!(!(50_000..100_000).any(|index| seen.contains(digest(index)).unwrap()));
        seen.insert(0).unwrap();
        assert!(seen.contains(0).unwrap() && !seen.contains(1).unwrap());
    }

    struct Shelf(BTreeSet<u128>);

    impl Overflow for Shelf {
        fn holds(&mut self, digest: u128) -> io::Result<bool> {
            Ok(self.0.contains(&digest))
        }

        fn store(&mut self, count: usize, sorted: &mut dyn Iterator<Item = u128>) -> io::Result<()> {
            let sorted: Vec<u128> = sorted.collect();
            assert_eq!(sorted.len(), count);
            assert!(sorted.windows(2).all(|pair| pair[0] < pair[1]) && !sorted.contains(&0));
            assert!(sorted.iter().all(|digest| self.0.insert(*digest)), "what is outside does not come again");
            Ok(())
        }
    }

    #[test]
    fn moves_on_in_order() {
        let mut seen = Seen::with_overflow(700, Box::new(Shelf(BTreeSet::new())));
        for turn in 0..10_000 {
            let digest = digest(turn % 6000);
            assert_eq!(seen.contains(digest).unwrap(), turn >= 6000);
            if turn < 6000 {
                seen.insert(digest).unwrap();
            }
            assert!(seen.len <= 700);
        }
        assert!((0..6000).all(|index| seen.contains(digest(index)).unwrap()));
        assert!(!(6000..9000).any(|index| seen.contains(digest(index)).unwrap()));
    }
}
