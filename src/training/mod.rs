//! Accepted, masked records -> a model: the sample that a stream leaves, what it is worth on rows held out, the export.

mod assess;
mod sample;
mod split;

pub use assess::Assessment;
pub use sample::{Mark, Sample};
pub use split::{Part, Shares, SplitBy};

use crate::contract::Contract;
use crate::evaluation::CONFIDENCE;
use crate::forest::{self, CheckedParams, Contamination, FitError, Forest, Params, TooFewForBudget, Tree};
use crate::monitor::drift::{Gather, Plan, Reference};
use crate::onnx::{
    ContractRef, ExportError, Metadata, Scaler, ThresholdRule, Training, column_quantiles, export, score_histogram,
};
use crate::quantiles::Quantiles;
use crate::score::Score;
use assess::Parts;
use sample::Fitting;
use std::fmt;

/// Most rows that a sample keeps: all of a stream up to here, a uniform sample of a longer one.
pub const MOST_ROWS: usize = 1 << 20;
/// Fewest rows from which a held-out anomaly rate is measured.
pub const FEWEST_FOR_RATE: usize = 100;
/// Parts of the sample for measuring the rate: each is scored by a forest of the others.
const FOLDS: u8 = 5;

/// Grows the trees of a forest, in any order and on any threads; see [`forest::fit_with`].
pub type Grower<'g> = &'g dyn Fn(usize, &(dyn Fn(usize) -> Tree + Sync)) -> Vec<Tree>;

/// What the rows are of.
#[derive(Clone, Debug, Default)]
pub struct Subject {
    /// The contract that they kept to; none for bare numbers.
    pub contract: Option<ContractRef>,
    /// The names of the features, in their order.
    pub features: Vec<String>,
    /// What the records were like, for the reference that the model brings; none for bare numbers.
    pub gathered: Option<(Plan, Gather)>,
}

impl From<&Contract> for Subject {
    fn from(contract: &Contract) -> Self {
        Self {
            contract: Some(ContractRef {
                name: contract.name().to_owned(),
                version: contract.version().to_owned(),
                sha256: contract.sha256().to_owned(),
            }),
            features: contract.feature_names().map(ToOwned::to_owned).collect(),
            gathered: None,
        }
    }
}

/// Where a row begins to be odd.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Threshold {
    /// Where the parameters' contamination says.
    Contamination,
    /// At this score, in (0, 1).
    Score(f64),
    /// Where at most this share of further rows is flagged, at [`CONFIDENCE`]: the forest is fitted on the first part of
    /// the sample and its threshold calibrated on the second, so that neither has seen what the other rests on.
    Budget {
        /// The share, in (0, 1).
        rate: f64,
        /// What decides the parts.
        by: SplitBy,
    },
}

impl Sample {
    /// Fits a forest, measures its anomaly rate on rows held out, and exports it.
    ///
    /// The forest is fitted on all rows, unless a budget's threshold needs some to be calibrated on. With `begun` its
    /// trees come first, see [`forest::fit_with`], and all others get as many rows as they, whatever share of other rows
    /// that is; the rate is that of forests without them.
    ///
    /// # Errors
    /// Too few rows, no features, or a model too large for its file.
    pub fn train(
        &self,
        subject: &Subject,
        params: &CheckedParams,
        begun: Option<&Forest>,
        threshold: Threshold,
        grow: Grower<'_>,
    ) -> Result<Trained, TrainError> {
        let fit = |part: &Fitting| {
            let samples = begun.map_or(params.get().samples, |begun| begun.samples().into());
            // As many rows as a forest has were checked before it was grown.
            let same = Params { samples, ..*params.get() }.check().unwrap_or(*params);
            forest::fit_with(part.data(), &same, begun, grow)
        };
        let (forest, rows, rule) = match threshold {
            Threshold::Contamination | Threshold::Score(_) => {
                let part = self.part(|_, _| true);
                let forest = fit(&part).map_err(TrainError::Fit)?;
                match threshold {
                    Threshold::Score(score) => {
                        (forest.with_offset(-score), part.rows, Some(ThresholdRule::Score { score }))
                    }
                    _ => (forest, part.rows, None),
                }
            }
            Threshold::Budget { rate, by } => {
                let parts = Parts::of(self, by);
                let forest = fit(&parts.train).map_err(TrainError::Fit)?;
                let (forest, kept) = parts.calibrated(forest, rate)?;
                let rule = ThresholdRule::Budget {
                    rate,
                    confidence: CONFIDENCE,
                    rows: kept.rows,
                    flagged: kept.above,
                    by_moment: Some(by == SplitBy::Moment),
                };
                (forest, parts.train.rows, Some(rule))
            }
        };
        let held_out = self.held_out(params, rule.map(|_| forest.offset()), grow);
        let anomaly_rate = held_out.as_deref().map(rate);
        let scores = forest.score_batch(&rows);
        let metadata = Metadata {
            version: env!("CARGO_PKG_VERSION").to_owned(),
            contract: subject.contract.clone(),
            features: subject.features.clone(),
            categorical: self.categories().filter_map(|at| subject.features.get(at).cloned()).collect(),
            scaler: Some(Scaler::of(&rows)),
            training: Some(Training::of(&forest, params.get(), rows.rows())),
            anomaly_rate,
            score_histogram: Some(score_histogram(scores.iter().copied())),
            score_quantiles: Quantiles::of_scores(&scores),
            feature_quantiles: column_quantiles(&rows),
            threshold: rule,
            reference: self.reference(subject, &forest, held_out.as_deref().unwrap_or_default()),
            ..Metadata::default()
        };
        let onnx = export(&forest, &metadata).map_err(TrainError::Export)?;
        Ok(Trained { onnx, anomaly_rate, threshold: rule, forest, fitted: rows.rows() })
    }

    /// The same parameters for a part of the rows: a count to be flagged is a count of all of them.
    fn by_rate(&self, params: &CheckedParams) -> CheckedParams {
        match params.get().contamination {
            count @ Contamination::Count(_) => {
                let contamination = count.rate(self.rows()).map_or(count, Contamination::Rate);
                Params { contamination, ..*params.get() }.check().unwrap_or(*params)
            }
            _ => *params,
        }
    }

    /// Whether each row is flagged by a forest that never saw it; none from too few rows.
    ///
    /// Over the training rows the rate of flagged ones is the contamination that was asked for, and measures nothing.
    fn held_out(&self, params: &CheckedParams, offset: Option<f64>, grow: Grower<'_>) -> Option<Vec<bool>> {
        if self.rows() < FEWEST_FOR_RATE {
            return None;
        }
        let params = &self.by_rate(params);
        let mut all = Vec::with_capacity(self.rows());
        for fold in 0..FOLDS {
            let held_out = self.matrix(|_, other| other.fold == fold);
            let others = self.part(|_, other| other.fold != fold);
            let forest = forest::fit_with(others.data(), params, None, grow).ok()?;
            let forest = match offset {
                Some(offset) => forest.with_offset(offset),
                None => forest,
            };
            all.extend(forest.score_batch(&held_out).into_iter().map(|score| forest.decision(score) < 0.0));
        }
        Some(all)
    }

    /// What later records are compared with, as JSON; the scores too, where rows could be held out.
    ///
    /// How many are flagged is told of rows held out. The scores are of the forest itself on all rows: those of other
    /// forests lie apart from it, with an index of up to 0.1 against new records of the same kind, while its own differ
    /// from those of new records by next to nothing, even where each tree saw half of the rows.
    fn reference(&self, subject: &Subject, forest: &Forest, flagged: &[bool]) -> Option<String> {
        let (plan, gather) = subject.gathered.as_ref()?;
        let mut gather = gather.clone();
        if !flagged.is_empty() {
            let scores = forest.score_batch(&self.matrix(|_, _| true));
            for (score, flagged) in scores.into_iter().zip(flagged) {
                gather.score(Score { score: Some(score), decision: forest.decision(score), flagged: *flagged });
            }
        }
        Some(Reference::of(&gather, plan, None).to_json())
    }
}

/// The share of flagged rows.
#[allow(clippy::cast_precision_loss, reason = "counts of rows")]
fn rate(flagged: &[bool]) -> f64 {
    flagged.iter().filter(|flagged| **flagged).count() as f64 / flagged.len() as f64
}

/// A trained model.
pub struct Trained {
    /// The model's file.
    pub onnx: Vec<u8>,
    /// The share of flagged rows among those held out, in \[0, 1\]; none from fewer than [`FEWEST_FOR_RATE`] rows.
    pub anomaly_rate: Option<f64>,
    /// How the threshold came about, where it was not by the contamination.
    pub threshold: Option<ThresholdRule>,
    /// The forest itself.
    pub forest: Forest,
    /// Rows that it was fitted on.
    pub fitted: usize,
}

/// Why no model came out.
#[derive(Debug)]
#[non_exhaustive]
pub enum TrainError {
    /// The rows do not make a forest.
    Fit(FitError),
    /// The forest does not make a file.
    Export(ExportError),
    /// There are too few rows to promise a budget.
    Budget {
        /// The share of rows that may be flagged.
        rate: f64,
        /// The rows there are, and those it takes.
        few: TooFewForBudget,
    },
}

impl fmt::Display for TrainError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Fit(error) => write!(f, "cannot train on the accepted records: {error}"),
            Self::Export(error) => error.fmt(f),
            Self::Budget { rate, few } => write!(
                f,
                "a budget of one alarm in {:.0} records needs at least {} held-out records to be promised with {:.0} % \
                 confidence; there are {}, a fifth of the sample. Give more records, or a larger budget",
                1.0 / rate,
                few.needed,
                100.0 * CONFIDENCE,
                few.rows
            ),
        }
    }
}

impl std::error::Error for TrainError {}
