"""The scripts of retrain.yml: the pipeline with a remote, the gate, the pull request."""

import json
import os
import subprocess
import sys
import unittest
from pathlib import Path
from tempfile import TemporaryDirectory

from checkout import CACHE, ROOT, TARGET, Checkout

FIGURES = {
    "labelled": 1000, "outliers": 20, "flagged": 10.0, "auroc": 0.95, "auroc_low": 0.9, "auroc_high": 0.98,
    "average_precision": 0.6,
}  # fmt: skip


class Gate(unittest.TestCase):
    def decide(self, challenger, champion):
        with TemporaryDirectory() as at:
            paths = [Path(at, name) for name in ("challenger.json", "champion.json")]
            for path, change in zip(paths, (challenger, champion)):
                path.write_text(json.dumps({**FIGURES, **change}))
            done = subprocess.run(
                [sys.executable, "scripts/gate.py", *paths], cwd=ROOT, text=True, stdout=subprocess.PIPE
            )
        return done.returncode, done.stdout

    def test_who_passes_and_why_not(self):
        for challenger, champion, code, words in [
            ({"auroc": 0.97}, {}, 0, "AUROC 0.9700"),
            ({"auroc": 0.946}, {}, 0, "AUROC 0.9460"),
            ({"auroc": 0.94}, {}, 1, "its auroc is 0.9400, the champion's 0.9500"),
            ({"auroc": 0.97, "average_precision": 0.5}, {}, 1, "average_precision"),
            ({"auroc": 0.97, "flagged": 40.0}, {}, 1, "it flags 4.00% where 1.00% was asked for"),
            ({"auroc": 0.97, "flagged": 2.0}, {}, 1, "it flags 0.20%"),
            ({"auroc": 0.97, "outliers": 3}, {}, 1, "too few"),
            ({}, {}, 1, "the same as the champion"),
        ]:
            found = self.decide(challenger, champion)
            self.assertEqual(found[0], code, words)
            self.assertIn(words, found[1])


class Scripts(unittest.TestCase):
    def setUp(self):
        self.checkout = Checkout()
        self.outside = TemporaryDirectory()
        # What the scripts compile is the binary under test: in a copy of the checkout everything would be compiled anew.
        self.stub("cargo", "exit 0")
        release = Path(self.outside.name, "target/release")
        release.mkdir(parents=True)
        (release / "tamis").symlink_to(TARGET / "release/tamis")
        self.environment = {
            "CARGO_TARGET_DIR": str(release.parent),
            "TAMIS_CACHE": str(CACHE),
            "PATH": os.pathsep.join([str(Path(self.outside.name, "bin")), str(Path(sys.executable).parent), os.environ["PATH"]]),
        }

    def tearDown(self):
        self.checkout.__exit__()
        self.outside.cleanup()

    def stub(self, name, text):
        path = Path(self.outside.name, "bin", name)
        path.parent.mkdir(exist_ok=True)
        path.write_text(f"#!/usr/bin/env bash\n{text}\n")
        path.chmod(0o755)

    def run_script(self, command, checkout=None, **more):
        return (checkout or self.checkout).shell(command, **{**self.environment, **more})

    def test_another_machine_makes_nothing_again_that_the_remote_has(self):
        remote = str(Path(self.outside.name, "remote"))
        key = "0f" * 32
        first = self.run_script("scripts/pipeline.sh", TAMIS_KEY=key, DVC_REMOTE=remote)
        self.assertEqual(first.returncode, 0, first.stdout)
        self.assertIn("Running stage 'train'", first.stdout)
        self.checkout.run("git add --all && git commit --quiet --message reproduced")
        with Checkout() as other:
            other.run(f"git fetch --quiet {self.checkout.path} main && git reset --quiet --hard FETCH_HEAD")
            second = self.run_script("scripts/pipeline.sh", other, TAMIS_KEY=key, DVC_REMOTE=remote)
            self.assertEqual(second.returncode, 0, second.stdout)
            self.assertNotIn("Running stage", second.stdout)
            self.assertTrue((other.path / "models/candidate.onnx").exists())
            self.assertEqual((other.path / "secrets/masking.key").stat().st_mode & 0o077, 0)

    def test_the_gate_makes_a_champion_and_a_proposal(self):
        """A champion of one small tree gives way to the pipeline's forest, which then stays."""
        output = Path(self.outside.name, "output")
        key = "--key-file secrets/masking.key"
        prepared = self.run_script(
            "scripts/pipeline.sh && export PATH=$CARGO_TARGET_DIR/release:$PATH &&"
            f" tamis train data/split/train.ndjson {key} --trees 1 --samples 8 --model-out dist/weak.onnx &&"
            " tamis model add dist/weak.onnx && tamis model promote $(sha256sum dist/weak.onnx | cut -c1-12) &&"
            " git add --all && git commit --quiet --message weak"
        )
        self.assertEqual(prepared.returncode, 0, prepared.stdout)
        done = self.run_script("scripts/pipeline.sh gate", GITHUB_OUTPUT=str(output))
        self.assertEqual((done.returncode, output.read_text()), (0, "promoted=true\n"), done.stdout)
        proposal = self.checkout.path / "dist/proposal"
        files = {path.relative_to(proposal).as_posix() for path in proposal.rglob("*") if path.is_file()}
        champion = (proposal / "models/champion").read_text().strip()
        version = f"models/versions/{champion}"
        self.assertEqual(
            files,
            {"models/champion", "models/history.ndjson"} | {f"{version}/{name}" for name in ("model.onnx", "card.json", "card.md")},
        )
        self.assertIn("To flag orders of a web shop", (proposal / version / "card.md").read_text())
        # A second time the champion is the same model, and nobody is to be asked again.
        again = self.run_script("scripts/pipeline.sh gate", GITHUB_OUTPUT=str(output))
        self.assertEqual((again.returncode, output.read_text()), (0, "promoted=true\npromoted=false\n"), again.stdout)
        self.assertIn("the same as the champion", again.stdout)

    def test_a_proposal_becomes_a_pull_request_once(self):
        model = "ab" * 32
        self.checkout.run(
            f"git init --quiet --bare {self.outside.name}/origin && git remote add origin {self.outside.name}/origin &&"
            f" git push --quiet origin main && mkdir -p dist/proposal/models/versions/{model} &&"
            f" echo {model} >dist/proposal/models/champion && echo '{{}}' >dist/proposal/models/history.ndjson && echo '# A card' >dist/proposal/models/versions/{model}/card.md"
        )
        self.stub("gh", f"printf '%s\\n' \"$*\" >>{self.outside.name}/gh; while (($#)); do [[ $1 != --body-file ]] || cat \"$2\" >{self.outside.name}/body; shift; done")
        findings = [{"trigger": "acceptance", "words": "71.2 % `$(touch pwned)` <b>accepted</b>"}, {"words": "drift"}]
        for _ in range(2):
            outside = {"EVENT": "repository_dispatch", "REASON": "", "FINDINGS": json.dumps(findings)}
            done = self.run_script("scripts/propose.sh dist/proposal", **outside)
            self.assertEqual(done.returncode, 0, done.stdout)
            self.checkout.run("git switch --quiet main")
        calls = Path(self.outside.name, "gh").read_text().splitlines()
        self.assertEqual([call.split()[0:2] for call in calls], [["auth", "setup-git"], ["pr", "create"]])
        body = Path(self.outside.name, "body").read_text()
        self.assertIn("`repository_dispatch`: `71.2 % touch pwned bacceptedb; drift`", body)
        self.assertIn("# A card", body)
        branches = self.checkout.run(f"git -C {self.outside.name}/origin branch --list").split()
        self.assertIn("retrain/abababababab", branches)
        changed = self.checkout.run("git diff --name-only main origin/retrain/abababababab || git diff --name-only main retrain/abababababab")
        self.assertEqual(set(changed.split()), {"models/champion", "models/history.ndjson", f"models/versions/{model}/card.md"})
        self.assertFalse((self.checkout.path / "pwned").exists())


if __name__ == "__main__":
    unittest.main()
