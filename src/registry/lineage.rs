//! Where a model comes from.

use super::id::Id;
use serde::{Deserialize, Serialize};

/// Where a model comes from: all that is known of it.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Lineage {
    /// The version that was the champion when this one was made.
    pub parent: Option<Id>,
    /// The id of the run that made it, in the record of experiments.
    pub run: Option<String>,
    /// The moment when it was made, in the form of RFC 3339.
    pub trained_at: Option<String>,
    /// What made it, such as `tamis train`.
    pub made_by: Option<String>,
}
