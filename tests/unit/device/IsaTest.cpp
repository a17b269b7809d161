// Emitted kernels on pto-isa's CPU simulation. Needs the feature pto-isa
// (tests/support/ExternalTool.h).
#include "runners/isa/CorePrefix.h"
#include "runners/isa/IsaProgram.h"
#include "tests/support/ExternalTool.h"
#include "tests/support/LongMode.h"
#include "tests/support/Paths.h"
#include "tests/support/TempFile.h"

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <chrono>
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

TEST(IsaProgram, ADeadlockEndsAtOnceWithWhatTheCoresWaitFor) {
  const std::string root = test::ptoIsaRoot();
  if (root.empty())
    GTEST_SKIP() << "feature pto-isa is missing: set PTO_ISA_ROOT to a pto-isa checkout";
  const auto soc = loadSoc(test::config("soc/ascend910b2.toml"));
  ASSERT_TRUE(soc);
  const auto program = IsaProgram::make(optionsOf(root));
  ASSERT_TRUE(program) << program.error().text();
  Problem problem;
  problem.s0 = 128;
  problem.s1 = 1024;
  auto kernel = lower(KernelSpec::of(problem), Point(), *soc, Emit::program | Emit::cpp);
  ASSERT_TRUE(kernel) << kernel.error().text();
  // A tile that is not handed over is waited for.
  const std::size_t first = kernel->cpp.find("TPUSH<");
  ASSERT_NE(first, std::string::npos);
  kernel->cpp.erase(first, kernel->cpp.find(";\n", first) - first);
  const auto begin = std::chrono::steady_clock::now();
  const auto answer = (*program)->run(*kernel, Point(), sim::AttentionCase(problem, 7));
  ASSERT_FALSE(answer);
  EXPECT_THAT(answer.error().text(), HasSubstr("deadlock: "));
  EXPECT_THAT(answer.error().text(), HasSubstr("waits for cross-core flag "));
  // The compiler takes some of it; waiting for a limit would take more than all.
  EXPECT_LT(std::chrono::steady_clock::now() - begin, std::chrono::seconds(120));
}

// The flags alone, which need no tree: every core waits, or has ended.
TEST(IsaProgram, FlagsTellADeadlockFromAWait) {
  const test::TempDir folder;
  folder.write("flags.h", kFlags);
  folder.write("main.cpp", R"CPP(#include "flags.h"
#include <thread>
int main(int argc, char**) {
  CrossCoreFlags flags;
  const bool signals = argc > 1;
  std::thread cube([&] { if (signals) flags.signal(3, -1); flags.wait(5, -1); flags.finish(-1); });
  std::thread vector0([&] { flags.wait(3, 0); flags.signal(5, 0); flags.finish(0); });
  std::thread vector1([&] { if (signals) flags.signal(5, 1); flags.finish(1); });
  cube.join(); vector0.join(); vector1.join();
}
)CPP");
  const std::string program = folder.path("flags");
  const test::Ran built =
      test::shell(fmt::format("'{}' -std=c++20 -pthread '{}' -o '{}'", PTO_TUNE_CXX_COMPILER,
                              folder.path("main.cpp"), program));
  ASSERT_EQ(built.code, 0) << built.text;
  const test::Ran stuck = test::shell("'" + program + "'");
  EXPECT_EQ(stuck.code, 5);
  EXPECT_EQ(stuck.text, "deadlock: the cube core waits for cross-core flag 5, vector core 0 waits "
                        "for cross-core flag 3, vector core 1 has ended\n");
  const test::Ran good = test::shell("'" + program + "' signals");
  EXPECT_EQ(good.code, 0) << good.text;
}

TEST(IsaProgram, TheLimitFollowsFromTheProblem) {
  Problem problem;
  problem.s0 = 128;
  problem.s1 = 2048;
  EXPECT_EQ(defaultRunLimit(problem), std::chrono::seconds(10));
  problem.s1 = 131072;
  EXPECT_EQ(defaultRunLimit(problem).count(),
            static_cast<std::int64_t>(expectedRunTime(problem).count() * 4000));
  EXPECT_GT(defaultRunLimit(problem), std::chrono::seconds(120));
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
