//! `tamis model keygen` and `sign`.
//!
//! A private key stands in its file alone: no argument, message or log ever holds one, only its public key's id.

use super::change::tell;
use super::{Chosen, manifest, signature_path, signatures};
use crate::cli::args::SignArgs;
use crate::cli::now::now;
use crate::cli::output::Files;
use crate::cli::progress::say;
use crate::cli::registry::Registry;
use crate::cli::{End, key, keys, registry};
use crate::registry::{PublicKey, SigningKey};
use anyhow::{Context, Result, bail};
use serde_json::json;
use std::path::{Path, PathBuf};

pub(super) fn keygen(out: &Path) -> Result<End> {
    let mut public = out.as_os_str().to_owned();
    public.push(".pub");
    let public = PathBuf::from(public);
    if public.exists() {
        bail!("{} is there already: the keys that it belongs to are not overwritten", public.display());
    }
    let pair = SigningKey::new(&*key::random()?);
    keys::write(out, &pair.to_pem(), false)?;
    let (mut files, id) = Files::one(&public)?;
    files.write(id, pair.public().to_pem().as_bytes())?;
    files.finish()?;
    say(&format!(
        "tamis: the private key is in {}, keep it from everybody who is not to vouch for models; the public key {} is in {}",
        out.display(),
        pair.public().id(),
        public.display()
    ));
    Ok(End::Done)
}

pub(super) fn sign(args: &SignArgs) -> Result<End> {
    let key = registry::signing_key(&args.key)?;
    // To sign is how a version gets its signature, so none is asked for.
    let (registry, id) = match registry::of_file(&args.model) {
        Some((root, id)) => (Registry::open(&root, None)?, id),
        None if args.model.is_file() => return sign_file(args, &key),
        None => {
            let registry = Registry::open(&args.at.registry, None)?;
            let id = registry.find(&args.model.to_string_lossy())?;
            (registry, id)
        }
    };
    let new = registry.sign(&id, &key, &now())?;
    let what = format!("the version {} of {}", id.short(), registry.root().display());
    told(args, &what, new, &key.public(), &json!({ "id": id, "key": key.public().id(), "new": new }))
}

fn sign_file(args: &SignArgs, key: &SigningKey) -> Result<End> {
    let onnx = Chosen::unsigned(&args.model)?.onnx;
    let mut all = signatures(&args.model)?;
    let new = all.add(key, &manifest(&onnx));
    let path = signature_path(&args.model);
    if new {
        let (mut files, id) = Files::one(&path)?;
        files.write(id, all.to_json().context("cannot write the signature")?.as_bytes())?;
        files.finish()?;
    }
    let what = format!("{} (in {})", args.model.display(), path.display());
    told(
        args,
        &what,
        new,
        &key.public(),
        &json!({ "signature": path.display().to_string(), "key": key.public().id(), "new": new }),
    )
}

fn told(args: &SignArgs, what: &str, new: bool, key: &PublicKey, json: &serde_json::Value) -> Result<End> {
    let done = if new { "signed" } else { "had signed" };
    tell(&args.at, &format!("the key {} {done} {what}\n", key.id()), json)
}
