//! The verdicts that a report shows: the oddest records, and a few of every way to be rejected.

use crate::verdict::Status;
use serde::Deserialize;
use serde_json::Value as Json;
use std::borrow::Cow;
use std::cmp::Ordering;
use std::collections::{BTreeMap, BinaryHeap};

/// Flagged verdicts that are kept.
const FLAGGED: usize = 100;
/// Rejected verdicts that are kept, of each kind of violation and in all.
const REJECTED_OF_A_KIND: u8 = 3;
const REJECTED: usize = 50;

/// Collects verdicts worth showing, in bounded memory.
#[derive(Clone, Debug, Default)]
pub struct Examples {
    /// The least odd of those kept is on top, the first to go.
    flagged: BinaryHeap<Flagged>,
    rejected: Vec<Vec<u8>>,
    kinds: BTreeMap<(String, String), u8>,
    seen: u64,
}

/// A flagged verdict. The lowest decision is the oddest; of equals the earlier one counts as odder.
#[derive(Clone, Debug)]
struct Flagged {
    decision: f64,
    place: u64,
    line: Vec<u8>,
}

/// As much of a verdict as its kind takes.
#[derive(Deserialize)]
struct Rejected<'v> {
    #[serde(borrow)]
    violations: Vec<Kind<'v>>,
}

#[derive(Deserialize)]
struct Kind<'v> {
    #[serde(borrow)]
    path: Cow<'v, str>,
    #[serde(borrow)]
    code: Cow<'v, str>,
}

impl Examples {
    /// Takes note of a verdict, in the order of the input; `line` is its NDJSON.
    pub fn see(&mut self, status: Status, decision: Option<f64>, line: &[u8]) {
        self.seen += 1;
        match (status, decision) {
            (Status::Accepted, Some(decision)) if decision < 0.0 => self.see_flagged(decision, line),
            (Status::Rejected, _) => self.see_rejected(line),
            _ => {}
        }
    }

    /// Adds what a later part of the input showed. Parts that are cut at the same places give the same examples.
    pub fn merge(&mut self, later: Self) {
        for Flagged { decision, place, line } in later.flagged {
            self.keep(Flagged { decision, place: self.seen + place, line });
        }
        for line in later.rejected {
            self.see_rejected(&line);
        }
        self.seen += later.seen;
    }

    fn see_flagged(&mut self, decision: f64, line: &[u8]) {
        // Most flagged records of a long input are not among the oddest: those are not even copied.
        let full = self.flagged.len() == FLAGGED;
        if !full || self.flagged.peek().is_some_and(|least| decision < least.decision) {
            self.keep(Flagged { decision, place: self.seen, line: line.to_vec() });
        }
    }

    fn keep(&mut self, flagged: Flagged) {
        self.flagged.push(flagged);
        if self.flagged.len() > FLAGGED {
            self.flagged.pop();
        }
    }

    fn see_rejected(&mut self, line: &[u8]) {
        if self.rejected.len() == REJECTED {
            return;
        }
        let Ok(verdict) = serde_json::from_slice::<Rejected<'_>>(line) else {
            return;
        };
        let mut wanted = false;
        for Kind { path, code } in verdict.violations {
            let kept = self.kinds.entry((path.into_owned(), code.into_owned())).or_default();
            if *kept < REJECTED_OF_A_KIND {
                *kept += 1;
                wanted = true;
            }
        }
        if wanted {
            self.rejected.push(line.to_vec());
        }
    }

    /// The flagged verdicts as NDJSON lines, the oddest first: a hundred at most.
    #[must_use]
    pub fn flagged_lines(&self) -> Vec<&[u8]> {
        let oddest: BinaryHeap<&Flagged> = self.flagged.iter().collect();
        oddest.into_sorted_vec().into_iter().map(|flagged| flagged.line.as_slice()).collect()
    }

    /// Rejected verdicts as NDJSON lines, in the order of the input: a few of each kind of violation, fifty at most.
    #[must_use]
    pub fn rejected_lines(&self) -> Vec<&[u8]> {
        self.rejected.iter().map(Vec::as_slice).collect()
    }

    /// [`flagged_lines`](Self::flagged_lines), parsed.
    #[must_use]
    pub fn flagged(&self) -> Vec<Json> {
        parsed(&self.flagged_lines())
    }

    /// [`rejected_lines`](Self::rejected_lines), parsed.
    #[must_use]
    pub fn rejected(&self) -> Vec<Json> {
        parsed(&self.rejected_lines())
    }
}

fn parsed(lines: &[&[u8]]) -> Vec<Json> {
    lines.iter().filter_map(|line| serde_json::from_slice(line).ok()).collect()
}

impl Ord for Flagged {
    fn cmp(&self, other: &Self) -> Ordering {
        self.decision.total_cmp(&other.decision).then(self.place.cmp(&other.place))
    }
}

impl PartialOrd for Flagged {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl PartialEq for Flagged {
    fn eq(&self, other: &Self) -> bool {
        self.cmp(other) == Ordering::Equal
    }
}

impl Eq for Flagged {}

#[cfg(test)]
mod tests {
    use super::Examples;
    use crate::verdict::Status;

    #[test]
    fn keeps_the_oddest() {
        let mut parts = [Examples::default(), Examples::default()];
        for line in 0..1000_u32 {
            // Every decision comes twice; from 0 on nothing is flagged.
            let decision = f64::from(line * 7 % 500) / 1000.0 - 0.3;
            parts[usize::from(line >= 300)].see(Status::Accepted, Some(decision), line.to_string().as_bytes());
        }
        let [mut examples, later] = parts;
        examples.merge(later);
        let mut wanted: Vec<u32> = (0..1000).filter(|line| line * 7 % 500 < 300).collect();
        wanted.sort_by_key(|line| (line * 7 % 500, *line));
        let wanted: Vec<String> = wanted.iter().take(100).map(ToString::to_string).collect();
        assert_eq!(examples.flagged_lines(), wanted.iter().map(String::as_bytes).collect::<Vec<_>>());
    }

    #[test]
    fn keeps_some_of_every_kind() {
        let mut examples = Examples::default();
        let mut see = |path: &str| {
            let line = format!(r#"{{"violations":[{{"path":"{path}","code":"type","message":"\n"}}]}}"#);
            examples.see(Status::Rejected, None, line.as_bytes());
        };
        (0..1000).for_each(|_| see("/often"));
        see("/once");
        assert_eq!(examples.rejected().len(), 4);
        assert_eq!(examples.rejected()[3]["violations"][0]["path"], "/once");
        let mut see = |path: &str| {
            let line = format!(r#"{{"violations":[{{"path":"{path}","code":"type"}}]}}"#);
            examples.see(Status::Rejected, None, line.as_bytes());
        };
        (0..1000).for_each(|item| see(&format!("/tags/{item}")));
        assert_eq!(examples.rejected().len(), 50);
    }
}
