//! A version as it stands in the folder, proved to be whole.

use super::folder;
use crate::contract::sha256_hex;
use crate::registry::{Card, History, Id, Manifest, PublicKey, SignatureError, Signatures};
use anyhow::{Context, Result, bail};
use std::io::ErrorKind;
use std::path::Path;

/// A version whose files are what they were when it was added.
#[derive(Debug)]
pub(in crate::cli) struct Version {
    pub(in crate::cli) id: Id,
    /// The model.
    pub(in crate::cli) onnx: Vec<u8>,
    pub(in crate::cli) card: Card,
    /// What is signed.
    pub(super) manifest: Manifest,
    /// Who says to have signed it.
    pub(super) signatures: Signatures,
    /// The trusted key that signed it, where keys are trusted.
    pub(in crate::cli) signer: Option<PublicKey>,
    /// Why it is not to be used, where keys are trusted and none of them signed it.
    pub(in crate::cli) refusal: Option<SignatureError>,
}

impl Version {
    /// The ids of the keys that say they signed.
    pub(in crate::cli) fn keys(&self) -> Vec<String> {
        self.signatures.keys().map(ToOwned::to_owned).collect()
    }
}

/// Reads a version and compares its model with its id, and its card with the history.
pub(super) fn read(root: &Path, id: &Id, history: &History) -> Result<Version> {
    let folder = folder::version(root, id);
    if !folder.is_dir() {
        bail!("the registry {} has no version {id}", root.display());
    }
    let damaged = || format!("the version {} of the registry {} is damaged", id.short(), root.display());
    let file = |name: &str| {
        let path = folder.join(name);
        std::fs::read(&path).with_context(|| format!("cannot read {}", path.display())).with_context(damaged)
    };
    let onnx = file(folder::MODEL)?;
    let found = Id::of(&onnx);
    if found != *id {
        bail!("{}: the SHA-256 of its model is {found}", damaged());
    }
    let (json, text) = (file(folder::CARD)?, file(folder::TEXT)?);
    let card = Card::from_json(&json).with_context(damaged)?;
    let noted = history.added(id).and_then(|entry| entry.card.as_deref());
    if noted.is_some_and(|noted| noted != sha256_hex(&json)) {
        bail!("{}: its card.json is not the one that was added", damaged());
    }
    if card.model.sha256 != *id {
        bail!("{}: its card is of the model {}", damaged(), card.model.sha256.short());
    }
    let manifest = Manifest::of(&[(folder::MODEL, &onnx), (folder::CARD, &json), (folder::TEXT, &text)]);
    let signatures = signatures(&folder).with_context(damaged)?;
    Ok(Version { id: id.clone(), onnx, card, manifest, signatures, signer: None, refusal: None })
}

fn signatures(folder: &Path) -> Result<Signatures> {
    let path = folder.join(folder::SIGNATURE);
    match std::fs::read(&path) {
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(Signatures::default()),
        bytes => {
            let bytes = bytes.with_context(|| format!("cannot read {}", path.display()))?;
            Ok(Signatures::from_json(&bytes)?)
        }
    }
}

/// A version as a list shows it: nothing of it is proved.
#[derive(Debug)]
pub(in crate::cli) struct Listed {
    pub(in crate::cli) id: Id,
    pub(in crate::cli) champion: bool,
    /// When it was added; none where no line of the history tells.
    pub(in crate::cli) added: Option<String>,
    /// Its card; none where it cannot be read.
    pub(in crate::cli) card: Option<Card>,
    /// The ids of the keys that say they signed.
    pub(in crate::cli) keys: Vec<String>,
}

impl Listed {
    pub(super) fn new(root: &Path, id: Id, champion: Option<&Id>, history: &History) -> Self {
        let folder = folder::version(root, &id);
        let card = std::fs::read(folder.join(folder::CARD)).ok();
        Self {
            champion: champion == Some(&id),
            added: history.added(&id).map(|entry| entry.at.clone()),
            card: card.and_then(|json| Card::from_json(&json).ok()),
            keys: signatures(&folder).map(|all| all.keys().map(ToOwned::to_owned).collect()).unwrap_or_default(),
            id,
        }
    }
}
