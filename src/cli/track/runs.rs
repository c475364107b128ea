//! `tamis runs`: what the local record knows.

use super::server::Server;
use super::{FOLDER, deliver, record, usual_server, variable};
use crate::cli::End;
use crate::cli::args::{FolderArgs, RecordArgs, RunsArgs, RunsCommand};
use crate::cli::output::{self, Files};
use crate::cli::progress::{say, shown};
use crate::score::Model;
use crate::track::{Comparison, Entry, Kind, Ledger, RunLog, chart, comparison, listed, rfc3339};
use anyhow::{Context, Result, bail};
use std::fmt::Write as _;
use std::path::{Path, PathBuf};

pub(in crate::cli) fn runs(args: &RunsArgs) -> Result<End> {
    match &args.command {
        RunsCommand::List { record, json } => list(record, *json)?,
        RunsCommand::Show { id, record, json } => show(id, record, *json)?,
        RunsCommand::Compare { ids, record, html, json } => compare(ids, record, html.as_deref(), *json)?,
        RunsCommand::Chart { record, out } => {
            let ledger = read(&record.folder)?;
            write(out, &chart(&chosen(&ledger, record)))?;
        }
        RunsCommand::Send { id, record, track } => send(id, record, track.as_deref())?,
    }
    Ok(End::Done)
}

fn folder(args: &FolderArgs) -> PathBuf {
    let said = || variable("TAMIS_TRACK").filter(|said| said != "off" && !Server::is_meant(said)).map(PathBuf::from);
    args.folder.clone().or_else(said).unwrap_or_else(|| FOLDER.into())
}

fn read(args: &FolderArgs) -> Result<Ledger> {
    record::read(&folder(args))
}

fn chosen<'l>(ledger: &'l Ledger, args: &RecordArgs) -> Vec<&'l RunLog> {
    let is = |wanted: &Option<String>, value: &str| wanted.as_ref().is_none_or(|wanted| wanted == value);
    let fits = |run: &&RunLog| is(&args.experiment, &run.experiment) && is(&args.command, &run.command);
    let runs: Vec<_> = ledger.runs.iter().filter(fits).collect();
    let skipped = runs.len() - args.last.unwrap_or(runs.len()).min(runs.len());
    runs.into_iter().skip(skipped).collect()
}

fn list(args: &RecordArgs, json: bool) -> Result<()> {
    let ledger = read(&args.folder)?;
    let runs = chosen(&ledger, args);
    if json {
        let lines: Result<String, _> = runs.into_iter().map(|run| Entry::Run(run.clone()).line()).collect();
        return output::print(&lines?);
    }
    output::print(&shown(&listed(&runs, |run| ledger.sent.contains_key(&run.id))))
}

fn show(id: &str, args: &FolderArgs, json: bool) -> Result<()> {
    let ledger = read(args)?;
    let run = ledger.find(id)?;
    if json {
        return output::print(&Entry::Run(run.clone()).line()?);
    }
    output::print(&shown(&told(run, &ledger)))
}

/// All of a run, for people.
fn told(run: &RunLog, ledger: &Ledger) -> String {
    let mut out = format!(
        "{} {}\nid          {}\nexperiment  {}\nstarted     {}, took {:.1} s\n",
        run.command,
        run.name,
        run.id,
        run.experiment,
        rfc3339(run.started),
        run.seconds()
    );
    if let Some(sent) = ledger.sent.get(&run.id) {
        let version = sent.version.as_ref().map(|version| format!(", version {version}")).unwrap_or_default();
        // Writing to a String cannot fail.
        let _ = writeln!(out, "sent        {} to {}: {}{version}", rfc3339(sent.at), sent.server, sent.run_id);
    }
    let mut list = |title: &str, lines: Vec<(String, String)>| {
        let width = lines.iter().map(|(name, _)| name.chars().count()).max().unwrap_or(0);
        if !lines.is_empty() {
            let _ = writeln!(out, "\n{title}");
        }
        for (name, value) in lines {
            let _ = writeln!(out, "  {name:<width$}  {value}");
        }
    };
    let sums = |sums: Option<&crate::track::Sums>| {
        sums.map_or("not hashed".to_owned(), |sums| {
            format!("sha256 {} md5 {} {} bytes", sums.sha256, sums.md5, sums.bytes)
        })
    };
    list("parameters", run.params.iter().map(|(name, value)| (name.clone(), value.clone())).collect());
    list("figures", run.metrics.iter().map(|(name, value)| (name.clone(), value.to_string())).collect());
    list("tags", run.tags.iter().map(|(name, value)| (name.clone(), value.clone())).collect());
    list("read", run.datasets.iter().map(|data| (data.path.clone(), sums(data.sums.as_ref()))).collect());
    list("written", run.artifacts.iter().map(|file| (file.path.clone(), sums(file.sums.as_ref()))).collect());
    out
}

fn compare(ids: &[String], args: &FolderArgs, html: Option<&Path>, json: bool) -> Result<()> {
    let ledger = read(args)?;
    let find = |id: &String| ledger.find(id).with_context(|| format!("the run {id}"));
    let runs = Comparison::of(ids.iter().map(find).collect::<Result<_>>()?);
    if let Some(path) = html {
        write(path, &comparison(&runs))?;
    }
    output::print(&if json { format!("{:#}\n", runs.json()) } else { shown(&runs.text()) })
}

fn write(path: &Path, html: &str) -> Result<()> {
    let (mut files, id) = Files::one(path)?;
    files.write(id, html.as_bytes())?;
    files.finish()?;
    say(&format!("tamis: written to {}", path.display()));
    Ok(())
}

fn send(id: &str, args: &FolderArgs, track: Option<&str>) -> Result<()> {
    let server = match track {
        Some(uri) if Server::is_meant(uri) => Some(Server::at(uri, variable)?),
        Some(_) => bail!("--track names no http:// or https:// address"),
        None => usual_server()?,
    };
    let server = server.context("name the server with --track, or in the variable MLFLOW_TRACKING_URI")?;
    let ledger = read(args)?;
    let run = ledger.find(id)?;
    let model = run.artifacts.iter().find(|file| file.kind == Kind::Model);
    let model = model.map(|file| {
        let bytes = std::fs::read(&file.path).with_context(|| format!("cannot read {}", file.path))?;
        Model::from_onnx(&bytes).with_context(|| format!("cannot load {}", file.path))
    });
    deliver(&server, &folder(args), run, model.transpose()?.as_ref())
}
