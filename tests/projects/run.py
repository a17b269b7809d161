"""Installs pto-tune into a temporary prefix, and builds and runs the projects beside this file with
what is installed: as a user would, and again after the database has changed.

    run.py --build DIR --cmake CMAKE --generator NAME --compiler C++ [TEST...]
"""

import argparse
import csv
import glob
import os
import re
import shutil
import sqlite3
import subprocess
import sys
import tempfile
import unittest

HERE = os.path.dirname(os.path.realpath(__file__))
JOB = os.path.join(HERE, "..", "data", "jobs", "small.toml")  # two problems, tuned in a second


class Settings:
    build = cmake = generator = compiler = None


class Projects(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.directory = os.path.realpath(tempfile.mkdtemp(prefix="pto-tune-projects-"))
        cls.addClassCleanup(shutil.rmtree, cls.directory, True)
        cls.prefix = os.path.join(cls.directory, "prefix")
        for component in ("tool", "lib"):
            cls.run_program(Settings.cmake, "--install", Settings.build, "--prefix", cls.prefix,
                            "--component", component)
        cls.tool = os.path.join(cls.prefix, "bin", "pto-tune")
        cls.tuned = os.path.join(cls.directory, "tuned.db")
        cls.run_program(cls.tool, "tune", JOB, "--db", cls.tuned,
                        "--header", os.path.join(cls.directory, "tuned.h"))

    @classmethod
    def run_program(cls, *arguments, code=0):
        environment = {name: value for name, value in os.environ.items()
                       if name not in ("PTO_TUNE_CONFIGS", "DESTDIR")}
        done = subprocess.run(arguments, cwd=cls.directory, env=environment, capture_output=True,
                              text=True, timeout=300, check=False)
        if done.returncode != code:
            raise AssertionError(f"{arguments}: exit code {done.returncode}\n{done.stdout}\n"
                                 f"{done.stderr}")
        return done.stdout + done.stderr

    def path(self, *names):
        return os.path.join(self.directory, self.id(), *names)

    def setUp(self):
        os.makedirs(self.path())
        self.database = self.path("tuned.db")
        shutil.copyfile(self.tuned, self.database)

    def configure(self, project, *definitions):
        self.run_program(Settings.cmake, "-S", os.path.join(HERE, project), "-B", self.path("build"),
                         "-G", Settings.generator, f"-DCMAKE_CXX_COMPILER={Settings.compiler}",
                         "-DCMAKE_BUILD_TYPE=Release", f"-DCMAKE_PREFIX_PATH={self.prefix}",
                         f"-DDATABASE={self.database}", *definitions)

    def compile(self, code=0):
        return self.run_program(Settings.cmake, "--build", self.path("build"), code=code)

    def header(self):
        found = glob.glob(self.path("build", "pto_tune", "*", "include", "pto_tune.h"))
        self.assertEqual(len(found), 1)
        return found[0]

    def some_trial(self):
        text = self.run_program(self.tool, "db", "export", "--db", self.tuned, "--format", "csv")
        rows = csv.DictReader(text.splitlines())
        row = next(r for r in rows if r["s1"] == "1536" and r["status"] == "correct")
        return {**row, "source": "0" * 32, "program": "0" * 32}

    def import_trials(self, rows, database):
        trials = self.path("trials.csv")
        with open(trials, "w", encoding="utf-8", newline="") as file:
            writer = csv.DictWriter(file, rows[0].keys(), lineterminator="\n")
            writer.writeheader()
            writer.writerows(rows)
        self.run_program(self.tool, "db", "import", trials, "--db", database)

    def improve(self, slots, seconds):
        """Adds a trial for s1=1536 that beats all others by far."""
        row = {**self.some_trial(), "TILE_S1": "128", "SlotNumQK": slots, "seconds": seconds}
        self.import_trials([row], self.database)

    def test_a_program_with_header_and_library(self):
        self.configure("lookup", f"-DJOB={JOB}")
        self.compile()
        program = self.path("build", "lookup")
        before = self.run_program(program, self.database)
        self.assertIn("256 x 1536: match 0, tuned 256 x 1536", before)
        self.assertIn("256 x 2048: match 2", before)  # causal
        made = os.stat(self.header()).st_mtime_ns

        # Nothing has changed: the header is not even written again.
        self.assertNotIn("main.cpp", self.compile())
        self.assertEqual(os.stat(self.header()).st_mtime_ns, made)

        self.improve("5", "1e-09")
        self.assertIn("main.cpp", self.compile())
        after = self.run_program(program, self.database)
        self.assertIn("256 x 1536: match 0, tuned 256 x 1536, TILE_S1 128, SlotNumQK 5", after)

        # While somebody reads, new trials stay in the write-ahead log, and the file is as it was.
        reader = sqlite3.connect(self.database)
        try:
            reader.execute("BEGIN")
            reader.execute("SELECT count(*) FROM trial").fetchone()
            as_it_was = os.stat(self.database).st_mtime_ns
            self.improve("6", "5e-10")
            self.assertEqual(os.stat(self.database).st_mtime_ns, as_it_was)
            self.assertGreater(os.path.getsize(self.database + "-wal"), 0)
            self.assertIn("main.cpp", self.compile())
        finally:
            reader.close()
        last = self.run_program(program, self.database)
        self.assertIn("TILE_S1 128, SlotNumQK 6", last.splitlines()[0])

    def test_a_kernel_instantiated_for_every_shape(self):
        self.configure("kernel")
        self.compile()
        out = self.run_program(self.path("build", "kernel"))
        self.assertIn("2 kernels, 0 wrong", out)

    def test_the_walk_of_the_readme(self):
        """Its program and its CMakeLists.txt, on times that are made up instead of tuned."""
        with open(os.path.join(HERE, "..", "..", "README.md"), encoding="utf-8") as file:
            walk = file.read().split("## From a clone")[1].split("\n## ")[0]
        blocks = dict(re.findall(r"```(cpp|cmake)\n(.*?)```", walk, re.S))
        for name, block in [("main.cpp", blocks["cpp"]), ("CMakeLists.txt", blocks["cmake"])]:
            with open(self.path(name), "w", encoding="utf-8") as file:
                file.write(block)
        trial = {**self.some_trial(), "TILE_S1": "512", "QK_PRELOAD": "3"}
        sizes = [1024 << i for i in range(8)]  # of the job fa_910b2
        self.import_trials([{**trial, "s0": n, "s1": n, "seconds": n * 1e-8} for n in sizes],
                           self.path("fa.db"))
        self.run_program(Settings.cmake, "-S", self.path(), "-B", self.path("build"),
                         "-G", Settings.generator, f"-DCMAKE_CXX_COMPILER={Settings.compiler}",
                         f"-DCMAKE_PREFIX_PATH={self.prefix}")
        self.compile()
        self.assertEqual(self.run_program(self.path("build", "main")),
                         "TILE_S1 512, QK_PRELOAD 3: 81.9 us\n")

    def test_what_cannot_be_is_said(self):
        self.configure("lookup", f"-DJOB={os.path.join(HERE, '..', 'data', 'jobs', 'medium.toml')}")
        self.assertIn("has no time for", self.compile(code=self.failure()))
        self.database = self.path("none.db")
        self.configure("lookup", f"-DJOB={JOB}")
        self.assertIn("none.db does not exist", " ".join(self.compile(code=self.failure()).split()))

    @staticmethod
    def failure():
        return 1 if Settings.generator == "Ninja" else 2

    def test_what_is_installed(self):
        for name in ("share/pto-tune/configs/soc/ascend910b2.toml",
                     "share/pto-tune/configs/jobs/fa_910b2.toml", "include/ptotune/Lookup.h",
                     "share/man/man1/pto-tune.1", "share/zsh/site-functions/_pto-tune",
                     "share/bash-completion/completions/pto-tune"):
            self.assertTrue(os.path.exists(os.path.join(self.prefix, name)), name)
        # A job by its name comes from the installed configurations.
        out = self.run_program(self.tool, "check", "fa_910b2")
        self.assertIn("Ascend910B2", out)
        done = self.run_program(self.tool, "doctor", "--format", "json")
        self.assertIn(os.path.join(self.prefix, "share/pto-tune/configs"), done)


def main():
    parser = argparse.ArgumentParser(description="projects that use an installed pto-tune")
    for name in ("build", "cmake", "generator", "compiler"):
        parser.add_argument(f"--{name}", required=True)
    parser.add_argument("tests", nargs="*")
    options = parser.parse_args()
    for name in ("build", "cmake", "generator", "compiler"):
        setattr(Settings, name, getattr(options, name))
    sys.argv = sys.argv[:1]
    names = [f"__main__.Projects.{name}" for name in options.tests] or ["__main__.Projects"]
    suite = unittest.defaultTestLoader.loadTestsFromNames(names)
    done = unittest.TextTestRunner(verbosity=2).run(suite)
    return 0 if done.wasSuccessful() and done.testsRun > 0 else 1


if __name__ == "__main__":
    sys.exit(main())
