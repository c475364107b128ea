//! `tamis contract`: what a contract does, why it does not load, what a new one would change, and where contracts come
//! from.

use super::args::{ContractArgs, ContractCommand};
use super::{End, output, setup};
use crate::builtin;
use crate::compatible::Answer;
use crate::contract::Contract;
use anyhow::{Context, Result};
use serde_json::json;
use std::fmt::Write;
use std::path::Path;

pub(super) fn contract(args: &ContractArgs) -> Result<End> {
    match &args.command {
        ContractCommand::Show => {
            output::print(&String::from_utf8_lossy(builtin::CONTRACT))?;
            Ok(End::Done)
        }
        ContractCommand::Check { file, json } => check(file, *json),
        ContractCommand::Infer(args) => super::infer::infer(args),
        ContractCommand::FromPydantic { file, apply, out } => {
            super::from_pydantic::from_pydantic(file, *apply, out.as_deref())
        }
        ContractCommand::Compatible { old, new, json } => compatible(old, new, *json),
    }
}

fn check(file: &Path, json: bool) -> Result<End> {
    if json {
        let bytes = std::fs::read(file).with_context(|| format!("cannot read the contract {}", file.display()))?;
        return check_json(&bytes);
    }
    let contract = setup::contract(Some(file))?;
    let mut out = format!("{} {} (SHA-256 {})\n", contract.name(), contract.version(), contract.sha256());
    for (path, does) in contract.explain() {
        // Writing to a String cannot fail.
        let _ = writeln!(out, "{path:<28} {does}");
    }
    for warning in contract.warnings() {
        let _ = writeln!(out, "warning: {warning}");
    }
    output::print(&super::progress::shown(&out))?;
    Ok(End::Done)
}

/// A gate that is not sure does not open: unknown ends as no does.
fn compatible(old: &Path, new: &Path, json: bool) -> Result<End> {
    let found = crate::compatible::compatible(setup::contract(Some(old))?, setup::contract(Some(new))?);
    let end = if found.answer == Answer::Yes { End::Done } else { End::Refused };
    let because = found.because.iter();
    if json {
        let because: Vec<_> =
            because.map(|it| json!({ "path": it.path, "keyword": it.keyword, "text": it.text })).collect();
        let example: Option<serde_json::Value> = found.example.as_deref().map(serde_json::from_str).transpose()?;
        let json = json!({ "answer": found.answer.name(), "example": example, "because": because });
        output::print(&format!("{json:#}\n"))?;
        return Ok(end);
    }
    let mut out = match found.answer {
        Answer::Yes => "yes: the new contract accepts every record that the old one accepts\n".to_owned(),
        Answer::No => "no: the old contract accepts this record, the new one rejects it\n".to_owned(),
        Answer::Unknown => "unknown: these places could not be compared, and no example was found\n".to_owned(),
    };
    if let Some(example) = &found.example {
        // Writing to a String cannot fail.
        let _ = writeln!(out, "{example}");
    }
    for it in because {
        let path = if it.path.is_empty() { "(the record)" } else { &it.path };
        let _ = writeln!(out, "{path:<28} {}: {}", it.keyword, it.text);
    }
    output::print(&out)?;
    Ok(end)
}

fn check_json(bytes: &[u8]) -> Result<End> {
    let (json, end) = match Contract::load(bytes) {
        Ok(contract) => {
            let fields: Vec<_> =
                contract.explain().into_iter().map(|(path, does)| json!({ "path": path, "does": does })).collect();
            let json = json!({
                "loads": true,
                "name": contract.name(),
                "version": contract.version(),
                "sha256": contract.sha256(),
                "fields": fields,
                "warnings": contract.warnings(),
            });
            (json, Ok(End::Done))
        }
        Err(faults) => {
            let faults: Vec<_> = faults
                .iter()
                .map(|fault| json!({ "path": fault.pointer, "code": fault.problem.code(), "message": fault.to_string() }))
                .collect();
            (json!({ "loads": false, "faults": faults }), Err(anyhow::anyhow!("the contract does not load")))
        }
    };
    output::print(&format!("{json:#}\n"))?;
    end
}
