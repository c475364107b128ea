//! One bit for each row of a block, and how bytes become bits and back.
//!
//! A block's rows are kept in eight groups, the first rows in the first one. Bit k of byte j of a plane is the j-th row of
//! group k: so nothing has to move between bytes when eight bytes of as many rows become one, only between bits.
#![allow(
    clippy::indexing_slicing,
    reason = "every index is a word or a bit below the arrays' common length: none can be out of bounds, and the compiler \
              removes the checks"
)]
#![allow(
    clippy::inline_always,
    clippy::needless_range_loop,
    reason = "a caller's vector instructions reach only what is inlined into it, and loops over words are what becomes of them"
)]

/// A bit for each of 64·`N` rows.
pub(super) type Plane<const N: usize> = [u64; N];

/// Either a byte for each row, a group of them after the other, or eight planes, from the lowest bit of those bytes up.
pub(super) type Eight<const N: usize> = [Plane<N>; 8];

/// Bytes as words.
#[inline(always)]
pub(super) fn words<const W: usize, const N: usize>(bytes: &[u8; W]) -> Eight<N> {
    let mut words = [[0; N]; 8];
    for (word, bytes) in words.as_flattened_mut().iter_mut().zip(bytes.as_chunks().0) {
        *word = u64::from_le_bytes(*bytes);
    }
    words
}

/// Words as bytes.
#[inline(always)]
pub(super) fn bytes<const W: usize, const N: usize>(words: &Eight<N>, bytes: &mut [u8; W]) {
    for (bytes, word) in bytes.as_chunks_mut().0.iter_mut().zip(words.as_flattened()) {
        *bytes = word.to_le_bytes();
    }
}

/// Turns bytes into planes, and planes into bytes: an 8 × 8 matrix of bits at each byte is transposed, the blocks of 4 × 4
/// bits first.
#[inline(always)]
pub(super) fn transpose<const N: usize>(words: &mut Eight<N>) {
    swap::<N, 4>(words, 0x0f0f_0f0f_0f0f_0f0f);
    swap::<N, 2>(words, 0x3333_3333_3333_3333);
    swap::<N, 1>(words, 0x5555_5555_5555_5555);
}

/// Swaps blocks of `S` × `S` bits across the diagonal; the mask tells the bits of each byte that have bit `S` of their
/// position clear.
#[inline(always)]
fn swap<const N: usize, const S: usize>(words: &mut Eight<N>, mask: u64) {
    for upper in (0..8).filter(|upper| upper & S == 0) {
        for word in 0..N {
            let (high, low) = (words[upper][word], words[upper + S][word]);
            let change = ((high >> S) ^ low) & mask;
            words[upper][word] = high ^ (change << S);
            words[upper + S][word] = low ^ change;
        }
    }
}

/// The rows whose byte is 1; every byte is 1 or 0.
#[inline(always)]
pub(super) fn plane<const W: usize, const N: usize>(bytes: &[u8; W]) -> Plane<N> {
    let words = words::<W, N>(bytes);
    let mut plane = [0; N];
    for (group, words) in words.iter().enumerate() {
        for word in 0..N {
            plane[word] |= words[word] << group;
        }
    }
    plane
}

/// Of numbers of as many bits as there are planes in `bits`, lowest first, sets `above[k]` to those greater than k, for
/// each k that a number can exceed.
#[inline(always)]
pub(super) fn compare<const N: usize>(bits: &[Plane<N>], above: &mut [Plane<N>]) {
    let mut done = 0;
    for bit in bits {
        // A number with one more bit on top exceeds k if that bit is set or the rest exceeds it; and 2ⁿ + k if both.
        let (low, high) = above.split_at_mut(done);
        let Some((middle, high)) = high.split_first_mut() else { return };
        *middle = *bit;
        for (low, high) in low.iter_mut().zip(high) {
            for word in 0..N {
                high[word] = low[word] & bit[word];
                low[word] |= bit[word];
            }
        }
        done = 2 * done + 1;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn bit<const N: usize>(plane: &Plane<N>, row: usize) -> bool {
        let (group, byte) = (row / (8 * N), row % (8 * N));
        plane[byte / 8] >> (byte % 8 * 8 + group) & 1 == 1
    }

    fn check<const W: usize, const N: usize>(values: &[u8]) {
        let values: [u8; W] = std::array::from_fn(|row| values[row % values.len()].wrapping_add(row.to_le_bytes()[0]));
        let mut turned = words::<W, N>(&values);
        transpose(&mut turned);
        for row in 0..W {
            for (place, plane) in turned.iter().enumerate() {
                assert_eq!(bit(plane, row), values[row] >> place & 1 == 1);
            }
        }
        for width in 0..=8 {
            let mut above = vec![[0; N]; (1 << width) - 1];
            compare(&turned[..width], &mut above);
            for row in 0..W {
                let low = usize::from(values[row]) % (1 << width);
                for (number, plane) in above.iter().enumerate() {
                    assert_eq!(bit(plane, row), low > number);
                }
            }
        }
        transpose(&mut turned);
        let mut back = [0; W];
        bytes(&turned, &mut back);
        assert_eq!(back, values);
        let odd = values.map(|value| value & 1);
        let packed = plane::<W, N>(&odd);
        assert!((0..W).all(|row| bit(&packed, row) == (odd[row] == 1)));
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(16))]

        #[test]
        fn bytes_become_bits_and_back(values in prop::collection::vec(any::<u8>(), 1..90)) {
            check::<64, 1>(&values);
            check::<128, 2>(&values);
            check::<512, 8>(&values);
        }
    }
}
