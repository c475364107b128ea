//! What people state for a card, from a file and from flags.

use crate::cli::args::StatementArgs;
use crate::registry::Statements;
use anyhow::{Context, Result};
use std::path::Path;

/// The statements; a flag goes before the file.
pub(in crate::cli) fn statements(args: &StatementArgs) -> Result<Statements> {
    let mut all = args.card.as_deref().map(read).transpose()?.unwrap_or_default();
    let flags = [(&args.provider, &mut all.provider), (&args.intended_use, &mut all.intended_use)];
    for (flag, statement) in flags {
        if flag.is_some() {
            statement.clone_from(flag);
        }
    }
    Ok(all)
}

fn read(path: &Path) -> Result<Statements> {
    let name = path.display();
    let text = std::fs::read_to_string(path).with_context(|| format!("cannot read the statements {name}"))?;
    let is_json = path.extension().is_some_and(|extension| extension.eq_ignore_ascii_case("json"));
    let statements = if is_json {
        serde_json::from_str(&text).map_err(anyhow::Error::from)
    } else {
        toml::from_str(&text).map_err(anyhow::Error::from)
    };
    statements.with_context(|| format!("the statements {name} do not load"))
}
