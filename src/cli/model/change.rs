//! `tamis model add`, `promote`, `rollback`.

use super::{Chosen, statements};
use crate::cli::args::{AddArgs, RegistryArgs};
use crate::cli::now::now;
use crate::cli::progress::shown;
use crate::cli::registry::{self, Registry};
use crate::cli::{End, output, setup};
use crate::registry::{Card, Id};
use anyhow::{Result, bail};
use serde_json::{Value as Json, json};
use std::path::Path;

pub(super) fn add(args: &AddArgs) -> Result<End> {
    let registry = open(&args.at)?;
    // What comes in must be vouched for only when it is used: signing needs it in here first.
    let onnx = Chosen::unsigned(&args.file)?;
    let mut card = Card::of(&onnx.load()?, &onnx.onnx);
    card.statements = statements(&args.statements)?;
    let missing = card.statements.missing().count();
    let added = registry.add(&onnx.onnx, &card, &now())?;
    let (id, root) = (&added.id, registry.root().display());
    let text = if added.new {
        let open = match missing {
            0 => String::new(),
            count => format!("; {count} statements of its card are open (`tamis model card {}`)", id.short()),
        };
        format!("added {id} to {root}{open}\n")
    } else {
        format!("{id} is in {root} already; it and its card stay as they are\n")
    };
    tell(&args.at, &text, &json!({ "id": id, "new": added.new }))
}

pub(super) fn promote(prefix: &str, at: &RegistryArgs, why: Option<&str>, contract: Option<&Path>) -> Result<End> {
    let registry = open(at)?;
    let id = registry.find(prefix)?;
    if let Some(path) = contract {
        fits(&registry, &id, path)?;
    }
    let promoted = registry.promote(&id, why, &now())?;
    let before = promoted.from.as_ref().map_or_else(|| "none".to_owned(), |from| from.short().to_owned());
    let text = if promoted.changed {
        format!("{} is the champion of {}; before it was {before}\n", id.short(), registry.root().display())
    } else {
        format!("{} is the champion of {} already\n", id.short(), registry.root().display())
    };
    tell(at, &text, &json!({ "champion": id, "before": promoted.from, "changed": promoted.changed }))
}

/// Proves that a version was made for a contract.
fn fits(registry: &Registry, id: &Id, path: &Path) -> Result<()> {
    let contract = setup::contract(Some(path))?;
    let card = registry.version(id)?.card;
    let Some(made_for) = card.contract else {
        bail!(
            "the version {} does not say which contract it was made for, so it is not known to fit {}",
            id.short(),
            path.display()
        );
    };
    if made_for.sha256 != contract.sha256() {
        bail!(
            "the version {} was made for the contract {} {} ({}), and {} is {} {} ({})",
            id.short(),
            made_for.name,
            made_for.version,
            made_for.sha256.get(..8).unwrap_or_default(),
            path.display(),
            contract.name(),
            contract.version(),
            contract.sha256().get(..8).unwrap_or_default()
        );
    }
    Ok(())
}

pub(super) fn rollback(at: &RegistryArgs, why: Option<&str>) -> Result<End> {
    let registry = open(at)?;
    let back = registry.rollback(why, &now())?;
    let root = registry.root().display();
    let text = format!("{} is the champion of {root} again; before it was {}\n", back.to.short(), back.from.short());
    tell(at, &text, &json!({ "champion": back.to, "before": back.from, "changed": true }))
}

pub(super) fn open(at: &RegistryArgs) -> Result<Registry> {
    Registry::open(&at.registry, registry::configured(at.trust.public_key.as_deref())?)
}

pub(super) fn tell(at: &RegistryArgs, text: &str, json: &Json) -> Result<End> {
    if at.json {
        output::print(&format!("{json:#}\n"))?;
    } else {
        // A model may hold any text in its names.
        output::print(&shown(text))?;
    }
    Ok(End::Done)
}
