//! Rows of CSV as records: each row becomes an object of texts under the header's names.

use super::frame::too_long;
use super::{Fault, Frame, Malformed};
use csv_core::{ReadRecordResult, Reader, ReaderBuilder};

/// Reads CSV (RFC 4180; the separator is told from the header) chunk by chunk.
pub(super) struct Rows {
    reader: Option<Reader>,
    /// The header's names as JSON strings, once it is read.
    names: Option<Vec<String>>,
    output: Vec<u8>,
    ends: Vec<usize>,
    used: usize,
    fields: usize,
    /// The physical line where the row being read starts.
    line: u64,
    start: u64,
    /// A row has begun.
    begun: bool,
    limit: usize,
    over: bool,
    json: Vec<u8>,
}

impl Rows {
    pub(super) fn new(line: u64, limit: usize) -> Self {
        Self {
            reader: None,
            names: None,
            output: vec![0; 4096],
            ends: vec![0; 64],
            used: 0,
            fields: 0,
            line,
            start: line,
            begun: false,
            limit,
            over: false,
            json: Vec::new(),
        }
    }

    pub(super) fn push(&mut self, chunk: &[u8], emit: &mut dyn FnMut(Frame<'_>)) {
        let mut rest = chunk;
        while let Some((first, tail)) = rest.split_first() {
            if !self.begun && matches!(first, b'\n' | b'\r') {
                // Blank lines before a row, and what is left of the end of the row before.
                self.line += u64::from(*first == b'\n');
                rest = tail;
                continue;
            }
            if !self.begun {
                self.begun = true;
                self.start = self.line;
            }
            let taken = self.read(rest, emit);
            let (seen, tail) = rest.split_at(taken.min(rest.len()));
            self.line += memchr::memchr_iter(b'\n', seen).count() as u64;
            rest = tail;
        }
    }

    pub(super) fn finish(&mut self, emit: &mut dyn FnMut(Frame<'_>)) {
        // An empty input tells the reader that the last row is complete.
        self.read(&[], emit);
    }

    /// Feeds the reader once; answers how many bytes it took.
    fn read(&mut self, input: &[u8], emit: &mut dyn FnMut(Frame<'_>)) -> usize {
        let reader = self.reader.get_or_insert_with(|| {
            let delimiter = [b',', b';', b'\t'].into_iter().rev().max_by_key(|&byte| unquoted(input, byte));
            ReaderBuilder::new().delimiter(delimiter.unwrap_or(b',')).build()
        });
        let (result, taken, written, ended) = reader.read_record(
            input,
            self.output.get_mut(self.used..).unwrap_or_default(),
            self.ends.get_mut(self.fields..).unwrap_or_default(),
        );
        self.used += written;
        self.fields += ended;
        match result {
            ReadRecordResult::InputEmpty | ReadRecordResult::End => {}
            ReadRecordResult::OutputFull if self.output.len() > self.limit => {
                self.over = true;
                self.used = 0;
            }
            ReadRecordResult::OutputFull => self.output.resize(self.output.len() * 2, 0),
            ReadRecordResult::OutputEndsFull => self.ends.resize(self.ends.len() * 2, 0),
            ReadRecordResult::Record => {
                self.row(emit);
                self.begun = false;
                self.used = 0;
                self.fields = 0;
                self.over = false;
            }
        }
        taken
    }

    fn row(&mut self, emit: &mut dyn FnMut(Frame<'_>)) {
        if self.over {
            emit(too_long(self.start, self.limit));
            return;
        }
        let mut from = 0;
        let cells = self.ends.iter().take(self.fields).map(|&end| {
            let cell = self.output.get(from..end).unwrap_or_default();
            from = end;
            cell
        });
        let Some(names) = &self.names else {
            let names = cells.map(|cell| quoted(String::from_utf8_lossy(cell).trim()));
            self.names = Some(names.collect());
            return;
        };
        let fault = |fault| Frame { line: self.start, bytes: &[], fault: Some(Malformed { fault, byte: 0 }) };
        if names.len() != self.fields {
            emit(fault(Fault::Syntax("as many cells as the header has")));
            return;
        }
        self.json.clear();
        self.json.push(b'{');
        for (index, (name, cell)) in names.iter().zip(cells).enumerate() {
            let Ok(cell) = std::str::from_utf8(cell) else {
                emit(fault(Fault::Utf8));
                return;
            };
            if index > 0 {
                self.json.push(b',');
            }
            self.json.extend_from_slice(name.as_bytes());
            self.json.push(b':');
            self.json.extend_from_slice(quoted(cell).as_bytes());
        }
        self.json.push(b'}');
        emit(Frame { line: self.start, bytes: &self.json, fault: None });
    }
}

/// How often a byte stands in a header outside of quoted names.
fn unquoted(input: &[u8], wanted: u8) -> usize {
    let header = input.split(|&byte| byte == b'\n').next().unwrap_or_default();
    // A quote within a name is doubled, so that every other part between quotes is outside.
    let outside = header.split(|&byte| byte == b'"').step_by(2);
    outside.map(|part| memchr::memchr_iter(wanted, part).count()).sum()
}

fn quoted(text: &str) -> String {
    serde_json::Value::from(text).to_string()
}
