//! What happened in a registry, and which champion follows from it.

use super::id::Id;
use serde::{Deserialize, Serialize};
use std::fmt;

/// What a line of the history tells.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Action {
    /// A version was added.
    Add,
    /// A version became the champion.
    Promote,
    /// The champion before became it again.
    Rollback,
}

impl fmt::Display for Action {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Add => "add",
            Self::Promote => "promote",
            Self::Rollback => "rollback",
        })
    }
}

/// One line of the history.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Entry {
    /// When, in the form of RFC 3339.
    pub at: String,
    /// What.
    pub action: Action,
    /// The version that was added, or that is the champion from now on.
    pub id: Id,
    /// The champion until then; none where there was none, or a version was added.
    pub from: Option<Id>,
    /// Why, in the words of who did it.
    pub why: Option<String>,
    /// The SHA-256 of the card that was added with the version, so that a changed one is found out without a signature.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub card: Option<String>,
}

impl Entry {
    /// The entry as a line, with its end.
    ///
    /// # Errors
    /// None in practice: every member is a text.
    pub fn line(&self) -> serde_json::Result<String> {
        serde_json::to_string(self).map(|json| json + "\n")
    }
}

/// A change of the champion.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Switch {
    /// The champion until then.
    pub from: Option<Id>,
    /// The champion from then on.
    pub to: Id,
}

/// A history that holds together: each change of the champion begins at the one before.
///
/// A rollback undoes the last promotion that is not undone yet, as often as there is one. So the champions in force and
/// before make a stack, which promotions push onto and rollbacks pop from.
///
/// # Example
/// ```
/// use tamis::registry::{Action, History, Id};
///
/// let (old, new) = (Id::of(b"old"), Id::of(b"new"));
/// let mut history = History::default();
/// for id in [&old, &new] {
///     let entry = history.promotion(id, None, "2026-01-01T00:00:00Z").unwrap();
///     history.push(entry).unwrap();
/// }
/// assert_eq!(history.champion(), Some(&new));
/// assert!(history.promotion(&new, None, "2026-01-02T00:00:00Z").is_none());
/// let entry = history.rollback(None, "2026-01-02T00:00:00Z").unwrap();
/// history.push(entry).unwrap();
/// assert_eq!(history.champion(), Some(&old));
/// assert!(history.rollback(None, "2026-01-03T00:00:00Z").is_none());
/// ```
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct History {
    entries: Vec<Entry>,
    champions: Vec<Id>,
}

impl History {
    /// Reads a history; answers as well how many of the bytes count. A last line without its end does not: whoever wrote
    /// it was cut off.
    ///
    /// # Errors
    /// For a line that is no entry, or that contradicts those before it.
    pub fn read(bytes: &[u8]) -> Result<(Self, usize), HistoryError> {
        let counts = bytes.iter().rposition(|byte| *byte == b'\n').map_or(0, |end| end + 1);
        let mut history = Self::default();
        let lines = bytes.get(..counts).unwrap_or_default().split_inclusive(|byte| *byte == b'\n');
        for (index, line) in lines.enumerate() {
            let line = line.trim_ascii();
            if line.is_empty() {
                continue;
            }
            let entry = serde_json::from_slice(line)
                .map_err(|error| HistoryError::Line { line: index + 1, reason: error.to_string() })?;
            history.push(entry).map_err(|error| error.on(index + 1))?;
        }
        Ok((history, counts))
    }

    /// Appends an entry.
    ///
    /// # Errors
    /// When it does not follow from what is there.
    pub fn push(&mut self, entry: Entry) -> Result<(), HistoryError> {
        let line = self.entries.len() + 1;
        let wrong = |expected: Option<&Id>| HistoryError::Contradiction {
            line,
            action: entry.action,
            expected: expected.cloned(),
            found: entry.from.clone(),
        };
        match entry.action {
            Action::Add => {}
            Action::Promote => {
                if entry.from.as_ref() != self.champion() || self.champion() == Some(&entry.id) {
                    return Err(wrong(self.champion()));
                }
                self.champions.push(entry.id.clone());
            }
            Action::Rollback => {
                if entry.from.as_ref() != self.champion() || self.before() != Some(&entry.id) {
                    return Err(wrong(self.champion()));
                }
                self.champions.pop();
            }
        }
        self.entries.push(entry);
        Ok(())
    }

    /// The lines, oldest first.
    #[must_use]
    pub fn entries(&self) -> &[Entry] {
        &self.entries
    }

    /// The version that is the champion.
    #[must_use]
    pub fn champion(&self) -> Option<&Id> {
        self.champions.last()
    }

    /// The champion that a rollback would go to.
    #[must_use]
    pub fn before(&self) -> Option<&Id> {
        self.champions.iter().rev().nth(1)
    }

    /// The last change of the champion.
    #[must_use]
    pub fn last_switch(&self) -> Option<Switch> {
        let entry = self.entries.iter().rev().find(|entry| entry.action != Action::Add)?;
        Some(Switch { from: entry.from.clone(), to: entry.id.clone() })
    }

    /// The line that tells how a version was added.
    #[must_use]
    pub fn added(&self, id: &Id) -> Option<&Entry> {
        self.entries.iter().find(|entry| entry.action == Action::Add && entry.id == *id)
    }

    /// The line that would add a version; none where there is one.
    #[must_use]
    pub fn addition(&self, id: &Id, card: Option<String>, why: Option<&str>, now: &str) -> Option<Entry> {
        let entry = self.entry(Action::Add, id, why, now);
        self.added(id).is_none().then_some(Entry { from: None, card, ..entry })
    }

    /// The line that would make a version the champion; none where it is the champion already.
    #[must_use]
    pub fn promotion(&self, id: &Id, why: Option<&str>, now: &str) -> Option<Entry> {
        (self.champion() != Some(id)).then(|| self.entry(Action::Promote, id, why, now))
    }

    /// The line that would go back to the champion before; none where there is none.
    #[must_use]
    pub fn rollback(&self, why: Option<&str>, now: &str) -> Option<Entry> {
        Some(self.entry(Action::Rollback, self.before()?, why, now))
    }

    fn entry(&self, action: Action, id: &Id, why: Option<&str>, now: &str) -> Entry {
        let (from, why) = (self.champion().cloned(), why.map(ToOwned::to_owned));
        Entry { at: now.to_owned(), action, id: id.clone(), from, why, card: None }
    }
}

/// A history does not hold together.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum HistoryError {
    /// A line is no entry.
    Line {
        /// The line, counted from 1.
        line: usize,
        /// What the reader says.
        reason: String,
    },
    /// A line does not follow from those before it.
    Contradiction {
        /// The line, counted from 1.
        line: usize,
        /// What it tells.
        action: Action,
        /// The champion before it.
        expected: Option<Id>,
        /// The one that it says.
        found: Option<Id>,
    },
}

impl HistoryError {
    /// A code that stays the same from version to version.
    #[must_use]
    pub fn kind(&self) -> &'static str {
        match self {
            Self::Line { .. } => "line",
            Self::Contradiction { .. } => "contradiction",
        }
    }

    /// The same on the line of the file, where blank ones count.
    fn on(self, place: usize) -> Self {
        match self {
            Self::Line { reason, .. } => Self::Line { line: place, reason },
            Self::Contradiction { action, expected, found, .. } => {
                Self::Contradiction { line: place, action, expected, found }
            }
        }
    }
}

impl fmt::Display for HistoryError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let name = |id: &Option<Id>| id.as_ref().map_or_else(|| "none".to_owned(), |id| id.short().to_owned());
        match self {
            Self::Line { line, reason } => write!(f, "line {line} of the history is no entry: {reason}"),
            Self::Contradiction { line, action, expected, found } if expected == found => {
                write!(f, "line {line} of the history ({action}) names a version that cannot follow {}", name(found))
            }
            Self::Contradiction { line, action, expected, found } => write!(
                f,
                "line {line} of the history ({action}) begins at the champion {}, but the one before it is {}",
                name(found),
                name(expected)
            ),
        }
    }
}

impl std::error::Error for HistoryError {}
