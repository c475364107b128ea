//! Applies the masks of a contract under a ring of keys.

use super::canonical::{self, Form};
use super::format::Shaped;
use super::generalise::Coarse;
use super::partial::partial;
use super::reversible::{Revealed, Reversible};
use super::shift::{Offsets, shifted};
use super::token::Tokens;
use super::{KeyRing, Mask, Masked, REDACTED, Scope, scan};
use crate::contract::{Contract, Field, FieldId};
use crate::normalise::url_parts;
use crate::record::document::{Document, NodeId, UNCLAIMED, Value};
use crate::validate::Checked;
use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;
use std::borrow::Cow;

/// Masks the records of one contract under one ring of keys: the key in force makes all tokens, the others only tell
/// theirs from values.
pub struct Masker {
    /// For each field of the contract what its mask needs of the keys.
    keyed: Vec<Keyed>,
    /// The fields whose dates move by an offset of the person's.
    shifting: Vec<FieldId>,
    /// Whether any pseudonym is equal only within a batch or a record.
    scoped: bool,
    keyed_ids: Hmac<Sha256>,
}

/// What a field's mask needs of the keys; of several, the first is of the key in force.
enum Keyed {
    Nothing,
    Pseudonym { tokens: Vec<Tokens>, form: Form, scope: Scope },
    Reversible(Vec<Reversible>),
    Format(Vec<Shaped>),
    Shift { offsets: Offsets, person: Option<FieldId>, form: Form },
}

/// What tells one batch from others, for the pseudonyms that are equal only within one.
#[derive(Clone, Copy)]
pub struct BatchId([u8; 16]);

/// What pseudonyms of each scope begin with.
pub(crate) struct Salts {
    batch: [u8; 16],
    record: [u8; 16],
}

impl Salts {
    fn of(salts: Option<&Self>, scope: Scope) -> &[u8] {
        match (salts, scope) {
            (None, _) | (_, Scope::Global) => &[],
            (Some(salts), Scope::Batch) => &salts.batch,
            (Some(salts), Scope::Record) => &salts.record,
        }
    }
}

impl Masker {
    /// Derives the keys of all fields of a contract.
    #[must_use]
    pub fn new(contract: &Contract, ring: &KeyRing) -> Self {
        let keyed: Vec<Keyed> = contract.fields.iter().map(|field| Keyed::of(field, contract, ring)).collect();
        let shifting = keyed.iter().enumerate().filter(|(_, keyed)| matches!(keyed, Keyed::Shift { .. }));
        let scoped = |keyed: &Keyed| matches!(keyed, Keyed::Pseudonym { scope: Scope::Batch | Scope::Record, .. });
        let ids = ring.in_force().derive::<32>("tamis/v1/unique");
        Self {
            shifting: shifting.map(|(place, _)| FieldId(place)).collect(),
            scoped: keyed.iter().any(scoped),
            keyed,
            // A key of any length is taken.
            keyed_ids: Hmac::new_from_slice(ids.as_slice())
                .unwrap_or_else(|_| Hmac::new(&hmac::digest::Key::<Hmac<Sha256>>::default())),
        }
    }

    /// A digest of a value under the key, for telling equal values apart from different ones without holding them.
    pub(crate) fn digest(&self, parts: &[&[u8]]) -> [u8; 16] {
        let mut mac = self.keyed_ids.clone();
        for part in parts {
            mac.update(&(part.len() as u64).to_le_bytes());
            mac.update(part);
        }
        let mut digest = [0; 16];
        digest.iter_mut().zip(mac.finalize().into_bytes()).for_each(|(byte, from)| *byte = from);
        digest
    }

    /// The batch of a name, or without one the batch that begins with these bytes.
    pub(crate) fn batch(&self, name: Option<&str>, first: &[u8]) -> BatchId {
        match name {
            Some(name) => BatchId(self.digest(&[b"batch/name", name.as_bytes()])),
            None => BatchId(self.digest(&[b"batch/first", first])),
        }
    }

    /// What the pseudonyms of a record begin with; none where all are equal everywhere.
    pub(crate) fn salts(&self, batch: Option<BatchId>, line: u64, record: &[u8]) -> Option<Salts> {
        if !self.scoped {
            return None;
        }
        let batch = batch.unwrap_or_else(|| self.batch(None, record)).0;
        let record = self.digest(&[b"record", &batch, &line.to_le_bytes(), record]);
        Some(Salts { batch, record })
    }

    /// Whether a text is a token that one of the keys made for this field: it was checked and masked before.
    pub(crate) fn made(&self, field: FieldId, text: &str) -> bool {
        match self.keyed.get(field.0) {
            Some(Keyed::Pseudonym { tokens, .. }) => tokens.iter().any(|tokens| tokens.made(text)),
            Some(Keyed::Reversible(seals)) => seals.iter().any(|seal| seal.reveal(text).is_some()),
            _ => false,
        }
    }

    /// Whether the key in force made the token: only then its equals among new tokens are equal.
    pub(crate) fn made_in_force(&self, field: FieldId, text: &str) -> bool {
        match self.keyed.get(field.0) {
            Some(Keyed::Pseudonym { tokens, .. }) => tokens.first().is_some_and(|tokens| tokens.made(text)),
            Some(Keyed::Reversible(seals)) => seals.first().is_some_and(|seal| seal.reveal(text).is_some()),
            _ => false,
        }
    }

    /// The value of a reversible token of any field of the contract, with the place of its key in the ring.
    pub(super) fn reveal(&self, text: &str) -> Option<(FieldId, usize, Revealed)> {
        self.keyed.iter().enumerate().find_map(|(field, keyed)| {
            let Keyed::Reversible(seals) = keyed else { return None };
            let mut revealed = seals.iter().enumerate().map(|(key, seal)| Some((key, seal.reveal(text)?)));
            revealed.find_map(|found| found.map(|(key, revealed)| (FieldId(field), key, revealed)))
        })
    }

    /// The token of a value of a reversible field under the key in force.
    pub(super) fn seal(&self, field: FieldId, revealed: &Revealed) -> Option<String> {
        match self.keyed.get(field.0) {
            Some(Keyed::Reversible(seals)) => Some(seals.first()?.token(&revealed.text, revealed.is_number)),
            _ => None,
        }
    }

    /// What a value of a field with `format` was, under the key at this place in the ring.
    pub(super) fn unshape(&self, field: FieldId, key: usize, text: &str) -> Option<String> {
        match self.keyed.get(field.0) {
            Some(Keyed::Format(shapes)) => shapes.get(key)?.reveal(text),
            _ => None,
        }
    }

    /// Whether a pseudonym was made by one of the keys for any field: with the place of the key in the ring.
    pub(super) fn pseudonym(&self, text: &str) -> Option<usize> {
        self.keyed.iter().find_map(|keyed| match keyed {
            Keyed::Pseudonym { tokens, .. } => tokens.iter().position(|tokens| tokens.made(text)),
            _ => None,
        })
    }

    /// Removes what the contract's masks and failed checks say must not be shown.
    pub(crate) fn mask(&self, record: Checked, contract: &Contract, salts: Option<&Salts>) -> Masked {
        let mut pass = Pass { masker: self, contract, salts, doc: record.doc, offsets: Vec::new() };
        // The person is masked in the same pass, perhaps before the dates.
        for field in &self.shifting {
            let days = pass.days(*field, &record.slots);
            pass.offsets.push((*field, days));
        }
        pass.field(Document::ROOT, FieldId::ROOT);
        Masked { doc: pass.doc, slots: record.slots, repairs: record.repairs, violations: record.violations }
    }
}

impl Keyed {
    fn of(field: &Field, contract: &Contract, ring: &KeyRing) -> Self {
        let own =
            |domain: &Option<String>| domain.clone().unwrap_or_else(|| format!("{}{}", contract.name(), field.pointer));
        match &field.mask {
            Mask::Pseudonym { domain, scope, form } => {
                let domain = own(domain);
                let tokens = ring.keys().map(|key| Tokens::new(key, scope.name(), &domain));
                Self::Pseudonym { tokens: tokens.collect(), form: form.clone(), scope: *scope }
            }
            Mask::Reversible { domain } => {
                let domain = own(domain);
                Self::Reversible(ring.keys().map(|key| Reversible::new(key, &domain)).collect())
            }
            Mask::Format { domain, alphabet, keep } => {
                let domain = own(domain);
                Self::Format(ring.keys().map(|key| Shaped::new(key, &domain, *alphabet, *keep)).collect())
            }
            Mask::Shift { days, by, domain } => {
                let person = contract.at_path(by);
                let pointer = person.map(|person| contract.field(person).pointer.as_str()).unwrap_or_default();
                let domain = domain.clone().unwrap_or_else(|| format!("{}{pointer}", contract.name()));
                let form = match person.map(|person| &contract.field(person).mask) {
                    Some(Mask::Pseudonym { form, .. }) => form.clone(),
                    _ => Form::default(),
                };
                Self::Shift { offsets: Offsets::new(ring.in_force(), &domain, *days), person, form }
            }
            _ => Self::Nothing,
        }
    }
}

struct Pass<'m> {
    masker: &'m Masker,
    contract: &'m Contract,
    salts: Option<&'m Salts>,
    doc: Document,
    /// For each field with dates the days by which this record's move; none where the person is not known.
    offsets: Vec<(FieldId, Option<i64>)>,
}

impl Pass<'_> {
    /// The days by which the dates of a field move in this record.
    fn days(&self, field: FieldId, slots: &[NodeId]) -> Option<i64> {
        let Some(Keyed::Shift { offsets, person, form }) = self.masker.keyed.get(field.0) else { return None };
        let value = self.doc.usable(*slots.get(person.as_ref()?.0)?)?;
        let person = match value {
            Value::Text(span) => form.text(self.doc.str(span)),
            Value::Number { text, .. } => canonical::number(self.doc.str(text)),
            _ => return None,
        };
        Some(offsets.days(&person))
    }

    fn field(&mut self, id: NodeId, field_id: FieldId) {
        let field = self.contract.field(field_id);
        if self.doc.node(id).failed || field.mask == Mask::Drop {
            self.bury(id);
            self.doc.drop_node(id);
            return;
        }
        match self.doc.value(id) {
            Value::Null => {}
            Value::Object(_) if field.mask == Mask::Redact || (field.mask != Mask::Keep && field.is_opaque()) => {
                self.bury(id);
                self.doc.set(id, Value::Null);
            }
            Value::Object(first) | Value::List(first) => self.children(first, field_id, &field.mask),
            _ => self.scalar(id, field_id, &field.mask),
        }
    }

    /// Takes away all that lies below a value, so that nothing reaches it by its own name either.
    fn bury(&mut self, id: NodeId) {
        let mut at = self.doc.children(id).next();
        while let Some(child) = at {
            self.bury(child);
            self.doc.drop_node(child);
            at = self.doc.node(child).next.get();
        }
    }

    fn children(&mut self, first: NodeId, field_id: FieldId, mask: &Mask) {
        let mut at = first.get();
        while let Some(id) = at {
            let node = self.doc.node(id);
            at = node.next.get();
            if node.dropped {
                continue;
            }
            if node.field == UNCLAIMED {
                self.unspecified(id, field_id, mask);
            } else if node.failed || !self.contract.field(FieldId(node.field as usize)).open {
                self.field(id, FieldId(node.field as usize));
            }
        }
    }

    /// Items and members of which the contract says nothing: the mask around them holds for all that lies below.
    fn unspecified(&mut self, id: NodeId, field_id: FieldId, mask: &Mask) {
        match self.doc.value(id) {
            _ if *mask == Mask::Keep => {}
            Value::List(first) => {
                let mut at = first.get();
                while let Some(id) = at {
                    at = self.doc.node(id).next.get();
                    self.unspecified(id, field_id, mask);
                }
            }
            // Its keys may be personal data too, and no mask is for keys.
            Value::Object(_) => self.doc.set(id, Value::Null),
            _ => self.scalar(id, field_id, mask),
        }
    }

    fn scalar(&mut self, id: NodeId, field_id: FieldId, mask: &Mask) {
        if self.doc.node(id).token {
            return;
        }
        let masked = match self.doc.value(id) {
            Value::Text(span) => self.text(self.doc.str(span), field_id, mask),
            Value::Number { text, value } => self.number(self.doc.str(text), value, field_id, mask),
            // Two values are no person's; only a redacted field hides them.
            _ if *mask == Mask::Redact => Made::Null,
            _ => Made::Same,
        };
        let value = match masked {
            Made::Same => return,
            Made::Null => Value::Null,
            Made::Text(text) => Value::Text(self.doc.write(&text)),
            Made::Number(digits) => {
                Value::Number { text: self.doc.write(&digits), value: digits.parse().unwrap_or(f64::NAN) }
            }
        };
        self.doc.set(id, value);
    }

    fn text(&self, text: &str, field_id: FieldId, mask: &Mask) -> Made {
        let redacted = || REDACTED.to_owned();
        // An item of a list under the list's mask takes the list's keys.
        Made::Text(match (mask, self.masker.keyed.get(field_id.0)) {
            (Mask::Keep | Mask::Drop, _) => return Made::Same,
            (Mask::Partial { first, last }, _) => partial(text, *first, *last),
            (Mask::Generalise(way), _) => return way.text(text).into(),
            (Mask::Url, _) => match url_parts(text) {
                Some(parts) => format!("{}://{}{}", parts.scheme, parts.host, parts.path),
                None => redacted(),
            },
            (Mask::Scan(kinds), _) => match scan::scan_with(text, *kinds) {
                Some(masked) => masked,
                None => return Made::Same,
            },
            (Mask::Pseudonym { .. }, Some(keyed)) => {
                keyed.token(&keyed.canonical(text), self.salts).unwrap_or_else(redacted)
            }
            (Mask::Reversible { .. }, Some(Keyed::Reversible(seals))) => {
                seals.first().map_or_else(redacted, |seal| seal.token(text, false))
            }
            (Mask::Format { .. }, Some(Keyed::Format(shapes))) => {
                shapes.first().and_then(|shape| shape.mask(text)).unwrap_or_else(redacted)
            }
            (Mask::Shift { .. }, _) => {
                let days = self.offsets.iter().find(|(field, _)| *field == field_id).and_then(|(_, days)| *days);
                days.and_then(|days| shifted(text, days)).unwrap_or_else(redacted)
            }
            _ => redacted(),
        })
    }

    fn number(&self, text: &str, value: f64, field_id: FieldId, mask: &Mask) -> Made {
        match (mask, self.masker.keyed.get(field_id.0)) {
            (Mask::Keep | Mask::Drop, _) => Made::Same,
            (Mask::Generalise(way), _) => way.number(text, value).into(),
            (Mask::Pseudonym { .. }, Some(keyed)) => {
                keyed.token(&canonical::number(text), self.salts).map_or(Made::Null, Made::Text)
            }
            (Mask::Reversible { .. }, Some(Keyed::Reversible(seals))) => {
                seals.first().map_or(Made::Null, |seal| Made::Text(seal.token(text, true)))
            }
            // The others are masks of texts: of a number they leave nothing.
            _ => Made::Null,
        }
    }
}

impl Keyed {
    fn canonical<'t>(&self, text: &'t str) -> Cow<'t, str> {
        match self {
            Self::Pseudonym { form, .. } => form.text(text),
            _ => Cow::Borrowed(text),
        }
    }

    fn token(&self, value: &str, salts: Option<&Salts>) -> Option<String> {
        let Self::Pseudonym { tokens, scope, .. } = self else { return None };
        Some(tokens.first()?.token(Salts::of(salts, *scope), value))
    }
}

/// What a mask makes of a scalar.
enum Made {
    Same,
    Null,
    Text(String),
    Number(String),
}

impl From<Coarse> for Made {
    fn from(coarse: Coarse) -> Self {
        match coarse {
            Coarse::Text(text) => Self::Text(text),
            Coarse::Number(digits) => Self::Number(digits),
            Coarse::Nothing => Self::Null,
        }
    }
}
