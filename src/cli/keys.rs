//! `tamis key`: makes, rotates and lists masking keys, and carries tokens over to a new one.
//!
//! A key stands in its file alone: no argument, message or log ever holds one, only its id.

use super::args::{KeyArgs, KeyCommand, KeyRecords, Records};
use super::batch::{self, Block};
use super::output::{self, Sink};
use super::progress::say;
use super::reveal::Turned;
use super::{End, input, key, progress, setup};
use crate::mask::{Key, KeyRing, TokenPair};
use crate::pipeline::{BatchId, Desk, Sieve};
use anyhow::{Context, Result, bail};
use serde_json::json;
use std::io::{IsTerminal, Write};
use std::path::Path;
use zeroize::Zeroizing;

pub(super) fn key(args: &KeyArgs) -> Result<End> {
    match &args.command {
        KeyCommand::New { out } => new(out.as_deref()),
        KeyCommand::Rotate { file } => rotate(file),
        KeyCommand::List { key_file, json } => list(key_file.as_deref(), *json),
        KeyCommand::Link(args) => link(args),
        KeyCommand::Renew(args) => renew(args),
    }
}

fn new(out: Option<&Path>) -> Result<End> {
    let key = key::fresh()?;
    match out {
        Some(path) if path.as_os_str() != "-" => {
            write(path, &ring_text(&KeyRing::from(&key)), false)?;
            say(&format!("tamis: key {} is in {}; who has it can recompute every token", key.id(), path.display()));
        }
        _ if std::io::stdout().is_terminal() => {
            bail!(
                "the key would stand on the screen: name a file with --out, or send the output to the place that keeps secrets"
            );
        }
        _ => {
            let line = Zeroizing::new(format!("{}\n", key.to_hex().as_str()));
            output::print(&line)?;
        }
    }
    Ok(End::Done)
}

/// Puts a new key in front of those of a file.
fn rotate(file: &Path) -> Result<End> {
    let ring = key::read(file)?;
    let old = ring.in_force().id();
    let ring = ring.rotate(key::fresh()?).context("the new key has the id of an older one, by chance: try again")?;
    write(file, &ring_text(&ring), true)?;
    say(&format!(
        "tamis: key {} is in force in {}; {old} only reads from now on. `tamis key renew` carries reversible tokens over, \
         `tamis key link` says which pseudonyms are the same",
        ring.in_force().id(),
        file.display()
    ));
    Ok(End::Done)
}

/// The file of a ring, which [`KeyRing::parse`] reads.
fn ring_text(ring: &KeyRing) -> Zeroizing<String> {
    let mut text = Zeroizing::new(String::from(
        "# Masking keys of Tamis, the one in force first. Keep this file apart from masked data.\n",
    ));
    // Room for all of it, so that no copy of a key is left behind where the text moves.
    text.reserve(100 * ring.ids().len());
    for key in ring.keys() {
        text.push_str(&key.to_hex());
        text.push_str("  # ");
        text.push_str(&key.id());
        text.push('\n');
    }
    text
}

/// Writes a file that only its owner reads, whole or not at all; another one is replaced only where that is meant.
pub(super) fn write(path: &Path, text: &str, replace: bool) -> Result<()> {
    let cannot = || format!("cannot write {}", path.display());
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    let mut file =
        tempfile::Builder::new().prefix(".tamis-").suffix(".tmp").tempfile_in(folder).with_context(cannot)?;
    file.write_all(text.as_bytes()).and_then(|()| file.as_file().sync_all()).with_context(cannot)?;
    if replace {
        file.persist(path).map_err(|error| error.error).with_context(cannot)?;
    } else {
        let kept = file.persist_noclobber(path).map_err(|error| error.error);
        kept.with_context(|| {
            format!("{} is there already: a lost key cannot be had again, so it is not overwritten", path.display())
        })?;
    }
    Ok(())
}

fn list(file: Option<&Path>, as_json: bool) -> Result<End> {
    let ring = key::needed(file, "key list")?;
    let ids = ring.ids();
    if as_json {
        output::print(&format!("{:#}\n", json!({ "in_force": ids.first(), "reading": ids.get(1..) })))?;
    } else {
        let line = |(place, id): (usize, &String)| format!("{id}  {}\n", if place == 0 { "in force" } else { "reads" });
        output::print(&ids.iter().enumerate().map(line).collect::<String>())?;
    }
    Ok(End::Done)
}

/// Says for raw records which tokens of older keys are which of the key in force.
fn link(args: &KeyRecords) -> Result<End> {
    let ring = key::needed(args.records.key_file.as_deref(), "key link")?;
    let keys: Vec<&Key> = ring.keys().collect();
    let [_, older @ ..] = keys.as_slice() else { bail!("the key ring is empty") };
    if older.is_empty() {
        bail!(
            "the key file holds one key, so there is nothing to link: `tamis key rotate` puts a new one in front of it"
        );
    }
    let (new, _) = setup::sieve_under(&args.records, Some(&ring))?;
    let old = older.iter().map(|key| Ok(Sieve::new(setup::contract(args.records.contract.as_deref())?, *key)));
    let mut linking = Linking {
        new,
        old: old.collect::<Result<_>>()?,
        batch: None,
        name: args.records.batch_id.clone(),
        sink: Sink::new(args.out.as_deref())?,
        pairs: 0,
    };
    each(&args.records, "linking", |_, block| linking.block(block))?;
    let Linking { sink, pairs, .. } = linking;
    sink.finish()?;
    say(&format!("tamis: {pairs} pairs of tokens; a value that comes twice gives its pair twice"));
    Ok(End::Done)
}

struct Linking {
    new: Sieve,
    old: Vec<Sieve>,
    /// The batch under the key in force and under each of the older ones.
    batch: Option<Vec<BatchId>>,
    name: Option<String>,
    sink: Sink,
    pairs: u64,
}

impl Linking {
    fn block(&mut self, block: &Block) -> Result<()> {
        for frame in block.frames().filter(|frame| frame.fault.is_none()) {
            let (name, first) = (self.name.as_deref(), frame.bytes);
            let of = |sieve: &Sieve| name.map_or_else(|| sieve.batch_beginning(first), |name| sieve.batch_named(name));
            let sieves = || std::iter::once(&self.new).chain(&self.old);
            let batches = self.batch.get_or_insert_with(|| sieves().map(of).collect());
            let masked: Vec<_> = sieves()
                .zip(batches.iter())
                .map(|(sieve, batch)| {
                    let mut desk = Desk::default();
                    desk.enter(*batch);
                    sieve.examine(frame, &mut desk)
                })
                .collect();
            let Some((new, old)) = masked.split_first() else { continue };
            for old in old {
                for TokenPair { path, old, new } in old.token_pairs(new) {
                    self.pairs += 1;
                    self.sink.line(&json!({ "path": path, "old": old, "new": new }).to_string())?;
                }
            }
        }
        Ok(())
    }
}

/// Issues reversible tokens anew under the key in force.
fn renew(args: &KeyRecords) -> Result<End> {
    let ring = key::needed(args.records.key_file.as_deref(), "key renew")?;
    let (sieve, _) = setup::sieve_under(&args.records, Some(&ring))?;
    let reveal = crate::mask::Reveal::new(&sieve);
    let mut turned = Turned::new(args.out.as_deref())?;
    each(&args.records, "renewing", |name, block| {
        turned.block(name, block, |bytes, found| reveal.renew(bytes, found).map(Zeroizing::new))
    })?;
    turned.finish("renewed", &sieve)
}

/// Reads all inputs block by block, with the name of each.
pub(super) fn each(
    records: &Records,
    doing: &'static str,
    mut done: impl FnMut(&str, &Block) -> Result<()>,
) -> Result<()> {
    let bar = progress::bar(input::length(&records.inputs), doing);
    for input in input::open(records, &bar)? {
        let name = input.name.clone();
        batch::stream(input, super::reveal::LIMITS, &mut |block| done(&name, block))?;
    }
    bar.finish_and_clear();
    Ok(())
}
