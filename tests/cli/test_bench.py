"""pto-tune bench: tables of chosen points, each of one runner."""

import json

import support


class Bench(support.Case):
    def bench(self, *arguments, code=0):
        return self.run_tool("bench", support.job("small"), *arguments, code=code)

    def json(self, *arguments, code=0):
        return json.loads(self.bench("--format", "json", *arguments, code=code).out)

    def test_table(self):
        done = self.bench("--points", "TILE_S1=512", "--points", "TILE_S1=128,QK_PRELOAD=2")
        self.assertEqual(done.err, "")
        text = support.without_times(done.out)
        self.assertRegex(text, r"""^small on Ascend910B2; head 128, non-causal, f16
runner sim \S+; \S+; pto-tune #.\d+; environment [0-9a-f]{8}

s0 s1 point tiles us TFLOP/s max error speed-up
256 1536 default 6 # # \S+ #
256 1536 TILE_S1=512 3 # # \S+ #
256 1536 point 2 12 # # \S+ #
256 2048 default 8 # # \S+ #
256 2048 TILE_S1=512 4 # # \S+ #
256 2048 point 2 16 # # \S+ #

speed-up: against the default point \(of upstream's manual kernel\), measured by
the same runner
max error: [^$]*

points
default: the default point
TILE_S1=512: TILE_S1=512
point 2: TILE_S1=128,QK_PRELOAD=2
parameters that are not named: as in the default point$""")

    def test_figures_are_what_they_say(self):
        out = self.json("--points", "TILE_S1=512")
        (sweep,) = out["sweeps"]
        self.assertEqual(sweep["environment"]["runner"], "sim")
        rows = sweep["rows"]
        self.assertEqual([(row["label"], row["problem"]["s1"]) for row in rows],
                         [("default", 1536), ("TILE_S1=512", 1536), ("default", 2048),
                          ("TILE_S1=512", 2048)])
        for row in rows:
            problem = row["problem"]
            flops = 4 * problem["s0"] * problem["s1"] * problem["head"]
            self.assertAlmostEqual(row["tflops"], flops / row["seconds"] / 1e12)
            self.assertAlmostEqual(row["gflops"], flops / row["seconds"] / 1e9)
            self.assertEqual(row["kernel"], "own")
            self.assertEqual(row["tiles"], problem["s1"] // row["point"]["TILE_S1"])
            self.assertEqual(row["samples"], [row["seconds"]])
            self.assertTrue(row["right"])
            self.assertGreater(row["max_error"], 0)
            self.assertLess(row["max_error"], 1e-3)
            (baseline,) = [other for other in rows if other["label"] == "default" and
                           other["problem"] == problem]
            self.assertEqual(row["speed_up"], baseline["seconds"] / row["seconds"])

    def test_simulated_times_are_those_of_simulate(self):
        rows = self.json("--points", "TILE_S1=512")["sweeps"][0]["rows"]
        runs = json.loads(self.run_tool("simulate", support.job("small"), "--point", "TILE_S1=512",
                                        "--format", "json").out)["runs"]
        self.assertEqual([row["seconds"] for row in rows if row["label"] != "default"],
                         [run["seconds"] for run in runs])

    def test_sweep_of_a_parameter(self):
        rows = self.json("--sweep", "TILE_S1")["sweeps"][0]["rows"]
        labels = [row["label"] for row in rows if row["problem"]["s1"] == 2048]
        self.assertEqual(labels, ["default", "TILE_S1=256", "TILE_S1=512"])

    def test_values_that_the_rules_reject_are_no_failure_of_a_sweep(self):
        # The default point's CUBE_S1 = 128 divides no smaller tile.
        with open(support.repository("tests", "data", "spaces", "small.toml"),
                  encoding="utf-8") as file:
            space = file.read()
        self.write("space.toml", space.replace("[256, 512]", "[64, 256, 512]"))
        job = self.write("job.toml", f"""
name = "swept"
soc = "{support.repository('configs', 'soc', 'ascend910b2.toml')}"
space = "space.toml"
[[problems]]
head = 128
dtype = "f16"
s0 = 256
s1 = 2048
""")
        swept = ["bench", job, "--sweep", "TILE_S1"]
        rows = json.loads(self.run_tool(*swept, "--format", "json").out)["sweeps"][0]["rows"]
        self.assertEqual([(row["label"], row["status"]) for row in rows],
                         [("default", "correct"), ("TILE_S1=64", "constraints"),
                          ("TILE_S1=256", "correct"), ("TILE_S1=512", "correct")])
        self.assertIn("TILE_S1=64 on s0=256,s1=2048: shape.tile: ", self.run_tool(*swept).out)
        # The same point by its name, beside the sweep or without one.
        self.run_tool(*swept, "--points", "TILE_S1=64", code=1)
        self.run_tool("bench", job, "--points", "TILE_S1=64", code=1)
        # A baseline is asked for by name.
        self.run_tool(*swept, "--baseline", "TILE_S1=64", code=1)

    def test_legal_points_of_a_sweep_must_have_a_time(self):
        self.run_tool("tune", support.job("small"), "--db", "fa.db")
        # Nothing of this length was recorded.
        done = self.bench("--sweep", "TILE_S1", "--runner", "replay", "--recording", "fa.db",
                          "--problem", "s0=256,s1=4096", code=1)
        self.assertIn("TILE_S1=512 on s0=256,s1=4096: ", done.out)

    def test_champion_against_itself_and_the_default(self):
        self.run_tool("tune", support.job("small"), "--db", "fa.db")
        out = self.json("--db", "fa.db")
        self.assertRegex(out["labels"]["champion"], r"^recorded by sim \S+ in fa\.db$")
        best = {one["problem"]["s1"]: one["seconds"] for one in json.loads(
            self.run_tool("best", "--db", "fa.db", "--format", "json").out)}
        for row in out["sweeps"][0]["rows"]:
            if row["label"] == "champion":
                self.assertEqual(row["seconds"], best[row["problem"]["s1"]])
                self.assertGreaterEqual(row["speed_up"], 1)
        against = self.json("--db", "fa.db", "--baseline", "champion", "--points", "default")
        for row in against["sweeps"][0]["rows"]:
            self.assertLessEqual(row["speed_up"], 1)

    def test_two_runners_never_share_a_table(self):
        self.run_tool("tune", support.job("small"), "--db", "fa.db")
        arguments = ["--runner", "replay", "--recording", "fa.db", "--sim", "--points",
                     "TILE_S1=512"]
        out = self.json(*arguments)
        self.assertEqual([sweep["environment"]["runner"] for sweep in out["sweeps"]],
                         ["replay", "sim"])
        for sweep in out["sweeps"]:
            for row in sweep["rows"]:
                if row["label"] == "default":
                    self.assertEqual(row["speed_up"], 1)
        text = self.bench(*arguments).out
        self.assertEqual(text.count("speed-up: against"), 2)
        self.assertIn("Times of different runners are not comparable", text)
        self.assertIn("in tolerance", text.split("runner sim ")[0])

    def test_a_row_without_a_time_says_why(self):
        done = self.bench("--points", "TILE_S1=512,QK_PRELOAD=8,SlotNum=2", code=1)
        self.assertIn("constraints", done.out)
        self.assertRegex(done.out, r"(?m)^point 1 on s0=256,s1=2048: protocol\.ring: ")

    def test_one_problem(self):
        rows = self.json("--problem", "s1=4096", "--points", "TILE_S1=512")["sweeps"][0]["rows"]
        self.assertEqual({row["problem"]["s1"] for row in rows}, {4096})

    def test_bad_input(self):
        cases = [
            (["--points", "TILE_S1"], "TILE_S1"),
            (["--points", "champion"], "whose champion is meant is not said"),
            (["--points", "champion", "--db", "none.db"], "none.db"),
            (["--sweep", "TILE"], "there is no such parameter"),
            (["--baseline", "manual"], "upstream's manual kernel runs on a device only"),
            (["--points", "manual"], "[--runner = sim]; expected ascend"),
            (["--sweep", "KV_SPLIT", "--baseline", "x"], "x"),
            (["--runner", "replay"], "what is to be replayed is missing"),
        ]
        for arguments, message in cases:
            with self.subTest(arguments):
                before = self.snapshot()
                done = self.bench(*arguments, code=2)
                self.assertIn(message, done.err)
                self.assertEqual(done.out, "")
                self.assertEqual(self.snapshot(), before)
