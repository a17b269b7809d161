// Emitted kernels on pto-isa's CPU simulation. Needs the feature pto-isa
// (tests/support/ExternalTool.h).
#include "runners/isa/IsaProgram.h"
#include "tests/support/ExternalTool.h"
#include "tests/support/LongMode.h"
#include "tests/support/Paths.h"
#include "tests/support/TempFile.h"

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>

namespace ptotune::isa {
namespace {

using testing::HasSubstr;

IsaOptions optionsOf(const std::string& root) {
  IsaOptions options;
  options.root = root;
  options.compiler = PTO_TUNE_CXX_COMPILER;
  return options;
}

TEST(IsaProgram, SlotKernelsComputeAttention) {
  const std::string root = test::ptoIsaRoot();
  if (root.empty())
    GTEST_SKIP() << "feature pto-isa is missing: set PTO_ISA_ROOT to a pto-isa checkout";
  const auto soc = loadSoc(test::config("soc/ascend910b2.toml"));
  ASSERT_TRUE(soc);
  const auto program = IsaProgram::make(optionsOf(root));
  ASSERT_TRUE(program) << program.error().text();
  std::vector<std::string> changes = {"QK_PRELOAD=2,SlotNum=4"};
  if (test::longMode())
    changes.insert(changes.end(), {"KV_SPLIT=2", "VEC_ORDER=gu_first", "CUBE_S0=64,SlotNum=6",
                                   "TILE_S1=128,QK_PRELOAD=1,SlotNum=3", "EN_UNIT_FLAG=0"});
  for (const std::string& change : changes) {
    const auto point = Point::parse(change, Point());
    ASSERT_TRUE(point);
    Problem problem;
    problem.head = 128;
    problem.s0 = 2 * point->cubeS0();
    problem.s1 = 6 * point->tileS1();
    const sim::AttentionCase attention(problem, 7);
    const auto kernel = lower(KernelSpec::of(problem), *point, *soc, Emit::program | Emit::cpp);
    ASSERT_TRUE(kernel) << kernel.error().text();
    const auto answer = (*program)->run(*kernel, *point, attention);
    ASSERT_TRUE(answer) << change << ": " << answer.error().text();
    const sim::Agreement agreement = sim::compare(answer->out, attention.reference, 1e-3);
    EXPECT_TRUE(agreement.right()) << change << ": " << agreement.text();
  }
}

TEST(IsaProgram, ATreeThatIsNoneIsRefused) {
  for (const char* root : {"", "/nowhere"}) {
    const auto program = IsaProgram::make(optionsOf(root));
    ASSERT_FALSE(program);
    EXPECT_THAT(program.error().text(), HasSubstr("PTO_ISA_ROOT"));
  }
}

TEST(IsaProgram, WhatATreeLacksIsSaidWithACommitThatHasIt) {
  const test::TempDir folder;
  std::filesystem::create_directories(folder.path("include/pto"));
  folder.write("include/pto/pto-inst.hpp",
               "#pragma once\nnamespace pto { enum Direction { DIR_C2V = 1 }; "
               "enum class TileSplitAxis { TILE_UP_DOWN }; }\n#define __gm__\n#define AICORE\n");
  const auto program = IsaProgram::make(optionsOf(folder.path("")));
  ASSERT_FALSE(program);
  EXPECT_THAT(program.error().text(), HasSubstr("does not compile FIFOs of GlobalTensor"));
  EXPECT_THAT(program.error().text(), HasSubstr("pto-isa f35e7f60 is a commit that has"));
}

} // namespace
} // namespace ptotune::isa
