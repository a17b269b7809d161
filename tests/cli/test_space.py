"""pto-tune space: counts and lists."""

import re

import support


class Space(support.Case):
    # tests/data/jobs/small.toml: 2^5 points. QK_PRELOAD = 4 with EXP_RING = 4 overwrites a rescale
    # factor before it is read where there are more than 4 tiles, which is for TILE_S1 = 256 alone:
    # 2 x 2 points (LocalSlotNum, EN_UNIT_FLAG).
    COUNTS = """\
space small on Ascend910B2; head 128, non-causal, f16

s0 256 256
s1 1536 2048
raw 32 32
rejected by protocol.ring 4 4
legal 28 28
distinct programs 14 14

inert, as they never change the program: LocalSlotNum"""

    def test_count(self):
        for arguments in [[], ["--count"], ["--jobs", "1"]]:
            out = self.run_tool("space", support.job("small"), *arguments).out
            self.assertEqual(support.squeezed(out), self.COUNTS)

    def test_count_of_one_problem(self):
        out = self.run_tool("space", support.job("small"), "--problem", "s1=1000").out
        self.assertEqual(support.squeezed(out), """\
space small on Ascend910B2; head 128, non-causal, f16

s0 256
s1 1000
raw 32
rejected by shape.s1 32
legal 0
distinct programs 0

inert, as they never change the program: none""")

    def test_list_is_what_count_counts_and_check_accepts(self):
        problem = "s0=256,s1=2048"
        lines = self.run_tool("space", support.job("small"), "--list", "--problem",
                              problem).out.splitlines()
        self.assertEqual(len(lines), 28)
        self.assertEqual(len(set(lines)), 28)
        for line in lines:
            self.assertRegex(line, r"^TILE_S1=(256|512),CUBE_S1=128,CUBE_S0=128,QK_PRELOAD=[24],"
                                   r"SlotNum=[48],LocalSlotNum=[12],EN_UNIT_FLAG=[01],"
                                   r"PIPE_MODEL=slot,EXP_RING=[48],VEC_ORDER=p_first,KV_SPLIT=1,"
                                   r"kTileFactor=[24]$")
        for line in (lines[0], lines[-1]):
            self.run_tool("check", support.job("small"), "--problem", problem, "--point", line)

    def test_list_of_several_problems_says_which(self):
        out = self.run_tool("space", support.job("small"), "--list").out
        self.assertEqual(re.findall(r"(?m)^# (.*)$", out),
                         ["head=128,s0=256,s1=1536,causal=0,dtype=f16",
                          "head=128,s0=256,s1=2048,causal=0,dtype=f16"])
        self.assertEqual(len(out.splitlines()), 2 + 2 * 28)


class Classes(support.Case):
    def test_classes_of_a_whole_space(self):
        out = self.run_tool("space", support.job("small"), "--classes", "--problem",
                            "s1=2048").out
        # 28 legal points: LocalSlotNum is free in all of them, and read in none.
        self.assertEqual(support.squeezed(out), """\
head=128,s0=256,s1=2048,causal=0,dtype=f16: all 28 legal points

points that differ in pairs one program
TILE_S1 12 0
QK_PRELOAD 12 0
SlotNum 12 0
LocalSlotNum 14 14 inert
EN_UNIT_FLAG 14 0

points of one program differ in programs points
LocalSlotNum 14 28""")

    def test_sample_of_a_space(self):
        first = self.run_tool("space", support.job("small"), "--classes", "--sample", "3").out
        again = self.run_tool("space", support.job("small"), "--classes", "--sample", "3").out
        self.assertEqual(first, again)
        self.assertRegex(first, r"3 points drawn from the legal ones,\s+and their neighbours: \d+ in")
        self.assertRegex(first, r"LocalSlotNum +\d+ +\d+ +inert")

    def test_sample_needs_classes(self):
        self.run_tool("space", support.job("small"), "--sample", "3", code=2)
