"""study: recorded spaces, the table, traces that an independent scorer reads, and bad input."""

import csv
import importlib.util
import json
import os
import subprocess
import sys

import support

T1 = {"ConfigurationSpace": {
    "TuningParameters": [{"Name": "x", "Type": "int", "Values": "[1, 2, 4, 8, 16, 32]"},
                         {"Name": "y", "Type": "int", "Values": str(list(range(20)))}],
    "Conditions": [{"Expression": "x * y < 400", "Parameters": ["x", "y"]}]}}


def t4():
    results = []
    for x in (1, 2, 4, 8, 16, 32):
        for y in range(20):
            if x * y >= 400:
                continue
            valid = (x, y) != (4, 3)
            results.append({
                "configuration": {"x": x, "y": y},
                "invalidity": "correct" if valid else "compile",
                "times": {"compilation": 300 + x, "runtimes": [10.0, 11.0] if valid else []},
                "measurements": [{"name": "time", "value":
                                  5 + abs(x - 8) + (y - 11) ** 2 * 0.3 if valid
                                  else "CompilationFailedConfig"}],
                "objectives": ["time"]})
    return {"schema_version": "1.0.0", "metadata": {"timeunit": "miliseconds"},
            "results": results}


class Study(support.Case):
    def setUp(self):
        super().setUp()
        self.write("data/kernel/T1.json", json.dumps(T1))
        self.write("data/kernel/gpu_T4.json", json.dumps(t4()))

    def scores(self, out):
        """{(searcher, space): P} of the first table."""
        rows = {}
        for line in support.squeezed(out).splitlines():
            cells = line.split(" ")
            if len(cells) > 5 and "/" in cells[1]:
                rows[cells[0], cells[1]] = float(cells[2])
        return rows

    def test_table_has_a_row_for_each_search_and_space(self):
        done = self.run_tool("study", "--data", "data", "--search", "all", "--repeats", "10")
        rows = self.scores(done.out)
        self.assertEqual({space for _, space in rows}, {"kernel/gpu"})
        self.assertLessEqual({"auto", "surrogate", "genetic", "random"},
                             {search for search, _ in rows})
        self.assertGreater(rows["auto", "kernel/gpu"], rows["random", "kernel/gpu"])
        self.assertIn("mean P", done.out)
        self.assertTrue(done.out.startswith("1 recorded space, 10 repeats each, seed 1\n"))

    def test_equal_seeds_give_equal_scores_whatever_the_threads(self):
        runs = [self.scores(self.run_tool("study", "--data", "data", "--repeats", "12", "--seed",
                                          seed, "--jobs", jobs).out)
                for seed, jobs in (("3", "1"), ("3", "4"), ("4", "1"))]
        self.assertEqual(runs[0], runs[1])
        self.assertNotEqual(runs[0], runs[2])

    def test_traces_are_places_in_the_results(self):
        self.run_tool("study", "--data", "data", "--search", "genetic", "--repeats", "3",
                      "--trace", "traces", "--svg", "study.svg")
        with open(self.path("traces", "genetic", "kernel__gpu.csv"), encoding="utf-8") as file:
            rows = list(csv.DictReader(file))
        self.assertEqual({row["run"] for row in rows}, {"0", "1", "2"})
        for run in "012":
            visited = [int(row["cfg"]) for row in rows if row["run"] == run]
            self.assertEqual(len(visited), len(set(visited)))
            self.assertLess(max(visited), len(t4()["results"]))
            walls = [float(row["wall"]) for row in rows if row["run"] == run]
            self.assertEqual(walls, sorted(walls))
        with open(self.path("study.svg"), encoding="utf-8") as file:
            self.assertTrue(file.read().startswith("<svg "))

    def test_perturbed_devices(self):
        arguments = ["study", "--perturbed", support.job("small"), "--problem", "s0=256,s1=2048",
                     "--devices", "4", "--search", "auto,random"]
        out = self.run_tool(*arguments).out
        title = " ".join(out.split("\n\n")[0].split())
        self.assertEqual(title, "small on 4 perturbed devices of Ascend910B2, each cost off by up to "
                                "25 %, noise 2 %, space small; head 128, non-causal, f16")
        rows = [line.split() for line in out.splitlines() if " auto " in line or " random " in line]
        self.assertEqual([row[2:4] for row in rows],
                         [["auto", "sim"], ["auto", "none"], ["random", "none"]])
        for row in rows:  # 14 programs: the whole space is soon measured
            self.assertLessEqual(int(row[4]), int(row[5]))
            self.assertLessEqual(int(row[5]), 14)
        self.assertEqual(self.run_tool(*arguments, "--jobs", "1").out, out)

    def test_bad_input(self):
        self.write("broken/kernel/T1.json", json.dumps(T1))
        self.write("broken/kernel/gpu_T4.json", "{}")
        cases = [(["--data", "data", "--search", "gready"], "there is no such search strategy"),
                 (["--data", "nowhere"], "nowhere"),
                 (["--data", "data", "--space", "other"], "no recorded space is here"),
                 (["--data", "broken"], "results"),
                 (["--data", "data", "--repeats", "0"], "--repeats"),
                 ([], "--data"),
                 (["--data", "data", "--perturbed", support.job("small")], "--perturbed"),
                 (["--perturbed", "nowhere.toml"], "nowhere.toml"),
                 (["--data", "data", "--repeats", "2", "--svg", "no/such/folder/x.svg"],
                  "no/such/folder")]
        for arguments, message in cases:
            with self.subTest(arguments):
                done = self.run_tool("study", *arguments, code=2)
                self.assertTrue(done.err.startswith("pto-tune: error: "), done.err)
                self.assertIn(message, done.err)
                self.assertEqual(done.err.count("\n"), 1)

    def test_an_independent_scorer_agrees(self):
        shared = os.path.join(support.ROOT, "..", "shared")
        data = os.environ.get("PTO_TUNE_RECORDED", os.path.join(shared, "data", "recorded"))
        scorer = os.path.join(data, "..", "..", "tools", "score.py")
        if not os.path.exists(scorer) or importlib.util.find_spec("numpy") is None:
            self.skipTest("no recorded spaces with their scorer (PTO_TUNE_RECORDED), or no numpy")
        done = self.run_tool("study", "--data", data, "--space", "A6000", "--search",
                             "genetic,random", "--repeats", "25", "--trace", "traces")
        for search in ("genetic", "random"):
            for kernel in ("convolution", "dedispersion"):
                # The scorer's names of the kernels.
                os.rename(self.path("traces", search, f"{kernel}__A6000.csv"),
                          self.path("traces", search, f"{kernel}_milo__A6000.csv"))
        subprocess.run([sys.executable, scorer, "--spaces", os.path.join(data, "npz"), "--traces",
                        self.path("traces"), "--out", self.path("scores")], check=True,
                       capture_output=True)
        ours = self.scores(done.out)
        with open(self.path("scores_by_space.csv"), encoding="utf-8") as file:
            for row in csv.DictReader(file):
                space = row["kernel"].removesuffix("_milo") + "/" + row["gpu"]
                self.assertAlmostEqual(ours[row["strategy"], space], float(row["P"]), delta=1e-3)
