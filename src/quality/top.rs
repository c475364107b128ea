//! The most frequent values of a stream in bounded memory.

use super::digest::Map;

/// Counters that are kept: as long as there are no more different values, every count is exact.
const KEPT: usize = 1000;
/// Counters that there is room for from the first.
const ROOM: usize = 100;
/// Characters of a text that are kept; two texts are told apart by all of them.
const LETTERS: usize = 100;

/// Misra and Gries (1982): with `n` values, a count is short of the true one by at most `n / 1001`, and by nothing while
/// there are at most a thousand different values.
///
/// Merging adds the counters and takes the largest one that does not fit off them all (Agarwal et al. 2012), which does
/// not depend on the order of the counters. What was lost to it depends on where the stream was cut, so parts are always
/// cut by the count of records and merged in the order of the input: any number of threads gives the same counts.
#[derive(Clone, Debug, Default)]
pub(super) struct Top {
    counters: Map<u64, Counter>,
    /// The texts, one behind the other; numbers have none, as their key says it all.
    texts: String,
    /// The most that any count may be short of the true one.
    short: u64,
}

#[derive(Clone, Copy, Debug)]
struct Counter {
    count: u64,
    start: u32,
    end: u32,
}

/// A frequent value: its key, its text and a lower bound of its count.
pub(super) struct Frequent<'t> {
    pub(super) key: u64,
    pub(super) text: &'t str,
    pub(super) count: u64,
}

impl Top {
    /// Counts a value `times`; answers whether it was not among the counters.
    pub(super) fn add(&mut self, key: u64, text: &str, times: u64) -> bool {
        if let Some(counter) = self.counters.get_mut(&key) {
            counter.count += times;
            return false;
        }
        if self.counters.len() >= 2 * KEPT {
            self.prune();
        } else if self.counters.is_empty() {
            // Growing from nothing would cost more than the room.
            self.counters.reserve(ROOM);
            self.texts.reserve(8 * ROOM);
        }
        let start = place(&self.texts);
        match text.char_indices().nth(LETTERS) {
            // Most texts are short enough, and their letters need not be counted.
            Some((end, _)) if text.len() > LETTERS => {
                self.texts.push_str(text.get(..end).unwrap_or_default());
                self.texts.push('…');
            }
            _ => self.texts.push_str(text),
        }
        self.counters.insert(key, Counter { count: times, start, end: place(&self.texts) });
        true
    }

    /// Adds a part that stood behind this one.
    pub(super) fn merge(&mut self, other: &Self) {
        self.short += other.short;
        for (key, counter) in &other.counters {
            if let Some(ours) = self.counters.get_mut(key) {
                ours.count += counter.count;
                continue;
            }
            let start = place(&self.texts);
            self.texts.push_str(other.text(*counter));
            self.counters.insert(*key, Counter { count: counter.count, start, end: place(&self.texts) });
        }
        if self.counters.len() > 2 * KEPT {
            self.prune();
        }
    }

    fn text(&self, counter: Counter) -> &str {
        self.texts.get(counter.start as usize..counter.end as usize).unwrap_or_default()
    }

    /// Brings the counters down to [`KEPT`] or fewer.
    fn prune(&mut self) {
        let mut counts: Vec<u64> = self.counters.values().map(|counter| counter.count).collect();
        if counts.len() <= KEPT {
            return;
        }
        let (_, least, _) = counts.select_nth_unstable_by(KEPT, |left, right| right.cmp(left));
        let least = *least;
        self.short += least;
        let mut kept = Self { short: self.short, ..Self::default() };
        for (key, counter) in &self.counters {
            if counter.count > least {
                let start = place(&kept.texts);
                kept.texts.push_str(self.text(*counter));
                let counter = Counter { count: counter.count - least, start, end: place(&kept.texts) };
                kept.counters.insert(*key, counter);
            }
        }
        *self = kept;
    }

    /// The `most` values with the highest counts, and by how much a count may be too low. Values that may be as frequent
    /// as ones that were lost are left out.
    pub(super) fn frequent<R>(&self, most: usize, take: impl FnOnce(Vec<Frequent<'_>>, u64) -> R) -> R {
        if self.counters.len() > KEPT {
            let mut pruned = self.clone();
            pruned.prune();
            return pruned.frequent(most, take);
        }
        let certain = self.counters.iter().filter(|(_, counter)| counter.count > self.short);
        let mut list: Vec<Frequent<'_>> = certain
            .map(|(key, counter)| Frequent { key: *key, text: self.text(*counter), count: counter.count })
            .collect();
        list.sort_unstable_by(|left, right| {
            right.count.cmp(&left.count).then(left.text.cmp(right.text)).then(left.key.cmp(&right.key))
        });
        list.truncate(most);
        take(list, self.short)
    }
}

/// The end of the texts; two thousand of them stay far below the bound.
fn place(texts: &str) -> u32 {
    u32::try_from(texts.len()).unwrap_or(u32::MAX)
}

#[cfg(test)]
mod tests {
    use super::Top;
    use crate::quality::digest::of_text;
    use std::collections::BTreeMap;

    fn list(top: &Top) -> (Vec<(String, u64)>, u64) {
        top.frequent(10, |list, short| (list.iter().map(|one| (one.text.to_owned(), one.count)).collect(), short))
    }

    fn add(top: &mut Top, text: &str) {
        top.add(of_text(text), text, 1);
    }

    #[test]
    fn few_values_are_counted_exactly() {
        let (mut left, mut right) = (Top::default(), Top::default());
        for index in 0..5000_u32 {
            let text = format!("value {:03}", index % 1000 % (1 + index % 7));
            add(if index % 3 == 0 { &mut left } else { &mut right }, &text);
        }
        for index in 7..1000 {
            add(&mut right, &format!("value {index:03}"));
        }
        let mut truth: BTreeMap<String, u64> = BTreeMap::new();
        for index in 0..5000_u32 {
            *truth.entry(format!("value {:03}", index % 1000 % (1 + index % 7))).or_default() += 1;
        }
        left.merge(&right);
        let mut truth: Vec<_> = truth.into_iter().collect();
        truth.sort_by_key(|(text, count)| (std::cmp::Reverse(*count), text.clone()));
        let (found, short) = list(&left);
        assert_eq!((&found[..7], short), (&truth[..7], 0));
        // A tie is settled by the text.
        assert_eq!(found[7], ("value 007".to_owned(), 1));
    }

    #[test]
    fn bounds_hold_where_there_are_many() {
        let mut top = Top::default();
        let mut truth: BTreeMap<String, u64> = BTreeMap::new();
        for share in 0..200_u64 {
            let mut part = Top::default();
            for index in 0..512_u64 {
                let text = if index % 8 == 0 { format!("often {}", index % 5) } else { format!("{share} {index}") };
                *truth.entry(text.clone()).or_default() += 1;
                add(&mut part, &text);
            }
            top.merge(&part);
        }
        let (found, short) = list(&top);
        assert!(short > 0 && short <= 200 * 512 / 1001, "{short}");
        assert_eq!(found.len(), 5);
        for (text, count) in found {
            assert!(count <= truth[&text] && truth[&text] <= count + short, "{text}: {count} {}", truth[&text]);
        }
    }

    #[test]
    fn long_texts_are_cut_but_told_apart() {
        let mut top = Top::default();
        for end in ["a", "b", "b"] {
            add(&mut top, &format!("{}{end}", "ü".repeat(150)));
        }
        let (found, _) = list(&top);
        assert_eq!(found.iter().map(|(_, count)| *count).collect::<Vec<_>>(), [2, 1]);
        assert_eq!(found[0].0.chars().count(), 101);
    }
}
