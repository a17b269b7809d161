"""pto-tune calibrate: errors by row, a profile that loads, and bad input that changes nothing."""

import re

import support

SOC = support.repository("configs", "soc", "ascend910b2.toml")
HEADING = ("soc,cores,head,s0,s1,cube_s0,cube_s1,tile_s1,qk_preload,slot_num,sync_period,"
           "kv_split,vec_order,time_us,source\n")


def row(cores, s1, time, soc="Ascend910B2"):
    return f"{soc},{cores},128,{cores * 128},{s1},128,128,256,4,8,1,1,p_first,{time},table.md:7\n"


class Calibrate(support.Case):
    def calibrate(self, text, *arguments, code=0):
        self.write("measured.csv", text)
        return self.run_tool("calibrate", "--data", "measured.csv", "--soc", SOC, *arguments,
                             code=code)

    def test_fits_and_writes(self):
        text = HEADING + row(1, 1024, 30) + row(1, 2048, 37) + row(1, 4096, 52)
        done = self.calibrate(text, "--free", "launch", "--output", "fitted.toml")
        self.assertIn("table.md", done.out)
        self.assertIn("wrote fitted.toml", done.out)
        launch = float(re.search(r"launch +[\d.]+ +([\d.]+)", done.out).group(1))
        self.assertGreater(launch, 15)
        with open(self.path("fitted.toml"), encoding="utf-8") as file:
            written = file.read()
        self.assertRegex(written, rf"launch += {{ value = {launch:g}, unit = \"us\"")
        self.assertRegex(written, r"source    = \"pto-tune calibrate, .*3 rows of measured.csv")
        again = self.calibrate(text, "--free", "launch")
        self.assertEqual(again.out.split("\n\n")[0], done.out.split("\n\n")[0])

    def test_measured_times_come_from_one_place(self):
        self.write("measured.csv", HEADING + row(1, 1024, 30))
        for arguments in ([], ["--data", "measured.csv", "--db", "results.db"]):
            done = self.run_tool("calibrate", "--soc", SOC, *arguments, code=2)
            self.assertIn("either --data FILE or --db FILE", done.err)
        done = self.run_tool("calibrate", "--soc", SOC, "--db", "none.db", code=2)
        self.assertIn("none.db: there is no database", done.err)

    def test_bad_input(self):
        good = HEADING + row(1, 1024, 30) + row(1, 2048, 37)
        cases = [
            (good, ["--free", "speed"], "no such constant"),
            (good, ["--free", "launch,launch"], "the constant stands twice"),
            (good, [], "too few measurements"),
            (good + row(1, 4096, 0), ["--free", "launch"], "measured.csv:4"),
            (good + row(1, 4096, 9, "Ascend910B3"), ["--free", "launch"], "another SoC"),
            (good, ["--free", "launch", "--output", "nowhere/fitted.toml"], "fitted.toml"),
        ]
        for text, arguments, message in cases:
            with self.subTest(message):
                self.write("measured.csv", text)
                before = self.snapshot()
                done = self.run_tool("calibrate", "--data", "measured.csv", "--soc", SOC,
                                     *arguments, code=2)
                self.assertIn(message, done.err)
                self.assertEqual(done.out, "")
                self.assertEqual(self.snapshot(), before)
