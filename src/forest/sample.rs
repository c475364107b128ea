//! A tree's rows: some of all, each at most once.

use super::random::Random;

/// `count` different rows of 0..`total`, each set equally likely, in time that depends on `count` alone.
///
/// Floyd's method (Bentley and Floyd, *A sample of brilliance*, 1987): at the k-th step a row of the first
/// total − count + k + 1 is drawn, and the last of them stands in for one that was drawn before.
pub(super) fn sample(total: u32, count: u32, random: &mut Random) -> Vec<u32> {
    if count >= total {
        return (0..total).collect();
    }
    let mut seen = Seen::new(count);
    let mut rows = Vec::with_capacity(count as usize);
    for last in total - count..total {
        let drawn = random.below(last as usize + 1);
        let drawn = u32::try_from(drawn).unwrap_or(last);
        if seen.insert(drawn) {
            rows.push(drawn);
        } else {
            seen.insert(last);
            rows.push(last);
        }
    }
    rows
}

/// The rows drawn so far: open addressing over a table at most half full.
struct Seen {
    slots: Vec<u32>,
    shift: u32,
}

/// No row has this number: a matrix holds fewer than 2^32 − 1.
const FREE: u32 = u32::MAX;

impl Seen {
    fn new(count: u32) -> Self {
        let size = (u64::from(count) * 2).next_power_of_two();
        let slots = vec![FREE; usize::try_from(size).unwrap_or(usize::MAX)];
        Self { slots, shift: 64 - size.trailing_zeros() }
    }

    /// Adds a row; false if it was there.
    fn insert(&mut self, row: u32) -> bool {
        let hash = u64::from(row).wrapping_mul(0x9e37_79b9_7f4a_7c15) >> self.shift;
        let (head, tail) = self.slots.split_at_mut(usize::try_from(hash).unwrap_or(0));
        for slot in tail.iter_mut().chain(head) {
            if *slot == row {
                return false;
            }
            if *slot == FREE {
                *slot = row;
                return true;
            }
        }
        false
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rows_are_different_and_fair() {
        let mut hits = [0_u32; 10];
        for tree in 0..2000 {
            let mut rows = sample(10, 4, &mut Random::for_tree(3, tree));
            rows.sort_unstable();
            rows.dedup();
            assert_eq!(rows.len(), 4);
            for row in rows {
                if let Some(hit) = hits.get_mut(row as usize) {
                    *hit += 1;
                }
            }
        }
        assert!(hits.iter().all(|&n| (700..900).contains(&n)), "{hits:?}");
    }

    #[test]
    fn all_rows_when_there_are_no_more() {
        assert_eq!(sample(3, 5, &mut Random::for_tree(0, 0)), [0, 1, 2]);
    }
}
