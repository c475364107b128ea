//! `tamis model list`, `show`, `card`, `history`.

use super::change::{open, tell};
use crate::builtin;
use crate::cli::args::RegistryArgs;
use crate::cli::progress::shown;
use crate::cli::registry::{Listed, Registry, Version};
use crate::cli::{End, output};
use crate::registry::{Card, Entry, Id, Metric, PublicKey, SignatureError};
use crate::score::Model;
use anyhow::Result;
use serde_json::{Value as Json, json};
use std::fmt::Write as _;

pub(super) fn list(at: &RegistryArgs) -> Result<End> {
    let registry = open(at)?;
    let listed = registry.list()?;
    let versions: Vec<Json> = listed.iter().map(listed_json).collect();
    let json = json!({ "registry": registry.root().display().to_string(), "champion": registry.champion()?, "versions": versions });
    let text = if listed.is_empty() { nothing(&registry)? } else { listed_text(&registry, &listed) };
    tell(at, &text, &json)
}

/// What is so where nothing was added yet, as in a fresh clone.
fn nothing(registry: &Registry) -> Result<String> {
    let built_in = Model::from_onnx(builtin::MODEL)?;
    let root = registry.root().display();
    Ok(format!(
        "The registry {root} has no versions yet. Where --model is left out, the built-in model {} scores.\n\
         `tamis model add FILE --registry {root}` adds one, `tamis model promote ID --registry {root}` makes it the champion,\n\
         `tamis score INPUT --model {root}` scores with the champion.\n",
        built_in.id()
    ))
}

fn listed_json(listed: &Listed) -> Json {
    let card = listed.card.as_ref();
    json!({
        "id": listed.id,
        "champion": listed.champion,
        "added": listed.added,
        "readable": card.is_some(),
        "contract": card.and_then(|card| card.contract.as_ref()),
        "kind": card.map(|card| &card.model.kind),
        "trees": card.and_then(|card| card.model.trees),
        "rows": card.and_then(|card| card.data.rows),
        "metrics": card.map(|card| &card.metrics),
        "signed_by": listed.keys,
    })
}

fn listed_text(registry: &Registry, listed: &[Listed]) -> String {
    let head = ["", "version", "added", "contract", "trees", "rows", "figure", "signed by"].map(ToOwned::to_owned);
    let rows = listed.iter().map(|listed| {
        let or = |text: Option<String>| text.unwrap_or_else(|| "-".to_owned());
        let card = listed.card.as_ref();
        let figures = card.map(|card| foremost(card).map(figure));
        [
            if listed.champion { "*" } else { "" }.to_owned(),
            listed.id.short().to_owned(),
            or(listed.added.clone()),
            or(card.and_then(|card| card.contract.as_ref()).map(|of| format!("{} {}", of.name, of.version))),
            or(card.and_then(|card| card.model.trees).map(|trees| trees.to_string())),
            or(card.and_then(|card| card.data.rows).map(|rows| rows.to_string())),
            figures.map_or_else(|| "its card cannot be read".to_owned(), or),
            or(Some(listed.keys.join(", ")).filter(|keys| !keys.is_empty())),
        ]
    });
    let text = aligned(&std::iter::once(head).chain(rows).collect::<Vec<_>>());
    let note = if listed.iter().any(|listed| listed.champion) {
        "* the champion".to_owned()
    } else {
        format!("no champion yet: `tamis model promote ID --registry {}` makes one", registry.root().display())
    };
    format!("{text}{note}\n")
}

/// The one figure for which there is room: how right the model is, or else the first that is known.
fn foremost(card: &Card) -> Option<&Metric> {
    card.metrics.iter().find(|metric| metric.name == "auroc").or(card.metrics.first())
}

fn figure(metric: &Metric) -> String {
    format!("{} {metric}", metric.name)
}

/// Columns as wide as what is in them.
fn aligned<const N: usize>(rows: &[[String; N]]) -> String {
    let width = |column: usize| {
        rows.iter().filter_map(|row| row.get(column)).map(|cell| cell.chars().count()).max().unwrap_or_default()
    };
    let widths: Vec<usize> = (0..N).map(width).collect();
    let mut text = String::new();
    for row in rows {
        let cells: Vec<_> = row.iter().zip(&widths).map(|(cell, &width)| format!("{cell:<width$}")).collect();
        text.push_str(cells.join("  ").trim_end());
        text.push('\n');
    }
    text
}

pub(super) fn show(prefix: &str, at: &RegistryArgs) -> Result<End> {
    let registry = open(at)?;
    let version = registry.look(&registry.find(prefix)?)?;
    let history = registry.history()?;
    let is_champion = registry.champion()?.as_ref() == Some(&version.id);
    let happened: Vec<&Entry> = history.entries().iter().filter(|entry| about(entry, &version.id)).collect();
    let json = json!({
        "id": version.id,
        "champion": is_champion,
        "signed_by": version.keys(),
        "checked": version.signer.map(|key| key.id()),
        "refused": version.refusal.as_ref().map(SignatureError::kind),
        "not_stated": version.card.statements.missing().collect::<Vec<_>>(),
        "card": version.card,
        "history": happened,
    });
    let mut text = facts(&version, is_champion);
    for entry in happened {
        text.push_str(&line(entry));
    }
    tell(at, &text, &json)
}

fn about(entry: &Entry, id: &Id) -> bool {
    entry.id == *id || entry.from.as_ref() == Some(id)
}

fn facts(version: &Version, is_champion: bool) -> String {
    let Card { model, contract, data, metrics, lineage, statements, .. } = &version.card;
    let mut text = String::new();
    // Writing to a String cannot fail.
    let mut fact = |name: &str, value: &str| {
        let _ = writeln!(text, "{name:<10} {value}");
    };
    fact("version", &format!("{}{}", version.id, if is_champion { ", the champion" } else { "" }));
    let kind =
        model.trees.map_or_else(|| "ONNX graph".to_owned(), |trees| format!("isolation forest of {trees} trees"));
    fact("model", &format!("{kind}, {} bytes", model.bytes));
    if let Some(threshold) = model.threshold {
        fact("threshold", &format!("flags scores above {threshold:.4}"));
    }
    fact(
        "features",
        &if model.features.is_empty() { format!("{} without names", model.columns) } else { model.features.join(", ") },
    );
    if let Some(contract) = contract {
        let sha256 = contract.sha256.get(..8).unwrap_or_default();
        fact("contract", &format!("{} {} ({sha256})", contract.name, contract.version));
    }
    if let Some(rows) = data.rows {
        fact("fitted on", &format!("{rows} records"));
    }
    for metric in metrics {
        fact("figure", &figure(metric));
    }
    if let Some(parent) = &lineage.parent {
        fact("parent", parent.as_str());
    }
    fact("signature", &signature(version));
    let missing: Vec<_> = statements.missing().collect();
    if !missing.is_empty() {
        fact("not stated", &missing.join(", "));
    }
    text
}

/// Who vouches for a version, in words.
pub(super) fn signature(version: &Version) -> String {
    if let Some(refusal) = &version.refusal {
        return format!("refused: {refusal}");
    }
    match (&version.signer, version.keys().as_slice()) {
        (Some(signer), _) => format!("by {}, checked", signer.id()),
        (None, []) => "none".to_owned(),
        (None, keys) => format!("by {}, not checked: no public key is given", keys.join(", ")),
    }
}

pub(super) fn card(prefix: &str, at: &RegistryArgs) -> Result<End> {
    let registry = open(at)?;
    let version = registry.look(&registry.find(prefix)?)?;
    let signers: Vec<String> = version.signer.iter().map(PublicKey::id).collect();
    if at.json {
        output::print(&version.card.to_json()?)?;
    } else {
        output::print(&shown(&version.card.markdown(&signers)))?;
    }
    Ok(End::Done)
}

pub(super) fn history(at: &RegistryArgs) -> Result<End> {
    let history = open(at)?.history()?;
    let text: String = history.entries().iter().map(line).collect();
    tell(at, &text, &json!(history.entries()))
}

fn line(entry: &Entry) -> String {
    let from = entry.from.as_ref().map_or_else(String::new, |from| format!(" from {}", from.short()));
    let why = entry.why.as_ref().map_or_else(String::new, |why| format!(": {why}"));
    format!("{}  {:<8}  {}{from}{why}\n", entry.at, entry.action.to_string(), entry.id.short())
}
