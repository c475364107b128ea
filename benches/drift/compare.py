"""Drift of the same windows by `tamis cycle` and by Evidently, in one run.

A reference of orders, then windows of which half are like it and half have other prices. Both see the same accepted,
masked records of each window. Printed is how often each calls drift where there is none, how often where there is, the
population stability index of both for the column that drifts, and the time a window takes.
"""

import argparse
import json
import pathlib
import random
import subprocess
import tempfile
import time
import warnings

warnings.filterwarnings("ignore")

import pandas as pd
from evidently import DataDefinition, Dataset, Report
from evidently.presets import DataDriftPreset

NUMBERS = ["quantity", "unit_price", "priority"]
CATEGORIES = ["status", "is_gift"]


def generate(binary, folder, rows, seed):
    """Files of one shop's orders, in an order that chance decides: a reference and windows; rows are (rows, factor)."""
    made = subprocess.run(
        [binary, "generate", "--rows", str(sum(count for count, _ in rows)), "--seed", str(seed), "--defects", "0",
         "--anomalies", "0.01"],
        check=True, capture_output=True, text=True,
    )
    lines = made.stdout.splitlines()
    random.Random(seed).shuffle(lines)
    lines = iter(lines)
    for number, (count, factor) in enumerate(rows):
        with open(folder / f"{number:05}.ndjson", "w", encoding="utf-8") as out:
            for _ in range(count):
                order = json.loads(next(lines))
                order["unit_price"] = round(order["unit_price"] * factor, 2)
                out.write(json.dumps(order) + "\n")


def tamis(binary, folder, state):
    """What the cycle says of every window: its columns' index and verdict, and the seconds of the whole run."""
    begun = time.perf_counter()
    ran = subprocess.run(
        [binary, "cycle", "--json", "--inbox", folder, "--state", state, "--triggers", "drift", "--drift-batches", "1",
         "--drift-of", "1", "--drift-pause", "0", "--cooldown", "100000", "--now", "2026-01-01T00:00:00Z"],
        capture_output=True, text=True, env={"TAMIS_KEY": "07" * 32, "PATH": "/usr/bin:/bin"},
    )
    seconds = time.perf_counter() - begun
    if ran.returncode not in (0, 1):
        raise SystemExit(ran.stderr)
    return json.loads(ran.stdout)["batches"], seconds


def frame(path):
    rows = [json.loads(line) for line in open(path, encoding="utf-8")]
    table = pd.DataFrame([{name: row.get(name) for name in NUMBERS + CATEGORIES} for row in rows])
    table["is_gift"] = table["is_gift"].astype(str)
    return table


def evidently(reference, current, **method):
    """Values by column, the columns that are called drifted, and whether half of all are."""
    definition = DataDefinition(numerical_columns=NUMBERS, categorical_columns=CATEGORIES)
    data = [Dataset.from_pandas(table, definition) for table in (current, reference)]
    found = Report([DataDriftPreset(**method)]).run(*data).dict()
    values, drifted, share = {}, [], 0.0
    for metric in found["metrics"]:
        config = metric["config"]
        if config["type"].endswith("DriftedColumnsCount"):
            share = metric["value"]["share"]
            continue
        column, value = config["column"], metric["value"]
        values[column] = value
        # A p-value is small where a distance is large.
        small = "p_value" in config["method"]
        if value < config["threshold"] if small else value >= config["threshold"]:
            drifted.append(column)
    return values, drifted, share >= 0.5


def play(binary, reference_rows, rows, windows, factor, seed):
    with tempfile.TemporaryDirectory() as work:
        folder, state = pathlib.Path(work, "inbox"), pathlib.Path(work, "state")
        folder.mkdir()
        quiet = windows // 2
        generate(binary, folder, [(reference_rows, 1.0)] + [(rows, 1.0)] * quiet + [(rows, factor)] * (windows - quiet), seed)
        batches, seconds = tamis(binary, str(folder), str(state))
        tables = [frame(state / "batches" / batch["id"] / "accepted.ndjson") for batch in batches]
        compared, spent = [], 0.0
        for table in tables[1:]:
            begun = time.perf_counter()
            usual = evidently(tables[0], table)
            spent += time.perf_counter() - begun
            compared.append((usual, evidently(tables[0], table, num_method="psi", cat_method="psi")))
        return batches[1:], compared, seconds / len(batches), spent / windows


def told(name, calls, half):
    quiet, drifted = calls[:half], calls[half:]
    return f"| {name} | {sum(quiet)} of {len(quiet)} | {sum(drifted)} of {len(drifted)} |"


def main():
    arguments = argparse.ArgumentParser()
    arguments.add_argument("--binary", required=True)
    arguments.add_argument("--windows", type=int, default=40)
    arguments.add_argument("--reference", type=int, default=5000)
    arguments.add_argument("--factor", type=float, default=1.5)
    arguments.add_argument("--seed", type=int, default=1)
    args = arguments.parse_args()
    print(f"reference {args.reference} orders; drifted windows have prices times {args.factor}; five columns\n")
    for rows in (100, 300, 1000):
        batches, compared, ours, theirs = play(args.binary, args.reference, rows, args.windows, args.factor, args.seed)
        half = args.windows // 2
        print(f"### windows of {rows}\n\n| | calls without drift | calls with drift |\n|---|---:|---:|")
        print(told("tamis: any column", [any(column["verdict"] == "drift" for column in batch["columns"]) for batch in batches], half))
        print(told("Evidently's defaults: any column", [bool(usual[1]) for usual, _ in compared], half))
        print(told("Evidently's defaults: half of the columns", [usual[2] for usual, _ in compared], half))
        print(told("Evidently, PSI ≥ 0.1: any column", [bool(psi[1]) for _, psi in compared], half))
        psi = [next(column for column in batch["columns"] if "unit_price" in column["name"]) for batch in batches]
        pairs = [(column["psi"], column["critical"], other[0]["unit_price"]) for column, (_, other) in zip(psi, compared)]
        mean = lambda values: sum(values) / len(values)
        for name, part in (("without", pairs[:half]), ("with", pairs[half:])):
            print(f"\nPSI of unit_price {name} drift, mean: tamis {mean([p[0] for p in part]):.3f} (critical {mean([p[1] for p in part]):.3f}), Evidently {mean([p[2] for p in part]):.3f}", end="")
        print(f"\n\na window takes {1000 * ours:.1f} ms in tamis (validated, masked, scored and compared), {1000 * theirs:.1f} ms in Evidently (compared)\n")


main()
