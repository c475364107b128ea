#!/usr/bin/env python3
"""Measures the forest beside its peers, all in one run: scripts/bench-forest.sh calls it.

Every row of the table is measured in rounds in which the contestants take turns, each on one thread, in CPU seconds (in
Chromium, which does not tell them, by the clock). A process of its own answers for Tamis (`forest-bench`), one for wasm in
Node; the Python peers run in this one.
"""

import argparse
import functools
import importlib.metadata
import http.server
import json
import os
import statistics
import subprocess
import sys
import tempfile
import threading
import time
import warnings
from pathlib import Path

for variable in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "NUMBA_NUM_THREADS", "RAYON_NUM_THREADS"):
    os.environ[variable] = "1"
# Before the first import of a peer, because each reads its number of threads once.
import numpy as np  # noqa: E402
import onnxruntime  # noqa: E402
from coniferest.isoforest import IsolationForest as Coniferest  # noqa: E402
from sklearn.ensemble import IsolationForest  # noqa: E402

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))
from measure import machine, write  # noqa: E402

try:
    import isotree
except ImportError:
    isotree = None

HERE = Path(__file__).resolve().parent
WIDTHS = (10, 32)


class Server:
    """A process that answers each line with a number."""

    def __init__(self, *command):
        command = [str(part) for part in command]
        self.process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)

    def ask(self, *words) -> float:
        self.process.stdin.write(" ".join(map(str, words)) + "\n")
        self.process.stdin.flush()
        line = self.process.stdout.readline()
        if not line:
            sys.exit(f"the bench's process ended at: {words}")
        return float(line)


def cpu(work, times: int = 1) -> float:
    start = time.process_time()
    for _ in range(times):
        work()
    return (time.process_time() - start) / times


class Table:
    """The rows, as they are measured."""

    def __init__(self, rounds: int):
        self.rounds, self.lines, self.figures = rounds, [], {}

    def measure(self, work: str, unit: str, ours, peers: dict, goals: dict | None = None) -> None:
        """`ours` and each of `peers` answer seconds; `goals` says how many times as fast we want to be."""
        scale = {"µs": 1e6, "ms": 1e3}[unit]
        contestants = {"tamis": ours} | peers
        times: dict = {name: [] for name in contestants}
        for contestant in contestants.values():
            contestant()
        for turn in range(self.rounds):
            # In turn, and the other way round each time, so that a busy minute harms nobody alone.
            for name in contestants if turn % 2 == 0 else reversed(contestants):
                times[name].append(contestants[name]() * scale)
        self.add(work, unit, times, goals or {})

    def add(self, work: str, unit: str, times: dict, goals: dict) -> None:
        own = times["tamis"]
        self.figures[work] = statistics.median(own)
        for name in [name for name in times if name != "tamis"] or [None]:
            line = f"| {work} | {figure(own)} {unit} "
            if name:
                ratio = statistics.median(times[name]) / statistics.median(own)
                least = min(times[name]) / min(own)
                goal = goals.get(name)
                verdict = "" if goal is None else f"{goal:g}, {'reached' if ratio >= goal else '**missed**'}"
                line += f"| {name} | {figure(times[name])} {unit} | {ratio:.1f} | {least:.1f} | {verdict} |"
            else:
                line += "| | | | | |"
            self.lines.append(line)
            print(line, file=sys.stderr)


def figure(times: list) -> str:
    median, least = statistics.median(times), min(times)
    digits = 3 if median < 1 else 2 if median < 100 else 0
    return f"{median:,.{digits}f} ({least:,.{digits}f})"


def make_rows(count: int, columns: int) -> np.ndarray:
    """Normal rows of which every hundredth is far out."""
    rows = np.random.default_rng(7).standard_normal((count, columns), dtype=np.float32)
    rows[: count // 100] *= 4
    return np.random.default_rng(8).permutation(rows)


def session(model: bytes) -> onnxruntime.InferenceSession:
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = options.inter_op_num_threads = 1
    options.log_severity_level = 3
    return onnxruntime.InferenceSession(model, options, providers=["CPUExecutionProvider"])


def coniferest_forest() -> Coniferest:
    return Coniferest(n_trees=100, n_subsamples=256, n_jobs=1, random_seed=1)


def isotree_forest(dimensions: int = 1):
    return isotree.IsolationForest(
        ntrees=100, sample_size=256, ndim=dimensions, nthreads=1, random_seed=1, missing_action="fail"
    )


class Bench:
    def __init__(self, arguments: argparse.Namespace, folder: Path):
        self.folder, self.rounds = folder, arguments.rounds
        self.count, self.some = arguments.rows, min(arguments.rows, 100_000)
        self.table = Table(arguments.rounds)
        self.ours = Server(arguments.binary)
        self.web = None
        self.arguments = arguments
        self.notes: list[str] = []

    def run(self) -> str:
        for columns in WIDTHS:
            self.prepare(columns)
        if self.arguments.wasm:
            here = self.arguments
            self.web = Server("node", HERE / "node.mjs", self.folder, here.wasm, here.ort / "ort.wasm.min.mjs")
        for columns in WIDTHS:
            self.scoring(columns)
        self.extended()
        self.tuned()
        self.fitting()
        if self.arguments.chromium:
            self.chromium()
        return self.text()

    def rows(self, columns: int) -> np.ndarray:
        path = self.folder / f"rows-{columns}.f32"
        if not path.exists():
            make_rows(self.count, columns).tofile(path)
        return np.fromfile(path, dtype=np.float32).reshape(-1, columns)

    def prepare(self, columns: int) -> None:
        """The rows and, grown on them, the model that the ONNX peers are given too."""
        self.rows(columns)
        self.ours.ask("open", self.folder / f"rows-{columns}.f32", columns)
        self.ours.ask("fit")
        self.ours.ask("write", self.folder / f"model-{columns}.onnx")

    def scoring(self, columns: int) -> None:
        rows, model = self.rows(columns), (self.folder / f"model-{columns}.onnx").read_bytes()
        ours, ask = self.table, self.ours.ask
        ask("open", self.folder / f"rows-{columns}.f32", columns)
        ask("load", self.folder / f"model-{columns}.onnx", 1)
        runtime, theirs = session(model), coniferest_forest().fit(rows)
        scikit = IsolationForest(n_estimators=100, max_samples=256, random_state=1, n_jobs=1).fit(rows)
        run = lambda part: runtime.run(None, {runtime.get_inputs()[0].name: part})  # noqa: E731
        peers = {
            "coniferest": lambda: cpu(lambda: theirs.score_samples(rows)) / len(rows),
            "onnxruntime": lambda: cpu(lambda: run(rows)) / len(rows),
            "scikit-learn": lambda: cpu(lambda: scikit.score_samples(rows)) / len(rows),
        }
        goals = {"coniferest": 5, "onnxruntime": 6}
        if isotree:
            tree = isotree_forest().fit(rows)
            peers["isotree"] = lambda: cpu(lambda: tree.predict(rows)) / len(rows)
        ours.measure(f"score, {len(rows):,} × {columns}, a row", "µs", lambda: ask("batch") / len(rows), peers, goals)
        one = np.ascontiguousarray(rows[:1])
        peers = {
            "coniferest": lambda: cpu(lambda: theirs.score_samples(one), 2000),
            "onnxruntime": lambda: cpu(lambda: run(one), 2000),
            "scikit-learn": lambda: cpu(lambda: scikit.score_samples(one), 5),
        }
        goals = {"coniferest": 5, "onnxruntime": 10}
        ours.measure(f"one row of {columns}", "µs", lambda: ask("one", 20_000), peers, goals)
        self.in_node(columns)
        self.explaining(columns, rows, theirs, scikit)
        file = self.folder / f"model-{columns}.onnx"
        peers = {"onnxruntime": lambda: cpu(lambda: session(model), 10)}
        ours.measure(f"load the model of {columns}", "ms", lambda: ask("load", file, 20), peers, {"onnxruntime": 10})

    def in_node(self, columns: int) -> None:
        if not self.web:
            return
        ask, table = self.web.ask, self.table
        ask("open", columns)
        difference = ask("check", 2000)
        if not difference < 1e-5:
            sys.exit(f"wasm and onnxruntime-web differ by {difference}")
        what = f"score in wasm (Node), {self.some:,} × {columns}, a row"
        peers = {"onnxruntime-web": lambda: ask("ort", "batch", self.some)}
        table.measure(what, "µs", lambda: ask("tamis", "batch", self.some), peers, {"onnxruntime-web": 4.5})
        peers = {"onnxruntime-web": lambda: ask("ort", "one", 2000)}
        one = f"one row of {columns} in wasm (Node)"
        table.measure(one, "µs", lambda: ask("tamis", "one", 20_000), peers, {"onnxruntime-web": 10})
        # The wasm beside the same kernel, natively and in the same rounds.
        peers = {"the native kernel": lambda: self.ours.ask("batch") / self.count}
        table.measure(f"wasm beside native, × {columns}, a row", "µs", lambda: ask("tamis", "batch", self.some), peers, {
            "the native kernel": 0.5
        })

    def explaining(self, columns: int, rows: np.ndarray, theirs: Coniferest, scikit: IsolationForest) -> None:
        import shap

        part, few = rows[: self.some], rows[:100]
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            explainer = shap.TreeExplainer(scikit)
        peers = {
            "coniferest `feature_signature`": lambda: cpu(lambda: theirs.feature_signature(part)) / len(part),
            "shap `TreeExplainer`": lambda: cpu(lambda: explainer.shap_values(few)) / len(few),
        }
        goals = {"coniferest `feature_signature`": 3, "shap `TreeExplainer`": 500}
        ours = lambda: self.ours.ask("explain", len(part))  # noqa: E731
        self.table.measure(f"explain, {len(part):,} × {columns}, a row", "µs", ours, peers, goals)
        self.table.measure(f"the reasons of one row of {columns}", "µs", lambda: self.ours.ask("reasons", 10_000), {})

    def extended(self) -> None:
        """Planes of two features, which isotree calls ndim=2."""
        rows, file = self.rows(10), self.folder / "extended.onnx"
        self.ours.ask("open", self.folder / "rows-10.f32", 10)
        self.ours.ask("extended")
        self.ours.ask("write", file)
        self.ours.ask("load", file, 1)
        peers = {}
        if isotree:
            tree = isotree_forest(2).fit(rows)
            peers["isotree, ndim=2"] = lambda: cpu(lambda: tree.predict(rows)) / len(rows)
        else:
            self.notes.append("isotree could not be installed here, so it is missing.")
        work = f"score, extended, {len(rows):,} × 10, a row"
        self.table.measure(work, "µs", lambda: self.ours.ask("batch") / len(rows), peers, {"isotree, ndim=2": 3})

    def tuned(self) -> None:
        """The preset `tuned`: taller trees with a leaf for each of 512 samples, and 300 of them."""
        rows, file = self.rows(10), self.folder / "tuned.onnx"
        part = rows[: self.some]
        self.ours.ask("open", self.folder / "rows-10.f32", 10)
        self.ours.ask("tuned")
        self.ours.ask("write", file)
        self.ours.ask("load", file, 1)
        runtime = session(file.read_bytes())
        name = runtime.get_inputs()[0].name
        peers = {"onnxruntime": lambda: cpu(lambda: runtime.run(None, {name: part})) / len(part)}
        work = f"score, preset tuned, {len(rows):,} × 10, a row"
        self.table.measure(work, "µs", lambda: self.ours.ask("batch") / len(rows), peers)

    def fitting(self) -> None:
        for columns in (10, 30):
            for count in (10_000, self.count):
                rows = make_rows(count, columns)
                path = self.folder / "fit.f32"
                rows.tofile(path)
                self.ours.ask("open", path, columns)
                scikit = IsolationForest(n_estimators=100, max_samples=256, random_state=1, n_jobs=1)
                peers = {
                    "coniferest": functools.partial(cpu, lambda rows=rows: coniferest_forest().fit(rows), 5),
                    "scikit-learn": functools.partial(cpu, lambda rows=rows, scikit=scikit: scikit.fit(rows)),
                }
                if isotree:
                    peers["isotree"] = functools.partial(cpu, lambda rows=rows: isotree_forest().fit(rows), 5)
                goal = {"coniferest": 2 if count == 10_000 else 1.2}
                self.table.measure(f"fit, {count:,} × {columns}", "ms", self.fitted, peers, goal)

    def fitted(self) -> float:
        return statistics.median(self.ours.ask("fit") for _ in range(5))

    def chromium(self) -> None:
        """The works of the table in a browser: a page asks this process what to do and answers with what it took."""
        batch = min(self.some, 50_000)
        works = [["tamis", "batch", batch], ["ort", "batch", batch], ["tamis", "one", 20_000], ["ort", "one", 1000]]
        questions = {"columns": WIDTHS, "rounds": self.rounds, "works": works}
        found = beside_in_chromium(self.arguments, self.folder, questions)
        if "error" in found:
            self.notes.append(f"Chromium could not be measured: {found['error'].splitlines()[0]}")
            return
        for answer in found["answers"]:
            own, theirs, one, their_one = ([seconds * 1e6 for seconds in times] for times in answer["times"])
            width = answer["width"]
            work = f"score in wasm (Chromium), {batch:,} × {width}, a row"
            self.table.add(work, "µs", {"tamis": own, "onnxruntime-web": theirs}, {"onnxruntime-web": 4.5})
            work = f"one row of {width} in wasm (Chromium)"
            self.table.add(work, "µs", {"tamis": one, "onnxruntime-web": their_one}, {"onnxruntime-web": 10})

    def text(self) -> str:
        peers = ["coniferest", "onnxruntime", "scikit-learn", "shap", *(["isotree"] if isotree else [])]
        names = ", ".join(f"{name} {importlib.metadata.version(name)}" for name in peers)
        if self.web:
            package = json.loads((self.arguments.ort.parent / "package.json").read_text())
            names += f", onnxruntime-web {package['version']}"
        lines = [
            f"100 trees, 256 samples, one thread, {self.rounds} rounds in turn, {machine()}; {names}. CPU "
            "time, median (least); in Chromium, time by the clock.",
            "",
            "| work | tamis | peer | its time | tamis is so many times as fast, by median | by least | goal |",
            "|---|---|---|---|---|---|---|",
            *self.table.lines,
            *[line for note in self.notes for line in ("", note)],
        ]
        return "\n".join(lines)


def beside_in_chromium(arguments: argparse.Namespace, folder: Path, questions: dict) -> dict:
    places = {"tamis": arguments.wasm.parent, "ort": arguments.ort, "files": folder}
    found: dict = {}
    done = threading.Event()

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_GET(self):
            name = self.path.split("?")[0].strip("/")
            place, _, rest = name.partition("/")
            if name == "questions":
                return self.give(json.dumps(questions).encode(), "application/json")
            path = places[place] / rest if place in places else HERE / (name or "page.html")
            if ".." in name or not path.is_file():
                return self.send_error(404)
            kinds = {".html": "text/html", ".js": "text/javascript", ".mjs": "text/javascript", ".wasm": "application/wasm"}
            return self.give(path.read_bytes(), kinds.get(path.suffix, "application/octet-stream"))

        def give(self, body: bytes, kind: str):
            self.send_response(200)
            self.send_header("Content-Type", kind)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def do_POST(self):
            found.update(json.loads(self.rfile.read(int(self.headers["Content-Length"]))))
            self.give(b"", "text/plain")
            done.set()

        def log_message(self, *_):
            pass

    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    with tempfile.TemporaryDirectory(prefix="tamis-bench-chromium-") as profile:
        command = [arguments.chromium, "--headless=new", "--no-sandbox", "--disable-gpu", f"--user-data-dir={profile}"]
        address = f"http://127.0.0.1:{server.server_port}/"
        browser = subprocess.Popen([*command, address], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        in_time = done.wait(900)
        browser.terminate()
        browser.wait()
        server.shutdown()
    return found if in_time else {"error": "it did not answer in a quarter of an hour"}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--binary", type=Path, required=True, help="forest-bench")
    parser.add_argument("--wasm", type=Path, help="scorer.js, the forest in wasm")
    parser.add_argument("--ort", type=Path, help="the folder with onnxruntime-web's files")
    parser.add_argument("--chromium", help="the browser to measure in too")
    parser.add_argument("--rows", type=int, default=1_000_000)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--write", action="store_true", help="put the result into docs/benchmarks.md")
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="tamis-bench-") as folder:
        text = Bench(arguments, Path(folder)).run()
    print(text)
    if arguments.write:
        write("The forest beside its peers", text)


if __name__ == "__main__":
    main()
