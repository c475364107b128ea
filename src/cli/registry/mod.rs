//! The registry of models as a folder, safe against a crash at any point and against several processes at once.
//!
//! What the folder holds and which invariant it keeps stands in [`crate::registry`]. Every change goes through a [`Session`],
//! which holds the lock and first completes what a crash left undone; its steps are, each made lasting before the next:
//!
//! 1. a new version is written into a folder beside, which one rename makes a version;
//! 2. the history gets a line;
//! 3. the file `champion` is replaced.

mod folder;
mod journal;
mod session;
mod trust;
mod version;

#[cfg(test)]
mod tests;

pub(super) use trust::{configured, signing_key};
pub(super) use version::{Listed, Version};

use crate::registry::{Card, History, Id, PublicKeys, SigningKey};
use anyhow::{Context, Result, bail};
use journal::Journal;
use session::Session;
use std::path::{Path, PathBuf};

/// A registry of models in a folder.
#[derive(Clone, Debug)]
pub(super) struct Registry {
    root: PathBuf,
    trusted: Option<PublicKeys>,
}

/// What adding a version did.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Added {
    /// The version.
    pub(super) id: Id,
    /// Whether it was not there before.
    pub(super) new: bool,
}

/// What a promotion did.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Promoted {
    /// The champion until then.
    pub(super) from: Option<Id>,
    /// Whether the champion is another one now.
    pub(super) changed: bool,
}

/// What a rollback did.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct RolledBack {
    /// The champion until then.
    pub(super) from: Id,
    /// The champion now.
    pub(super) to: Id,
}

/// The registry and the version that a model's file belongs to, if it stands in one.
pub(super) fn of_file(model: &Path) -> Option<(PathBuf, Id)> {
    let path = model.canonicalize().ok()?;
    let folder = path.parent().filter(|_| path.file_name().is_some_and(|name| name == folder::MODEL))?;
    let id = folder.file_name()?.to_str()?.parse().ok()?;
    let root = folder.parent()?.parent()?.to_owned();
    (folder::version(&root, &id) == folder).then_some((root, id))
}

impl Registry {
    /// The registry in a folder, which the first change makes if it is not there.
    ///
    /// With trusted keys, no version is given out or promoted that none of them vouches for.
    pub(super) fn open(root: &Path, trusted: Option<PublicKeys>) -> Result<Self> {
        if root.exists() && !root.is_dir() {
            bail!("{} is no folder, so it is no registry of models", root.display());
        }
        Ok(Self { root: root.to_owned(), trusted })
    }

    /// Whether a folder is a registry: something was added to it, or it has a champion.
    pub(super) fn is_one(root: &Path) -> bool {
        folder::versions(root).is_dir() || folder::champion(root).is_file()
    }

    /// The folder.
    pub(super) fn root(&self) -> &Path {
        &self.root
    }

    /// Adds a model with its card. A model that is there already stays as it is, with the card that it has.
    pub(super) fn add(&self, onnx: &[u8], card: &Card, now: &str) -> Result<Added> {
        let id = Id::of(onnx);
        if card.model.sha256 != id {
            bail!("the card is of the model {}, not of {}", card.model.sha256.short(), id.short());
        }
        let mut session = Session::begin(&self.root, now)?;
        let new = !folder::version(&self.root, &id).exists();
        if new {
            session.write_version(&id, onnx, card)?;
        } else {
            version::read(&self.root, &id, session.history())?;
        }
        session.log_addition(&id)?;
        Ok(Added { id, new })
    }

    /// Makes a version the champion, if it is not the champion already.
    pub(super) fn promote(&self, id: &Id, why: Option<&str>, now: &str) -> Result<Promoted> {
        let mut session = Session::begin(&self.root, now)?;
        self.trusted_version(id, session.history())?;
        let from = session.history().champion().cloned();
        let Some(entry) = session.history().promotion(id, why, now) else {
            return Ok(Promoted { from, changed: false });
        };
        session.switch(entry)?;
        Ok(Promoted { from, changed: true })
    }

    /// Makes the champion before the champion again.
    pub(super) fn rollback(&self, why: Option<&str>, now: &str) -> Result<RolledBack> {
        let none = || format!("the registry {} has no champion, so there is none to go back from", self.root.display());
        if !Self::is_one(&self.root) {
            bail!(none());
        }
        let mut session = Session::begin(&self.root, now)?;
        let from = session.history().champion().cloned().with_context(none)?;
        let Some(entry) = session.history().rollback(why, now) else {
            bail!(
                "{} is the first champion of the registry {}: there is none before it",
                from.short(),
                self.root.display()
            );
        };
        let to = entry.id.clone();
        self.trusted_version(&to, session.history())?;
        session.switch(entry)?;
        Ok(RolledBack { from, to })
    }

    /// Signs a version; answers whether the key had not signed it before.
    pub(super) fn sign(&self, id: &Id, key: &SigningKey, now: &str) -> Result<bool> {
        let session = Session::begin(&self.root, now)?;
        let mut version = version::read(&self.root, id, session.history())?;
        let new = version.signatures.add(key, &version.manifest);
        if new {
            let json = version.signatures.to_json().context("cannot write the signature")?;
            let folder = folder::version(&self.root, id);
            folder::replace(&folder, folder::SIGNATURE, json.as_bytes())?;
        }
        Ok(new)
    }

    /// The champion; none where there is none yet.
    pub(super) fn champion(&self) -> Result<Option<Id>> {
        let journal = Journal::read(&self.root)?;
        session::champion(&self.root, journal.history())
    }

    /// The history.
    pub(super) fn history(&self) -> Result<History> {
        Ok(Journal::read(&self.root)?.into_history())
    }

    /// All versions: in the order in which they were added, those that no line tells of last.
    pub(super) fn list(&self) -> Result<Vec<Listed>> {
        let journal = Journal::read(&self.root)?;
        let champion = session::champion(&self.root, journal.history())?;
        let mut listed = Vec::new();
        for id in folder::ids(&self.root)? {
            listed.push(Listed::new(&self.root, id, champion.as_ref(), journal.history()));
        }
        let place =
            |id: &Id| journal.history().entries().iter().position(|entry| entry.id == *id).unwrap_or(usize::MAX);
        listed.sort_by_key(|listed| place(&listed.id));
        Ok(listed)
    }

    /// The one version whose id begins with some digits; `champion` is the champion.
    pub(super) fn find(&self, prefix: &str) -> Result<Id> {
        if prefix == "champion" {
            return self.need_champion();
        }
        let found: Vec<Id> = folder::ids(&self.root)?.into_iter().filter(|id| id.begins_with(prefix)).collect();
        match found.as_slice() {
            [one] => Ok(one.clone()),
            [] => bail!("the registry {} has no version {prefix}", self.root.display()),
            several => {
                let names: Vec<_> = several.iter().map(|id| format!("\n  {id}")).collect();
                bail!(
                    "{prefix} is the beginning of several versions of the registry {}:{}",
                    self.root.display(),
                    names.concat()
                );
            }
        }
    }

    /// The champion, or what to do where there is none.
    pub(super) fn need_champion(&self) -> Result<Id> {
        let champion = self.champion()?;
        champion.with_context(|| {
            format!("the registry {} has no champion yet: `tamis model promote ID` makes one", self.root.display())
        })
    }

    /// A version, proved to be whole, and vouched for where keys are trusted.
    pub(super) fn version(&self, id: &Id) -> Result<Version> {
        let history = self.history()?;
        self.trusted_version(id, &history)
    }

    /// The bytes of a version's model, proved like [`version`](Self::version).
    pub(super) fn model(&self, id: &Id) -> Result<Vec<u8>> {
        self.version(id).map(|version| version.onnx)
    }

    /// A version, proved to be whole, for being looked at: it is no hindrance that nobody vouches for it.
    pub(super) fn look(&self, id: &Id) -> Result<Version> {
        self.judged(id, &self.history()?)
    }

    fn trusted_version(&self, id: &Id, history: &History) -> Result<Version> {
        let mut version = self.judged(id, history)?;
        match version.refusal.take() {
            None => Ok(version),
            Some(refusal) => Err(refusal).with_context(|| {
                format!("the version {} of the registry {} is refused", id.short(), self.root.display())
            }),
        }
    }

    fn judged(&self, id: &Id, history: &History) -> Result<Version> {
        let mut version = version::read(&self.root, id, history)?;
        if let Some(trusted) = &self.trusted {
            match version.signatures.check(trusted, &version.manifest) {
                Ok(signer) => version.signer = Some(signer),
                Err(refusal) => version.refusal = Some(refusal),
            }
        }
        Ok(version)
    }
}
