//! The stream of orders: which get defects, which ids they have, and what is counted.

use super::basket;
use super::broken;
use super::defect::inject;
use super::draft::{Draft, push_plain_id};
use super::field::Field;
use super::json::to_ascii;
use super::memory::Ids;
use super::order::{Order, Shop};
use super::params::Params;
use super::random::Random;
use super::repairs;
use super::truth::Truth;
use super::violations;

/// One line and the truth about it, both without the end of the line.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Row {
    /// A line of NDJSON, which on purpose may be no JSON.
    pub line: String,
    /// One JSON object: `line`, `id`, `status`, `violations`, `defects`, `anomaly`.
    pub truth: String,
}

/// What a stream has given so far.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Tally {
    /// Lines.
    pub rows: u64,
    /// Lines that a validator accepts.
    pub accepted: u64,
    /// Lines with at least one defect.
    pub defective: u64,
    /// Odd orders.
    pub anomalies: u64,
}

/// A stream of orders; see [`orders`](super::orders).
pub struct Orders {
    params: Params,
    random: Random,
    shop: Shop,
    order: Order,
    draft: Draft,
    /// The last id that was given out.
    id: u64,
    accepted: Ids,
    /// Rejected records that had a valid id: they claim none, so somebody may send the order again.
    rejected: Ids,
    tally: Tally,
}

/// What becomes of an order.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Fate {
    Clean { anomaly: bool },
    Repaired,
    Rejected,
    Broken,
}

impl Orders {
    pub(super) fn new(params: Params) -> Self {
        let mut random = Random::new(params.seed);
        Self {
            params,
            shop: Shop::new(params.seed, params.rows),
            order: Order::default(),
            draft: Draft::new(),
            id: random.between(10_000, 99_999),
            random,
            accepted: Ids::default(),
            rejected: Ids::default(),
            tally: Tally::default(),
        }
    }

    /// What the stream has given so far.
    #[must_use]
    pub fn tally(&self) -> Tally {
        self.tally
    }

    fn fate(&mut self) -> Fate {
        if !self.random.chance(self.params.defects) {
            return Fate::Clean { anomaly: self.random.chance(self.params.anomalies) };
        }
        match self.random.below(100) {
            0..=34 => Fate::Repaired,
            // The first line is always JSON, because a reader may tell the format by it.
            92.. if self.tally.rows > 0 => Fate::Broken,
            _ => Fate::Rejected,
        }
    }

    #[allow(clippy::cast_precision_loss, reason = "there are fewer rows than 2^53")]
    fn draw_order(&mut self) {
        let place = self.tally.rows as f64 + self.random.unit();
        // Rounding may reach 1, which would be the first moment behind the last.
        let progress = (place / self.params.rows as f64).min(1.0 - f64::EPSILON);
        self.shop.fill(&mut self.order, progress, &mut self.random);
        self.id += self.random.between(1, 3);
        self.order.id = self.id;
    }

    fn row(&mut self) -> Row {
        let fate = self.fate();
        self.draw_order();
        if fate == (Fate::Clean { anomaly: true }) {
            basket::odd(&mut self.order, &mut self.random);
        }
        self.draft.write(&self.order);
        match fate {
            Fate::Clean { .. } | Fate::Broken => {}
            Fate::Repaired => self.repair(),
            Fate::Rejected => self.violate(),
        }
        let mut line = String::with_capacity(640);
        self.draft.assemble(&mut line);
        let number = self.tally.rows + 1;
        let broken = if fate == Fate::Broken { broken::draw(&mut self.random) } else { None };
        let truth = match broken {
            Some(kind) => {
                (kind.apply)(&mut line, &mut self.random);
                self.draft.families.push(kind.name);
                Truth::of_broken(number, kind.code)
            }
            None => Truth::of(number, &self.order, &mut self.draft, fate == Fate::Clean { anomaly: true }),
        };
        if fate != Fate::Broken && !line.is_ascii() && self.random.chance(0.1) {
            line = to_ascii(&line);
        }
        let mut text = String::with_capacity(160);
        truth.write(&self.draft.families, &mut text);
        self.count(&truth);
        Row { line, truth: text }
    }

    /// One to three defects that can be repaired.
    fn repair(&mut self) {
        let Self { order, draft, random, .. } = self;
        for _ in 0..random.pick(&[1, 1, 1, 2, 2, 3]) {
            inject(repairs::TABLE, draft, order, random);
        }
        if random.chance(0.08)
            && draft.is_free(Field::OrderId)
            && let Some(id) = self.rejected.take(random)
        {
            self.set_id(id, "resubmitted_id");
        }
    }

    /// One to three violations, and perhaps what could be repaired beside them.
    fn violate(&mut self) {
        let Self { draft, random, .. } = self;
        let mut left = random.pick(&[1, 1, 1, 1, 2, 2, 3]);
        if random.chance(0.07)
            && let Some(id) = self.accepted.pick(random)
        {
            draft.duplicate = true;
            left -= 1;
            self.set_id(id, "duplicate_id");
        }
        let Self { order, draft, random, .. } = self;
        for _ in 0..left {
            inject(violations::TABLE, draft, order, random);
        }
        for _ in 0..random.pick(&[0, 0, 0, 1, 1, 2]) {
            inject(repairs::TABLE, draft, order, random);
        }
    }

    /// Gives the order the id of an earlier one.
    fn set_id(&mut self, id: u64, family: &'static str) {
        self.order.id = id;
        self.draft.claim(Field::OrderId);
        let mut text = String::new();
        push_plain_id(id, &mut text);
        // An id is the same with blanks around it.
        if self.random.chance(0.2) {
            text.push(' ');
        }
        self.draft.text(Field::OrderId, &text);
        self.draft.families.push(family);
    }

    fn count(&mut self, truth: &Truth) {
        self.tally.rows += 1;
        self.tally.defective += u64::from(!self.draft.families.is_empty());
        self.tally.anomalies += u64::from(truth.anomaly);
        self.tally.accepted += u64::from(truth.is_accepted());
        if let Some(id) = truth.id {
            if truth.is_accepted() {
                self.accepted.push(id);
            } else if !self.draft.duplicate {
                self.rejected.push(id);
            }
        }
    }
}

impl Iterator for Orders {
    type Item = Row;

    fn next(&mut self) -> Option<Row> {
        (self.tally.rows < self.params.rows).then(|| self.row())
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        let left = usize::try_from(self.params.rows - self.tally.rows);
        (left.unwrap_or(usize::MAX), left.ok())
    }
}
