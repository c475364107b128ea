//! Three parts of the training rows: one to fit on, one to calibrate on, one to measure on.

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
pub(super) enum Part {
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

pub(super) fn by_moment(moments: impl Iterator<Item = Option<i64>> + Clone) -> Vec<Part> {
    let mut sorted: Vec<i64> = moments.clone().flatten().collect();
    sorted.sort_unstable();
    let cut = |fifths: usize| sorted.get(sorted.len() * fifths / 5).copied().unwrap_or(i64::MAX);
    let (dev, test) = (cut(3), cut(4));
    let part = |moment: Option<i64>| match moment {
        Some(moment) if moment >= test => Part::Test,
        Some(moment) if moment >= dev => Part::Dev,
        _ => Part::Train,
    };
    moments.map(part).collect()
}

#[cfg(test)]
mod tests {
    use super::{Part, by_moment};

    #[test]
    fn the_last_rows_are_measured_on() {
        let moments = [Some(50), Some(10), None, Some(20), Some(30), Some(40)];
        let parts = by_moment(moments.into_iter());
        assert_eq!(parts, [Part::Test, Part::Train, Part::Train, Part::Train, Part::Train, Part::Dev]);
        // Rows of one moment are never on both sides.
        let parts = by_moment([7, 7, 7, 7, 7].map(Some).into_iter());
        assert!(parts.iter().all(|part| *part == parts[0]));
        assert!(by_moment([None, None].into_iter()).iter().all(|part| *part == Part::Train));
    }
}
