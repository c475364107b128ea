"""A copy of this checkout in a folder of its own, as a clone has it, and commands that run in it."""

import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
CACHE = Path(os.environ.get("TAMIS_CACHE", Path.home() / ".cache" / "tamis"))
TARGET = Path(os.environ.get("CARGO_TARGET_DIR", CACHE / "target"))

# Programs of the virtual environment that runs this come first (dvc), then the binary under test.
ENVIRONMENT = {
    **{name: value for name, value in os.environ.items() if not name.startswith(("TAMIS_", "MLFLOW_", "GIT_", "DVC_"))},
    "PATH": os.pathsep.join([str(Path(sys.executable).parent), str(TARGET / "release"), os.environ["PATH"]]),
    "DVC_NO_ANALYTICS": "1",
    "GIT_CONFIG_GLOBAL": os.devnull,
    "GIT_CONFIG_SYSTEM": os.devnull,
    **{f"GIT_{who}_{what}": value for who in ("AUTHOR", "COMMITTER") for what, value in [("NAME", "test"), ("EMAIL", "test@example.com")]},
}


class Checkout:
    """What git has of this checkout or would take, committed in a new repository; removed at the end of a `with`."""

    def __init__(self):
        self.path = Path(tempfile.mkdtemp(prefix="tamis-lifecycle-"))
        listed = subprocess.run(
            ["git", "ls-files", "--cached", "--others", "--exclude-standard", "-z"],
            cwd=ROOT, check=True, capture_output=True,
        ).stdout
        for name in listed.decode().split("\0"):
            source = ROOT / name
            if name and source.is_file():
                target = self.path / name
                target.parent.mkdir(parents=True, exist_ok=True)
                shutil.copy2(source, target)
        self.run("git init --quiet --initial-branch main && git add --all && git commit --quiet --message start")

    def __enter__(self):
        return self

    def __exit__(self, *_):
        shutil.rmtree(self.path)

    def shell(self, command, **more):
        """Runs a line of bash here, whatever comes of it: its code, and what it said on both streams."""
        environment = {**ENVIRONMENT, **more}
        return subprocess.run(
            ["bash", "-euo", "pipefail", "-c", command],
            cwd=self.path, env=environment, text=True, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, timeout=600,
            stdin=subprocess.DEVNULL,
        )

    def run(self, command, **more):
        """What a line of bash says that has to succeed."""
        done = self.shell(command, **more)
        if done.returncode != 0:
            raise AssertionError(f"{command} ended with {done.returncode}:\n{done.stdout}")
        return done.stdout

    def replace(self, name, old, new):
        """Changes one place of a file."""
        path = self.path / name
        text = path.read_text()
        assert text.count(old) == 1, f"{name} has {old!r} {text.count(old)} times"
        path.write_text(text.replace(old, new))
