//! What was seen at each place of the records: a tree of sketches, whose size has a limit.

use super::formats;
use super::personal::{self, Form};
use super::shape::Shapes;
use super::values::{Common, Numbers, Repeats};
use super::words::Words;
use crate::contract::TextFormat;
use crate::mask::scan;
use crate::normalise::read;
use crate::record::document::{Document, NodeId, Value};
use std::collections::BTreeMap;

/// Most places that are followed.
const MOST_PLACES: usize = 5000;
/// Most keys of one object that are followed.
const MOST_KEYS: usize = 2000;
/// Deepest place that is followed.
pub(super) const MOST_DEPTH: usize = 16;
/// Longest text that is looked into; of a longer one only its beginning is.
const LONGEST_LOOK: usize = 4096;

/// All places; the record itself is the first.
#[derive(Default)]
pub(super) struct Tree {
    pub(super) places: Vec<Seen>,
}

/// What stood at one place.
#[derive(Default)]
pub(super) struct Seen {
    pub(super) count: u64,
    pub(super) nulls: u64,
    pub(super) truths: u64,
    pub(super) lists: u64,
    pub(super) objects: u64,
    pub(super) numbers: Numbers,
    pub(super) texts: Texts,
    pub(super) repeats: Option<Repeats>,
    /// The members in the order of their first appearance.
    pub(super) members: Vec<(String, usize)>,
    order: BTreeMap<String, usize>,
    /// Members that no place was kept for.
    pub(super) unfollowed: u64,
    pub(super) items: Option<usize>,
    /// Texts in a list that are blank.
    pub(super) blank_items: u64,
    /// Something below was too deep to be followed.
    pub(super) too_deep: bool,
    depth: usize,
}

/// The texts of one place, trimmed.
#[derive(Default)]
pub(super) struct Texts {
    /// All but those that stand for no value.
    pub(super) count: u64,
    /// Those that stand for no value.
    pub(super) missing: u64,
    pub(super) numbers: Numbers,
    /// Numbers that begin with a zero that a number would lose.
    pub(super) leading_zeros: u64,
    pub(super) yes: u64,
    pub(super) no: u64,
    /// Words for truth values that are no digits.
    pub(super) truth_words: u64,
    pub(super) moments: u64,
    pub(super) strict_moments: u64,
    pub(super) dates: u64,
    pub(super) years_first: u64,
    pub(super) web: u64,
    pub(super) formats: [u64; formats::TABLE.len()],
    pub(super) personal: BTreeMap<Form, u64>,
    /// Texts in which personal data was found.
    pub(super) hits: u64,
    /// Texts of several words.
    pub(super) sentences: u64,
    pub(super) commas: u64,
    pub(super) common: Common,
    pub(super) shapes: Shapes,
}

impl Seen {
    pub(super) fn missing(&self) -> u64 {
        self.nulls + self.texts.missing
    }

    pub(super) fn present(&self) -> u64 {
        self.count - self.missing()
    }
}

impl Tree {
    pub(super) fn add(&mut self, doc: &Document) {
        if self.places.is_empty() {
            self.places.push(Seen::default());
        }
        self.value(doc, Document::ROOT, 0);
    }

    pub(super) fn place(&self, at: usize) -> Option<&Seen> {
        self.places.get(at)
    }

    fn value(&mut self, doc: &Document, id: NodeId, at: usize) {
        let Some(seen) = self.places.get_mut(at) else {
            return;
        };
        seen.count += 1;
        match doc.value(id) {
            Value::Null => seen.nulls += 1,
            Value::Bool(_) => seen.truths += 1,
            Value::Number { text, value } => {
                seen.numbers.add(value);
                let text = doc.str(text);
                if let Some(repeats) = &mut seen.repeats {
                    repeats.add(text);
                }
                if text.len() >= 13 && Form::of(text) == Some(Form::Card) {
                    *seen.texts.personal.entry(Form::Card).or_default() += 1;
                }
            }
            Value::Text(span) => {
                let text = read::trimmed(doc.str(span));
                let no_value = read::is_no_value(text);
                seen.texts.add(text, no_value);
                if let Some(repeats) = seen.repeats.as_mut().filter(|_| !no_value) {
                    repeats.add(text);
                }
            }
            Value::List(_) => {
                seen.lists += 1;
                self.items(doc, id, at);
            }
            Value::Object(_) => {
                seen.objects += 1;
                self.members(doc, id, at);
            }
        }
    }

    fn items(&mut self, doc: &Document, id: NodeId, at: usize) {
        let known = self.places.get(at).and_then(|seen| seen.items);
        let Some(items) = known.or_else(|| self.new_place(at, false)) else {
            return;
        };
        if let Some(seen) = self.places.get_mut(at) {
            seen.items = Some(items);
        }
        for item in doc.children(id) {
            let blank = matches!(doc.value(item), Value::Text(span) if read::trimmed(doc.str(span)).is_empty());
            match self.places.get_mut(at) {
                Some(seen) if blank => seen.blank_items += 1,
                _ => self.value(doc, item, items),
            }
        }
    }

    fn members(&mut self, doc: &Document, id: NodeId, at: usize) {
        for (position, member) in doc.children(id).enumerate() {
            let name = doc.str(doc.node(member).key);
            let Some(seen) = self.places.get(at) else {
                return;
            };
            // Feeds keep their keys in one order.
            let hinted = seen.members.get(position).filter(|(known, _)| known == name).map(|(_, place)| *place);
            let known = hinted.or_else(|| seen.order.get(name).copied());
            let room = seen.members.len() < MOST_KEYS;
            let new = |tree: &mut Self| tree.new_place(at, at == 0 && Words::of(name).is_identifier());
            match known.or_else(|| (room && !is_data(name)).then(|| new(self)).flatten()) {
                Some(place) => {
                    if let Some(seen) = self.places.get_mut(at).filter(|_| known.is_none()) {
                        seen.members.push((name.to_owned(), place));
                        seen.order.insert(name.to_owned(), place);
                    }
                    self.value(doc, member, place);
                }
                None => {
                    if let Some(seen) = self.places.get_mut(at) {
                        seen.unfollowed += 1;
                    }
                }
            }
        }
    }

    fn new_place(&mut self, parent: usize, keyed: bool) -> Option<usize> {
        let followed = self.places.iter().filter(|seen| seen.repeats.is_some()).count();
        let full = self.places.len() >= MOST_PLACES;
        let seen = self.places.get_mut(parent)?;
        let depth = seen.depth + 1;
        if full || depth > MOST_DEPTH {
            seen.too_deep = true;
            return None;
        }
        let repeats = (keyed && followed < 8).then(Repeats::default);
        self.places.push(Seen { repeats, depth, ..Seen::default() });
        Some(self.places.len() - 1)
    }
}

/// A key that is somebody's data rather than a name: it must not stand in a contract.
pub(super) fn is_data(name: &str) -> bool {
    let digits = name.chars().filter(char::is_ascii_digit).count();
    name.len() > 80 || digits >= 6 || name.contains('@') || name.chars().any(char::is_control) || personal::is_in(name)
}

impl Texts {
    fn add(&mut self, text: &str, no_value: bool) {
        if no_value {
            self.missing += 1;
            return;
        }
        self.count += 1;
        let short = text.len() <= 64;
        if let Some(number) = short.then(|| number(text)).flatten() {
            self.numbers.add(number);
            let digits = text.trim_start_matches(['-', '+']);
            let leading = digits.starts_with('0') && digits.as_bytes().get(1).is_some_and(u8::is_ascii_digit);
            self.leading_zeros += u64::from(leading);
        }
        if let Some(truth) = read::truth(text) {
            let (yes, no) = if truth { (1, 0) } else { (0, 1) };
            self.yes += yes;
            self.no += no;
            self.truth_words += u64::from(!text.starts_with(|first: char| first.is_ascii_digit()));
        }
        if short && read::is_moment(text) {
            self.moments += 1;
            self.strict_moments += u64::from(crate::validate::is_format(TextFormat::DateTime, text));
            self.dates += u64::from(text.len() == 10 && text.as_bytes().get(4) == Some(&b'-'));
            self.years_first += u64::from(text.bytes().take_while(u8::is_ascii_digit).count() == 4);
        }
        self.web += u64::from(crate::normalise::url_parts(text).is_some());
        for (count, (_, format)) in self.formats.iter_mut().zip(formats::TABLE) {
            *count += u64::from(formats::holds(format, text));
        }
        self.persons(text);
        self.sentences += u64::from(text.split_whitespace().nth(3).is_some());
        self.commas += u64::from(text.contains(','));
        self.common.add(text);
        self.shapes.add(text);
    }

    fn persons(&mut self, text: &str) {
        let cut = text.char_indices().map(|(at, _)| at).find(|at| *at >= LONGEST_LOOK).unwrap_or(text.len());
        let look = text.get(..cut).unwrap_or_default();
        let form = Form::of(look);
        if let Some(form) = form {
            *self.personal.entry(form).or_default() += 1;
        }
        self.hits += u64::from(form.is_some() || scan::scan(look).is_some());
    }
}

/// The number that a text is. A currency's code before it is one only where it is a known one: `SKU123` is no number.
fn number(text: &str) -> Option<f64> {
    const CURRENCIES: &str =
        "EUR USD GBP CHF JPY CNY INR CAD AUD NZD SEK NOK DKK PLN CZK HUF RON BGN TRY BRL MXN ZAR KRW SGD HKD";
    let letters: String = text.chars().filter(char::is_ascii_alphabetic).collect();
    let plain = letters.is_empty() || letters.eq_ignore_ascii_case("e");
    if !plain && !CURRENCIES.split_ascii_whitespace().any(|code| code == letters) {
        return None;
    }
    let value: f64 = read::number(text)?.parse().ok()?;
    (value.is_finite() && !(crate::contract::is_whole(value) && value.abs() > 9_007_199_254_740_991.0)).then_some(value)
}
