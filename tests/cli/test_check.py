"""pto-tune check: every verdict with its numbers."""

import re

import support

PROBLEM = "s0=128,s1=8192"
FA = support.repository("configs", "jobs", "fa_910b2.toml")


class Check(support.Case):
    def check(self, point, problem=PROBLEM, code=1):
        arguments = ["check", FA]
        if point:
            arguments += ["--point", point]
        if problem:
            arguments += ["--problem", problem]
        done = self.run_tool(*arguments, code=code)
        self.assertEqual(done.err, "")
        return done.out

    def rejections(self, out):
        """Rule -> its whole text, from a rejected point on one problem."""
        head, _, body = out.partition("\nrejected by ")
        self.assertIn("point on Ascend910B2\n", head)
        body, _, _ = body.partition("\n  legal with ")
        parts = re.split(r"(?m)^  (?=\S)", body + "\n")
        self.assertRegex(parts[0], rf"^{len(parts) - 1} rules?\n$")
        return {part.split("\n")[0]: support.squeezed(part) for part in parts[1:]}

    def repair(self, out, point, problem):
        """Every change that the text names makes the point legal."""
        told = " ".join(out.partition("\n  legal with ")[2].split())
        changes = told.split("; or with ")
        self.assertTrue(1 <= len(changes) <= 3 and told, out)
        for change in changes:
            values = dict(pair.split("=") for pair in point.split(","))
            values.update(pair.split("=") for pair in change.split(","))
            self.check(",".join("=".join(pair) for pair in values.items()), problem, code=0)

    def test_no_change_helps_where_the_problem_does_not_fit(self):
        self.assertIn("\n  no change of one or two parameters within the space makes it legal\n",
                      self.check("TILE_S1=256", "s0=1000,s1=8192"))

    def test_default_point(self):
        out = self.check("", code=0)
        self.assertIn("\nhead=128,s0=128,s1=8192,causal=0,dtype=f16\nlegal\n", out)
        text = support.squeezed(out)
        for fact in ["TILE_S1 = 256 is 2 x 128 (CUBE_S1)",
                     "s1 = 8192 is 32 x 256 (TILE_S1)",
                     "UB needs 144384 B of 188416 B",
                     "L0C needs 131072 B of 131072 B",
                     "QK 8 slots, one free credit every 4 tiles"]:
            self.assertIn(fact, text)

    def test_parameters_left_out_are_those_of_the_default_point(self):
        self.assertEqual(self.check("TILE_S1=256,SlotNum=8", code=0), self.check("", code=0))

    def test_rejections(self):
        # Point, problem, and per rule what its text must hold. All rules that fail are expected.
        cases = [
            ("CUBE_S1=256,TILE_S1=256", PROBLEM, {
                "capacity.l0c": ["L0C needs 262144 B of 131072 B", "acc 131072 B x 2"],
                "capacity.ub": ["UB needs 250880 B of 188416 B", "vec_in 65536 B x 2",
                                "p16 32768 B x 2", "exp_max 256 B x 8"]}),
            ("TILE_S1=2048", PROBLEM, {
                "shape.row_slice": ["CUBE_S0/2/kTileFactor = 128/2/16, has 4 rows",
                                    "multiple of 8 rows"]}),
            ("TILE_S1=1024", "s0=128,s1=1536", {
                "shape.s1": ["s1 = 1536 is not a multiple of TILE_S1 = 1024 (rest 512)"]}),
            ("QK_PRELOAD=8,SlotNum=2", PROBLEM, {
                "protocol.hang": ["QK 2 slots, one free credit every 2 tiles",
                                  "P 2 slots, one free credit every 2 tiles",
                                  "PV 2 slots, one free credit every 2 tiles",
                                  "cube waits in TALLOC QK tile 4 for the free of tile 3, which vec "
                                  "gives after TALLOC P tile 2",
                                  "vec waits in TALLOC P tile 2 for the free of tile 1, which cube "
                                  "gives after TALLOC QK tile 4"]}),
            ("QK_PRELOAD=8,SlotNum=8", PROBLEM, {
                "protocol.ring": ["QK 8 slots, one free credit every 4 tiles",
                                  "overwrites: vec write of rescale factor tile 9 (P stage)",
                                  "still reads: vec read of rescale factor tile 1 (GU stage)"]}),
        ]
        for point, problem, expected in cases:
            with self.subTest(point):
                out = self.check(point, problem)
                self.repair(out, point, problem)
                found = self.rejections(out)
                self.assertEqual(sorted(found), sorted(expected))
                for rule, texts in expected.items():
                    # A sentence may be broken anywhere: lines are compared as one.
                    text = " ".join(found[rule].split())
                    for part in texts:
                        self.assertIn(part, text)
                    self.assertIn("advice: ", text)

    def test_all_problems_of_the_job_are_judged(self):
        out = self.check("TILE_S1=2048,CUBE_S1=256,CUBE_S0=64", problem="")
        # s1 = 1024 is no multiple of 2048; the larger ones are.
        self.assertEqual(len(re.findall(r"(?m)^head=128,s0=\d+,s1=\d+,causal=0,dtype=f16$", out)), 8)
        self.assertRegex(out, r"s0=1024,s1=1024,causal=0,dtype=f16\nrejected by \d+ rule")
        self.assertIn("shape.s1", out)

    def test_exit_code_is_1_where_any_problem_rejects(self):
        self.check("TILE_S1=512", problem="s1=1024", code=0)
        job = self.write("two.toml", f"""\
name = "two"
soc = "{support.repository("configs", "soc", "ascend910b2.toml")}"
space = "{support.repository("configs", "spaces", "fa.toml")}"
[[problems]]
head = 128
dtype = "f16"
s0_s1 = [1024, 1280]
""")
        out = self.run_tool("check", job, "--point", "TILE_S1=512", code=1).out
        self.assertEqual(len(re.findall(r"(?m)^legal$", out)), 1)
        self.assertEqual(len(re.findall(r"(?m)^rejected by 1 rule$", out)), 1)

    def test_lines_fit_a_terminal(self):
        for point in ["", "CUBE_S1=256", "QK_PRELOAD=8,SlotNum=2"]:
            for line in self.check(point, code=1 if point else 0).splitlines():
                self.assertLessEqual(len(line), 80, line)
