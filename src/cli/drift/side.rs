//! What a path holds that one side of a comparison may be.

use crate::cli::model::names_version;
use anyhow::{Context, Result, bail};
use serde_json::Value as Json;
use std::fs::File;
use std::io::Read;
use std::path::{Path, PathBuf};

/// Largest file of counters that is read, in bytes: two thousand columns stay far below.
const MOST_BYTES: u64 = 64 << 20;
/// Bytes at the beginning of a file by which its kind is told.
const HEAD: u64 = 256;

/// One side.
pub(super) enum Side {
    /// Counters as JSON.
    Counters(Vec<u8>),
    /// A model: a file, or what names one in a registry.
    Model(PathBuf),
    /// The results of a run.
    Run(Run),
    /// Records.
    Records,
}

/// What `tamis run` or `tamis validate` wrote.
pub(super) struct Run {
    /// The accepted, masked records.
    pub(super) accepted: PathBuf,
    /// The model, where there is one.
    pub(super) model: Option<PathBuf>,
    /// Records that were read and accepted.
    pub(super) counts: (u64, u64),
}

impl Side {
    /// Tells by the content what a path holds.
    pub(super) fn of(path: &Path) -> Result<Self> {
        if path.as_os_str() == "-" {
            return Ok(Self::Records);
        }
        if names_version(path) {
            return Ok(Self::Model(path.to_owned()));
        }
        let read = || format!("cannot read {}", path.display());
        if path.metadata().with_context(read)?.is_dir() {
            return Run::of(path).map(Self::Run);
        }
        let mut head = Vec::new();
        File::open(path).with_context(read)?.take(HEAD).read_to_end(&mut head).with_context(read)?;
        // A field of a protobuf message, which no text begins with.
        if head.first() == Some(&0x08) {
            return Ok(Self::Model(path.to_owned()));
        }
        head.retain(|byte| !byte.is_ascii_whitespace());
        if !head.starts_with(b"{\"format\":\"tamis.") {
            return Ok(Self::Records);
        }
        let mut bytes = Vec::new();
        File::open(path).with_context(read)?.take(MOST_BYTES + 1).read_to_end(&mut bytes).with_context(read)?;
        if bytes.len() as u64 > MOST_BYTES {
            bail!("{} is too large to be counters", path.display());
        }
        Ok(Self::Counters(bytes))
    }
}

impl Run {
    fn of(folder: &Path) -> Result<Self> {
        let file = |name: &str| Some(folder.join(name)).filter(|path| path.is_file());
        let (Some(accepted), Some(summary)) = (file("accepted.ndjson"), file("summary.json")) else {
            bail!(
                "{} is neither a registry nor a folder with the accepted.ndjson and summary.json that `tamis run` writes",
                folder.display()
            );
        };
        let text = std::fs::read(&summary).with_context(|| format!("cannot read {}", summary.display()))?;
        let json: Json =
            serde_json::from_slice(&text).with_context(|| format!("{} is no summary", summary.display()))?;
        let count = |key: &str| {
            json.get(key).and_then(Json::as_u64).with_context(|| format!("{} has no count of {key}", summary.display()))
        };
        Ok(Self { accepted, model: file("model.onnx"), counts: (count("records")?, count("accepted")?) })
    }
}
