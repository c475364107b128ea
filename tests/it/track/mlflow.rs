//! A real MLflow server, and MLflow's own client and scoring server on what it was sent.

use super::{lines, orders, tamis};
use crate::common::{file, lifecycle_python, run};
use std::net::{TcpListener, TcpStream};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

/// How long the server may take to start: it makes its tables first.
const PATIENCE: Duration = Duration::from_secs(120);

struct Server {
    process: Child,
    uri: String,
}

impl Drop for Server {
    fn drop(&mut self) {
        // It starts workers of its own: all of its group end.
        let _ = Command::new("kill").args(["-KILL", "--", &format!("-{}", self.process.id())]).status();
        let _ = self.process.wait();
    }
}

/// Without what MLflow sends to its makers.
fn mlflow(python: &Path, folder: &Path) -> Command {
    let mut command = Command::new(python);
    command.env("MLFLOW_DISABLE_TELEMETRY", "true").env("DO_NOT_TRACK", "true").env("GIT_PYTHON_REFRESH", "quiet");
    // It starts programs of its environment by their names.
    let programs = [python.parent().unwrap().to_owned()].into_iter();
    let rest = std::env::var_os("PATH").unwrap_or_default();
    command.env("PATH", std::env::join_paths(programs.chain(std::env::split_paths(&rest))).unwrap());
    command.env_remove("PYTHONPATH").env("NO_PROXY", "127.0.0.1").current_dir(folder);
    command
}

fn server(python: &Path, folder: &Path) -> Server {
    let port = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
    let log = std::fs::File::create(folder.join("server.log")).unwrap();
    let mut command = mlflow(python, folder);
    command.args(["-m", "mlflow", "server", "--host", "127.0.0.1", "--workers", "1", "--serve-artifacts"]);
    command.args(["--port", &port.to_string(), "--backend-store-uri", "sqlite:///runs.db"]);
    command.arg("--artifacts-destination").arg(folder.join("artifacts"));
    command.stdin(Stdio::null()).stdout(log.try_clone().unwrap()).stderr(log);
    std::os::unix::process::CommandExt::process_group(&mut command, 0);
    let mut server = Server { process: command.spawn().unwrap(), uri: format!("http://127.0.0.1:{port}") };
    let began = Instant::now();
    while TcpStream::connect(("127.0.0.1", port)).is_err() {
        let log = || std::fs::read_to_string(folder.join("server.log")).unwrap_or_default();
        assert!(server.process.try_wait().unwrap().is_none(), "the server ended: {}", log());
        assert!(began.elapsed() < PATIENCE, "the server does not answer: {}", log());
        std::thread::sleep(Duration::from_millis(200));
    }
    server
}

/// Rows for the model, some with gaps, the same in each run.
fn rows(features: &str) -> String {
    let columns = features.split(',').count();
    let mut state = 1_u64;
    let mut cell = |gaps: bool| {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        let value = (state >> 40) as f64 / 1000.0;
        if gaps && state >> 33 & 7 == 0 { String::new() } else { format!("{value}") }
    };
    let mut row = |gaps| (0..columns).map(|_| cell(gaps)).collect::<Vec<_>>().join(",");
    // The first has no gap, so that every column is one of numbers.
    let rows: Vec<String> = (0..500).map(|number| row(number > 0)).collect();
    format!("{features}\n{}\n", rows.join("\n"))
}

#[test]
fn a_server_has_the_run_once_and_serves_its_model() {
    let Some(python) = lifecycle_python("import mlflow, onnx, onnxruntime") else { return };
    let folder = tempfile::tempdir().unwrap();
    let at = folder.path();
    orders(at, 1);
    let train = ["train", "orders1.ndjson", "--model-out", "m.onnx"];
    // The server is not there yet: the run is sent later.
    let nobody = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    let (code, _, _) = run(tamis(at)
        .args(train)
        .env("MLFLOW_TRACKING_URI", format!("http://{nobody}"))
        .env("MLFLOW_HTTP_REQUEST_MAX_RETRIES", "0"));
    assert_eq!(code, 2);
    let server = server(&python, at);
    let send = || run(tamis(at).args(["runs", "send", "last"]).env("MLFLOW_TRACKING_URI", &server.uri));
    let (code, _, stderr) = send();
    assert!(code == 0 && stderr.contains("the model is version 1 of orders, now its champion"), "{stderr}");
    let (code, _, stderr) = send();
    assert!(code == 0 && stderr.contains("the model is version 1 of orders"), "sent twice: {stderr}");
    // A name that must be escaped everywhere, and a model that is not registered.
    let odd = ["--track", &server.uri, "--experiment", "a b/ü?{x}&", "--run-name", "{run_id}", "--no-register"];
    let (code, _, stderr) = run(tamis(at).args(train).args(odd));
    assert!(code == 0 && !stderr.contains("version"), "{stderr}");
    let (code, _, stderr) = run(tamis(at).args([
        "run",
        "orders1.ndjson",
        "--track",
        &server.uri,
        "--min-acceptance",
        "1",
        "--register",
        "x",
    ]));
    assert!(code == 1 && stderr.contains("tracked at") && !stderr.contains("version"), "{stderr}");
    let (code, _, stderr) = run(tamis(at).args(train).args(["--seed", "9", "--track", &server.uri]));
    assert!(code == 0 && stderr.contains("version 2 of orders"), "{stderr}");

    let last = lines(at).into_iter().rfind(|line| line["format"] == "tamis.run/1").unwrap();
    let features = last["params"]["features"].as_str().unwrap();
    file(at, "rows.csv", rows(features));
    file(at, "expected.json", last.to_string());
    let (code, scores, stderr) = run(tamis(at).args(["score", "rows.csv", "--model", "m.onnx"]));
    assert_eq!((code, scores.lines().count()), (0, 500), "{stderr}");
    file(at, "scores.ndjson", &scores);
    let script = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/python/tracked.py");
    let mut check = mlflow(&python, at);
    check.args([script, "expected.json", "rows.csv", "scores.ndjson"]).env("MLFLOW_TRACKING_URI", &server.uri);
    let output = check.output().unwrap();
    let (found, faults) = (String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    assert!(output.status.success(), "{found}{faults}");
    println!("{found}");
    // Two versions of the model, and four runs: none of them twice, none left open.
    let count = "import mlflow; c = mlflow.MlflowClient(); e = [x.experiment_id for x in c.search_experiments()]; \
                 r = c.search_runs(e); print(len(r), {x.info.status for x in r}, len(c.search_model_versions()), \
                 sorted(f.path for x in r if x.info.run_name.startswith('run-') for f in c.list_artifacts(x.info.run_id)))";
    let output = mlflow(&python, at).args(["-c", count]).env("MLFLOW_TRACKING_URI", &server.uri).output().unwrap();
    assert_eq!(
        String::from_utf8_lossy(&output.stdout).trim(),
        "4 {'FINISHED'} 2 ['model', 'report.html', 'summary.json']"
    );
}
