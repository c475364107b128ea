//! What the tests of a cycle share: an inbox, a state, and the command.

use crate::common::{file, run, tamis};
use serde_json::Value as Json;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::Command;
use tamis::generate::{Params, orders};

/// A moment at which all stands still.
pub const NOW: &str = "2026-01-31T12:00:00Z";

pub struct Bench {
    pub folder: tempfile::TempDir,
}

impl Bench {
    pub fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        std::fs::create_dir(folder.path().join("inbox")).unwrap();
        Self { folder }
    }

    pub fn inbox(&self) -> PathBuf {
        self.folder.path().join("inbox")
    }

    pub fn state(&self) -> PathBuf {
        self.folder.path().join("state")
    }

    pub fn put(&self, name: &str, content: impl AsRef<[u8]>) -> PathBuf {
        file(&self.inbox(), name, content)
    }

    /// Puts a day of orders into the inbox.
    pub fn orders(&self, name: &str, rows: u64, seed: u64, defects: f64) {
        let params = Params { rows, seed, defects, anomalies: 0.02 };
        let lines: Vec<String> = orders(&params).unwrap().map(|row| row.line + "\n").collect();
        self.put(name, lines.concat());
    }

    /// The command over this inbox and state.
    pub fn cycle(&self) -> Command {
        self.cycle_in(&self.state())
    }

    pub fn cycle_in(&self, state: &Path) -> Command {
        let mut command = tamis();
        command.args(["cycle", "--json", "--now", NOW, "--inbox"]).arg(self.inbox()).arg("--state").arg(state);
        command.env_remove("TAMIS_WEBHOOK_SECRET").env_remove("GITHUB_TOKEN").env_remove("TAMIS_MODEL_PUBLIC_KEY");
        command
    }
}

/// Runs a cycle; answers its exit code and its report.
pub fn turn(command: &mut Command) -> (i32, Json) {
    let (code, stdout, stderr) = run(command);
    let report = serde_json::from_str(&stdout).unwrap_or_else(|error| panic!("{error}: {code} {stdout}{stderr}"));
    (code, report)
}

/// Which batches raised an alarm, by day.
pub fn alarms(report: &Json, trigger: &str) -> Vec<String> {
    let batches = report["batches"].as_array().unwrap().iter();
    let fired = batches.filter(|batch| {
        let findings = batch["findings"].as_array().unwrap();
        findings.iter().any(|finding| finding["trigger"] == trigger && finding["fired"] == true)
    });
    fired.map(|batch| batch["moment"].as_str().unwrap()[..10].to_owned()).collect()
}

/// All files below a folder, with their bytes.
pub fn tree(folder: &Path) -> BTreeMap<PathBuf, Vec<u8>> {
    let mut files = BTreeMap::new();
    let mut folders = vec![folder.to_owned()];
    while let Some(next) = folders.pop() {
        for entry in std::fs::read_dir(&next).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else {
                files.insert(path.strip_prefix(folder).unwrap().to_owned(), std::fs::read(&path).unwrap());
            }
        }
    }
    files
}

/// Names the first file in which two folders differ.
pub fn same(left: &Path, right: &Path) {
    let (left, right) = (tree(left), tree(right));
    let names = |tree: &BTreeMap<PathBuf, Vec<u8>>| tree.keys().cloned().collect::<Vec<_>>();
    assert_eq!(names(&left), names(&right));
    for (name, bytes) in &left {
        let other = &right[name];
        let show = |bytes: &[u8]| String::from_utf8_lossy(&bytes[..bytes.len().min(2000)]).into_owned();
        assert!(bytes == other, "{} differs:\n{}\n---\n{}", name.display(), show(bytes), show(other));
    }
}
