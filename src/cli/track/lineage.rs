//! Hashes of what a run reads and writes.
//!
//! Inputs are hashed on a thread of their own from the very bytes that are read: a pipe can be read once, and a file may
//! be another one later.

use crate::track::{Dataset, Sums};
use md5::{Digest as _, Md5};
use sha2::Sha256;
use std::fs::File;
use std::io::{self, Read};
use std::path::{Path, PathBuf};
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::JoinHandle;

/// Bytes that are hashed at a time.
const CHUNK: usize = 1 << 18;
/// Chunks that may wait: reading does not run far ahead of hashing.
const WAITING: usize = 16;

/// Hashes inputs once it is turned on. Copies share what they saw.
#[derive(Clone, Default)]
pub(in crate::cli) struct Lineage(Arc<Mutex<Option<Vec<Seen>>>>);

struct Seen {
    path: PathBuf,
    sums: Hashing,
}

/// The hashes of what was read, or of what is being read.
enum Hashing {
    Done(Sums),
    Going(JoinHandle<Sums>),
}

impl Lineage {
    /// Inputs that are opened from now on are hashed.
    pub(super) fn turn_on(&self) {
        *self.seen() = Some(Vec::new());
    }

    /// The bytes of an input, hashed on their way if that is turned on.
    pub(in crate::cli) fn watched(&self, path: &Path, raw: Box<dyn Read + Send>) -> Box<dyn Read + Send> {
        if self.seen().is_none() {
            return raw;
        }
        let (lineage, path) = (self.clone(), path.to_owned());
        Box::new(Watched { raw, lineage, path, chunk: Vec::new(), to: None })
    }

    /// What became known of the inputs. A file that was not read to its end, or not through here, is hashed now.
    pub(super) fn datasets(&self, inputs: &[PathBuf], context: &str) -> Vec<Dataset> {
        let mut seen = self.seen().take().unwrap_or_default();
        let dataset = |path: &PathBuf| {
            let place = seen.iter().position(|seen| seen.path == *path);
            let sums = place.and_then(|place| match seen.swap_remove(place).sums {
                Hashing::Done(sums) => Some(sums),
                Hashing::Going(thread) => thread.join().ok(),
            });
            let file = path.metadata().ok().filter(|file| file.is_file() && path.as_os_str() != "-");
            let length = file.map(|file| file.len());
            let whole = sums.filter(|sums| length.is_none_or(|length| length == sums.bytes));
            let sums = if length.is_some() { whole.or_else(|| of_file(path)) } else { whole };
            Dataset { path: path.display().to_string(), context: context.to_owned(), sums }
        };
        inputs.iter().map(dataset).collect()
    }

    fn note(&self, path: &Path, sums: Hashing) {
        if let Some(seen) = self.seen().as_mut() {
            seen.push(Seen { path: path.to_owned(), sums });
        }
    }

    fn seen(&self) -> std::sync::MutexGuard<'_, Option<Vec<Seen>>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// All inputs are opened before the first is read, so a thread is there from the first whole chunk on, not before.
struct Watched {
    raw: Box<dyn Read + Send>,
    lineage: Lineage,
    path: PathBuf,
    chunk: Vec<u8>,
    to: Option<SyncSender<Vec<u8>>>,
}

impl Read for Watched {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let count = self.raw.read(buffer)?;
        self.chunk.extend_from_slice(buffer.get(..count).unwrap_or_default());
        if self.chunk.len() >= CHUNK {
            let chunk = std::mem::replace(&mut self.chunk, Vec::with_capacity(2 * CHUNK));
            // The other side hears until this one is dropped.
            let _ = self.hasher().send(chunk);
        }
        Ok(count)
    }
}

impl Watched {
    fn hasher(&mut self) -> &SyncSender<Vec<u8>> {
        let Self { lineage, path, to, .. } = self;
        to.get_or_insert_with(|| {
            let (to, from) = sync_channel(WAITING);
            lineage.note(path, Hashing::Going(std::thread::spawn(move || sums_of(&from))));
            to
        })
    }
}

impl Drop for Watched {
    fn drop(&mut self) {
        let chunk = std::mem::take(&mut self.chunk);
        if let Some(to) = &self.to {
            let _ = to.send(chunk);
        } else {
            let mut hashes = Hashes::default();
            hashes.push(&chunk);
            self.lineage.note(&self.path, Hashing::Done(hashes.sums()));
        }
    }
}

/// Both hashes at once.
#[derive(Default)]
struct Hashes {
    sha256: Sha256,
    md5: Md5,
    bytes: u64,
}

impl Hashes {
    fn push(&mut self, bytes: &[u8]) {
        self.sha256.update(bytes);
        self.md5.update(bytes);
        self.bytes += bytes.len() as u64;
    }

    fn sums(self) -> Sums {
        let (sha256, md5) = (self.sha256.finalize(), self.md5.finalize());
        Sums {
            sha256: base16ct::lower::encode_string(&sha256),
            md5: base16ct::lower::encode_string(&md5),
            bytes: self.bytes,
        }
    }
}

fn sums_of(chunks: &Receiver<Vec<u8>>) -> Sums {
    let mut hashes = Hashes::default();
    for chunk in chunks {
        hashes.push(&chunk);
    }
    hashes.sums()
}

/// The hashes of a file; none where it cannot be read.
pub(super) fn of_file(path: &Path) -> Option<Sums> {
    let mut file = File::open(path).ok()?;
    let mut hashes = Hashes::default();
    let mut chunk = vec![0; CHUNK];
    loop {
        match file.read(&mut chunk) {
            Ok(0) => return Some(hashes.sums()),
            Ok(count) => hashes.push(chunk.get(..count).unwrap_or_default()),
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(_) => return None,
        }
    }
}

/// The hashes of several files, each on a thread of its own.
pub(super) fn of_files(paths: &[PathBuf]) -> Vec<Option<Sums>> {
    std::thread::scope(|scope| {
        let running: Vec<_> = paths.iter().map(|path| scope.spawn(|| of_file(path))).collect();
        running.into_iter().map(|thread| thread.join().unwrap_or_default()).collect()
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_hashes_are_of_the_bytes_that_were_read_however_they_came() {
        let folder = tempfile::tempdir().unwrap();
        let bytes: Vec<u8> = (0..3 * CHUNK + 17).map(|at| (at * at % 251).to_le_bytes()[0]).collect();
        let path = folder.path().join("data");
        std::fs::write(&path, &bytes).unwrap();
        let wanted = of_file(&path).unwrap();
        assert_eq!(wanted.bytes, bytes.len() as u64);
        for step in [1 << 12, 100_003, usize::MAX] {
            let lineage = Lineage::default();
            lineage.turn_on();
            let mut watched = lineage.watched(&path, Box::new(File::open(&path).unwrap()));
            let mut buffer = vec![0; step.min(bytes.len())];
            while watched.read(&mut buffer).unwrap() > 0 {}
            drop(watched);
            assert_eq!(lineage.datasets(std::slice::from_ref(&path), "training")[0].sums.as_ref(), Some(&wanted));
        }
        // Left off in the middle, as a decoder does that sees the end of its frame.
        let lineage = Lineage::default();
        lineage.turn_on();
        let mut watched = lineage.watched(&path, Box::new(File::open(&path).unwrap()));
        watched.read_exact(&mut [0; 100]).unwrap();
        drop(watched);
        assert_eq!(lineage.datasets(std::slice::from_ref(&path), "training")[0].sums, Some(wanted));
        std::fs::write(&path, b"abc").unwrap();
        let sums = of_file(&path).unwrap();
        assert_eq!(sums.md5, "900150983cd24fb0d6963f7d28e17f72");
        assert_eq!(sums.sha256, "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
    }

    #[test]
    fn nothing_is_hashed_until_it_is_asked_for() {
        let lineage = Lineage::default();
        let mut watched = lineage.watched(Path::new("-"), Box::new(io::empty()));
        assert_eq!(watched.read(&mut [0; 8]).unwrap(), 0);
        assert_eq!(lineage.datasets(&["-".into()], "training")[0].sums, None);
    }
}
