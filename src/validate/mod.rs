//! `Normalised` -> [`Checked`]: every fault of a record at once.
//!
//! Validation collects, it does not stop at the first fault. A record without one is a [`Valid`]; only the check makes
//! one.

mod email;
mod format;
mod remedy;
mod rules;
mod scalar;
mod schema;
mod trail;
mod violation;
mod walk;

pub(crate) use email::is_email;
pub(crate) use format::is_format;
pub(crate) use scalar::has_type;
pub(crate) use schema::satisfies;
pub(crate) use trail::{Step, Trail, is_plain_name};
pub(crate) use violation::{Fault, Found, Place, Violation, check_code, check_expected as describe};

use crate::contract::{Contract, Severity};
use crate::normalise::{Normalised, Repair};
use crate::record::document::{Document, NodeId};

/// A record that was checked: what failed is marked, and nothing behind this stage can show it.
pub struct Checked {
    pub(crate) doc: Document,
    pub(crate) slots: Vec<NodeId>,
    pub(crate) repairs: Vec<Repair>,
    pub(crate) violations: Vec<Violation>,
}

/// The proof that a record keeps its contract.
pub(crate) struct Valid(Checked);

impl Valid {
    pub(crate) fn into_checked(self) -> Checked {
        self.0
    }
}

/// A record that does not keep its contract.
pub(crate) struct Invalid(Checked);

impl Invalid {
    pub(crate) fn into_checked(self) -> Checked {
        self.0
    }
}

/// Checks a record against its contract.
///
/// # Errors
/// The record itself, with its violations, when one of them rejects it.
pub(crate) fn check(record: Normalised, contract: &Contract) -> Result<Valid, Box<Invalid>> {
    let mut checked =
        Checked { doc: record.doc, slots: record.slots, repairs: record.repairs, violations: record.violations };
    walk::fields(&mut checked, contract);
    rules::rules(&mut checked, contract);
    let rejects = |violation: &Violation| violation.severity(contract) == Severity::Error;
    if checked.violations.iter().any(rejects) { Err(Box::new(Invalid(checked))) } else { Ok(Valid(checked)) }
}
