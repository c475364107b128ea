//! How many of all: a count, or a share.

use serde::{Deserialize, Serialize};
use std::fmt;
use std::str::FromStr;

/// So many of all, or such a share of them; scikit-learn's integer or float.
///
/// # Example
/// ```
/// use tamis::forest::Amount;
///
/// assert_eq!(Amount::Count(256).of(1000), 256);
/// assert_eq!(Amount::Share(0.25).of(1000), 250);
/// assert_eq!(Amount::Count(256).of(100), 100);
/// assert_eq!("0.5".parse(), Ok(Amount::Share(0.5)));
/// assert_eq!("1".parse(), Ok(Amount::Count(1)));
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(untagged)]
pub enum Amount {
    /// So many, or all where there are fewer.
    Count(usize),
    /// A share in (0, 1], rounded down.
    Share(f64),
}

impl Amount {
    /// All of them.
    pub const ALL: Self = Self::Share(1.0);

    /// How many that is of a total.
    #[must_use]
    #[allow(clippy::cast_precision_loss, reason = "totals stay far below 2^53")]
    #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "between 0 and the total")]
    pub fn of(self, total: usize) -> usize {
        match self {
            Self::Count(count) => count.min(total),
            Self::Share(share) => ((share * total as f64) as usize).min(total),
        }
    }

    /// Whether it is a count of at least `least`, or a share in (0, 1].
    pub(super) fn is_at_least(self, least: usize) -> bool {
        match self {
            Self::Count(count) => count >= least,
            Self::Share(share) => share > 0.0 && share <= 1.0,
        }
    }
}

impl From<usize> for Amount {
    fn from(count: usize) -> Self {
        Self::Count(count)
    }
}

impl fmt::Display for Amount {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Count(count) => write!(f, "{count}"),
            // With its point: a share of 1.0 is all, a count of 1 is one.
            Self::Share(share) => write!(f, "{share:?}"),
        }
    }
}

impl FromStr for Amount {
    type Err = &'static str;

    /// A whole number is a count, a number with a point is a share.
    fn from_str(text: &str) -> Result<Self, Self::Err> {
        if let Ok(count) = text.parse() {
            return Ok(Self::Count(count));
        }
        let share = text.parse::<f64>().ok().filter(|share| *share > 0.0 && *share <= 1.0);
        share.map(Self::Share).ok_or("must be a count, or a share in (0, 1] with a decimal point")
    }
}
