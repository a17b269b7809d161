"""pto-tune diff: two databases, and two points of a job."""

import json

import support


class Databases(support.Case):
    def tune(self, name, sizes, slots="[4, 8]"):
        with open(support.repository("tests", "data", "spaces", "small.toml"),
                  encoding="utf-8") as file:
            space = file.read().replace("[4, 8]", slots)
        self.write(f"{name}.space.toml", space)
        job = self.write(f"{name}.toml", f"""\
name = "{name}"
soc = "{support.ROOT}/configs/soc/ascend910b2.toml"
space = "{name}.space.toml"
[[problems]]
head = 128
dtype = "f16"
s0_s1 = {sizes}
""")
        self.run_tool("tune", job, "--db", f"{name}.db", "--header", f"{name}.h")

    def diff(self, *arguments):
        return json.loads(self.run_tool("diff", *arguments, "--format", "json").out)["problems"]

    def test_same_new_and_lost(self):
        self.tune("one", "[2048, 4096]")
        self.tune("two", "[4096, 8192]")
        verdicts = {one["problem"]["s1"]: one["verdict"] for one in self.diff("one.db", "two.db")}
        self.assertEqual(verdicts, {2048: "lost", 4096: "same", 8192: "new"})
        for one in self.diff("one.db", "one.db"):
            self.assertEqual((one["verdict"], one["changes"]), ("same", []))
            self.assertEqual(one["environment_changes"], [])
        text = support.without_times(self.run_tool("diff", "one.db", "two.db").out)
        self.assertIn("2048 2048 # - - lost", text)
        self.assertIn("8192 8192 - # - new", text)

    def test_a_better_point(self):
        self.tune("less", "[4096]", slots="[4]")
        self.tune("more", "[4096]", slots="[4, 8, 12]")
        (one,) = self.diff("less.db", "more.db")
        self.assertEqual(one["verdict"], "faster")
        self.assertLess(one["after"]["seconds"], one["before"]["seconds"])
        slot = next(change for change in one["changes"] if change["parameter"] == "SlotNum")
        self.assertEqual(slot["before"], "4")
        self.assertEqual(slot["after"], str(one["after"]["point"]["SlotNumQK"]))
        (back,) = self.diff("more.db", "less.db")
        self.assertEqual(back["verdict"], "slower")
        self.assertIn("SlotNum 4 -> ", " ".join(self.run_tool("diff", "less.db", "more.db").out.split()))


class Points(support.Case):
    JOB = support.job("small")

    def test_two_points(self):
        done = json.loads(self.run_tool("diff", self.JOB, "--point", "TILE_S1=256", "--point",
                                        "TILE_S1=512,SlotNum=4,QK_PRELOAD=2", "--format", "json").out)
        self.assertEqual([change["parameter"] for change in done["changes"]],
                         ["TILE_S1", "QK_PRELOAD", "SlotNum"])
        runs = {point: json.loads(self.run_tool("simulate", self.JOB, "--point", point, "--format",
                                                "json").out)["runs"]
                for point in ["TILE_S1=256", "TILE_S1=512,SlotNum=4,QK_PRELOAD=2"]}
        before, after = runs.values()
        for place, problem in enumerate(done["problems"]):
            for side, run in (("before", before[place]), ("after", after[place])):
                self.assertAlmostEqual(problem[side]["seconds"], run["seconds"], places=12)
                self.assertAlmostEqual(sum(problem[side]["parts"].values()), run["seconds"], places=12)
                self.assertLessEqual(problem[side]["bound"]["seconds"], run["seconds"])
                self.assertEqual(problem[side]["critical_pipe"], run["critical_pipe"])
            stages = {(one["stage"], one["core"]) for one in problem["stages"]}
            self.assertLessEqual({("QK", "AIC"), ("PV", "AIC"), ("P", "AIV"), ("GU", "AIV")}, stages)
            # What the pipes of the AIC did, told by stages and told by pipes, is the same.
            cycles = sum(pipe["busy_cycles"] for pipe in before[place]["pipes"]
                         if pipe["core"] == "AIC" and pipe["pipe"] != "PIPE_S")
            hertz = before[place]["cycles"] / (before[place]["seconds"]
                                               - before[place]["parts"]["launch"])
            busy = sum(one["before"]["busy_seconds"] for one in problem["stages"]
                       if one["core"] == "AIC")
            self.assertAlmostEqual(busy * hertz / cycles, 1, delta=0.01)

    def test_text_and_default_point(self):
        done = self.run_tool("diff", self.JOB, "--point", "SlotNum=4", "--problem", "s1=2048")
        self.assertIn("changed: SlotNum 8 -> 4", done.out)
        self.assertIn("critical pipe: A ", done.out)
        for line in done.out.splitlines():
            self.assertLessEqual(len(line), 80, line)
        same = self.run_tool("diff", self.JOB, "--point", "SlotNum=8", "--problem", "s1=2048").out
        self.assertIn("the points are equal", same)
        self.assertIn("every stage works as long as before", same)

    def test_bad_input(self):
        for arguments, expected in [
                (["a.db"], "nothing to be compared with"),
                (["a.db", "b.db"], "a.db"),
                (["a.db", "b.db", "--problem", "s1=1"], "--problem belongs to"),
                ([self.JOB, "b.db", "--point", "SlotNum=4"], "nothing but points"),
                ([self.JOB, "--point", "SlotNum=4", "--point", "SlotNum=8", "--point", "SlotNum=4"],
                 "more than two"),
                ([self.JOB, "--point", "SlotNum=5"], "SlotNum"),
        ]:
            with self.subTest(arguments):
                done = self.run_tool("diff", *arguments, code=2)
                self.assertIn(expected, done.err)
                self.assertEqual(done.out, "")
