//! What drift compares with.

use super::column::Column;
use super::error::DriftError;
use super::gather::Gather;
use super::plan::{LeftOut, Plan};
use super::tables::Tables;
use super::window::Window;
use crate::onnx::ContractRef;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// The format of a reference as JSON.
pub(super) const FORMAT: &str = "tamis.reference/1";

/// What the records were like that later ones are compared with: integer counts in bins of their own, a few kilobytes
/// without a row and without personal data.
///
/// # Example
/// ```
/// use tamis::contract::Contract;
/// use tamis::mask::Key;
/// use tamis::monitor::drift::{Counter, Drift, Gather, Plan, Reference, Rules};
/// use tamis::pipeline::{Desk, Sieve};
/// use tamis::record::Frame;
///
/// let contract = br#"{"type": "object", "properties": {"n": {"type": "integer"}}}"#;
/// let sieve = Sieve::new(Contract::load(contract).unwrap(), &Key::new([7; 32]));
/// let records = |from: u64| (from..from + 200).map(|n| format!("{{\"n\": {n}}}"));
/// let mut desk = Desk::default();
/// let mut examine = |line: &str| {
///     sieve.examine(Frame { line: 1, bytes: line.as_bytes(), fault: None }, &mut desk)
/// };
/// let plan = Plan::of(sieve.contract());
/// let mut gather = Gather::new(&plan);
/// records(0).for_each(|line| gather.push(&plan, &examine(&line), None));
/// let reference = Reference::of(&gather, &plan, None);
///
/// let counter = Counter::of(&reference, sieve.contract()).unwrap();
/// let mut window = counter.window();
/// records(150).for_each(|line| counter.count(&mut window, &examine(&line), None));
/// let drift = Drift::compare(&reference, &window, &Rules::default()).unwrap();
/// assert_eq!(drift.names(), ["/n"]);
/// ```
#[derive(Clone, Debug, PartialEq)]
pub struct Reference {
    pub(super) tables: Tables,
    left_out: BTreeMap<String, LeftOut>,
}

/// A reference as JSON.
#[derive(Serialize, Deserialize)]
struct Wire {
    format: String,
    #[serde(flatten)]
    tables: Tables,
    #[serde(default)]
    left_out: BTreeMap<String, LeftOut>,
}

impl Reference {
    /// The reference of what was gathered; `model` names what scored it.
    #[must_use]
    pub fn of(gather: &Gather, plan: &Plan, model: Option<&str>) -> Self {
        let (tables, left_out) = gather.tables(plan, model);
        Self { tables, left_out: left_out.into_iter().collect() }
    }

    /// Reads a reference, or a window, whose counts then are what is compared with.
    ///
    /// # Errors
    /// Bytes that are neither, a format of a later version, or counts that contradict themselves.
    pub fn from_json(json: &[u8]) -> Result<Self, DriftError> {
        let format = super::window::format(json)?;
        if format == super::window::FORMAT {
            return Ok(Window::from_json(json)?.into());
        }
        if format != FORMAT {
            return Err(DriftError::Format { found: format });
        }
        let wire: Wire = serde_json::from_slice(json).map_err(|error| DriftError::Json(error.to_string()))?;
        Ok(Self { tables: wire.tables.check()?, left_out: wire.left_out })
    }

    /// The reference as JSON, on one line.
    #[must_use]
    pub fn to_json(&self) -> String {
        let (tables, left_out) = (self.tables.clone(), self.left_out.clone());
        let wire = Wire { format: FORMAT.to_owned(), tables, left_out };
        // Finite numbers and texts always become JSON.
        serde_json::to_string(&wire).unwrap_or_default()
    }

    /// The contract under which the records were examined.
    #[must_use]
    pub fn contract(&self) -> &ContractRef {
        &self.tables.contract
    }

    /// The model that scored them, by its name.
    #[must_use]
    pub fn model(&self) -> Option<&str> {
        self.tables.model.as_deref()
    }

    /// Names the model that scored the records: one that carries its reference cannot say its own name in it.
    #[must_use]
    pub fn with_model(mut self, model: &str) -> Self {
        self.tables.model = Some(model.to_owned());
        self
    }

    /// The columns.
    #[must_use]
    pub fn columns(&self) -> &[Column] {
        &self.tables.columns
    }

    /// The scores; none where nothing was scored.
    #[must_use]
    pub fn scores(&self) -> Option<&Column> {
        self.tables.score.as_ref()
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

    /// Tells these bins, contract and model from others: the first digits of a hash of them.
    #[must_use]
    pub fn shape(&self) -> String {
        let empty = Window { tables: self.tables.emptied() };
        let mut digits = crate::contract::sha256_hex(empty.to_json().as_bytes());
        digits.truncate(16);
        digits
    }

    /// Fields that are shown as they are and have no column, and why.
    pub fn left_out(&self) -> impl Iterator<Item = (&str, LeftOut)> {
        self.left_out.iter().map(|(name, reason)| (name.as_str(), *reason))
    }
}

impl From<Window> for Reference {
    fn from(window: Window) -> Self {
        Self { tables: window.tables, left_out: BTreeMap::new() }
    }
}
