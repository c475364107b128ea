//! What several files of tests need: the binary, files for it, and the shared test data.

use std::path::{Path, PathBuf};
use std::process::{Command, Output};

/// Any fixed key.
pub const KEY: &str = "0707070707070707070707070707070707070707070707070707070707070707";

/// The binary, with the key; it records no run, for it runs where the sources are.
pub fn tamis() -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_tamis"));
    command.env("TAMIS_KEY", KEY).env("TAMIS_TRACK", "off").env_remove("MLFLOW_TRACKING_URI");
    command
}

/// Runs a command; answers its exit code, its stdout and its stderr.
pub fn run(command: &mut Command) -> (i32, String, String) {
    let Output { status, stdout, stderr } = command.output().unwrap();
    let text = |bytes| String::from_utf8(bytes).unwrap();
    (status.code().unwrap(), text(stdout), text(stderr))
}

pub fn file(folder: &Path, name: &str, content: impl AsRef<[u8]>) -> PathBuf {
    let path = folder.join(name);
    std::fs::write(&path, content).unwrap();
    path
}

/// A file or folder of the shared test data; none, with a word about it, where it is absent.
pub fn testdata(name: &str) -> Option<PathBuf> {
    let root = std::env::var_os("TAMIS_TESTDATA").map_or_else(|| PathBuf::from("../shared/data"), PathBuf::from);
    let path = root.join(name);
    if !path.exists() {
        eprintln!("skipped: {} is not here", path.display());
        return None;
    }
    Some(path)
}

/// The Python that can run a line of imports; where there is none, says so, or fails where `CI=true`.
pub fn python(imports: &str) -> Option<PathBuf> {
    python_of("TAMIS_PYTHON", "venv", imports)
}

/// The same with the packages of the lifecycle: MLflow, DVC, SciPy.
pub fn lifecycle_python(imports: &str) -> Option<PathBuf> {
    python_of("TAMIS_LIFECYCLE_PYTHON", "venv-lifecycle", imports)
}

fn python_of(variable: &str, folder: &str, imports: &str) -> Option<PathBuf> {
    let var = |name| std::env::var_os(name).filter(|value| !value.is_empty()).map(PathBuf::from);
    let cache = var("TAMIS_CACHE").or_else(|| var("HOME").map(|home| home.join(".cache/tamis")));
    let python = var(variable).or_else(|| cache.map(|cache| cache.join(folder).join("bin/python")));
    let works = |python: &PathBuf| {
        Command::new(python).args(["-c", imports]).output().is_ok_and(|output| output.status.success())
    };
    let python = python.filter(works);
    if python.is_none() {
        assert!(std::env::var("CI").as_deref() != Ok("true"), "no Python that can {imports}");
        eprintln!("skipped: no Python that can {imports} (set {variable})");
    }
    python
}
