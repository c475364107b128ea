//! How well scores tell known outliers from the rest, and how sure that is.
//!
//! * **AUROC** with ties counted half, as scikit-learn's `roc_auc_score`; its interval is that of DeLong, DeLong and
//!   Clarke-Pearson (*Biometrics* 44, 1988) on the logit scale.
//! * **Average precision** as scikit-learn's `average_precision_score`: tied scores are one step; its interval is the
//!   percentile interval of a stratified bootstrap.
//! * **Precision and recall at the threshold** with Wilson's score interval.
//!
//! Several runs (one a seed) on the same rows give means and deviations; the intervals are those of the means, for other
//! rows of the same kind: what seeds do to a figure is its deviation, not its interval.

mod bootstrap;
mod curve;
mod delong;
mod paired;
mod proportion;
mod ranking;
mod stability;

pub use bootstrap::Repeat;
pub use curve::{Point, curve};
pub use paired::{Paired, area, paired};
pub use proportion::wilson;
pub use ranking::Ranking;
pub use stability::{Stability, stability};

use std::fmt;

/// The share of repetitions in which an interval holds the truth.
pub const CONFIDENCE: f64 = 0.95;
/// The quantile of the normal distribution that goes with [`CONFIDENCE`], both sides.
const Z: f64 = 1.959_963_984_540_054;

/// What one model says of the rows.
#[derive(Clone, Debug, Default)]
pub struct Run {
    /// How odd each row is: any scale, higher is odder.
    pub oddness: Vec<f64>,
    /// Whether each row lies beyond the threshold.
    pub flagged: Vec<bool>,
}

/// A figure over all runs.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Estimate {
    /// The mean of the runs.
    pub mean: f64,
    /// The standard deviation of the runs, with n − 1 below; none for a single run.
    pub sd: Option<f64>,
    /// The interval of the mean at [`CONFIDENCE`]; none where the rows tell nothing about it.
    pub interval: Option<(f64, f64)>,
}

/// What labels say of one or several runs.
#[derive(Clone, Debug, PartialEq)]
pub struct Evaluation {
    /// Labelled rows.
    pub rows: usize,
    /// Outliers among them.
    pub outliers: usize,
    /// Runs.
    pub runs: usize,
    /// The area under the ROC curve.
    pub auroc: Estimate,
    /// The average precision.
    pub average_precision: Estimate,
    /// The share of outliers among the flagged rows; none where no run flags any.
    pub precision: Option<Estimate>,
    /// The share of the outliers that is flagged.
    pub recall: Estimate,
    /// The share of outliers among as many of the oddest rows as there are outliers.
    pub precision_at_outliers: Estimate,
    /// Flagged rows, the mean of the runs.
    pub flagged: f64,
    /// Bootstrap resamples behind the interval of the average precision.
    pub resamples: usize,
}

/// The labels make no evaluation.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum EvaluationError {
    /// Every row is of one kind.
    OneKind {
        /// Labelled rows.
        rows: usize,
        /// Outliers among them: none or all.
        outliers: usize,
    },
    /// A run has not one score and one flag for each label.
    Lengths,
}

impl EvaluationError {
    /// A code that stays the same from version to version.
    #[must_use]
    pub fn kind(&self) -> &'static str {
        match self {
            Self::OneKind { .. } => "one_kind",
            Self::Lengths => "lengths",
        }
    }
}

impl fmt::Display for EvaluationError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::OneKind { rows, outliers } => {
                write!(f, "an evaluation needs outliers and others: of {rows} labelled rows {outliers} are outliers")
            }
            Self::Lengths => f.write_str("the scores are not as many as the labels"),
        }
    }
}

impl std::error::Error for EvaluationError {}

impl Evaluation {
    /// Holds runs against labels, true being an outlier.
    ///
    /// `repeat` computes the bootstrap's resamples, in any order and on any threads; each draws from its own generator,
    /// so the result depends on `seed` alone.
    ///
    /// # Errors
    /// When the labels are all of one kind, or are not as many as the scores.
    ///
    /// # Example
    /// ```
    /// use tamis::evaluation::{Evaluation, Run};
    ///
    /// let labels = [false, false, true, false, true];
    /// let run = Run { oddness: vec![0.1, 0.4, 0.35, 0.2, 0.8], flagged: vec![false, false, false, false, true] };
    /// let found = Evaluation::of(&labels, &[run], 0, &|count, resample| (0..count).map(resample).collect())?;
    /// assert!((found.auroc.mean - 5.0 / 6.0).abs() < 1e-12);
    /// assert!((found.average_precision.mean - 5.0 / 6.0).abs() < 1e-12);
    /// # Ok::<(), tamis::evaluation::EvaluationError>(())
    /// ```
    #[allow(clippy::cast_precision_loss, reason = "counts of rows")]
    pub fn of(labels: &[bool], runs: &[Run], seed: u64, repeat: Repeat<'_>) -> Result<Self, EvaluationError> {
        let rows = labels.len();
        let outliers = labels.iter().filter(|label| **label).count();
        if outliers == 0 || outliers == rows {
            return Err(EvaluationError::OneKind { rows, outliers });
        }
        if runs.is_empty() || runs.iter().any(|run| run.oddness.len() != rows || run.flagged.len() != rows) {
            return Err(EvaluationError::Lengths);
        }
        let rankings: Vec<Ranking> = runs.iter().map(|run| Ranking::new(&run.oddness)).collect();
        let of = |measure: &dyn Fn(&Ranking) -> f64| rankings.iter().map(measure).collect::<Vec<f64>>();
        let hits = |run: &Run| run.flagged.iter().zip(labels).filter(|(flag, label)| **flag && **label).count();
        let flags = |run: &Run| run.flagged.iter().filter(|flag| **flag).count();
        let shares = |parts: Vec<(usize, usize)>| {
            let whole = |(hits, of): &(usize, usize)| (*of > 0).then(|| *hits as f64 / *of as f64);
            let bounds: Vec<(f64, f64)> = parts.iter().filter_map(|(hits, of)| wilson(*hits, *of)).collect();
            let values: Vec<f64> = parts.iter().filter_map(whole).collect();
            (!values.is_empty()).then(|| Estimate::new(&values, mean_interval(&bounds)))
        };
        let auroc = of(&|ranking| ranking.auroc(labels));
        let precision = of(&|ranking| ranking.average_precision(labels));
        let (interval, resamples) = bootstrap::average_precision(labels, &rankings, seed, repeat);
        let recall = shares(runs.iter().map(|run| (hits(run), outliers)).collect());
        let at_outliers = of(&|ranking| ranking.precision_at(labels, outliers));
        Ok(Self {
            rows,
            outliers,
            runs: runs.len(),
            auroc: Estimate::new(&auroc, delong::interval(labels, &rankings)),
            average_precision: Estimate::new(&precision, interval),
            precision: shares(runs.iter().map(|run| (hits(run), flags(run))).collect()),
            recall: recall.unwrap_or(Estimate { mean: 0.0, sd: None, interval: None }),
            precision_at_outliers: Estimate::new(&at_outliers, None),
            flagged: runs.iter().map(|run| flags(run) as f64).sum::<f64>() / runs.len() as f64,
            resamples,
        })
    }
}

impl Estimate {
    /// The mean and the deviation of the runs' values, at least one.
    #[allow(clippy::cast_precision_loss, reason = "a count of runs")]
    fn new(values: &[f64], interval: Option<(f64, f64)>) -> Self {
        let count = values.len() as f64;
        let mean = values.iter().sum::<f64>() / count;
        let squares: f64 = values.iter().map(|value| (value - mean) * (value - mean)).sum();
        let sd = (values.len() > 1).then(|| libm::sqrt(squares / (count - 1.0)));
        Self { mean, sd, interval }
    }
}

/// The mean of intervals: an interval for the mean, and a wide one, since it takes the runs to err together.
#[allow(clippy::cast_precision_loss, reason = "a count of runs")]
fn mean_interval(bounds: &[(f64, f64)]) -> Option<(f64, f64)> {
    let count = bounds.len() as f64;
    let sum = |of: fn(&(f64, f64)) -> f64| bounds.iter().map(of).sum::<f64>() / count;
    (!bounds.is_empty()).then(|| (sum(|bound| bound.0), sum(|bound| bound.1)))
}
