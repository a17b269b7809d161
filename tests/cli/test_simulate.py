"""pto-tune simulate: time with its reasons, numbers, hazards, traces and Gantt charts."""

import json
import os
import re
import xml.etree.ElementTree

import support

FA = support.repository("configs", "jobs", "fa_910b2.toml")
SMALL = "s0=128,s1=1024"
HANG = "QK_PRELOAD=8,SlotNum=2"
# The ring of rescale factors is as deep as QK_PRELOAD, one too short.
RING = "QK_PRELOAD=4,SlotNum=4,TILE_S1=128"


class Simulate(support.Case):
    def simulate(self, *arguments, point="", problem=SMALL, code=0, **how):
        if point:
            arguments = ("--point", point) + arguments
        if problem:
            arguments = ("--problem", problem) + arguments
        return self.run_tool("simulate", FA, *arguments, code=code, **how)

    def run_json(self, *arguments, **how):
        parsed = json.loads(self.simulate("--format", "json", *arguments, **how).out)
        self.assertEqual(len(parsed["runs"]), 1)
        return parsed["runs"][0]

    def test_time_and_its_parts(self):
        run = self.run_json()
        self.assertEqual(run["outcome"], "finished")
        self.assertEqual(list(run["parts"]), ["launch", "fill", "steady", "waiting", "drain"])
        self.assertAlmostEqual(sum(run["parts"].values()), run["seconds"], places=12)
        self.assertEqual((run["blocks"], run["active_cores"], run["waves"]), (1, 1, 1))
        for pipe in run["pipes"]:
            self.assertGreater(pipe["instructions"], 0)
            self.assertAlmostEqual(pipe["busy_share"], pipe["busy_cycles"] / run["cycles"], 9)
        critical = max((pipe for pipe in run["pipes"] if pipe["pipe"] != "PIPE_S"),
                       key=lambda pipe: pipe["busy_cycles"])
        self.assertEqual(run["critical_pipe"],
                         {"core": critical["core"], "pipe": critical["pipe"]})

    def test_text_says_the_same(self):
        run = self.run_json()
        out = self.simulate("--report").out
        self.assertIn("point on Ascend910B2, simulator ", out)
        self.assertIn(f"{run['seconds'] * 1e6:.2f} us, ", out)
        for part, seconds in run["parts"].items():
            self.assertRegex(out, rf"(?m)^  {part} +{seconds * 1e6:.2f} ")
        critical = run["critical_pipe"]
        self.assertIn(f"critical pipe {critical['core']} {critical['pipe']}, busy ", out)
        for pipe in run["pipes"]:
            self.assertRegex(out, rf"(?m)^  {pipe['core']} {pipe['pipe']} +"
                                  rf"{pipe['instructions']:,} ")
        for reason in ["issue", "event flag", "unit flag", "data", "credit", "drain"]:
            self.assertIn(reason, out)
        for line in out.splitlines():
            self.assertLessEqual(len(line), 80, line)
        short = self.simulate().out
        self.assertNotIn("stall cycles", short)
        self.assertIn("critical pipe", short)

    def test_all_problems_of_the_job(self):
        out = self.simulate(problem="").out
        self.assertEqual(re.findall(r"(?m)^head=128,s0=(\d+),", out),
                         re.findall(r"(?m)^head=128,s0=(\d+),",
                                    self.run_tool("check", FA).out))

    def test_numbers(self):
        run = self.run_json("--functional", "--seed", "7")
        numbers = run["numbers"]
        self.assertTrue(numbers["right"])
        self.assertEqual(numbers["seed"], 7)
        self.assertEqual(numbers["elements"], 128 * 128)
        self.assertLess(0, numbers["max_abs_error"])
        self.assertLess(numbers["max_abs_error"], 1e-4)
        self.assertEqual(numbers["tolerance"], 1e-3)
        self.assertEqual(run["hazards"]["pairs"], 0)
        self.assertGreater(run["hazards"]["operations"], 100)
        out = self.simulate("--functional", "--seed", "7").out
        self.assertIn(f"numbers right: max abs error {numbers['max_abs_error']:.2e}, ",
                      " ".join(out.split()))
        self.assertIn("seed 7", out)
        self.assertIn("no hazard among ", out)

    def test_hazards_are_named(self):
        problem = "s0=128,s1=2048"
        out = self.simulate("--hazards", point=RING, problem=problem, code=1).out
        text = " ".join(out.split())
        self.assertRegex(text, r"wrong tile: exp_max\[\d\], bytes 0x\w+ to 0x\w+ of UB is read for "
                               r"tile \d when it has been written for tile \d")
        self.assertRegex(text, r"wrote: AIV0 P tile \d: \w+ \(instruction \d+\)")
        run = self.run_json("--functional", point=RING, problem=problem, code=1)
        self.assertFalse(run["numbers"]["right"])
        self.assertEqual(run["hazards"]["hazards"][0]["object"], "exp_max")

    def test_hang_prints_its_cycle(self):
        done = self.simulate(point=HANG, problem="s0=128,s1=8192", code=1)
        self.assertRegex(done.out, r"(?m)^  hang after [\d,]+ cycles$")
        text = " ".join(done.out.split())
        self.assertIn("TALLOC(qk) waits for FFTS flag", text)
        self.assertIn("TALLOC(p) waits for FFTS flag", text)
        self.assertTrue(text.endswith("the cycle closes"), text)
        run = self.run_json("--gantt", "hang.svg", point=HANG, problem="s0=128,s1=8192", code=1)
        self.assertEqual(run["outcome"], "hang")
        self.assertNotIn("seconds", run)
        with open(self.path("hang.svg"), encoding="utf-8") as file:
            self.assertIn("; hang<", file.read())

    def test_point_without_a_kernel(self):
        done = self.simulate(point="CUBE_S1=256", code=1)
        self.assertRegex(done.err, r"^pto-tune: error: the point has no kernel: capacity\.l0c: ")

    def test_trace(self):
        problem = "s0=128,s1=2048"
        run = self.run_json("--trace", "trace.json", problem=problem)
        with open(self.path("trace.json"), encoding="utf-8") as file:
            events = json.load(file)["traceEvents"]
        tracks, slices, flows = {}, {}, {}
        for event in events:
            key = (event["pid"], event["tid"])
            if event["ph"] == "M" and event["name"] == "thread_name":
                tracks[key] = event["args"]["name"]
            elif event["ph"] == "X":
                slices.setdefault(key, []).append(event)
            elif event["ph"] in "sf":
                flows.setdefault(event["id"], {})[event["ph"]] = event
        end = 0
        for key, track in slices.items():
            self.assertIn(key, tracks)
            reached = 0
            for one in track:
                start = round(one["ts"] * 1000)
                self.assertGreaterEqual(start, reached, f"{tracks[key]}: {one}")
                reached = start + round(one["dur"] * 1000)
            end = max(end, reached)
        self.assertAlmostEqual(end / 1e9, run["seconds"] - run["parts"]["launch"], delta=1e-9)
        self.assertGreater(len(flows), 100)
        names = set()
        for flow in flows.values():
            self.assertEqual(sorted(flow), ["f", "s"])
            self.assertEqual(flow["s"]["name"], flow["f"]["name"])
            self.assertLessEqual(flow["s"]["ts"], flow["f"]["ts"])
            names.add(flow["s"]["name"])
        self.assertLessEqual({"data of qk", "data of p", "data of pv"}, names)
        found = {event["name"] for track in slices.values() for event in track}
        for name in ["QK tile 0: TLOAD", "QK tile 7: TMATMUL", "P tile 3: TEXP",
                     "PV tile 5: TSTORE", "GU tile 7: TPOP pv", "prologue: TEXPANDS"]:
            self.assertIn(name, found)

    def test_second_launch(self):
        job = self.write("wide.toml", f"""\
name = "wide"
soc = "{support.repository("configs", "soc", "ascend910b2.toml")}"
space = "{support.repository("configs", "spaces", "fa_wide.toml")}"
[[problems]]
head = 128
dtype = "f16"
s0 = 128
s1 = 2048
""")
        arguments = ["simulate", job, "--point", "KV_SPLIT=2", "--trace", "trace.json"]
        run, = json.loads(self.run_tool(*arguments, "--format", "json").out)["runs"]
        behind = run["next_launch"]
        self.assertAlmostEqual(run["seconds"],
                               sum(run["parts"].values()) + sum(behind["parts"].values()), 12)
        out = self.run_tool(*arguments, "--gantt", "-").out
        self.assertRegex(out, r"(?m)^  [\d.]+ us, [\d.]+ TFLOP/s, of all launches$")
        self.assertRegex(out, r"(?m)^  launch 2$")
        with open(self.path("trace.json"), encoding="utf-8") as file:
            events = json.load(file)["traceEvents"]
        processes = {event["pid"]: event["args"]["name"] for event in events
                     if event["name"] == "process_name"}
        self.assertEqual(set(processes.values()),
                         {"AIC", "AIV0", "AIV1", "launch 2: AIC", "launch 2: AIV0",
                          "launch 2: AIV1"})
        ends = {}
        for event in events:
            if event["ph"] == "X":
                number = processes[event["pid"]].startswith("launch 2")
                ends.setdefault(number, []).append(event["ts"])
        self.assertGreater(min(ends[True]), max(ends[False]))

    def test_gantt_picture(self):
        self.simulate("--gantt", "gantt.svg", problem="s0=128,s1=8192")
        with open(self.path("gantt.svg"), encoding="utf-8") as file:
            svg = file.read()
        root = xml.etree.ElementTree.fromstring(svg)
        self.assertEqual(root.get("width"), "1200")
        texts = ["".join(node.itertext()) for node in root.iter("{http://www.w3.org/2000/svg}text")]
        for text in ["prologue", "epilogue", "AIC", "AIV0", "AIV1", "QK", "P", "PV", "GU", "us"]:
            self.assertIn(text, texts)
        self.assertTrue(any(text.startswith("steady") for text in texts))
        self.assertIn("prefers-color-scheme: dark", svg)
        self.assertLess(len(svg), 60_000)
        with open(support.repository("docs", "images", "fa_default_8192.svg"),
                  encoding="utf-8") as file:
            kept = file.read()
        self.assertIn("S1 8192; the default point", kept)

    def test_gantt_text(self):
        out = self.simulate("--gantt", "-", problem="s0=128,s1=8192").out
        self.assertNotIn("\x1b", out)
        rows = re.findall(r"(?m)^(AIC|AIV0|AIV1) (\w+) +\S", out)
        self.assertIn(("AIC", "M"), rows)
        self.assertIn(("AIV1", "V"), rows)
        for line in out.splitlines():
            self.assertLessEqual(len(line), 80, line)

    def test_bad_input(self):
        cases = [(["--trace", "t.json"], "", "--trace is for one problem, and the job has"),
                 (["--functional"], "", "--functional is for one problem, and the job has"),
                 (["--gantt", "-", "--format", "json"], SMALL, "--gantt - does not go with"),
                 (["--gantt", "missing/g.svg"], SMALL, "missing/g.svg"),
                 ([], "s0=100", "s0 = 100 is not a positive multiple of the 128 rows"),
                 (["--point", "TILE_S1=5"], SMALL, "TILE_S1"),
                 (["--format", "yaml"], SMALL, "yaml")]
        for arguments, problem, message in cases:
            with self.subTest(arguments):
                before = self.snapshot()
                done = self.simulate(*arguments, problem=problem, code=2)
                self.assertRegex(done.err, r"^pto-tune: error: [^\n]+\n$")
                self.assertIn(message, done.err)
                self.assertEqual(self.snapshot(), before)

    def test_nothing_is_written_unasked(self):
        self.simulate("--report", "--functional")
        self.assertEqual(os.listdir(self.directory), [])
