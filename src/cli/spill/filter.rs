//! A filter that may only nominate: what it refuses is certainly not there.

/// Bits for each digest: about one in two hundred strangers is nominated.
const BITS: usize = 12;
/// A block is eight words; a digest sets one bit in each.
type Block = [u32; 8];

/// A Bloom filter in blocks of 32 bytes, so that a look-up touches one line of the cache (Putze, Sanders, Singler 2007).
///
/// Digests are keyed hashes already, so their own bits choose the block and the places in it.
pub(super) struct Filter(Vec<Block>);

/// The bytes that a filter of so many digests takes.
pub(super) fn bytes(count: usize) -> usize {
    blocks(count) * size_of::<Block>()
}

fn blocks(count: usize) -> usize {
    (count * BITS).div_ceil(256).max(1)
}

impl Filter {
    pub(super) fn new(count: usize) -> Self {
        Self(vec![[0; 8]; blocks(count)])
    }

    pub(super) fn bytes(&self) -> usize {
        self.0.len() * size_of::<Block>()
    }

    pub(super) fn add(&mut self, digest: u128) {
        let (place, bits) = self.place(digest);
        if let Some(block) = self.0.get_mut(place) {
            for (word, bit) in block.iter_mut().zip(bits) {
                *word |= bit;
            }
        }
    }

    pub(super) fn nominates(&self, digest: u128) -> bool {
        let (place, bits) = self.place(digest);
        self.0.get(place).is_none_or(|block| block.iter().zip(bits).all(|(word, bit)| word & bit != 0))
    }

    /// The block of a digest, from its low half, and a bit of each word, from its high half.
    fn place(&self, digest: u128) -> (usize, Block) {
        let [h0, h1, h2, h3, h4, h5, h6, h7, low @ ..] = digest.to_be_bytes();
        let place = (u128::from(u64::from_be_bytes(low)) * self.0.len() as u128) >> 64;
        let bits = [h0, h1, h2, h3, h4, h5, h6, h7].map(|byte| 1 << (byte & 31));
        (usize::try_from(place).unwrap_or_default(), bits)
    }
}

#[cfg(test)]
mod tests {
    use super::Filter;
    use rand_xoshiro::rand_core::{Rng, SeedableRng};

    #[test]
    fn nominates_all_it_holds_and_few_others() {
        let mut random = rand_xoshiro::Xoshiro256PlusPlus::seed_from_u64(7);
        let mut draw = || u128::from(random.next_u64()) << 64 | u128::from(random.next_u64());
        let held: Vec<u128> = (0..20_000).map(|_| draw()).collect();
        let mut filter = Filter::new(held.len());
        for digest in &held {
            filter.add(*digest);
        }
        assert!(held.iter().all(|digest| filter.nominates(*digest)));
        let wrong = (0..100_000).filter(|_| filter.nominates(draw())).count();
        assert!((1..1500).contains(&wrong), "{wrong}");
    }
}
