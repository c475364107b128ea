//! What a journal tells: one line an event, and nothing that is not in it is known after a restart.

use crate::monitor::control::Observed;
use crate::monitor::drift::Verdict;
use crate::monitor::gate::{Evidence, Refusal};
use crate::monitor::trigger::{Finding, Trigger};
use crate::onnx::ContractRef;
use serde::{Deserialize, Serialize};
use serde_json::Value as Json;

/// The format of a journal's first line.
pub(super) const FORMAT: &str = "tamis.cycle/1";

/// One line.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(super) struct Entry {
    /// When it was written, in the form of RFC 3339.
    pub(super) at: String,
    #[serde(flatten)]
    pub(super) event: Event,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "event", rename_all = "lowercase")]
pub(super) enum Event {
    /// The first line.
    Opened { format: String },
    /// The contract in force from here on.
    Contract { contract: ContractRef },
    /// The champion is another one than this journal knows: somebody promoted it, or went back to it.
    Adopted { model: String },
    /// What alarmed last is ordinary from here on, and what was ordinary before is forgotten.
    Rebased,
    /// A batch was validated and masked, and its files are there.
    Taken(Box<Batch>),
    /// A file has the content of a batch that was taken before.
    Again { file: Seen, batch: String },
    /// A file cannot be read as records.
    Unreadable { batch: String, file: Seen, why: String },
    /// What the triggers found in a batch.
    Judged(Box<Judged>),
    /// A challenger was trained and measured; it stands in the registry.
    Trained(Box<Trained>),
    /// The training stands in the record of runs.
    Logged { batch: String },
    /// A training was called for and could not be.
    Untrained { batch: String, why: String },
    /// The challenger is the champion.
    Promoted { batch: String, model: String },
    /// Nothing is left to do for a batch but to tell of it.
    Settled { batch: String },
    /// Somebody is to be told.
    Notice(Box<Notice>),
    /// A target took a notice.
    Delivered { delivery: String, target: String },
    /// A batch's accepted records were handed over.
    Handed { batch: String },
}

/// A file of the inbox: what tells that it is still the one that was read.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Seen {
    pub(super) name: String,
    pub(super) bytes: u64,
    /// In nanoseconds since 1970.
    pub(super) modified: u64,
}

/// A batch that was taken.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(super) struct Batch {
    /// The first 16 hexadecimal digits of the SHA-256 of the file's bytes.
    pub(super) id: String,
    pub(super) file: Seen,
    pub(super) sha256: String,
    /// The batch's own moment, in the form of RFC 3339: the date in the file's name, or when it was taken.
    pub(super) moment: String,
    pub(super) contract_sha256: String,
    /// The id of the key that masked.
    pub(super) key: String,
    /// The champion that scored; none before there was one.
    pub(super) model: Option<String>,
    pub(super) accepted_sha256: String,
    /// The refused records.
    pub(super) refused: Observed,
    /// The flagged ones among those that were scored; none without a champion.
    pub(super) flagged: Option<Observed>,
    /// Whether there is a window of the champion's reference.
    pub(super) compared: bool,
}

impl Batch {
    pub(super) fn accepted(&self) -> u64 {
        self.refused.records - self.refused.hits
    }
}

/// What the triggers found.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(super) struct Judged {
    pub(super) batch: String,
    pub(super) findings: Vec<Finding>,
    /// Of all columns together; none without a comparison.
    pub(super) drift: Option<Verdict>,
    pub(super) columns: Vec<ColumnFinding>,
    /// Why a challenger is to be trained; nothing where none is.
    pub(super) train: Vec<Reason>,
}

/// Why a challenger is trained.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(super) enum Reason {
    /// There is no champion yet.
    First,
    /// There is none for the contract in force.
    Contract,
    #[serde(untagged)]
    Trigger(Trigger),
}

impl Reason {
    pub(super) fn name(self) -> &'static str {
        match self {
            Self::First => "first",
            Self::Contract => "contract",
            Self::Trigger(trigger) => trigger.name(),
        }
    }
}

/// How one column compares.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(super) struct ColumnFinding {
    pub(super) name: String,
    pub(super) psi: f64,
    pub(super) critical: f64,
    pub(super) verdict: Verdict,
}

/// A challenger.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(super) struct Trained {
    pub(super) batch: String,
    pub(super) model: String,
    /// The champion that it was measured against.
    pub(super) champion: Option<String>,
    pub(super) why: Vec<Reason>,
    /// Rows that it was fitted on, and batches of the training window.
    pub(super) rows: u64,
    pub(super) batches: usize,
    pub(super) evidence: Evidence,
    pub(super) refusals: Vec<Refusal>,
    /// What it flags of the rows held out of each batch of the window: what later batches are compared with.
    pub(super) flagged: Vec<Observed>,
}

/// Something that somebody is to be told.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(super) struct Notice {
    /// The same however often it is sent.
    pub(super) delivery: String,
    /// Such as `tamis-alarm`.
    pub(super) kind: String,
    pub(super) batch: String,
    /// `webhook`, `github`.
    pub(super) targets: Vec<String>,
    pub(super) body: Json,
}
