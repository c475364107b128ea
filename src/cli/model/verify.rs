//! `tamis model verify`: every version against its hashes and signatures.

use super::change::{open, tell};
use super::show::signature;
use crate::cli::End;
use crate::cli::args::RegistryArgs;
use crate::cli::registry::Registry;
use crate::registry::Id;
use anyhow::Result;
use serde_json::{Value as Json, json};

pub(super) fn verify(prefixes: &[String], at: &RegistryArgs) -> Result<End> {
    let registry = open(at)?;
    let ids: Vec<Id> = if prefixes.is_empty() {
        registry.list()?.into_iter().map(|listed| listed.id).collect()
    } else {
        prefixes.iter().map(|prefix| registry.find(prefix)).collect::<Result<_>>()?
    };
    let champion = registry.champion()?;
    let found: Vec<Found> = ids.iter().map(|id| Found::of(&registry, id)).collect();
    let bad = found.iter().filter(|found| !found.sound).count();
    let sum = match bad {
        0 => format!("{} versions, all sound", found.len()),
        bad => format!("{bad} of {} versions are not sound", found.len()),
    };
    let ends =
        champion.as_ref().map_or_else(|| "no champion".to_owned(), |id| format!("the champion is {}", id.short()));
    let lines: String = found.iter().map(|found| found.line.as_str()).collect();
    let text = format!("{lines}{}: {sum}; {ends}\n", registry.root().display());
    let versions: Vec<&Json> = found.iter().map(|found| &found.json).collect();
    tell(at, &text, &json!({ "sound": bad == 0, "champion": champion, "versions": versions }))?;
    Ok(if bad == 0 { End::Done } else { End::Refused })
}

/// What was found of a version. The model itself is let go: a registry may hold more than fits into memory.
struct Found {
    sound: bool,
    line: String,
    json: Json,
}

impl Found {
    fn of(registry: &Registry, id: &Id) -> Self {
        match registry.version(id) {
            Ok(version) => Self {
                sound: true,
                line: format!("{}  whole, signature {}\n", id.short(), signature(&version)),
                json: json!({
                    "id": id,
                    "sound": true,
                    "signed_by": version.keys(),
                    "checked": version.signer.map(|key| key.id()),
                }),
            },
            Err(error) => Self {
                sound: false,
                line: format!("{}  {error:#}\n", id.short()),
                json: json!({ "id": id, "sound": false, "error": format!("{error:#}") }),
            },
        }
    }
}
