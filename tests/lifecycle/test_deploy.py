"""The smoke test and the way back, against a stand-in for the edge function and one for wrangler."""

import hashlib
import json
import os
import subprocess
import threading
import unittest
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from tempfile import TemporaryDirectory

from checkout import ENVIRONMENT, ROOT, TARGET

SMOKE = ROOT / "scripts" / "smoke.json"
KEY = "0f" * 32

# It keeps a list of what it was told; its answer to `deployments status` is the file `status`, or an error.
WRANGLER = """#!/usr/bin/env bash
printf '%s\\n' "$*" >>"${0%/*}/calls"
[[ $1 != deployments ]] || exec cat "${0%/*}/status"
"""


class Edge(BaseHTTPRequestHandler):
    """Answers as the edge function of this checkout would, but for what `change` makes of a page or a verdict."""

    cases = json.loads(SMOKE.read_text())
    change = staticmethod(lambda path, answer: answer)

    def do_GET(self):
        sha256 = lambda name: hashlib.sha256((ROOT / self.cases[name]).read_bytes()).hexdigest()
        if self.path == "/metrics":
            page = "".join(
                f'tamis_{what}_info{{name="orders",sha256="{sha256(what)}"}} 1\n' for what in ("contract", "model")
            )
            self.answer(page)
        else:
            self.answer('{"status":"ok"}')

    def do_POST(self):
        order = json.loads(self.rfile.read(int(self.headers["content-length"])))
        [verdict] = [case["verdict"] for case in self.cases["cases"] if case["order"] == order]
        self.answer(json.dumps(verdict))

    def answer(self, text):
        text = type(self).change(self.path, text)
        self.send_response(200 if text else 503)
        self.end_headers()
        self.wfile.write((text or "").encode())

    def log_message(self, *_):
        pass


class Serving:
    def __init__(self, change=lambda path, answer: answer):
        handler = type("Changed", (Edge,), {"change": staticmethod(change)})
        self.server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
        self.url = f"http://127.0.0.1:{self.server.server_port}"
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def __enter__(self):
        return self.url

    def __exit__(self, *_):
        self.server.shutdown()
        self.server.server_close()


def run(*command, **more):
    return subprocess.run(
        command, cwd=ROOT, text=True, capture_output=True, timeout=120, env={**ENVIRONMENT, "CARGO_TARGET_DIR": str(TARGET), **more}
    )


class Smoke(unittest.TestCase):
    def test_what_it_expects_is_what_the_native_binary_says(self):
        """After a deliberate change of verdicts, TAMIS_UPDATE=1 writes the new ones."""
        smoke = json.loads(SMOKE.read_text())
        for case in smoke["cases"]:
            record = json.dumps(case["order"])
            command = [TARGET / "release" / "tamis", "score", "-", "--format", "ndjson", "--model", ROOT / smoke["model"]]
            done = subprocess.run(command, input=record, text=True, capture_output=True, env={"TAMIS_KEY": KEY}, check=True)
            verdict = json.loads(done.stdout)
            # Which model it is, the smoke test asks /metrics.
            del verdict["model"]
            if os.environ.get("TAMIS_UPDATE") == "1":
                case["verdict"] = verdict
            self.assertEqual(case["verdict"], verdict, case["name"])
        if os.environ.get("TAMIS_UPDATE") == "1":
            SMOKE.write_text(json.dumps(smoke, indent=2, ensure_ascii=False) + "\n")

    def test_all_is_well(self):
        with Serving() as url:
            done = run("node", "scripts/smoke.mjs", url)
        self.assertEqual((done.returncode, done.stderr), (0, ""))

    def test_each_fault_is_named_and_no_value(self):
        def other_model(path, answer):
            return answer.replace('info{name="orders",sha256="', 'info{name="orders",sha256="0') if path == "/metrics" else answer

        def wrong_verdict(path, answer):
            return answer.replace('"rejected"', '"accepted"') if path == "/v1/verdicts" else answer

        for change, words in [
            (other_model, "/metrics: the contract is not contracts/orders.json"),
            (wrong_verdict, "the verdict differs in status"),
            (lambda path, answer: None if path == "/readyz" else answer, "/readyz: answered 503"),
            (lambda path, answer: "{" if path == "/v1/verdicts" else answer, "JSON"),
        ]:
            with Serving(change) as url:
                done = run("node", "scripts/smoke.mjs", url)
            self.assertEqual(done.returncode, 1, words)
            self.assertIn(words, done.stderr)
            self.assertNotIn("@", done.stderr)

    def test_nobody_answers(self):
        with Serving() as url:
            pass
        done = run("node", "scripts/smoke.mjs", url)
        self.assertEqual(done.returncode, 1)
        self.assertIn("/healthz: ECONNREFUSED", done.stderr)


class Deploy(unittest.TestCase):
    def deploy(self, status, change=lambda path, answer: answer):
        """The exit code, what was said, and what wrangler was told."""
        with TemporaryDirectory() as at, Serving(change) as url:
            wrangler = Path(at, "wrangler")
            wrangler.write_text(WRANGLER)
            wrangler.chmod(0o755)
            if status:
                Path(at, "status").write_text(json.dumps(status))
            done = run("scripts/deploy.sh", "tamis-staging", url, "0", WRANGLER=str(wrangler))
            return done.returncode, done.stderr, Path(at, "calls").read_text().splitlines()

    STATUS = {"versions": [{"version_id": "new", "percentage": 10}, {"version_id": "old", "percentage": 90}]}
    ILL = staticmethod(lambda path, answer: None if path == "/readyz" else answer)

    def test_a_deployment_that_is_well_stays(self):
        code, _, calls = self.deploy(self.STATUS)
        self.assertEqual(code, 0)
        self.assertEqual([call.split()[0] for call in calls], ["deployments", "deploy"])

    def test_one_that_is_not_is_taken_back(self):
        code, said, calls = self.deploy(self.STATUS, self.ILL)
        self.assertEqual(code, 1)
        self.assertIn("/readyz: answered 503", said)
        self.assertEqual([call.split()[0] for call in calls], ["deployments", "deploy", "rollback"])
        self.assertTrue(calls[2].startswith("rollback old --name tamis-staging --yes"), calls[2])

    def test_the_first_one_has_no_way_back(self):
        code, said, calls = self.deploy(None, self.ILL)
        self.assertEqual(code, 1)
        self.assertIn("no version before it", said)
        self.assertEqual([call.split()[0] for call in calls], ["deployments", "deploy"])


if __name__ == "__main__":
    unittest.main()
