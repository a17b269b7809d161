"""pto-tune on the virtual Ascend device: from tune to header, and verify."""

import json
import os
import random
import re
import sqlite3
import subprocess
import time

import support
import test_worker

JOB = """
name = "device"
soc = "{root}/configs/soc/ascend910b2.toml"
space = "space.toml"

[[problems]]
head = 128
dtype = "f16"
s0 = 128
s1 = 1024

[[problems]]
head = 128
dtype = "f16"
s0 = 256
s1 = 1536
"""

SPACE = """
name = "device"
family = "fa"

[parameters]
TILE_S1      = [256, 512]
CUBE_S1      = [128]
CUBE_S0      = [128]
QK_PRELOAD   = [2, 4]
SlotNum      = [4]
LocalSlotNum = [2]
EN_UNIT_FLAG = [1]
PIPE_MODEL   = ["slot"]
VEC_ORDER    = ["p_first"]
EXP_RING     = "SlotNum"
KV_SPLIT     = [1]
"""


class Base(support.Case):
    def setUp(self):
        super().setUp()
        self.cann = os.path.join(os.path.dirname(os.path.dirname(support.Settings.binary)),
                                 "virtual-cann")
        os.mkdir(self.path("run"))
        self.job = self.write("job.toml", JOB.format(root=support.ROOT))
        self.write("space.toml", SPACE)
        keep = {name: value for name, value in os.environ.items()
                if name not in ("BISHENG", "PTO_TUNE_ACL", "ACL_DEVICE_ID", "TASK_DEVICE")}
        self.environment = dict(keep, ASCEND_HOME_PATH=self.cann, XDG_RUNTIME_DIR=self.path("run"),
                                TMPDIR=self.path("run"),
                                PTO_ISA_ROOT=support.repository("tests", "support", "device", "isa"),
                                PTO_TUNE_VIRTUAL_DEVICE=self.path("script.json"))
        self.script()

    def script(self, **changes):
        self.write("script.json", json.dumps(dict(
            {"soc_file": support.repository("configs", "soc", "ascend910b2.toml"),
             "soc": "Ascend910B2", "noise": 0.002,
             "device_program": os.path.join(self.cann, "bin", "virtual-npu"),
             "log": self.path("calls.log")}, **changes)))

    def tune(self, *arguments, code=0):
        return self.run_tool("tune", self.job, "--runner", "ascend", "--db", "device.db",
                             "--header", "device.h", "--warmup", "1", *arguments, code=code,
                             environment=self.environment)

    def rows(self, query):
        connection = sqlite3.connect(self.path("device.db"))
        try:
            return connection.execute(query).fetchall()
        finally:
            connection.close()

    def trials(self):
        done = self.run_tool("db", "export", "--db", "device.db", environment=self.environment)
        return [json.loads(line) for line in done.out.splitlines()]

    def nothing_is_left(self):
        left = [os.path.join(folder, name) for folder, _, names in os.walk(self.path("run"))
                for name in names]
        self.assertEqual(left, [])

    def calls(self):
        """What processes did, in their order: (process, call)."""
        try:
            with open(self.path("calls.log"), encoding="utf-8") as file:
                return [tuple(line.split(None, 1)) for line in file.read().splitlines()]
        except FileNotFoundError:
            return []

    def measurements(self):
        """Places in calls() at which a process launches its first kernel."""
        places, fresh = [], set()
        for place, (process, call) in enumerate(self.calls()):
            if call == "aclInit":
                fresh.add(process)
            elif call == "launch" and process in fresh:
                fresh.remove(process)
                places.append(place)
        return places


class Device(Base):
    def test_tunes_two_shapes_to_a_header(self):
        # The point that would be the fastest lies, and another one hangs.
        self.script(kernels=[
            {"point": {"TILE_S1": 512, "QK_PRELOAD": 2}, "effect": "wrong", "factor": 0.2},
            {"point": {"TILE_S1": 512, "QK_PRELOAD": 4}, "effect": "exception"}])
        told = self.tune("--repetitions", "6", "--finals", "3").out
        self.assertRegex(told, r"\nno time: .* \(1 correctness.*, 1 runtime\)\n|"
                               r"\nno time: .* \(1 runtime.*, 1 correctness\)\n")
        self.assertRegex(told, r"(?m)^ +s0 +s1 +held back by, in the simulator's model$")
        self.assertRegex(told, r"(?m)^ +256 +1536 +[\d.]+ +[\d.]+ +[\d.]+ +[\d.]+ +\d+\.\d\dx ")
        records = self.trials()
        text = json.dumps(records)
        for status in ("correct", "correctness", "runtime"):
            self.assertIn(f'"{status}"', text)
        self.assertIn("bisheng stand-in version 1.0", text)
        self.assertIn("8.3.virtual", text)
        self.assertIn("507015 (AI core exception)", text)
        self.assertIn("worst at row", text)
        samples = self.rows("SELECT COUNT(*) FROM sample")[0][0]
        self.assertGreaterEqual(samples, 6 * 4)
        with open(self.path("device.h"), encoding="utf-8") as file:
            header = file.read()
        self.assertIn("ascend", header)
        best = json.loads(self.run_tool("best", "--db", "device.db", "--format", "json",
                                        environment=self.environment).out)
        self.assertNotIn('"TILE_S1": 512', json.dumps(best))
        with open(self.path("calls.log"), encoding="utf-8") as file:
            self.assertNotIn("leak", file.read())
        self.nothing_is_left()

    def test_builds_go_on_while_a_point_is_measured(self):
        self.tune("--search", "exhaustive", "--jobs", "1", "--repetitions", "3", "--finals", "0")
        builds = [place for place, (_, call) in enumerate(self.calls()) if call == "build"]
        self.assertEqual(len(builds), 1 + 4)  # the seed is not in the space
        measurements = self.measurements()
        self.assertEqual(len(measurements), 2 + 7)  # one point is not legal for both
        self.assertLess(measurements[1], builds[1], "the seed is by itself")
        self.assertLess(measurements[2], builds[-1])

    def test_devices_measure_side_by_side(self):
        self.tune("--search", "exhaustive", "--device", "0,1", "--repetitions", "3",
                  "--finals", "0")
        running, most, order = set(), 0, set()
        for process, call in self.calls():
            if call == "aclrtSetDevice":
                running.add(process)
                most = max(most, len(running))
            elif call == "aclFinalize":
                running.discard(process)
                order.add(process)
        self.assertEqual(most, 2)
        self.assertEqual(len(order), 9)

    def test_another_soc_is_refused(self):
        self.script(soc="Ascend910B3")
        done = self.tune(code=2)
        self.assertIn("the device is 'Ascend910B3' and the target 'Ascend910B2'", done.err)
        self.nothing_is_left()

    def test_without_cann_one_line_says_what_is_missing(self):
        self.environment["ASCEND_HOME_PATH"] = "/nowhere"
        done = self.tune(code=2)
        self.assertRegex(done.err, re.compile(r"\A.*the compiler \(bisheng\) is missing; looked "
                                              r"for /nowhere/bin/bisheng.*\n\Z"))
        self.assertFalse(os.path.exists(self.path("device.h")))


class Killed(Base):
    """kill -9 at any moment: the next run goes on and repeats at most what was being measured."""

    DEVICES = ["0", "1"]

    def start(self):
        process = subprocess.Popen(
            [support.Settings.binary, "tune", self.job, *self.arguments()], cwd=self.directory,
            env=self.environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        self.addCleanup(process.kill)
        return process

    def arguments(self):
        return ["--runner", "ascend", "--db", "device.db", "--header", "device.h", "--search",
                "exhaustive", "--device", ",".join(self.DEVICES), "--warmup", "0",
                "--repetitions", "3", "--finals", "1"]

    def repeated(self):
        """Measurements that were begun and are not stored: a trial that is neither compile nor
        pruned. They are begun again."""
        stored = 0
        if os.path.exists(self.path("device.db")):
            self.run_tool("db", "check", "--db", "device.db")
            stored = self.rows("SELECT count(*) FROM trial WHERE status NOT IN (2, 7)")[0][0]
        return len(self.measurements()) - stored

    def test_killed_at_random_moments(self):
        rounds, chance = (50 if test_worker.LONG else 4), random.Random(5)
        # No two measurements are alike: a trial that is like another one is stored once.
        self.script(counter=self.path("counter"), drift=1e-5)
        interrupted = before = 0
        for _ in range(rounds):
            process = self.start()
            time.sleep(chance.uniform(0.3, 3))
            below = test_worker.workers([process.pid])
            ended = process.poll() is not None
            process.kill()
            process.wait()
            end = time.monotonic() + test_worker.PATIENCE
            while any(test_worker.alive(worker) for worker in below):
                self.assertLess(time.monotonic(), end, "a process outlives its parent")
                time.sleep(0.01)
            interrupted += not ended
            lost = self.repeated() - before
            self.assertLessEqual(lost, 0 if ended else len(self.DEVICES), "at most in flight")
            before += lost
            if ended:  # before it could be killed: from the beginning
                for name in ["device.db", "device.h", "calls.log"]:
                    os.remove(self.path(name))
                before = 0
        self.assertGreater(interrupted, 0)
        self.run_tool("tune", self.job, *self.arguments(), environment=self.environment)
        self.assertEqual(self.repeated(), before, "what is stored is not measured again")
        self.assertGreaterEqual(len(self.measurements()) - before, 9)


class Verify(support.Case):
    def test_the_simulator_verifies_points(self):
        done = self.run_tool("verify", support.job("small"), "--points", "3")
        self.assertRegex(done.out, r"4 of 4 points right on sim, max abs error \d\.\d\de-0\d")
        done = self.run_tool("verify", support.job("small"), "--point", "QK_PRELOAD=2",
                             "--problem", "s0=128,s1=1024", "--format", "json")
        answer = json.loads(done.out)
        self.assertEqual([point["right"] for point in answer["points"]], [True])
        self.assertEqual(answer["points"][0]["problem"]["s1"], 1024)

    def test_without_a_tree_the_other_runner_says_so(self):
        environment = {name: value for name, value in os.environ.items()
                       if name not in ("PTO_ISA_ROOT", "PTO_LIB_PATH")}
        done = self.run_tool("verify", support.job("small"), "--runner", "isa", code=2,
                             environment=environment)
        self.assertIn("set PTO_ISA_ROOT to a pto-isa checkout", done.err)
