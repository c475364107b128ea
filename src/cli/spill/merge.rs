//! Several runs -> one.

use super::run::{Digests, Run, Writer};
use std::io;

/// Writes the digests of all runs in order, each once.
pub(super) fn merge(runs: &[Run], out: &mut Writer) -> io::Result<()> {
    let mut heads: Vec<(u128, Digests<'_>)> = Vec::with_capacity(runs.len());
    for run in runs {
        let mut digests = run.all()?;
        if let Some(first) = digests.next()? {
            heads.push((first, digests));
        }
    }
    let mut last = None;
    while let Some(least) = (0..heads.len()).min_by_key(|at| heads.get(*at).map(|(head, _)| *head)) {
        let Some((head, digests)) = heads.get_mut(least) else {
            break;
        };
        if last != Some(*head) {
            out.push(*head)?;
            last = Some(*head);
        }
        match digests.next()? {
            Some(next) => *head = next,
            None => drop(heads.swap_remove(least)),
        }
    }
    Ok(())
}
