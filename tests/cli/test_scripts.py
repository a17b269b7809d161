"""What scripts rely on: --format json with the keys of docs/cli.md, widths, colours, verbosity."""

import json
import os
import pty
import re
import select
import subprocess

import support
import test_calibrate
import test_study


def documented():
    """{"tune": {"problems[]": {"raw": required, ...}}} of the blocks in docs/cli.md."""
    with open(support.repository("docs", "cli.md"), encoding="utf-8") as file:
        text = file.read()
    commands = {}
    for command, block in re.findall(r"```keys ([^\n]+)\n(.*?)```", text, re.S):
        paths = commands.setdefault(command, {})
        for line in block.splitlines():
            path, keys = line.split(": ")
            paths[path] = {key.rstrip("?"): not key.endswith("?") for key in keys.split(", ")}
    return commands


KEYS = documented()


def found(json_value, path):
    """All objects at a path: "problems[].best?"."""
    values = [json_value]
    for step in path.strip(".").split("."):
        name, each, maybe = re.fullmatch(r"([a-z_]*)\??(\[\])?(\??)", step).groups()
        if name:
            values = [value[name] for value in values if name in value]
        if "?" in step:
            values = [value for value in values if value is not None]
        if each:
            values = [one for value in values for one in value]
    return values


class Json(support.Case):
    JOB = support.job("small")

    def assert_documented(self, command, *arguments, code=0):
        done = self.run_tool(*arguments, "--format", "json", code=code)
        value = json.loads(done.out)
        for path, keys in KEYS[command].items():
            objects = found(value, path) if path != "." else [value]
            for one in objects:
                self.assertLessEqual(set(one), set(keys), f"{command} {path}: not documented")
                missing = {key for key, needed in keys.items() if needed} - set(one)
                self.assertEqual(missing, set(), f"{command} {path}")
        return value

    def test_every_command_that_answers_a_job(self):
        self.assert_documented("tune", "tune", self.JOB)
        self.assert_documented("tune", "tune", self.JOB, "--db", "other.db", "--search", "bnb")
        for options in [[], ["--why"], ["--classes"], ["--list"]]:
            self.assert_documented(" ".join(["space", *options]), "space", self.JOB, *options)
        legal = self.assert_documented("check", "check", self.JOB)
        self.assertTrue(all(one["legal"] and one["bound"] for one in legal["verdicts"]))
        broken = self.assert_documented("check", "check", self.JOB, "--point",
                                        "QK_PRELOAD=4,SlotNum=4", "--problem", "s1=4096", code=1)
        self.assertFalse(broken["verdicts"][0]["legal"])
        self.assertTrue(broken["verdicts"][0]["rejections"][0]["rule"].startswith("protocol."))
        lowered = self.assert_documented("lower", "lower", self.JOB)
        self.assertEqual(lowered["text"], self.run_tool("lower", self.JOB).out)
        self.assert_documented("simulate", "simulate", self.JOB, "--functional", "--problem",
                               "s0=128,s1=1024")
        self.assert_documented("verify", "verify", self.JOB, "--points", "1")
        self.assert_documented("agree", "agree", self.JOB, "--sample", "4", "--numbers", "0")
        self.assert_documented("bench", "bench", self.JOB, "--points", "TILE_S1=512")
        self.assert_documented("report", "report", self.JOB)
        self.assert_documented("best", "best")
        self.assert_documented("db info", "db", "info")
        self.assert_documented("doctor", "doctor")
        self.databases()
        self.assert_documented("diff", "diff", "pto-tune.db", "other.db")
        self.assert_documented("diff --point", "diff", self.JOB, "--point", "SlotNum=4")

    def databases(self):
        self.assertTrue(self.assert_documented("db check", "db", "check")["sound"])
        merged = self.assert_documented("db merge", "db", "merge", "pto-tune.db", "--db", "all.db")
        self.assertGreater(merged["taken"]["trials"], 0)
        self.assert_documented("db recover", "db", "recover", "pto-tune.db", "--into", "saved.db")
        self.run_tool("db", "export", "--output", "trials.jsonl")
        again = json.loads(self.run_tool("db", "import", "trials.jsonl", "--db", "all.db",
                                         "--json").out)
        self.assertEqual([again["taken"]["trials"], again["taken"]["known"]],
                         [0, merged["taken"]["trials"]])
        session = json.loads(self.run_tool("db", "info", "--format", "json").out)["sessions"][0]
        noted = self.assert_documented("db note", "db", "note", session["id"], "a quiet machine")
        self.assertEqual(noted["notes"][0]["text"], "a quiet machine")
        self.assert_documented("db note", "db", "note")
        dry = self.assert_documented("db prune", "db", "prune", "--session", session["id"])
        self.assertFalse(dry["done"])
        self.assert_documented("db vacuum", "db", "vacuum")

    def test_tune_agrees_with_best(self):
        tuned = self.assert_documented("tune", "tune", self.JOB)
        best = json.loads(self.run_tool("best", "--format", "json").out)
        self.assertEqual([one["best"]["seconds"] for one in tuned["problems"]],
                         [one["seconds"] for one in best])

    def test_calibrate_and_study(self):
        rows = [test_calibrate.row(1, s1, time) for s1, time in [(1024, 30), (2048, 37), (4096, 52)]]
        self.write("measured.csv", test_calibrate.HEADING + "".join(rows))
        fit = self.assert_documented("calibrate", "calibrate", "--data", "measured.csv", "--soc",
                                     test_calibrate.SOC, "--free", "launch")
        self.assertEqual(fit["constants"][0]["constant"], "launch")
        self.write("data/kernel/T1.json", json.dumps(test_study.T1))
        self.write("data/kernel/gpu_T4.json", json.dumps(test_study.t4()))
        self.assert_documented("study", "study", "--data", "data", "--repeats", "3")
        self.assert_documented("study --perturbed", "study", "--perturbed", self.JOB, "--devices",
                               "2", "--problem", "s0=256,s1=1536", "--search", "random")


class Terminals(support.Case):
    JOB = support.job("small")

    def environment(self, **changes):
        environment = {key: value for key, value in os.environ.items()
                       if key not in ("COLUMNS", "NO_COLOR", "TERM")}
        return {**environment, **changes}

    def run_with(self, *arguments, **changes):
        return subprocess.run([support.Settings.binary, *arguments], cwd=self.directory,
                              env=self.environment(**changes), capture_output=True, text=True,
                              timeout=600, check=False)

    def on_terminal(self, *arguments, **changes):
        """What a terminal shows of both streams."""
        ours, theirs = pty.openpty()
        with subprocess.Popen([support.Settings.binary, *arguments], cwd=self.directory,
                              env=self.environment(TERM="xterm", **changes), stdin=theirs,
                              stdout=theirs, stderr=theirs) as process:
            os.close(theirs)
            text = b""
            while select.select([ours], [], [], 60)[0]:
                try:
                    got = os.read(ours, 65536)
                except OSError:
                    break
                if not got:
                    break
                text += got
            process.wait(timeout=60)
        os.close(ours)
        return text.decode()

    def test_tables_fit_the_width(self):
        self.run_tool("tune", self.JOB)
        commands = [["best"], ["report", self.JOB], ["space", self.JOB], ["space", self.JOB, "--why"],
                    ["space", self.JOB, "--classes"], ["check", self.JOB],
                    ["simulate", self.JOB, "--report"], ["diff", self.JOB, "--point", "SlotNum=4"],
                    ["diff", "pto-tune.db", "pto-tune.db"], ["tune", self.JOB],
                    ["tune", self.JOB, "--search", "bnb", "--db", "bnb.db"], ["doctor"]]
        for command in commands:
            for columns in (60, 70, 100):
                with self.subTest(command=command, columns=columns):
                    done = self.run_with(*command, COLUMNS=str(columns))
                    self.assertEqual(done.returncode, 0, done.stderr)
                    for line in done.stdout.splitlines():
                        words = line.split()
                        # A path or a kernel's name may be longer than a line.
                        if len(words) > 2:
                            self.assertLessEqual(len(line), columns, line)

    def test_stacked_rows_hold_every_cell(self):
        self.run_tool("tune", self.JOB)
        wide = self.run_with("best", COLUMNS="200").stdout
        narrow = self.run_with("best", COLUMNS="50").stdout
        for cell in re.findall(r"^ +256 +\d+ +([\d.,]+) +([\d.]+) +(\d+) +(\w+)$", wide, re.M):
            for word in cell:
                self.assertIn(word, narrow)

    def test_counts_stay_tables_where_few_problems_fit(self):
        command = ["tune", self.JOB, "--search", "bnb"]
        for columns, raw in [("80", ["32 32"]), ("46", ["32", "32"])]:
            out = support.squeezed(self.run_with(*command, COLUMNS=columns).stdout)
            self.assertEqual(re.findall(r"^raw ([ \d]+)$", out, re.M), raw, out)

    def test_colours_only_on_a_terminal_and_never_with_no_color(self):
        arguments = ["simulate", self.JOB, "--problem", "s0=128,s1=1024", "--gantt", "-"]
        self.assertIn("\x1b[", self.on_terminal(*arguments))
        self.assertNotIn("\x1b[", self.on_terminal(*arguments, NO_COLOR="1"))
        self.assertNotIn("\x1b[", self.run_with(*arguments).stdout)
        wrong = ["check", "nowhere.toml"]
        self.assertIn("\x1b[", self.on_terminal(*wrong))
        plain = self.on_terminal(*wrong, NO_COLOR="1")
        self.assertNotIn("\x1b[", plain)
        self.assertTrue(plain.startswith("pto-tune: error: "), plain)

    def test_quiet_and_verbose(self):
        for place in (["--verbose", "check", self.JOB], ["check", self.JOB, "--verbose"]):
            done = self.run_with(*place)
            self.assertEqual(done.returncode, 0, done.stderr)
            self.assertIn("pto-tune: debug: job ", done.stderr)
            self.assertIn("exit code 0", done.stderr)
        quiet = self.run_with("tune", self.JOB, "--quiet")
        self.assertEqual((quiet.returncode, quiet.stderr), (0, ""))
        wrong = self.run_with("-q", "check", "nowhere.toml")
        self.assertEqual(wrong.returncode, 2)
        self.assertIn("pto-tune: error: ", wrong.stderr)
        self.assertEqual(self.run_with("-q", "-v", "check", self.JOB).returncode, 2)
