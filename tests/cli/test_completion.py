"""Shell completion and the man page, which are made from the command line's own description."""

import os
import pty
import select
import shutil
import subprocess
import time
import unittest

import support

ZSH = shutil.which("zsh")
NO_ZSH = "zsh is not installed: its completion is not run"

# The Tab key writes what completion would offer to $OFFERED, a word a line, and `done` at the end.
# Functions of the completion system call compadd with -O, -A or -D where they only ask it something.
ZSHRC = """
autoload -U compinit
compinit -D -u
source $SCRIPT
compadd() {
  if [[ ${@[1,(i)(-|--)]} == *-(O|A|D)\\ * ]]; then
    builtin compadd "$@"
    return
  fi
  local -a offered
  builtin compadd -O offered "$@"
  (( $#offered )) && print -rl -- $offered >> $OFFERED
  builtin compadd "$@"
}
offer() {
  _main_complete
  compstate[insert]= compstate[list]=
  print done >> $OFFERED
}
zle -C offer complete-word offer
bindkey '^I' offer
bindkey '^U' kill-whole-line
PROMPT=
"""


class Zsh:
    """An interactive zsh on a terminal of its own."""

    def __init__(self, case, script):
        self.offered = case.write("offered", "")
        case.write(".zshrc", ZSHRC)
        self.terminal, theirs = pty.openpty()
        environment = {"PATH": os.environ["PATH"], "HOME": case.directory, "ZDOTDIR": case.directory,
                       "TERM": "dumb", "SCRIPT": script, "OFFERED": self.offered}
        self.process = subprocess.Popen([ZSH, "-d", "-i"], cwd=case.directory, env=environment,
                                        stdin=theirs, stdout=theirs, stderr=theirs,
                                        start_new_session=True)
        os.close(theirs)
        self.said = b""

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.process.kill()
        self.process.wait()
        os.close(self.terminal)

    def offers(self, line):
        """What Tab offers behind a line, sorted."""
        with open(self.offered, "w", encoding="utf-8"):
            pass
        os.write(self.terminal, b"\x15" + line.encode() + b"\t")
        end = time.monotonic() + 60
        while time.monotonic() < end:
            if select.select([self.terminal], [], [], 0.02)[0]:
                self.said += os.read(self.terminal, 65536)
            with open(self.offered, encoding="utf-8") as file:
                words = file.read().split()
            if words and words[-1] == "done":
                return sorted(set(words[:-1]))
        raise TimeoutError(f"zsh did not complete {line!r}; it said:\n{self.said.decode()}")


class Completion(support.Case):
    def bash(self, *words):
        """What bash offers for the last of the words."""
        script = self.write("completion.bash", self.run_tool("completion", "bash").out)
        quoted = " ".join(f"'{word}'" for word in words)
        done = subprocess.run(
            ["bash", "--norc", "-uc",
             f". {script}; COMP_WORDS=({quoted}); COMP_CWORD={len(words) - 1}; _pto_tune; "
             "printf '%s\\n' \"${COMPREPLY[@]}\""],
            cwd=self.directory, capture_output=True, text=True, check=False)
        self.assertEqual((done.returncode, done.stderr), (0, ""))
        return done.stdout.split()

    def test_bash_offers_commands_options_and_values(self):
        self.write("some.db", "")
        for words, offered in [
                (["pto-tune", "ex"], ["export"]),
                (["pto-tune", "db", "me"], ["merge"]),
                (["pto-tune", "completion", ""], ["bash", "zsh"]),
                (["pto-tune", "export", "--form"], ["--format"]),
                (["pto-tune", "export", "--format", ""], ["header", "toml", "json", "cmake"]),
                (["pto-tune", "db", "export", "--format", "t"], ["t4"]),
                (["pto-tune", "best", "--db", "so"], ["some.db"]),
                (["pto-tune", "export", "so"], ["some.db"]),
                (["pto-tune", "check", "job.toml", "--point", ""], []),
                (["pto-tune", "tune", "job.toml", "--head"], ["--header"]),
        ]:
            with self.subTest(words):
                self.assertEqual(self.bash(*words), offered)

    def test_bash_offers_every_command_that_help_lists(self):
        offered = self.bash("pto-tune", "")
        out = self.run_tool("--help").out
        listed = [line.split()[0] for line in out.splitlines()
                  if line.startswith("  ") and line[2] not in " -'"]
        for name in offered:
            self.assertIn(name, listed)
        self.assertIn("tune", offered)
        self.assertNotIn("man-page", offered)

    @unittest.skipUnless(ZSH, NO_ZSH)
    def test_zsh_reads_its_completion(self):
        script = self.write("_pto-tune", self.run_tool("completion", "zsh").out)
        done = subprocess.run(
            ["zsh", "-f", "-c", f"autoload -U compinit; compinit -D -u; . {script}; "
             "print $_comps[pto-tune]; which _pto-tune-db-export >/dev/null"],
            cwd=self.directory, capture_output=True, text=True, check=False)
        self.assertEqual((done.returncode, done.stderr), (0, ""))
        self.assertEqual(done.stdout.strip(), "_pto-tune")

    @unittest.skipUnless(ZSH, NO_ZSH)
    def test_zsh_offers_commands_options_and_values(self):
        script = self.write("_pto-tune", self.run_tool("completion", "zsh").out)
        self.write("some.db", "")
        with Zsh(self, script) as zsh:
            for line, offered in [
                    ("pto-tune ex", ["export"]),
                    ("pto-tune db me", ["merge"]),
                    ("pto-tune completion ", ["bash", "zsh"]),
                    ("pto-tune export --form", ["--format"]),
                    ("pto-tune export --format ", ["cmake", "header", "json", "toml"]),
                    ("pto-tune db export --format t", ["t4"]),
                    ("pto-tune best --db so", ["some.db"]),
                    ("pto-tune export so", ["some.db"]),
                    ("pto-tune check job.toml --point ", []),
                    ("pto-tune tune job.toml --head", ["--header"]),
                    ("pto-tune --verbose db me", ["merge"]),
            ]:
                with self.subTest(line):
                    self.assertEqual(zsh.offers(line), offered)
            self.assertEqual(zsh.offers("pto-tune "), sorted(self.bash("pto-tune", "")))

    def test_another_shell_is_refused(self):
        self.assertIn("bash", self.run_tool("completion", "fish", code=2).err)

    def test_the_man_page_has_every_command(self):
        page = self.run_tool("man-page").out
        self.assertTrue(page.startswith(".TH PTO\\-TUNE 1 "))
        for command in self.bash("pto-tune", ""):
            self.assertIn(f".SS pto\\-tune {command}\n", page)
        self.assertIn(".SS pto\\-tune db export\n", page)
        self.assertIn("\\fB\\-\\-namespace\\fR \\fINAME\\fR\n", page)

    @unittest.skipUnless(shutil.which("groff"), "groff is not installed: the man page is not set")
    def test_groff_sets_the_man_page_without_a_warning(self):
        page = self.write("pto-tune.1", self.run_tool("man-page").out)
        done = subprocess.run(["groff", "-man", "-Tutf8", "-ww", "-rLL=100n", page],
                              capture_output=True, text=True, check=False)
        self.assertEqual((done.returncode, done.stderr), (0, ""))
        self.assertIn("pto-tune export --db pto-tune.db", done.stdout)
