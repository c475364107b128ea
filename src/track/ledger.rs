//! The local record: one line a run, and one for each time that a run was sent to a server.

use super::moment;
use super::run::RunLog;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// A line of the record.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "format")]
pub(crate) enum Entry {
    /// A run.
    #[serde(rename = "tamis.run/1")]
    Run(RunLog),
    /// That a run was sent.
    #[serde(rename = "tamis.sent/1")]
    Sent(Sent),
}

/// That a run was sent to a server, whole.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Sent {
    /// The run's id here.
    pub(crate) id: String,
    /// When, in milliseconds since 1970.
    #[serde(with = "moment")]
    pub(crate) at: u64,
    /// The server's address, without what lets one in.
    pub(crate) server: String,
    /// The run's id there.
    pub(crate) run_id: String,
    /// The version of the registered model, if it was registered.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) version: Option<String>,
}

impl Entry {
    /// The line, with its end.
    ///
    /// # Errors
    /// None in practice: no member can fail to be written.
    pub(crate) fn line(&self) -> serde_json::Result<String> {
        Ok(serde_json::to_string(self)? + "\n")
    }
}

/// All that a record holds.
#[derive(Debug, Default)]
pub(crate) struct Ledger {
    /// The runs, in the order of their lines.
    pub(crate) runs: Vec<RunLog>,
    /// The last sending of each run.
    pub(crate) sent: BTreeMap<String, Sent>,
    /// Numbers of the lines that are none of ours, such as one that was cut short.
    pub(crate) unreadable: Vec<usize>,
    /// Numbers of the lines that a newer version wrote.
    pub(crate) newer: Vec<usize>,
}

impl Ledger {
    /// Reads a record. What cannot be read is noted and left out: a line may have been cut short by a crash.
    pub(crate) fn read(bytes: &[u8]) -> Self {
        #[derive(Deserialize)]
        struct Format {
            format: String,
        }
        let mut ledger = Self::default();
        for (number, line) in (1..).zip(bytes.split(|byte| *byte == b'\n')) {
            if line.iter().all(u8::is_ascii_whitespace) {
                continue;
            }
            match serde_json::from_slice(line) {
                Ok(Entry::Run(run)) => ledger.runs.push(run),
                Ok(Entry::Sent(sent)) => {
                    ledger.sent.insert(sent.id.clone(), sent);
                }
                Err(_) => {
                    let format = serde_json::from_slice::<Format>(line).map(|line| line.format).unwrap_or_default();
                    let ours = ["tamis.run/", "tamis.sent/"].iter().find_map(|ours| format.strip_prefix(ours));
                    let newer = ours.and_then(|version| version.parse().ok()).is_some_and(|version: u64| version > 1);
                    (if newer { &mut ledger.newer } else { &mut ledger.unreadable }).push(number);
                }
            }
        }
        ledger
    }

    /// The one run of an id, of its beginning or its end in any letter case, or `last`.
    ///
    /// # Errors
    /// When there is none, or several.
    pub(crate) fn find(&self, wanted: &str) -> Result<&RunLog, Ambiguity> {
        if wanted.eq_ignore_ascii_case("last") {
            return self.runs.last().ok_or(Ambiguity::None);
        }
        let upper = wanted.to_ascii_uppercase();
        let fits = |run: &&RunLog| !upper.is_empty() && (run.id.starts_with(&upper) || run.id.ends_with(&upper));
        let mut found = self.runs.iter().filter(fits);
        match (found.next(), found.next()) {
            (Some(run), None) => Ok(run),
            (None, _) => Err(Ambiguity::None),
            (Some(_), Some(_)) => Err(Ambiguity::Several),
        }
    }
}

/// Why an id names no run.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Ambiguity {
    /// No run has it.
    None,
    /// Several do.
    Several,
}

impl std::fmt::Display for Ambiguity {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Self::None => "no run has this id: `tamis runs list` shows them",
            Self::Several => "several runs have an id like this: give more of it",
        })
    }
}

impl std::error::Error for Ambiguity {}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::track::run::{Artifact, Dataset, Kind, Register, Sums};

    fn run(at: u64) -> RunLog {
        let mut run = RunLog::new("train", "orders", at, [7; 10]);
        run.param("trees", 100);
        run.metric("auroc", 0.123_456_789_012_345_67);
        run.tag("t", "\"\n\u{2028}ü");
        let sums = Sums { sha256: "ab".repeat(32), md5: "cd".repeat(16), bytes: 5 };
        run.datasets.push(Dataset { path: "-".into(), context: "training".into(), sums: None });
        run.datasets.push(Dataset { path: "a".into(), context: "training".into(), sums: Some(sums.clone()) });
        run.artifacts.push(Artifact { kind: Kind::Model, path: "m.onnx".into(), sums: Some(sums) });
        run.register = Some(Register { name: "orders".into(), alias: None });
        run
    }

    #[test]
    fn a_record_is_read_as_it_was_written_however_it_was_cut() {
        let runs = [run(1), run(1_790_000_000_123), run(1_790_000_000_124)];
        let sent = Sent { id: runs[1].id.clone(), at: 9, server: "http://h".into(), run_id: "r".into(), version: None };
        let mut text: String = runs.iter().map(|run| Entry::Run(run.clone()).line().unwrap()).collect();
        text += &Entry::Sent(sent.clone()).line().unwrap();
        assert_eq!(text.lines().count(), 4);
        let ledger = Ledger::read(text.as_bytes());
        assert_eq!((ledger.runs.as_slice(), ledger.unreadable.len()), (runs.as_slice(), 0));
        assert_eq!(ledger.sent.get(&runs[1].id), Some(&sent));
        for cut in 0..text.len() {
            let whole = text.as_bytes()[..cut].split(|byte| *byte == b'\n').count() - 1;
            // A writer that comes after the crash ends the line that was cut.
            let mended = [&text.as_bytes()[..cut], b"\n", Entry::Run(run(5)).line().unwrap().as_bytes()].concat();
            let ledger = Ledger::read(&mended);
            assert!(ledger.runs.starts_with(&runs[..whole.min(3)]), "cut at {cut}");
            assert_eq!(ledger.runs.last(), Some(&run(5)));
            assert!(ledger.unreadable.len() <= 1);
        }
    }

    #[test]
    fn lines_of_others_are_told_apart() {
        let text = b"{\"format\":\"tamis.run/2\",\"id\":1}\nrubbish\n\n{\"format\":\"tamis.run/1\"}\n\xff\n";
        let ledger = Ledger::read(text);
        assert_eq!((ledger.runs.len(), ledger.newer, ledger.unreadable), (0, vec![1], vec![2, 4, 5]));
    }

    #[test]
    fn a_run_is_found_by_a_part_of_its_id() {
        let ledger = Ledger { runs: vec![run(1), run(1 << 40)], ..Ledger::default() };
        let [first, second] = [0, 1].map(|index: usize| ledger.runs[index].id.clone());
        assert_eq!(ledger.find(&first[..10].to_lowercase()).unwrap().id, first);
        assert_eq!(ledger.find("last").unwrap().id, second);
        assert_eq!(ledger.find(&first[20..]).map(|run| &run.id), Err(Ambiguity::Several));
        assert_eq!(ledger.find("XYZ").map(|run| &run.id), Err(Ambiguity::None));
        assert_eq!(ledger.find("").map(|run| &run.id), Err(Ambiguity::None));
    }
}
