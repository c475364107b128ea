//! What calls for a look, or for a new model: one file a trigger.
//!
//! Each is a function of counts and dates that were put before it; nothing here knows a clock or remembers anything.

mod acceptance;
mod age;
mod anomaly;
mod drift;
mod records;

pub use acceptance::acceptance;
pub use age::age;
pub use anomaly::anomaly;
pub use drift::drift;
pub use records::records;

use serde::{Deserialize, Serialize};
use std::fmt;

/// What may call.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Trigger {
    /// Fewer records are accepted than is ordinary.
    Acceptance,
    /// More or fewer records are flagged than is ordinary.
    Anomaly,
    /// The records are no longer like those that the champion was trained on.
    Drift,
    /// Many records came since the last training.
    Records,
    /// The last training is long ago.
    Age,
}

impl Trigger {
    /// All of them, in the order in which they are told.
    pub const ALL: [Self; 5] = [Self::Acceptance, Self::Anomaly, Self::Drift, Self::Records, Self::Age];

    /// The name in arguments and files.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Acceptance => "acceptance",
            Self::Anomaly => "anomaly",
            Self::Drift => "drift",
            Self::Records => "records",
            Self::Age => "age",
        }
    }

    /// Whether it tells that something is wrong, and not only that it is time.
    #[must_use]
    pub fn is_alarm(self) -> bool {
        matches!(self, Self::Acceptance | Self::Anomaly | Self::Drift)
    }
}

impl fmt::Display for Trigger {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// What a trigger found in a batch.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Finding {
    /// Which trigger.
    pub trigger: Trigger,
    /// Whether it calls.
    pub fired: bool,
    /// What it measured: a share, a count of columns or of records, days.
    pub value: f64,
    /// Less than this calls; none where nothing can be too little, or nothing is known yet.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub low: Option<f64>,
    /// More than this calls; none where nothing can be too much, or nothing is known yet.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub high: Option<f64>,
    /// The same in words, without any value of a record.
    pub words: String,
}

/// A share as a percentage.
fn percent(share: f64) -> String {
    format!("{:.2} %", 100.0 * share)
}
