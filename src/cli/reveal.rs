//! `tamis reveal`: turns what can be turned back of masked records, with the key.

use super::args::RevealArgs;
use super::batch::Block;
use super::output::Sink;
use super::progress::say;
use super::{End, key, keys, setup};
use crate::mask::{Found, Reveal};
use crate::pipeline::Sieve;
use crate::record::{Limits, Malformed};
use anyhow::{Context, Result};
use std::path::Path;
use zeroize::Zeroizing;

/// What a line of masked records may cost: tokens are longer than what they stand for.
pub(super) const LIMITS: Limits = Limits { bytes: 64 << 20, depth: 128, values: 1_000_000 };

pub(super) fn reveal(args: &RevealArgs) -> Result<End> {
    let ring = key::needed(args.records.key_file.as_deref(), "reveal")?;
    let (sieve, _) = setup::sieve_under(&args.records, Some(&ring))?;
    let mut reveal = Reveal::new(&sieve);
    if let Some(id) = &args.shape_key {
        reveal = reveal.with_shaping_key(id).with_context(|| {
            format!("--shape-key {id}: the key file holds {}, and no other", sieve.key_ids().join(", "))
        })?;
    }
    let mut turned = Turned::new(args.out.as_deref())?;
    keys::each(&args.records, "revealing", |name, block| {
        turned.block(name, block, |bytes, found| reveal.reveal(bytes, found))
    })?;
    turned.finish("revealed", &sieve)
}

/// Masked records on their way through the keys.
pub(super) struct Turned {
    sink: Sink,
    found: Found,
}

impl Turned {
    pub(super) fn new(out: Option<&Path>) -> Result<Self> {
        Ok(Self { sink: Sink::new(out)?, found: Found::default() })
    }

    /// Turns each record of a block. A line that is no record ends it: what is left out would be lost without a word.
    pub(super) fn block(
        &mut self,
        name: &str,
        block: &Block,
        turn: impl Fn(&[u8], &mut Found) -> Result<Zeroizing<Vec<u8>>, Malformed>,
    ) -> Result<()> {
        for frame in block.frames() {
            let turned = match frame.fault {
                Some(fault) => Err(fault),
                None => turn(frame.bytes, &mut self.found),
            };
            let mut line = turned.with_context(|| format!("{name}, line {}", frame.line))?;
            line.push(b'\n');
            self.sink.write(&line)?;
        }
        Ok(())
    }

    /// Says what was found. Tokens that no key opens are a "no": the caller asked for all of them.
    pub(super) fn finish(self, done: &str, sieve: &Sieve) -> Result<End> {
        self.sink.finish()?;
        let Found { tokens, shaped, pseudonyms, unopened } = self.found;
        let shaped = if shaped > 0 { format!(" and {shaped} values that kept their shape") } else { String::new() };
        say(&format!("tamis: {tokens} reversible tokens{shaped} {done}"));
        for (id, count) in &pseudonyms {
            say(&format!(
                "tamis: {count} pseudonyms of key {id} stay: nobody can turn them back, `tamis key link` finds their equals"
            ));
        }
        for (id, count) in &unopened {
            if sieve.key_ids().contains(id) {
                say(&format!("tamis: {count} tokens of key {id} are of no field of this contract, or were altered"));
            } else {
                say(&format!("tamis: {count} tokens are of key {id}, which the key file does not hold"));
            }
        }
        Ok(if unopened.is_empty() { End::Done } else { End::Refused })
    }
}
