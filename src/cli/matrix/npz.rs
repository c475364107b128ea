//! NumPy's archives: a zip file of arrays.

use super::npy::Header;
use super::{Label, Row, Rows, made_up, narrow};
use anyhow::{Context, Result, bail};
use std::fs::File;
use std::io::BufReader;
use std::path::Path;
use zip::ZipArchive;

/// Most arrays of an archive.
const MOST_ARRAYS: usize = 10_000;

type Archive = ZipArchive<BufReader<File>>;

/// Reads the array `X`, or the only one beside the label's; the label is the array `y`, or the one that is named.
pub(super) fn read(path: &Path, label: Label<'_>, to: &mut dyn Rows) -> Result<()> {
    let file = BufReader::with_capacity(1 << 17, File::open(path)?);
    let mut archive = ZipArchive::new(file).context("this is no zip archive")?;
    let target = match label {
        Label::None => None,
        Label::Named(name) => Some(name),
        Label::Usual => Some("y"),
    };
    let matrix = matrix(&archive, target.unwrap_or("y"))?;
    let labels = target.map(|target| column(&mut archive, target)).transpose()?;
    let entry = archive.by_name(&matrix);
    let mut entry = entry.with_context(|| format!("cannot unpack {matrix:?}"))?;
    let header = Header::read(&mut entry).with_context(|| format!("in {matrix:?}"))?;
    let (rows, columns) = header.table().with_context(|| format!("in {matrix:?}"))?;
    if let Some(labels) = labels.as_ref().filter(|labels| labels.len() != rows) {
        bail!("{matrix:?} has {rows} rows, and there are {} labels", labels.len());
    }
    to.begin(made_up(columns))?;
    let rows = header.rows(&mut entry, &mut |line, values| {
        let at = usize::try_from(line - 1).unwrap_or(usize::MAX);
        let label = labels.as_ref().and_then(|labels| labels.get(at)).copied();
        to.row(&Row { line, values, label })
    });
    rows.with_context(|| format!("in {matrix:?}"))
}

/// The name of the file within the archive that holds the matrix.
fn matrix(archive: &Archive, label: &str) -> Result<String> {
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
        (false, 0) => bail!("the archive holds no array"),
        (false, count) => bail!("the archive has no array X, and {count} others"),
    }
}

/// An array that is one column.
fn column(archive: &mut Archive, name: &str) -> Result<Vec<f32>> {
    let entry = archive.by_name(&format!("{name}.npy"));
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
