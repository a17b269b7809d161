"""pto-tune tune, best, and the header, on a small job."""

import json
import os
import re
import sqlite3
import subprocess
import time

import support

STATUS_CORRECT, STATUS_PRUNED = 0, 7  # db/Trial.h


def trials(path):
    """Rows of the database by status."""
    connection = sqlite3.connect(f"file:{path}?mode=ro", uri=True)
    try:
        return dict(connection.execute("SELECT status, count(*) FROM trial GROUP BY status"))
    finally:
        connection.close()


class Tune(support.Case):
    def tune(self, *arguments, job="small", code=0):
        return self.run_tool("tune", support.job(job), *arguments, code=code)

    def best(self, database="pto-tune.db"):
        return json.loads(self.run_tool("best", "--db", database, "--format", "json").out)

    EXPECTED = """\
small on Ascend910B2, runner sim, space small; head 128, non-causal, f16

s0 s1 raw legal distinct evaluated
256 1536 32 28 14 {evaluated}
256 2048 32 28 14 {evaluated}

s0 s1 best us TFLOP/s default us TFLOP/s speed-up costs
256 1536 # # # # # calibrated
256 2048 # # # # # calibrated

s0 s1 best point
256 1536 {first}
256 2048 {second}
parameters that are not named: as in the default point
gap: 0 %, every legal point of the space is answered

s0 256 256
s1 1536 2048
rejected by protocol.ring 4 4

{summary}
database pto-tune.db
header pto_tune.h"""

    def expected(self, evaluated, summary):
        points = [short(champion["point"]) for champion in self.best()]
        return self.EXPECTED.format(evaluated=evaluated, summary=summary, first=points[0],
                                    second=points[1])

    def test_first_run_then_nothing_is_left_to_do(self):
        done = self.tune()
        self.assertEqual(done.err, "")
        self.assertEqual(support.without_times(done.out),
                         self.expected(14, "evaluated 28 new points in # s"))
        self.assertEqual(trials(self.path("pto-tune.db")), {STATUS_CORRECT: 28, STATUS_PRUNED: 28})
        for line in done.out.splitlines():
            self.assertLessEqual(len(line), 80, line)

        before = self.snapshot()
        again = self.tune()
        self.assertEqual(support.without_times(again.out),
                         self.expected(0, "evaluated 0 new points: the database already holds "
                                          "every answer"))
        after = self.snapshot()
        self.assertEqual(after["pto_tune.h"], before["pto_tune.h"], "equal content is left alone")
        self.assertEqual(trials(self.path("pto-tune.db")), {STATUS_CORRECT: 28, STATUS_PRUNED: 28})
        self.assertEqual(sorted(after), ["pto-tune.db", "pto_tune.h"])

    def test_what_the_rules_reject_is_stored(self):
        self.tune()
        info = json.loads(self.run_tool("db", "info", "--db", "pto-tune.db", "--format", "json").out)
        self.assertEqual([(one["problem"]["s1"], one["legal"], sum(one["rejected"].values()))
                          for one in info["rejections"]], [(1536, 28, 4), (2048, 28, 4)])
        environment = info["environments"][0]
        self.assertEqual((environment["cores"], environment["frequency"], environment["isa_hash"]),
                         (24, 1800000000, ""))
        out = support.squeezed(self.run_tool("db", "info", "--db", "pto-tune.db").out)
        self.assertRegex(out, r"(?s)how many of them each rule rejects\n"
                              r".*s1=1536.*: 28 legal,\s+protocol\.ring 4")

    def test_default_point_is_measured_first(self):
        self.tune("--jobs", "2")
        connection = sqlite3.connect(self.path("pto-tune.db"))
        rows = connection.execute("SELECT point.json FROM trial JOIN point ON point.key = trial.point"
                                  " ORDER BY trial.key LIMIT 2").fetchall()
        connection.close()
        for (text,) in rows:
            self.assertEqual(short(json.loads(text)), "the default point")

    def test_answer_does_not_depend_on_threads(self):
        outputs, champions = set(), []
        for jobs in ["1", "2", "5"]:
            out = self.tune("--jobs", jobs, "--db", f"{jobs}.db", "--header", f"{jobs}.h").out
            outputs.add(re.sub(r"(?m)^(evaluated|database|header) .*\n", "", out))
            champions.append(self.best(f"{jobs}.db"))
        self.assertEqual(len(outputs), 1, outputs)
        self.assertEqual(champions[0], champions[1])
        self.assertEqual(champions[0], champions[2])
        with open(self.path("1.h"), "rb") as first, open(self.path("5.h"), "rb") as other:
            self.assertEqual(first.read(), other.read())

    def test_added_problem_measures_only_that_problem(self):
        text = """\
name = "grows"
soc = "{root}/configs/soc/ascend910b2.toml"
space = "{root}/tests/data/spaces/small.toml"
[[problems]]
head = 128
dtype = "f16"
s0_s1 = {sizes}
"""
        job = self.write("grows.toml", text.format(root=support.ROOT, sizes="[2048]"))
        self.assertIn("evaluated 14 new points", self.run_tool("tune", job).out)
        self.write("grows.toml", text.format(root=support.ROOT, sizes="[2048, 4096]"))
        # With 8 tiles of 512, QK_PRELOAD = 4 and SlotNum = 4 do not go together: 12 programs.
        self.assertIn("evaluated 12 new points", self.run_tool("tune", job).out)
        self.assertIn("evaluated 0 new points", self.run_tool("tune", job).out)

    def test_problem_without_a_legal_point_has_exit_code_1(self):
        job = self.write("none.toml", f"""\
name = "none"
soc = "{support.ROOT}/configs/soc/ascend910b2.toml"
space = "{support.ROOT}/tests/data/spaces/small.toml"
[[problems]]
head = 128
dtype = "f16"
s0_s1 = [1000, 2048]
""")
        done = self.run_tool("tune", job, code=1)
        self.assertEqual(done.err, "pto-tune: no answer for head=128,s0=1000,s1=1000,causal=0,"
                                   "dtype=f16: no point of the space is legal; 'pto-tune space' "
                                   "counts why\n")
        self.assertIn("1000 1000 - - - - - -", support.squeezed(done.out))
        self.assertEqual([one["problem"]["s1"] for one in self.best()], [2048])

    def test_seed_of_the_job(self):
        job = self.write("seed.toml", f"""\
name = "seed"
soc = "{support.ROOT}/configs/soc/ascend910b2.toml"
space = "{support.ROOT}/tests/data/spaces/small.toml"
seed = "QK_PRELOAD=3"
[[problems]]
head = 128
dtype = "f16"
s0_s1 = [2048]
""")
        out = support.squeezed(self.run_tool("tune", job).out)
        self.assertIn("2048 2048 32 28 14 15", out)  # the seed is not in the space
        self.assertIn("seed us", out)
        self.assertIn("seed: QK_PRELOAD=3", out)


class Measured(support.Case):
    """Searches by measurements, on the simulator."""

    def tune(self, *arguments, job="small", code=0):
        return self.run_tool("tune", support.job(job), *arguments, code=code)

    def asked(self, database):
        """Points in the order in which the searches of a database asked for them."""
        connection = sqlite3.connect(self.path(database), timeout=30)
        try:
            return [row[0] for row in connection.execute(
                "SELECT point.json FROM ask JOIN session ON session.key = ask.session"
                " JOIN trial ON trial.key = ask.trial JOIN point ON point.key = trial.point"
                " ORDER BY session.started, ask.ordinal")]
        finally:
            connection.close()

    def test_random_prints_the_table_of_branch_and_bound(self):
        heads = []
        for search in ("bnb", "random"):
            out = self.tune("--search", search, "--db", search + ".db").out
            heads.append([re.search(rf"(?m)^ +s0 .*{last}$", out).group(0).split()
                          for last in ("costs", "ended")])
            self.assertRegex(out, r"share measured +\d")
        self.assertEqual(heads[0], heads[1])
        self.assertEqual(heads[0], [
            "s0 s1 best us TFLOP/s default us TFLOP/s speed-up costs".split(),
            "s0 s1 bound us gap ended".split()])
        # Every point of this space is soon visited: none can be faster.
        self.assertEqual(len(re.findall(r"0\.00 %  every point", out)), 2)

    def test_evaluations_end_a_search_and_leave_a_gap(self):
        out = self.tune("--search", "random", "--evaluations", "3").out
        self.assertEqual(len(re.findall(r"\d\.\d\d %  evaluations", out)), 2)
        self.assertIn("evaluated 6 new points", out)
        again = self.tune("--search", "random", "--evaluations", "3").out
        self.assertIn("evaluated 0 new points", again)
        self.assertEqual(again.split("\nevaluated")[0], out.split("\nevaluated")[0])

    def test_every_search_finds_the_optimum_of_a_small_space(self):
        self.tune("--search", "exhaustive", "--db", "all.db")
        least = [one["seconds"] for one in json.loads(
            self.run_tool("best", "--db", "all.db", "--format", "json").out)]
        for search in ("blackbox", "surrogate", "genetic", "annealing", "random"):
            with self.subTest(search):
                self.tune("--search", search, "--db", search + ".db", "--without-better", "40")
                found = json.loads(self.run_tool("best", "--db", search + ".db", "--format",
                                                 "json").out)
                self.assertEqual([one["seconds"] for one in found], least)

    def test_predictions_come_first(self):
        out = self.tune("--search", "blackbox", "--prior", "sim", "--evaluations", "2").out
        self.run_tool("tune", support.job("small"), "--search", "exhaustive", "--db", "all.db",
                      "--header", "all.h")
        least = json.loads(self.run_tool("best", "--db", "all.db", "--format", "json").out)
        found = json.loads(self.run_tool("best", "--format", "json").out)
        # The simulator predicts itself: behind the seed, the best is asked for.
        self.assertEqual([one["seconds"] for one in found], [one["seconds"] for one in least])
        self.assertIn("evaluated 4 new points", out)

    def test_killed_search_goes_on_with_the_same_asks(self):
        arguments = [support.job("medium"), "--search", "genetic", "--evaluations", "150", "--seed",
                     "3"]
        self.run_tool("tune", *arguments, "--db", "whole.db", "--header", "whole.h")
        whole = self.asked("whole.db")
        for least in (1, 40, 90):
            database = f"{least}.db"
            process = subprocess.Popen([support.Settings.binary, "tune", *arguments, "--db",
                                        database, "--header", f"{least}.h"], cwd=self.directory,
                                       stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
            try:
                while process.poll() is None:
                    if os.path.exists(self.path(database)):
                        try:
                            if len(self.asked(database)) >= least:
                                break
                        except sqlite3.OperationalError:
                            pass  # there is no table yet
                    time.sleep(0.005)
            finally:
                process.kill()
                process.wait()
            before = self.asked(database)
            self.assertTrue(set(before) <= set(whole))
            self.run_tool("tune", *arguments, "--db", database, "--header", f"{least}.h")
            self.assertEqual(sorted(self.asked(database)), sorted(whole))
            with open(self.path(f"{least}.h"), "rb") as one, \
                    open(self.path("whole.h"), "rb") as other:
                self.assertEqual(one.read(), other.read())

    def test_options_that_do_not_go_together(self):
        cases = [(["--evaluations", "3"], "--evaluations", "point by point"),
                 (["--search", "bnb", "--prior", "sim"], "--prior", "by measurements"),
                 (["--search", "bnb", "--chance", "0.1"], "--chance", "by measurements"),
                 (["--search", "blackbox", "--improvement", "2"], "--improvement", ""),
                 (["--search", "magic"], "--search", "")]
        for arguments, option, message in cases:
            with self.subTest(arguments):
                done = self.tune(*arguments, code=2)
                self.assertTrue(done.err.startswith("pto-tune: error: "), done.err)
                self.assertIn(option, done.err)
                self.assertIn(message, done.err)
                self.assertEqual(self.snapshot(), {})


class Best(support.Case):
    def test_json_says_what_the_trials_say(self):
        self.run_tool("tune", support.job("small"))
        best = json.loads(self.run_tool("best", "--format", "json").out)
        self.assertEqual([(one["problem"]["s0"], one["problem"]["s1"]) for one in best],
                         [(256, 1536), (256, 2048)])
        connection = sqlite3.connect(self.path("pto-tune.db"))
        least = dict(connection.execute(
            "SELECT json_extract(problem.json, '$.s1'), min(seconds) FROM sample"
            " JOIN trial ON trial.key = sample.trial JOIN problem ON problem.key = trial.problem"
            " GROUP BY 1"))
        connection.close()
        for one in best:
            problem = one["problem"]
            self.assertEqual(one["seconds"], least[problem["s1"]])
            flops = 4 * problem["s0"] * problem["s1"] * problem["head"]
            self.assertAlmostEqual(one["tflops"], flops / one["seconds"] / 1e12)
            self.assertEqual((one["soc"], one["runner"]), ("Ascend910B2", "sim"))
            self.assertEqual(one["trials"], {"correct": 14, "pruned": 14})
            self.assertRegex(one["program_hash"], r"^(?!0{32})[0-9a-f]{32}$")
            self.assertRegex(one["source_hash"], r"^(?!0{32})[0-9a-f]{32}$")
            self.assertIn(one["costs"], ["calibrated", "extrapolated"])
            done = self.run_tool("check", support.job("small"), "--point", one["point_text"])
            self.assertIn("\nlegal\n", done.out)

    def test_table(self):
        self.run_tool("tune", support.job("small"))
        out = self.run_tool("best").out
        points = [short(one["point"])
                  for one in json.loads(self.run_tool("best", "--format", "json").out)]
        self.assertRegex(support.without_times(out), "\n".join([
            r"^Ascend910B2 \(profile [0-9a-f]{8}\), runner sim \S+, \S+,\spto-tune\s\S+;\shead\s128,"
            r"\snon-causal,\sf16",
            r"",
            r"s0 s1 best us TFLOP/s gap trials costs",
            r"256 1536 # # # % 28 calibrated",
            r"256 2048 # # # % 28 calibrated",
            r"gap: how much faster a point can be at most, proven for small \(32 points\)",
            r"",
            r"s0 s1 best point",
            rf"256 1536 {points[0]}",
            rf"256 2048 {points[1]}",
            r"parameters that are not named: as in the default point$"]))

    def test_reads_without_changing_anything(self):
        self.run_tool("tune", support.job("small"))
        before = self.snapshot()
        self.run_tool("best")
        self.assertEqual(self.snapshot(), before)

    def test_database_without_times(self):
        job = self.write("none.toml", f"""\
name = "none"
soc = "{support.ROOT}/configs/soc/ascend910b2.toml"
space = "{support.ROOT}/tests/data/spaces/small.toml"
[[problems]]
head = 128
dtype = "f16"
s0_s1 = [1000]
""")
        self.run_tool("tune", job, code=1)
        self.assertEqual(self.run_tool("best").out, "pto-tune.db holds no times yet; "
                                                    "'pto-tune tune JOB --db pto-tune.db' adds "
                                                    "some\n")
        self.assertEqual(self.run_tool("best", "--format", "json").out, "[]\n")


class Header(support.Case):
    PROGRAM = r"""
#include "pto_tune.h"
#include <cstdio>

// The lookup works at compile time.
static_assert(pto_tune::lookup(128, 256, 2048, false).config.tile_s1 > 0, "");
static_assert(pto_tune::lookup(128, 256, 2048, false).match == pto_tune::Match::exact, "");
static_assert(pto_tune::lookup(128, 256, 4096, false).match != pto_tune::Match::exact, "");

#define PRINT(S0, HEAD, S1, CUBE_S0, CUBE_S1, TILE_S1, QK_PRELOAD, CAUSAL)                         \
  std::printf("case %d %d %d %d %d %d %d %d\n", int(S0), int(HEAD), int(S1), int(CUBE_S0),         \
              int(CUBE_S1), int(TILE_S1), int(QK_PRELOAD), int(CAUSAL));

int main() {
  const int sizes[] = {1536, 2048, 4096};
  for (const int s1 : sizes) {
    const auto found = pto_tune::lookup(128, 256, s1, false);
    const auto& c = found.config;
    std::printf("%d %s %d %d %d %d %d %d %d %.3f\n", s1,
                found.match == pto_tune::Match::exact ? "exact" : "default", c.tile_s1, c.cube_s1,
                c.cube_s0, c.qk_preload, c.slot_num_qk, c.local_slot_num, c.en_unit_flag,
                c.time_us);
  }
  TFA_FOR_EACH_CASE(PRINT)
}
"""
    NAMES = ["TILE_S1", "CUBE_S1", "CUBE_S0", "QK_PRELOAD", "SlotNumQK", "LocalSlotNum",
             "EN_UNIT_FLAG"]

    def test_small_program_compiles_and_reads_the_champions(self):
        self.run_tool("tune", support.job("small"))
        source = self.write("main.cpp", self.PROGRAM)
        subprocess.run([support.Settings.compiler, "-std=c++17", "-Wall", "-Wextra", "-Wpedantic",
                        "-Werror", source, "-o", self.path("main")], check=True)
        lines = subprocess.run([self.path("main")], check=True, capture_output=True,
                               text=True).stdout.splitlines()
        best = json.loads(self.run_tool("best", "--format", "json").out)
        for line, one in zip(lines[:2], best):
            numbers = " ".join(str(one["point"][name]) for name in self.NAMES)
            self.assertEqual(line, f"{one['problem']['s1']} exact {numbers} "
                                   f"{one['seconds'] * 1e6:.3f}")
        # A shape that was not tuned gets the default point.
        self.assertTrue(lines[2].startswith("4096 default 256 128 128 4 8 2 1 "), lines[2])
        # Upstream's manual kernel has a FIFO depth of 8 and its unit flag on.
        cases = [line for line in lines if line.startswith("case ")]
        self.assertEqual(len(cases), 2)
        for line, s1 in zip(cases, (1536, 2048)):
            self.assertRegex(line, rf"^case 256 128 {s1} 128 128 (256|512) [24] 0$")

    def test_case_is_the_best_point_that_the_manual_kernel_can_express(self):
        self.run_tool("tune", support.job("small"))
        connection = sqlite3.connect(self.path("pto-tune.db"))
        rows = connection.execute(
            "SELECT json_extract(problem.json, '$.s1'), min(seconds) FROM sample"
            " JOIN trial ON trial.key = sample.trial JOIN problem ON problem.key = trial.problem"
            " JOIN point ON point.key = trial.point"
            " WHERE json_extract(point.json, '$.SlotNumQK') = 8"
            " AND json_extract(point.json, '$.EN_UNIT_FLAG') = 1 GROUP BY 1 ORDER BY 1").fetchall()
        connection.close()
        with open(self.path("pto_tune.h"), encoding="utf-8") as file:
            header = file.read()
        for s1, seconds in rows:
            row = re.search(rf"(?m)^//\s+128\s+256\s+{s1}\s+no\s+\S+\s+\S+\s+(\S+) ", header)
            self.assertIsNotNone(row)
            self.assertAlmostEqual(float(row.group(1)), seconds * 1e6, places=2)


def short(point):
    """What tuner/PointText.h makes of a point's JSON form."""
    default = {"TILE_S1": 256, "CUBE_S1": 128, "CUBE_S0": 128, "QK_PRELOAD": 4, "SlotNum": 8,
               "LocalSlotNum": 2, "EN_UNIT_FLAG": 1}
    values = dict(point, SlotNum=point["SlotNumQK"])
    parts = [f"{name}={values[name]}" for name, usual in default.items() if values[name] != usual]
    return ",".join(parts) or "the default point"
