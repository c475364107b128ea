//! Cuts a stream of bytes into records: lines of NDJSON, elements of a JSON array, one JSON value after another, rows
//! of CSV.
//!
//! Any split of the input into chunks gives the same frames, and memory is bounded by the longest record allowed.

use super::csv::Rows;
use super::{Fault, Limits, Malformed};
use memchr::memchr;

/// How records stand in the input.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub enum Format {
    /// Told by the first line that is not blank: an array by its bracket, CSV by a header, a value over several lines
    /// by its open brace, else NDJSON.
    #[default]
    Auto,
    /// One JSON object a line.
    Ndjson,
    /// One JSON value, or several one after another, over any number of lines; an array at the top is its elements.
    Json,
    /// Comma, semicolon or tab separated values with a header row.
    Csv,
}

/// One record's bytes, not yet parsed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Frame<'a> {
    /// The 1-based physical line where the record starts; in an array the element's position.
    pub line: u64,
    /// The record; empty when `fault` is set.
    pub bytes: &'a [u8],
    /// Why there is no record in this place.
    pub fault: Option<Malformed>,
}

/// Takes chunks of any size and gives frames.
///
/// # Example
/// ```
/// use tamis::record::{Format, Framer, Limits};
/// let mut framer = Framer::new(Format::Auto, Limits::default());
/// let mut lines = Vec::new();
/// for chunk in [&b"{\"a\":"[..], b"1}\r\n\n{\"a\":2}"] {
///     framer.push(chunk, &mut |frame| lines.push((frame.line, frame.bytes.len())));
/// }
/// framer.finish(&mut |frame| lines.push((frame.line, frame.bytes.len())));
/// assert_eq!(lines, [(1, 8), (3, 7)]);
/// ```
pub struct Framer {
    mode: Mode,
    limit: usize,
    held: Held,
    /// 1-based physical line of the next byte.
    line: u64,
    bom: usize,
}

#[allow(clippy::large_enum_variant, reason = "there is one a stream")]
enum Mode {
    /// Collecting the first line that is not blank.
    Opening(Format),
    Lines,
    Values(Values),
    Rows(Rows),
}

const BOM: &[u8] = b"\xEF\xBB\xBF";

impl Framer {
    /// A framer for one input. Of `limits` it heeds `bytes`.
    #[must_use]
    pub fn new(format: Format, limits: Limits) -> Self {
        Self { mode: Mode::Opening(format), limit: limits.bytes, held: Held::default(), line: 1, bom: 0 }
    }

    /// Takes the next bytes and emits every record that they complete.
    pub fn push(&mut self, chunk: &[u8], emit: &mut dyn FnMut(Frame<'_>)) {
        let rest = self.skip_bom(chunk);
        self.feed(rest, emit);
    }

    /// Ends the input: what is still held is the last record.
    pub fn finish(&mut self, emit: &mut dyn FnMut(Frame<'_>)) {
        if self.bom > 0 && self.bom < BOM.len() {
            let begun = BOM.get(..self.bom).unwrap_or_default();
            self.bom = BOM.len();
            self.feed(begun, emit);
        }
        if let Mode::Opening(format) = self.mode {
            self.settle(format, emit);
        }
        match &mut self.mode {
            Mode::Opening(_) => {}
            Mode::Lines => self.held.emit_line(self.line, self.limit, emit),
            Mode::Values(values) => values.finish(&mut self.held, self.limit, emit),
            Mode::Rows(rows) => rows.finish(emit),
        }
    }

    /// A byte order mark is skipped at the very start, however the chunks are cut.
    fn skip_bom<'c>(&mut self, chunk: &'c [u8]) -> &'c [u8] {
        let mut rest = chunk;
        while self.bom < BOM.len() {
            let Some((byte, tail)) = rest.split_first() else {
                return rest;
            };
            if BOM.get(self.bom) == Some(byte) {
                self.bom += 1;
                rest = tail;
            } else {
                // Not a mark after all: what looked like one is content.
                let begun = BOM.get(..self.bom).unwrap_or_default();
                self.held.extend(begun, self.limit);
                self.bom = BOM.len();
            }
        }
        rest
    }

    fn feed(&mut self, chunk: &[u8], emit: &mut dyn FnMut(Frame<'_>)) {
        let mut rest = chunk;
        while let Mode::Opening(format) = self.mode {
            // Where there is nothing to guess, or an array has begun, whose one line may be the whole input: no waiting for
            // the line's end.
            let array = self.held.is_blank() && rest.trim_ascii_start().first() == Some(&b'[');
            match format {
                Format::Ndjson | Format::Json => {
                    self.settle(format, emit);
                    break;
                }
                Format::Auto if array => {
                    self.settle(Format::Json, emit);
                    break;
                }
                // CSV tells its separator by its whole header.
                Format::Auto | Format::Csv => {}
            }
            let Some(end) = memchr(b'\n', rest) else {
                self.held.extend(rest, self.limit);
                if self.held.over {
                    self.settle(format, emit);
                }
                return;
            };
            let (line, tail) = rest.split_at(end + 1);
            rest = tail;
            self.held.extend(line, self.limit);
            if self.held.is_blank() {
                self.held.clear();
                self.line += 1;
            } else {
                self.settle(format, emit);
            }
        }
        match &mut self.mode {
            Mode::Opening(_) => {}
            Mode::Lines => self.lines(rest, emit),
            Mode::Values(values) => values.push(rest, &mut self.held, &mut self.line, self.limit, emit),
            Mode::Rows(rows) => rows.push(rest, emit),
        }
    }

    /// Chooses the mode by the first line, which is held, and feeds that line to it.
    fn settle(&mut self, format: Format, emit: &mut dyn FnMut(Frame<'_>)) {
        let over = self.held.over;
        let head = std::mem::take(&mut self.held).bytes;
        self.mode = match format {
            Format::Ndjson => Mode::Lines,
            Format::Json => Mode::Values(Values::default()),
            Format::Csv => Mode::Rows(Rows::new(self.line, self.limit)),
            Format::Auto => match guess(&head) {
                Format::Csv => Mode::Rows(Rows::new(self.line, self.limit)),
                Format::Json => Mode::Values(Values::default()),
                _ => Mode::Lines,
            },
        };
        self.held.over = over;
        self.feed(&head, emit);
    }

    fn lines(&mut self, chunk: &[u8], emit: &mut dyn FnMut(Frame<'_>)) {
        let mut rest = chunk;
        while let Some(end) = memchr(b'\n', rest) {
            let (line, tail) = rest.split_at(end);
            rest = tail.get(1..).unwrap_or_default();
            if self.held.is_empty() {
                emit_line(self.line, line, emit);
            } else {
                self.held.extend(line, self.limit);
                self.held.emit_line(self.line, self.limit, emit);
            }
            self.line += 1;
        }
        self.held.extend(rest, self.limit);
    }
}

/// Emits a line unless it is blank. A carriage return at its end is JSON's own white space.
fn emit_line(line: u64, bytes: &[u8], emit: &mut dyn FnMut(Frame<'_>)) {
    if !bytes.iter().all(u8::is_ascii_whitespace) {
        emit(Frame { line, bytes, fault: None });
    }
}

/// Tells the format by the first line that is not blank.
fn guess(head: &[u8]) -> Format {
    let head = head.trim_ascii();
    match head.first() {
        Some(b'[') => Format::Json,
        // A brace alone, or a line that breaks off behind a comma or an opening: printed over several lines.
        Some(b'{') if matches!(head.last(), Some(b'{' | b'[' | b',')) => Format::Json,
        Some(b'{') => Format::Ndjson,
        Some(_) if head.iter().any(|byte| matches!(byte, b',' | b';' | b'\t')) => Format::Csv,
        _ => Format::Ndjson,
    }
}

/// Bytes of a record that is not complete, up to the limit; beyond it they are counted as lost, not kept.
#[derive(Default)]
pub(super) struct Held {
    bytes: Vec<u8>,
    over: bool,
}

impl Held {
    fn is_empty(&self) -> bool {
        self.bytes.is_empty() && !self.over
    }

    fn is_blank(&self) -> bool {
        self.bytes.iter().all(u8::is_ascii_whitespace) && !self.over
    }

    fn clear(&mut self) {
        self.bytes.clear();
        self.over = false;
    }

    fn extend(&mut self, piece: &[u8], limit: usize) {
        if self.over || self.bytes.len() + piece.len() > limit + 2 {
            // Two bytes of grace: the line's end is no part of the record.
            self.over = true;
            self.bytes = Vec::new();
        } else {
            self.bytes.extend_from_slice(piece);
        }
    }

    fn emit_line(&mut self, line: u64, limit: usize, emit: &mut dyn FnMut(Frame<'_>)) {
        if self.over {
            emit(too_long(line, limit));
        } else {
            emit_line(line, &self.bytes, emit);
        }
        self.clear();
    }
}

pub(super) fn too_long(line: u64, limit: usize) -> Frame<'static> {
    Frame { line, bytes: &[], fault: Some(Malformed { fault: Fault::TooLong, byte: limit }) }
}

/// Finds the ends of JSON values by their brackets and quotes alone; whether they are JSON is for the parser to say.
#[derive(Default)]
#[allow(clippy::struct_excessive_bools, reason = "the state of a scanner")]
struct Values {
    array: Array,
    depth: u64,
    string: bool,
    escape: bool,
    /// A value has begun.
    begun: bool,
    /// Where the value that has begun starts: its line, or its position in the array.
    start: u64,
    position: u64,
    /// A comma was the last thing read in an array, so that a value must follow.
    comma: bool,
}

#[derive(Default, PartialEq, Eq)]
enum Array {
    /// Nothing but white space was seen.
    #[default]
    Unknown,
    None,
    Open,
    Closed,
}

impl Values {
    fn push(&mut self, chunk: &[u8], held: &mut Held, line: &mut u64, limit: usize, emit: &mut dyn FnMut(Frame<'_>)) {
        let mut from = 0;
        for (at, &byte) in chunk.iter().enumerate() {
            if byte == b'\n' {
                *line += 1;
            }
            if !self.begun {
                if byte.is_ascii_whitespace() {
                    continue;
                }
                match (&self.array, byte) {
                    (Array::Unknown, b'[') => {
                        self.array = Array::Open;
                        continue;
                    }
                    (Array::Unknown, _) => self.array = Array::None,
                    (Array::Open, b']') if !self.comma => {
                        self.array = Array::Closed;
                        continue;
                    }
                    _ => {}
                }
                self.begun = true;
                self.position += 1;
                self.start = if self.array == Array::None { *line } else { self.position };
                from = at;
            }
            let Some(end) = self.step(byte, at) else {
                continue;
            };
            held.extend(chunk.get(from..end).unwrap_or_default(), limit);
            self.emit(held, limit, emit);
            from = end;
        }
        if self.begun {
            held.extend(chunk.get(from..).unwrap_or_default(), limit);
        }
    }

    /// Takes one byte of a value; answers where the value ended, if it did.
    fn step(&mut self, byte: u8, at: usize) -> Option<usize> {
        if self.string {
            match byte {
                _ if self.escape => self.escape = false,
                b'\\' => self.escape = true,
                b'"' => self.string = false,
                _ => {}
            }
            return None;
        }
        let open = self.array == Array::Open;
        match byte {
            b'"' => self.string = true,
            b'{' | b'[' => self.depth += 1,
            b',' if open && self.depth == 0 => {
                self.comma = true;
                return Some(at);
            }
            b']' if open && self.depth == 0 => {
                self.array = Array::Closed;
                self.comma = false;
                return Some(at);
            }
            b'}' | b']' => {
                self.depth = self.depth.saturating_sub(1);
                if self.depth == 0 && !open {
                    return Some(at + 1);
                }
            }
            // Without an array around them, only objects end by themselves: other values end with their line.
            b'\n' if !open && self.depth == 0 => return Some(at),
            _ => {}
        }
        if self.depth == 0 && open {
            self.comma = false;
        }
        None
    }

    fn emit(&mut self, held: &mut Held, limit: usize, emit: &mut dyn FnMut(Frame<'_>)) {
        if held.over {
            emit(too_long(self.start, limit));
        } else {
            emit(Frame { line: self.start, bytes: held.bytes.trim_ascii_end(), fault: None });
        }
        held.clear();
        self.begun = false;
        self.depth = 0;
    }

    fn finish(&mut self, held: &mut Held, limit: usize, emit: &mut dyn FnMut(Frame<'_>)) {
        if self.begun {
            self.emit(held, limit, emit);
        }
        if self.array == Array::Open {
            emit(Frame {
                line: self.position + 1,
                bytes: &[],
                fault: Some(Malformed { fault: Fault::Syntax("a closing bracket at the end of the array"), byte: 0 }),
            });
        }
    }
}
