//! What a forest is asked to be, checked once.

use serde::{Deserialize, Serialize};
use std::fmt;

/// Where the decision function changes its sign.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub enum Contamination {
    /// At the score 0.5, as the paper proposes: the score of a row whose path is as long as an average one.
    #[default]
    Auto,
    /// At the score that this share of the training rows exceeds, in (0, 0.5].
    Rate(f64),
}

/// The parameters of [`fit`](super::fit), named after scikit-learn's `IsolationForest`.
///
/// # Example
/// ```
/// use tamis::forest::{Contamination, Params};
///
/// let params = Params { contamination: Contamination::Rate(0.01), seed: 7, ..Params::default() };
/// assert!(params.check().is_ok());
/// assert!(Params { trees: 0, ..Params::default() }.check().is_err());
/// ```
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Params {
    /// Number of trees, 1 to 100,000; 100 by default.
    pub trees: usize,
    /// Rows that each tree is grown on, at least 2; 256 by default. More than the data has means all of them.
    pub samples: usize,
    /// Where the decision function changes its sign; [`Contamination::Auto`] by default.
    pub contamination: Contamination,
    /// The same seed, parameters and rows give the same forest on every machine; 0 by default.
    pub seed: u64,
}

impl Default for Params {
    fn default() -> Self {
        Self { trees: 100, samples: 256, contamination: Contamination::Auto, seed: 0 }
    }
}

/// The most trees that a forest may have.
pub const MOST_TREES: usize = 100_000;

impl Params {
    /// Proves the parameters to be usable.
    ///
    /// # Errors
    /// For a number out of the range that its field names.
    pub fn check(self) -> Result<CheckedParams, ParamsError> {
        if !(1..=MOST_TREES).contains(&self.trees) {
            return Err(ParamsError::Trees(self.trees));
        }
        if self.samples < 2 {
            return Err(ParamsError::Samples(self.samples));
        }
        match self.contamination {
            Contamination::Rate(rate) if !(rate > 0.0 && rate <= 0.5) => Err(ParamsError::Contamination(rate)),
            _ => Ok(CheckedParams(self)),
        }
    }
}

/// Parameters that [`Params::check`] has proved to be usable.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct CheckedParams(Params);

impl CheckedParams {
    /// The parameters.
    #[must_use]
    pub fn get(&self) -> &Params {
        &self.0
    }
}

/// A parameter is out of range.
#[derive(Clone, Copy, Debug, PartialEq)]
#[non_exhaustive]
pub enum ParamsError {
    /// The number of trees is not in 1 to [`MOST_TREES`].
    Trees(usize),
    /// Fewer than two rows a tree.
    Samples(usize),
    /// The contamination is not in (0, 0.5].
    Contamination(f64),
}

impl ParamsError {
    /// A code that stays the same from version to version.
    #[must_use]
    pub fn kind(&self) -> &'static str {
        match self {
            Self::Trees(_) => "trees",
            Self::Samples(_) => "samples",
            Self::Contamination(_) => "contamination",
        }
    }
}

impl fmt::Display for ParamsError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Trees(n) => write!(f, "a forest has 1 to {MOST_TREES} trees, not {n}"),
            Self::Samples(n) => write!(f, "a tree needs at least 2 rows, not {n}"),
            Self::Contamination(rate) => write!(f, "contamination is auto or in (0, 0.5], not {rate}"),
        }
    }
}

impl std::error::Error for ParamsError {}

impl Serialize for Contamination {
    /// As scikit-learn's argument: `"auto"` or the number.
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::Auto => serializer.serialize_str("auto"),
            Self::Rate(rate) => serializer.serialize_f64(*rate),
        }
    }
}

impl<'de> Deserialize<'de> for Contamination {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        #[derive(Deserialize)]
        #[serde(untagged)]
        enum Text {
            Number(f64),
            Word(String),
        }
        match Text::deserialize(deserializer)? {
            Text::Number(rate) => Ok(Self::Rate(rate)),
            Text::Word(word) if word == "auto" => Ok(Self::Auto),
            Text::Word(_) => Err(serde::de::Error::custom("contamination is \"auto\" or a number")),
        }
    }
}
