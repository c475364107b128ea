//! `tamis model verify`: every version against its hashes and signatures.

use super::change::{open, tell};
use super::show::signature;
use crate::cli::End;
use crate::cli::args::RegistryArgs;
use crate::cli::registry::{Registry, Version};
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
    let found: Vec<_> = ids.iter().map(|id| (id, registry.version(id))).collect();
    let sound = found.iter().all(|(_, found)| found.is_ok());
    let versions: Vec<Json> = found.iter().map(|(id, found)| found_json(id, found)).collect();
    let text = found.iter().map(|(id, found)| found_text(id, found)).collect::<String>();
    let text = text + &summary(&registry, champion.as_ref(), &found);
    tell(at, &text, &json!({ "sound": sound, "champion": champion, "versions": versions }))?;
    Ok(if sound { End::Done } else { End::Refused })
}

fn found_json(id: &Id, found: &Result<Version>) -> Json {
    match found {
        Ok(version) => json!({
            "id": id,
            "sound": true,
            "signed_by": version.keys(),
            "checked": version.signer.map(|key| key.id()),
        }),
        Err(error) => json!({ "id": id, "sound": false, "error": format!("{error:#}") }),
    }
}

fn found_text(id: &Id, found: &Result<Version>) -> String {
    match found {
        Ok(version) => format!("{}  whole, signature {}\n", id.short(), signature(version)),
        Err(error) => format!("{}  {error:#}\n", id.short()),
    }
}

fn summary(registry: &Registry, champion: Option<&Id>, found: &[(&Id, Result<Version>)]) -> String {
    let bad = found.iter().filter(|(_, found)| found.is_err()).count();
    let champion = champion.map_or_else(|| "no champion".to_owned(), |id| format!("the champion is {}", id.short()));
    let root = registry.root().display();
    match bad {
        0 => format!("{root}: {} versions, all sound; {champion}\n", found.len()),
        bad => format!("{root}: {bad} of {} versions are not sound; {champion}\n", found.len()),
    }
}
