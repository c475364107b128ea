//! The native shell: arguments, files, threads, exit codes. One file a command.
//!
//! Results go to stdout or `--out`, everything else to stderr.

mod args;
mod assessed;
mod audit;
mod batch;
mod contract;
pub(crate) mod cycle;
mod drift;
mod evaluate;
mod from_pydantic;
mod generate;
mod http;
mod infer;
mod input;
mod key;
mod keys;
mod label;
mod mask;
mod matrix;
mod measured;
mod model;
mod now;
mod output;
mod privacy;
mod progress;
mod registry;
mod replay;
mod report;
mod reveal;
mod run;
mod score;
mod setup;
mod spill;
mod split;
mod stop;
mod table;
mod track;
mod train;
mod validate;
mod wanted;

use args::{Args, Command};
use clap::Parser;
use std::process::ExitCode;

/// How a command ended, when nothing went wrong.
#[derive(Clone, Copy, PartialEq, Eq)]
enum End {
    /// Done.
    Done,
    /// A gate said no.
    Refused,
}

/// Runs the command line and gives its exit code: 0 done, 1 a gate said no, 2 usage or unreadable input, 130 interrupted.
#[must_use]
pub fn main() -> ExitCode {
    let args = Args::parse();
    let ended = stop::listen().and_then(|()| match args.command {
        Command::Run(args) => run::run(&args),
        Command::Validate(args) => validate::validate(&args),
        Command::Replay(args) => replay::replay(&args),
        Command::Audit(args) => audit::audit(&args),
        Command::Mask(args) => mask::mask(&args),
        Command::Reveal(args) => reveal::reveal(&args),
        Command::Key(args) => keys::key(&args),
        Command::Split(args) => split::split(&args),
        Command::Train(args) => train::train(&args),
        Command::Score(args) => score::score(&args),
        Command::Evaluate(args) => evaluate::evaluate(&args),
        Command::Report(args) => report::report(&args),
        Command::Drift(args) => drift::drift(&args),
        Command::Privacy(args) => privacy::privacy(&args),
        Command::Contract(args) => contract::contract(&args),
        Command::Model(args) => model::model(&args),
        Command::Cycle(args) => cycle::cycle(&args),
        Command::Runs(args) => track::runs(&args),
        Command::Generate(args) => generate::generate(&args),
    });
    match ended {
        Ok(End::Done) => ExitCode::SUCCESS,
        Ok(End::Refused) => ExitCode::from(1),
        Err(error) if stop::requested() => {
            progress::say(&format!("tamis: {error:#}"));
            ExitCode::from(130)
        }
        // Whoever reads our output has seen enough: `tamis score … | head` is no failure.
        Err(error) if output::is_broken_pipe(&error) => ExitCode::SUCCESS,
        Err(error) => {
            progress::say(&format!("tamis: {error:#}"));
            ExitCode::from(2)
        }
    }
}
