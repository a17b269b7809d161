"""Drives the pto-tune binary through all its commands on small jobs.

    run.py --binary PATH --compiler C++ [TEST...]

TEST selects tests as unittest does: test_check.Check.test_default_point.
"""

import argparse
import os
import sys
import unittest

sys.dont_write_bytecode = True  # the source tree stays as it is

import support  # noqa: E402


def main():
    parser = argparse.ArgumentParser(description="tests of the command line")
    parser.add_argument("--binary", required=True, type=os.path.realpath)
    parser.add_argument("--compiler", required=True)
    parser.add_argument("tests", nargs="*")
    options = parser.parse_args()
    support.Settings.binary = options.binary
    support.Settings.compiler = options.compiler

    here = os.path.dirname(os.path.abspath(__file__))
    loader = unittest.defaultTestLoader
    if options.tests:
        suite = loader.loadTestsFromNames(options.tests)
    else:
        suite = loader.discover(here, pattern="test_*.py")
    result = unittest.TextTestRunner(verbosity=2).run(suite)
    for case, reason in result.skipped:
        print(f"SKIPPED {case.id()}: {reason}")
    if result.testsRun == 0:
        print("no test was found")
        return 1
    return 0 if result.wasSuccessful() else 1


if __name__ == "__main__":
    sys.exit(main())
