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
    let (name, raw): (String, Box<dyn Read + Send>) = if path.as_os_str() == "-" {
        ("-".into(), Box::new(io::stdin()))
    } else {
        let name = path.display().to_string();
        let file = File::open(path).with_context(|| format!("cannot read {name}"))?;
        if file.metadata().is_ok_and(|file| file.is_dir()) {
            bail!("cannot read {name}: it is a folder");
        }
        (name, Box::new(file))
    };
    let reader =
        decompress(bar.wrap_read(lineage.watched(path, raw))).with_context(|| format!("cannot read {name}"))?;
    Ok(Input { format: format.map_or_else(|| by_name(path), Into::into), name, reader })
}

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
    let gzip = head.starts_with(&[0x1F, 0x8B]);
    let zstd = head.starts_with(&[0x28, 0xB5, 0x2F, 0xFD]);
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
