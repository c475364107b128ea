//! Whether a challenger may take the champion's place: the one place that says so.

use crate::evaluation::Paired;
use serde::{Deserialize, Serialize};
use std::fmt;

/// What is asked of a challenger.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Gate {
    /// How much smaller its area under the ROC curve may be: the lower bound of the paired difference, at 95 %, must lie
    /// above minus this.
    pub margin: f64,
    /// The least area of a first champion: the lower bound must lie above it.
    pub least: f64,
    /// How many times more, or less, than was asked for it may flag of the rows held out: the interval of the share must
    /// reach into that range.
    pub times: f64,
    /// Fewest rows that it is measured on.
    pub rows: usize,
}

impl Default for Gate {
    fn default() -> Self {
        Self { margin: 0.02, least: 0.5, times: 3.0, rows: 50 }
    }
}

/// What was measured on the rows held out, the same for both models.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Evidence {
    /// Rows held out.
    pub rows: usize,
    /// Outliers among those that were ranked: labelled or planted.
    pub outliers: usize,
    /// Whether the outliers were planted, there being no labels.
    pub planted: bool,
    /// The challenger's area under the ROC curve, and its interval at 95 %.
    pub challenger: f64,
    /// See `challenger`.
    pub interval: (f64, f64),
    /// Both areas and their difference, the champion's first; none where there is no champion.
    pub paired: Option<Paired>,
    /// Rows that the challenger flags.
    pub flagged: usize,
    /// The interval of their share at 95 %.
    pub flagged_interval: (f64, f64),
    /// The share that the challenger's threshold was set for.
    pub asked: f64,
    /// The rank correlation (Spearman) of both models' scores; 1 where they rank alike.
    pub correlation: Option<f64>,
}

/// Why a challenger is refused.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "kind")]
#[non_exhaustive]
pub enum Refusal {
    /// There are too few rows to measure on.
    Rows {
        /// How many there are.
        rows: usize,
        /// How many are needed.
        needed: usize,
    },
    /// It may rank worse than the champion by more than the margin.
    Worse {
        /// The lower bound of the difference.
        low: f64,
        /// The margin.
        margin: f64,
    },
    /// It may rank no better than chance.
    Chance {
        /// The lower bound of its area.
        low: f64,
        /// What it must exceed.
        least: f64,
    },
    /// It flags far more or far less than it was asked to.
    Flagged {
        /// The share.
        share: f64,
        /// The share asked for.
        asked: f64,
    },
}

impl fmt::Display for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Rows { rows, needed } => write!(f, "{rows} records are held out and {needed} are needed"),
            Self::Worse { low, margin } => write!(
                f,
                "its AUROC may be smaller than the champion's by {:.4}, and {margin} is the most that passes",
                -low
            ),
            Self::Chance { low, least } => {
                write!(f, "its AUROC may be as small as {low:.4}, and {least} must be passed")
            }
            Self::Flagged { share, asked } => write!(
                f,
                "it flags {:.2} % of the records held out and was asked for {:.2} %",
                100.0 * share,
                100.0 * asked
            ),
        }
    }
}

impl Gate {
    /// All that speaks against a challenger; nothing where it passes.
    #[must_use]
    #[allow(clippy::cast_precision_loss, reason = "counts of rows")]
    pub fn refusals(&self, evidence: &Evidence) -> Vec<Refusal> {
        let mut refusals = Vec::new();
        if evidence.rows < self.rows {
            refusals.push(Refusal::Rows { rows: evidence.rows, needed: self.rows });
        }
        match &evidence.paired {
            Some(paired) if paired.interval.0 <= -self.margin => {
                refusals.push(Refusal::Worse { low: paired.interval.0, margin: self.margin });
            }
            None if evidence.interval.0 <= self.least => {
                refusals.push(Refusal::Chance { low: evidence.interval.0, least: self.least });
            }
            _ => {}
        }
        let (low, high) = evidence.flagged_interval;
        if low > evidence.asked * self.times || high < evidence.asked / self.times {
            let share = evidence.flagged as f64 / evidence.rows.max(1) as f64;
            refusals.push(Refusal::Flagged { share, asked: evidence.asked });
        }
        refusals
    }
}

#[cfg(test)]
mod tests {
    use super::{Evidence, Gate, Refusal};
    use crate::evaluation::Paired;

    fn evidence() -> Evidence {
        Evidence {
            rows: 1000,
            outliers: 100,
            planted: true,
            challenger: 0.9,
            interval: (0.88, 0.92),
            paired: None,
            flagged: 12,
            flagged_interval: (0.007, 0.021),
            asked: 0.01,
            correlation: None,
        }
    }

    fn paired(low: f64) -> Paired {
        Paired { first: 0.9, second: 0.9, difference: 0.0, interval: (low, -low) }
    }

    #[test]
    fn each_condition_refuses_alone() {
        let gate = Gate::default();
        assert!(gate.refusals(&evidence()).is_empty());
        assert!(gate.refusals(&Evidence { paired: Some(paired(-0.019)), ..evidence() }).is_empty());
        // Against a champion the margin counts, not how good both are.
        assert!(
            gate.refusals(&Evidence { paired: Some(paired(-0.01)), interval: (0.4, 0.9), ..evidence() }).is_empty()
        );
        let refused = |evidence: Evidence| gate.refusals(&evidence);
        assert!(matches!(refused(Evidence { rows: 49, ..evidence() })[..], [Refusal::Rows { .. }]));
        assert!(matches!(
            refused(Evidence { paired: Some(paired(-0.021)), ..evidence() })[..],
            [Refusal::Worse { .. }]
        ));
        assert!(matches!(refused(Evidence { interval: (0.49, 0.9), ..evidence() })[..], [Refusal::Chance { .. }]));
        for flagged_interval in [(0.031, 0.05), (0.0, 0.003)] {
            assert!(matches!(refused(Evidence { flagged_interval, ..evidence() })[..], [Refusal::Flagged { .. }]));
        }
    }
}
