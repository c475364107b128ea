//! `tamis drift`: whether records are like those of a reference.

mod reader;
mod side;
mod table;

use super::args::DriftArgs;
use super::output::{self, Files};
use super::{End, progress};
use crate::monitor::drift::report::html;
use crate::monitor::drift::{Drift, Reference, Rules, Window};
use anyhow::{Context, Result, bail};
use reader::Reader;
use std::path::{Path, PathBuf};

pub(super) fn drift(args: &DriftArgs) -> Result<End> {
    let [reference, current @ ..] = args.records.inputs.as_slice() else {
        bail!("name a reference and what to compare with it");
    };
    if current.is_empty() && args.reference_out.is_none() {
        bail!("name what to compare with {}, or write it as a reference with --reference-out", reference.display());
    }
    once(&args.records.inputs)?;
    let mut reader = Reader::new(args);
    let known = reader.reference(reference)?;
    if let Some(path) = &args.reference_out {
        write(path, &format!("{}\n", known.to_json()))?;
    }
    if current.is_empty() {
        return Ok(End::Done);
    }
    let window = added(&mut reader, &known, current)?;
    if let Some(path) = &args.window_out {
        write(path, &format!("{}\n", window.to_json()))?;
    }
    let rules = Rules { alpha: args.alpha, min_psi: args.min_psi, min_records: args.min_records, ..Rules::default() };
    let drift = Drift::compare(&known, &window, &rules)
        .with_context(|| format!("cannot compare {} with {}", names(current), reference.display()))?;
    if let Some(path) = &args.report {
        write(path, &html(&drift, &reference.display().to_string(), &names(current)))?;
        progress::say(&format!("tamis: the report is in {}", path.display()));
    }
    if args.records.json {
        output::print(&format!("{:#}\n", drift.json()))?;
    } else {
        let table = table::table(&drift, &reference.display().to_string(), &names(current));
        output::print(&progress::shown(&table))?;
    }
    Ok(if drift.is_drift() { End::Refused } else { End::Done })
}

/// The counters of all that is to be compared.
fn added(reader: &mut Reader<'_>, known: &Reference, current: &[PathBuf]) -> Result<Window> {
    let mut window: Option<Window> = None;
    for path in current {
        let next = reader.window(path, known)?;
        match &mut window {
            None => window = Some(next),
            Some(window) => window.merge(&next).with_context(|| format!("cannot add {}", path.display()))?,
        }
    }
    window.context("name what to compare with the reference")
}

/// Standard input can be read once.
fn once(inputs: &[PathBuf]) -> Result<()> {
    if inputs.iter().filter(|input| input.as_os_str() == "-").count() > 1 {
        bail!("only one side can come from standard input");
    }
    Ok(())
}

fn names(paths: &[PathBuf]) -> String {
    match paths {
        [one] => one.display().to_string(),
        [first, rest @ ..] => format!("{} and {} more", first.display(), rest.len()),
        [] => String::new(),
    }
}

fn write(path: &Path, text: &str) -> Result<()> {
    let (mut files, id) = Files::one(path)?;
    files.write(id, text.as_bytes())?;
    files.finish()
}
