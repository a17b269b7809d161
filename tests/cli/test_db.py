"""pto-tune db: what is in a database, and moving its trials."""

import csv
import io
import json
import os
import sqlite3

import support

COMMANDS = ["info", "check", "merge", "export", "import", "prune", "note", "recover", "vacuum"]
ZERO = "0" * 32
ROW = {
    "soc": "Ascend910B2", "soc_hash": ZERO, "runner": "sim", "runner_version": "1",
    "toolchain": "", "tool_version": "0.1.0", "host": "h", "command": "pto-tune tune job.toml",
    "started": 1700000000000000, "nonce": 1, "recorded": 1700000001000000,
    "causal": "false", "dtype": "f16", "family": "fa", "head": 128, "s0": 128, "s1": 1024,
    "TILE_S1": 256, "CUBE_S1": 128, "CUBE_S0": 128, "QK_PRELOAD": 4, "SlotNumQK": 8,
    "SlotNumP": 8, "SlotNumPV": 8, "LocalSlotNum": 2, "EN_UNIT_FLAG": 1, "PIPE_MODEL": "slot",
    "EXP_RING": 8, "VEC_ORDER": "p_first", "KV_SPLIT": 1, "status": "correct",
    "calibrated": "true", "detail": "", "source": ZERO, "program": ZERO, "prepare_seconds": 0.5,
    "measure_seconds": 0.25, "seconds": "2e-05 3e-05",
}


def trials(*changes):
    """CSV with a row for each change to ROW."""
    text = io.StringIO()
    writer = csv.DictWriter(text, ROW.keys(), lineterminator="\n")
    writer.writeheader()
    for change in changes:
        writer.writerow({**ROW, **change})
    return text.getvalue()


FAILED = {"status": "hang", "seconds": "", "calibrated": "false", "TILE_S1": 512,
          "detail": "cube waits,\nvec \"waits\""}
OTHER_SESSION = {"nonce": 2, "started": 1700000100000000, "recorded": 1700000101000000,
                 "TILE_S1": 1024}


class Db(support.Case):
    def database(self, name, *changes):
        self.write(name + ".csv", trials(*changes))
        self.run_tool("db", "import", name + ".csv", "--db", name + ".db")
        return name + ".db"

    def export(self, database, *options):
        return self.run_tool("db", "export", "--db", database, *options).out

    def refused(self, message, *arguments):
        before = self.snapshot()
        done = self.run_tool("db", *arguments, code=2)
        self.assertEqual(self.named(done.err), f"pto-tune: error: {message}\n")
        self.assertEqual(self.snapshot(), before)
        return done.out

    def test_help_of_every_command_has_an_example(self):
        for command in COMMANDS:
            with self.subTest(command):
                out = self.run_tool("db", command, "--help").out
                self.assertRegex(out, rf"Examples?:\n  pto-tune db {command} ")
                for line in out.splitlines():
                    self.assertLessEqual(len(line), 80, line)

    def test_command_line(self):
        self.refused("A subcommand is required; see 'pto-tune db --help'")
        self.refused("FILE is required; see 'pto-tune db merge --help'", "merge")
        self.refused("The following argument was not expected: --no; see 'pto-tune db prune --help'",
                     "prune", "--no")

    def test_info(self):
        database = self.database("a", {}, FAILED, OTHER_SESSION)
        out = self.run_tool("db", "info", "--db", database).out
        text = support.squeezed(out)
        self.assertRegex(text, r"^a\.db: schema version 3, \d+\.\d kB, 0\.0 kB of them unused\n"
                               r"1 problem, 3 points, 0 kernels, 4 samples\n")
        self.assertRegex(text, r"environment [0-9a-f]{8}: Ascend910B2, runner sim 1, pto-tune 0\.1\.0"
                               r"\n2 sessions, 1 problem, 3 trials: 2 correct, 1 hang\n"
                               r"recorded 2023-11-14 22:13 to 2023-11-14 22:15 UTC\n")
        self.assertRegex(text, r"[0-9a-f]{8} 2023-11-14 22:13 [0-9a-f]{8} 2 pto-tune tune job\.toml")
        for line in out.splitlines():
            self.assertLessEqual(len(line), 80, line)
        for columns, dots in ((40, 0), (66, 2)):  # sessions as blocks; commands that are cut
            out = self.run_tool("db", "info", "--db", database,
                                environment={**os.environ, "COLUMNS": str(columns)}).out
            for line in out.splitlines():
                self.assertLessEqual(len(line), columns, line)
            self.assertEqual(out.count("..."), dots, out)
            self.assertEqual(support.squeezed(out).count("2023-11-14 22:13"), 2, out)

    def test_info_as_json(self):
        database = self.database("a", {}, FAILED, OTHER_SESSION)
        info = json.loads(self.run_tool("db", "info", "--db", database, "--format", "json").out)
        self.assertEqual(info["schema_version"], 3)
        self.assertEqual(info["environments"][0]["trials"], {"correct": 2, "hang": 1})
        self.assertEqual([session["trials"] for session in info["sessions"]], [2, 1])
        self.assertEqual(info["sessions"][0]["command"], "pto-tune tune job.toml")

    def test_check(self):
        database = self.database("a", {}, FAILED)
        self.assertEqual(self.run_tool("db", "check", "--db", database).out, "a.db is sound\n")
        connection = sqlite3.connect(self.path(database))
        connection.execute("UPDATE trial SET detail = 'other' WHERE status = 6")
        connection.commit()
        connection.close()
        out = self.refused("a.db: the database is damaged: 1 finding; restore a copy of the file, or "
                           "read what can be read by 'pto-tune db recover'",
                           "check", "--db", database)
        self.assertRegex(out, r"^trial [0-9a-f]{32} does not have the content of its id; "
                              r"that would be [0-9a-f]{32}\n$")

    def test_notes(self):
        database = self.database("a", {}, OTHER_SESSION)
        self.assertEqual(self.run_tool("db", "note", "--db", database).out, "a.db holds no notes\n")
        info = json.loads(self.run_tool("db", "info", "--db", database, "--format", "json").out)
        session = info["sessions"][0]["id"]
        done = self.run_tool("db", "note", session[:8], "the card was shared", "--db", database)
        self.assertEqual(done.out, f"a.db: noted down about session {session}\n")
        for command in ["note", "info"]:
            out = support.squeezed(self.run_tool("db", command, "--db", database).out)
            self.assertRegex(out, rf"note by \S+ at [-0-9]+ [:0-9]+, about session {session[:8]}: the "
                                  r"card was shared$")
        info = json.loads(self.run_tool("db", "info", "--db", database, "--format", "json").out)
        self.assertEqual([(note["subject"], note["about"], note["text"]) for note in info["notes"]],
                         [("session", session, "the card was shared")])
        self.write("notes.jsonl", self.export(database))
        done = self.run_tool("db", "import", "notes.jsonl", "--db", "b.db")
        self.assertIn("; 1 new note", done.out)
        self.refused("a.db: the database has no trial, session, point or environment with this id "
                     "[id = 00000000]; 'pto-tune db info --db a.db' and 'pto-tune db export --db "
                     "a.db' list ids", "note", "00000000", "text", "--db", database)
        self.refused("ID requires TEXT; see 'pto-tune db note --help'", "note", "1234")

    def test_recover(self):
        database = self.database("a", {}, FAILED, OTHER_SESSION)
        done = self.run_tool("db", "recover", database, "--into", "new.db")
        self.assertEqual(done.out, "new.db: 3 new trials, 2 new sessions, 1 new environment\n")
        self.assertEqual(self.export("new.db"), self.export(database))
        connection = sqlite3.connect(self.path(database))
        connection.execute("UPDATE trial SET detail = 'other' WHERE status = 6")
        connection.commit()
        connection.close()
        done = self.run_tool("db", "recover", database, "--into", "less.db", code=1)
        self.assertRegex(done.out, r"^less\.db: 2 new trials, 2 new sessions, 1 new environment\n"
                                   r"lost: trial: 1 rows that were read do not have the content of "
                                   r"their id, or miss what belongs to them\n$")
        self.run_tool("db", "check", "--db", "less.db")
        self.refused("a.db: the damaged file would be written into; name a new file; the damaged one "
                     "is only read", "recover", database, "--into", database)

    def test_best_says_how_sure_it_is(self):
        device = {"runner": "ascend", "toolchain": "new"}
        database = self.database(
            "a", {**device, "seconds": "2e-05 2.1e-05 2.2e-05"},
            {**device, "TILE_S1": 512, "seconds": "2.15e-05 2.2e-05 2.3e-05"},
            {**device, "TILE_S1": 1024, "seconds": "4e-05 4.1e-05 4.2e-05"},
            {"runner": "ascend", "toolchain": "old", "recorded": 1600000000000000})
        best = json.loads(self.run_tool("best", "--db", database, "--format", "json").out)
        self.assertEqual([one["toolchain"] for one in best], ["new", "old"])
        self.assertEqual(best[0]["interval"], [2e-05, 2.2e-05])
        self.assertEqual(best[0]["ties"], 1)
        self.assertEqual([tie["point"]["TILE_S1"] for tie in best[0]["tied"]], [512])
        self.assertEqual(best[0]["tied"][0]["interval"], [2.15e-05, 2.3e-05])
        self.assertIsNone(best[0]["confirm"])
        self.assertEqual(best[1]["confirm"], "toolchain old, now new")
        out = support.squeezed(self.run_tool("best", "--db", database).out)
        self.assertIn("s0 s1 best us TFLOP/s trials samples ties interval us\n"
                      "128 1024 21.00 3.20 3 3 1 20.00 to 22.00\n", out)
        self.assertIn("gap: no bound is proven of a device's times\n", out)
        self.assertIn("not told apart from the best of s0 128, s1 1024:\n22.00 us, 21.50 to 23.00: "
                      "TILE_S1=512\n", out)
        self.assertIn("candidates to confirm, which 'pto-tune tune' measures first: toolchain old, "
                      "now new ", out.replace("\n", " "))

    def test_merge_in_any_order(self):
        first = self.database("a", {}, FAILED)
        second = self.database("b", {"recorded": 1700000000500000}, OTHER_SESSION)
        done = self.run_tool("db", "merge", first, second, "--db", "ab.db")
        self.assertEqual(done.out, "ab.db: 3 new trials, 2 new sessions, 1 new environment; "
                                   "1 known trial had an earlier recording\n")
        self.run_tool("db", "merge", second, first, second, "--db", "ba.db")
        self.assertEqual(self.export("ab.db"), self.export("ba.db"))
        before = self.export("ab.db")
        done = self.run_tool("db", "merge", first, "ba.db", "--db", "ab.db")
        self.assertIn("0 new trials, 0 new sessions, 0 new environments", done.out)
        self.assertEqual(self.export("ab.db"), before)

    def test_merge_of_a_bad_file_makes_nothing(self):
        first = self.database("a", {})
        self.write("bad.db", "no database at all")
        self.refused("bad.db: the file is not an SQLite database; expected a database written by "
                     "pto-tune; name another database file", "merge", first, "bad.db", "--db",
                     "new.db")

    def test_export_and_import_lose_nothing(self):
        database = self.database("a", {}, FAILED, OTHER_SESSION)
        for form in ["jsonl", "csv"]:
            with self.subTest(form):
                text = self.export(database, "--format", form)
                self.run_tool("db", "export", "--db", database, "--format", form, "--output",
                              "out." + form)
                with open(self.path("out." + form), encoding="utf-8", newline="") as file:
                    self.assertEqual(file.read(), text)
                self.run_tool("db", "import", "out." + form, "--db", form + ".db")
                self.assertEqual(self.export(form + ".db"), self.export(database))
        rows = list(csv.DictReader(io.StringIO(self.export(database, "--format", "csv"))))
        self.assertEqual(sorted(row["status"] for row in rows), ["correct", "correct", "hang"])
        for line in self.export(database).splitlines():
            json.loads(line)

    def test_export_does_not_replace_its_database(self):
        database = self.database("a", {})
        self.refused("./a.db: the export would replace the database itself; name another file",
                     "export", "--db", database, "--output", "./a.db")

    def test_long_and_strange_commands_are_cut_to_a_line(self):
        database = self.database("a", {"command": "tune\n" + "\u00e9" * 100})
        out = self.run_tool("db", "info", "--db", database).out
        line = out.splitlines()[-1]
        self.assertRegex(line, r"  tune \u00e9+\.\.\.$")
        self.assertLessEqual(len(line), 80)

    def test_t4_out_and_in(self):
        database = self.database("a", {}, FAILED, {**OTHER_SESSION, "s1": 2048})
        self.refused("a.db: a T4 file tells of one problem in one environment "
                     "[trials = of 2 problems in 1 environments]; choose them with --problem and "
                     "--environment", "export", "--db", database, "--format", "t4")
        text = self.export(database, "--format", "t4", "--problem", "s0=128,s1=1024")
        whole = json.loads(text)
        self.assertEqual(whole["schema_version"], "1.0.0")
        self.assertEqual(sorted(result["invalidity"] for result in whole["results"]),
                         ["correct", "timeout"])
        self.write("t4.json", text)
        done = self.run_tool("db", "import", "t4.json", "--db", "t4.db")
        self.assertIn("2 new trials, 1 new session", done.out)
        self.run_tool("db", "check", "--db", "t4.db")

    def test_t4_of_another_tuner(self):
        result = {"configuration": {"TILE_S1": 512}, "invalidity": "correct", "correctness": 1,
                  "times": {"runtimes": [0.02]}}
        self.write("other.json", json.dumps({"schema_version": "1.0.0", "results": [result]}))
        self.refused("other.json: a value is missing [metadata.problem]; expected the problem that "
                     "was tuned: the file does not say; give --problem", "import", "other.json",
                     "--db", "new.db")
        self.refused("--soc and --runner belong together; expected both, for T4 files that do not "
                     "name theirs", "import", "other.json", "--soc", "X")
        self.run_tool("db", "import", "other.json", "--problem", "s0=128,s1=1024", "--soc",
                      "Ascend910B2", "--runner", "kernel_tuner", "--db", "new.db")
        best = json.loads(self.run_tool("best", "--db", "new.db", "--format", "json").out)
        self.assertEqual(best[0]["runner"], "kernel_tuner")
        self.assertEqual(best[0]["point"]["TILE_S1"], 512)
        self.assertAlmostEqual(best[0]["seconds"], 2e-5)

    def test_a_malformed_line_is_named_and_nothing_is_imported(self):
        database = self.database("a", {})
        self.write("good.csv", trials(OTHER_SESSION))
        self.write("bad.csv", trials(FAILED, {"TILE_S1": "wide"}))
        for target in [database, "new.db"]:
            # The first row of bad.csv has a line break in a field.
            self.refused("bad.csv:4: a value is wrong [TILE_S1 = wide]; expected an integer",
                         "import", "good.csv", "bad.csv", "--db", target)
        self.write("x.txt", "")
        self.refused("x.txt: the name of the file does not tell its format; expected a name that "
                     "ends in .jsonl, .csv, or .json (T4); name the format with --format jsonl, csv "
                     "or t4", "import", "x.txt")

    def test_prune_is_dry_unless_told(self):
        database = self.database("a", {}, FAILED, OTHER_SESSION)
        info = json.loads(self.run_tool("db", "info", "--db", database, "--format", "json").out)
        session = info["sessions"][0]["id"][:8]
        before = self.snapshot()
        done = self.run_tool("db", "prune", "--db", database, "--session", session)
        self.assertEqual(" ".join(done.out.split()),
                         "a.db: would prune 2 trials with 2 samples, 1 session, 0 environments; "
                         "0 problems, 2 points and 0 kernels that nothing else uses "
                         "nothing was changed; --yes does it")
        self.assertEqual(self.snapshot(), before)
        done = self.run_tool("db", "prune", "--db", database, "--session", session, "--yes")
        self.assertIn("a.db: pruned 2 trials", done.out)
        rows = list(csv.DictReader(io.StringIO(self.export(database, "--format", "csv"))))
        self.assertEqual([row["TILE_S1"] for row in rows], ["1024"])
        self.refused(f"a.db: the database has no session with this id [session = {session}]; "
                     "'pto-tune db info --db a.db' lists them", "prune", "--db", database,
                     "--session", session, "--yes")
        self.run_tool("db", "prune", "--db", database, "--older-than", "1d", "--yes")
        self.assertEqual(self.export(database).count("\n"), 1)  # the header
        self.run_tool("db", "check", "--db", database)

    def test_prune_refuses_what_is_unclear(self):
        database = self.database("a", {})
        self.refused("a.db: nothing says what to prune; expected a session, an age or an "
                     "environment", "prune", "--db", database, "--yes")
        self.refused("the age is malformed [soon]; expected a number of hours, days or weeks, such "
                     "as 12h, 30d or 8w", "prune", "--db", database, "--older-than", "soon")

    def test_vacuum(self):
        database = self.database("a", {}, FAILED)
        before = self.export(database)
        done = self.run_tool("db", "vacuum", "--db", database)
        self.assertRegex(done.out, r"^a\.db: [\d,]+ bytes, before [\d,]+\n$")
        self.assertEqual(self.export(database), before)

    def test_missing_database(self):
        for command in ["info", "check", "export", "prune", "vacuum"]:
            options = ["--older-than", "1d"] if command == "prune" else []
            self.refused("none.db: there is no database; run pto-tune tune first, or name the file "
                         "that it wrote", command, "--db", "none.db", *options)
