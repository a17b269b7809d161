"""pto-tune lower: C++ for pto-isa, IR, and the simulator's program."""

import os
import re

import support

FA = support.repository("configs", "jobs", "fa_910b2.toml")


class Lower(support.Case):
    def lower(self, *arguments):
        done = self.run_tool("lower", FA, *arguments)
        self.assertEqual(done.err, "")
        return done.out

    def kernels(self, cpp):
        """The bodies of the cube and the vector kernel."""
        parts = re.split(r"(?m)^(?=AICORE void (?:cube|vector)_kernel\()", cpp)
        self.assertEqual(len(parts), 3, "a cube kernel and a vector kernel")
        return parts[1], parts[2]

    def test_pipes_of_the_default_point(self):
        cpp = self.lower("--emit", "cpp")
        self.assertEqual(cpp, self.lower(), "C++ is the default")
        # TPipe<FlagID, Direction, SlotSize, SlotNum, LocalSlotNum, IsNoSplit, EN_UNIT_FLAG>; slot
        # sizes are CUBE_S0 x TILE_S1 f32, the same in f16, CUBE_S0 x head f32.
        expected = [("QKPipe", "0", "C2V", 128 * 256 * 4, "8", "2"),
                    ("PPipe", "2", "V2C", 128 * 256 * 2, "8", "2"),
                    ("PVPipe", "4", "C2V", 128 * 128 * 4, "8", "2")]
        for kernel in self.kernels(cpp):
            pipes = re.findall(r"using (\w+) = TPipe<(\d+), Direction::DIR_(\w+), (\d+), (\d+), "
                               r"(\d+), ", kernel)
            self.assertEqual([(name, flag, way, int(size), slots, local)
                              for name, flag, way, size, slots, local in pipes], expected)

    def test_depths_of_another_point(self):
        cpp = self.lower("--point", "SlotNum=12,LocalSlotNum=4")
        self.assertEqual(set(re.findall(r"TPipe<\d+, Direction::\w+, \d+, (\d+), (\d+), ", cpp)),
                         {("12", "4")})

    def test_one_commit_per_slot_behind_all_its_stores(self):
        for factor, point in [(1, "TILE_S1=128"), (2, "TILE_S1=256"), (4, "TILE_S1=512")]:
            with self.subTest(point):
                cube, vector = self.kernels(self.lower("--point", point))
                for kernel, pipe, stored in [(cube, "qk_pipe", "qk_cols"), (vector, "p_pipe", "p_")]:
                    slots = re.findall(rf"(?s)TALLOC<\w+, \w+, [\w:]+>\({pipe}, .*?"
                                       rf"TPUSH<\w+, \w+, [\w:]+>\({pipe}, ", kernel)
                    self.assertGreater(len(slots), 0)
                    self.assertEqual(len(slots), len(re.findall(rf"TPUSH<[^>]+>\({pipe}, ", kernel)))
                    for slot in slots:
                        self.assertEqual(len(re.findall(rf"TSTORE[^(]*\({stored}", slot)), factor,
                                         slot)

    def test_names_that_a_person_reads(self):
        cpp = self.lower()
        for name in ["q_l1", "k_l1", "p_l1", "v_l1", "qk_acc", "pv_acc", "qk_pipe", "p_pipe",
                     "pv_pipe", "tiles", "block"]:
            self.assertRegex(cpp, rf"\b{name}\b")
        self.assertNotRegex(cpp, r"\bv\d+\b", "no numbered values")
        self.assertRegex(cpp, r"//.*\bsteady\b")

    def test_unit_flag_shows_as_phases(self):
        self.assertIn("AccPhase::Final", self.lower())
        self.assertNotIn("Phase::", self.lower("--point", "EN_UNIT_FLAG=0"))

    def test_ir(self):
        text = self.lower("--emit", "ir")
        self.assertRegex(text, r"(?m)^module\b")
        for operation in ("pto.talloc", "pto.tpush", "pto.tpop", "pto.tfree", "pto.tmatmul"):
            self.assertTrue(operation in text, operation)

    def test_program(self):
        text = self.lower("--emit", "program")
        for part in ("q_l1", "exp_max", "TMATMUL", "tpush qk", "PIPE_MTE2"):
            self.assertTrue(part in text, part)

    def test_same_text_every_time(self):
        for form in ("cpp", "ir", "pto", "program"):
            self.assertEqual(self.lower("--emit", form), self.lower("--emit", form))

    def test_points_without_a_kernel(self):
        cases = [("CUBE_S1=256", "capacity.l0c: L0C needs 262144 B of 131072 B"),
                 ("TILE_S1=32", "shape.tile: "),
                 ("TILE_S1=2048", "shape.row_slice: a row slice, ")]
        for point, message in cases:
            with self.subTest(point):
                done = self.run_tool("lower", FA, "--point", point, code=1)
                self.assertEqual(done.out, "")
                self.assertRegex(done.err, rf"^pto-tune: error: the point has no kernel: "
                                           rf"{re.escape(message)}[^\n]*; 'pto-tune check' tells "
                                           rf"more\n$")

    def test_points_that_hang_can_be_looked_at(self):
        self.run_tool("check", FA, "--point", "QK_PRELOAD=8,SlotNum=2", code=1)
        self.assertIn("QKPipe", self.lower("--point", "QK_PRELOAD=8,SlotNum=2"))

    def test_text_for_the_upstream_assembler(self):
        text = self.lower("--emit", "pto")
        self.assertEqual(text, self.lower("--emit", "pto", "--ptoas", "v0.60"))
        self.assertIn("pto.set_ffts %ffts : !pto.ptr<i64, gm>", text)
        self.assertIn("pto.set_ffts %ffts : memref<256xi64>",
                      self.lower("--emit", "pto", "--ptoas", "v0.49"))
        self.assertIn("local_slot_num = 2, unit_flag = true}",
                      self.lower("--emit", "pto", "--ptoas", "none"))


class Compiler(support.Case):
    """--compiler: an assembler that is installed, here scripts that behave like one."""

    def compiler(self, body):
        path = self.write("ptoas", f"#!/bin/sh\n"
                                   f"[ \"$1\" = --version ] && echo 'ptoas 0.60' && exit 0\n{body}\n")
        os.chmod(path, 0o755)
        return path

    def test_prints_what_the_compiler_writes(self):
        path = self.compiler('for last; do :; done; grep -c tmatmul "$3" > count\n'
                             'echo "// by it" > "$last"; echo "$1 $2 $4" > flags')
        done = self.run_tool("lower", FA, "--compiler", path)
        self.assertRegex(done.out, r"^// compiler: ptoas 0.60\n// text for: ptoas v0.60\n"
                                   r"// identity: [0-9a-f]{32}\n// by it\n$")
        with open(self.path("flags"), encoding="utf-8") as file:
            self.assertEqual(file.read(), "--pto-arch=a3 --enable-insert-sync -o\n")
        with open(self.path("count"), encoding="utf-8") as file:
            self.assertGreater(int(file.read()), 0, "it was given the kernel")

    def test_version_is_part_of_the_identity(self):
        def identity(version):
            body = 'for last; do :; done; echo "// same" > "$last"'
            path = self.compiler(body)
            with open(path, encoding="utf-8") as file:
                script = file.read().replace("0.60", version)
            self.write("ptoas", script)
            return re.search(r"identity: (\w+)",
                             self.run_tool("lower", FA, "--compiler", path).out).group(1)

        self.assertEqual(identity("0.60"), identity("0.60"))
        self.assertNotEqual(identity("0.60"), identity("0.61"))

    def test_no_such_program(self):
        done = self.run_tool("lower", FA, "--compiler", self.path("nothing"), code=2)
        self.assertEqual(self.named(done.err),
                         "pto-tune: error: no such program [compiler = $TMP/nothing]; expected the "
                         "path of an executable ptoas\n")

    def test_refusal_shows_what_the_compiler_said(self):
        path = self.compiler("echo 'k.pto:3: error: no such op' >&2; exit 7")
        done = self.run_tool("lower", FA, "--compiler", path, code=2)
        self.assertEqual(done.out, "")
        self.assertIn("the compiler refused the text (exit 7):\n  k.pto:3: error: no such op",
                      done.err)

    def test_compiler_that_writes_nothing(self):
        done = self.run_tool("lower", FA, "--compiler", self.compiler("exit 0"), code=2)
        self.assertIn("the compiler wrote no C++", done.err)

    def test_compiler_without_a_version(self):
        path = self.write("mute", "#!/bin/sh\necho broken >&2; exit 1\n")
        os.chmod(path, 0o755)
        done = self.run_tool("lower", FA, "--compiler", path, code=2)
        self.assertIn("the compiler does not tell its version (exit 1): broken", done.err)

    def test_options_that_exclude_each_other(self):
        for arguments, message in [
                (("--emit", "ir"), "--compiler prints C++ and no other form [--emit = ir]"),
                (("--ptoas", "none"), "text that no installed assembler reads [--ptoas = none]")]:
            with self.subTest(arguments):
                done = self.run_tool("lower", FA, "--compiler", "ptoas", *arguments, code=2)
                self.assertIn(message, done.err)
