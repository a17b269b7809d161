"""Help, version, and a command line that is wrong."""

import support

COMMANDS = ["tune", "space", "check", "lower", "simulate", "verify", "agree", "bench", "best",
            "report", "diff", "calibrate", "db", "study", "export", "doctor", "completion"]


class Help(support.Case):
    def test_main_help_names_every_command(self):
        out = self.run_tool("--help").out
        for line in out.splitlines():
            self.assertLessEqual(len(line), 80, line)
        for command in COMMANDS:
            self.assertRegex(out, rf"(?m)^  {command} ")
        self.assertIn("Example:", out)

    def test_every_command_has_help_with_an_example(self):
        for command in COMMANDS:
            with self.subTest(command):
                done = self.run_tool(command, "--help")
                self.assertRegex(done.out, rf"Examples?:\n  .*pto-tune {command}\b")
                self.assertEqual(done.err, "")
                for line in done.out.splitlines():
                    self.assertLessEqual(len(line), 80, line)

    def test_defaults_stand_in_the_help(self):
        for command, defaults in [("tune", ["pto-tune.db", "pto_tune.h"]),
                                  ("best", ["pto-tune.db", "table"])]:
            out = self.run_tool(command, "--help").out
            for default in defaults:
                self.assertIn(default, out)

    def test_version(self):
        self.assertRegex(self.run_tool("--version").out, r"^pto-tune \d+\.\d+\.\d+\n$")
