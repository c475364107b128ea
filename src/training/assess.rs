//! What a forest does on rows that it was not trained on.

use super::sample::Fitting;
use super::split::Part;
use super::{FEWEST_FOR_RATE, Grower, Sample, SplitBy, Threshold, TrainError};
use crate::evaluation::{CONFIDENCE, Evaluation, EvaluationError, Repeat, Run, Stability, stability, wilson};
use crate::forest::{self, Budgeted, CheckedParams, Forest, Matrix, Params, threshold_for_budget};

/// Forests of other seeds with which the stability of the ranking is measured.
const SEEDS: u64 = 5;
/// The share of rows that count as the oddest.
const TOP: f64 = 0.01;

/// What was measured on the rows held out.
#[derive(Clone, Debug)]
pub struct Assessment {
    /// What decided the parts.
    pub by: SplitBy,
    /// Rows that the forest measured here was fitted on.
    pub train: usize,
    /// Rows that a budget's threshold is calibrated on: without those that are known to be outliers.
    pub dev: usize,
    /// Rows that were measured.
    pub test: usize,
    /// Those of them that are flagged.
    pub flagged: usize,
    /// Their share, and the interval of it.
    pub rate: f64,
    /// The interval of the rate, at [`CONFIDENCE`](crate::evaluation::CONFIDENCE).
    pub rate_interval: Option<(f64, f64)>,
    /// How alike forests of other seeds rank the rows.
    pub stability: Option<Stability>,
    /// The forests that the stability is of.
    pub seeds: u64,
    /// What the labels of the rows say, where there are any.
    pub evaluation: Option<Result<Evaluation, EvaluationError>>,
}

impl Sample {
    /// Fits a forest on three fifths of the rows and measures it on another fifth; none of fewer than
    /// [`FEWEST_FOR_RATE`] rows, or where nothing is held out.
    ///
    /// # Errors
    /// As for [`Sample::train`].
    #[allow(clippy::cast_precision_loss, reason = "counts of rows")]
    pub fn assess(
        &self,
        params: &CheckedParams,
        threshold: Threshold,
        by: SplitBy,
        grow: Grower<'_>,
        repeat: Repeat<'_>,
    ) -> Result<Option<Assessment>, TrainError> {
        let parts = Parts::of(self, by);
        if self.rows() < FEWEST_FOR_RATE || parts.train.rows.rows() < 2 || parts.test.rows() == 0 {
            return Ok(None);
        }
        let params = &self.by_rate(params);
        let forest = forest::fit_with(parts.train.data(), params, None, grow).map_err(TrainError::Fit)?;
        let forest = match threshold {
            Threshold::Contamination => forest,
            Threshold::Score(score) => forest.with_offset(-score),
            Threshold::Budget { rate, .. } => parts.calibrated(forest, rate)?.0,
        };
        let scores = forest.score_batch(&parts.test);
        let flags: Vec<bool> = scores.iter().map(|score| forest.decision(*score) < 0.0).collect();
        let flagged = flags.iter().filter(|flag| **flag).count();
        let mut runs = vec![scores];
        for other in 1..SEEDS {
            let seed = params.get().seed.wrapping_add(other);
            // Another seed changes nothing about what was checked.
            let Ok(params) = (Params { seed, ..*params.get() }).check() else { continue };
            let forest = forest::fit_with(parts.train.data(), &params, None, grow).map_err(TrainError::Fit)?;
            runs.push(forest.score_batch(&parts.test));
        }
        let stability = stability(&runs, TOP);
        let evaluation = self.is_labelled().then(|| {
            let first = runs.first().map(Vec::as_slice).unwrap_or_default();
            let known = first.iter().zip(&flags).zip(&parts.test_labels);
            let known = known.filter_map(|((score, flag), label)| Some((*score, *flag, (*label)?)));
            let (mut run, mut labels) = (Run::default(), Vec::new());
            for (score, flag, label) in known {
                run.oddness.push(score);
                run.flagged.push(flag);
                labels.push(label);
            }
            Evaluation::of(&labels, &[run], params.get().seed, repeat)
        });
        Ok(Some(Assessment {
            by,
            train: parts.train.rows.rows(),
            dev: parts.dev.rows(),
            test: parts.test.rows(),
            flagged,
            rate: flagged as f64 / parts.test.rows() as f64,
            rate_interval: wilson(flagged, parts.test.rows()),
            stability,
            seeds: SEEDS,
            evaluation,
        }))
    }
}

/// The sample, cut in three.
pub(super) struct Parts {
    pub(super) train: Fitting,
    /// Without the rows that are known to be outliers: an alarm for them is no false one.
    pub(super) dev: Matrix,
    test: Matrix,
    test_labels: Vec<Option<bool>>,
}

impl Parts {
    pub(super) fn of(sample: &Sample, by: SplitBy) -> Self {
        let parts = sample.split(by);
        let labels: Vec<Option<bool>> = sample.outliers().collect();
        let is = |at: usize, part: Part| parts.get(at) == Some(&part);
        let outlier = |at: usize| labels.get(at) == Some(&Some(true));
        Self {
            train: sample.part(|at, _| is(at, Part::Train)),
            dev: sample.matrix(|at, _| is(at, Part::Dev) && !outlier(at)),
            test: sample.matrix(|at, _| is(at, Part::Test)),
            test_labels: labels
                .iter()
                .zip(&parts)
                .filter(|(_, part)| **part == Part::Test)
                .map(|pair| *pair.0)
                .collect(),
        }
    }

    /// The forest with the threshold that keeps a budget on the second part.
    pub(super) fn calibrated(&self, forest: Forest, rate: f64) -> Result<(Forest, Budgeted), TrainError> {
        let kept = threshold_for_budget(&mut forest.score_batch(&self.dev), rate, CONFIDENCE);
        let kept = kept.map_err(|few| TrainError::Budget { rate, few })?;
        Ok((forest.with_offset(-kept.threshold), kept))
    }
}
