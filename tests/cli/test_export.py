"""pto-tune export: the winners of a database, as a header and for other programs."""

import json
import os
import subprocess

import support


class Export(support.Case):
    def setUp(self):
        super().setUp()
        self.run_tool("tune", support.job("small"), "--db", "a.db", "--header", "tuned.h")

    def test_the_header_is_that_of_tune(self):
        made = self.run_tool("export", "--db", "a.db").out
        with open(self.path("tuned.h"), encoding="utf-8") as file:
            self.assertEqual(made, file.read())
        self.assertEqual(self.run_tool("export", "a.db").out, made)
        main = self.write("main.cpp", '#include "tuned.h"\n'
                          "static_assert(pto_tune::lookup(128, 256, 1536, false).match == "
                          "pto_tune::Match::exact);\n"
                          "static_assert(pto_tune::lookup(128, 256, 4096, false).match == "
                          "pto_tune::Match::nearest);\n"
                          "static_assert(pto_tune::lookup(128, 256, 4096, true).match == "
                          "pto_tune::Match::fallback_default);\n")
        done = subprocess.run([support.Settings.compiler, "-std=c++17", "-fsyntax-only", "-Wall",
                               "-Wextra", "-Werror", main], capture_output=True, text=True,
                              check=False)
        self.assertEqual(done.returncode, 0, done.stderr)

    def test_formats_carry_the_same_entries(self):
        entries = json.loads(self.run_tool("export", "a.db", "--format", "json").out)["entries"]
        self.assertEqual([e["problem"]["s1"] for e in entries], [1536, 2048])
        best = json.loads(self.run_tool("best", "--db", "a.db", "--format", "json").out)
        # best lists more about them; its list may be wrapped in an object.
        best = best["champions"] if isinstance(best, dict) else best
        self.assertEqual([e["point"] for e in entries], [b["point"] for b in best])
        toml = self.run_tool("export", "a.db", "--format", "toml").out
        cmake = self.run_tool("export", "a.db", "--format", "cmake").out
        for entry in entries:
            self.assertIn(f"s1 = {entry['problem']['s1']}", toml)
            self.assertIn(f"_s1 {entry['problem']['s1']})", cmake)

    def test_a_file_with_equal_content_is_not_touched(self):
        self.run_tool("export", "a.db", "--output", "x.h")
        before = self.snapshot()
        self.run_tool("export", "a.db", "--output", "x.h")
        self.assertEqual(self.snapshot(), before)

    def test_narrowed(self):
        job = ["export", "a.db", "--format", "json", "--job", support.job("small")]
        self.assertEqual(len(json.loads(self.run_tool(*job).out)["entries"]), 2)
        for name, value in [("--runner", "ascend"), ("--soc", "Ascend910B4")]:
            out = self.run_tool("export", "a.db", "--format", "json", name, value).out
            self.assertEqual(json.loads(out)["entries"], [])
        out = self.run_tool("export", "a.db", "--namespace", "mine::tuned").out
        self.assertIn("\nnamespace mine::tuned {\n", out)

    def test_what_cannot_be_is_said_and_nothing_is_written(self):
        before = self.snapshot()
        for arguments, said in [
                (["--db", "none.db"], "none.db"),
                (["a.db", "--db", "a.db"], "DATABASE"),
                (["a.db", "--output", "a.db"], "replace the database"),
                (["a.db", "--output", "no/x.h"], "no/x.h"),
                (["a.db", "--format", "xml"], "header,toml,json,cmake"),
                (["a.db", "--namespace", "3x"], "namespace"),
                (["a.db", "--environment", "zzzz"], "no such environment"),
                (["a.db", "--job", support.job("small"), "--soc", "Ascend910B4"], "another SoC"),
                (["a.db", "--job", support.job("medium"), "--output", "x.h"],
                 "pto-tune tune"),
        ]:
            with self.subTest(arguments):
                err = self.run_tool("export", *arguments, code=2).err
                self.assertRegex(err, "^pto-tune: error: ")
                self.assertIn(said, err)
        self.assertEqual(self.snapshot(), before)

    def test_a_soc_without_a_profile_is_warned_of(self):
        os.makedirs(self.path("configs", "soc"))
        done = subprocess.run([support.Settings.binary, "export", "a.db", "--format", "json"],
                              cwd=self.directory, capture_output=True, text=True, check=False,
                              env={**os.environ, "PTO_TUNE_CONFIGS": self.path("configs")})
        self.assertEqual(done.returncode, 0)
        self.assertIn("no profile of 'Ascend910B2'", done.stderr)
        self.assertNotIn("reach", done.stdout)
