"""What MLflow itself makes of a run that Tamis sent: tracked.py EXPECTED.json ROWS.csv SCORES.ndjson

EXPECTED holds the run's line in the local record; MLFLOW_TRACKING_URI names the server. The scores are those of
`tamis score` on the same rows.
"""

import contextlib
import json
import os
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from pathlib import Path

import mlflow
import numpy
import pandas

PATIENCE_S = 120


def main(expected: dict, rows: pandas.DataFrame, scores: pandas.DataFrame) -> None:
    client = mlflow.MlflowClient()
    version = client.get_model_version_by_alias(expected["register"]["name"], expected["register"]["alias"])
    run = client.get_run(version.run_id)
    check_run(run, expected)
    files = {file.path for file in client.list_artifacts(run.info.run_id, "model")}
    assert {"model/MLmodel", "model/model.onnx", "model/requirements.txt", "model/python_env.yaml"} <= files, files
    tags = {key: expected["tags"][key] for key in ("tamis.model.sha256", "tamis.contract", "tamis.contract.sha256")}
    assert version.tags == tags, version.tags

    uri = f"models:/{expected['register']['name']}@{expected['register']['alias']}"
    model = mlflow.pyfunc.load_model(uri)
    for kind in ("float64", "float32"):
        compare(model.predict(rows.astype(kind)), scores, f"pyfunc on {kind}")
    whole = rows.fillna(0).round().astype("int32")
    compare(model.predict(whole), model.predict(whole.astype("float64")).rename(columns={"scores": "decision"}), "integers")
    example = model.input_example
    assert list(example.columns) == list(rows.columns), example
    assert numpy.isfinite(model.predict(example)["scores"]).all()
    serve(uri, rows, scores)
    print(f"{len(rows)} rows: pyfunc and the scoring server agree with tamis score; version {version.version}")


def check_run(run, expected: dict) -> None:
    assert run.info.status == "FINISHED", run.info
    assert run.info.run_name == expected["name"], run.info
    assert run.data.params == expected["params"], run.data.params
    assert run.data.metrics == expected["metrics"], run.data.metrics
    missing = expected["tags"].items() - run.data.tags.items()
    assert not missing, missing
    assert run.data.tags["tamis.id"] == expected["id"]
    assert run.info.end_time >= run.info.start_time
    [data] = run.inputs.dataset_inputs
    [read] = expected["datasets"]
    assert data.dataset.digest == read["md5"], data
    assert [(tag.key, tag.value) for tag in data.tags] == [("mlflow.data.context", read["context"])], data.tags


def compare(found: pandas.DataFrame, wanted: pandas.DataFrame, what: str) -> None:
    assert list(found["label"]) == list(wanted["label"]), what
    worst = float(numpy.abs(found["scores"].to_numpy("float64") - wanted["decision"].to_numpy("float64")).max())
    assert worst <= 1e-6, (what, worst)
    print(f"{what}: at most {worst:.1e} apart")


def serve(uri: str, rows: pandas.DataFrame, scores: pandas.DataFrame) -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    command = ["-m", "mlflow", "models", "serve", "-m", uri, "--env-manager", "local", "-h", "127.0.0.1", "-p", str(port)]
    # The server starts workers of its own: they end together.
    server = subprocess.Popen([sys.executable, *command], stdout=sys.stderr, start_new_session=True)
    try:
        wait(f"http://127.0.0.1:{port}/ping", server)
        body = json.dumps({"dataframe_split": json.loads(rows.to_json(orient="split", index=False))}).encode()
        request = urllib.request.Request(
            f"http://127.0.0.1:{port}/invocations", body, {"Content-Type": "application/json"}
        )
        with urllib.request.urlopen(request, timeout=60) as answer:
            compare(pandas.DataFrame(json.load(answer)["predictions"]), scores, "mlflow models serve")
    finally:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(server.pid, signal.SIGKILL)
        server.wait()


def wait(url: str, server: subprocess.Popen) -> None:
    end = time.monotonic() + PATIENCE_S
    while time.monotonic() < end and server.poll() is None:
        try:
            with urllib.request.urlopen(url, timeout=5):
                return
        except (urllib.error.URLError, OSError):
            time.sleep(0.3)
    raise SystemExit(f"{url} does not answer")


main(
    json.loads(Path(sys.argv[1]).read_text()),
    pandas.read_csv(sys.argv[2]),
    pandas.read_json(sys.argv[3], lines=True),
)
