//! l-diversity: how many different sensitive values the records of a group have.

use super::Survey;

/// Most different values of a group that are told apart; the others count as one.
const MOST: usize = 64;

/// The sensitive values of one group.
#[derive(Clone, Debug, Default)]
pub(super) struct Tally {
    /// The beginning of each value's keyed digest, and how often it occurs.
    seen: Vec<(u64, u64)>,
    /// Records with other values.
    others: u64,
}

impl Tally {
    /// Counts a value; one that is new is told apart from the others only where there is `room`.
    pub(super) fn add(&mut self, value: u64, count: u64, room: bool) {
        if let Some((_, before)) = self.seen.iter_mut().find(|(known, _)| *known == value) {
            *before += count;
        } else if self.seen.len() < MOST && room {
            self.seen.push((value, count));
        } else {
            self.others += count;
        }
    }

    pub(super) fn merge(&mut self, other: &Self, room: bool) {
        for (value, count) in &other.seen {
            self.add(*value, *count, room);
        }
        self.others += other.others;
    }

    /// How many values it remembers.
    pub(super) fn held(&self) -> usize {
        self.seen.len()
    }

    /// How many different values there are, at least.
    fn distinct(&self) -> u64 {
        self.seen.len() as u64 + u64::from(self.others > 0)
    }

    /// The number of equally frequent values that have the same entropy, at least: e^H, in 1..=distinct.
    #[allow(clippy::cast_precision_loss, reason = "counts of records, far below 2^53")]
    fn effective(&self) -> f64 {
        let counts = self.seen.iter().map(|(_, count)| *count).chain((self.others > 0).then_some(self.others));
        let counts: Vec<f64> = counts.map(|count| count as f64).collect();
        let whole: f64 = counts.iter().sum();
        let entropy: f64 = counts.iter().map(|count| -(count / whole) * libm::log(count / whole)).sum();
        libm::exp(entropy)
    }
}

/// How diverse one sensitive field is within the groups.
#[derive(Clone, Debug, PartialEq)]
pub struct Diversity {
    /// The field, as JSON Pointer.
    pub path: String,
    /// Different values in the poorest group (distinct l-diversity).
    pub distinct: u64,
    /// The least e^H over the groups, where H is the entropy of the group's values: entropy l-diversity holds for every l
    /// up to it. Never above [`Diversity::distinct`].
    pub entropy: f64,
    /// Groups of which all records have one value.
    pub uniform_groups: u64,
    /// The records in them: who finds the group knows the value.
    pub uniform_records: u64,
    /// Some group had more values than are told apart, so that the figures are lower bounds.
    pub bounded: bool,
}

impl Survey {
    /// The diversity of the sensitive field at a place of the plan; none without records.
    pub(super) fn diversity(&self, at: usize, path: &str) -> Option<Diversity> {
        let tallies: Vec<(&Tally, u64)> =
            self.groups.iter().filter_map(|group| Some((group.tallies.get(at)?, group.count))).collect();
        let uniform = tallies.iter().filter(|(tally, _)| tally.distinct() == 1 && tally.held() == 1);
        let (uniform_groups, uniform_records) = uniform.fold((0, 0), |(n, sum), (_, count)| (n + 1, sum + count));
        Some(Diversity {
            path: path.to_owned(),
            distinct: tallies.iter().map(|(tally, _)| tally.distinct()).min()?,
            entropy: tallies.iter().map(|(tally, _)| tally.effective()).min_by(f64::total_cmp)?,
            uniform_groups,
            uniform_records,
            bounded: tallies.iter().any(|(tally, _)| tally.others > 0),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_full_tally_gives_lower_bounds() {
        let mut tally = Tally::default();
        for value in 0..100 {
            tally.add(value, 1, true);
        }
        assert_eq!((tally.held(), tally.distinct(), tally.others), (MOST, MOST as u64 + 1, 36));
        assert!(tally.effective() < 100.0);
        let mut four = Tally::default();
        for value in 0..4 {
            four.add(value, 25, true);
        }
        assert!((four.effective() - 4.0).abs() < 1e-12);
        four.add(9, 1, false);
        assert_eq!((four.held(), four.distinct()), (4, 5));
    }
}
