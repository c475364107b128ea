//! What the masks took from a record: the record as it came beside the record as it is shown.

use super::fold::{fold, in_word};
use super::index::Needle;
use super::needles::{Removed, Room, Writer};
use super::print::{LONGEST, Printer, SHORTEST};
use super::{digest, letters};
use crate::contract::Contract;
use crate::mask::Mask;
use crate::pipeline::Examined;
use crate::pipeline::desk::Before;
use crate::record::document::{Document, Node, NodeId, UNCLAIMED, Value};
use std::sync::Arc;

/// Words that tell nobody when they are longer than this are ids, of which every record has its own.
const LONGEST_WORD: usize = 16;
/// Slots of the memory for what was noted lately.
const LATELY: usize = 1 << 9;

/// What was noted of some records.
#[derive(Default)]
pub(crate) struct Notes {
    pub(super) needles: Vec<Needle>,
    /// Fingerprints of words and values that the records show.
    pub(super) words: Vec<u64>,
    /// The input, where there are several.
    pub(super) source: Option<String>,
    pub(super) records: u64,
    /// Removed values of which something is looked for.
    pub(super) values: u64,
    /// Removed values that are too plain to be looked for.
    pub(super) plain: u64,
    lately: Vec<u64>,
    /// Texts whose words were noted lately, and what each is as a value.
    texts: Vec<(u64, u64)>,
    folded: Vec<u8>,
    shown: Vec<u64>,
    room: Room,
}

impl Notes {
    /// Removed values of which something is looked for.
    pub(crate) fn values(&self) -> u64 {
        self.values
    }

    /// A word or value that stands in the outputs by right.
    fn show(&mut self, print: u64) {
        #[allow(clippy::cast_possible_truncation, reason = "some bits choose a slot")]
        let slot = print as usize % LATELY;
        if self.lately.is_empty() {
            self.lately.resize(LATELY, 0);
        }
        if let Some(last) = self.lately.get_mut(slot)
            && *last != print
        {
            *last = print;
            self.words.push(print);
        }
    }

    /// The words of a text that stands in the outputs by right; answers the fingerprint of all of it, and whether the
    /// text was not noted lately.
    fn show_words(&mut self, printer: Printer, text: &[u8]) -> (u64, bool) {
        let piece = printer.piece(text);
        #[allow(clippy::cast_possible_truncation, reason = "some bits choose a slot")]
        let slot = piece as usize % LATELY;
        if self.texts.is_empty() {
            self.texts.resize(LATELY, (0, 0));
        }
        if let Some((_, value)) = self.texts.get(slot).filter(|(last, _)| *last == piece) {
            return (*value, false);
        }
        let mut folded = std::mem::take(&mut self.folded);
        folded.clear();
        fold(text, &mut folded);
        words(&folded, |word| self.show(printer.of(word)));
        let value = printer.of(trimmed(&folded));
        self.folded = folded;
        if let Some(last) = self.texts.get_mut(slot) {
            *last = (piece, value);
        }
        (value, true)
    }
}

/// A folded text without what is no word around it.
fn trimmed(folded: &[u8]) -> &[u8] {
    let start = folded.iter().position(|byte| in_word(*byte)).unwrap_or(folded.len());
    let end = folded.iter().rposition(|byte| in_word(*byte)).map_or(start, |last| last + 1);
    folded.get(start..end).unwrap_or_default()
}

/// Gives every word of a folded text that may be somebody's name.
pub(super) fn words(folded: &[u8], mut each: impl FnMut(&[u8])) {
    for word in folded.split(|byte| !in_word(*byte)) {
        let bare = || word.iter().all(|byte| !byte.is_ascii_digit());
        let plain = || word.iter().all(u8::is_ascii_digit);
        if word.len() >= SHORTEST && word.len() <= LONGEST && (bare() || word.len() <= LONGEST_WORD && !plain()) {
            each(word);
        }
    }
}

/// What must be known of a contract's fields, each by its place.
struct Fields {
    kept: Vec<bool>,
    pointers: Vec<String>,
}

/// Notes what is removed from the records of one contract.
#[derive(Clone)]
pub(crate) struct Noter {
    fields: Arc<Fields>,
    pub(super) printer: Printer,
    /// Whether every removed value is hashed, or only those of records that show what may be a hash.
    pub(super) digests: bool,
}

impl Noter {
    /// Notes under a key of the moment.
    pub(super) fn new(contract: &Contract, key: u64, digests: bool) -> Self {
        let kept = contract.fields.iter().map(|field| field.mask == Mask::Keep).collect();
        let pointers = contract.fields.iter().map(|field| field.pointer.clone()).collect();
        Self { fields: Arc::new(Fields { kept, pointers }), printer: Printer::new(key), digests }
    }

    /// The JSON Pointer of a field.
    pub(super) fn pointer(&self, field: u16) -> &str {
        self.fields.pointers.get(usize::from(field)).map_or("", String::as_str)
    }

    /// Notes what was removed from a record. The sieve that examined it must be a noting one.
    pub(crate) fn note(&self, examined: &Examined, source: Option<&str>, original: Option<&[u8]>, notes: &mut Notes) {
        notes.records += 1;
        if notes.source.as_deref() != source {
            notes.source = source.map(ToOwned::to_owned);
        }
        let line = u32::try_from(examined.line()).unwrap_or(u32::MAX);
        match (examined.masked(), &examined.before) {
            (Some(masked), Some(before)) => {
                let doc = masked.document();
                let mut walk = Walk { noter: self, before, doc, line, digests: self.digests, shown: Vec::new(), notes };
                walk.record();
            }
            _ => self.unread(original.unwrap_or_default(), line, notes),
        }
    }

    /// What could not be read is removed as a whole: its addresses and long numbers are looked for.
    fn unread(&self, original: &[u8], line: u32, notes: &mut Notes) {
        let text = String::from_utf8_lossy(original);
        let pieces = text.split(['"', ',', ';', '\t', '{', '}', '[', ']', '\n']);
        let telling = |piece: &&str| {
            let digits = piece.bytes().filter(u8::is_ascii_digit).count();
            piece.len() <= LONGEST && (digits >= 9 && !piece.contains(char::is_alphabetic) || piece.contains('@'))
        };
        let (out, room) = (&mut notes.needles, &mut notes.room);
        let mut writer = Writer { printer: self.printer, field: 0, line, shown: &[], out, room, from: 0 };
        for piece in pieces.map(str::trim).filter(telling) {
            let value =
                Removed { raw: piece, repaired: piece, shown: "", key: "", personal: false, digests: self.digests };
            notes.values += u64::from(writer.value(&value));
        }
    }
}

struct Walk<'w> {
    noter: &'w Noter,
    before: &'w Before,
    doc: &'w Document,
    line: u32,
    digests: bool,
    /// Fingerprints of all that the record shows.
    shown: Vec<u64>,
    notes: &'w mut Notes,
}

/// What holds for a value because of where it stands.
#[derive(Clone, Copy)]
struct Around {
    hidden: bool,
    /// The nearest field that the contract describes.
    field: usize,
    personal: bool,
}

impl<'w> Walk<'w> {
    fn record(&mut self) {
        self.shown = std::mem::take(&mut self.notes.shown);
        self.shown.clear();
        self.show(Document::ROOT);
        self.value(Document::ROOT, Around { hidden: false, field: 0, personal: false });
        self.notes.shown = std::mem::take(&mut self.shown);
    }

    /// Notes all that the record shows.
    fn show(&mut self, id: NodeId) {
        let doc: &'w Document = self.doc;
        for child in doc.children(id) {
            let node = doc.node(child);
            if node.dropped || node.failed {
                continue;
            }
            match node.value {
                Value::Text(span) | Value::Number { text: span, .. } => {
                    let text = doc.str(span);
                    self.digests |= digest::may_be(text);
                    let (value, fresh) = self.notes.show_words(self.noter.printer, text.as_bytes());
                    self.shown.push(value);
                    if !fresh {
                        // All that follows is of the text alone.
                        continue;
                    }
                    self.hosts(text);
                    // A text without digits is one of few, and an id may fail in one record and stand in the next; longer
                    // values with digits are known in their own record alone.
                    let few = text.len() <= LONGEST && !text.bytes().any(|byte| byte.is_ascii_digit());
                    if few || text.len() <= LONGEST_WORD {
                        self.notes.show(value);
                    }
                }
                Value::List(_) | Value::Object(_) => self.show(child),
                Value::Null | Value::Bool(_) => {}
            }
        }
    }

    /// The host of a URL, and the domains that it lies in: an address may fail its check because it is no more than that.
    fn hosts(&mut self, text: &str) {
        if memchr::memchr(b':', text.as_bytes()).is_none() {
            return;
        }
        let Some((_, rest)) = text.split_once("://") else { return };
        let end = rest.find(['/', '?', '#', ':']).unwrap_or(rest.len());
        let mut host = rest.get(..end).unwrap_or_default();
        while host.len() >= SHORTEST && host.contains('.') {
            let mut folded = Vec::with_capacity(host.len());
            fold(host.as_bytes(), &mut folded);
            self.notes.show(self.noter.printer.of(&folded));
            host = host.split_once('.').map_or("", |(_, domain)| domain);
        }
    }

    fn value(&mut self, id: NodeId, around: Around) {
        let (doc, before): (&'w Document, &'w Before) = (self.doc, self.before);
        let masked = doc.node(id);
        let Some(checked) = before.checked.get(id.index()) else { return };
        let around = self.around(&masked, around);
        let scalar = matches!(checked.value, Value::Text(_) | Value::Number { .. });
        if scalar && !around.hidden && checked.value == masked.value {
            // It is shown where it stands.
            return;
        }
        let text = |value: Value| match value {
            Value::Text(span) | Value::Number { text: span, .. } => Some(doc.str(span)),
            _ => None,
        };
        let raw = before.read.get(id.index()).and_then(|node| text(node.value));
        let key = doc.str(checked.key);
        match (checked.value, raw) {
            // A text that was split: its pieces are shown or not.
            (Value::List(_), Some(raw)) => {
                let mut pieces = Vec::new();
                if !around.hidden {
                    self.pieces(id, &mut pieces);
                }
                let removed =
                    Removed { raw, repaired: raw, shown: "", key, personal: around.personal, digests: self.digests };
                self.gaps(&removed, &pieces, around);
            }
            (Value::List(first) | Value::Object(first), _) => {
                let whole = matches!(masked.value, Value::List(_) | Value::Object(_));
                self.children(first, Around { hidden: around.hidden || !whole, ..around });
            }
            (_, Some(raw)) => {
                let Some(repaired) = text(checked.value) else { return };
                let shown = if around.hidden { None } else { text(masked.value) };
                if shown == Some(repaired) {
                    return;
                }
                let shown = shown.unwrap_or_default();
                let removed = Removed { raw, repaired, shown, key, personal: around.personal, digests: self.digests };
                self.leaf(&removed, around);
            }
            _ => {}
        }
    }

    fn around(&self, masked: &Node, around: Around) -> Around {
        let hidden = around.hidden || masked.dropped || masked.failed;
        if masked.field == UNCLAIMED {
            return Around { hidden, personal: around.personal || hidden, ..around };
        }
        let field = masked.field as usize;
        let kept = self.noter.fields.kept.get(field).copied().unwrap_or_default();
        Around { hidden, field, personal: around.personal || !kept }
    }

    fn children(&mut self, first: NodeId, around: Around) {
        let (doc, before): (&'w Document, &'w Before) = (self.doc, self.before);
        let mut at = first.get();
        while let Some(id) = at {
            let Some(node) = before.checked.get(id.index()) else { return };
            at = node.next.get();
            // A name that nobody knows may be personal itself.
            let masked = self.doc.node(id);
            if masked.field == UNCLAIMED && (around.hidden || masked.dropped) {
                self.name(doc.str(node.key), around);
            }
            self.value(id, around);
        }
    }

    /// A key that is not shown.
    fn name(&mut self, key: &str, around: Around) {
        if key.contains('@') || key.bytes().filter(u8::is_ascii_digit).count() >= 9 {
            let digests = self.digests;
            self.write(&Removed { raw: key, repaired: key, shown: "", key: "", personal: true, digests }, around);
        }
    }

    /// A value that its place does not show as it was.
    fn leaf(&mut self, removed: &Removed<'_>, around: Around) {
        if letters::alike(removed.shown, removed.repaired) {
            // Another record's masked value may be this one.
            let (print, _) = self.notes.show_words(self.noter.printer, removed.shown.as_bytes());
            self.notes.show(print);
            for number in letters::numbers(removed.shown.as_bytes()) {
                let print = self.noter.printer.of_digits(letters::significant(&number));
                self.notes.show(print);
            }
        }
        if memchr::memchr(b'[', removed.shown.as_bytes()).is_none() {
            return self.write(removed, around);
        }
        let pieces = literal(removed.shown, removed.repaired);
        if pieces.len() > 1 {
            // Placeholders stand for spans: what is around them was kept.
            let aligned = self.gaps_of(removed.repaired, removed, &pieces, around)
                || self.gaps_of(removed.raw, removed, &pieces, around);
            if !aligned {
                self.telling(removed, around);
            }
        } else {
            self.write(removed, around);
        }
    }

    /// The literal texts that a split value shows.
    fn pieces(&self, id: NodeId, pieces: &mut Vec<String>) {
        for child in self.doc.children(id) {
            let node = self.doc.node(child);
            if node.dropped || node.failed {
                continue;
            }
            if let Value::Text(span) = node.value {
                pieces.extend(literal(self.doc.str(span), "").into_iter().map(ToOwned::to_owned));
            } else {
                self.pieces(child, pieces);
            }
        }
    }

    fn gaps(&mut self, removed: &Removed<'_>, pieces: &[String], around: Around) {
        let pieces: Vec<&str> = pieces.iter().map(String::as_str).collect();
        if pieces.is_empty() {
            return self.write(removed, around);
        }
        if !self.gaps_of(removed.raw, removed, &pieces, around) {
            self.telling(removed, around);
        }
    }

    /// Where a text was changed so that what was kept of it cannot be told: its addresses and long numbers.
    fn telling(&mut self, removed: &Removed<'_>, around: Around) {
        let telling = |word: &&str| word.contains('@') || word.bytes().filter(u8::is_ascii_digit).count() >= 9;
        for word in removed.raw.split([' ', ',', ';', '<', '>', '(', ')']).filter(telling) {
            self.write(&Removed { raw: word, repaired: word, ..*removed }, around);
        }
    }

    /// Notes what of a text is none of the pieces that are shown, in their order; answers whether all were found.
    fn gaps_of(&mut self, text: &str, removed: &Removed<'_>, pieces: &[&str], around: Around) -> bool {
        let mut gaps = Vec::new();
        let mut rest = text;
        for piece in pieces.iter().map(|piece| piece.trim()).filter(|piece| !piece.is_empty()) {
            let Some((gap, behind)) = rest.split_once(piece) else { return false };
            gaps.push(gap);
            rest = behind;
        }
        gaps.push(rest);
        for gap in gaps {
            if gap.contains(char::is_alphanumeric) {
                self.write(&Removed { raw: gap, repaired: gap, shown: "", ..*removed }, around);
            }
        }
        true
    }

    fn write(&mut self, removed: &Removed<'_>, around: Around) {
        let mut writer = Writer {
            printer: self.noter.printer,
            field: u16::try_from(around.field).unwrap_or(u16::MAX),
            line: self.line,
            shown: &self.shown,
            out: &mut self.notes.needles,
            room: &mut self.notes.room,
            from: 0,
        };
        if writer.value(&Removed { digests: self.digests, ..*removed }) {
            self.notes.values += 1;
        } else {
            self.notes.plain += 1;
        }
    }
}

/// The texts around the placeholders such as `[email]` of a masked text; one where there is none.
fn literal<'s>(shown: &'s str, repaired: &str) -> Vec<&'s str> {
    let mut pieces = Vec::new();
    let mut rest = shown;
    let mut from = 0;
    while let Some(open) = rest.get(from..).and_then(|rest| rest.find('[')).map(|at| from + at) {
        let inner = rest.get(open + 1..).unwrap_or_default();
        let name = inner.find(']').and_then(|end| inner.get(..end));
        let named = name.filter(|name| {
            !name.is_empty()
                && name.bytes().all(|byte| byte.is_ascii_lowercase() || b"_- ".contains(&byte) || byte.is_ascii_digit())
        });
        match named {
            Some(name) if !repaired.contains(&format!("[{name}]")) => {
                pieces.push(rest.get(..open).unwrap_or_default());
                rest = inner.get(name.len() + 1..).unwrap_or_default();
                from = 0;
            }
            _ => from = open + 1,
        }
    }
    pieces.push(rest);
    pieces
}
