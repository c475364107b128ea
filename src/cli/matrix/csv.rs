//! CSV of numbers, with or without a header.

use super::columns::{Asked, Columns, Great, Use};
use super::{Mark, Row, Rows, made_up};
use crate::contract::moment;
use crate::score::narrow;
use anyhow::{Context, Result, bail};
use std::io::{BufRead, BufReader, Read};

/// Longest line, in bytes.
const LONGEST: u64 = 16 << 20;
/// What stands for a missing number, in any case of letters.
const MISSING: [&str; 7] = ["", "na", "n/a", "nan", "null", "none", "?"];

/// Whether the first row, or the one below a header, is numbers alone.
pub(super) fn is_matrix(head: &[u8]) -> bool {
    let mut lines = Lines::new(head);
    let mut cells = Vec::new();
    let mut begin = || lines.next(&mut cells).ok().flatten().map(|line| begins(&cells, line.delimiter));
    begin() == Some(true) || begin() == Some(true)
}

/// The cells of the first line.
pub(super) fn first(head: &[u8]) -> Vec<String> {
    let mut line = Vec::new();
    let found = Lines::new(head).next(&mut line).ok().flatten();
    found.map_or_else(Vec::new, |found| cells(&line, found.delimiter))
}

/// Reads all rows.
pub(super) fn read(reader: impl Read, asked: &Asked<'_>, say: &mut dyn FnMut(&str), to: &mut dyn Rows) -> Result<()> {
    let mut lines = Lines::new(reader);
    let mut bytes = Vec::new();
    let Some(Line { number, delimiter }) = lines.next(&mut bytes)? else {
        bail!("it is empty");
    };
    is_text(&bytes)?;
    let header = !begins(&bytes, delimiter);
    let found = cells(&bytes, delimiter);
    // A first line that has numbers too may be a row with something wrong in it, which is not repeated.
    let shown = header && !split(&bytes, delimiter).any(|cell| number_of(cell).is_some_and(|value| !value.is_nan()));
    let names = if header { found } else { made_up(found.len()) };
    let great = Great::among(names.len());
    let mut table = Table { columns: Columns::find(asked, &names, header, say)?, names, shown, row: Vec::new(), great };
    to.begin(table.columns.features.clone())?;
    if !header {
        table.row(&bytes, number, delimiter, to)?;
    }
    let mut any = !header;
    while let Some(Line { number, delimiter }) = lines.next(&mut bytes)? {
        table.row(&bytes, number, delimiter, to)?;
        any = true;
    }
    if !any {
        bail!("it holds a header and no row");
    }
    table.great.tell(&table.names, say);
    Ok(())
}

/// What the rows are read by.
struct Table {
    columns: Columns,
    names: Vec<String>,
    /// Whether the names may be told.
    shown: bool,
    row: Vec<f64>,
    great: Great,
}

impl Table {
    fn row(&mut self, line: &[u8], number: u64, delimiter: u8, to: &mut dyn Rows) -> Result<()> {
        let Self { columns: Columns { uses, features, single }, row, great, .. } = self;
        row.clear();
        row.resize(features.len(), f64::NAN);
        let mut mark = Mark::default();
        let mut count = 0;
        let mut wrong = None;
        for (at, cell) in split(line, delimiter).enumerate() {
            count += 1;
            let sound = match uses.get(at) {
                Some(Use::Feature(feature)) => double(cell).map(|value| {
                    if *single && is_rounded(value) {
                        great.see(at);
                    }
                    row.iter_mut().skip(*feature).take(1).for_each(|place| *place = value);
                }),
                Some(Use::Label) => number_of(cell).or_else(|| word(cell)).map(|value| mark.label = Some(value)),
                // What is no weight is found out when a forest is fitted, as in records.
                Some(Use::Weight) => double(cell).map(|value| mark.weight = value),
                Some(Use::Moment) => {
                    mark.moment = std::str::from_utf8(cell).ok().and_then(moment);
                    Some(())
                }
                Some(Use::Nothing) | None => Some(()),
            };
            if sound.is_none() && wrong.is_none() {
                wrong = Some((at, has_decimal_comma(cell)));
            }
        }
        if let Some((at, comma)) = wrong {
            return Err(self.wrong(at, number, comma));
        }
        let expected = self.names.len();
        if count != expected {
            bail!("line {number} has {count} numbers where the first has {expected}");
        }
        to.row(&Row { line: number, values: &self.row, mark })
    }

    /// Names a cell, and never what is in it.
    fn wrong(&self, at: usize, line: u64, comma: bool) -> anyhow::Error {
        let name = self.names.get(at).filter(|_| self.shown).map(|name| format!(" ({name:?})")).unwrap_or_default();
        let what = match (self.columns.uses.get(at), comma) {
            (Some(Use::Label), _) => "is neither a number nor true nor false",
            (_, true) => "is no number: it has a decimal comma, where a point is read",
            _ => "is no number",
        };
        anyhow::anyhow!("line {line}, column {}{name} {what}", at + 1)
    }
}

/// Whether the first line is a text that is read here.
fn is_text(line: &[u8]) -> Result<()> {
    if line.starts_with(b"\xFF\xFE") || line.starts_with(b"\xFE\xFF") || line.contains(&0) {
        bail!("it is no text in UTF-8 but perhaps in UTF-16");
    }
    if line.contains(&b'\r') {
        bail!("its lines end in a carriage return alone; a line feed must end them");
    }
    Ok(())
}

/// Whether an integer is another one as a single float.
pub(super) fn is_rounded(value: f64) -> bool {
    const EXACT: f64 = 16_777_216.0;
    value.abs() > EXACT && value.abs() < 1e19 && value.fract() == 0.0 && (f64::from(narrow(value)) - value).abs() > 0.0
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

/// Whether a line can be the first of a matrix: numbers, and words that labels may be. Where all is missing it may as well be
/// a header.
fn begins(line: &[u8], delimiter: u8) -> bool {
    let mut any = false;
    let sound = split(line, delimiter).all(|cell| match number_of(cell) {
        Some(value) => {
            any |= !value.is_nan();
            true
        }
        None => word(cell).is_some(),
    });
    sound && any
}

fn number_of(cell: &[u8]) -> Option<f32> {
    double(cell).map(narrow)
}

fn double(cell: &[u8]) -> Option<f64> {
    let text = std::str::from_utf8(cell).ok()?;
    if MISSING.iter().any(|missing| text.eq_ignore_ascii_case(missing)) {
        return Some(f64::NAN);
    }
    text.parse().ok()
}

/// A label that is a word.
fn word(cell: &[u8]) -> Option<f32> {
    if cell.eq_ignore_ascii_case(b"true") { Some(1.0) } else { cell.eq_ignore_ascii_case(b"false").then_some(0.0) }
}

fn has_decimal_comma(cell: &[u8]) -> bool {
    let text = String::from_utf8_lossy(cell);
    text.matches(',').count() == 1 && text.replace(',', ".").parse::<f64>().is_ok()
}

#[cfg(test)]
mod tests {
    use super::{Asked, is_rounded, read};
    use crate::cli::matrix::{Label, Row, Rows};

    struct Nobody;

    impl Rows for Nobody {
        fn begin(&mut self, _: Vec<String>) -> anyhow::Result<()> {
            Ok(())
        }

        fn row(&mut self, _: &Row<'_>) -> anyhow::Result<()> {
            Ok(())
        }
    }

    #[test]
    fn a_cell_that_is_no_number_is_named_and_not_told() {
        for (text, says) in [
            (&b"a,b,c\n1,2,secret\n"[..], "line 2, column 3 (\"c\") is no number"),
            (b"1,2\n3,4\n5,secret\n", "line 3, column 2 is no number"),
            // The first line may be a row.
            (b"1,secret\n3,secret\n", "line 2, column 2 is no number"),
            (b"a;b\n1,5;2\n", "line 2, column 1 (\"a\") is no number: it has a decimal comma"),
            (b"a,b,c\n", "it holds a header and no row"),
            (b"\n\n", "it is empty"),
            (b"\xFF\xFEa\0,\0b\0\n\0", "UTF-16"),
            (b"a,b\r1,2\r", "carriage return"),
            (b"a,b\n1,true\n", "line 2, column 2 (\"b\") is no number"),
        ] {
            let error = read(text, &Asked::of(Label::None, None), &mut |_| (), &mut Nobody).unwrap_err();
            let error = format!("{error:#}");
            assert!(error.starts_with(says) || error.contains(says) && !says.starts_with("line"), "{error}");
            assert!(!error.contains("secret"), "{error}");
        }
        let label = Asked::of(Label::Named("y"), None);
        let error = read(&b"a,y\n1,true\n2,maybe\n"[..], &label, &mut |_| (), &mut Nobody).unwrap_err();
        assert!(error.to_string().contains("line 3, column 2 (\"y\") is neither"), "{error}");
    }

    #[test]
    fn great_integers_are_told_from_what_a_float_holds() {
        for (value, rounded) in [
            (16_777_217.0, true),
            (16_777_216.0, false),
            (16_777_218.0, false),
            (-16_777_219.0, true),
            (1e7 + 0.5, false),
            (1e300, false),
        ] {
            assert_eq!(is_rounded(value), rounded, "{value}");
        }
        let mut said = String::new();
        let text = &b"id,b\n16777217,1\n16777219,2\n"[..];
        read(text, &Asked::of(Label::None, None), &mut |words| said.push_str(words), &mut Nobody).unwrap();
        assert_eq!(said, "integers beyond 2^24 are rounded to 32-bit floats: id");
    }
}
