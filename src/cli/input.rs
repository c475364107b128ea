//! Opens inputs: files or stdin, compressed or not.

use super::args::{InputFormat, Records};
use super::track::Lineage;
use crate::record::Format;
use anyhow::{Context, Result, bail};
use flate2::read::MultiGzDecoder;
use indicatif::ProgressBar;
use ruzstd::decoding::StreamingDecoder;
use std::fs::File;
use std::io::{self, BufReader, Chain, Cursor, Read};
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};

/// One input, opened.
pub(super) struct Input {
    /// The name in verdicts, where there are several inputs.
    pub(super) name: String,
    pub(super) format: Format,
    pub(super) reader: Box<dyn Read + Send>,
}

/// Opens every input before the first is read, so that a missing one fails at once.
pub(super) fn open(records: &Records, bar: &ProgressBar) -> Result<Vec<Input>> {
    records.inputs.iter().map(|path| one(path, records.format, bar, &records.lineage)).collect()
}

/// The same, for a command that takes no contract.
pub(super) fn open_paths(paths: &[PathBuf], format: Option<InputFormat>, bar: &ProgressBar) -> Result<Vec<Input>> {
    paths.iter().map(|path| one(path, format, bar, &Lineage::default())).collect()
}

/// The bytes of one file, decompressed.
pub(super) fn open_bytes(path: &Path) -> Result<Box<dyn Read + Send>> {
    decompress(File::open(path)?)
}

/// The bytes of all inputs, where they are files.
pub(super) fn length(paths: &[PathBuf]) -> Option<u64> {
    let lengths =
        paths.iter().map(|path| path.metadata().ok().filter(std::fs::Metadata::is_file).map(|file| file.len()));
    lengths.sum()
}

fn one(path: &Path, format: Option<InputFormat>, bar: &ProgressBar, lineage: &Lineage) -> Result<Input> {
    let name = path.display().to_string();
    let raw = raw(path)?;
    let reader =
        decompress(bar.wrap_read(lineage.watched(path, raw))).with_context(|| format!("cannot read {name}"))?;
    Ok(Input { format: self::format(path, format), name, reader })
}

/// How records stand in an input as far as its name or the user says.
pub(super) fn format(path: &Path, format: Option<InputFormat>) -> Format {
    format.map_or_else(|| by_name(path), Into::into)
}

type Raw = Box<dyn Read + Send>;

/// Pipes whose beginning was looked at, with that beginning in front again.
static LOOKED_AT: Mutex<Vec<(PathBuf, Raw)>> = Mutex::new(Vec::new());

fn raw(path: &Path) -> Result<Raw> {
    let mut looked_at = LOOKED_AT.lock().unwrap_or_else(PoisonError::into_inner);
    if let Some(at) = looked_at.iter().position(|(known, _)| known == path) {
        return Ok(looked_at.swap_remove(at).1);
    }
    if path.as_os_str() == "-" {
        return Ok(Box::new(io::stdin()));
    }
    let name = path.display();
    let file = File::open(path).with_context(|| format!("cannot read {name}"))?;
    if file.metadata().is_ok_and(|file| file.is_dir()) {
        bail!("cannot read {name}: it is a folder");
    }
    Ok(Box::new(file))
}

/// Most bytes that are looked at: two of the longest lines of a table.
const LONGEST_HEAD: usize = 33 << 20;
/// And of what is packed.
const LONGEST_PACKED: usize = 1 << 20;

/// The beginning of an input, unpacked: a few lines, or all up to the end. What comes through a pipe is not lost.
pub(super) fn head(path: &Path) -> Result<Vec<u8>> {
    let mut raw = raw(path)?;
    let mut head = Vec::new();
    let mut chunk = vec![0; 1 << 14];
    let mut lines = Lines::default();
    while !lines.is_enough(&head) {
        match raw.read(&mut chunk) {
            Ok(0) => break,
            Ok(count) => {
                let read = chunk.get(..count).unwrap_or_default();
                lines.see(read);
                head.extend_from_slice(read);
            }
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => return Err(error).with_context(|| format!("cannot read {}", path.display())),
        }
    }
    let mut unpacked = Vec::new();
    let packed = is_packed(&head);
    if packed {
        // It breaks off somewhere, and what is wrong with it is told when all is read.
        if let Ok(reader) = decompress(Cursor::new(head.clone())) {
            let _ = reader.take(LONGEST_HEAD as u64).read_to_end(&mut unpacked);
        }
    }
    if path.as_os_str() == "-" || !path.metadata().is_ok_and(|file| file.is_file()) {
        let head: Raw = Box::new(Cursor::new(head.clone()).chain(raw));
        LOOKED_AT.lock().unwrap_or_else(PoisonError::into_inner).push((path.to_owned(), head));
    }
    Ok(if packed { unpacked } else { head })
}

/// Counts the lines that are not blank.
#[derive(Default)]
struct Lines {
    ended: usize,
    begun: bool,
}

impl Lines {
    fn see(&mut self, bytes: &[u8]) {
        for byte in bytes {
            if *byte == b'\n' {
                self.ended += usize::from(std::mem::take(&mut self.begun));
            } else {
                self.begun |= !byte.is_ascii_whitespace();
            }
        }
    }

    /// Whether no more is needed to tell what an input is: two lines, or a beginning that no table has.
    fn is_enough(&self, head: &[u8]) -> bool {
        if is_packed(head) {
            return head.len() >= LONGEST_PACKED;
        }
        let told = [&b"{"[..], b"[", b"PK\x03\x04", b"PK\x05\x06", b"\x93NUMPY"];
        self.ended >= 2 || head.len() >= LONGEST_HEAD || told.iter().any(|told| head.starts_with(told))
    }
}

fn is_packed(head: &[u8]) -> bool {
    head.starts_with(&GZIP) || head.starts_with(&ZSTANDARD)
}

const GZIP: [u8; 2] = [0x1F, 0x8B];
const ZSTANDARD: [u8; 4] = [0x28, 0xB5, 0x2F, 0xFD];

impl From<InputFormat> for Format {
    fn from(format: InputFormat) -> Self {
        match format {
            InputFormat::Ndjson => Self::Ndjson,
            InputFormat::Json => Self::Json,
            InputFormat::Csv => Self::Csv,
        }
    }
}

/// The format that a file's name tells; `.json` is often NDJSON, so its content is asked.
fn by_name(path: &Path) -> Format {
    let name = path.file_name().unwrap_or_default().to_string_lossy().to_lowercase();
    let name = name.trim_end_matches(".gz").trim_end_matches(".zst");
    match name.rsplit_once('.').map(|(_, extension)| extension) {
        Some("ndjson" | "jsonl" | "ldjson") => Format::Ndjson,
        Some("csv" | "tsv") => Format::Csv,
        _ => Format::Auto,
    }
}

type Peeked<R> = Chain<Cursor<Vec<u8>>, R>;

/// Tells gzip and Zstandard by their first bytes.
fn decompress(mut raw: impl Read + Send + 'static) -> Result<Box<dyn Read + Send>> {
    let mut head = Vec::new();
    raw.by_ref().take(4).read_to_end(&mut head)?;
    let gzip = head.starts_with(&GZIP);
    let zstd = head.starts_with(&ZSTANDARD);
    let whole: Peeked<_> = Cursor::new(head).chain(raw);
    Ok(if gzip {
        Box::new(MultiGzDecoder::new(BufReader::new(whole)))
    } else if zstd {
        let decoder = StreamingDecoder::new(BufReader::new(whole)).context("not a Zstandard file")?;
        Box::new(decoder)
    } else {
        Box::new(whole)
    })
}
