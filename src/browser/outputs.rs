//! What a session has to hand over.

use crate::quality::report::Examples;
use crate::stream::Judged;
use crate::verdict::Status;
use js_sys::Uint8Array;

/// NDJSON since it was last taken, and the examples for the report.
#[derive(Default)]
pub(super) struct Outputs {
    pub(super) accepted: Vec<u8>,
    pub(super) rejected: Vec<u8>,
    pub(super) verdicts: Vec<u8>,
    pub(super) examples: Examples,
}

impl Outputs {
    pub(super) fn add(&mut self, judged: &Judged<'_>) {
        self.verdicts.extend_from_slice(judged.line);
        match judged.status {
            Status::Accepted => judged.examined.write_record(&mut self.accepted),
            Status::Rejected => self.rejected.extend_from_slice(judged.line),
        }
        self.examples.see(judged.status, judged.decision, judged.line);
    }
}

/// Hands a buffer over and empties it; its memory is used again.
pub(super) fn take(buffer: &mut Vec<u8>) -> Uint8Array {
    let bytes = Uint8Array::from(buffer.as_slice());
    buffer.clear();
    bytes
}
