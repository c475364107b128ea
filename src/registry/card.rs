//! What is known of a model.

use super::format::{self, FormatError};
use super::id::Id;
use super::lineage::Lineage;
use super::markdown;
use super::metric::Metric;
use super::statements::Statements;
use crate::evaluation::{CONFIDENCE, wilson};
use crate::forest::Forest;
use crate::onnx::{ContractRef, Metadata, ThresholdRule, Training};
use crate::score::{Engine, Model};
use serde::{Deserialize, Serialize};
use std::fmt;

const FORMAT: &str = "tamis.card/1";

/// The card of a model: what the model says about itself, what is known of its making, and what people state.
///
/// It holds no personal data: names of features, counts, rates, hashes, and the words of who answers for the model.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Card {
    format: String,
    /// The model itself.
    pub model: ModelFacts,
    /// The contract that the training records kept to.
    pub contract: Option<ContractRef>,
    /// What it was trained on.
    pub data: Data,
    /// How good it is.
    pub metrics: Vec<Metric>,
    /// Where it comes from.
    pub lineage: Lineage,
    /// What people state.
    pub statements: Statements,
}

/// What a model says about itself.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ModelFacts {
    /// The SHA-256 of its bytes.
    pub sha256: Id,
    /// The number of its bytes.
    pub bytes: u64,
    /// What kind it is: `isolation_forest` or `onnx_graph`.
    pub kind: String,
    /// The version of Tamis that wrote it; none of a foreign model.
    pub tamis: Option<String>,
    /// How many values it takes of a record.
    pub columns: u64,
    /// The names of the features, in the order of the columns; none where it does not say them.
    pub features: Vec<String>,
    /// How it was fitted.
    pub parameters: Option<Training>,
    /// Its trees.
    pub trees: Option<u64>,
    /// Records with a greater score are flagged; none for a model that is no forest.
    pub threshold: Option<f64>,
    /// How the threshold came about, where it was not by the contamination among the parameters.
    pub rule: Option<ThresholdRule>,
}

/// What a model was trained on: never a value, only hashes and counts.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Data {
    /// The inputs, by hash.
    pub inputs: Vec<Input>,
    /// Records that were read.
    pub records: Option<u64>,
    /// Records among them that the contract accepted.
    pub accepted: Option<u64>,
    /// Records that the model was fitted on.
    pub rows: Option<u64>,
    /// The time that the records span.
    pub span: Option<Span>,
}

/// An input. Its name is left out on purpose: file names hold the names of customers often enough.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Input {
    /// The SHA-256 of its bytes.
    pub sha256: String,
    /// The number of its bytes.
    pub bytes: u64,
}

/// A stretch of time, both ends included, in the form of RFC 3339.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Span {
    /// The first moment.
    pub from: String,
    /// The last moment.
    pub to: String,
}

impl Card {
    /// The card of a model as far as the model itself says it; `bytes` are those of its file.
    ///
    /// # Example
    /// ```
    /// use tamis::{builtin, registry::Card, score::Model};
    ///
    /// let model = Model::from_onnx(builtin::MODEL).unwrap();
    /// let mut card = Card::of(&model, builtin::MODEL);
    /// card.statements.provider = Some("Example Shop Ltd, data team".into());
    /// assert!(card.markdown(&[]).contains("Example Shop Ltd"));
    /// let json = card.to_json().unwrap();
    /// assert_eq!(Card::from_json(json.as_bytes()).unwrap(), card);
    /// ```
    #[must_use]
    pub fn of(model: &Model, bytes: &[u8]) -> Self {
        let metadata = model.metadata();
        let rows = metadata.training.map(|training| training.rows as u64);
        Self {
            format: FORMAT.to_owned(),
            model: ModelFacts::of(model, bytes),
            contract: metadata.contract.clone(),
            data: Data { rows, ..Data::default() },
            metrics: own_metrics(metadata),
            lineage: Lineage::default(),
            statements: Statements::default(),
        }
    }

    /// Reads `card.json`.
    ///
    /// # Errors
    /// For another format.
    pub fn from_json(bytes: &[u8]) -> Result<Self, CardError> {
        format::read(bytes, FORMAT).map_err(CardError::Format)
    }

    /// The text of `card.json`.
    ///
    /// # Errors
    /// For a figure that is no number.
    pub fn to_json(&self) -> Result<String, CardError> {
        if let Some(metric) = self.metrics.iter().find(|metric| !metric.is_finite()) {
            return Err(CardError::NotFinite(metric.name.clone()));
        }
        // Every member is a text, a number or a list of those.
        serde_json::to_string_pretty(self).map(|json| json + "\n").map_err(|error| CardError::Write(error.to_string()))
    }

    /// The card in sentences, as Markdown, below the headings of Annex IV of the EU AI Act. `signers` are the ids of the
    /// keys whose signatures were checked, for whoever prints it; the file of a version has none.
    #[must_use]
    pub fn markdown(&self, signers: &[String]) -> String {
        markdown::text(self, signers)
    }

    /// The name of the model as verdicts have it.
    #[must_use]
    pub fn name(&self) -> String {
        let contract = self.contract.as_ref().map_or("model", |contract| contract.name.as_str());
        format!("{contract}@{}", self.model.sha256.short())
    }

    /// Puts a figure into the card, in the place of one with its name.
    pub fn measure(&mut self, metric: Metric) {
        match self.metrics.iter_mut().find(|there| there.name == metric.name) {
            Some(there) => *there = metric,
            None => self.metrics.push(metric),
        }
    }
}

impl ModelFacts {
    fn of(model: &Model, bytes: &[u8]) -> Self {
        let metadata = model.metadata();
        let kind = match model.engine() {
            Engine::Forest => "isolation_forest",
            Engine::Tract => "onnx_graph",
        };
        Self {
            sha256: Id::of(bytes),
            bytes: bytes.len() as u64,
            kind: kind.to_owned(),
            tamis: Some(metadata.version.clone()).filter(|version| !version.is_empty()),
            columns: model.columns() as u64,
            features: metadata.features.clone(),
            parameters: metadata.training,
            trees: model.forest().map(|forest| forest.trees().len() as u64),
            threshold: model.forest().map(Forest::offset).map(|offset| -offset),
            rule: metadata.threshold,
        }
    }
}

/// What the model says of its own quality.
#[allow(clippy::cast_precision_loss, reason = "counts of rows")]
#[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "between 0 and the rows")]
fn own_metrics(metadata: &Metadata) -> Vec<Metric> {
    let Some(rate) = metadata.anomaly_rate else { return Vec::new() };
    let metric = Metric::new("anomaly_rate", rate);
    let Some(rows) = metadata.training.map(|training| training.rows) else { return vec![metric] };
    let metric =
        metric.on("the training records, each held out from the forest that scored it (five folds)", rows as u64);
    // The file holds the share; its interval needs the count, which a share of so many rows gives back.
    let flagged = libm::round(rate * rows as f64);
    let whole = libm::fabs(flagged - rate * rows as f64) < 1e-6;
    let interval = if whole { wilson(flagged as usize, rows) } else { None };
    vec![match interval {
        Some((low, high)) => metric.within(low, high, CONFIDENCE),
        None => metric,
    }]
}

/// A card cannot be read or written.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum CardError {
    /// It has another format.
    Format(FormatError),
    /// The figure of this name, or a bound of it, is infinite or no number.
    NotFinite(String),
    /// It cannot be written; why.
    Write(String),
}

impl CardError {
    /// A code that stays the same from version to version.
    #[must_use]
    pub fn kind(&self) -> &'static str {
        match self {
            Self::Format(_) => "format",
            Self::NotFinite(_) => "not_finite",
            Self::Write(_) => "write",
        }
    }
}

impl fmt::Display for CardError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Format(error) => write!(f, "the card cannot be read: {error}"),
            Self::NotFinite(name) => write!(f, "the card's figure {name} is no finite number"),
            Self::Write(reason) => write!(f, "the card cannot be written: {reason}"),
        }
    }
}

impl std::error::Error for CardError {}
