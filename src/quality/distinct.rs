//! How many different values a stream has: exact while few, estimated beyond.

use siphasher::sip::SipHasher13;
use std::hash::Hasher;

/// Values that are counted one by one.
const FEW: usize = 1000;
/// Registers beyond, as a power of two: a standard error of 1.04 / √4096 = 1.6 %.
const BITS: u32 = 12;

/// Counts different values (Flajolet et al. 2007, `HyperLogLog`, beyond the first thousand).
#[derive(Clone, Debug)]
pub(super) enum Distinct {
    /// Digests, of which some may stand more than once: they are sorted out when the list is full.
    Few(Vec<u64>),
    Many(Box<[u8]>),
}

impl Default for Distinct {
    fn default() -> Self {
        Self::Few(Vec::new())
    }
}

impl Distinct {
    pub(super) fn add(&mut self, value: &[u8]) {
        let mut hasher = SipHasher13::new();
        hasher.write(value);
        self.insert(hasher.finish());
    }

    fn insert(&mut self, hash: u64) {
        match self {
            Self::Few(few) => {
                few.push(hash);
                if few.len() >= 2 * FEW {
                    few.sort_unstable();
                    few.dedup();
                    if few.len() > FEW {
                        self.widen();
                    }
                }
            }
            Self::Many(registers) => {
                let place = usize::try_from(hash >> (64 - BITS)).unwrap_or_default();
                let rank = u8::try_from((hash << BITS | 1 << (BITS - 1)).leading_zeros() + 1).unwrap_or(u8::MAX);
                if let Some(register) = registers.get_mut(place) {
                    *register = rank.max(*register);
                }
            }
        }
    }

    fn widen(&mut self) {
        if let Self::Few(few) = self {
            let few = std::mem::take(few);
            *self = Self::Many(vec![0; 1 << BITS].into_boxed_slice());
            for hash in few {
                self.insert(hash);
            }
        }
    }

    pub(super) fn merge(&mut self, other: &Self) {
        match other {
            Self::Few(few) => {
                for hash in few {
                    self.insert(*hash);
                }
            }
            Self::Many(theirs) => {
                self.widen();
                if let Self::Many(ours) = self {
                    for (our, their) in ours.iter_mut().zip(theirs.iter()) {
                        *our = (*our).max(*their);
                    }
                }
            }
        }
    }

    /// The count, and whether it is exact.
    #[allow(clippy::naive_bytecount, reason = "4096 bytes, once a summary")]
    pub(super) fn count(&self) -> (u64, bool) {
        match self {
            Self::Few(few) => {
                let mut few = few.clone();
                few.sort_unstable();
                few.dedup();
                (few.len() as u64, true)
            }
            Self::Many(registers) => {
                let m = f64::from(1_u32 << BITS);
                let sum: f64 = registers.iter().map(|rank| libm::ldexp(1.0, -i32::from(*rank))).sum();
                let raw = 0.7213 / (1.0 + 1.079 / m) * m * m / sum;
                let empty = registers.iter().filter(|rank| **rank == 0).count();
                // Few registers in use: counting the empty ones is more exact (linear counting).
                #[allow(clippy::cast_precision_loss, reason = "at most 4096")]
                let estimate = if raw <= 2.5 * m && empty > 0 { m * libm::log(m / empty as f64) } else { raw };
                #[allow(
                    clippy::cast_possible_truncation,
                    clippy::cast_sign_loss,
                    reason = "a count is small and positive"
                )]
                (libm::round(estimate) as u64, false)
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::Distinct;

    #[test]
    fn counts() {
        for wanted in [0_u32, 1, 1000, 1001, 5000, 20_000, 200_000] {
            let mut parts = [Distinct::default(), Distinct::default()];
            for value in 0..wanted {
                let part = usize::from(value % 3 == 0);
                parts[part].add(&value.to_le_bytes());
                parts[part].add(&value.to_le_bytes());
            }
            let [mut all, other] = parts;
            all.merge(&other);
            let (count, exact) = all.count();
            assert!(exact || wanted > 1000);
            let error = count.abs_diff(u64::from(wanted));
            assert!(error * 20 <= u64::from(wanted), "{count} for {wanted}");
        }
    }
}
