//! Three parts of the training rows: one to fit on, one to calibrate on, one to measure on.

use siphasher::sip::SipHasher13;
use std::hash::Hasher as _;

/// What decides the part of a row.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SplitBy {
    /// A hash of its id: three fifths, one, and one.
    Id,
    /// When it happened: the first 60 per cent, the next 20, the last 20. Rows of one moment stay together; those that
    /// have none are fitted on.
    Moment,
}

/// A part of the rows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Part {
    /// Fitted on.
    Train,
    /// Calibrated on.
    Dev,
    /// Measured on.
    Test,
}

impl Part {
    pub(super) fn of_fold(fold: u8) -> Self {
        match fold {
            0..=2 => Self::Train,
            3 => Self::Dev,
            _ => Self::Test,
        }
    }
}

/// How much of the rows is calibrated on and how much is measured on; the rest is fitted on.
///
/// Counted in ten-thousandths, so that a cut falls at the same row on every target.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Shares {
    dev: u64,
    test: u64,
}

/// A whole.
const ALL: u64 = 10_000;

impl Shares {
    /// A fifth each.
    pub(super) const FIFTHS: Self = Self { dev: ALL / 5, test: ALL / 5 };

    /// Shares in [0, 1), to the fourth decimal; none where they leave nothing to fit on.
    #[must_use]
    #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "checked to be in [0, 1)")]
    pub fn new(dev: f64, test: f64) -> Option<Self> {
        let part = |share: f64| (0.0..1.0).contains(&share).then(|| (share * 10_000.0).round() as u64);
        let (dev, test) = (part(dev)?, part(test)?);
        (dev + test < ALL).then_some(Self { dev, test })
    }

    /// The part of the row with this id. It does not depend on any other row, so more data move no row to another part.
    #[must_use]
    pub fn by_id(self, id: &[u8]) -> Part {
        let mut hasher = SipHasher13::new();
        hasher.write(id);
        match hasher.finish() % ALL {
            place if place < self.test => Part::Test,
            place if place < self.test + self.dev => Part::Dev,
            _ => Part::Train,
        }
    }

    /// The parts of rows by when they happened: the latest are measured on, those before them calibrated on. Rows of one
    /// moment stay together; those that have none are fitted on.
    #[must_use]
    pub fn by_moment(self, moments: impl Iterator<Item = Option<i64>> + Clone) -> Vec<Part> {
        let mut sorted: Vec<i64> = moments.clone().flatten().collect();
        sorted.sort_unstable();
        let cut = |before: u64| {
            let place = sorted.len() as u128 * u128::from(before) / u128::from(ALL);
            usize::try_from(place).ok().and_then(|place| sorted.get(place)).copied().unwrap_or(i64::MAX)
        };
        let (dev, test) = (cut(ALL - self.test - self.dev), cut(ALL - self.test));
        let part = |moment: Option<i64>| match moment {
            Some(moment) if self.test > 0 && moment >= test => Part::Test,
            Some(moment) if self.dev > 0 && moment >= dev => Part::Dev,
            _ => Part::Train,
        };
        moments.map(part).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::{Part, Shares};
    use proptest::prelude::*;

    #[test]
    fn the_last_rows_are_measured_on() {
        let moments = [Some(50), Some(10), None, Some(20), Some(30), Some(40)];
        let parts = Shares::FIFTHS.by_moment(moments.into_iter());
        assert_eq!(parts, [Part::Test, Part::Train, Part::Train, Part::Train, Part::Train, Part::Dev]);
        // Rows of one moment are never on both sides.
        let parts = Shares::FIFTHS.by_moment([7, 7, 7, 7, 7].map(Some).into_iter());
        assert!(parts.iter().all(|part| *part == parts[0]));
        assert!(Shares::FIFTHS.by_moment([None, None].into_iter()).iter().all(|part| *part == Part::Train));
        let no_dev = Shares::new(0.0, 0.5).unwrap().by_moment([1, 2, 3, 4].map(Some).into_iter());
        assert_eq!(no_dev, [Part::Train, Part::Train, Part::Test, Part::Test]);
    }

    #[test]
    fn something_is_left_to_fit_on() {
        for (dev, test) in [(0.5, 0.5), (1.0, 0.0), (-0.1, 0.2), (f64::NAN, 0.1), (0.3, 0.699_99)] {
            assert_eq!(Shares::new(dev, test), None, "{dev} {test}");
        }
        assert!(Shares::new(0.0, 0.0).is_some() && Shares::new(0.15, 0.15).is_some());
    }

    #[test]
    fn ids_are_split_as_the_shares_say() {
        let shares = Shares::new(0.1, 0.3).unwrap();
        let parts: Vec<Part> = (0..20_000_u32).map(|id| shares.by_id(id.to_string().as_bytes())).collect();
        let count = |part: Part| parts.iter().filter(|other| **other == part).count();
        assert!(count(Part::Dev).abs_diff(2000) < 150 && count(Part::Test).abs_diff(6000) < 250);
    }

    proptest! {
        /// What is measured on is later than what is calibrated on, and that later than what is fitted on.
        #[test]
        fn time_goes_one_way(moments in prop::collection::vec(0_i64..50, 1..200), dev in 0.0..0.4, test in 0.0..0.5) {
            let parts = Shares::new(dev, test).unwrap().by_moment(moments.iter().copied().map(Some));
            let of = |part: Part| moments.iter().zip(&parts).filter(move |row| *row.1 == part).map(|row| *row.0);
            let later = |late: Option<i64>, early: Option<i64>| late.zip(early).is_none_or(|(late, early)| late > early);
            prop_assert!(later(of(Part::Test).min(), of(Part::Dev).chain(of(Part::Train)).max()));
            prop_assert!(later(of(Part::Dev).min(), of(Part::Train).max()));
        }
    }
}
