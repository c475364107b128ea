//! The compile-time proof that only masked records are shown: nothing here is for use.
//!
//! What computes features, writes verdicts and counts for reports and metrics takes a [`Masked`]; what comes before
//! masking ([`Checked`], and [`Record`](crate::record::Record) before it) is another type, has no way to be written out, and
//! only [`Masker`](crate::mask::Masker) makes the one of the other. So this compiles:
//!
//! ```
//! use tamis::{contract::Contract, proof};
//! fn features(record: &proof::Masked, contract: &Contract, row: &mut Vec<f32>) {
//!     proof::features(record, contract, row);
//! }
//! fn verdict<'r>(record: &'r proof::Masked) -> proof::Head<'r> {
//!     proof::head(record)
//! }
//! fn counted(record: &proof::Masked, contract: &Contract, summary: &mut tamis::quality::Summary) {
//!     proof::count(record, contract, summary);
//! }
//! ```
//!
//! and the same of a record that was checked and not masked does not, whichever of the three it is:
//!
//! ```compile_fail,E0308
//! use tamis::{contract::Contract, proof};
//! fn features(record: &proof::Checked, contract: &Contract, row: &mut Vec<f32>) {
//!     proof::features(record, contract, row);
//! }
//! ```
//!
//! ```compile_fail,E0308
//! use tamis::proof;
//! fn verdict<'r>(record: &'r proof::Checked) -> proof::Head<'r> {
//!     proof::head(record)
//! }
//! ```
//!
//! ```compile_fail,E0308
//! use tamis::{contract::Contract, proof};
//! fn counted(record: &proof::Checked, contract: &Contract, summary: &mut tamis::quality::Summary) {
//!     proof::count(record, contract, summary);
//! }
//! ```
//!
//! A raw record cannot be printed, serialised or looked into from outside the crate:
//!
//! ```compile_fail,E0277
//! fn show(record: &tamis::record::Record) -> String {
//!     record.to_string()
//! }
//! ```
//!
//! ```compile_fail,E0616
//! fn show(record: &tamis::record::Record) -> usize {
//!     record.0.text.len()
//! }
//! ```

use crate::contract::Contract;
pub use crate::mask::Masked;
use crate::quality::Summary;
pub use crate::validate::Checked;
pub use crate::verdict::Head;
use crate::verdict::Status;

/// What the model sees of a record.
pub fn features(record: &Masked, contract: &Contract, row: &mut Vec<f32>) {
    crate::features::row(record, contract, row);
}

/// What a verdict holds of a record.
#[must_use]
pub fn head(record: &Masked) -> Head<'_> {
    Head { line: 1, source: None, status: Status::Accepted, record: Some(record), violations: &[] }
}

/// What reports, summaries and metrics count of a record.
pub fn count(record: &Masked, contract: &Contract, summary: &mut Summary) {
    summary.record(contract, Status::Accepted, Some(record), &[]);
}
