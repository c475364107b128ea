"""The commands of the documentation, run in the order of the page, and what they print.

A fenced block of `console` holds commands behind `$ ` and what they say. In what they say `…` stands for anything within a
line, and on a line of its own for any lines. A block of `sh` is not run. TAMIS_UPDATE=1 writes what was said into the page.
"""

import os
import re
import subprocess
import unittest

from checkout import ENVIRONMENT, ROOT, Checkout

BLOCK = re.compile(r"^```console\n(.*?)^```$", re.MULTILINE | re.DOTALL)
# What differs from run to run, for an update.
VOLATILE = [
    (r"\btok_[a-z2-7]{4}_[a-z2-7]+", "tok_…"),
    (r"\bkey [a-z2-7]{4}\b", "key …"),
    (r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z", "…"),
]


class Shell:
    """One bash for a whole page, so that a page may set a variable and use it later."""

    END = "\x04tamis-end"

    def __init__(self, folder):
        self.bash = subprocess.Popen(
            ["bash", "--norc", "-o", "pipefail"], cwd=folder, env=ENVIRONMENT, text=True,
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
        )

    def run(self, command):
        """What a command says on both streams, and its exit code."""
        self.bash.stdin.write(f"{{ {command}\n}} </dev/null; printf '\\n{self.END} %d\\n' $?\n")
        self.bash.stdin.flush()
        said = []
        for line in self.bash.stdout:
            if line.startswith(self.END):
                text = "".join(said)
                return text.rstrip("\n"), int(line.split()[1])
            said.append(line)
        raise AssertionError(f"the shell ended at {command}")

    def close(self):
        self.bash.stdin.close()
        self.bash.stdout.close()
        self.bash.wait()


def steps(block):
    """The commands of a block, each with what it is to say. A command goes on where its line ends in a backslash."""
    found = []
    lines = iter(block.splitlines())
    for line in lines:
        if line.startswith("$ "):
            command = line[2:]
            while command.endswith("\\"):
                command = command[:-1] + next(lines)
            found.append((line, command, []))
        else:
            found[-1][2].append(line)
    return [(command, "\n".join(said)) for _, command, said in found]


def pattern(said):
    """A regular expression for what is to be said; blanks at the end of a line are nobody's business."""
    lines = []
    for line in said.split("\n"):
        anything = line.strip() == "…"
        lines.append(r"(?:.*\n)*?" if anything else ".*?".join(map(re.escape, line.rstrip().split("…"))) + r"[ ]*\n")
    return re.compile("".join(lines))


class Page:
    def __init__(self, path):
        self.path = ROOT / path
        self.text = self.path.read_text()

    def check(self, test):
        """Runs every block; a command that fails where the page does not show so, or says something else, is a fault."""
        update = os.environ.get("TAMIS_UPDATE") == "1"
        with Checkout() as checkout:
            shell = Shell(checkout.path)
            try:
                self.text = BLOCK.sub(lambda block: self.block(test, shell, block, update), self.text)
            finally:
                shell.close()
        if update:
            self.path.write_text(self.text)

    def block(self, test, shell, block, update):
        shown = block.group(1)
        for command, said in steps(shown):
            output, code = shell.run(command)
            with test.subTest(page=self.path.name, command=command):
                test.assertEqual(code, 0, f"{command}\n{output}")
                if not update:
                    spoken = output + "\n" if output else ""
                    test.assertTrue(
                        pattern(said).fullmatch(spoken) if said else spoken == "",
                        f"{command}\nis to say\n{said}\nand says\n{output}",
                    )
            if update:
                for volatile, instead in VOLATILE:
                    output = re.sub(volatile, instead, output)
                shown = self.replaced(shown, command, said, output)
        return f"```console\n{shown}```"

    @staticmethod
    def replaced(shown, command, said, output):
        """What is shown of a command that has no output yet; one that has is left, for people shorten it."""
        if said:
            return shown
        lines = shown.splitlines()
        joined, at = "", 0
        for at, line in enumerate(lines):
            joined = joined[:-1] + line if joined.endswith("\\") else line.removeprefix("$ ")
            if joined == command and (at + 1 == len(lines) or lines[at + 1].startswith("$ ")):
                break
        return "\n".join(lines[: at + 1] + (output.splitlines() if output else []) + lines[at + 1 :]) + "\n"


class Documentation(unittest.TestCase):
    maxDiff = None

    def test_the_walk_through(self):
        Page("docs/lifecycle.md").check(self)

    def test_the_runbook(self):
        Page("docs/runbook.md").check(self)


if __name__ == "__main__":
    unittest.main()
