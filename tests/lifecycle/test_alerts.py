"""The alert rules: their metrics exist, their sections of the runbook too, and they call when they should."""

import re
import shutil
import subprocess
import unittest

import yaml

from checkout import ROOT

RULES = yaml.safe_load((ROOT / "monitoring/alerts.yml").read_text())


class Alerts(unittest.TestCase):
    def rules(self, kind):
        return [rule for group in RULES["groups"] for rule in group["rules"] if kind in rule]

    def test_every_metric_is_one_that_tamis_writes(self):
        source = "".join(path.read_text() for path in (ROOT / "src/monitor").rglob("*.rs"))
        known = set(re.findall(r'family\(\s*"(\w+)"', source)) | {rule["record"] for rule in self.rules("record")}
        self.assertIn("tamis_records_total", known)
        for rule in self.rules("expr"):
            named = set(re.findall(r"\btamis[_:][\w:]+", rule["expr"]))
            self.assertEqual(named - known, set(), rule)

    def test_every_alert_has_its_section_in_the_runbook(self):
        headings = re.findall(r"^#+ (.+)$", (ROOT / "docs/runbook.md").read_text(), re.MULTILINE)
        sections = {re.sub(r"[^\w -]", "", heading).strip().lower().replace(" ", "-") for heading in headings}
        for rule in self.rules("alert"):
            file, anchor = rule["annotations"]["runbook"].split("#")
            self.assertEqual((file, anchor), ("docs/runbook.md", rule["alert"].lower()))
            self.assertIn(anchor, sections)

    @unittest.skipUnless(shutil.which("promtool"), "promtool is not here")
    def test_they_call_when_they_should(self):
        done = subprocess.run(
            ["promtool", "test", "rules", "alerts.test.yml"], cwd=ROOT / "monitoring", text=True, capture_output=True
        )
        self.assertEqual(done.returncode, 0, done.stdout + done.stderr)


if __name__ == "__main__":
    unittest.main()
