//! Sketches of the values of one field, each of a fixed size.

use siphasher::sip::SipHasher13;
use std::collections::{BTreeMap, BTreeSet};
use std::hash::Hasher;

/// Whether `part` is at least so many thousandths of `whole`.
pub(super) fn share(part: u64, whole: u64, permille: u64) -> bool {
    part.saturating_mul(1000) >= whole.saturating_mul(permille)
}

/// Numbers, from JSON or from text.
#[derive(Clone, Debug, Default)]
pub(super) struct Numbers {
    pub(super) count: u64,
    pub(super) whole: u64,
    pub(super) negative: u64,
    pub(super) zero: u64,
    /// Above 100.
    pub(super) above_hundred: u64,
    /// Beyond ±90 and beyond ±180.
    pub(super) beyond: [u64; 2],
    /// Too large for a double to hold exactly.
    pub(super) inexact: u64,
    /// How often each whole number from 0 to 31 stands there.
    pub(super) small: Vec<u64>,
    first: Option<f64>,
    /// Two different numbers were seen.
    pub(super) varies: bool,
}

impl Numbers {
    const SMALL: usize = 32;

    pub(super) fn add(&mut self, value: f64) {
        self.count += 1;
        let whole = crate::contract::is_whole(value);
        self.whole += u64::from(whole);
        self.negative += u64::from(value < 0.0);
        self.zero += u64::from(value == 0.0);
        self.above_hundred += u64::from(value > 100.0);
        self.beyond[0] += u64::from(value.abs() > 90.0);
        self.beyond[1] += u64::from(value.abs() > 180.0);
        self.inexact += u64::from(!value.is_finite() || (whole && value.abs() > 9_007_199_254_740_991.0));
        self.varies |= self.first.is_some_and(|first| first.to_bits() != value.to_bits());
        self.first = self.first.or(Some(value));
        #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "whole and within 0 and 31")]
        if whole && (0.0..32.0).contains(&value) {
            self.small.resize(Self::SMALL, 0);
            if let Some(count) = self.small.get_mut(value as usize) {
                *count += 1;
            }
        }
    }

    pub(super) fn merged(&self, other: &Self) -> Self {
        let mut all = self.clone();
        all.count += other.count;
        all.whole += other.whole;
        all.negative += other.negative;
        all.zero += other.zero;
        all.above_hundred += other.above_hundred;
        all.beyond = [self.beyond[0] + other.beyond[0], self.beyond[1] + other.beyond[1]];
        all.inexact += other.inexact;
        all.small.resize(Self::SMALL, 0);
        for (count, more) in all.small.iter_mut().zip(&other.small) {
            *count += more;
        }
        all.varies |=
            other.varies || self.first.zip(other.first).is_some_and(|(one, two)| one.to_bits() != two.to_bits());
        all
    }
}

/// Texts and how often they stand there, told apart without regard to letter case: exact while they are few, the
/// frequent ones beyond (Misra and Gries 1982).
#[derive(Clone, Debug, Default)]
pub(super) struct Common {
    words: BTreeMap<String, Word>,
    /// The texts are too many to be a list of values; nothing of them is kept.
    open: bool,
    seen: u64,
}

#[derive(Clone, Debug, Default)]
struct Word {
    count: u64,
    /// The forms that differ in letter case.
    forms: BTreeMap<String, u64>,
}

/// One value of a list, in its usual letter case.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Usual {
    pub(super) text: String,
    pub(super) count: u64,
    /// How often it stands in the usual letter case.
    pub(super) in_form: u64,
    /// It also stands there in lower case alone, and in upper case alone.
    pub(super) in_lower: u64,
    pub(super) in_upper: u64,
}

impl Common {
    const MOST_WORDS: usize = 200;
    const MOST_FORMS: usize = 8;
    /// Longest text that may be out of a list, in bytes.
    const LONGEST: usize = 48;
    /// After so many texts a list of values shows, or there is none.
    const PATIENCE: u64 = 4000;

    pub(super) fn add(&mut self, text: &str) {
        if self.open {
            return;
        }
        self.seen += 1;
        if text.len() > Self::LONGEST {
            return;
        }
        let folded = text.to_lowercase();
        let known = self.words.contains_key(&folded);
        if !known && self.words.len() >= Self::MOST_WORDS {
            self.words.retain(|_, word| {
                word.count -= 1;
                word.count > 0
            });
            let covered: u64 = self.words.values().map(|word| word.count).sum();
            if self.seen >= Self::PATIENCE && !share(covered, self.seen, 800) {
                self.open = true;
                self.words.clear();
            }
            return;
        }
        let word = self.words.entry(folded).or_default();
        word.count += 1;
        if word.forms.len() < Self::MOST_FORMS || word.forms.contains_key(text) {
            *word.forms.entry(text.to_owned()).or_default() += 1;
        }
    }

    /// The texts, the most frequent first; none where they are too many.
    pub(super) fn list(&self) -> Option<Vec<Usual>> {
        if self.open {
            return None;
        }
        let mut list: Vec<Usual> = self
            .words
            .values()
            .filter_map(|word| {
                let (text, in_form) = word.forms.iter().max_by_key(|(_, count)| **count)?;
                let count = |form: &str| word.forms.get(form).copied().unwrap_or(0);
                let (in_lower, in_upper) = (count(&text.to_lowercase()), count(&text.to_uppercase()));
                Some(Usual { text: text.clone(), count: word.count, in_form: *in_form, in_lower, in_upper })
            })
            .collect();
        list.sort_by(|one, two| two.count.cmp(&one.count).then_with(|| one.text.cmp(&two.text)));
        Some(list)
    }
}

/// Tells whether values repeat: exact for as many as it holds, then it goes by those.
#[derive(Clone, Debug, Default)]
pub(super) struct Repeats {
    digests: BTreeSet<u64>,
    pub(super) count: u64,
    pub(super) repeated: u64,
}

impl Repeats {
    const MOST: usize = 1 << 18;

    pub(super) fn add(&mut self, value: &str) {
        // What repeats often is no key; it need not be followed further.
        if self.digests.len() >= Self::MOST
            || (self.count >= 1000 && !share(self.count - self.repeated, self.count, 800))
        {
            return;
        }
        self.count += 1;
        let mut hasher = SipHasher13::new();
        hasher.write(value.as_bytes());
        self.repeated += u64::from(!self.digests.insert(hasher.finish()));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn common_texts_are_found_among_many() {
        let mut common = Common::default();
        for n in 0..20_000 {
            common.add(if n % 2 == 0 { "Paid" } else { "open" });
            if n % 50 == 0 {
                common.add(&format!("typing error {n}"));
            }
        }
        let list = common.list().unwrap();
        assert_eq!((list[0].text.as_str(), list[1].text.as_str()), ("Paid", "open"));
        assert!(list[0].count > 9000 && list.len() <= Common::MOST_WORDS);
        let mut open = Common::default();
        (0..20_000).for_each(|n| open.add(&n.to_string()));
        assert_eq!(open.list(), None);
    }

    #[test]
    fn repeats_are_counted() {
        let mut repeats = Repeats::default();
        for text in ["a", "b", "a"] {
            repeats.add(text);
        }
        assert_eq!((repeats.count, repeats.repeated), (3, 1));
    }
}
