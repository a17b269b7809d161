"""Upstream's manual kernel as a baseline, on the virtual Ascend device."""

import json
import os
import re

import support
import test_device


class Manual(test_device.Base):
    def bench(self, *arguments, code=0):
        return self.run_tool("bench", self.job, "--runner", "ascend", "--warmup", "1",
                             "--repetitions", "3", *arguments, code=code,
                             environment=self.environment)

    def test_bench_against_the_manual_kernel(self):
        # The kernel of the default point takes twice its time.
        self.script(kernels=[{"point": {"TILE_S1": 256}, "effect": "slow", "factor": 2}])
        out = json.loads(self.bench("--baseline", "manual", "--points", "TILE_S1=512",
                                    "--format", "json").out)
        self.assertEqual(out["baseline"], "upstream's manual kernel")
        self.assertEqual(out["labels"]["manual"], "upstream's kernel at its default point")
        (sweep,) = out["sweeps"]
        self.assertRegex(sweep["manual"], r"^kernels/manual/common/flash_atten of .*/device/isa, "
                                          r"\d+ files, [0-9a-f]{8}$")
        rows = sweep["rows"]
        self.assertEqual([(row["label"], row["kernel"], row["problem"]["s0"]) for row in rows],
                         [("manual", "manual", 128), ("TILE_S1=512", "own", 128),
                          ("manual", "manual", 256), ("TILE_S1=512", "own", 256)])
        for row in rows:
            self.assertEqual(row["status"], "correct")
            self.assertEqual(len(row["samples"]), 3)
            self.assertTrue(row["right"])
            self.assertEqual(row["checked"], row["problem"])
            self.assertEqual(row["checked_rows"], row["problem"]["s0"])
            self.assertGreater(row["max_error"], 0)
            self.assertLess(row["max_error"], 1e-3)
            self.assertAlmostEqual(row["gflops"], 1e3 * row["tflops"])
            if row["label"] != "manual":
                self.assertGreater(row["speed_up"], 1)
        self.nothing_is_left()

    def test_manual_kernel_at_the_points_of_the_header(self):
        space = test_device.SPACE
        for key, value in (("SlotNum     ", "8"), ("QK_PRELOAD  ", "2"), ("TILE_S1     ", "512")):
            space = re.sub(rf"(?m)^{key} = .*$", f"{key} = [{value}]", space)
        self.write("space.toml", space)
        self.script(kernels=[{"point": {"TILE_S1": 256}, "effect": "slow", "factor": 2}])
        self.tune("--repetitions", "3")
        with open(self.path("device.h"), encoding="utf-8") as file:
            self.assertIn("MACRO(256, 128, 1536, 128, 128, 512, 2, false)", file.read())
        done = self.bench("--baseline", "manual", "--points", "manual", "--points", "default",
                          "--db", "device.db")
        text = support.without_times(done.out)
        self.assertRegex(text, r"(?m)^256 1536 manual 3 # # \S+ #$")
        self.assertIn("speed-up: against upstream's manual kernel, measured by the same runner",
                      text)
        self.assertIn("manual (upstream's kernel with the cases of a header exported from "
                      "device.db): TILE_S1=512,QK_PRELOAD=2", text.replace("\n", " "))
        self.assertIn("manual: kernels/manual/common/flash_atten of", text)

    def test_what_the_manual_kernel_cannot_run_is_said(self):
        done = self.bench("--baseline", "manual", "--points", "default", "--problem",
                          "s0=128,s1=256", code=1)
        self.assertRegex(done.out, r"(?m)^manual on s0=128,s1=256: it needs two tiles$")
        self.script(kernels=[{"effect": "nan"}])
        done = self.bench("--points", "manual", "--problem", "s0=128,s1=512", code=1)
        self.assertRegex(done.out, r"(?m)^manual on s0=128,s1=512: NaN at row ")

    def test_what_the_manual_kernel_needs(self):
        empty = self.path("tree")
        os.makedirs(os.path.join(empty, "include", "pto"))
        cases = [
            ({"PTO_ISA_ROOT": ""}, [], "neither PTO_ISA_ROOT nor PTO_LIB_PATH is set"),
            ({"PTO_ISA_ROOT": empty}, [],
             f"there is no {empty}/kernels/manual/common/flash_atten/fa_performance_kernel.cpp"),
            ({}, ["--sim"], "the virtual Ascend cannot run upstream's manual kernel"),
        ]
        before = self.environment
        for changes, arguments, message in cases:
            with self.subTest(message):
                self.environment = dict(before, **changes)
                done = self.bench("--baseline", "manual", *arguments, code=2)
                self.assertIn(message, done.err)
                self.assertEqual(done.err.count("\n"), 1)
                self.assertEqual(done.out, "")
        self.nothing_is_left()


class VerifyLimit(support.Case):
    def test_it_is_the_other_runners(self):
        done = self.run_tool("verify", support.job("small"), "--limit", "5", code=2)
        self.assertIn("--limit says nothing about runner sim", done.err)
