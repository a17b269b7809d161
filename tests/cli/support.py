"""What the tests of the command line share: running the binary, comparing text, watching files."""

import hashlib
import os
import re
import shutil
import subprocess
import tempfile
import unittest

ROOT = os.path.realpath(os.path.join(os.path.dirname(__file__), "..", ".."))


class Settings:
    """Set by run.py from its command line."""

    binary = None
    compiler = None


class Outcome:
    def __init__(self, code, out, err):
        self.code, self.out, self.err = code, out, err


def squeezed(text):
    """Without alignment: runs of blanks are one blank, none at a line's ends."""
    return "\n".join(re.sub(r" +", " ", line).strip() for line in text.splitlines())


def without_times(text):
    """Squeezed, with times, rates and speed-ups replaced by '#': the simulator's business."""
    text = re.sub(r"\d[\d,]*\.\d+x?", "#", squeezed(text))
    return re.sub(r" in (#|\d+) (s|min \d+ s)\b", " in # s", text)


class Case(unittest.TestCase):
    maxDiff = None

    def setUp(self):
        self.directory = os.path.realpath(tempfile.mkdtemp(prefix="pto-tune-cli-"))
        self.addCleanup(shutil.rmtree, self.directory, True)

    def path(self, *names):
        return os.path.join(self.directory, *names)

    def write(self, name, content):
        path = self.path(name)
        os.makedirs(os.path.dirname(path), exist_ok=True)
        with open(path, "w", encoding="utf-8") as file:
            file.write(content)
        return path

    def run_tool(self, *arguments, code=0, directory=None, environment=None):
        """Runs the binary in the test's directory; checks its exit code."""
        done = subprocess.run([Settings.binary, *arguments], cwd=directory or self.directory,
                              env=environment,
                              capture_output=True, text=True, timeout=600, check=False)
        self.assertEqual(done.returncode, code,
                         f"{arguments}\nstdout:\n{done.stdout}\nstderr:\n{done.stderr}")
        return Outcome(done.returncode, done.stdout, done.stderr)

    def named(self, text):
        """The test's directory and the repository as $TMP and $ROOT."""
        return text.replace(self.directory, "$TMP").replace(ROOT, "$ROOT")

    def snapshot(self):
        """Name, kind, mode, time and content of everything in the test's directory."""
        found = {}
        for folder, folders, files in os.walk(self.directory):
            for name in folders + files:
                path = os.path.join(folder, name)
                status = os.lstat(path)
                content = ""
                if name in files:
                    with open(path, "rb") as file:
                        content = hashlib.sha256(file.read()).hexdigest()
                found[os.path.relpath(path, self.directory)] = (status.st_mode,
                                                                status.st_mtime_ns, content)
        return found


def repository(*names):
    return os.path.join(ROOT, *names)


def job(name):
    return repository("tests", "data", "jobs", name + ".toml")
