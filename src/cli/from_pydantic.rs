//! `tamis contract from-pydantic`: the JSON Schema of a Pydantic model as a contract.

use super::output::Sink;
use super::{End, progress};
use crate::draft::pydantic::{Advice, Suggestion, apply, suggest};
use anyhow::{Context, Result, bail};
use std::io::Read;
use std::path::Path;

pub(super) fn from_pydantic(file: &Path, applied: bool, out: Option<&Path>) -> Result<End> {
    let schema = read(file)?;
    let Advice { suggestions, unplaced } = match suggest(&schema) {
        Ok(advice) => advice,
        Err(faults) => {
            let faults: Vec<String> = faults.iter().map(|fault| format!("\n  {fault}")).collect();
            bail!("{} does not load as a contract:{}", file.display(), faults.concat());
        }
    };
    let mut sink = Sink::new(out)?;
    if let Some(contract) = apply(&schema, &suggestions).filter(|_| applied) {
        sink.line(&format!("{contract:#}"))?;
    } else {
        sink.write(&schema)?;
        if !schema.ends_with(b"\n") {
            sink.write(b"\n")?;
        }
    }
    sink.finish()?;
    for Suggestion { pointer, why, .. } in &unplaced {
        progress::say(&format!("tamis: {pointer} looks personal ({why}), but takes no mask there: write one by hand"));
    }
    if suggestions.is_empty() {
        return Ok(End::Done);
    }
    progress::say(if applied { "tamis: applied:" } else { "tamis: suggested (--apply puts them into the contract):" });
    for Suggestion { pointer, keyword, value, why } in &suggestions {
        let pointer = if pointer.is_empty() { "/" } else { pointer };
        progress::say(&format!("  {pointer}: \"{keyword}\": {value} ({why})"));
    }
    Ok(End::Done)
}

fn read(file: &Path) -> Result<Vec<u8>> {
    let name = file.display();
    if file.as_os_str() != "-" {
        return std::fs::read(file).with_context(|| format!("cannot read {name}"));
    }
    let mut bytes = Vec::new();
    std::io::stdin().read_to_end(&mut bytes).context("cannot read stdin")?;
    Ok(bytes)
}
