"""What a release consists of: archives of the same bytes, and a bill of materials that keeps to the licences of deny.toml."""

import json
import os
import re
import subprocess
import sys
import tarfile
import tomllib
import unittest
import zipfile
from pathlib import Path
from tempfile import TemporaryDirectory

from checkout import ROOT


class Archive(unittest.TestCase):
    def packed(self, at, suffix, moment):
        folder = Path(at, "tamis-1")
        folder.mkdir(exist_ok=True)
        for name in ("README.md", "tamis"):
            path = folder / name
            path.write_text(f"{name}\n")
            os.utime(path, (moment, moment))
        archive = Path(at, f"tamis-1{suffix}")
        environment = {**os.environ, "SOURCE_DATE_EPOCH": "1700000000"}
        subprocess.run([sys.executable, ROOT / "scripts/archive.py", folder, archive], check=True, env=environment)
        return archive

    def test_the_same_files_give_the_same_bytes(self):
        for suffix in (".tar.gz", ".zip"):
            with TemporaryDirectory() as one, TemporaryDirectory() as other:
                first = self.packed(one, suffix, 1_000_000_000)
                second = self.packed(other, suffix, 1_600_000_000)
                self.assertEqual(first.read_bytes(), second.read_bytes())

    def test_the_program_can_be_run_and_nobody_owns_it(self):
        with TemporaryDirectory() as at:
            with tarfile.open(self.packed(at, ".tar.gz", 0)) as tar:
                entries = [(entry.name, entry.mode, entry.uid, entry.mtime) for entry in tar]
            self.assertEqual(
                entries, [("tamis-1/README.md", 0o644, 0, 1_700_000_000), ("tamis-1/tamis", 0o755, 0, 1_700_000_000)]
            )
            with zipfile.ZipFile(self.packed(at, ".zip", 0)) as archive:
                self.assertEqual([info.external_attr >> 16 & 0o777 for info in archive.infolist()], [0o644, 0o755])


class BillOfMaterials(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        host = re.search(r"host: (\S+)", subprocess.run(["rustc", "-vV"], text=True, capture_output=True).stdout)[1]
        made = subprocess.run(["node", "scripts/sbom.mjs", host], cwd=ROOT, text=True, capture_output=True)
        assert made.returncode == 0, made.stderr
        cls.bill = json.loads(made.stdout)

    def test_it_has_what_is_linked_and_nothing_else(self):
        names = {component["name"] for component in self.bill["components"]}
        self.assertEqual(self.bill["metadata"]["component"]["name"], "tamis")
        self.assertTrue({"tract-onnx", "serde_json", "clap"} <= names)
        self.assertTrue(names.isdisjoint({"proptest", "wasm-bindgen-test", "worker"}), names)
        references = {component["bom-ref"] for component in self.bill["components"]}
        references.add(self.bill["metadata"]["component"]["bom-ref"])
        for node in self.bill["dependencies"]:
            self.assertTrue({node["ref"], *node["dependsOn"]} <= references)
        for component in self.bill["components"]:
            self.assertRegex(component["hashes"][0]["content"], "^[0-9a-f]{64}$")

    def test_every_licence_is_one_that_may_be_used(self):
        allowed = set(tomllib.loads((ROOT / "deny.toml").read_text())["licenses"]["allow"])
        for component in self.bill["components"]:
            expression = component["licenses"][0]["expression"]
            names = set(re.split(r"[()\s]+", expression)) - {"AND", "OR", "WITH", ""}
            # Each name is true where it is allowed; an exception only ever allows more.
            words = re.sub(r" WITH [\w.-]+", "", expression)
            for name in sorted(names, key=len, reverse=True):
                words = re.sub(rf"(?<![\w.-]){re.escape(name)}(?![\w.-])", str(name in allowed), words)
            self.assertTrue(eval(words.replace("AND", "and").replace("OR", "or"), {}), f"{component['name']}: {expression}")


if __name__ == "__main__":
    unittest.main()
