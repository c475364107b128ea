//! What one thread works with.

use super::{BatchId, Examined};
use crate::record::document::{Document, Node, NodeId};

/// What one thread works on record after record with: buffers, and the batch that the records are of.
#[derive(Default)]
pub struct Desk {
    pub(super) doc: Document,
    pub(super) slots: Vec<NodeId>,
    /// Without one every record is a batch of its own.
    pub(super) batch: Option<BatchId>,
    pub(super) before: Option<Box<Before>>,
}

/// What a record held before the masks: its nodes as they were read, and as they were repaired and checked. Their texts
/// still stand in the masked record's document.
#[derive(Default)]
pub(crate) struct Before {
    pub(crate) read: Vec<Node>,
    pub(crate) checked: Vec<Node>,
}

impl Desk {
    /// Puts the records that follow into a batch.
    pub fn enter(&mut self, batch: BatchId) {
        self.batch = Some(batch);
    }

    /// Takes the buffers of a record that is done with.
    pub fn recycle(&mut self, mut examined: Examined) {
        self.clear(&mut examined);
    }

    /// Takes the buffers of a record that is done with, and gives back what else it held.
    pub(crate) fn clear(&mut self, examined: &mut Examined) {
        if let Some(record) = examined.record.take() {
            (self.doc, self.slots) = record.into_buffers();
        }
        if let Some(before) = examined.before.take() {
            self.before = Some(before);
        }
        (examined.violations, examined.keys, examined.row) = (Vec::new(), Vec::new(), Vec::new());
    }
}
