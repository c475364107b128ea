//! `tamis report`: the data-quality review as one HTML file.

use super::args::ReportArgs;
use super::output::Files;
use super::{End, batch, model, setup};
use crate::quality::report;
use crate::score::Score;
use crate::verdict::{Explain, Status};
use anyhow::Result;
use serde_json::Value as Json;
use std::collections::BinaryHeap;

/// Verdicts that a report shows: the oddest flagged ones, and the first rejected ones.
#[derive(Default)]
pub(super) struct Shown {
    flagged: BinaryHeap<Flagged>,
    rejected: Vec<Json>,
}

impl Shown {
    const FLAGGED: usize = 50;
    const REJECTED: usize = 20;

    /// Takes a finished verdict.
    pub(super) fn see(&mut self, was_accepted: bool, score: Option<Score>, line: &[u8]) {
        if !was_accepted && self.rejected.len() < Self::REJECTED {
            self.rejected.extend(serde_json::from_slice::<Json>(line));
        }
        if let Some(score) = score.filter(|score| score.flagged) {
            let least_odd = self.flagged.peek().map(|flagged| flagged.decision);
            if self.flagged.len() < Self::FLAGGED || least_odd.is_some_and(|least| score.decision < least) {
                self.flagged.push(Flagged { decision: score.decision, line: line.to_vec() });
                if self.flagged.len() > Self::FLAGGED {
                    self.flagged.pop();
                }
            }
        }
    }

    /// The report over these verdicts and a summary.
    pub(super) fn html(self, summary: &Json) -> String {
        let flagged: Vec<Json> = self
            .flagged
            .into_sorted_vec()
            .iter()
            .filter_map(|flagged| serde_json::from_slice(&flagged.line).ok())
            .collect();
        report::html(summary, &flagged, &self.rejected)
    }

    fn merge(&mut self, other: Self) {
        self.rejected.extend(other.rejected);
        self.rejected.truncate(Self::REJECTED);
        self.flagged.extend(other.flagged);
        while self.flagged.len() > Self::FLAGGED {
            self.flagged.pop();
        }
    }
}

/// Ordered so that the heap's top is the least odd.
struct Flagged {
    decision: f64,
    line: Vec<u8>,
}

impl Ord for Flagged {
    fn cmp(&self, other: &Self) -> std::cmp::Ordering {
        self.decision.total_cmp(&other.decision).then_with(|| self.line.cmp(&other.line))
    }
}

impl PartialOrd for Flagged {
    fn partial_cmp(&self, other: &Self) -> Option<std::cmp::Ordering> {
        Some(self.cmp(other))
    }
}

impl PartialEq for Flagged {
    fn eq(&self, other: &Self) -> bool {
        self.cmp(other).is_eq()
    }
}

impl Eq for Flagged {}

pub(super) fn report(args: &ReportArgs) -> Result<End> {
    let (sieve, pool) = setup::sieve(&args.records)?;
    let sieve = match (&args.model, &args.records.contract) {
        // Without a model that fits there is still all that validation says.
        (None, Some(_)) => sieve,
        (path, _) => model::attach(sieve, path.as_deref())?,
    };
    let (mut files, page) = Files::one(&args.out)?;
    let mut shown = Shown::default();
    let summary = batch::run(
        &args.records,
        &sieve,
        &pool,
        "reading",
        |examined, source, part: &mut batch::Part<Shown>| {
            let mut line = Vec::new();
            let (status, score) = sieve.conclude(examined, source, Explain::default(), &mut part.summary, &mut line);
            part.made.see(status == Status::Accepted, score, &line);
        },
        |part| {
            shown.merge(part);
            Ok(())
        },
    )?;
    let json = summary.json(sieve.contract(), sieve.model_name(), None);
    files.write(page, shown.html(&json).as_bytes())?;
    files.finish()?;
    super::progress::say(&format!("tamis: the report is in {}", args.out.display()));
    Ok(End::Done)
}
