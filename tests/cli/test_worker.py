"""pto-tune tune with worker processes: isolation, faults, kill, recordings."""

import json
import os
import random
import re
import signal
import sqlite3
import subprocess
import time

import support

LONG = os.environ.get("PTO_TUNE_LONG") == "1"
PATIENCE = 240  # seconds


def workers(parents):
    """Ids of processes below one of the given ones, by /proc."""
    found, grown = set(parents), True
    while grown:
        grown = False
        for name in os.listdir("/proc"):
            if not name.isdigit() or int(name) in found:
                continue
            try:
                with open(f"/proc/{name}/stat", encoding="utf-8") as file:
                    parent = int(file.read().rsplit(")", 1)[1].split()[1])
            except OSError:
                continue
            if parent in found:
                found.add(int(name))
                grown = True
    return found - set(parents)


def alive(process):
    try:
        with open(f"/proc/{process}/stat", encoding="utf-8") as file:
            return file.read().rsplit(")", 1)[1].split()[0] not in "ZX"
    except OSError:
        return False


class Base(support.Case):
    def setUp(self):
        super().setUp()
        os.mkdir(self.path("run"))
        self.environment = dict(os.environ, XDG_RUNTIME_DIR=self.path("run"))

    def tune(self, *arguments, job="small", code=0, **variables):
        return self.run_tool("tune", support.job(job), *arguments, code=code,
                             environment=dict(self.environment, **variables))

    def best(self, database):
        return json.loads(self.run_tool("best", "--db", database, "--format", "json").out)

    def rows(self, database, query):
        connection = sqlite3.connect(self.path(database), timeout=30)
        try:
            return connection.execute(query).fetchall()
        finally:
            connection.close()

    def nothing_is_left(self):
        left = [os.path.join(folder, name) for folder, _, names in os.walk(self.path("run"))
                for name in names]
        self.assertEqual(left, [])


class Workers(Base):
    def test_isolated_simulations_say_the_same(self):
        self.tune("--db", "plain.db", "--header", "plain.h")
        done = self.tune("--isolate", "--db", "apart.db", "--header", "apart.h")
        self.assertEqual(done.err, "")
        self.assertEqual(self.best("plain.db"), self.best("apart.db"))
        with open(self.path("plain.h"), "rb") as one, open(self.path("apart.h"), "rb") as other:
            self.assertEqual(one.read(), other.read())
        self.nothing_is_left()

    def test_a_worker_starts_without_the_compiler(self):
        worker = os.path.join(os.path.dirname(support.Settings.binary), "pto-tune-worker")
        loads = [subprocess.run(["ldd", program], capture_output=True, text=True, check=True).stdout
                 for program in (support.Settings.binary, worker)]
        self.assertIn("libMLIR", loads[0])
        for library in ("libMLIR", "libLLVM", "libtbb"):
            self.assertNotIn(library, loads[1])

    def test_a_worker_names_the_runners_that_it_has(self):
        with open(support.repository("configs", "soc", "ascend910b2.toml"),
                  encoding="utf-8") as file:
            request = {"op": "open", "protocol": 2, "runner": "none", "soc": file.read(),
                       "derived": False, "device": "0", "memory_bytes": 0, "after_fault": False}
        worker = os.path.join(os.path.dirname(support.Settings.binary), "pto-tune-worker")
        with subprocess.Popen([worker], stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                              text=True) as process:
            process.stdin.write(json.dumps(request) + "\n")
            process.stdin.flush()
            hello, failure = [json.loads(process.stdout.readline()) for _ in range(2)]
        self.assertEqual((hello["op"], hello["protocol"]), ("hello", 2))
        self.assertEqual(failure, {"op": "failure", "message":
                                   "there is no such runner [none]; expected sim, ascend"})

    def test_launcher(self):
        log = self.path("log")
        launcher = f"env LAUNCHED=1 sh -c 'echo started >> {log}; exec \"$0\"'"
        self.tune("--launcher", launcher)
        with open(log, encoding="utf-8") as file:
            self.assertGreaterEqual(len(file.readlines()), 1)
        self.assertEqual(len(self.best("pto-tune.db")), 2)

    def test_a_third_of_the_candidates_is_faulty(self):
        worker = os.path.join(os.path.dirname(support.Settings.binary), "pto-tune-faulty-worker")
        self.tune("--isolate", "--worker", worker, "--limit", "0.3",
                  PTO_TUNE_FAULTY_THIRD="1")
        rows = self.rows("pto-tune.db", "SELECT status, count(*) FROM trial GROUP BY status")
        statuses = dict(rows)
        self.assertGreater(statuses.get(0, 0), 8, statuses)    # correct
        self.assertGreater(sum(statuses.values()) - statuses.get(0, 0) - statuses.get(7, 0), 2,
                           statuses)
        least = self.rows("pto-tune.db", "SELECT min(seconds) FROM sample")[0][0]
        self.assertEqual(min(one["seconds"] for one in self.best("pto-tune.db")), least)
        self.nothing_is_left()

    def test_a_recording_answers(self):
        self.tune("--db", "first.db")
        done = self.tune("--runner", "replay", "--recording", "first.db", "--db", "again.db",
                         "--header", "again.h", "--search", "exhaustive")
        self.assertIn("runner replay", done.out)
        first, again = self.best("first.db"), self.best("again.db")
        self.assertEqual([(one["point"], one["seconds"]) for one in first],
                         [(one["point"], one["seconds"]) for one in again])
        self.assertEqual({one["runner"] for one in again}, {"replay"})

    def test_options_that_do_not_go_together(self):
        cases = [
            (["--runner", "replay"], "what is to be replayed is missing"),
            (["--recording", "x.db"], "--recording says nothing without --runner replay"),
            (["--device", "0,1"], "--device says nothing about runner sim"),
            (["--runner", "replay", "--recording", "x.db", "--isolate"],
             "--isolate says nothing about a recording"),
            (["--launcher", "srun 'x"], "a quotation in a command does not end"),
            (["--isolate", "--worker", "/no/worker"], "'/no/worker' cannot be started"),
            (["--launcher", "/no/launcher"], "'/no/launcher' cannot be started"),
            (["--isolate", "--worker", "/bin/false"], "the worker does not start: the worker ended:"
                                                      " exit code 1"),
            (["--runner", "none"], "--runner"),
        ]
        for arguments, message in cases:
            with self.subTest(arguments):
                before = self.snapshot()
                done = self.tune(*arguments, code=2)
                self.assertIn(message, done.err)
                self.assertEqual(done.err.count("\n"), 1, done.err)
                self.assertEqual(self.snapshot(), before)


class Killed(Base):
    """kill -9 at any moment: workers end, the database is sound, the next run goes on."""

    def stored(self):
        if not os.path.exists(self.path("pto-tune.db")):
            return 0
        try:
            return self.rows("pto-tune.db", "SELECT count(*) FROM trial WHERE status = 0")[0][0]
        except sqlite3.OperationalError:
            return 0

    def start(self):
        process = subprocess.Popen(
            [support.Settings.binary, "tune", support.job("medium"), "--isolate", "--jobs", "2"],
            cwd=self.directory, env=self.environment, stdout=subprocess.PIPE,
            stderr=subprocess.PIPE, text=True)
        self.addCleanup(process.kill)
        return process

    def test_killed_at_random_moments(self):
        rounds, seed = (50, 11) if LONG else (4, 11)
        chance = random.Random(seed)
        interrupted = 0
        for turn in range(rounds):
            process = self.start()
            time.sleep(chance.uniform(0.02, 0.9))
            below = workers([process.pid])
            ended = process.poll() is not None
            process.kill()
            process.communicate()
            end = time.monotonic() + PATIENCE
            while any(alive(worker) for worker in below):
                self.assertLess(time.monotonic(), end, "a worker outlives its parent")
                time.sleep(0.01)
            if os.path.exists(self.path("pto-tune.db")):
                self.run_tool("db", "check", "--db", "pto-tune.db")
            interrupted += 0 if ended else 1
            if ended:  # before it could be killed: from the beginning
                for name in ["pto-tune.db", "pto_tune.h"]:
                    os.remove(self.path(name))
        self.assertGreater(interrupted, 0)
        stored = self.stored()
        out = self.run_tool("tune", support.job("medium"), "--isolate",
                            environment=self.environment).out
        evaluated = int(re.search(r"evaluated ([\d,]+) new point", out).group(1).replace(",", ""))
        self.assertEqual(self.stored(), stored + evaluated, "what is stored is not measured again")
        self.run_tool("tune", support.job("medium"), "--db", "whole.db", "--header", "whole.h")
        self.assertEqual(self.best("pto-tune.db"), self.best("whole.db"))

    def test_ctrl_c_measures_nothing_more(self):
        process = self.start()
        end = time.monotonic() + PATIENCE
        while self.stored() < 1:
            self.assertIsNone(process.poll())
            self.assertLess(time.monotonic(), end)
            time.sleep(0.02)
        below = workers([process.pid])
        process.send_signal(signal.SIGINT)
        self.assertEqual(process.wait(timeout=PATIENCE), 130)
        process.communicate()
        self.assertFalse(any(alive(worker) for worker in below))

