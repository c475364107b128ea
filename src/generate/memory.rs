//! The ids of a few earlier orders: enough to use one again, whatever the number of rows.

use super::random::Random;

const CAPACITY: usize = 64;

/// The last ids of one kind.
#[derive(Default)]
pub(super) struct Ids {
    ids: Vec<u64>,
    next: usize,
}

impl Ids {
    pub(super) fn push(&mut self, id: u64) {
        if self.ids.len() < CAPACITY {
            self.ids.push(id);
        } else if let Some(oldest) = self.ids.get_mut(self.next) {
            *oldest = id;
            self.next = (self.next + 1) % CAPACITY;
        }
    }

    /// One of the ids; none as long as there is none.
    pub(super) fn pick(&self, random: &mut Random) -> Option<u64> {
        (!self.ids.is_empty()).then(|| random.pick(&self.ids))
    }

    /// Takes an id out for good.
    pub(super) fn take(&mut self, random: &mut Random) -> Option<u64> {
        let id = self.pick(random)?;
        self.ids.retain(|known| *known != id);
        self.next = 0;
        Some(id)
    }
}
