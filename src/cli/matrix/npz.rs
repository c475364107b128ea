//! NumPy's archives: a zip file of arrays.

use super::columns::{Asked, Columns, Great};
use super::npy::{Header, see_great};
use super::{Label, Mark, Row, Rows, made_up};
use crate::score::narrow;
use anyhow::{Context, Result, bail};
use std::fs::File;
use std::io::{BufReader, Read, Seek};
use std::path::Path;
use zip::ZipArchive;

/// Most arrays of an archive.
const MOST_ARRAYS: usize = 10_000;

type Archive = ZipArchive<BufReader<File>>;

/// Reads the array `X`, or the only one beside the label's; the label is the array `y`, or the one that is named.
pub(super) fn read(file: File, asked: &Asked<'_>, say: &mut dyn FnMut(&str), to: &mut dyn Rows) -> Result<()> {
    let file = BufReader::with_capacity(1 << 17, file);
    let mut archive = ZipArchive::new(file).context("this is no zip archive")?;
    asked.only_label()?;
    let target = match asked.label {
        Label::None => None,
        Label::Named(name) => Some(name),
        Label::Usual => Some("y"),
    };
    let matrix = matrix(&archive, target)?;
    let labels = target.map(|target| column(&mut archive, target)).transpose()?;
    let entry = archive.by_name(&matrix);
    let mut entry = entry.with_context(|| format!("cannot unpack {matrix:?}"))?;
    let header = Header::read(&mut entry).with_context(|| format!("in {matrix:?}"))?;
    let (rows, columns) = header.table().with_context(|| format!("in {matrix:?}"))?;
    if let Some(labels) = labels.as_ref().filter(|labels| labels.len() != rows) {
        bail!("{matrix:?} has {rows} rows, and there are {} labels", labels.len());
    }
    let names = made_up(columns);
    let columns = Columns::find(&Asked { label: Label::None, ..*asked }, &names, false, say)?;
    let mut great = Great::among(names.len());
    let watched = columns.single && header.has_great();
    to.begin(columns.features)?;
    let rows = header.rows(&mut entry, &mut |line, values| {
        if watched {
            see_great(values, &mut great);
        }
        let at = usize::try_from(line - 1).unwrap_or(usize::MAX);
        let label = labels.as_ref().and_then(|labels| labels.get(at)).copied();
        to.row(&Row { line, values, mark: Mark { label, ..Mark::default() } })
    });
    rows.with_context(|| format!("in {matrix:?}"))?;
    great.tell(&names, say);
    Ok(())
}

/// The archive as a file that can be read in any order, for its table of contents stands at its end: what comes through a
/// pipe or is packed waits in a temporary one.
pub(super) fn seekable(path: &Path, mut reader: impl Read) -> Result<File> {
    if path.metadata().is_ok_and(|file| file.is_file()) {
        let mut file = File::open(path)?;
        let mut start = [0; 2];
        if file.read_exact(&mut start).is_ok() && start == *b"PK" {
            file.rewind()?;
            return Ok(file);
        }
    }
    let mut file = tempfile::tempfile().context("cannot make a temporary file")?;
    std::io::copy(&mut reader, &mut file).context("cannot copy the archive to a temporary file")?;
    file.rewind()?;
    Ok(file)
}

/// The arrays of an archive, for a message.
fn holds(archive: &Archive) -> String {
    let names = archive.file_names().filter_map(Result::ok);
    let mut names: Vec<String> =
        names.map(|name| name.strip_suffix(".npy").unwrap_or(&name).to_owned()).take(20).collect();
    names.sort();
    if names.is_empty() { "nothing".to_owned() } else { names.join(", ") }
}

/// The name of the file within the archive that holds the matrix.
fn matrix(archive: &Archive, target: Option<&str>) -> Result<String> {
    let label = target.unwrap_or("y");
    if archive.len() > MOST_ARRAYS {
        bail!("the archive holds more than {MOST_ARRAYS} files");
    }
    let names = archive.file_names().filter_map(Result::ok);
    let arrays: Vec<String> =
        names.map(std::borrow::Cow::into_owned).filter(|name| name.strip_suffix(".npy").is_some()).collect();
    let others = arrays.iter().filter(|name| name.strip_suffix(".npy") != Some(label));
    match (arrays.iter().any(|name| name == "X.npy"), others.clone().count()) {
        (true, _) => Ok("X.npy".to_owned()),
        (false, 1) => Ok(others.map(String::as_str).collect()),
        (false, 0) => bail!("the archive holds no array X of rows, but {}", holds(archive)),
        (false, count) => bail!("the archive has no array X, and {count} others: {}", holds(archive)),
    }
}

/// An array that is one column.
fn column(archive: &mut Archive, name: &str) -> Result<Vec<f32>> {
    let file = format!("{name}.npy");
    if archive.index_for_name(&file).is_none() {
        bail!("the archive has no labels {name:?}, but {}: --label names another array", holds(archive));
    }
    let entry = archive.by_name(&file);
    let mut entry = entry.with_context(|| format!("cannot unpack the labels {name:?}"))?;
    let read = Header::read(&mut entry).and_then(|header| match header.table()? {
        (_, 1) => {
            let cells = header.cells(&mut entry)?;
            Ok(cells.chunks_exact(header.size()).map(|bytes| narrow(header.value(bytes))).collect())
        }
        (_, columns) => bail!("labels are one column, not {columns}"),
    });
    read.with_context(|| format!("in {name:?}"))
}
