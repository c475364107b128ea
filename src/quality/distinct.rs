//! How many different values a stream has: exact while few, estimated beyond.

/// Different values up to which the count is exact.
pub(super) const FEW: usize = 10_000;
/// Registers beyond, as a power of two: a standard error of 1.04 / √16384 = 0.8 %.
const BITS: u32 = 14;

/// Counts different values by their digests. What it answers depends on the values alone, not on their order or on how
/// they were split: exact up to [`FEW`], and beyond it the `HyperLogLog` of Flajolet et al. (2007) with the estimator of
/// Ertl (2017), which has no bias between few and many.
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
    /// Takes a digest of 64 evenly spread bits.
    pub(super) fn insert(&mut self, digest: u64) {
        match self {
            Self::Few(few) => {
                few.push(digest);
                if few.len() >= 2 * FEW {
                    few.sort_unstable();
                    few.dedup();
                    if few.len() > FEW {
                        self.widen();
                    }
                }
            }
            Self::Many(registers) => register(registers, digest),
        }
    }

    fn widen(&mut self) {
        if let Self::Few(few) = self {
            let registers = registers(few);
            *self = Self::Many(registers);
        }
    }

    pub(super) fn merge(&mut self, other: &Self) {
        match other {
            Self::Few(few) => {
                for digest in few {
                    self.insert(*digest);
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
    pub(super) fn count(&self) -> (u64, bool) {
        match self {
            Self::Few(few) => {
                let mut few = few.clone();
                few.sort_unstable();
                few.dedup();
                if few.len() <= FEW { (few.len() as u64, true) } else { (estimate(&registers(&few)), false) }
            }
            Self::Many(registers) => (estimate(registers), false),
        }
    }
}

fn registers(digests: &[u64]) -> Box<[u8]> {
    let mut registers = vec![0; 1 << BITS].into_boxed_slice();
    for digest in digests {
        register(&mut registers, *digest);
    }
    registers
}

fn register(registers: &mut [u8], digest: u64) {
    let place = usize::try_from(digest >> (64 - BITS)).unwrap_or_default();
    let rank = u8::try_from((digest << BITS | 1 << (BITS - 1)).leading_zeros() + 1).unwrap_or(u8::MAX);
    if let Some(register) = registers.get_mut(place) {
        *register = rank.max(*register);
    }
}

/// Ertl, "New cardinality estimation algorithms for `HyperLogLog` sketches" (2017), algorithm 6.
fn estimate(registers: &[u8]) -> u64 {
    const TOP: usize = (64 - BITS) as usize;
    let mut counts = [0_u32; TOP + 2];
    for rank in registers {
        if let Some(count) = counts.get_mut(usize::from(*rank)) {
            *count += 1;
        }
    }
    let m = f64::from(1_u32 << BITS);
    let [empty, used @ .., full] = counts;
    let mut z = m * tau(1.0 - f64::from(full) / m);
    for count in used.iter().rev() {
        z = 0.5 * (z + f64::from(*count));
    }
    z += m * sigma(f64::from(empty) / m);
    let estimate = m * m / (2.0 * core::f64::consts::LN_2 * z);
    #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a count is finite and positive")]
    let count = libm::round(estimate) as u64;
    count
}

#[allow(clippy::float_cmp, reason = "the series ends when adding changes nothing")]
fn sigma(mut x: f64) -> f64 {
    if x == 1.0 {
        return f64::INFINITY;
    }
    let (mut y, mut z) = (1.0, x);
    loop {
        x *= x;
        let before = z;
        z += x * y;
        y += y;
        if z == before {
            return z;
        }
    }
}

#[allow(clippy::float_cmp, reason = "the series ends when adding changes nothing")]
fn tau(mut x: f64) -> f64 {
    if x == 0.0 || x == 1.0 {
        return 0.0;
    }
    let (mut y, mut z) = (1.0, 1.0 - x);
    loop {
        x = libm::sqrt(x);
        let before = z;
        y *= 0.5;
        z -= (1.0 - x) * (1.0 - x) * y;
        if z == before {
            return z / 3.0;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::Distinct;
    use crate::quality::digest::of_bits;

    #[test]
    fn counts() {
        for wanted in [0_u64, 1, 1000, 10_000, 10_001, 15_000, 20_000, 45_000, 70_000, 200_000, 1_000_000] {
            let mut parts = [Distinct::default(), Distinct::default()];
            for value in 0..wanted {
                let part = usize::from(value % 3 == 0);
                parts[part].insert(of_bits(value));
                parts[part].insert(of_bits(value));
            }
            let [mut all, other] = parts;
            all.merge(&other);
            let (count, exact) = all.count();
            assert_eq!(exact, wanted <= 10_000);
            let error = count.abs_diff(wanted);
            // Four standard errors.
            assert!(if exact { error == 0 } else { error * 100 <= 4 * wanted }, "{count} for {wanted}");
            let mut whole = Distinct::default();
            (0..wanted).for_each(|value| whole.insert(of_bits(value)));
            assert_eq!(whole.count(), (count, exact), "the split shows");
        }
    }
}
