//! Rows of features to scores, by whichever engine the model needs.
//!
//! An isolation forest, of Tamis or as others export it (skl2onnx, coniferest, `LinkedIn`'s), is recognised and scored by
//! the forest kernel, on every target and bit for bit the same. Any other ONNX graph needs tract, which the build's
//! feature `tract` brings in.

use crate::engine::Graph;
use crate::forest::{Explainer, Forest, Matrix, Reason};
use crate::onnx::{Metadata, ModelError, NoForest, Prepare, Recognised, Refused, read};
use sha2::{Digest, Sha256};
use std::fmt;
use std::fmt::Write as _;

/// A model, loaded from the bytes of an ONNX file and named by their hash.
pub struct Model {
    way: Way,
    metadata: Metadata,
    columns: usize,
    sha256: String,
}

/// How a model is scored.
enum Way {
    Forest(Box<Forest>, Explainer, Prepare),
    Graph(Graph),
}

/// What scores a model.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Engine {
    /// The forest kernel, for isolation forests.
    Forest,
    /// tract, for every ONNX graph; only in builds with the feature `tract`.
    Tract,
}

/// What a model says of a row.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Score {
    /// The paper's score 2^(−E\[h\] / c(ψ)) in (0, 1), higher is odder; none for a model that is no forest.
    pub score: Option<f64>,
    /// scikit-learn's decision function: negative is odd. A forest whose file states a score and neither decision nor
    /// label is decided at a score of 0.5. For a model that is no forest it is its own output (`scores`, or the first of
    /// floats, and of several numbers a row the first); a classifier's is half of what its first class is ahead of the
    /// best other, so with two classes 0.5 less the probability of the second.
    pub decision: f64,
    /// Whether the row is odd: the decision is below 0.
    pub flagged: bool,
}

/// Rows that are made ready at a time, so that memory does not grow with their number.
const PREPARED: usize = 4096;

impl Model {
    /// Loads a model: an isolation forest into the kernel, any other graph into tract.
    ///
    /// # Errors
    /// For bytes that are no model, and in a build without tract for a model that is no isolation forest.
    pub fn from_onnx(bytes: &[u8]) -> Result<Self, ModelError> {
        match read(bytes)? {
            Recognised::Forest(forest, prepare, metadata) => {
                let (columns, explainer) = (prepare.columns(), Explainer::new(&forest));
                let way = Way::Forest(forest, explainer, prepare);
                Ok(Self { way, metadata, columns, sha256: hash(bytes) })
            }
            Recognised::Other(metadata, reason) => Self::graph(bytes, metadata, Some(reason)),
        }
    }

    /// Loads a model into a given engine: how the two are held against each other.
    ///
    /// # Errors
    /// As [`from_onnx`](Self::from_onnx), and when the engine does not take the model.
    pub fn from_onnx_with_engine(bytes: &[u8], engine: Engine) -> Result<Self, ModelError> {
        match (engine, read(bytes)?) {
            (Engine::Tract, Recognised::Forest(_, _, metadata)) => Self::graph(bytes, metadata, None),
            (Engine::Tract, Recognised::Other(metadata, reason)) => Self::graph(bytes, metadata, Some(reason)),
            (Engine::Forest, Recognised::Forest(..)) => Self::from_onnx(bytes),
            (Engine::Forest, Recognised::Other(_, reason)) => Err(ModelError::NeedsTract(Some(reason))),
        }
    }

    fn graph(bytes: &[u8], metadata: Metadata, reason: Option<NoForest>) -> Result<Self, ModelError> {
        let graph = Graph::load(bytes).map_err(|error| match error {
            ModelError::NeedsTract(None) => ModelError::NeedsTract(reason),
            other => other,
        })?;
        let columns = graph.columns();
        Ok(Self { way: Way::Graph(graph), metadata, columns, sha256: hash(bytes) })
    }

    /// A short name for the model: the first 8 digits of its SHA-256.
    #[must_use]
    pub fn id(&self) -> &str {
        self.sha256.get(..8).unwrap_or_default()
    }

    /// The SHA-256 of the model's bytes, in hexadecimal.
    #[must_use]
    pub fn sha256(&self) -> &str {
        &self.sha256
    }

    /// What the model says about itself.
    #[must_use]
    pub fn metadata(&self) -> &Metadata {
        &self.metadata
    }

    /// Values in a row.
    #[must_use]
    pub fn columns(&self) -> usize {
        self.columns
    }

    /// What scores the model.
    #[must_use]
    pub fn engine(&self) -> Engine {
        match self.way {
            Way::Forest(..) => Engine::Forest,
            Way::Graph(_) => Engine::Tract,
        }
    }

    /// The forest, if the model is one.
    #[must_use]
    pub fn forest(&self) -> Option<&Forest> {
        match &self.way {
            Way::Forest(forest, ..) => Some(forest),
            Way::Graph(_) => None,
        }
    }

    /// Scores a row; NaN is a missing value.
    ///
    /// # Errors
    /// When the row has not the model's columns, or the engine fails; the forest kernel never does.
    pub fn score(&self, row: &[f32]) -> Result<Score, ScoreError> {
        self.check(row.len())?;
        match &self.way {
            Way::Forest(forest, _, prepare) if prepare.is_nothing() => Ok(Score::of(forest, forest.score(row))),
            Way::Forest(forest, _, prepare) => Ok(Score::of(forest, forest.score(&prepare.row(&doubles(row))?))),
            Way::Graph(graph) => {
                let decision = graph.decisions(&doubles(row))?.first().copied().unwrap_or(f64::NAN);
                Ok(Score::decided(decision))
            }
        }
    }

    /// Scores many rows at once, with the results of [`score`](Self::score).
    ///
    /// # Errors
    /// As [`score`](Self::score).
    pub fn score_batch(&self, rows: &Matrix) -> Result<Vec<Score>, ScoreError> {
        self.check(rows.columns())?;
        Ok(match &self.way {
            Way::Forest(forest, _, prepare) if prepare.is_nothing() => {
                forest.score_batch(rows).into_iter().map(|score| Score::of(forest, score)).collect()
            }
            Way::Forest(..) | Way::Graph(_) => {
                let mut scores = Vec::with_capacity(rows.rows());
                for block in rows.values().chunks(PREPARED * rows.columns().max(1)) {
                    scores.extend(self.score_doubles(&doubles(block))?);
                }
                scores
            }
        })
    }

    /// Whether the model takes numbers of more than 32 bits: a foreign one some of whose inputs are doubles or integers.
    /// [`score_doubles`](Self::score_doubles) then sees all of them, and [`score_batch`](Self::score_batch) what is left
    /// of them in 32 bits.
    #[must_use]
    pub fn is_wide(&self) -> bool {
        match &self.way {
            Way::Forest(_, _, prepare) => prepare.is_wide(),
            Way::Graph(graph) => graph.is_wide(),
        }
    }

    /// Scores many rows, one after another, each number as the model takes it: doubles and integers whole (these up to
    /// 2⁵³), 32-bit floats rounded to the nearest, as [`score_batch`](Self::score_batch) has them.
    ///
    /// # Errors
    /// As [`score`](Self::score).
    pub fn score_doubles(&self, rows: &[f64]) -> Result<Vec<Score>, ScoreError> {
        let width = self.columns.max(1);
        if !rows.len().is_multiple_of(width) {
            self.check(rows.len() % width)?;
        }
        Ok(match &self.way {
            Way::Forest(forest, _, prepare) => {
                let mut scores = Vec::with_capacity(rows.len() / width);
                for block in rows.chunks(PREPARED * width) {
                    let ready = prepare.rows(block)?;
                    scores.extend(forest.score_batch(&ready).into_iter().map(|score| Score::of(forest, score)));
                }
                scores
            }
            Way::Graph(graph) => graph.decisions(rows)?.into_iter().map(Score::decided).collect(),
        })
    }

    /// The features that make a row odd, the greatest share first, at most `most`; none for a model that is no forest.
    #[must_use]
    pub fn explain(&self, row: &[f32], most: usize) -> Vec<Reason> {
        match &self.way {
            Way::Forest(forest, explainer, prepare) if prepare.is_nothing() => explainer.reasons(forest, row, most),
            Way::Forest(..) => self.explain_doubles(&doubles(row), most),
            Way::Graph(_) => Vec::new(),
        }
    }

    /// The same for a row of [`score_doubles`](Self::score_doubles).
    #[must_use]
    pub fn explain_doubles(&self, row: &[f64], most: usize) -> Vec<Reason> {
        match &self.way {
            Way::Forest(forest, explainer, prepare) => {
                let ready = prepare.row(row).unwrap_or_default();
                let mut reasons = prepare.own(explainer.reasons(forest, &ready, usize::MAX));
                reasons.truncate(most);
                reasons
            }
            Way::Graph(_) => Vec::new(),
        }
    }

    /// Refuses a row of another width.
    fn check(&self, found: usize) -> Result<(), ScoreError> {
        if found == self.columns { Ok(()) } else { Err(ScoreError::Columns { expected: self.columns, found }) }
    }
}

impl fmt::Debug for Model {
    /// The model's name and engine: what is in it fills pages.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Model").field("id", &self.id()).field("engine", &self.engine()).finish_non_exhaustive()
    }
}

impl Score {
    fn of(forest: &Forest, score: f64) -> Self {
        Self { score: Some(score), ..Self::decided(forest.decision(score)) }
    }

    fn decided(decision: f64) -> Self {
        Self { score: None, decision, flagged: decision < 0.0 }
    }
}

/// Numbers of 32 bits as such of 64, which hold the same.
fn doubles(values: &[f32]) -> Vec<f64> {
    values.iter().copied().map(f64::from).collect()
}

/// The 32-bit float that is nearest to a number; what is beyond all of them is the greatest.
#[allow(clippy::cast_possible_truncation, reason = "clamped to the range of f32")]
pub(crate) fn narrow(value: f64) -> f32 {
    if value.is_infinite() { value as f32 } else { value.clamp(f64::from(f32::MIN), f64::from(f32::MAX)) as f32 }
}

fn hash(bytes: &[u8]) -> String {
    Sha256::digest(bytes).iter().fold(String::new(), |mut hex, byte| {
        let _ = write!(hex, "{byte:02x}");
        hex
    })
}

/// A row could not be scored.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum ScoreError {
    /// The row has another number of values than the model has columns.
    Columns {
        /// The model's columns.
        expected: usize,
        /// The row's values.
        found: usize,
    },
    /// The value in this column (counted from 0) is a category that the model does not know and refuses.
    Category(usize),
    /// The engine failed; its own words.
    Engine(String),
}

impl From<Refused> for ScoreError {
    fn from(Refused(column): Refused) -> Self {
        Self::Category(column)
    }
}

impl ScoreError {
    /// A code that stays the same from version to version.
    #[must_use]
    pub fn kind(&self) -> &'static str {
        match self {
            Self::Columns { .. } => "columns",
            Self::Category(_) => "category",
            Self::Engine(_) => "engine",
        }
    }
}

impl fmt::Display for ScoreError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Columns { expected, found } => write!(f, "the model takes {expected} values a row, not {found}"),
            Self::Category(column) => {
                write!(f, "the value in column {column} (counted from 0) is a category that the model does not know")
            }
            Self::Engine(reason) => write!(f, "the engine failed: {reason}"),
        }
    }
}

impl std::error::Error for ScoreError {}
