//! `tamis contract infer`: a contract drafted from data.

use super::args::InferArgs;
use super::output::Sink;
use super::{End, input, progress, stop};
use crate::draft::Draft;
use crate::record::{Framer, Limits};
use anyhow::{Context, Result};
use std::io::Read;
use std::path::Path;

pub(super) fn infer(args: &InferArgs) -> Result<End> {
    let first = args.inputs.first().map_or(Path::new("-"), |path| path.as_path());
    let name = args.name.clone().unwrap_or_else(|| name_of(first));
    let bar = progress::bar(input::length(&args.inputs), "reading");
    let mut draft = Draft::new(&name);
    let mut chunk = vec![0; 1 << 18];
    for mut input in input::open_paths(&args.inputs, args.format, &bar)? {
        let mut framer = Framer::new(input.format, Limits::default());
        loop {
            stop::check()?;
            let count = input.reader.read(&mut chunk).with_context(|| format!("cannot read {}", input.name))?;
            if count == 0 {
                break;
            }
            framer.push(chunk.get(..count).unwrap_or_default(), &mut |frame| draft.push(frame));
        }
        framer.finish(&mut |frame| draft.push(frame));
    }
    bar.finish_and_clear();
    let drafted = draft.finish()?;
    let mut sink = Sink::new(args.out.as_deref())?;
    sink.line(&format!("{:#}", drafted.contract))?;
    sink.finish()?;
    for remark in &drafted.remarks {
        progress::say(&format!("tamis: {remark}"));
    }
    Ok(End::Done)
}

/// The file's name without its extensions.
fn name_of(path: &Path) -> String {
    let name = path.file_name().map(|name| name.to_string_lossy().to_lowercase()).unwrap_or_default();
    match name.split('.').find(|part| !part.is_empty()) {
        Some("-") | None => "records".to_owned(),
        Some(stem) => stem.to_owned(),
    }
}
