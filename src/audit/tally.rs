//! An audit from its first note to its report.

use super::form::{Form, Kind};
use super::index::{Index, MOST_COUNTED, MOST_PLACES};
use super::outputs::{Output, Step};
use super::print::Printer;
use super::removed::{Noter, Notes, words};
use super::scan::{ByRight, Hit, Search};
use super::set::Set;
use crate::contract::Contract;
use serde_json::{Value as Json, json};
use std::collections::BTreeMap;
use std::sync::Arc;

/// Most places that are listed of a finding.
const LISTED: usize = 5;
/// Most things that are told apart while it is open whether they stand there by right.
const MOST_OPEN: usize = 1 << 16;
/// Most pieces of outputs that are remembered to hold nothing.
const MOST_PIECES: usize = 1 << 20;
/// The words that the program itself writes, apart from those of a contract.
const OWN_WORDS: &str = include_str!("words.txt");
/// The least that the tables take.
const LEAST: usize = 3 << 20;

/// Notes what was removed, searches outputs, and reports.
pub(crate) struct Audit {
    noter: Noter,
    index: Index,
    bytes: usize,
    /// Words and values that may stand in an output.
    allowed: Arc<Set>,
    /// What was found in an earlier pass.
    known: Set,
    places: Vec<(Option<String>, u16)>,
    numbers: BTreeMap<(Option<String>, u16), u16>,
    records: u64,
    values: u64,
    plain: u64,
    missed: u64,
    passes: u64,
    open: BTreeMap<(usize, u16, Form, u64), Group>,
    closed: BTreeMap<(usize, u16, Form), Group>,
}

#[derive(Clone, Default)]
struct Group {
    count: u64,
    listed: Vec<Place>,
}

/// Where a finding stands.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub(crate) struct Place {
    /// Bytes from the beginning of the output.
    pub(crate) offset: u64,
    /// The line of the output.
    pub(crate) line: u64,
    /// The line of the input from which it was removed.
    pub(crate) raw_line: u32,
}

/// What was found of one field in one form in one output.
pub(crate) struct Finding {
    /// The output's place in the list of outputs.
    pub(crate) file: usize,
    /// The field's JSON Pointer.
    pub(crate) path: String,
    pub(crate) form: Form,
    /// How often.
    pub(crate) count: u64,
    /// The first places.
    pub(crate) listed: Vec<Place>,
    /// The input, where there are several.
    pub(crate) source: Option<String>,
}

/// What an audit says.
pub(crate) struct Report {
    pub(crate) records: u64,
    /// Removed values that were looked for.
    pub(crate) values: u64,
    /// Removed values that are too plain to be looked for.
    pub(crate) plain: u64,
    /// Removed values that were not looked for because there was no room for them.
    pub(crate) missed: u64,
    pub(crate) passes: u64,
    pub(crate) findings: Vec<Finding>,
}

impl Audit {
    /// An audit in so many bytes, under a key of the moment. With `digests` every removed value is hashed, else those of
    /// records that show what may be a hash.
    pub(crate) fn new(contract: &Contract, key: u64, bytes: usize, digests: bool) -> Self {
        let bytes = bytes.max(LEAST);
        let noter = Noter::new(contract, key, digests);
        let mut audit = Self {
            noter,
            index: Index::new(bytes / 4 * 3),
            bytes,
            allowed: Arc::new(Set::new(bytes / 64)),
            known: Set::new(MOST_OPEN),
            places: Vec::new(),
            numbers: BTreeMap::new(),
            records: 0,
            values: 0,
            plain: 0,
            missed: 0,
            passes: 0,
            open: BTreeMap::new(),
            closed: BTreeMap::new(),
        };
        audit.allow(OWN_WORDS.as_bytes());
        audit.allow(contract.source());
        audit
    }

    /// What notes for this audit.
    pub(crate) fn noter(&self) -> Noter {
        self.noter.clone()
    }

    /// The words of a text that outputs may hold.
    fn allow(&mut self, text: &[u8]) {
        let mut folded = Vec::new();
        super::fold::fold(text, &mut folded);
        let printer: Printer = self.noter.printer;
        let allowed = Arc::make_mut(&mut self.allowed);
        words(&folded, |word| allowed.insert(printer.of(word)));
    }

    /// Takes notes; answers what did not fit, for after a pass over the outputs.
    pub(crate) fn take(&mut self, mut notes: Notes) -> Option<Notes> {
        // Nobody shares it between two passes, so it is not copied.
        let allowed = Arc::make_mut(&mut self.allowed);
        for print in notes.words.drain(..) {
            allowed.insert(print);
        }
        self.records += std::mem::take(&mut notes.records);
        self.values += std::mem::take(&mut notes.values);
        self.plain += std::mem::take(&mut notes.plain);
        for (taken, needle) in notes.needles.iter().enumerate() {
            if self.index.is_full() {
                notes.needles.drain(..taken);
                return Some(notes);
            }
            // A word that may stand there need not be met. What is more than a word may cover its parts, and stays.
            let by_right = needle.traits.kind == Kind::Word && self.allowed.contains(needle.print);
            if !by_right && !self.known.contains(needle.print) {
                let place = place(&mut self.places, &mut self.numbers, notes.source.as_ref(), needle.field);
                self.index.insert(needle, place);
            }
        }
        None
    }

    /// Says of so many of the values taken that they are not looked for after all.
    pub(crate) fn miss(&mut self, values: u64) {
        self.values -= values.min(self.values);
        self.missed += values;
    }

    /// Whether there is anything to look for.
    pub(crate) fn is_empty(&self) -> bool {
        self.index.is_empty()
    }

    /// What searches the outputs for all that was noted since the last pass.
    pub(crate) fn search(&mut self) -> Search {
        self.passes += 1;
        let index = std::mem::replace(&mut self.index, Index::new(0));
        let common = u16::try_from(self.records / 100).unwrap_or(MOST_COUNTED).clamp(20, MOST_COUNTED - 1);
        let by_right = ByRight { allowed: Arc::clone(&self.allowed), common };
        Search::new(index, self.noter.printer, by_right, (self.bytes / 256).min(MOST_PIECES))
    }

    /// Ends a pass; the next one looks for other values.
    pub(crate) fn next(&mut self, search: Search) {
        // Its table goes before the next one is made.
        drop(search);
        for (_, _, _, print) in self.open.keys() {
            self.known.insert(*print);
        }
        self.index = Index::new(self.bytes / 4 * 3);
    }

    /// Counts what a block of an output gave.
    pub(crate) fn count(&mut self, file: usize, output: &Output, step: &Step, hits: &Hits) {
        for hit in &hits.0 {
            let found = hit.found;
            if hit.covered {
                // Nor does it count where a later pass would see it without the whole.
                self.known.insert(hit.print);
                continue;
            }
            let (offset, line) = output.place(step, hit.at);
            let place = Place { offset, line, raw_line: found.line };
            let key = (file, found.place, hit.form, hit.print);
            if self.open.len() < MOST_OPEN || self.open.contains_key(&key) {
                self.open.entry(key).or_default().add(place);
            } else {
                self.closed.entry((file, found.place, hit.form)).or_default().add(place);
            }
        }
    }

    /// The report over all passes.
    pub(crate) fn report(mut self) -> Report {
        for ((file, place, form, print), group) in std::mem::take(&mut self.open) {
            if !self.allowed.contains(print) {
                self.closed.entry((file, place, form)).or_default().merge(group);
            }
        }
        let findings = self.closed.into_iter().map(|((file, place, form), group)| {
            let (source, field) = self.places.get(usize::from(place)).cloned().unwrap_or_default();
            let path = self.noter.pointer(field).to_owned();
            Finding { file, path, form, count: group.count, listed: group.listed, source }
        });
        Report {
            records: self.records,
            values: self.values,
            plain: self.plain,
            missed: self.missed,
            passes: self.passes,
            findings: findings.collect(),
        }
    }
}

/// What a search of a block gave.
pub(crate) struct Hits(pub(super) Vec<Hit>);

impl Search {
    /// Searches a block.
    pub(crate) fn step(&self, output: &Output, step: &Step) -> Hits {
        let (bytes, core) = output.bytes(step);
        Hits(self.block(bytes, &core))
    }
}

fn place(
    places: &mut Vec<(Option<String>, u16)>,
    numbers: &mut BTreeMap<(Option<String>, u16), u16>,
    source: Option<&String>,
    field: u16,
) -> u16 {
    if let Some((last, number)) = places.last().zip(u16::try_from(places.len() - 1).ok())
        && last.1 == field
        && last.0.as_ref() == source
    {
        return number;
    }
    let key = (source.cloned(), field);
    if let Some(number) = numbers.get(&key) {
        return *number;
    }
    let number = u16::try_from(places.len()).unwrap_or(MOST_PLACES).min(MOST_PLACES);
    if number < MOST_PLACES {
        places.push(key.clone());
        numbers.insert(key, number);
    }
    number
}

impl Group {
    fn add(&mut self, place: Place) {
        self.count += 1;
        if self.listed.len() < LISTED {
            self.listed.push(place);
        }
    }

    fn merge(&mut self, other: Self) {
        self.count += other.count;
        self.listed.extend(other.listed);
        self.listed.sort_unstable();
        self.listed.truncate(LISTED);
    }
}

impl Report {
    /// Whether nothing was found.
    pub(crate) fn is_clean(&self) -> bool {
        self.findings.is_empty()
    }

    /// The report for programs; `files` are the outputs' names, `input` that of the only input.
    pub(crate) fn json(&self, files: &[String], input: &str) -> Json {
        let finding = |finding: &Finding| {
            let listed = finding
                .listed
                .iter()
                .map(|place| json!({ "offset": place.offset, "line": place.line, "raw_line": place.raw_line }));
            json!({
                "file": files.get(finding.file),
                "path": finding.path,
                "form": finding.form.name(),
                "count": finding.count,
                "raw": finding.source.as_deref().unwrap_or(input),
                "places": listed.collect::<Vec<_>>(),
            })
        };
        json!({
            "clean": self.is_clean(),
            "records": self.records,
            "values": self.values,
            "values_too_plain": self.plain,
            "values_missed": self.missed,
            "files": files.len(),
            "passes": self.passes,
            "findings": self.findings.iter().map(finding).collect::<Vec<_>>(),
        })
    }
}
