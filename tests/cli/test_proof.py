"""Answers with a proof: tune --search bnb, space --why, check --explain and --dot."""

import json
import re

import support

FA = support.repository("configs", "jobs", "fa_910b2.toml")
HANG = ["check", FA, "--problem", "s0=128,s1=8192", "--point", "QK_PRELOAD=8,SlotNum=2"]


class Proof(support.Case):
    def best(self, database):
        return json.loads(self.run_tool("best", "--db", database, "--format", "json").out)

    def test_branch_and_bound_gives_the_optimum_of_exhaustive_search(self):
        self.run_tool("tune", support.job("small"), "--search", "exhaustive", "--db", "all.db")
        done = self.run_tool("tune", support.job("small"), "--search", "bnb", "--db", "bnb.db",
                             "--header", "bnb.h")
        self.assertEqual(len(re.findall(r"0\.00 %  optimal", done.out)), 2)
        self.assertRegex(done.out, r"share measured +\d")
        times = [[champion["seconds"] for champion in self.best(name)]
                 for name in ("all.db", "bnb.db")]
        self.assertEqual(times[0], times[1])
        self.assertIn("database  bnb.db\nheader    bnb.h\n", done.out)

    def test_the_manual_kernels_best_is_its_own_optimum(self):
        manual = []
        for search in ("exhaustive", "bnb"):
            self.run_tool("tune", support.job("medium"), "--search", search, "--db", search + ".db",
                          "--header", search + ".h")
            with open(self.path(search + ".h"), encoding="utf-8") as file:
                manual.append(re.findall(r"/\*manual_time_us\*/ ([\d.]+)", file.read()))
        self.assertEqual(len(manual[0]), 1)
        self.assertEqual(manual[0], manual[1])

    def test_the_same_command_continues(self):
        arguments = ["tune", support.job("small"), "--search", "bnb"]
        first = self.run_tool(*arguments).out
        second = self.run_tool(*arguments).out
        self.assertIn("evaluated 0 new points", second)
        self.assertEqual(first.split("\nevaluated")[0], second.split("\nevaluated")[0])

    def test_threads_change_nothing(self):
        outs = [self.run_tool("tune", support.job("small"), "--search", "bnb", "--jobs", jobs,
                              "--db", f"{jobs}.db").out.split("\nevaluated")[0]
                for jobs in ("1", "3")]
        self.assertEqual(outs[0], outs[1])

    def test_an_early_end_leaves_a_gap(self):
        out = self.run_tool("tune", support.job("small"), "--search", "bnb", "--evaluations", "1").out
        self.assertEqual(len(re.findall(r"\d\.\d\d %  evaluations", out)), 2)

    def test_the_gap_is_stored_and_goes_where_the_champion_goes(self):
        exhaustive = ["tune", support.job("small"), "--search", "exhaustive"]
        for name, arguments in [
                ("early", ["tune", support.job("small"), "--search", "bnb", "--evaluations", "1"]),
                ("all", exhaustive)]:
            database, header = name + ".db", name + ".h"
            done = self.run_tool(*arguments, "--db", database, "--header", header, "--format",
                                 "json")
            told = [one["proof"] for one in json.loads(done.out)["problems"]]
            best = self.best(database)
            self.assertEqual([(one["proof"]["bound"], one["proof"]["gap"]) for one in best],
                             [(one["bound"], one["gap"]) for one in told])
            self.assertEqual(all(one["gap"] > 0 for one in told), name == "early")
            self.assertEqual([one["point_text"] for one in best],
                             [one["best"]["point_text"]
                              for one in json.loads(done.out)["problems"]])
            self.assertEqual([one["proof"]["points"] for one in best], [32, 32])
            with open(self.path(header), encoding="utf-8") as file:
                text = file.read()
            self.assertEqual([float(gap) for gap in re.findall(r"/\*gap\*/ ([-\d.e]+)", text)],
                             [one["gap"] for one in told])
            self.assertEqual(self.run_tool("export", "--db", database).out, text)
            entries = json.loads(self.run_tool("export", "--db", database, "--format",
                                               "json").out)["entries"]
            self.assertEqual([one["proof"] for one in entries], [one["proof"] for one in best])
            shown = self.run_tool("best", "--db", database).out
            for one in told:
                self.assertIn(f"{100 * one['gap']:.2f} %", shown)
        # What is known is not proven again, and what is better is.
        early = self.path("early.db")
        self.run_tool(*exhaustive, "--db", early)
        self.assertEqual([one["proof"]["gap"] for one in self.best("early.db")], [0, 0])
        report = json.loads(self.run_tool("report", "--db", early, "--format", "json").out)
        self.assertEqual([shape["bound"]["gap"] for shape in report["targets"][0]["shapes"]],
                         [0, 0])

    def test_without_a_proof_there_is_no_gap(self):
        self.run_tool("tune", support.job("small"), "--db", "all.db", "--header", "all.h")
        self.run_tool("db", "export", "--db", "all.db", "--format", "csv", "--output", "all.csv")
        self.run_tool("db", "import", "all.csv", "--db", "bare.db")
        self.assertEqual([one["proof"] for one in self.best("bare.db")], [None, None])
        shown = self.run_tool("best", "--db", "bare.db").out
        self.assertEqual(len(re.findall(r"no bound", shown)), 3)  # two rows, and what it means
        self.assertNotIn("0.00 %", shown)
        header = self.run_tool("export", "--db", "bare.db").out
        self.assertEqual(header.count("    // no bound proven\n"), 2)
        self.assertEqual(header.count("/*gap*/ -1"), 2)

    def test_unknown_search(self):
        done = self.run_tool("tune", support.job("small"), "--search", "magic", code=2)
        self.assertIn("--search", done.err)

    def test_why_counts_and_names_the_change(self):
        out = support.squeezed(self.run_tool("space", support.job("small"), "--why").out)
        self.assertIn("raw 32", out)
        self.assertIn("rejected by protocol.ring 4 4", out)
        self.assertIn("legal 28", out)
        self.assertRegex(out, r"most points become legal when protocol\.ring holds for them \(4\)")
        self.assertIn("raise EXP_RING", " ".join(out.split()))
        # Four points are not legal (test_space.py); each of these changes mends all of them.
        self.assertEqual(" ".join(out.split()).count(
            "setting TILE_S1 = 512 makes the most points legal: 4; next QK_PRELOAD = 2: 4, "
            "SlotNum = 8: 4"), 2)
        told = json.loads(self.run_tool("space", support.job("small"), "--why", "--format",
                                        "json").out)
        for one in told["problems"]:
            self.assertTrue(one["changes_exact"])
            self.assertEqual(one["changes"],
                             [{"parameter": "TILE_S1", "value": 512, "points": 4},
                              {"parameter": "QK_PRELOAD", "value": 2, "points": 4},
                              {"parameter": "SlotNum", "value": 8, "points": 4}])

    def test_why_counts_the_space_files_constraints(self):
        with open(support.repository("tests", "data", "spaces", "small.toml"),
                  encoding="utf-8") as file:
            text = file.read()
        self.write("only.toml", 'constraints = ["LocalSlotNum < 2"]\n' + text)
        job = self.write("job.toml", f"""
name = "only"
soc = "{support.repository('configs', 'soc', 'ascend910b2.toml')}"
space = "only.toml"
[[problems]]
head = 128
dtype = "f16"
s0 = 256
s1 = 2048
""")
        # 14 of 28 points that the rules leave have LocalSlotNum = 2.
        counts = support.squeezed(self.run_tool("space", job).out)
        self.assertIn("rejected by protocol.ring 4\nrejected by constraints[0] 14\nlegal 14\n", counts)
        out = " ".join(self.run_tool("space", job, "--why").out.split())
        self.assertIn("most points become legal when constraints[0] holds for them (14): "
                      "LocalSlotNum < 2 ", out)
        self.assertIn("setting LocalSlotNum = 1 makes the most points legal: 14; next "
                      "TILE_S1 = 512: 2, QK_PRELOAD = 2: 2, SlotNum = 8: 2", out)

    def test_why_where_nothing_or_everything_is_legal(self):
        small = ["space", support.job("small"), "--why", "--problem"]
        self.assertIn("no change of a single value makes a point legal",
                      self.run_tool(*small, "s1=1000").out)
        self.assertNotIn("single value", self.run_tool(*small, "s1=512").out)

    def test_why_of_a_space_that_is_too_large_to_walk(self):
        job = self.write("wide.toml", f"""
name = "wide"
soc = "{support.repository('configs', 'soc', 'ascend910b2.toml')}"
space = "{support.repository('configs', 'spaces', 'fa_wide.toml')}"
[[problems]]
head = 128
causal = false
dtype = "f16"
s0_s1 = [8192]
""")
        out = support.squeezed(self.run_tool("space", job, "--why").out)
        self.assertIn("raw 6,341,787,648", out)
        self.assertRegex(out, r"of these, by 4,000 draws: \d+\.\d % legal")
        self.assertRegex(" ".join(out.split()), r"setting \w+ = \w+ makes the most points legal: "
                         r"about \d{1,3},\d00,000; next(,? \w+ = \w+: about [\d,]+){3}")

    def test_explain_draws_the_cycle(self):
        out = support.squeezed(self.run_tool(*HANG, "--explain", code=1).out)
        self.assertIn("""\
cube TALLOC QK tile 4
waits for vec TFREE QK tile 3
comes after vec TALLOC P tile 2
waits for cube TFREE P tile 1
comes after cube TALLOC QK tile 4: the cycle closes""".replace("\n", " "), " ".join(out.split()))
        self.assertIn("held", out)
        self.assertIn("capacity.ub", out)

    def test_explain_bounds_a_legal_point(self):
        out = self.run_tool("check", FA, "--problem", "s0=128,s1=8192", "--explain").out
        self.assertRegex(out, r"at least \d+\.\d\d us: \S+ on AI[CV]: \w+, \d+ %")

    def test_dot(self):
        self.run_tool(*HANG, "--dot", "cycle.dot", code=1)
        with open(self.path("cycle.dot"), encoding="utf-8") as file:
            text = file.read()
        self.assertTrue(text.startswith("digraph witness {"))
        self.assertIn('"cube TALLOC QK tile 4" -> "vec TFREE QK tile 3" [label = "waits for"];', text)
