"""pto-tune doctor, on machines that are made up of environment variables."""

import json
import os
import stat
import subprocess

import support

CHECKS = ["configs", "compiler", "ptoas", "pto_isa", "bisheng", "acl", "devices", "database"]
OURS = ("PTO", "BISHENG", "ASCEND", "ACL_", "LD_LIBRARY_PATH")


class Doctor(support.Case):
    def program(self, name, version):
        path = self.write(os.path.join("bin", name), f"#!/bin/sh\necho '{version}'\n")
        os.chmod(path, os.stat(path).st_mode | stat.S_IXUSR)
        return path

    def run_doctor(self, *arguments, code=0, **variables):
        environment = {name: value for name, value in os.environ.items()
                       if not name.startswith(OURS)}
        os.makedirs(self.path("bin"), exist_ok=True)
        environment["PATH"] = self.path("bin")
        done = subprocess.run([support.Settings.binary, "doctor", *arguments], cwd=self.directory,
                              env={**environment, **variables}, capture_output=True, text=True,
                              timeout=120, check=False)
        self.assertEqual(done.returncode, code, done.stdout + done.stderr)
        return done.stdout

    def doctor(self, code=0, **variables):
        report = json.loads(self.run_doctor("--format", "json", code=code, **variables))
        self.assertEqual([c["check"] for c in report["checks"]], CHECKS)
        self.assertEqual(report["broken"], code == 1)
        for check in report["checks"]:
            self.assertEqual(check["advice"] == "", check["state"] == "found", check)
        return {c["check"]: c for c in report["checks"]}

    def test_a_bare_machine_is_not_broken(self):
        checks = self.doctor()
        for name in ["compiler", "ptoas", "pto_isa", "bisheng", "acl", "database"]:
            self.assertEqual(checks[name]["state"], "absent", checks[name])
        self.assertEqual(checks["configs"]["state"], "found")
        self.assertEqual(os.listdir(self.directory), ["bin"])

    def test_what_is_there_is_named_with_its_version(self):
        self.program("c++", "c++ 12.2")
        self.program("ptoas", "ptoas 0.49")
        self.run_tool("tune", support.job("small"))
        checks = self.doctor()
        self.assertIn("(c++ 12.2)", checks["compiler"]["found"])
        self.assertIn("(ptoas 0.49)", checks["ptoas"]["found"])
        self.assertRegex(checks["database"]["found"], r"^pto-tune.db: sound, \d+ samples")

    def test_what_was_asked_for_and_does_not_work_is_broken(self):
        self.write("pto-tune.db", "no database, but more than a hundred bytes of text that SQLite "
                                  "would not know what to do with, either")
        checks = self.doctor(code=1, PTOAS="no-ptoas", PTO_ISA_ROOT=self.path("no-isa"),
                             BISHENG=self.path("no-bisheng"), ASCEND_HOME_PATH=self.path("cann"))
        for name in ["ptoas", "pto_isa", "bisheng", "acl", "database"]:
            self.assertEqual(checks[name]["state"], "broken", checks[name])

    def test_a_pto_isa_tree_is_found(self):
        self.write("isa/include/pto/pto-inst.hpp", "#pragma once\n")
        checks = self.doctor(PTO_ISA_ROOT=self.path("isa"))
        self.assertEqual(checks["pto_isa"]["state"], "found")
        self.assertIn(self.path("isa"), checks["pto_isa"]["found"])

    def test_the_text_says_what_to_do(self):
        out = self.run_doctor()
        self.assertRegex(out, r"(?m)^(found|absent|broken) +tuning database\n +pto-tune.db does "
                              r"not exist yet\n +needed for: .*\n +to do: 'pto-tune tune")
