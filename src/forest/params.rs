//! What a forest is asked to be, checked once.

use super::amount::Amount;
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
    /// At the score that so many of the training rows exceed: at least 1, at most half of them.
    Count(usize),
}

impl Contamination {
    /// The share of so many training rows that is to be flagged; none where the offset is fixed.
    #[must_use]
    #[allow(clippy::cast_precision_loss, reason = "counts of rows stay far below 2^53")]
    pub fn rate(self, rows: usize) -> Option<f64> {
        match self {
            Self::Auto => None,
            Self::Rate(rate) => Some(rate),
            Self::Count(count) => Some(count as f64 / rows.max(1) as f64),
        }
    }
}

/// How a node finds the threshold of the feature that it drew.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Split {
    /// Uniform between the feature's extremes in the node, as the paper has it.
    #[default]
    Random,
    /// Where the two sides' deviations, weighted by their rows, are least: isotree's pooled gain.
    Gain,
    /// Where the two sides' mean deviation is least: the averaged gain of the *`SCiForest`* paper (Liu, Ting and Zhou, 2010).
    Average,
    /// Where the sides' densities (rows over range) differ most.
    Density,
}

/// How tall a tree may become.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Height {
    /// ⌈log₂ ψ⌉, as the paper and scikit-learn have it: what is deeper is no anomaly, and is estimated by c(n).
    #[default]
    Average,
    /// Until every row is alone, or equal to its neighbours: no estimate, so usual rows are told apart too.
    Full,
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
    /// Rows that each tree is grown on, at least 2; 256 by default. More than the data has means all of them; of a
    /// share, rounded down, at least 2.
    pub samples: Amount,
    /// Features that each tree may split, drawn without replacement, at least 1; all by default. More than the data
    /// has means all of them; a share is rounded down, as scikit-learn does.
    pub features: Amount,
    /// Whether a row may be drawn for a tree more than once; false by default.
    pub bootstrap: bool,
    /// Where the decision function changes its sign; [`Contamination::Auto`] by default.
    pub contamination: Contamination,
    /// How nodes find their thresholds; [`Split::Random`] by default.
    pub split: Split,
    /// The share of the nodes that follow [`split`](Self::split), in \[0, 1\]; the others draw at random. 1 by default.
    pub guided: f64,
    /// How tall a tree may become; [`Height::Average`] by default.
    pub height: Height,
    /// The level of an extended forest (Hariri, Kind and Brunner 2019): a split is a plane of `extension` + 1
    /// features. None, the default, is the standard forest. Level 0 splits one feature too, but unlike the standard
    /// forest it does not draw again when that feature is constant in a node. A level of the number of features that
    /// vary over the rows, or more, means all of these; the others take no part.
    pub extension: Option<usize>,
    /// The same seed, parameters and rows give the same forest on every machine; 0 by default.
    pub seed: u64,
}

impl Default for Params {
    fn default() -> Self {
        Self {
            trees: 100,
            samples: Amount::Count(256),
            features: Amount::ALL,
            bootstrap: false,
            contamination: Contamination::Auto,
            split: Split::Random,
            guided: 1.0,
            height: Height::Average,
            extension: None,
            seed: 0,
        }
    }
}

/// The most trees that a forest may have.
pub const MOST_TREES: usize = 100_000;

impl Params {
    /// The one other configuration that is worth a name: better than the defaults on most data. Scoring takes three
    /// times as long, and fitting 27 times with 10,000 rows.
    ///
    /// More trees rank more steadily. Trees grown to their full height tell usual rows apart, which scikit-learn's height
    /// limit lumps together by an estimate; with more rows a tree they see finer structure. And every fifth split goes
    /// where it parts clusters best instead of anywhere: enough to find gaps between them, few enough to stay a
    /// random forest. It was chosen for all data sets at once, see `docs/benchmarks.md`.
    #[must_use]
    pub fn tuned() -> Self {
        Self {
            trees: 300,
            samples: Amount::Count(512),
            height: Height::Full,
            split: Split::Gain,
            guided: 0.2,
            ..Self::default()
        }
    }

    /// Proves the parameters to be usable.
    ///
    /// # Errors
    /// For a number out of the range that its field names.
    pub fn check(self) -> Result<CheckedParams, ParamsError> {
        if !(1..=MOST_TREES).contains(&self.trees) {
            return Err(ParamsError::Trees(self.trees));
        }
        if !self.samples.is_at_least(2) {
            return Err(ParamsError::Samples(self.samples));
        }
        if !self.features.is_at_least(1) {
            return Err(ParamsError::Features(self.features));
        }
        match self.contamination {
            Contamination::Rate(rate) if !(rate > 0.0 && rate <= 0.5) => return Err(ParamsError::Contamination(rate)),
            Contamination::Count(0) => return Err(ParamsError::Contamination(0.0)),
            _ => {}
        }
        if !(0.0..=1.0).contains(&self.guided) {
            return Err(ParamsError::Guided(self.guided));
        }
        let plain = self.split == Split::Random && self.features == Amount::ALL && self.height == Height::Average;
        if self.extension.is_some() && !plain {
            return Err(ParamsError::Extended);
        }
        Ok(CheckedParams(self))
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
    /// Fewer than two rows a tree, or a share that is not in (0, 1].
    Samples(Amount),
    /// No feature a tree, or a share that is not in (0, 1].
    Features(Amount),
    /// The contamination is not in (0, 0.5].
    Contamination(f64),
    /// The share of guided splits is not in \[0, 1\].
    Guided(f64),
    /// Planes are drawn at random over all features, whether or not they part anything: they go with no guide, no
    /// choice of features a tree and no full height.
    Extended,
}

impl ParamsError {
    /// A code that stays the same from version to version.
    #[must_use]
    pub fn kind(&self) -> &'static str {
        match self {
            Self::Trees(_) => "trees",
            Self::Samples(_) => "samples",
            Self::Features(_) => "features",
            Self::Contamination(_) => "contamination",
            Self::Guided(_) => "guided",
            Self::Extended => "extended",
        }
    }
}

impl fmt::Display for ParamsError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Trees(n) => write!(f, "a forest has 1 to {MOST_TREES} trees, not {n}"),
            Self::Samples(n) => write!(f, "a tree needs at least 2 rows, or a share of them in (0, 1], not {n}"),
            Self::Features(n) => write!(f, "a tree needs at least 1 feature, or a share of them in (0, 1], not {n}"),
            Self::Contamination(rate) => {
                write!(f, "contamination is auto, in (0, 0.5] or a count of at least 1, not {rate}")
            }
            Self::Guided(share) => write!(f, "the share of guided splits is in [0, 1], not {share}"),
            Self::Extended => f.write_str(
                "an extended forest draws its planes at random over all features: it goes with no guided split, no \
                 features per tree and no full height",
            ),
        }
    }
}

impl std::error::Error for ParamsError {}

/// What a count is called in text, where a bare number is a rate.
const COUNT: &str = "count:";

impl fmt::Display for Contamination {
    /// `auto`, the rate, or `count:` and the count: what [`from_str`](std::str::FromStr::from_str) reads.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Auto => f.write_str("auto"),
            Self::Rate(rate) => write!(f, "{rate}"),
            Self::Count(count) => write!(f, "{COUNT}{count}"),
        }
    }
}

impl std::str::FromStr for Contamination {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        const WRONG: &str = "must be auto, a share in (0, 0.5], or count: and a number of rows";
        if text == "auto" {
            return Ok(Self::Auto);
        }
        if let Some(count) = text.strip_prefix(COUNT) {
            return count.parse().ok().filter(|&count| count > 0).map(Self::Count).ok_or(WRONG);
        }
        let rate = text.parse::<f64>().ok().filter(|rate| *rate > 0.0 && *rate <= 0.5);
        rate.map(Self::Rate).ok_or(WRONG)
    }
}

impl Serialize for Contamination {
    /// As scikit-learn's argument, `"auto"` or the number; a count is a text.
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::Rate(rate) => serializer.serialize_f64(*rate),
            other => serializer.collect_str(other),
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
            Text::Word(word) if word.parse::<f64>().is_err() => word.parse().map_err(serde::de::Error::custom),
            Text::Word(_) => Err(serde::de::Error::custom("contamination is \"auto\", a number or a count")),
        }
    }
}
