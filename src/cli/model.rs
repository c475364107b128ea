//! The model that a command scores with; `model`: keeps a registry of them, signs and rewrites them.

mod change;
mod fold;
mod kept;
mod keys;
mod show;
mod statements;
mod verify;

use super::End;
use super::args::{ModelArgs, ModelCommand, TrustArgs};
use super::registry::{self, Registry};
use crate::builtin;
use crate::contract::Contract;
use crate::pipeline::Sieve;
use crate::registry::{Manifest, PublicKeys, Signatures};
use crate::score::Model;
use anyhow::{Context, Result, bail};
use std::io::ErrorKind;
use std::path::{Path, PathBuf};

pub(super) use kept::Kept;
pub(super) use statements::statements;

/// `tamis model`.
pub(super) fn model(args: &ModelArgs) -> Result<End> {
    match &args.command {
        ModelCommand::List(at) => show::list(at),
        ModelCommand::Show { id, at } => show::show(id, at),
        ModelCommand::Card { id, at } => show::card(id, at),
        ModelCommand::History(at) => show::history(at),
        ModelCommand::Add(args) => change::add(args),
        ModelCommand::Promote { id, at, why, contract } => change::promote(id, at, why.as_deref(), contract.as_deref()),
        ModelCommand::Rollback { at, why } => change::rollback(at, why.as_deref()),
        ModelCommand::Verify { ids, at } => verify::verify(ids, at),
        ModelCommand::Keygen { out } => keys::keygen(out),
        ModelCommand::Sign(args) => keys::sign(args),
        ModelCommand::Fold { file, out, ml } => fold::rewrite(file, out, ml),
    }
}

/// A model that was chosen, and vouched for where keys are trusted.
pub(super) struct Chosen {
    /// What it is called in messages.
    name: String,
    /// The bytes of its file.
    pub(super) onnx: Vec<u8>,
}

impl Chosen {
    /// The model by what `--model` says: a file, a registry (its champion), or `REGISTRY@ID`. Every command that takes a
    /// model gets it here, so that none can leave out the signature.
    pub(super) fn open(path: &Path, trust: &TrustArgs) -> Result<Self> {
        let trusted = registry::configured(trust.public_key.as_deref())?;
        let name = path.display().to_string();
        if path.is_dir() {
            if !Registry::is_one(path) {
                bail!("{name} is a folder without a registry: `tamis model add FILE --registry {name}` makes one");
            }
            let registry = Registry::open(path, trusted)?;
            let id = registry.need_champion()?;
            return Ok(Self { name: format!("{name}@{}", id.short()), onnx: registry.model(&id)? });
        }
        if let Some((folder, prefix)) = version(path) {
            let registry = Registry::open(folder, trusted)?;
            let id = registry.find(prefix)?;
            return Ok(Self { name, onnx: registry.model(&id)? });
        }
        let chosen = Self::unsigned(path)?;
        if let Some(trusted) = trusted {
            vouched(path, &chosen.onnx, &trusted).with_context(|| format!("the model {name} is refused"))?;
        }
        Ok(chosen)
    }

    /// A model's file without its signature, to be taken in and not to be used.
    fn unsigned(path: &Path) -> Result<Self> {
        let name = path.display().to_string();
        let onnx = std::fs::read(path).with_context(|| format!("cannot read the model {name}"))?;
        Ok(Self { name, onnx })
    }

    /// The built-in model, if the contract is the built-in one. Nobody signed it, so it is none where keys are trusted.
    fn built_in(contract: &Contract, trust: &TrustArgs) -> Result<Self> {
        if contract.source() != builtin::CONTRACT {
            bail!("this contract has no built-in model: name one with --model, or train one with `tamis train`");
        }
        if registry::configured(trust.public_key.as_deref())?.is_some() {
            bail!(
                "the built-in model is refused: it is not signed by a key that is trusted. Name a model with --model"
            );
        }
        Ok(Self { name: "the built-in model".to_owned(), onnx: builtin::MODEL.to_vec() })
    }

    /// The model, loaded.
    pub(super) fn load(&self) -> Result<Model> {
        Model::from_onnx(&self.onnx).with_context(|| format!("cannot load {}", self.name))
    }

    /// A sieve that scores with the model.
    pub(super) fn attach(&self, sieve: Sieve) -> Result<Sieve> {
        sieve.with_model(self.load()?).with_context(|| format!("cannot use {}", self.name))
    }
}

/// The registry and the beginning of an id of `REGISTRY@ID`; none for a path that there is.
fn version(path: &Path) -> Option<(&Path, &str)> {
    let (folder, prefix) = path.to_str()?.rsplit_once('@')?;
    (!path.exists() && Registry::is_one(Path::new(folder))).then_some((Path::new(folder), prefix))
}

/// Whether this is a registry or a version in one.
pub(super) fn names_version(path: &Path) -> bool {
    version(path).is_some() || (path.is_dir() && Registry::is_one(path))
}

/// Adds the model that `--model` names to a sieve, or the built-in one where the contract is the built-in one too.
pub(super) fn attach(sieve: Sieve, path: Option<&Path>, trust: &TrustArgs) -> Result<Sieve> {
    let chosen = match path {
        Some(path) => Chosen::open(path, trust)?,
        None => Chosen::built_in(sieve.contract(), trust)?,
    };
    chosen.attach(sieve)
}

/// The model that `--model` names, loaded.
pub(super) fn load(path: &Path, trust: &TrustArgs) -> Result<Model> {
    Chosen::open(path, trust)?.load()
}

/// Where the signatures of a model stand that is in no registry.
fn signature_path(model: &Path) -> PathBuf {
    let mut path = model.as_os_str().to_owned();
    path.push(".signature.json");
    PathBuf::from(path)
}

/// What is signed of a model that is in no registry. The name of its file does not count, so that it may be renamed.
fn manifest(onnx: &[u8]) -> Manifest {
    Manifest::of(&[("model.onnx", onnx)])
}

/// Checks the signature of a model's file, beside it or in the registry that it stands in.
fn vouched(path: &Path, onnx: &[u8], trusted: &PublicKeys) -> Result<()> {
    if let Some((root, id)) = registry::of_file(path) {
        let version = Registry::open(&root, Some(trusted.clone()))?.version(&id)?;
        if version.onnx != onnx {
            bail!("it changed while it was read");
        }
        return Ok(());
    }
    signatures(path)?.check(trusted, &manifest(onnx))?;
    Ok(())
}

/// The signatures beside a model's file; none where there is no such file.
fn signatures(model: &Path) -> Result<Signatures> {
    let path = signature_path(model);
    match std::fs::read(&path) {
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(Signatures::default()),
        bytes => {
            let bytes = bytes.with_context(|| format!("cannot read {}", path.display()))?;
            Signatures::from_json(&bytes).with_context(|| format!("in {}", path.display()))
        }
    }
}
