//! What can be asked of the generator.

use std::fmt;

/// How many orders, and of what quality.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Params {
    /// How many lines, at most [`Params::MOST_ROWS`].
    pub rows: u64,
    /// Decides every draw: the same parameters give the same bytes.
    pub seed: u64,
    /// The share of lines with at least one defect, from 0 to 1. About two thirds of them must be rejected, the others
    /// are repaired.
    pub defects: f64,
    /// The share of odd orders among those without a defect, from 0 to 1.
    pub anomalies: f64,
}

impl Params {
    /// Beyond this many rows the ids would take more than their twelve digits.
    pub const MOST_ROWS: u64 = 100_000_000_000;

    pub(super) fn check(&self) -> Result<(), Error> {
        if self.rows > Self::MOST_ROWS {
            return Err(Error::Rows(self.rows));
        }
        // Not a number is in no range.
        if !(0.0..=1.0).contains(&self.defects) {
            return Err(Error::Defects(self.defects));
        }
        if !(0.0..=1.0).contains(&self.anomalies) {
            return Err(Error::Anomalies(self.anomalies));
        }
        Ok(())
    }
}

/// A parameter that is out of its range.
#[derive(Clone, Copy, Debug, PartialEq)]
#[non_exhaustive]
pub enum Error {
    /// More rows than there are ids.
    Rows(u64),
    /// A share of defects below 0, above 1, or not a number.
    Defects(f64),
    /// A share of anomalies below 0, above 1, or not a number.
    Anomalies(f64),
}

impl Error {
    /// The stable code.
    #[must_use]
    pub fn code(&self) -> &'static str {
        match self {
            Self::Rows(_) => "rows",
            Self::Defects(_) => "defects",
            Self::Anomalies(_) => "anomalies",
        }
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Rows(rows) => write!(f, "rows must be at most {}, but is {rows}", Params::MOST_ROWS),
            Self::Defects(share) => write!(f, "defects must be a share from 0 to 1, but is {share}"),
            Self::Anomalies(share) => write!(f, "anomalies must be a share from 0 to 1, but is {share}"),
        }
    }
}

impl std::error::Error for Error {}
