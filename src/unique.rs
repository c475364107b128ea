//! Tells whether a value was seen before, in 16 bytes a value.

/// Values that accepted records of a batch hold, as 104 bits of a keyed digest each.
///
/// Two different values among ten million meet in 104 bits with a chance of 10^-18, so the answer is exact for every
/// practical purpose, and the key keeps anybody from making values that meet. Kept in 256 open tables that grow one by
/// one: a growing table never holds the whole twice.
pub(crate) struct Seen {
    shards: Vec<Shard>,
}

type Entry = [u32; 3];

#[derive(Default)]
struct Shard {
    /// Zero is an empty place; a digest that is zero here is kept as one.
    table: Vec<Entry>,
    len: usize,
}

impl Default for Seen {
    fn default() -> Self {
        Self { shards: (0..256).map(|_| Shard::default()).collect() }
    }
}

impl Seen {
    pub(crate) fn contains(&self, digest: &[u8; 16]) -> bool {
        let (shard, entry) = split(digest);
        self.shards.get(shard).is_some_and(|shard| shard.find(entry).is_ok())
    }

    pub(crate) fn insert(&mut self, digest: &[u8; 16]) {
        let (shard, entry) = split(digest);
        if let Some(shard) = self.shards.get_mut(shard) {
            shard.insert(entry);
        }
    }
}

fn split(digest: &[u8; 16]) -> (usize, Entry) {
    let word = |from: usize| {
        let bytes = digest.iter().skip(from).take(4);
        bytes.fold(0, |word, byte| word << 8 | u32::from(*byte))
    };
    let [shard, ..] = *digest;
    let entry = [word(1), word(5), word(9)];
    (usize::from(shard), if entry == [0; 3] { [1, 0, 0] } else { entry })
}

impl Shard {
    /// The place of an entry, or the empty place where it belongs; a table without an empty place never stands.
    fn find(&self, entry: Entry) -> Result<usize, usize> {
        let length = self.table.len();
        let [first, ..] = entry;
        // Multiplying spreads the digest over any length without a division.
        let start = usize::try_from((u64::from(first) * length as u64) >> 32).unwrap_or_default();
        let places = (start..length).chain(0..start);
        for place in places {
            match self.table.get(place) {
                Some(found) if *found == entry => return Ok(place),
                Some([0, 0, 0]) => return Err(place),
                _ => {}
            }
        }
        Err(length)
    }

    fn insert(&mut self, entry: Entry) {
        // Full at 17/20: probes stay short, and growing by a fifth keeps the waste small.
        if (self.len + 1) * 20 > self.table.len() * 17 {
            let length = (self.table.len() + self.table.len() / 5).max(self.len + 16);
            let old = std::mem::replace(&mut self.table, vec![[0; 3]; length]);
            self.len = 0;
            for entry in old.into_iter().filter(|entry| *entry != [0; 3]) {
                self.place(entry);
            }
        }
        self.place(entry);
    }

    fn place(&mut self, entry: Entry) {
        if let Err(place) = self.find(entry)
            && let Some(slot) = self.table.get_mut(place)
        {
            *slot = entry;
            self.len += 1;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::Seen;

    #[test]
    fn remembers_exactly() {
        let digest = |index: u64| {
            let mut bytes = [0; 16];
            let mixed = index.wrapping_mul(0x9E37_79B9_7F4A_7C15);
            bytes[..8].copy_from_slice(&mixed.to_le_bytes());
            bytes[8..].copy_from_slice(&(!mixed).rotate_left(29).to_le_bytes());
            bytes
        };
        let mut seen = Seen::default();
        for index in 0..50_000 {
            assert!(!seen.contains(&digest(index)));
            seen.insert(&digest(index));
            seen.insert(&digest(index));
        }
        assert!((0..50_000).all(|index| seen.contains(&digest(index))));
        assert!(!(50_000..100_000).any(|index| seen.contains(&digest(index))));
        seen.insert(&[0; 16]);
        assert!(seen.contains(&[0; 16]));
    }
}
