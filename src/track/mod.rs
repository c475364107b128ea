//! What a run was: its parameters, figures and lineage, as a line of a local record and as requests to an `MLflow` server.
//!
//! Nothing here knows a clock, a file or a network: the command line brings the time and the hashes, appends the line and
//! sends the requests. A [`RunLog`] holds names, figures and hashes, never a value of a record.

mod compare;
mod ledger;
mod moment;
mod names;
mod package;
mod page;
mod plan;
mod run;
mod trend;

pub(crate) use compare::{Comparison, listed};
pub(crate) use ledger::{Entry, Ledger, Sent};
pub(crate) use moment::rfc3339;
pub(crate) use package::Package;
pub(crate) use page::{chart, comparison};
pub(crate) use plan::{Body, Plan, Request, Step, artifact_path, filled};
pub(crate) use run::{Artifact, Dataset, Kind, Register, RunLog, Sums};
