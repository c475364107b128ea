#!/usr/bin/env python3
"""Finds personal data in the same texts with tamis, redact-core and Presidio's recognisers, and prints how well and how fast.

scripts/bench.sh --scan calls it. The texts are Presidio's own synthetic set (presidio-research, generated_large.json). Of
Presidio the pattern and checksum recognisers run, without a language model; each of its kinds is counted at the score
threshold that is best for it.
"""

import argparse
import json
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import tldextract

# By itself its first call fetches the public suffix list from the network.
tldextract.extract = tldextract.TLDExtract(suffix_list_urls=())

from presidio_analyzer import predefined_recognizers as presidio  # noqa: E402

ROOT = Path(__file__).resolve().parent.parent.parent
sys.path.insert(0, str(ROOT / "benches"))
import measure  # noqa: E402

# The set's name of each kind, and ours.
KINDS = {
    "EMAIL_ADDRESS": "email",
    "CREDIT_CARD": "card",
    "IBAN_CODE": "iban",
    "IP_ADDRESS": "ip",
    "US_SSN": "us_ssn",
    "PHONE_NUMBER": "phone",
}
# redact-core's names, where they are others than the set's.
THEIR_NAMES = {"IBAN": "IBAN_CODE", "UK_PHONE_NUMBER": "PHONE_NUMBER", "UK_MOBILE_NUMBER": "PHONE_NUMBER"}
RECOGNISERS = ["EmailRecognizer", "CreditCardRecognizer", "IbanRecognizer", "IpRecognizer", "UsSsnRecognizer", "PhoneRecognizer"]


def presidio_spans(texts: list[str]) -> tuple[list, float]:
    recognisers = [getattr(presidio, name)() for name in RECOGNISERS]
    for recogniser in recognisers:
        recogniser.analyze("anna@example.com", recogniser.supported_entities, None)
    start, spans = time.process_time(), []
    for text in texts:
        found = [
            result
            for recogniser in recognisers
            for result in recogniser.analyze(text, recogniser.supported_entities, None) or []
        ]
        spans.append([(result.start, result.end, result.entity_type, result.score) for result in found])
    return spans, time.process_time() - start


def count(samples: list[dict], spans: list, kind: str, name) -> tuple[float, float, int]:
    """Recall and precision of a kind: a span counts that overlaps one of the same kind."""
    hits = truths = good = found = 0
    for sample, own in zip(samples, spans):
        true = [(s["start_position"], s["end_position"]) for s in sample["spans"] if s["entity_type"] == kind]
        mine = [(s[0], s[1]) for s in own if name(s) == kind]
        overlaps = lambda one, others: any(one[0] < other[1] and other[0] < one[1] for other in others)  # noqa: E731
        truths += len(true)
        found += len(mine)
        hits += sum(overlaps(span, mine) for span in true)
        good += sum(overlaps(span, true) for span in mine)
    return hits / max(truths, 1), good / found if found else 0.0, truths


def best_of_presidio(samples: list[dict], spans: list, kind: str) -> tuple[float, float]:
    scores = sorted({span[3] for own in spans for span in own if span[2] == kind}) or [0]
    at = [count(samples, spans, kind, lambda s, least=least: s[2] if s[3] >= least else None)[:2] for least in scores]
    return max(at, key=lambda pair: 2 * pair[0] * pair[1] / max(sum(pair), 1e-9))


def report(samples: list[dict], bench: Path, rounds: int) -> tuple[str, bool]:
    texts = [sample["full_text"] for sample in samples]
    wanted = [not any(span["entity_type"] in KINDS for span in sample["spans"]) for sample in samples]
    clean = [text for text, without in zip(texts, wanted) if without] * 20
    with tempfile.TemporaryDirectory(prefix="tamis-bench-") as folder:
        file = Path(folder) / "texts.json"
        file.write_text(json.dumps({"texts": texts, "clean": clean}))
        found = json.loads(subprocess.run([bench, file, str(rounds)], check=True, stdout=subprocess.PIPE).stdout)
    spans, seconds = presidio_spans(texts)
    ours = {name: kind for kind, name in KINDS.items()}
    rows, good = [], True
    for kind, name in KINDS.items():
        recall, precision, total = count(samples, found["tamis"]["spans"], kind, lambda s: ours.get(s[2]))
        theirs = best_of_presidio(samples, spans, kind)
        rust = count(samples, found["redact_core"]["spans"], kind, lambda s: THEIR_NAMES.get(s[2], s[2]))
        good &= recall >= theirs[0] and precision >= theirs[1]
        cells = [recall, precision, *theirs, *rust[:2]]
        rows.append(f"| `{name}` | {total} | " + " | ".join(f"{cell:.3f}" for cell in cells) + " |")
    size, clean_size = (sum(len(text.encode()) for text in some) / 1e6 for some in (texts, clean))
    speed = {name: size / found[name]["seconds"] for name in ("tamis", "redact_core")} | {"presidio": size / seconds}
    clean_speed = {name: clean_size / found[name]["seconds_clean"] for name in ("tamis", "redact_core")}
    return "\n".join([
        f"{len(texts):,} texts of {size:.2f} MB, {measure.machine()}. An overlap of the same kind counts.",
        "",
        "| kind | spans | tamis recall | precision | Presidio recall | precision | redact-core recall | precision |",
        "|---|---|---|---|---|---|---|---|",
        *rows,
        "",
        "| one thread | these texts, MB/s | texts without such data, MB/s |",
        "|---|---|---|",
        f"| tamis, all its kinds | {speed['tamis']:,.1f} | {clean_speed['tamis']:,.0f} |",
        f"| redact-core, all its kinds | {speed['redact_core']:,.2f} | {clean_speed['redact_core']:,.2f} |",
        f"| Presidio, its recognisers of these six kinds | {speed['presidio']:,.3f} | |",
        "",
        f"On the same texts tamis is {speed['tamis'] / speed['presidio']:,.0f} times as fast as Presidio and "
        f"{speed['tamis'] / speed['redact_core']:,.0f} times as fast as redact-core.",
    ]), good


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--bench", type=Path, required=True, help="the binary of benches/scan")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--write", action="store_true", help="put the result into docs/benchmarks.md")
    arguments = parser.parse_args()
    data = Path(os.environ.get("TAMIS_TESTDATA", ROOT / ".." / "shared" / "data")) / "pii" / "generated_large.json"
    if not data.exists():
        sys.exit(f"{data} is not here: set TAMIS_TESTDATA")
    text, good = report(json.loads(data.read_text()), arguments.bench, arguments.rounds)
    print(text)
    if arguments.write:
        measure.write("Personal data in free text", text)
    sys.exit(0 if good else 1)


if __name__ == "__main__":
    main()
