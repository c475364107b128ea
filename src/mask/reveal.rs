//! Masked records -> what the key gives back of them.
//!
//! Reversible tokens are found wherever they stand in a record, in a verdict too; values whose shape was kept are found
//! by their field. Pseudonyms cannot be turned back by anybody: they are only counted.

use super::token::is_shaped;
use super::{Mask, Masker, output};
use crate::contract::{Contract, FieldId};
use crate::pipeline::Sieve;
use crate::record::document::{Document, NodeId, Value};
use crate::record::{Limits, Malformed, Record};
use std::collections::BTreeMap;
use zeroize::Zeroizing;

/// What a line of masked records may cost: tokens are longer than what they stand for.
const LIMITS: Limits = Limits { bytes: 64 << 20, depth: 128, values: 1_000_000 };

/// What was found in masked records.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Found {
    /// Reversible tokens that a key of the ring opened.
    pub tokens: u64,
    /// Values of fields whose shape was kept.
    pub shaped: u64,
    /// Pseudonyms of a key of the ring, which cannot be turned back, by that key's id.
    pub pseudonyms: BTreeMap<String, u64>,
    /// What looks like a reversible token and no key of the ring opens, by the key's id that it carries.
    pub unopened: BTreeMap<String, u64>,
}

/// Turns masked records back, or issues their tokens anew under the key in force.
pub struct Reveal<'s> {
    contract: &'s Contract,
    masker: &'s Masker,
    ids: Vec<String>,
    /// The place in the ring of the key under which shapes were kept: nothing about them tells it.
    shaping: usize,
}

impl<'s> Reveal<'s> {
    /// For records of the sieve's contract, under its ring of keys.
    #[must_use]
    pub fn new(sieve: &'s Sieve) -> Self {
        Self { contract: sieve.contract(), masker: sieve.masker(), ids: sieve.key_ids().to_vec(), shaping: 0 }
    }

    /// Takes the values whose shape was kept for those of another key of the ring; none where the ring has no such key.
    #[must_use]
    pub fn with_shaping_key(mut self, id: &str) -> Option<Self> {
        self.shaping = self.ids.iter().position(|known| known == id)?;
        Some(self)
    }

    /// A masked record, or a verdict with one in it, with all values that the keys give back; as JSON without an end of
    /// line, wiped from memory when dropped.
    ///
    /// # Errors
    /// [`Malformed`] where the bytes are no JSON object.
    pub fn reveal(&self, masked: &[u8], found: &mut Found) -> Result<Zeroizing<Vec<u8>>, Malformed> {
        self.turn(masked, Turn::Back, found)
    }

    /// The same record, with each reversible token under the key in force. Nothing of a value is ever shown.
    ///
    /// # Errors
    /// As [`Reveal::reveal`].
    pub fn renew(&self, masked: &[u8], found: &mut Found) -> Result<Vec<u8>, Malformed> {
        self.turn(masked, Turn::Anew, found).map(|mut bytes| std::mem::take(&mut *bytes))
    }

    fn turn(&self, masked: &[u8], turn: Turn, found: &mut Found) -> Result<Zeroizing<Vec<u8>>, Malformed> {
        let Record(doc) = Record::parse(masked, LIMITS)?;
        let mut walk = Walk { reveal: self, turn, found, doc };
        walk.value(Document::ROOT, Some(FieldId::ROOT));
        let mut out = Zeroizing::new(Vec::with_capacity(masked.len()));
        output::write_value(&walk.doc, Document::ROOT, &mut out);
        zeroize::Zeroize::zeroize(&mut walk.doc.text);
        Ok(out)
    }
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Turn {
    Back,
    Anew,
}

struct Walk<'w> {
    reveal: &'w Reveal<'w>,
    turn: Turn,
    found: &'w mut Found,
    doc: Document,
}

impl Walk<'_> {
    fn value(&mut self, id: NodeId, field: Option<FieldId>) {
        let contract = self.reveal.contract;
        match self.doc.value(id) {
            Value::Text(span) => {
                let text = self.doc.str(span).to_owned();
                self.text(id, field, &text);
            }
            Value::List(_) => {
                let item = field.and_then(|field| contract.item_of(field)).or(field);
                let items: Vec<NodeId> = self.doc.children(id).collect();
                for child in items {
                    self.value(child, item);
                }
            }
            Value::Object(_) => {
                let members: Vec<NodeId> = self.doc.children(id).collect();
                for child in members {
                    let name = self.doc.str(self.doc.node(child).key);
                    let below = field.and_then(|field| contract.member_of(field, name));
                    // A verdict holds the record as one of its members.
                    let record = id == Document::ROOT && below.is_none() && name == "record";
                    self.value(child, if record { Some(FieldId::ROOT) } else { below });
                }
            }
            _ => {}
        }
    }

    fn text(&mut self, id: NodeId, field: Option<FieldId>, text: &str) {
        if text.starts_with("rev_") {
            return self.token(id, text);
        }
        if is_shaped("tok", text) {
            if let Some(id) = self.reveal.masker.pseudonym(text).and_then(|key| self.reveal.ids.get(key)) {
                *self.found.pseudonyms.entry(id.clone()).or_default() += 1;
            }
            return;
        }
        let shaped = field.filter(|field| matches!(self.reveal.contract.field(*field).mask, Mask::Format { .. }));
        let Some(shaped) = shaped.filter(|_| self.turn == Turn::Back) else { return };
        if let Some(text) = self.reveal.masker.unshape(shaped, self.reveal.shaping, text) {
            self.found.shaped += 1;
            let span = self.doc.write(&text);
            self.doc.set(id, Value::Text(span));
        }
    }

    fn token(&mut self, id: NodeId, text: &str) {
        let Some((field, _, revealed)) = self.reveal.masker.reveal(text) else {
            if is_shaped("rev", text) {
                let key = text.split('_').nth(1).unwrap_or_default();
                *self.found.unopened.entry(key.to_owned()).or_default() += 1;
            }
            return;
        };
        self.found.tokens += 1;
        let value = match self.turn {
            Turn::Back if revealed.is_number => {
                let value = revealed.text.parse().unwrap_or(f64::NAN);
                Value::Number { text: self.doc.write(&revealed.text), value }
            }
            Turn::Back => Value::Text(self.doc.write(&revealed.text)),
            Turn::Anew => match self.reveal.masker.seal(field, &revealed) {
                Some(token) => Value::Text(self.doc.write(&token)),
                None => return,
            },
        };
        self.doc.set(id, value);
    }
}
