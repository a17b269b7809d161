"""pto-tune agree: protocol rules against the simulator."""

import json
import re

import support

FA = support.repository("configs", "jobs", "fa_910b2.toml")
PROBLEM = "head=64,s1=1024"


class Agree(support.Case):
    def agree(self, *arguments, job=FA, code=0):
        return self.run_tool("agree", job, *arguments, code=code)

    def test_sample_agrees(self):
        done = self.agree("--problem", PROBLEM, "--sample", "40", "--seed", "3", "--numbers", "1",
                          "--format", "json")
        survey, = json.loads(done.out)
        self.assertEqual((survey["head"], survey["s1"]), (64, 1024))
        self.assertEqual(survey["points"], 40)
        self.assertLessEqual(survey["programs"], 40)
        self.assertEqual(survey["disagreements"], [])
        rows = {row["rules"]: row for row in survey["rows"]}
        self.assertEqual(list(rows), ["accepted", "protocol.counter", "protocol.hang",
                                      "protocol.ring", "protocol.slot"])
        accepted = rows["accepted"]
        self.assertGreater(accepted["points"], 0)
        self.assertEqual(accepted["no_hazard"], accepted["points"])
        self.assertEqual(accepted["ran_right"], 1)
        hang = rows["protocol.hang"]
        self.assertEqual(hang["hang"], hang["points"])
        for rule in ["protocol.ring", "protocol.slot"]:
            row = rows[rule]
            self.assertEqual(row["witness_named"], row["points"])
            self.assertEqual(row["hazard"], row["points"])
            self.assertEqual((row["ran_right"], row["ran_wrong"]), (0, min(1, row["points"])))

    def test_whole_small_space_as_text(self):
        out = self.agree("--problem", "s1=1024", "--numbers", "0",
                         job=support.job("small")).out
        self.assertRegex(out, r"^head 128, s1 1024\n  \d+ points pass the static rules, "
                              r"\d+ programs\n\n  rules ")
        rows = re.findall(r"(?m)^  (accepted|protocol\.\w+) +(\d+)", out)
        self.assertEqual(rows[0][0], "accepted")
        self.assertGreater(int(rows[0][1]), 0)

    def test_the_same_whatever_the_threads(self):
        one = self.agree("--problem", PROBLEM, "--sample", "12", "--numbers", "1", "--jobs", "1")
        two = self.agree("--problem", PROBLEM, "--sample", "12", "--numbers", "1", "--jobs", "3")
        self.assertEqual(one.out, two.out)

    def test_bad_input(self):
        for arguments, message in [(["--sample", "0"], "--sample"),
                                   (["--numbers", "some"], "--numbers"),
                                   (["--problem", "s1=x"], "s1")]:
            with self.subTest(arguments):
                done = self.agree(*arguments, code=2)
                self.assertRegex(done.err, r"^pto-tune: error: [^\n]+\n$")
                self.assertIn(message, done.err)
                self.assertEqual(done.out, "")
