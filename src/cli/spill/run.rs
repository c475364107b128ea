//! One sorted run of digests in a temporary file without a name.

use super::filter::Filter;
use std::cmp::Ordering;
use std::fs::File;
use std::io::{self, BufReader, BufWriter, Read, Seek, SeekFrom, Write};

const DIGEST: usize = size_of::<u128>();
/// Digests that are read at once, and at least so many stand between two entries of the index: one page.
const PAGE: usize = 256;
/// Bytes that are written or merged at once.
const BUFFER: usize = 1 << 16;

/// A finished run.
pub(super) struct Run {
    file: File,
    len: usize,
    filter: Option<Filter>,
    /// The high half of every digest whose place is a multiple of `stride`.
    index: Vec<u64>,
    stride: usize,
}

impl Run {
    pub(super) fn len(&self) -> usize {
        self.len
    }

    pub(super) fn filter_bytes(&self) -> usize {
        self.filter.as_ref().map_or(0, Filter::bytes)
    }

    /// Goes on without a filter: every look-up reads the file.
    pub(super) fn forget(&mut self) {
        self.filter = None;
    }

    pub(super) fn holds(&mut self, digest: u128) -> io::Result<bool> {
        if self.filter.as_ref().is_some_and(|filter| !filter.nominates(digest)) {
            return Ok(false);
        }
        let high = high(digest);
        // Neighbours may share their high half, so the range is as wide as that half allows.
        let from = self.index.partition_point(|entry| *entry < high).saturating_sub(1);
        let to = self.index.partition_point(|entry| *entry <= high);
        self.search(digest, from * self.stride, (to * self.stride).min(self.len))
    }

    fn search(&mut self, digest: u128, mut from: usize, mut to: usize) -> io::Result<bool> {
        let mut page = [0; PAGE * DIGEST];
        while to.saturating_sub(from) > PAGE {
            let middle = from + (to - from) / 2;
            let found = self.read(middle, page.get_mut(..DIGEST).unwrap_or_default())?;
            match found.first().map_or(Ordering::Equal, |found| u128::from_be_bytes(*found).cmp(&digest)) {
                Ordering::Equal => return Ok(true),
                Ordering::Less => from = middle + 1,
                Ordering::Greater => to = middle,
            }
        }
        let bytes = to.saturating_sub(from) * DIGEST;
        let found = self.read(from, page.get_mut(..bytes).unwrap_or_default())?;
        Ok(found.binary_search(&digest.to_be_bytes()).is_ok())
    }

    /// Reads digests from a place on; as bytes in this order they sort as they do as numbers.
    fn read<'p>(&mut self, from: usize, page: &'p mut [u8]) -> io::Result<&'p [[u8; DIGEST]]> {
        self.file.seek(SeekFrom::Start((from * DIGEST) as u64))?;
        self.file.read_exact(page)?;
        Ok(page.as_chunks().0)
    }

    /// All digests, in order.
    pub(super) fn all(&self) -> io::Result<Digests<'_>> {
        let mut file = &self.file;
        file.seek(SeekFrom::Start(0))?;
        Ok(Digests { file: BufReader::with_capacity(BUFFER, file), left: self.len })
    }
}

fn high(digest: u128) -> u64 {
    u64::try_from(digest >> 64).unwrap_or(u64::MAX)
}

/// See [`Run::all`].
pub(super) struct Digests<'r> {
    file: BufReader<&'r File>,
    left: usize,
}

impl Digests<'_> {
    pub(super) fn next(&mut self) -> io::Result<Option<u128>> {
        if self.left == 0 {
            return Ok(None);
        }
        self.left -= 1;
        let mut bytes = [0; DIGEST];
        self.file.read_exact(&mut bytes)?;
        Ok(Some(u128::from_be_bytes(bytes)))
    }
}

/// A run that is being written.
pub(super) struct Writer {
    file: BufWriter<File>,
    len: usize,
    filter: Option<Filter>,
    index: Vec<u64>,
    stride: usize,
}

impl Writer {
    /// For at most `count` digests, with an index of about `entries`.
    pub(super) fn new(count: usize, filtered: bool, entries: usize) -> io::Result<Self> {
        let stride = count.div_ceil(entries.max(1)).max(PAGE);
        Ok(Self {
            file: BufWriter::with_capacity(BUFFER, tempfile::tempfile()?),
            len: 0,
            filter: filtered.then(|| Filter::new(count)),
            index: Vec::with_capacity(count.div_ceil(stride)),
            stride,
        })
    }

    /// Adds a digest larger than the one before.
    pub(super) fn push(&mut self, digest: u128) -> io::Result<()> {
        if self.len.is_multiple_of(self.stride) {
            self.index.push(high(digest));
        }
        if let Some(filter) = &mut self.filter {
            filter.add(digest);
        }
        self.len += 1;
        self.file.write_all(&digest.to_be_bytes())
    }

    pub(super) fn finish(self) -> io::Result<Run> {
        let file = self.file.into_inner().map_err(io::IntoInnerError::into_error)?;
        Ok(Run { file, len: self.len, filter: self.filter, index: self.index, stride: self.stride })
    }
}
