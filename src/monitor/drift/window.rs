//! The counts of one batch or many, in the bins of a reference.

use super::column::Column;
use super::error::DriftError;
use super::tables::Tables;
use crate::onnx::ContractRef;
use serde::{Deserialize, Serialize};

/// The format of a window as JSON.
pub(super) const FORMAT: &str = "tamis.window/1";

/// The counts of records in the bins of a reference. Windows of one reference add up exactly: in any order, and
/// however the records were split among files, days, threads and instances.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(try_from = "Wire", into = "Wire")]
pub struct Window {
    pub(super) tables: Tables,
}

/// A window as JSON.
#[derive(Serialize, Deserialize)]
struct Wire {
    format: String,
    #[serde(flatten)]
    tables: Tables,
}

impl From<Window> for Wire {
    fn from(window: Window) -> Self {
        Self { format: FORMAT.to_owned(), tables: window.tables }
    }
}

impl TryFrom<Wire> for Window {
    type Error = DriftError;

    fn try_from(wire: Wire) -> Result<Self, DriftError> {
        if wire.format != FORMAT {
            return Err(DriftError::Format { found: wire.format });
        }
        Ok(Self { tables: wire.tables.check()? })
    }
}

impl Window {
    /// Reads a window.
    ///
    /// # Errors
    /// Bytes that are none, a format of a later version, or counts that contradict themselves.
    pub fn from_json(json: &[u8]) -> Result<Self, DriftError> {
        let format = format(json)?;
        if format != FORMAT {
            return Err(DriftError::Format { found: format });
        }
        serde_json::from_slice(json).map_err(|error| DriftError::Json(error.to_string()))
    }

    /// The window as JSON, on one line.
    #[must_use]
    pub fn to_json(&self) -> String {
        // Finite numbers and texts always become JSON.
        serde_json::to_string(self).unwrap_or_default()
    }

    /// Adds the counts of another window of the same reference.
    ///
    /// # Errors
    /// Where the other one was counted under another contract, in other bins or with another model; nothing is added
    /// then.
    pub fn merge(&mut self, other: &Self) -> Result<(), DriftError> {
        self.tables.merge(&other.tables)
    }

    /// Whether the other one can be merged with this.
    #[must_use]
    pub fn is_like(&self, other: &Self) -> bool {
        self.tables.like(&other.tables).is_ok()
    }

    /// Says how many records were read where those that were counted are the accepted ones alone.
    pub fn tell(&mut self, records: u64) {
        self.tables.records = records.max(self.tables.accepted);
    }

    /// The contract under which the records were examined.
    #[must_use]
    pub fn contract(&self) -> &ContractRef {
        &self.tables.contract
    }

    /// The columns.
    #[must_use]
    pub fn columns(&self) -> &[Column] {
        &self.tables.columns
    }

    /// Records that were read.
    #[must_use]
    pub fn records(&self) -> u64 {
        self.tables.records
    }

    /// Records that were accepted.
    #[must_use]
    pub fn accepted(&self) -> u64 {
        self.tables.accepted
    }

    /// Accepted records that were scored.
    #[must_use]
    pub fn scored(&self) -> u64 {
        self.tables.scored
    }

    /// Scored records that were flagged.
    #[must_use]
    pub fn flagged(&self) -> u64 {
        self.tables.flagged
    }
}

/// What the `format` of some JSON says.
pub(super) fn format(json: &[u8]) -> Result<String, DriftError> {
    #[derive(Deserialize)]
    struct Head {
        format: String,
    }
    serde_json::from_slice::<Head>(json).map(|head| head.format).map_err(|error| DriftError::Json(error.to_string()))
}
