//! A data frame as CSV: a header with the names of the features, then a row a line.

use super::fault::{Fault, Flaw, Place};
use super::frame::layout;
use super::reading::text;
use super::rows::{Layout, places};
use super::table::{MOST_ROWS, Table};
use crate::features::narrow;
use csv_core::{ReadRecordResult, Reader};

/// How a missing value is written, beside nothing at all: as pandas reads it.
const MISSING: [&str; 17] = [
    "#N/A", "#N/A N/A", "#NA", "-1.#IND", "-1.#QNAN", "-NaN", "-nan", "1.#IND", "1.#QNAN", "<NA>", "N/A", "NA", "NULL",
    "NaN", "None", "n/a", "nan",
];

/// Reads a frame for a model of these features.
pub(super) fn asked(body: &[u8], features: &[String]) -> Result<Table, Fault> {
    let (text, _) = text(body)?;
    let mut rows = Rows { reader: Reader::new(), rest: text.as_bytes(), line: 1, cells: Cells::default() };
    let fault = |line: u64, flaw| Fault { place: Place::Line(line, None), flaw };
    let places = places(features);
    let line = rows.next().unwrap_or(1);
    let names = rows.cells.iter().map(|name| places.get(name.trim()).copied()).collect::<Layout>();
    let layout = layout(&names, features).map_err(|flaw| fault(line, flaw))?;
    let mut values = Vec::new();
    while let Some(line) = rows.next() {
        let (expected, found) = (layout.len(), rows.cells.ends.len());
        if expected != found {
            return Err(fault(line, Flaw::Count { expected, found }));
        }
        let start = values.len();
        if start == MOST_ROWS * features.len() {
            return Err(fault(line, Flaw::Rows { most: MOST_ROWS }));
        }
        values.resize(start + features.len(), f32::NAN);
        for (feature, cell) in layout.iter().zip(rows.cells.iter()) {
            let Some(feature) = *feature else { continue };
            let Some(value) = number(cell.trim_ascii()) else {
                let place = Place::Line(line, features.get(feature).cloned());
                return Err(Fault { place, flaw: Flaw::Expected("a number, or nothing".into()) });
            };
            if let Some(slot) = values.get_mut(start + feature) {
                *slot = value;
            }
        }
    }
    Ok(Table::Rows(values))
}

/// A number, as pandas reads a column of floats.
fn number(cell: &str) -> Option<f32> {
    match cell {
        "" => Some(f32::NAN),
        "True" | "TRUE" | "true" => Some(1.0),
        "False" | "FALSE" | "false" => Some(0.0),
        word if MISSING.contains(&word) || word == "null" => Some(f32::NAN),
        number => number.parse().ok().map(narrow),
    }
}

/// The cells of one row, one behind the other.
#[derive(Default)]
struct Cells {
    text: Vec<u8>,
    ends: Vec<usize>,
}

impl Cells {
    fn iter(&self) -> impl Iterator<Item = &str> {
        let mut from = 0;
        self.ends.iter().map(move |end| {
            let cell = self.text.get(from..*end).unwrap_or_default();
            from = *end;
            // Whole cells of a text are text.
            std::str::from_utf8(cell).unwrap_or_default()
        })
    }
}

struct Rows<'t> {
    reader: Reader,
    rest: &'t [u8],
    line: u64,
    cells: Cells,
}

impl Rows<'_> {
    /// Reads the next row into the cells, and gives the line where it starts.
    fn next(&mut self) -> Option<u64> {
        while let [first @ (b'\n' | b'\r'), rest @ ..] = self.rest {
            // Blank lines, and what is left of the end of the row before.
            self.line += u64::from(*first == b'\n');
            self.rest = rest;
        }
        let start = self.line;
        let (mut used, mut fields) = (0, 0);
        // No cell is longer than what is left, and no row has more of them.
        loop {
            self.cells.text.resize(self.cells.text.len().max(used + 256), 0);
            self.cells.ends.resize(self.cells.ends.len().max(fields + 16), 0);
            let text = self.cells.text.get_mut(used..).unwrap_or_default();
            let ends = self.cells.ends.get_mut(fields..).unwrap_or_default();
            let (result, taken, written, ended) = self.reader.read_record(self.rest, text, ends);
            let (seen, rest) = self.rest.split_at(taken.min(self.rest.len()));
            self.line += memchr::memchr_iter(b'\n', seen).count() as u64;
            self.rest = rest;
            used += written;
            fields += ended;
            match result {
                ReadRecordResult::Record => {
                    self.cells.ends.truncate(fields);
                    return Some(start);
                }
                ReadRecordResult::End => {
                    self.cells.ends.clear();
                    return None;
                }
                // An empty rest tells the reader that the last row is complete.
                _ => {}
            }
        }
    }
}
