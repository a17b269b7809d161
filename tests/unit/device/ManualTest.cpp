// Upstream's manual kernel as a baseline: what is said around it, and the stand-in for it on the
// virtual device.
#include "DeviceTest.h"
#include "runners/ascend/CompileCommand.h"
#include "runners/manual/ManualKernel.h"
#include "runners/manual/ManualKernels.h"
#include "runners/worker/Command.h"

#include <fmt/format.h>

namespace ptotune::manual {
namespace {

using testing::AllOf;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::Not;

Problem problemOf(std::int64_t s0, std::int64_t s1, bool causal = false) {
  Problem problem;
  problem.s0 = s0;
  problem.s1 = s1;
  problem.causal = causal;
  return problem;
}

Point pointOf(const char* changes) {
  return *Point::parse(changes, Point());
}

// Upstream's flags at f35e7f60 (CMakeLists.txt of the kernel's folder), and where headers are
// looked for.
TEST(ManualKernel, IsCompiledAsUpstreamCompilesIt) {
  const auto commands = ascend::manualCommands(test::virtualSoc(), {.compiler = "/cann/bin/bisheng",
                                                                    .isaRoot = "/isa",
                                                                    .source = "launch.cpp",
                                                                    .library = "k.so",
                                                                    .includes = {"/a", "/b"}});
  ASSERT_TRUE(commands);
  EXPECT_EQ(commandLine(commands->compile),
            "/cann/bin/bisheng -fPIC -c -O2 -std=c++17 -xcce -Xhost-start -Xhost-end "
            "--cce-pto-enable --cce-aicore-arch=dav-c220 "
            "-mllvm -cce-aicore-stack-size=0x8000 -mllvm -cce-aicore-function-stack-size=0x8000 "
            "-mllvm -cce-aicore-record-overflow=true -mllvm -cce-aicore-addr-transform "
            "-mllvm -cce-aicore-dcci-insert-for-scalar=false "
            "-Wno-macro-redefined -Wno-ignored-attributes -H -I/isa/include -I/a -I/b -o k.so.o "
            "launch.cpp");
  EXPECT_EQ(commandLine(commands->link),
            "/cann/bin/bisheng -fPIC -shared --cce-fatobj-link -o k.so k.so.o");
  SocProfile other = test::virtualSoc();
  other.architecture = "a5";
  EXPECT_FALSE(ascend::manualCommands(other, {}));
}

TEST(ManualKernel, ItsHeaderHoldsOneCase) {
  const std::string header = casesHeader(problemOf(512, 4096, true),
                                         pointOf("TILE_S1=512,QK_PRELOAD=2"), test::virtualSoc());
  EXPECT_THAT(header, HasSubstr("MACRO(512, 128, 4096, 128, 128, 512, 2, true)"));
  std::size_t cases = 0;
  for (std::size_t at = header.find("MACRO("); at != std::string::npos;
       at = header.find("MACRO(", at + 1))
    cases += std::isdigit(static_cast<unsigned char>(header[at + 6])) != 0 ? 1 : 0;
  EXPECT_EQ(cases, 1U);
}

TEST(ManualKernel, HasABlockAndRingsForEveryBlockOfQueries) {
  const Problem problem = problemOf(4096, 2048);
  const ascend::LaunchPlan plan = launchPlan(problem, Point());
  // 32 blocks of 128 rows on 24 cores: the device hands them out.
  EXPECT_THAT(ascend::blocksOf(plan, problem, 24), ElementsAre(32));
  const auto bytes = ascend::bytesOf(plan, problem, 24);
  ASSERT_TRUE(bytes) << bytes.error().text();
  // What main.cpp of the kernel's folder allocates: 8 slots of 128 x 256 scores in fp32 and fp16,
  // of 128 x 128 products and of 128 factors for each block, and 512 bytes to agree on a ring.
  EXPECT_THAT(plan.arguments, ElementsAre("q", "k", "v", "out", "qk_fifo", "p_fifo", "pv_fifo",
                                          "checks", "cv_comm"));
  EXPECT_THAT(*bytes, ElementsAre(4096 * 256, 2048 * 256, 2048 * 256, 4096 * 512, 32 << 20,
                                  16 << 20, 16 << 20, 32 * 4096, 32 * 512));
  const auto again = ascend::LaunchPlan::fromJson(plan.json());
  ASSERT_TRUE(again);
  EXPECT_EQ(again->json(), plan.json());
  EXPECT_THAT(ascend::blocksOf(*again, problem, 24), ElementsAre(32));
}

TEST(ManualKernel, ObjectsToWhatItCannotExpress) {
  struct Case {
    Problem problem;
    const char* point;
    const char* text;
  };
  const Case cases[] = {{problemOf(512, 2048), "TILE_S1=512,QK_PRELOAD=2", ""},
                        {problemOf(512, 2048, true), "TILE_S1=256", ""},
                        {problemOf(512, 2048), "SlotNum=4", "its FIFO depth is 8"},
                        {problemOf(512, 2048), "EN_UNIT_FLAG=0", "its unit flag is on"},
                        {problemOf(512, 2048), "CUBE_S1=64", "its generator writes CUBE_S1 = 128"},
                        {problemOf(512, 256), "TILE_S1=256", "it needs two tiles"},
                        {problemOf(2048, 512, true), "TILE_S1=256",
                         "of a causal problem it reads as many keys as there are queries"}};
  for (const Case& one : cases)
    EXPECT_EQ(objection(one.problem, pointOf(one.point), test::virtualSoc()), one.text)
        << one.problem.text() << " " << one.point;
}

TEST(ManualKernel, ATreeWithoutItIsRefusedWithWhereWasLooked) {
  const auto nowhere = checkTree("");
  ASSERT_FALSE(nowhere);
  EXPECT_THAT(
      nowhere.error().text(),
      AllOf(HasSubstr("neither PTO_ISA_ROOT nor PTO_LIB_PATH is set"), Not(HasSubstr("\n"))));
  const auto empty = checkTree("/tree");
  ASSERT_FALSE(empty);
  EXPECT_THAT(empty.error().text(),
              AllOf(HasSubstr("there is no "
                              "/tree/kernels/manual/common/flash_atten/fa_performance_kernel.cpp"),
                    HasSubstr("f35e7f60 is a commit that has it")));
}

class ManualKernelOnDevice : public test::DeviceTest {
protected:
  ManualKernels& kernels() {
    if (!kernels_) {
      auto made = ManualKernels::make(test::virtualSoc(), ascend::AscendOptions::fromEnvironment());
      if (!made)
        throw std::runtime_error(made.error().text());
      kernels_ = *std::move(made);
    }
    return *kernels_;
  }
  Trial measureManual(const Candidate& one) {
    const auto artifact = kernels().build(one.problem, one.point);
    if (artifact)
      return device().measure(one, **artifact, shortBudget());
    Trial trial;
    trial.status = TrialStatus::compile;
    trial.detail = artifact.error().text();
    return trial;
  }
  void TearDown() override {
    kernels_.reset();
    DeviceTest::TearDown();
  }

  std::unique_ptr<ManualKernels> kernels_;
};

TEST_F(ManualKernelOnDevice, IsMeasuredAndChecked) {
  const Candidate small = candidate(256, 1024, pointOf("TILE_S1=512,QK_PRELOAD=2"));
  const Trial trial = measureManual(small);
  ASSERT_EQ(trial.status, TrialStatus::correct) << trial.detail;
  EXPECT_GE(trial.seconds.size(), 3U);
  ASSERT_TRUE(trial.outputError);
  EXPECT_LT(trial.outputError->maxAbs, 1e-3);
  const std::string identity = kernels().identity();
  EXPECT_THAT(identity, HasSubstr("kernels/manual/common/flash_atten of "));
  const Trial causal = [&] {
    Candidate one = candidate(128, 512);
    one.problem.causal = true;
    return measureManual(one);
  }();
  EXPECT_EQ(causal.status, TrialStatus::correct) << causal.detail;
  EXPECT_NE(causal.sourceHash, trial.sourceHash);
  EXPECT_EQ(kernels().identity(), identity);
}

TEST_F(ManualKernelOnDevice, AWrongAnswerIsNoTime) {
  script({{"kernels", {{{"effect", "wrong"}}}}});
  const Trial trial = measureManual(candidate());
  EXPECT_EQ(trial.status, TrialStatus::correctness);
  EXPECT_THAT(trial.detail, HasSubstr("worst at row"));
}

TEST_F(ManualKernelOnDevice, WhatDoesNotCompileIsSaidByTheCompiler) {
  script({{"compiler", {{{"effect", "error"}}}}});
  const Trial trial = measureManual(candidate());
  EXPECT_EQ(trial.status, TrialStatus::compile);
  EXPECT_THAT(trial.detail, AllOf(HasSubstr("--cce-pto-enable"), HasSubstr("TMATMUL_V2")));
  const auto objected =
      kernels().build(candidate(128, 512, pointOf("KV_SPLIT=2")).problem, pointOf("KV_SPLIT=2"));
  ASSERT_FALSE(objected);
  EXPECT_THAT(objected.error().text(), HasSubstr("it does not split the keys"));
}

// A build of upstream's own leaves such a file where the compiler looks first.
TEST_F(ManualKernelOnDevice, CasesThatAreNotOursAreRefused) {
  const test::TempDir tree;
  std::filesystem::copy(test::sourceDir() + "/tests/support/device/isa", tree.path(""),
                        std::filesystem::copy_options::recursive |
                            std::filesystem::copy_options::overwrite_existing);
  tree.write(std::string(kFolder) + "/" + kCasesHeader,
             casesHeader(candidate().problem, candidate().point, test::virtualSoc()));
  set("PTO_ISA_ROOT", tree.path(""));
  const Trial trial = measureManual(candidate());
  EXPECT_EQ(trial.status, TrialStatus::compile);
  EXPECT_THAT(trial.detail, AllOf(HasSubstr("the compiler included "),
                                  HasSubstr("generated_cases.h"), HasSubstr("remove or rename")));
}

} // namespace
} // namespace ptotune::manual
