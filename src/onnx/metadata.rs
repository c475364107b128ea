//! What a model says about itself in `metadata_props`: JSON under keys that begin with `tamis.`.

use super::error::{MetadataFlaw, ModelError};
use crate::forest::{Amount, Contamination, Forest, Height, Matrix, Params, Split};
use crate::quantiles::Quantiles;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// Bins of the histogram of training scores, over (0, 1).
pub const SCORE_BINS: usize = 20;

/// Everything about a model that is no part of its computation. A foreign model has next to nothing of it.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Metadata {
    /// The version of Tamis that wrote the model; empty in a foreign one.
    pub version: String,
    /// The contract that the training records kept to.
    pub contract: Option<ContractRef>,
    /// The names of the features in the order of the input's columns.
    pub features: Vec<String>,
    /// The names of the features whose values are codes without an order.
    pub categorical: Vec<String>,
    /// The training rows' means and deviations. Nothing applies them, see [`fit`](crate::forest::fit).
    pub scaler: Option<Scaler>,
    /// How the forest was fitted.
    pub training: Option<Training>,
    /// The share of odd rows measured on rows that were held out, in \[0, 1\].
    pub anomaly_rate: Option<f64>,
    /// How many training rows had a score in each twentieth of (0, 1): the reference for drift.
    pub score_histogram: Option<[u64; SCORE_BINS]>,
    /// Where a score stands among those of the training rows.
    pub score_quantiles: Option<Quantiles>,
    /// Where a value of each feature stands among those of the training rows; none for a feature without a value. Empty
    /// in a foreign model.
    pub feature_quantiles: Vec<Option<Quantiles>>,
    /// How the threshold came about, where it was not by a contamination.
    pub threshold: Option<ThresholdRule>,
    /// What the training records were like, as [`Reference`](crate::monitor::drift::Reference) has it as JSON. It is
    /// read when drift is asked for: one of a later version must not keep a model from scoring.
    pub reference: Option<String>,
    /// All other entries of `metadata_props`, as they are.
    pub extra: BTreeMap<String, String>,
}

/// A threshold that is no contamination's.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "rule", rename_all = "snake_case")]
pub enum ThresholdRule {
    /// A score that was named.
    Score {
        /// Rows of a greater score are flagged.
        score: f64,
    },
    /// The lowest score that keeps a budget of alarms on rows that were held out.
    Budget {
        /// The share of rows that may be flagged.
        rate: f64,
        /// How sure it is that no more will be.
        confidence: f64,
        /// The rows it was calibrated on.
        rows: usize,
        /// How many of them it flags.
        flagged: usize,
        /// Whether they were the latest; else a hash of their ids chose them. Models of earlier versions do not say.
        #[serde(default, skip_serializing_if = "is_default")]
        by_moment: Option<bool>,
    },
}

/// Names a contract.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ContractRef {
    /// Its name.
    pub name: String,
    /// Its version.
    pub version: String,
    /// The SHA-256 of its bytes, in hexadecimal.
    pub sha256: String,
}

/// Mean and standard deviation of each feature over the finite values of the training rows: an infinite one has no
/// distance from a mean, and JSON no number for it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Scaler {
    /// The means; 0 for a feature without a finite value.
    pub mean: Vec<f64>,
    /// The deviations as scikit-learn's `StandardScaler` has them (divided by n); 0 for a constant feature.
    pub std: Vec<f64>,
}

/// How a forest was fitted.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Training {
    /// Number of trees.
    pub trees: usize,
    /// ψ, the rows that each tree was grown on: never more than `rows`.
    pub samples: usize,
    /// The seed.
    pub seed: u64,
    /// `"auto"` or the rate that was asked for.
    pub contamination: Contamination,
    /// Training rows.
    pub rows: usize,
    /// Features that each tree might split.
    #[serde(default = "all", skip_serializing_if = "is_all")]
    pub features: Amount,
    /// Whether a row might be drawn for a tree more than once.
    #[serde(default, skip_serializing_if = "is_default")]
    pub bootstrap: bool,
    /// How nodes found their thresholds.
    #[serde(default, skip_serializing_if = "is_default")]
    pub split: Split,
    /// The share of the nodes that did so.
    #[serde(default = "whole", skip_serializing_if = "is_whole")]
    pub guided: f64,
    /// How tall a tree might become.
    #[serde(default, skip_serializing_if = "is_default")]
    pub height: Height,
    /// The level of an extended forest.
    #[serde(default, skip_serializing_if = "is_default")]
    pub extension: Option<usize>,
    /// The share of the rows that `samples` is, where a share was asked for.
    #[serde(default, skip_serializing_if = "is_default")]
    pub share: Option<f64>,
}

fn all() -> Amount {
    Amount::ALL
}

fn is_all(amount: &Amount) -> bool {
    *amount == Amount::ALL
}

fn whole() -> f64 {
    1.0
}

#[allow(clippy::trivially_copy_pass_by_ref, reason = "serde passes a reference")]
fn is_whole(share: &f64) -> bool {
    *share >= 1.0
}

fn is_default<T: Default + PartialEq>(value: &T) -> bool {
    *value == T::default()
}

/// [`Training`] as the file has it: with the offset, whose 64 bits the graph cannot hold.
#[derive(Serialize, Deserialize)]
struct ForestEntry {
    #[serde(flatten)]
    training: Training,
    offset: f64,
}

const VERSION: &str = "tamis.version";
const CONTRACT: &str = "tamis.contract";
const FEATURES: &str = "tamis.features";
const CATEGORICAL: &str = "tamis.categorical";
const SCALER: &str = "tamis.scaler";
pub(super) const FOREST: &str = "tamis.forest";
const ANOMALY_RATE: &str = "tamis.anomaly_rate";
const SCORE_HISTOGRAM: &str = "tamis.score_histogram";
const SCORE_QUANTILES: &str = "tamis.score_quantiles";
const FEATURE_QUANTILES: &str = "tamis.feature_quantiles";
const THRESHOLD: &str = "tamis.threshold";
const REFERENCE: &str = "tamis.reference";
const KEYS: [&str; 12] = [
    VERSION,
    CONTRACT,
    FEATURES,
    CATEGORICAL,
    SCALER,
    FOREST,
    ANOMALY_RATE,
    SCORE_HISTOGRAM,
    SCORE_QUANTILES,
    FEATURE_QUANTILES,
    THRESHOLD,
    REFERENCE,
];

impl Metadata {
    /// Whether a key of `metadata_props` is spoken for; `extra` takes all others.
    #[must_use]
    pub fn is_reserved(key: &str) -> bool {
        KEYS.contains(&key)
    }

    /// The entries of the file. The one that no model may lack comes last, so that a file cut short is found out.
    pub(super) fn entries(&self, offset: f64) -> serde_json::Result<Vec<(String, String)>> {
        let mut entries: Vec<_> = self.extra.clone().into_iter().collect();
        let mut put = |key: &str, json: String| entries.push((key.to_owned(), json));
        put(VERSION, serde_json::to_string(&self.version)?);
        put(FEATURES, serde_json::to_string(&self.features)?);
        if !self.categorical.is_empty() {
            put(CATEGORICAL, serde_json::to_string(&self.categorical)?);
        }
        if let Some(contract) = &self.contract {
            put(CONTRACT, serde_json::to_string(contract)?);
        }
        if let Some(scaler) = &self.scaler {
            put(SCALER, serde_json::to_string(scaler)?);
        }
        if let Some(rate) = self.anomaly_rate {
            put(ANOMALY_RATE, serde_json::to_string(&rate)?);
        }
        if let Some(histogram) = &self.score_histogram {
            put(SCORE_HISTOGRAM, serde_json::to_string(histogram)?);
        }
        if let Some(quantiles) = &self.score_quantiles {
            put(SCORE_QUANTILES, serde_json::to_string(quantiles)?);
        }
        if !self.feature_quantiles.is_empty() {
            put(FEATURE_QUANTILES, serde_json::to_string(&self.feature_quantiles)?);
        }
        if let Some(rule) = &self.threshold {
            put(THRESHOLD, serde_json::to_string(rule)?);
        }
        if let Some(reference) = &self.reference {
            put(REFERENCE, reference.clone());
        }
        if let Some(training) = self.training {
            put(FOREST, serde_json::to_string(&ForestEntry { training, offset })?);
        }
        Ok(entries)
    }

    /// Reads the entries of a file, and the forest's offset if they say one.
    pub(super) fn read<'a>(
        entries: impl Iterator<Item = (&'a str, &'a str)>,
    ) -> Result<(Self, Option<f64>), ModelError> {
        let mut known: BTreeMap<&'static str, &'a str> = BTreeMap::new();
        let mut extra = BTreeMap::new();
        for (key, value) in entries {
            match KEYS.into_iter().find(|known| *known == key) {
                Some(key) if known.insert(key, value).is_some() => {
                    return Err(ModelError::Metadata { key, flaw: MetadataFlaw::Repeated });
                }
                Some(_) => {}
                None => {
                    extra.insert(key.to_owned(), value.to_owned());
                }
            }
        }
        let forest: Option<ForestEntry> = parse(&known, FOREST)?;
        let metadata = Self {
            version: parse(&known, VERSION)?.unwrap_or_default(),
            contract: parse(&known, CONTRACT)?,
            features: parse(&known, FEATURES)?.unwrap_or_default(),
            categorical: parse(&known, CATEGORICAL)?.unwrap_or_default(),
            scaler: parse(&known, SCALER)?,
            training: forest.as_ref().map(|forest| forest.training),
            anomaly_rate: parse(&known, ANOMALY_RATE)?,
            score_histogram: parse(&known, SCORE_HISTOGRAM)?,
            score_quantiles: parse(&known, SCORE_QUANTILES)?,
            feature_quantiles: parse(&known, FEATURE_QUANTILES)?.unwrap_or_default(),
            threshold: parse(&known, THRESHOLD)?,
            reference: known.get(REFERENCE).map(|json| (*json).to_owned()),
            extra,
        };
        let unsound = |quantiles: &Quantiles| !quantiles.is_sound();
        let flaw = |key| ModelError::Metadata { key, flaw: MetadataFlaw::Contradiction };
        if metadata.score_quantiles.as_ref().is_some_and(unsound) {
            return Err(flaw(SCORE_QUANTILES));
        }
        if metadata.feature_quantiles.iter().flatten().any(unsound) {
            return Err(flaw(FEATURE_QUANTILES));
        }
        Ok((metadata, forest.map(|forest| forest.offset)))
    }
}

fn parse<T: DeserializeOwned>(known: &BTreeMap<&str, &str>, key: &'static str) -> Result<Option<T>, ModelError> {
    let json = known.get(key).map(|text| serde_json::from_str(text));
    json.transpose().map_err(|error| ModelError::Metadata { key, flaw: MetadataFlaw::Json(error.to_string()) })
}

impl Training {
    /// How a forest came about that was fitted with these parameters on so many rows.
    #[must_use]
    pub fn of(forest: &Forest, params: &Params, rows: usize) -> Self {
        let Params { features, bootstrap, contamination, split, guided, height, extension, seed, .. } = *params;
        let (trees, samples) = (forest.trees().len(), forest.samples());
        let share = match params.samples {
            Amount::Share(share) => Some(share),
            Amount::Count(_) => None,
        };
        Self { trees, samples, seed, contamination, rows, features, bootstrap, split, guided, height, extension, share }
    }

    /// The parameters that make more trees like those of the forest, `trees` in all.
    #[must_use]
    pub fn more(&self, trees: usize) -> Params {
        let &Self { seed, contamination, features, bootstrap, split, guided, height, extension, .. } = self;
        let samples = self.share.map_or(Amount::Count(self.samples), Amount::Share);
        Params { trees, samples, features, bootstrap, contamination, split, guided, height, extension, seed }
    }
}

impl Scaler {
    /// The means and deviations of the rows, summed in their order.
    #[must_use]
    pub fn of(rows: &Matrix) -> Self {
        let mean = column_means(rows, |_, value| value);
        let square = |column: usize, value: f64| {
            let distance = value - mean.get(column).copied().unwrap_or(0.0);
            distance * distance
        };
        let std = column_means(rows, square).into_iter().map(libm::sqrt).collect();
        Self { mean, std }
    }
}

/// The mean of something over each column's finite values.
fn column_means(rows: &Matrix, of: impl Fn(usize, f64) -> f64) -> Vec<f64> {
    let mut sums = vec![(0.0, 0.0); rows.columns()];
    for row in rows.iter() {
        for (column, (&value, (sum, count))) in row.iter().zip(&mut sums).enumerate() {
            if value.is_finite() {
                *sum += of(column, f64::from(value));
                *count += 1.0;
            }
        }
    }
    sums.into_iter().map(|(sum, count): (f64, f64)| if count > 0.0 { sum / count } else { 0.0 }).collect()
}

/// Counts scores by twentieths of (0, 1).
#[must_use]
#[allow(clippy::cast_precision_loss, reason = "twenty bins")]
#[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a score lies in (0, 1)")]
pub fn score_histogram(scores: impl IntoIterator<Item = f64>) -> [u64; SCORE_BINS] {
    let mut histogram = [0; SCORE_BINS];
    for score in scores {
        let bin = ((score * SCORE_BINS as f64) as usize).min(SCORE_BINS - 1);
        if let Some(count) = histogram.get_mut(bin) {
            *count += 1;
        }
    }
    histogram
}

/// The distribution of each column's values; none for a column without one.
#[must_use]
pub fn column_quantiles(rows: &Matrix) -> Vec<Option<Quantiles>> {
    let mut column = Vec::with_capacity(rows.rows());
    (0..rows.columns())
        .map(|at| {
            column.clear();
            column.extend(rows.iter().filter_map(|row| row.get(at)));
            Quantiles::of(&mut column)
        })
        .collect()
}
