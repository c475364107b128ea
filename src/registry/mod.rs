//! A registry of models: which versions there are, what is known of each, which one is the champion, and who vouches for it.
//!
//! Here are the values; files are the shell's. On disk a registry is a folder:
//!
//! ```text
//! versions/<sha256 of the model>/model.onnx      the model, never changed
//!                                card.json       what is known of it ([`Card`]), never changed
//!                                card.md         the same in sentences ([`Card::markdown`]), never changed
//!                                signature.json  who vouches for these three ([`Signatures`]), if anybody does
//! champion                                       the id of the champion, one line
//! history.ndjson                                 what happened ([`Entry`]), a line each, appended only
//! ```
//!
//! **The invariant.** The history says which version is the champion: it is the fold of its lines ([`History::champion`]).
//! A version appears whole, by one rename, before any line names it; a line counts once its line end is written; the file
//! `champion` follows the history. So after a crash at any point every version is whole and the champion is the old one or
//! the new one. What may lag behind is told apart from damage: a version without a line, a last line without its end, a
//! `champion` that is the one before the history's last. The next writer completes each of them.

mod card;
mod format;
mod history;
mod id;
mod key;
mod lineage;
mod markdown;
mod metric;
mod pem;
mod signature;
mod statements;

pub use card::{Card, CardError, Data, Input, ModelFacts, Span};
pub use format::FormatError;
pub use history::{Action, Entry, History, HistoryError, Switch};
pub use id::{Id, IdError};
pub use key::{KeyError, PublicKey, PublicKeys, SigningKey};
pub use lineage::Lineage;
pub use metric::Metric;
pub use signature::{Manifest, Signature, SignatureError, Signatures};
pub use statements::{STATEMENTS, Statement, Statements};
