//! `tamis runs`.

use super::super::End;
use super::args::{RunsArgs, RunsCommand};
use anyhow::Result;

pub(in crate::cli) fn runs(args: &RunsArgs) -> Result<End> {
    let _ = &args.command;
    Ok(End::Done)
}
