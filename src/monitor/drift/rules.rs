//! When a difference is called drift.

use super::error::DriftError;
use serde::{Deserialize, Serialize};

/// When a difference is called drift: it must be both sure and large.
///
/// A column drifts where its index is above `min_psi` and two tests hold at `alpha` after the correction for all that is
/// tested at once (Benjamini and Hochberg): Pearson's chi-square test, and that of the index itself. So the index is
/// above its critical value too, which knows the sizes of both sides. An index of 0.1 alone alarms on two fifths of
/// undrifted windows of 100 records for each column, a test alone on any difference of a window of millions.
///
/// Where nothing drifts, the chance that a comparison calls anything drift is at most `alpha`, however many columns there
/// are and whatever the size of the window. Measured over twelve columns, acceptance, scores and anomalies (a test does
/// it again): see `false_alarms_are_as_rare_as_stated`.
///
/// The records of each side are taken to be independent of each other. Where several come from one source, such as the
/// lines of one invoice, windows vary more than that, and there are more false alarms.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Rules {
    /// The share of undrifted windows, in (0, 0.5], in which anything may be called drift.
    pub alpha: f64,
    /// The index below which a difference is too small to matter.
    pub min_psi: f64,
    /// The distance of two rates (Cohen's h) below which it is too small to matter.
    pub min_effect: f64,
    /// Records that both sides must have for a verdict.
    pub min_records: u64,
}

impl Default for Rules {
    fn default() -> Self {
        Self { alpha: 0.01, min_psi: 0.1, min_effect: 0.1, min_records: 50 }
    }
}

impl Rules {
    pub(super) fn check(&self) -> Result<(), DriftError> {
        if !(self.alpha > 0.0 && self.alpha <= 0.5) {
            return Err(DriftError::Rule("alpha"));
        }
        if !(self.min_psi >= 0.0 && self.min_psi.is_finite()) {
            return Err(DriftError::Rule("min_psi"));
        }
        if !(self.min_effect >= 0.0 && self.min_effect.is_finite()) {
            return Err(DriftError::Rule("min_effect"));
        }
        Ok(())
    }
}

/// What a comparison says of a column, or of all of them.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Verdict {
    /// There are too few records to say.
    TooFew,
    /// No difference that chance would not explain.
    Stable,
    /// A difference that is sure and too small to matter.
    Slight,
    /// A difference that is sure and large.
    Drift,
}

impl Verdict {
    /// The name on the wire.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::TooFew => "too_few",
            Self::Stable => "stable",
            Self::Slight => "slight",
            Self::Drift => "drift",
        }
    }
}
