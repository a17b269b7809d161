import lit.formats

config.name = "pto-tune"
config.test_format = lit.formats.ShTest(True)
config.suffixes = [".mlir", ".test"]
config.excludes = ["CMakeLists.txt", "lit.cfg.py"]
config.test_source_root = config.pto_tune_source_dir + "/tests/lit"
config.test_exec_root = config.pto_tune_binary_dir + "/tests/lit/Output"

config.substitutions.append(("pto-opt", config.pto_tune_binary_dir + "/bin/pto-opt"))
config.substitutions.append(("FileCheck", config.filecheck))
