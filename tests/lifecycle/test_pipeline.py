"""The pipeline of dvc.yaml under real DVC."""

import csv
import json
import re
import unittest

from checkout import Checkout

STAGES = ["validate", "mask", "split", "train", "evaluate"]


def ran(output):
    """The stages that a `dvc repro` ran, in order."""
    return re.findall(r"^Running stage '(\w+)'", output, re.MULTILINE)


def hashes(checkout):
    """The hash of every output of every stage."""
    return re.findall(r"path: (\S+)\n\s+hash: md5\n\s+md5: (\S+)", (checkout.path / "dvc.lock").read_text())


class Pipeline(unittest.TestCase):
    """One clone after another would take minutes, so each test takes the same one further."""

    @classmethod
    def setUpClass(cls):
        cls.checkout = Checkout()
        cls.checkout.run("tamis key new --out secrets/masking.key")
        cls.key = (cls.checkout.path / "secrets/masking.key").read_text()
        cls.first = cls.checkout.run("dvc repro")
        cls.checkout.run("git add --all && git commit --quiet --message reproduced")

    @classmethod
    def tearDownClass(cls):
        cls.checkout.__exit__()

    def setUp(self):
        self.checkout.run("git checkout --quiet . && dvc checkout --quiet")

    def figures(self, name):
        return json.loads((self.checkout.path / "metrics" / f"{name}.json").read_text())

    def test_a_fresh_clone_runs_all_of_it_without_a_remote(self):
        self.assertEqual(ran(self.first), STAGES)
        figures = self.figures("validate")
        self.assertEqual((figures["records"], figures["accepted"]), (5000, 4059))
        test = self.figures("test")
        self.assertGreater(test["auroc"], 0.9)
        self.assertTrue(test["auroc_low"] < test["auroc"] < test["auroc_high"])
        parts = {
            name: (self.checkout.path / f"data/split/{name}.ndjson").read_text().count("\n")
            for name in ("train", "dev", "test")
        }
        self.assertEqual(sum(parts.values()), 4059)
        self.assertAlmostEqual(parts["test"] / 4059, 0.3, delta=0.01)

    def test_git_gets_no_data_and_no_key(self):
        tracked = self.checkout.run("git ls-files").split()
        for name in ["data/raw/orders.ndjson", "data/orders_masked.ndjson", "secrets/masking.key", "models/candidate.onnx"]:
            self.assertTrue((self.checkout.path / name).exists())
            self.assertNotIn(name, tracked)
        self.assertEqual([name for name in tracked if name.startswith(("data/split", "data/validated"))], [])
        digits = re.search(r"[0-9a-f]{64}", self.key).group()
        self.assertEqual(self.checkout.shell(f"git grep --quiet {digits}").returncode, 1)

    def test_a_second_time_nothing_runs(self):
        again = self.checkout.run("dvc repro")
        self.assertEqual(ran(again), [])
        self.assertIn("up to date", self.checkout.run("dvc status"))
        self.assertEqual(self.checkout.run("git status --porcelain"), "")

    def test_a_changed_parameter_runs_what_it_concerns(self):
        self.checkout.replace("params.yaml", "trees: 100", "trees: 50")
        changed = self.checkout.run("dvc params diff --json")
        self.assertEqual(json.loads(changed), {"params.yaml": {"train.trees": {"old": 100, "new": 50, "diff": -50}}})
        self.assertEqual(ran(self.checkout.run("dvc repro")), ["train", "evaluate"])
        metrics = json.loads(self.checkout.run("dvc metrics diff --json"))
        self.assertEqual(set(metrics), {"metrics/dev.json", "metrics/test.json"})
        self.assertNotEqual(metrics["metrics/test.json"]["auroc"]["diff"], 0)
        # The cache has the old state: going back computes nothing.
        self.checkout.run("git checkout --quiet .")
        self.assertEqual(ran(self.checkout.run("dvc repro")), [])

    def test_a_stricter_gate_stops_the_pipeline(self):
        self.checkout.replace("params.yaml", "min_acceptance: 0.75", "min_acceptance: 0.95")
        stopped = self.checkout.shell("dvc repro")
        self.assertNotEqual(stopped.returncode, 0)
        self.assertEqual(ran(stopped.stdout), ["validate"])
        self.assertIn("below the share of 0.95 asked for", stopped.stdout)

    def test_new_data_run_everything(self):
        """A data set of one's own takes the place of the sample, and `dvc add` versions it."""
        self.checkout.run(
            "dvc remove data/raw/orders.ndjson.dvc && dvc remove data/raw/labels.ndjson.dvc &&"
            " tamis generate --rows 3000 --seed 11 --out data/raw/orders.ndjson --truth data/raw/labels.ndjson &&"
            " dvc add data/raw/orders.ndjson data/raw/labels.ndjson"
        )
        self.assertEqual(ran(self.checkout.run("dvc repro")), STAGES)
        self.assertEqual(self.figures("validate")["records"], 3000)
        change = self.checkout.run("git diff --unified=0 data/raw/orders.ndjson.dvc")
        self.assertRegex(change, r"\+- md5: [0-9a-f]{32}")
        # The version before is a checkout away.
        self.checkout.run("git checkout --quiet . && dvc checkout --quiet")
        self.assertEqual(self.checkout.run("wc -l <data/raw/orders.ndjson").strip(), "5000")

    def test_a_new_key_masks_anew_and_the_model_is_the_same(self):
        """No feature depends on the key, so the forest does not know that it changed."""
        key = self.checkout.path / "secrets/masking.key"
        before = dict(hashes(self.checkout))
        try:
            self.checkout.run("rm secrets/masking.key && tamis key new --out secrets/masking.key && dvc repro")
            after = dict(hashes(self.checkout))
        finally:
            key.write_text(self.key)
        changed = {path for path in before if before[path] != after[path]}
        self.assertEqual(
            changed,
            {"secrets/masking.key", "data/validated", "data/orders_masked.ndjson", "data/split",
             "data/split/train.ndjson", "data/split/dev.ndjson", "data/split/test.ndjson"},
        )

    def test_two_fresh_clones_have_the_same_hashes(self):
        with Checkout() as other:
            (other.path / "secrets/masking.key").write_text(self.key)
            other.run("dvc repro")
            self.assertEqual(hashes(other), hashes(self.checkout))
            for name in ("validate", "dev", "test"):
                theirs = (other.path / "metrics" / f"{name}.json").read_text()
                self.assertEqual(theirs, (self.checkout.path / "metrics" / f"{name}.json").read_text())

    def test_metrics_and_plots_are_shown(self):
        shown = json.loads(self.checkout.run("dvc metrics show --json"))[""]["data"]
        self.assertEqual(set(shown), {f"metrics/{name}.json" for name in ("validate", "dev", "test")})
        for figures in shown.values():
            self.assertTrue(all(isinstance(value, (int, float)) for value in figures["data"].values()), figures)
        roc = list(csv.DictReader((self.checkout.path / "metrics/plots/roc.csv").read_text().splitlines()))
        self.assertEqual((float(roc[0]["recall"]), float(roc[-1]["recall"]), float(roc[-1]["false_alarms"])), (0, 1, 1))
        self.checkout.replace("params.yaml", "trees: 100", "trees: 20")
        self.checkout.run("dvc repro")
        plots = self.checkout.run("dvc plots diff HEAD --json")
        specifications = json.loads(plots[plots.index("{"):])
        names = set(specifications["data"] if "data" in specifications else specifications)
        self.assertTrue({"roc", "precision_recall", "decisions"} <= {name.split("/")[-1].split(".")[0] for name in names}, names)
        page = self.checkout.run("dvc plots diff HEAD --out plots_page && cat plots_page/index.html && rm -r plots_page")
        self.assertIn("Anomalies found over false alarms", page)
        self.assertIn("workspace", page)


if __name__ == "__main__":
    unittest.main()
