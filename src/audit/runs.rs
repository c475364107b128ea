//! Runs of bytes of one class, found 64 bytes at a time.

/// A bit for every byte of a class.
#[derive(Default)]
pub(super) struct Mask(Vec<u64>);

impl Mask {
    /// Marks the bytes of a class.
    pub(super) fn set(&mut self, bytes: &[u8], is: impl Fn(u8) -> bool) {
        self.0.clear();
        let mut blocks = bytes.chunks_exact(64);
        for block in &mut blocks {
            let mut word = 0;
            let mut marks = [[0_u8; 8]; 8];
            for (mark, byte) in marks.as_flattened_mut().iter_mut().zip(block) {
                *mark = u8::from(is(*byte));
            }
            for (index, eight) in marks.into_iter().enumerate() {
                // Gathers the lowest bit of each byte.
                let eight = u64::from_le_bytes(eight).wrapping_mul(0x0102_0408_1020_4080) >> 56;
                word |= eight << (index * 8);
            }
            self.0.push(word);
        }
        let mut word = 0;
        for (index, byte) in blocks.remainder().iter().enumerate() {
            word |= u64::from(is(*byte)) << index;
        }
        self.0.push(word);
    }

    /// All marked places, in order.
    pub(super) fn marked(&self) -> impl Iterator<Item = usize> {
        self.0.iter().enumerate().flat_map(|(index, word)| {
            let next = |left: &u64| Some(left & left.wrapping_sub(1));
            let left = std::iter::successors(Some(*word), next).take_while(|left| *left != 0);
            left.map(move |left| index * 64 + left.trailing_zeros() as usize)
        })
    }

    /// The first place from `at` on that is marked, or is not.
    #[inline]
    fn next(&self, at: usize, marked: bool) -> Option<usize> {
        let flip = if marked { 0 } else { u64::MAX };
        let mut index = at / 64;
        let mut word = (self.0.get(index)? ^ flip) >> (at % 64);
        if word != 0 {
            return Some(at + word.trailing_zeros() as usize);
        }
        loop {
            index += 1;
            word = self.0.get(index)? ^ flip;
            if word != 0 {
                return Some(index * 64 + word.trailing_zeros() as usize);
            }
        }
    }

    /// The next longest run of marked bytes from `at` on.
    #[inline]
    pub(super) fn run(&self, at: usize) -> Option<(usize, usize)> {
        let start = self.next(at, true)?;
        // Behind the last byte nothing is marked, unless the bytes fill their words: then the words end.
        Some((start, self.next(start, false).unwrap_or(self.0.len() * 64)))
    }
}

#[cfg(test)]
mod tests {
    use super::Mask;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn runs_are_those_of_a_simple_loop(bytes in prop::collection::vec(prop::sample::select(b"aaaaaa.".to_vec()), 0..300)) {
            let mut mask = Mask::default();
            mask.set(&bytes, |byte| byte == b'a');
            let mut found = Vec::new();
            let mut at = 0;
            while let Some((start, end)) = mask.run(at) {
                let end = end.min(bytes.len());
                found.push((start, end));
                at = end;
                if at >= bytes.len() {
                    break;
                }
            }
            let mut wanted = Vec::new();
            let mut start = None;
            for (at, byte) in bytes.iter().chain(b".").enumerate() {
                match (byte, start) {
                    (b'a', None) => start = Some(at),
                    (b'.', Some(from)) => {
                        wanted.push((from, at));
                        start = None;
                    }
                    _ => {}
                }
            }
            prop_assert_eq!(found, wanted);
            let marked: Vec<usize> = (0..bytes.len()).filter(|at| bytes[*at] == b'a').collect();
            prop_assert_eq!(mask.marked().collect::<Vec<_>>(), marked);
        }
    }
}
