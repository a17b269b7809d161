"""Bad input: one clear message on stderr, exit code 2, and no file changed."""

import os
import sqlite3
import stat
import subprocess

import support

SOC = support.repository("configs", "soc", "ascend910b2.toml")
FA = support.repository("configs", "spaces", "fa.toml")

JOB = f"""\
name = "job"
soc = "{SOC}"
space = "space.toml"

[[problems]]
head = 128
dtype = "f16"
s0 = 128
s1 = 8192
"""

SPACE = """\
name = "narrow"
family = "fa"

[parameters]
TILE_S1      = [256, 512]
CUBE_S1      = [128]
CUBE_S0      = [128]
QK_PRELOAD   = [4]
SlotNum      = [8]
LocalSlotNum = [2]
EN_UNIT_FLAG = [1]
PIPE_MODEL   = ["slot"]
VEC_ORDER    = ["p_first"]
EXP_RING     = "SlotNum"
KV_SPLIT     = [1]
"""


class BadInput(support.Case):
    def setUp(self):
        super().setUp()
        self.write("job.toml", JOB)
        self.write("space.toml", SPACE)

    def refused(self, message, *arguments):
        """The command prints exactly this message, says nothing else and changes nothing."""
        before = self.snapshot()
        done = self.run_tool(*arguments, code=2)
        self.assertEqual(self.named(done.err), f"pto-tune: error: {message}\n")
        self.assertEqual(done.out, "")
        self.assertEqual(self.snapshot(), before)

    # --- command line ---------------------------------------------------------------------------

    def test_command_line(self):
        cases = [
            ([], "a command is missing; expected one of tune, best, export, report, diff, check, lower, "
                 "simulate, verify, bench, space, agree, study, calibrate, db, doctor, completion; "
                 "see 'pto-tune --help'"),
            (["tun"], "The following argument was not expected: tun; see 'pto-tune --help'"),
            (["tune"], "JOB is required; see 'pto-tune tune --help'"),
            (["tune", "job.toml", "--fast"],
             "The following argument was not expected: --fast; see 'pto-tune tune --help'"),
            (["tune", "job.toml", "--jobs", "-1"],
             "--jobs: Value -1 not in range 0 to 1024; see 'pto-tune tune --help'"),
            (["lower", "job.toml", "--emit", "asm"],
             "--emit: asm not in {cpp,ir,pto,program}; see 'pto-tune lower --help'"),
            (["best", "--format", "xml"],
             "--format: xml not in {table,json}; see 'pto-tune best --help'"),
            (["check", "job.toml", "--dot", "y.svg"],
             "--dot: y.svg would be no image: graphs are written as text for Graphviz; write y.dot, "
             "then run 'dot -Tsvg -O y.dot'; see 'pto-tune check --help'"),
            (["space", "job.toml", "--count", "--list"],
             "--count, --list, --classes and --why exclude each other; give one of them"),
        ]
        for arguments, message in cases:
            with self.subTest(arguments):
                self.refused(message, *arguments)

    # --- points and problems --------------------------------------------------------------------

    def test_points(self):
        names = ("SlotNum, TILE_S1, CUBE_S1, CUBE_S0, QK_PRELOAD, SlotNumQK, SlotNumP, SlotNumPV, "
                 "LocalSlotNum, EN_UNIT_FLAG, PIPE_MODEL, EXP_RING, VEC_ORDER, KV_SPLIT")
        cases = [
            ("TILE=512", f"unknown parameter 'TILE' in the point; expected {names}"),
            ("TILE_S1=many", "bad value of a parameter [TILE_S1 = many]; expected an integer"),
            ("TILE_S1=128", "value out of the domain of space 'narrow' [TILE_S1 = 128]; "
                            "expected 256, 512"),
            ("PIPE_MODEL=tile", "value out of the domain of space 'narrow' [PIPE_MODEL = tile]; "
                                "expected slot"),
            ("EXP_RING=4", "value out of the domain of space 'narrow' [EXP_RING = 4]; expected the "
                           "value of SlotNumQK"),
            ("kTileFactor=3", "kTileFactor is derived and does not agree [kTileFactor = 3]; expected "
                              "TILE_S1 / CUBE_S1; leave it out, or change TILE_S1 or CUBE_S1"),
        ]
        for command in ("check", "lower"):
            for point, message in cases:
                with self.subTest(command=command, point=point):
                    self.refused(message, command, "job.toml", "--point", point)

    def test_malformed_points(self):
        self.refused("'TILE_S1' is given twice in the point; leave one of them out", "check",
                     "job.toml", "--point", "TILE_S1=256,TILE_S1=512")
        for point in ("TILE_S1", "TILE_S1=", "=512", ",", "TILE_S1 512"):
            with self.subTest(point):
                before = self.snapshot()
                done = self.run_tool("check", "job.toml", "--point", point, code=2)
                self.assertRegex(done.err, r"^pto-tune: error: .*\bpoint\b.*; expected .*\n$")
                self.assertEqual(done.out, "")
                self.assertEqual(self.snapshot(), before)

    def test_problems(self):
        keys = "head, s0, s1, causal or dtype"
        cases = [
            ("s2=128", f"unknown key 's2' in the problem; expected {keys}"),
            ("s1=0", "bad value in the problem [s1 = 0]; expected a positive integer"),
            ("causal=2", "bad value in the problem [causal = 2]; expected 0 or 1"),
            ("dtype=f64", "unknown element type [dtype = f64]; expected f16"),
        ]
        for problem, message in cases:
            with self.subTest(problem):
                self.refused(message, "check", "job.toml", "--problem", problem)

    # --- files of the job -----------------------------------------------------------------------

    def changed(self, name, old, new, message):
        """The job or space with `old` replaced is refused by every command that reads it."""
        content = {"job.toml": JOB, "space.toml": SPACE}[name]
        self.assertIn(old, content)
        self.write(name, content.replace(old, new))
        for command in ("tune", "space", "check", "lower"):
            with self.subTest(command=command, new=new):
                self.refused(message, command, "job.toml")
        self.write(name, content)

    def test_missing_files(self):
        for command in ("tune", "report"):
            self.refused("JOB: nowhere.toml: there is no such job file; installed are fa_910b2, "
                         f"fa_910b2_wide; see 'pto-tune {command} --help'", command, "nowhere.toml")
        self.refused("./nowhere.toml: cannot read the file; check the path", "tune", "./nowhere.toml")
        self.changed("job.toml", '"space.toml"', '"wide.toml"',
                     "wide.toml: cannot read the file; check the path")
        self.changed("job.toml", '"space.toml"', '"wide"',
                     "job.toml:3: no installed file has this name [space = wide]; expected a path "
                     "relative to the job file, or one of fa, fa_wide")

    def test_malformed_toml(self):
        for name, old, new, line in [("job.toml", "head = 128", "head = ", 6),
                                     ("space.toml", "[parameters]", "[parameters", 4)]:
            self.write(name, {"job.toml": JOB, "space.toml": SPACE}[name].replace(old, new))
            before = self.snapshot()
            done = self.run_tool("tune", "job.toml", code=2)
            self.assertRegex(done.err, rf"^pto-tune: error: {name}:{line}: malformed TOML: [^\n]+\n$")
            self.assertEqual(done.out, "")
            self.assertEqual(self.snapshot(), before)
            self.write(name, {"job.toml": JOB, "space.toml": SPACE}[name])

    def test_unknown_keys(self):
        self.changed("job.toml", "name = ", "nmae = \"x\"\nname = ",
                     "job.toml:1: unknown key [nmae]; expected name, problems, seed, soc, space; remove "
                     "it or mend its spelling")
        self.changed("job.toml", "s1 = 8192", "s1 = 8192\nbatch = 4",
                     "job.toml:10: unknown key [problems[0].batch]; expected causal, dtype, head, s0, "
                     "s1; remove it or mend its spelling")

    def test_unknown_parameter(self):
        self.changed("space.toml", "TILE_S1 ", "TILE_S2 ",
                     "space.toml:5: unknown parameter [parameters.TILE_S2]; expected SlotNum, "
                     "TILE_S1, CUBE_S1, CUBE_S0, QK_PRELOAD, SlotNumQK, SlotNumP, SlotNumPV, "
                     "LocalSlotNum, EN_UNIT_FLAG, PIPE_MODEL, EXP_RING, VEC_ORDER, KV_SPLIT; remove "
                     "it or mend its spelling")

    def test_values_out_of_domain(self):
        self.changed("space.toml", "[256, 512]", "[256, 0]",
                     "space.toml:5: value out of domain [parameters.TILE_S1 = 0]; expected integers "
                     "from 1 to 1048576")
        self.changed("space.toml", '["slot"]', '["ring"]',
                     "space.toml:12: value out of domain [parameters.PIPE_MODEL = ring]; expected "
                     "tile, tile_offset, slot")
        self.changed("job.toml", "s1 = 8192", "s1 = -8192",
                     "job.toml:9: value out of range [problems[0].s1 = -8192]; expected an integer "
                     "from 1 to 16777216")

    def test_space_that_is_too_large(self):
        values = list(range(1, 65))
        wide = SPACE.replace("[4]", str(values)).replace("[8]", str(values)).replace(
            "[2]", str(values)).replace("[256, 512]", str([64 * value for value in range(1, 300)]))
        self.write("space.toml", wide)
        raw = 64 ** 3 * 299
        for command in (["tune", "job.toml", "--search", "exhaustive"], ["space", "job.toml"]):
            self.refused(f"space 'narrow' is too large to go through point by point [points = "
                         f"{raw}]; expected at most 50000000; narrow the domains of the space file",
                         *command)

    def test_stop_conditions_without_branch_and_bound(self):
        for option in ("--evaluations", "--seconds", "--gap", "--without-better"):
            self.refused("space 'narrow' is searched point by point, which only ends when all points "
                         f"are answered [{option}]; add --search bnb or --search blackbox, or leave "
                         "the option out",
                         "tune", "job.toml", option, "1")

    # --- database -------------------------------------------------------------------------------

    def test_no_database(self):
        self.refused("none.db: there is no database; run pto-tune tune first, or name the file that "
                     "it wrote", "best", "--db", "none.db")

    def test_read_only_database(self):
        self.run_tool("tune", "job.toml", "--db", "results.db")
        os.chmod(self.path("results.db"), 0o444)
        self.write("job.toml", JOB.replace("8192", "4096"))
        self.refused("results.db: the database is read-only, and trials are to be written to it; "
                     "make the file writable, or name another database file", "tune", "job.toml",
                     "--db", "results.db", "--header", "new.h")
        self.assertIn("8192", self.run_tool("best", "--db", "results.db").out)

    def test_read_only_directory(self):
        os.mkdir(self.path("locked"))
        os.chmod(self.path("locked"), 0o555)
        self.addCleanup(os.chmod, self.path("locked"), 0o755)
        self.refused("locked/results.db: the database cannot be made: its directory is not writable "
                     "[directory = $TMP/locked]; change its permissions, or name a file elsewhere",
                     "tune", "job.toml", "--db", "locked/results.db")

    # /proc takes no files from anybody, whatever its permission bits say.
    def test_file_system_without_files(self):
        before = self.snapshot()
        for option in ("--db", "--header"):
            with self.subTest(option):
                done = self.run_tool("tune", "job.toml", option, "/proc/pto-tune-test", code=2)
                self.assertRegex(done.err, r"^pto-tune: error: /proc/pto-tune-test: [^\n]+\n$")
                self.assertEqual(done.out, "")
                self.assertEqual(self.snapshot(), before)

    def test_directory_that_does_not_exist(self):
        self.refused("no/results.db: the database cannot be made: its directory does not exist "
                     "[directory = $TMP/no]; make the directory first", "tune", "job.toml", "--db",
                     "no/results.db")

    def other_database(self, application_id, version):
        connection = sqlite3.connect(self.path("other.db"))
        connection.execute("CREATE TABLE trial (id INTEGER)")
        connection.execute(f"PRAGMA application_id = {application_id}")
        connection.execute(f"PRAGMA user_version = {version}")
        connection.commit()
        connection.close()

    def test_database_of_another_program(self):
        self.other_database(0x12345678, 1)
        for arguments in (["tune", "job.toml"], ["best"]):
            self.refused("other.db: the database belongs to another program [application_id = "
                         "0x12345678]; expected 0x50544F54 (pto-tune); name another database file",
                         *arguments, "--db", "other.db")

    def test_database_without_application_id(self):
        self.other_database(0, 0)
        self.refused("other.db: the database belongs to another program [application_id = "
                     "0x00000000]; expected 0x50544F54 (pto-tune); name another database file",
                     "tune", "job.toml", "--db", "other.db")

    def test_database_of_a_newer_version(self):
        self.other_database(0x50544F54, 1000)
        before = self.snapshot()
        done = self.run_tool("tune", "job.toml", "--db", "other.db", code=2)
        self.assertRegex(done.err, r"^pto-tune: error: other.db: the database was written by a newer "
                                   r"pto-tune \[user_version = 1000\]; expected at most \d+; [^\n]+\n$")
        self.assertEqual(self.snapshot(), before)

    def test_file_that_is_no_database(self):
        self.write("notes.txt", "not a database\n" * 100)
        for arguments in (["tune", "job.toml"], ["best"]):
            self.refused("notes.txt: the file is not an SQLite database; expected a database written "
                         "by pto-tune; name another database file", *arguments, "--db", "notes.txt")

    def test_database_that_is_a_directory(self):
        os.mkdir(self.path("folder"))
        before = self.snapshot()
        done = self.run_tool("tune", "job.toml", "--db", "folder", code=2)
        self.assertRegex(done.err, r"^pto-tune: error: folder: [^\n]+\n$")
        self.assertEqual(self.snapshot(), before)

    # --- header: told before the search begins, so that no database appears ----------------------

    def test_header(self):
        os.mkdir(self.path("folder"))
        self.write("kernel.cpp", "int main() {}\n")
        self.write("locked/old.h", "// Generated by pto-tune 0.0.0\n")
        os.chmod(self.path("locked", "old.h"), 0o444)
        cases = [
            ("no/fa.h", "no/fa.h: the file cannot be written: its directory does not exist "
                        "[directory = $TMP/no]; make the directory first"),
            ("folder", "folder: the file to write is a directory; expected the name of a file; name a "
                       "file in it"),
            ("kernel.cpp", "kernel.cpp: the header would replace a file that pto-tune did not "
                           "generate; name another file for --header, or remove this one"),
            ("job.toml", "job.toml: the header would replace a file that pto-tune did not generate; "
                         "name another file for --header, or remove this one"),
            ("locked/old.h", "locked/old.h: the file is read-only; make it writable, or name another "
                             "file"),
            ("", "the name of the file to write is empty; expected a path"),
        ]
        for header, message in cases:
            with self.subTest(header):
                self.refused(message, "tune", "job.toml", "--header", header)
        self.assertFalse(os.path.exists(self.path("pto-tune.db")))

    def test_header_of_an_earlier_run_is_replaced(self):
        self.write("pto_tune.h", "// Tuned. Generated by pto-tune 0.0.0; do not edit.\n")
        os.chmod(self.path("pto_tune.h"), 0o640)
        self.run_tool("tune", "job.toml")
        with open(self.path("pto_tune.h"), encoding="utf-8") as file:
            self.assertIn("TFA_FOR_EACH_CASE", file.read())
        self.assertEqual(stat.S_IMODE(os.stat(self.path("pto_tune.h")).st_mode), 0o640)

    # --- output ---------------------------------------------------------------------------------

    def test_full_disk_for_output(self):
        if not os.path.exists("/dev/full"):
            self.skipTest("there is no /dev/full here")
        with open("/dev/full", "w", encoding="utf-8") as full:
            done = subprocess.run([support.Settings.binary, "check", "job.toml"], stdout=full,
                                  stderr=subprocess.PIPE, text=True, cwd=self.directory, check=False)
        self.assertEqual(done.returncode, 2)
        self.assertEqual(done.stderr, "pto-tune: error: cannot write to standard output; check the "
                                      "disk\n")
