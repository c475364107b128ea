//! Ctrl-C: the work stops between two blocks, and no file is left half written under its final name.

use anyhow::{Context, Result, bail};
use std::path::PathBuf;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

static STOP: AtomicBool = AtomicBool::new(false);

/// Files being written beside their final names.
static UNFINISHED: Mutex<Vec<PathBuf>> = Mutex::new(Vec::new());

/// How long the work may take to stop by itself. It cannot while it waits for input that does not come.
const GRACE: Duration = Duration::from_secs(1);

/// Whether what is begun is finished first, however long that takes; a second signal ends it at once.
static PATIENT: AtomicBool = AtomicBool::new(false);

/// Has the first signal end the work after the step that is begun.
pub(super) fn be_patient() {
    PATIENT.store(true, Ordering::Relaxed);
}

/// Forgets the temporary files that are finished by now.
pub(super) fn forget() {
    UNFINISHED.lock().unwrap_or_else(PoisonError::into_inner).retain(|path| path.exists());
}

/// Listens for SIGINT, SIGTERM and SIGHUP.
pub(super) fn listen() -> Result<()> {
    let stop = || {
        if STOP.swap(true, Ordering::Relaxed) {
            leave();
        }
        if PATIENT.load(Ordering::Relaxed) {
            return;
        }
        std::thread::spawn(|| {
            std::thread::sleep(GRACE);
            leave();
        });
    };
    ctrlc::set_handler(stop).context("cannot listen for Ctrl-C")
}

/// Ends the process at once, without the files that are not finished.
fn leave() -> ! {
    for path in UNFINISHED.lock().unwrap_or_else(PoisonError::into_inner).iter() {
        // It may be finished or gone already.
        let _ = std::fs::remove_file(path);
    }
    super::progress::say(&format!("\ntamis: {}", interrupted()));
    std::process::exit(130);
}

/// Whether the results are in their places.
static WRITTEN: AtomicBool = AtomicBool::new(false);

/// From here on an interruption leaves the results where they are.
pub(super) fn written() {
    WRITTEN.store(true, Ordering::Relaxed);
}

fn interrupted() -> &'static str {
    if WRITTEN.load(Ordering::Relaxed) {
        "interrupted; the results are written"
    } else {
        "interrupted; no file was written"
    }
}

/// Has a temporary file removed if the process must end at once.
pub(super) fn guard(path: PathBuf) {
    UNFINISHED.lock().unwrap_or_else(PoisonError::into_inner).push(path);
}

pub(super) fn requested() -> bool {
    STOP.load(Ordering::Relaxed)
}

/// Fails when the user asked to stop.
pub(super) fn check() -> Result<()> {
    if requested() && !PATIENT.load(Ordering::Relaxed) {
        bail!(interrupted());
    }
    Ok(())
}
