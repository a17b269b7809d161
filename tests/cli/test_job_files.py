"""The job and the space of docs/job-files.md, as they stand there, in a folder of the user's."""

import re

import support


class JobFiles(support.Case):
    def setUp(self):
        super().setUp()
        with open(support.repository("docs", "job-files.md"), encoding="utf-8") as file:
            for name, content in re.findall(r"```toml (\S+)\n(.*?)```", file.read(), re.S):
                self.write(name, content)

    def test_the_documented_job_is_tuned(self):
        out = support.squeezed(self.run_tool("tune", "my_job.toml").out)
        self.assertIn("my_job on Ascend910B2, runner sim, space my_space; f16\n", out)
        self.assertIn("\nseed: TILE_S1=512,QK_PRELOAD=3,SlotNum=6\n", out)
        for shape in ("1024 1024 128 no", "4096 4096 128 no", "512 8192 64 yes"):
            self.assertRegex(out, rf"(?m)^{shape} 108 \d+ ")

    def test_the_documented_constraints_narrow(self):
        out = self.run_tool("space", "my_job.toml", "--why").out
        for constraint in ("constraints[1]", "constraints[2]"):
            self.assertIn(f"rejected by {constraint} ", out)

    def test_installed_files_go_by_their_names(self):
        self.write("job.toml", """\
name = "named"
soc = "ascend910b4"
space = "fa"
[[problems]]
head = 128
dtype = "f16"
s0_s1 = [1024]
""")
        out = self.run_tool("check", "job.toml", "--format", "json").out
        self.assertIn('"soc": "Ascend910B4"', out)
