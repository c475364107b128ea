#!/usr/bin/env python3
"""Runs tamis and benches/reference.py on the same orders in turn and prints how many records a second each judges.

scripts/bench.sh calls it. What is timed of tamis is the whole process, from its start to its end; of the Python way only
the loop from the first byte read to the last byte written, without its imports.
"""

import argparse
import gzip
import json
import os
import platform
import re
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
REFERENCE = ROOT / "benches" / "reference.py"
PAGE = ROOT / "docs" / "benchmarks.md"
# Any fixed key: without one each run would make its own and say so.
ENVIRONMENT = os.environ | {"TAMIS_KEY": "07" * 32, "OMP_NUM_THREADS": "1"}
MEMORY_GOAL = 200


def measured(command: list, **options) -> tuple[float, float, float]:
    """Runs a command; answers its seconds, its CPU seconds and its peak memory in MiB."""
    start = time.perf_counter()
    process = subprocess.Popen([str(part) for part in command], env=ENVIRONMENT, **options)
    _, status, usage = os.wait4(process.pid, 0)
    seconds = time.perf_counter() - start
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode != 0:
        sys.exit(f"{' '.join(map(str, command))} failed with {process.returncode}")
    # Linux counts in KiB, macOS in bytes.
    unit = 1 << 20 if sys.platform == "darwin" else 1 << 10
    return seconds, usage.ru_utime + usage.ru_stime, usage.ru_maxrss / unit


def generate(binary: Path, rows: int) -> list:
    return [binary, "generate", "--rows", rows, "--seed", 7, "--defects", 0.3, "--anomalies", 0.02]


def accepted_by_tamis(verdicts: Path) -> int:
    with open(verdicts, "rb") as lines:
        return sum(b'"status":"accepted","record"' in line for line in lines)


class Runner:
    """One contestant and what was measured of it."""

    def __init__(self, name: str, run):
        self.name, self.run = name, run
        self.rates: list[float] = []
        self.cpu_rates: list[float] = []
        self.memory = 0.0

    def round(self, rows: int) -> None:
        seconds, cpu, memory = self.run()
        self.rates.append(rows / seconds)
        self.cpu_rates.append(rows / cpu)
        self.memory = max(self.memory, memory)

    def row(self) -> str:
        least, median, cpu = min(self.rates), statistics.median(self.rates), statistics.median(self.cpu_rates)
        return f"| {self.name} | {least:,.0f} | {median:,.0f} | {cpu:,.0f} | {self.memory:,.0f} |"


def throughput(binary: Path, rows: int, rounds: int) -> str:
    with tempfile.TemporaryDirectory(prefix="tamis-bench-") as folder:
        return rounds_in(Path(folder), binary, rows, rounds)


def rounds_in(folder: Path, binary: Path, rows: int, rounds: int) -> str:
    orders, truth, verdicts = folder / "orders.ndjson", folder / "truth.ndjson", folder / "verdicts.ndjson"
    their_verdicts = folder / "python.ndjson"
    measured(generate(binary, rows) + ["--out", orders, "--truth", truth], stderr=subprocess.DEVNULL)
    theirs: dict = {}

    def tamis(threads: int):
        model = ROOT / "models" / "default.onnx"
        # Without reasons, because the Python way gives none.
        options = ["--model", model, "--threads", threads, "--explain", 0, "--out", verdicts]
        return lambda: measured([binary, "score", orders, *options])

    def python():
        options = ["--out", their_verdicts, "--truth", truth, "--model", folder / "scorer.pickle"]
        command = [sys.executable, REFERENCE, orders, *options]
        done = subprocess.run(command, env=ENVIRONMENT, check=True, stdout=subprocess.PIPE)
        theirs.update(json.loads(done.stdout))
        return theirs["seconds"], theirs["cpu_seconds"], theirs["peak_mib"]

    cores = os.cpu_count() or 1
    one, reference = Runner("tamis, 1 thread", tamis(1)), Runner("Python, 1 thread", python)
    runners = [one, reference]
    if cores > 1:
        runners.append(Runner(f"tamis, {cores} threads", tamis(cores)))
    for turn in range(rounds):
        # In turn, and the other way round each time, so that a busy minute harms nobody alone.
        for runner in runners if turn % 2 == 0 else reversed(runners):
            runner.round(rows)
            print(f"  round {turn + 1}: {runner.name}: {runner.rates[-1]:,.0f} records/s", file=sys.stderr)
    ratio = statistics.median(one.rates) / statistics.median(reference.rates)
    versions = ", ".join(f"{name} {version}" for name, version in theirs["versions"].items())
    size = orders.stat().st_size / rows
    return "\n".join([
        f"{rows:,} orders of {size:.0f} bytes, {rounds} rounds in turn, {machine()}.",
        "",
        "| | records/s, least | records/s, median | records/CPU-s, median | peak MiB |",
        "|---|---|---|---|---|",
        *(runner.row() for runner in runners),
        "",
        f"One thread of tamis judges **{ratio:.1f} times** as many records a second as Python {platform.python_version()} with {versions}.",
        f"tamis accepted {accepted_by_tamis(verdicts):,}, Python {theirs['accepted']:,}; Python's status is the true one in "
        f"{theirs['truth']['same_status']:.2%} of the lines and differs in lines with {differences(theirs['truth'])}.",
    ])


def differences(truth: dict) -> str:
    families = [f"`{name}` ({count:,})" for name, count in truth["other_status_in"].items()]
    return ", ".join(families) or "nothing"


def memory(binary: Path, rows: int) -> tuple[str, bool]:
    with tempfile.TemporaryDirectory(prefix="tamis-bench-") as folder:
        command = [str(part) for part in generate(binary, rows)]
        maker = subprocess.Popen(command, env=ENVIRONMENT, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
        judge = [binary, "validate", "-", "--format", "ndjson", "--out", folder]
        seconds, _, peak = measured(judge, stdin=maker.stdout, stdout=subprocess.DEVNULL)
        maker.stdout.close()
        if maker.wait() != 0:
            sys.exit("tamis generate failed")
    good = peak < MEMORY_GOAL
    text = (
        f"`tamis generate --rows {rows}` piped into `tamis validate - --out DIR`: peak **{peak:,.0f} MiB** (goal: under "
        f"{MEMORY_GOAL}) in {seconds:,.0f} s, {rows / seconds:,.0f} records/s with the generator beside it, {machine()}."
    )
    return text, good


def validators(arguments: argparse.Namespace) -> str:
    """Validating and normalising beside the peers, record by record in memory, on orders and on a real feed."""
    rows, rounds = arguments.rows or 100_000, arguments.rounds
    with tempfile.TemporaryDirectory(prefix="tamis-bench-") as name:
        folder = Path(name)
        files = {"orders": folder / "orders.ndjson"}
        measured(generate(arguments.binary, rows) + ["--out", files["orders"]], stderr=subprocess.DEVNULL)
        feed = Path(os.environ.get("TAMIS_TESTDATA", ROOT / ".." / "shared" / "data")) / "ecommerce.ndjson.gz"
        if feed.exists():
            files["ecommerce"] = folder / "ecommerce.ndjson"
            # Three times over, so that a round takes long enough.
            files["ecommerce"].write_bytes(gzip.decompress(feed.read_bytes()) * 3)
        else:
            print(f"  {feed} is not here: the e-commerce feed is left out", file=sys.stderr)
        return "\n\n".join(beside_validators(name, file, arguments, rounds) for name, file in files.items())


def beside_validators(name: str, file: Path, arguments: argparse.Namespace, rounds: int) -> str:
    contract = ROOT / "contracts" / f"{name}.json"

    def asked(*command) -> dict:
        done = subprocess.run([str(part) for part in command], env=ENVIRONMENT, check=True, stdout=subprocess.PIPE)
        return json.loads(done.stdout)

    found = asked(arguments.validators, file, contract, rounds)
    found["pydantic"] = asked(sys.executable, ROOT / "benches" / "pydantic_models.py", file, name, rounds)
    if arguments.wasm and arguments.wasm.exists():
        found["wasm"] = asked("node", ROOT / "benches" / "wasm.mjs", arguments.wasm, file, contract, rounds)
    with tempfile.TemporaryDirectory(prefix="tamis-bench-") as out:
        command = [arguments.binary, "validate", file, "--contract", contract, "--out", out]
        seconds: dict = {1: [], 2: []}
        for _ in range(rounds):
            for threads, times in seconds.items():
                times.append(measured([*command, "--threads", threads], stdout=subprocess.DEVNULL)[0])
    whole = {threads: found["megabytes"] / statistics.median(times) for threads, times in seconds.items()}
    names = {
        "tamis": "tamis: parse, normalise, validate, rules",
        "tamis_masked": "tamis: the same, with masks and features",
        "simd_json": "simd-json: parse to a borrowed tree, nothing else",
        "serde_json_jsonschema": "serde_json::Value + jsonschema, formats asserted",
        "pydantic": "pydantic `model_validate_json`",
        "wasm": "tamis in wasm (Node): the whole way, verdicts written",
    }
    ours = found["tamis"]["mb_s"]
    rows = [
        f"| {text} | {found[key]['mb_s']:,.0f} | {found[key]['least']:,.0f} | {ours / found[key]['mb_s']:.2f} |"
        for key, text in names.items()
        if key in found
    ]
    return "\n".join([
        f"`{name}`: {found['records']:,} records, {found['megabytes']:.0f} MB, {rounds} rounds, {machine()}.",
        "",
        "| one thread | MB/s, median | MB/s, least | tamis is so many times as fast |",
        "|---|---|---|---|",
        *rows,
        "",
        f"`tamis validate` over the file, all of it written: {whole[1]:,.0f} MB/s with one thread, {whole[2]:,.0f} with two "
        f"({whole[2] / whole[1]:.2f} times).",
    ])


def machine() -> str:
    name = platform.processor() or platform.machine()
    try:
        found = re.search(r"model name\s*: (.*)", Path("/proc/cpuinfo").read_text())
        name = found[1] if found else name
    except OSError:
        pass
    return f"{name}, {os.cpu_count()} cores"


def write(section: str, text: str) -> None:
    """Puts a section into the page, in the place of what stood there."""
    page = PAGE.read_text() if PAGE.exists() else "# Benchmarks\n\nWritten by `scripts/bench.sh --write`.\n"
    before, found, rest = page.partition(f"\n## {section}\n")
    after = rest[rest.index("\n## ") :] if found and "\n## " in rest else ""
    PAGE.parent.mkdir(exist_ok=True)
    PAGE.write_text(f"{before.rstrip()}\n\n## {section}\n\n{text}\n{after}")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--binary", type=Path, required=True)
    parser.add_argument("--rows", type=int)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--validators", type=Path, help="compare with other validators; the peers' binary")
    parser.add_argument("--wasm", type=Path, help="the page's module, to be compared too")
    parser.add_argument("--memory", action="store_true", help="measure peak memory and not speed")
    parser.add_argument("--write", action="store_true", help="put the result into docs/benchmarks.md")
    arguments = parser.parse_args()
    good = True
    if arguments.memory:
        section = "Memory"
        text, good = memory(arguments.binary, arguments.rows or 10_000_000)
    elif arguments.validators:
        section = "Beside other validators"
        text = validators(arguments)
    else:
        section = "Beside the Python way"
        text = throughput(arguments.binary, arguments.rows or 200_000, arguments.rounds)
    print(text)
    if arguments.write:
        write(section, text)
    sys.exit(0 if good else 1)


if __name__ == "__main__":
    main()
