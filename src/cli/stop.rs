//! Ctrl-C: the work stops between two blocks, and no file is left half written under its final name.

use anyhow::{Context, Result, bail};
use std::sync::atomic::{AtomicBool, Ordering};

static STOP: AtomicBool = AtomicBool::new(false);

/// Listens for SIGINT, SIGTERM and SIGHUP.
pub(super) fn listen() -> Result<()> {
    ctrlc::set_handler(|| STOP.store(true, Ordering::Relaxed)).context("cannot listen for Ctrl-C")
}

pub(super) fn requested() -> bool {
    STOP.load(Ordering::Relaxed)
}

/// Fails when the user asked to stop.
pub(super) fn check() -> Result<()> {
    if requested() {
        bail!("interrupted; no file was written");
    }
    Ok(())
}
