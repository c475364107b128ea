//! How well masked records hide who they are about: k-anonymity and l-diversity over the fields that the contract marks
//! with `x-quasi`.
//!
//! Whoever knows a person's town, age and sex from elsewhere may find that person's record though name and address are
//! masked. Records that are equal in all quasi-identifiers form a *group*, and within a group nobody can tell them apart:
//! the smallest group's size is k (Samarati and Sweeney 1998). If all records of a group share one sensitive value,
//! finding the group is enough: hence l-diversity (Machanavajjhala et al. 2007).
//!
//! A [`Survey`] counts groups by keyed digests of the masked values and keeps no record. Null and absent are one value
//! of their own. Counted are records: a person with five of them makes a group of five alone, so a low figure is certain
//! and a high one is not; a field of the person among the quasi-identifiers tells them apart.

mod count;
mod diversity;
mod figures;
pub(crate) mod form;
mod ladder;
mod plan;
mod report;
mod search;
mod table;
mod value;

use crate::record::document::{Document, NodeId};
pub use count::{Counted, Full, Part, Survey, Trust};
pub use diversity::Diversity;
pub use figures::{Band, Figures, Small};
pub use form::{Form, replaces};
pub use plan::{Plan, PlanError};
pub use report::{Marked, Report};
pub use search::Suggestion;

/// The group size that is asked for where nobody says another: what guidance on statistical disclosure calls common.
pub const USUAL_K: u64 = 5;

/// What stands at a JSON Pointer of a record, whether or not a contract claimed it.
pub(crate) fn node(pointer: &str, doc: &Document) -> Option<NodeId> {
    value::Place::new(pointer).node(doc)
}
