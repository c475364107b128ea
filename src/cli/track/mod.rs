//! Records runs: a line in a folder, and a run at an `MLflow` server where one is named.
//!
//! A run's own results come first. What cannot be recorded locally is a warning; a server that does not take the run is an
//! error, because somebody asked for it, but the results stay, the line is written, and `tamis runs send` sends it later.

mod lineage;
mod once;
mod record;
mod runs;
mod send;
mod server;
mod trained;

pub(super) use lineage::Lineage;
pub(super) use once::once;
pub(super) use runs::runs;
pub(super) use trained::evaluated;

use super::args::{Records, TrackArgs};
use super::progress::say;
use super::stop;
use crate::contract::Contract;
use crate::score::Model;
use crate::track::{Artifact, Entry, Kind, Package, Plan, Register, RunLog, Sent};
use anyhow::{Context, Result, bail};
use server::Server;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::{SystemTime, UNIX_EPOCH};

/// The folder of the local record, where nobody names another.
const FOLDER: &str = ".tamis";

/// Whether the model of a run is registered at a server where nobody says so.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Registers {
    /// It is: the run made it in order to be used.
    ByDefault,
    /// It is not.
    OnRequest,
    /// It is not, whatever is said: a gate said no.
    Never,
}

/// A run that is going on.
pub(super) struct Tracking {
    command: &'static str,
    args: TrackArgs,
    place: Option<Place>,
    started: u64,
    random: [u8; 10],
    inputs: Vec<PathBuf>,
    lineage: Lineage,
}

/// Where a run is recorded.
pub(super) struct Place {
    folder: PathBuf,
    server: Option<Server>,
}

impl Tracking {
    /// Notes the beginning of a run, and has its inputs hashed while they are read.
    ///
    /// # Errors
    /// For a server's address that is none.
    pub(super) fn begin(command: &'static str, args: &TrackArgs, records: &Records) -> Result<Self> {
        let place = place(args)?;
        if place.is_some() {
            records.lineage.turn_on();
        }
        let mut random = [0; 10];
        getrandom::fill(&mut random).context("the system has no randomness for a run's id")?;
        let (inputs, lineage) = (records.inputs.clone(), records.lineage.clone());
        Ok(Self { command, args: args.clone(), place, started: now(), random, inputs, lineage })
    }

    /// The run so far, to be filled; none where nothing is recorded. `context` says what the inputs were read for.
    pub(super) fn log(&self, contract: Option<&Contract>, context: &str) -> Option<RunLog> {
        self.place.as_ref()?;
        let variable = || variable("MLFLOW_EXPERIMENT_NAME");
        let experiment = self.args.experiment.clone().or_else(variable);
        let experiment = experiment.or_else(|| contract.map(|contract| contract.name().to_owned()));
        let mut run = RunLog::new(self.command, &experiment.unwrap_or_default(), self.started, self.random);
        if let Some(name) = &self.args.run_name {
            run.name.clone_from(name);
        }
        if let Some(contract) = contract {
            run.contract(contract);
        }
        run.tag("tamis.version", env!("CARGO_PKG_VERSION"));
        if let Some(commit) = commit() {
            run.tag("mlflow.source.git.commit", commit);
        }
        run.datasets = self.lineage.datasets(&self.inputs, context);
        if let Some(sha256) = run.dataset_sha256() {
            run.tag("tamis.dataset.sha256", sha256);
        }
        Some(run)
    }

    /// Records a run whose results are written: `files` with what becomes of each, and the model if there is one.
    ///
    /// # Errors
    /// When a server was named and does not take the run.
    pub(super) fn finish(
        &self,
        mut run: RunLog,
        files: &[(Kind, PathBuf)],
        model: Option<&Model>,
        registers: Registers,
    ) -> Result<()> {
        let Some(place) = &self.place else {
            return Ok(());
        };
        stop::written();
        run.artifacts = artifacts(files);
        if let Some(model) = model {
            run.tag("tamis.model.sha256", model.sha256());
        }
        run.register = register(&self.args, &run, model, registers);
        run.ended = now();
        record(place, &run, model)
    }
}

/// How a server is to register the model of a run, where it is to.
fn register(args: &TrackArgs, run: &RunLog, model: Option<&Model>, registers: Registers) -> Option<Register> {
    let wanted = args.register.is_some() || registers == Registers::ByDefault;
    let never = args.no_register || registers == Registers::Never;
    if !wanted || never || !run.artifacts.iter().any(|file| file.kind == Kind::Model) {
        return None;
    }
    let contract = model.and_then(|model| model.metadata().contract.as_ref()).map(|contract| contract.name.clone());
    let name = args.register.clone().or(contract).unwrap_or_else(|| run.experiment.clone());
    Some(Register { name, alias: Some(args.alias.clone()) })
}

/// Writes a run's line and sends it to the server, if there is one.
pub(super) fn record(place: &Place, run: &RunLog, model: Option<&Model>) -> Result<()> {
    let kept = record::append(&place.folder, &Entry::Run(run.clone()));
    if let Err(error) = &kept {
        say(&format!("tamis: the run is not in the local record: {error:#}"));
    }
    let Some(server) = &place.server else {
        return Ok(());
    };
    let sent = deliver(server, &place.folder, run, model);
    sent.with_context(|| match kept {
        Ok(_) => format!("the results are written, but not tracked (`tamis runs send {}` tries again)", run.id),
        Err(_) => "the results are written, but not tracked".to_owned(),
    })
}

/// Sends a run and notes that it was sent.
fn deliver(server: &Server, folder: &Path, run: &RunLog, model: Option<&Model>) -> Result<()> {
    let package =
        model.map(|model| Package { metadata: model.metadata(), columns: model.columns(), sha256: model.sha256() });
    let mut learnt = send::send(server, &Plan::of(run, package.as_ref()))?;
    let mut take = |name: &str| learnt.remove(name).unwrap_or_default();
    let (run_id, experiment) = (take("run_id"), take("experiment_id"));
    let version = Some(take("version")).filter(|version| !version.is_empty());
    let registered = run.register.as_ref().zip(version.as_ref()).map(|(register, version)| {
        let alias = register.alias.as_ref().map(|alias| format!(", now its {alias}")).unwrap_or_default();
        format!("; the model is version {version} of {}{alias}", register.name)
    });
    let at = server.url(&format!("/#/experiments/{experiment}/runs/{run_id}"));
    say(&format!("tamis: tracked at {at}{}", registered.unwrap_or_default()));
    let sent = Sent { id: run.id.clone(), at: now(), server: server.to_string(), run_id, version };
    if let Err(error) = record::append(folder, &Entry::Sent(sent)) {
        say(&format!("tamis: that it was sent is not in the local record: {error:#}"));
    }
    Ok(())
}

/// Where the arguments and the environment say that a run is recorded; none where it is not to be.
fn place(args: &TrackArgs) -> Result<Option<Place>> {
    let said = args.track.clone().or_else(|| variable("TAMIS_TRACK"));
    if args.no_track || said.as_deref() == Some("off") {
        return Ok(None);
    }
    let Some(said) = said else {
        return Ok(Some(Place { folder: FOLDER.into(), server: usual_server()? }));
    };
    if Server::is_meant(&said) {
        return Ok(Some(Place { folder: FOLDER.into(), server: Some(Server::at(&said, variable)?) }));
    }
    if said.contains("://") || said.starts_with("databricks") {
        bail!("runs are recorded at an MLflow server (http:// or https://) or in a folder, and --track names neither");
    }
    Ok(Some(Place { folder: said.into(), server: None }))
}

/// The server of MLflow's own variable. Python takes more kinds of places from it, which are no reason to stop a run.
fn usual_server() -> Result<Option<Server>> {
    match variable("MLFLOW_TRACKING_URI") {
        Some(uri) if Server::is_meant(&uri) => Ok(Some(Server::at(&uri, variable)?)),
        Some(_) => {
            say("tamis: MLFLOW_TRACKING_URI is no http:// or https:// address, so the run is recorded in .tamis alone");
            Ok(None)
        }
        None => Ok(None),
    }
}

fn variable(name: &str) -> Option<String> {
    std::env::var(name).ok().filter(|value| !value.trim().is_empty())
}

fn artifacts(files: &[(Kind, PathBuf)]) -> Vec<Artifact> {
    let paths: Vec<PathBuf> = files.iter().map(|(_, path)| path.clone()).collect();
    let sums = lineage::of_files(&paths);
    let pairs = files.iter().zip(sums);
    pairs.map(|((kind, path), sums)| Artifact { kind: *kind, path: path.display().to_string(), sums }).collect()
}

/// The commit of the work tree that the command runs in, if it runs in one and there is a git.
fn commit() -> Option<String> {
    let mut git = Command::new("git");
    git.args(["rev-parse", "--verify", "--quiet", "HEAD"]).stdin(Stdio::null()).stderr(Stdio::null());
    let output = git.output().ok().filter(|output| output.status.success())?;
    let commit = String::from_utf8(output.stdout).ok()?.trim().to_owned();
    commit.bytes().all(|byte| byte.is_ascii_hexdigit()).then_some(commit).filter(|commit| !commit.is_empty())
}

/// Milliseconds since 1970.
#[allow(clippy::disallowed_methods, reason = "a run is recorded with its time")]
fn now() -> u64 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    u64::try_from(since.as_millis()).unwrap_or(u64::MAX)
}
