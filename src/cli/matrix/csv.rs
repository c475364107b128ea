//! CSV of numbers, with or without a header.

use super::{Label, Row, Rows, made_up, numbered, without};
use anyhow::{Context, Result, bail};
use std::io::{BufRead, BufReader, Read};

/// Longest line, in bytes.
const LONGEST: u64 = 16 << 20;
/// What stands for a missing number, in any case of letters.
const MISSING: [&str; 7] = ["", "na", "n/a", "nan", "null", "none", "?"];

/// Whether the first row, or the one below a header, is numbers alone.
pub(super) fn is_matrix(reader: impl Read) -> Result<bool> {
    let mut lines = Lines::new(reader);
    let mut cells = Vec::new();
    let Some(first) = lines.next(&mut cells)? else {
        return Ok(false);
    };
    if begins(&cells, first.delimiter) {
        return Ok(true);
    }
    Ok(match lines.next(&mut cells)? {
        Some(second) => begins(&cells, second.delimiter),
        None => false,
    })
}

/// Reads all rows.
pub(super) fn read(reader: impl Read, label: Label<'_>, to: &mut dyn Rows) -> Result<()> {
    let mut lines = Lines::new(reader);
    let mut bytes = Vec::new();
    let mut names: Option<Vec<String>> = None;
    let mut columns = None;
    let mut target = None;
    let mut row = Vec::new();
    while let Some(Line { number, delimiter }) = lines.next(&mut bytes)? {
        let values = numbers(&bytes, delimiter);
        if columns.is_none() {
            let cells = cells(&bytes, delimiter);
            columns = Some(cells.len());
            let header = !begins(&bytes, delimiter);
            let found = if header { cells } else { made_up(cells.len()) };
            target = column(label, &found, header)?;
            let features = found.iter().enumerate().filter(|(at, _)| Some(*at) != target);
            to.begin(features.map(|(_, name)| name.clone()).collect())?;
            names = Some(found);
            if header {
                continue;
            }
        }
        let Some(values) = values else {
            let at = wrong(&bytes, delimiter);
            let name = names.as_ref().and_then(|names| names.get(at)).map_or("", String::as_str);
            bail!("line {number}, column {} ({name:?}) is no number", at + 1);
        };
        if Some(values.len()) != columns {
            let expected = columns.unwrap_or_default();
            bail!("line {number} has {} numbers where the first has {expected}", values.len());
        }
        let label = without(&values, target, &mut row);
        to.row(&Row { line: number, values: &row, label })?;
    }
    if columns.is_none() {
        bail!("there are no rows");
    }
    Ok(())
}

fn column(label: Label<'_>, names: &[String], header: bool) -> Result<Option<usize>> {
    let place = |name: &str| names.iter().position(|known| known == name).filter(|_| header);
    Ok(match label {
        Label::None => None,
        Label::Named(name) => Some(place(name).map_or_else(|| numbered(name, names.len()), Ok)?),
        Label::Usual => Some(place("y").unwrap_or(names.len().saturating_sub(1))),
    })
}

struct Line {
    number: u64,
    delimiter: u8,
}

/// Lines that are not blank.
struct Lines<R> {
    reader: BufReader<R>,
    number: u64,
    delimiter: Option<u8>,
}

impl<R: Read> Lines<R> {
    fn new(reader: R) -> Self {
        Self { reader: BufReader::with_capacity(1 << 17, reader), number: 0, delimiter: None }
    }

    fn next(&mut self, line: &mut Vec<u8>) -> Result<Option<Line>> {
        loop {
            line.clear();
            let read = self.reader.by_ref().take(LONGEST).read_until(b'\n', line).context("cannot read the text")?;
            if read == 0 {
                return Ok(None);
            }
            self.number += 1;
            if read as u64 == LONGEST {
                bail!("line {} is longer than {} MiB", self.number, LONGEST >> 20);
            }
            if self.number == 1 && line.starts_with(b"\xEF\xBB\xBF") {
                line.drain(..3);
            }
            while matches!(line.last(), Some(b'\n' | b'\r')) {
                line.pop();
            }
            if !line.is_empty() {
                let delimiter = *self.delimiter.get_or_insert_with(|| delimiter(line));
                return Ok(Some(Line { number: self.number, delimiter }));
            }
        }
    }
}

/// The separator that is most frequent in a line.
fn delimiter(line: &[u8]) -> u8 {
    let count = |separator: u8| memchr::memchr_iter(separator, line).count();
    let mut best = b',';
    for separator in [b';', b'\t'] {
        if count(separator) > count(best) {
            best = separator;
        }
    }
    best
}

/// The cells of a line, without quotes around them; a separator within quotes separates nothing.
fn split(line: &[u8], delimiter: u8) -> impl Iterator<Item = &[u8]> {
    let mut quoted = false;
    line.split(move |byte| {
        quoted ^= *byte == b'"';
        !quoted && *byte == delimiter
    })
    .map(|cell| {
        let cell = cell.trim_ascii();
        cell.strip_prefix(b"\"").and_then(|cell| cell.strip_suffix(b"\"")).unwrap_or(cell).trim_ascii()
    })
}

fn cells(line: &[u8], delimiter: u8) -> Vec<String> {
    split(line, delimiter).map(|cell| String::from_utf8_lossy(cell).replace("\"\"", "\"")).collect()
}

/// The numbers of a line; none where a cell is neither a number nor missing.
fn numbers(line: &[u8], delimiter: u8) -> Option<Vec<f64>> {
    split(line, delimiter).map(number).collect()
}

/// Whether a line can be the first of a matrix. Where all is missing it may as well be a header.
fn begins(line: &[u8], delimiter: u8) -> bool {
    numbers(line, delimiter).is_some_and(|values| values.iter().any(|value| !value.is_nan()))
}

fn number(cell: &[u8]) -> Option<f64> {
    let text = std::str::from_utf8(cell).ok()?;
    if MISSING.iter().any(|missing| text.eq_ignore_ascii_case(missing)) {
        return Some(f64::NAN);
    }
    text.parse().ok()
}

/// The first cell that is no number.
fn wrong(line: &[u8], delimiter: u8) -> usize {
    split(line, delimiter).position(|cell| number(cell).is_none()).unwrap_or(0)
}
