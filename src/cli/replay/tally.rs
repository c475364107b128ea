//! What became of the lines of a quarantine file.

use super::line::Verdict;
use crate::cli::{progress, table};
use crate::contract::Contract;
use crate::pipeline::Sieve;
use crate::quality::Summary;
use anyhow::{Result, bail};
use serde_json::{Value as Json, json};
use std::cmp::Reverse;
use std::collections::BTreeMap;

/// Lines that are named of each kind.
const NAMED: usize = 10;
/// Kinds of reasons that are told apart: a contract has fewer, a damaged file may have any number.
const MOST_KINDS: usize = 1000;

/// Why a line has no original to judge.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Unopened {
    /// It is no verdict of a rejected record.
    Verdict,
    /// It was written without `--seal`.
    Unsealed,
    /// The reader could not keep the original's bytes.
    Lost,
    /// Another key or contract name sealed it, or it was altered.
    Seal,
}

impl Unopened {
    fn code(self) -> &'static str {
        match self {
            Self::Verdict => "no_verdict",
            Self::Unsealed => "no_seal",
            Self::Lost => "no_original",
            Self::Seal => "seal",
        }
    }

    fn why(self) -> &'static str {
        match self {
            Self::Verdict => "not the verdict of a rejected record",
            Self::Unsealed => "no sealed original, as without --seal",
            Self::Lost => "the original was too long, or no row of its CSV, and was not kept",
            Self::Seal => "the seal does not open: another key or contract name sealed it, or the line was altered",
        }
    }
}

#[derive(Default)]
struct Lines {
    count: u64,
    first: Vec<(String, u64)>,
}

/// Counts of a replay.
#[derive(Default)]
pub(super) struct Tally {
    /// Records that were judged again.
    opened: u64,
    rescued: u64,
    /// By path and code of what had rejected them.
    reasons: BTreeMap<(String, String), u64>,
    unopened: BTreeMap<Unopened, Lines>,
}

impl Tally {
    pub(super) fn unopened(&mut self, why: Unopened, file: &str, line: u64) {
        let lines = self.unopened.entry(why).or_default();
        lines.count += 1;
        if lines.first.len() < NAMED {
            lines.first.push((file.to_owned(), line));
        }
    }

    pub(super) fn rejected(&mut self) {
        self.opened += 1;
    }

    pub(super) fn rescued(&mut self, old: &Verdict<'_>) {
        self.opened += 1;
        self.rescued += 1;
        for (path, code) in &old.reasons {
            let kind = (pattern(path), code.chars().filter(|letter| !letter.is_control()).take(100).collect());
            if self.reasons.len() < MOST_KINDS || self.reasons.contains_key(&kind) {
                *self.reasons.entry(kind).or_default() += 1;
            }
        }
    }

    fn count(&self, why: Unopened) -> u64 {
        self.unopened.get(&why).map_or(0, |lines| lines.count)
    }

    fn all_unopened(&self) -> u64 {
        self.unopened.values().map(|lines| lines.count).sum()
    }

    /// Fails where there was nothing to replay: the key or the file must be another one.
    pub(super) fn check(&self, sieve: &Sieve) -> Result<()> {
        // An original that was lost proves that the file is a sealed one.
        if self.opened > 0 || self.count(Unopened::Lost) > 0 {
            return Ok(());
        }
        let most = self.unopened.iter().max_by_key(|(_, lines)| lines.count);
        match most.map(|(why, _)| *why) {
            None | Some(Unopened::Lost) => Ok(()),
            Some(Unopened::Verdict) => {
                bail!("no line is the verdict of a rejected record: replay reads rejected.ndjson")
            }
            Some(Unopened::Unsealed) => bail!("no line has a sealed original: write rejected.ndjson with --seal"),
            Some(Unopened::Seal) => bail!(
                "no seal opens under this key and the contract name {}: another key or contract sealed them, or they were altered",
                sieve.contract().name()
            ),
        }
    }

    /// Says on stderr which lines stay as they are, and why.
    pub(super) fn say(&self) {
        for (why, lines) in &self.unopened {
            let named: Vec<String> = lines.first.iter().map(|(file, line)| format!("{file}:{line}")).collect();
            let more = if lines.count > named.len() as u64 { ", ..." } else { "" };
            let s = if lines.count == 1 { " stays as it is" } else { "s stay as they are" };
            progress::say(&format!("tamis: {} line{s} ({}): {}{more}", lines.count, why.why(), named.join(", ")));
        }
    }

    /// A table for people.
    pub(super) fn table(&self, summary: &Summary, contract: &Contract) -> String {
        let mut out = String::new();
        let lines = self.opened + self.all_unopened();
        table::line(&mut out, "quarantined", lines, None);
        table::line(&mut out, "rescued, which had been rejected by", self.rescued, Some(lines));
        table::kinds(&mut out, &self.kinds());
        table::line(&mut out, "still rejected, by", self.opened - self.rescued, Some(lines));
        table::kinds(&mut out, &summary.violations(contract));
        if self.all_unopened() > 0 {
            table::line(&mut out, "not opened", self.all_unopened(), Some(lines));
            let unopened: Vec<_> =
                self.unopened.iter().map(|(why, lines)| (String::new(), why.code().to_owned(), lines.count)).collect();
            table::kinds(&mut out, &unopened);
        }
        out
    }

    /// The reasons of the rescued, the most frequent first.
    fn kinds(&self) -> Vec<(String, String, u64)> {
        let kinds = self.reasons.iter().map(|((path, code), count)| (path.clone(), code.clone(), *count));
        let mut kinds: Vec<_> = kinds.collect();
        kinds.sort_by_key(|(_, _, count)| Reverse(*count));
        kinds
    }

    pub(super) fn json(&self) -> Json {
        let kinds: Vec<_> = self
            .kinds()
            .into_iter()
            .map(|(path, code, count)| json!({ "path": path, "code": code, "count": count }))
            .collect();
        let unopened: Vec<_> = self
            .unopened
            .iter()
            .map(|(why, lines)| {
                let first: Vec<_> =
                    lines.first.iter().map(|(file, line)| json!({ "file": file, "line": line })).collect();
                json!({ "code": why.code(), "message": why.why(), "count": lines.count, "first": first })
            })
            .collect();
        json!({
            "lines": self.opened + self.all_unopened(),
            "rescued": self.rescued,
            "rescued_from": kinds,
            "rejected": self.opened - self.rescued,
            "unopened": unopened,
        })
    }
}

/// A path with `*` for positions in lists, as contracts have it.
fn pattern(path: &str) -> String {
    let part = |part: &str| {
        let is_position = !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_digit());
        if is_position {
            "*".to_owned()
        } else {
            part.chars().filter(|letter| !letter.is_control()).take(100).collect()
        }
    };
    path.split('/').map(part).collect::<Vec<String>>().join("/")
}
