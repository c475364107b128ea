//! Applies the masks of a contract under a key.

use super::{Key, Mask, Masked, scan};
use crate::contract::{Contract, FieldId};
use crate::normalise::url_parts;
use crate::record::document::{Document, NodeId, UNCLAIMED, Value};
use crate::validate::Checked;
use data_encoding::{Encoding, Specification};
use hkdf::Hkdf;
use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;

/// Bytes of a token's tag: 128 bits, so that a million values meet by chance once in 10^26.
const TAG_BYTES: usize = 16;

/// Masks the records of one contract under one key.
///
/// A token is `tok_`, four characters that tell the key, `_` and 26 characters: lower-case base32, so that a database
/// that ignores letter case joins it too. Every domain has its own key, derived by HKDF-SHA-256 (RFC 5869).
pub struct Masker {
    /// For each field of the contract the keyed state, where it is a pseudonym.
    states: Vec<Option<Hmac<Sha256>>>,
    prefix: String,
    encoding: Encoding,
    keyed_ids: Hmac<Sha256>,
}

impl Masker {
    /// Derives the keys of all fields of a contract.
    #[must_use]
    pub fn new(contract: &Contract, key: &Key) -> Self {
        let derive = Hkdf::<Sha256>::new(None, key.bytes());
        let encoding = base32();
        let mut id = [0; 3];
        // An output this short is always given.
        let _ = derive.expand(b"tamis/v1/key-id", &mut id);
        let mut id = encoding.encode(&id);
        id.truncate(4);
        let states = contract
            .fields
            .iter()
            .map(|field| match &field.mask {
                Mask::Pseudonym { domain } => {
                    let own = format!("{}{}", contract.name(), field.pointer);
                    keyed(&derive, &format!("tamis/v1/pseudonym/{}", domain.as_ref().unwrap_or(&own)))
                }
                _ => None,
            })
            .collect();
        let keyed_ids = keyed(&derive, "tamis/v1/unique")
            .unwrap_or_else(|| Hmac::new(&hmac::digest::Key::<Hmac<Sha256>>::default()));
        Self { states, prefix: format!("tok_{id}_"), encoding, keyed_ids }
    }

    /// A digest of a value under the key, for telling equal values apart from different ones without holding them.
    pub(crate) fn digest(&self, parts: &[&[u8]]) -> [u8; 16] {
        let mut mac = self.keyed_ids.clone();
        for part in parts {
            mac.update(&(part.len() as u64).to_le_bytes());
            mac.update(part);
        }
        short(mac)
    }

    /// Whether a text has the form of a token under this key.
    pub(crate) fn is_token(&self, text: &str) -> bool {
        text.starts_with(&self.prefix)
    }

    /// Removes what the contract's masks and failed checks say must not be shown.
    pub(crate) fn mask(&self, record: Checked, contract: &Contract) -> Masked {
        let mut pass = Pass { masker: self, contract, doc: record.doc };
        pass.field(Document::ROOT, FieldId::ROOT);
        Masked { doc: pass.doc, slots: record.slots, repairs: record.repairs, violations: record.violations }
    }

    fn token(&self, field: FieldId, text: &str) -> Option<String> {
        let mut mac = self.states.get(field.0)?.clone()?;
        mac.update(text.as_bytes());
        let mut token = String::with_capacity(self.prefix.len() + 26);
        token.push_str(&self.prefix);
        self.encoding.encode_append(&short(mac), &mut token);
        Some(token)
    }
}

fn base32() -> Encoding {
    let mut specification = Specification::new();
    specification.symbols.push_str("abcdefghijklmnopqrstuvwxyz234567");
    // The specification is constant; a test encodes with it.
    specification.encoding().unwrap_or(data_encoding::BASE32_NOPAD)
}

fn keyed(derive: &Hkdf<Sha256>, info: &str) -> Option<Hmac<Sha256>> {
    let mut key = zeroize::Zeroizing::new([0; 32]);
    derive.expand(info.as_bytes(), key.as_mut()).ok()?;
    Hmac::new_from_slice(key.as_ref()).ok()
}

fn short(mac: Hmac<Sha256>) -> [u8; TAG_BYTES] {
    let full = mac.finalize().into_bytes();
    let mut tag = [0; TAG_BYTES];
    for (byte, from) in tag.iter_mut().zip(full) {
        *byte = from;
    }
    tag
}

struct Pass<'m> {
    masker: &'m Masker,
    contract: &'m Contract,
    doc: Document,
}

impl Pass<'_> {
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
        let (span, is_text) = match self.doc.value(id) {
            Value::Text(span) => (span, true),
            Value::Number { text, .. } => (text, false),
            _ if *mask == Mask::Redact => return self.doc.set(id, Value::Null),
            _ => return,
        };
        let text = self.doc.str(span);
        let masked = match mask {
            Mask::Keep | Mask::Drop => return,
            Mask::Redact if is_text => "[redacted]".to_owned(),
            Mask::Redact => return self.doc.set(id, Value::Null),
            Mask::Pseudonym { .. } => {
                // An item of a list under the list's mask takes the list's key.
                self.masker.token(field_id, text).unwrap_or_default()
            }
            Mask::Generalise { prefix } => text.chars().take(*prefix).collect(),
            Mask::Url => match url_parts(text) {
                Some(parts) => format!("{}://{}{}", parts.scheme, parts.host, parts.path),
                None => "[redacted]".to_owned(),
            },
            Mask::Scan => match scan::scan(text) {
                Some(masked) => masked,
                None => return,
            },
        };
        let span = self.doc.write(&masked);
        self.doc.set(id, Value::Text(span));
    }
}
