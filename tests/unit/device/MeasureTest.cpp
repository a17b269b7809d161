// Healthy measurements on the virtual device, and what a machine without one says.
#include "DeviceTest.h"

#include <fmt/format.h>

namespace ptotune {
namespace {

using testing::HasSubstr;
using testing::Not;

class Measure : public test::DeviceTest {};

TEST_F(Measure, AHealthyCandidateIsCorrectWithEverySample) {
  const Trial trial = measure(candidate());
  EXPECT_EQ(trial.status, TrialStatus::correct) << trial.detail;
  EXPECT_EQ(trial.detail, "");
  EXPECT_GE(trial.seconds.size(), 3U);
  EXPECT_FALSE(trial.sourceHash.empty());
  EXPECT_FALSE(trial.programHash.empty());
  EXPECT_GT(trial.prepareSeconds, 0);
  ASSERT_TRUE(trial.outputError);
  EXPECT_GT(trial.outputError->maxAbs, 0); // of fp16 against fp64
  EXPECT_LT(trial.outputError->maxAbs, 1e-3);
  EXPECT_EQ(trial.outputError->checkedRows, 128);
  EXPECT_THAT(takeCalls(), Not(HasSubstr("leak")));
}

TEST_F(Measure, TheIdentityNamesWhatBuilt) {
  const Environment environment = device().environment();
  EXPECT_EQ(environment.runner, "ascend");
  EXPECT_EQ(environment.soc, "Ascend910B2");
  EXPECT_THAT(environment.toolchain, HasSubstr("bisheng stand-in version 1.0"));
  EXPECT_THAT(environment.toolchain, HasSubstr("8.3.virtual"));
  EXPECT_EQ(environment.isaHash.size(), 32U);
  EXPECT_EQ(environment, builder().environment());
}

TEST_F(Measure, SplitKeysAndOtherFormsAndSeveralBlocks) {
  for (const char* changes : {"KV_SPLIT=2", "PIPE_MODEL=tile_offset", "TILE_S1=128,PIPE_MODEL=tile",
                              "CUBE_S0=64", "VEC_ORDER=gu_first"}) {
    const auto point = Point::parse(changes, Point());
    ASSERT_TRUE(point);
    const Trial trial = measure(candidate(256, 1024, *point));
    EXPECT_EQ(trial.status, TrialStatus::correct) << changes << ": " << trial.detail;
  }
}

TEST_F(Measure, L2IsFlushedOutsideOfWhatIsTimed) {
  Budget budget = shortBudget();
  budget.flushL2 = true;
  takeCalls();
  const Trial trial = measure(candidate(), budget);
  EXPECT_EQ(trial.status, TrialStatus::correct) << trial.detail;
  EXPECT_THAT(takeCalls(), HasSubstr("aclrtMemsetAsync"));
}

TEST_F(Measure, SamplesGoOnUntilTheIntervalIsNarrow) {
  script({{"noise", 0.05}});
  Budget budget = shortBudget();
  budget.maxRepetitions = 60;
  budget.relativeWidth = 0.04;
  const Trial trial = measure(candidate(), budget);
  ASSERT_EQ(trial.status, TrialStatus::correct) << trial.detail;
  EXPECT_GT(trial.seconds.size(), 6U);
  budget.maxRepetitions = 5;
  EXPECT_EQ(measure(candidate(), budget).seconds.size(), 5U);
}

TEST_F(Measure, ALaterShapeUsesTheKernelOfTheFirst) {
  const auto first = builder().prepare(candidate(128, 512));
  const auto second = builder().prepare(candidate(256, 1024));
  ASSERT_TRUE(first && second);
  EXPECT_EQ(*first, *second);
}

TEST_F(Measure, LimitsThatDoNotNestAreRefused) {
  Budget budget = shortBudget();
  budget.opLimit = budget.streamWait;
  const Trial trial = measure(candidate(), budget);
  EXPECT_EQ(trial.status, TrialStatus::runtime);
  EXPECT_THAT(trial.detail, HasSubstr("the limits of a measurement do not nest"));
}

TEST_F(Measure, AMachineWithoutCannSaysWhatIsMissing) {
  set("ASCEND_HOME_PATH", "/nowhere");
  const auto made =
      AscendRunner::builder(test::virtualSoc(), ascend::AscendOptions::fromEnvironment());
  ASSERT_FALSE(made);
  EXPECT_THAT(made.error().text(), HasSubstr("the compiler (bisheng) is missing; looked for "
                                             "/nowhere/bin/bisheng"));
  set("PTO_TUNE_ACL", "/nowhere/libascendcl.so");
  const auto worker = ascend::DeviceRunner::open(test::virtualSoc(),
                                                 ascend::AscendOptions::fromEnvironment(), false);
  ASSERT_FALSE(worker);
  EXPECT_THAT(worker.error().text(),
              HasSubstr("the ACL runtime (libascendcl.so) is missing; looked for "
                        "/nowhere/libascendcl.so"));
  EXPECT_THAT(worker.error().text(), Not(HasSubstr("\n")));
}

TEST_F(Measure, TheRuntimeIsLookedForInTheseFiles) {
  const ascend::AclSearch search{"", "/cann", "/a::/b"};
  EXPECT_THAT(search.candidates(),
              testing::ElementsAre("/cann/lib64/libascendcl.so", "/a/libascendcl.so",
                                   "/b/libascendcl.so", "libascendcl.so"));
  EXPECT_THAT((ascend::AclSearch{"/x.so", "/cann", "/a"}.candidates()),
              testing::ElementsAre("/x.so"));
}

TEST_F(Measure, WithoutHeadersThereIsNoBuilder) {
  set("PTO_ISA_ROOT", "/nowhere");
  const auto made =
      AscendRunner::builder(test::virtualSoc(), ascend::AscendOptions::fromEnvironment());
  ASSERT_FALSE(made);
  EXPECT_THAT(made.error().text(), HasSubstr("there is no /nowhere/include/pto/pto-inst.hpp"));
}

TEST_F(Measure, AnotherSocIsAnErrorBeforeAnythingRuns) {
  script({{"soc", "Ascend910B3"}});
  builder();
  const auto made = WorkerRunner::start(builder_, workerOptions());
  ASSERT_FALSE(made);
  EXPECT_THAT(made.error().text(),
              HasSubstr("the device is 'Ascend910B3' and the target 'Ascend910B2'"));
  EXPECT_THAT(takeCalls(), Not(HasSubstr("launch")));
}

TEST_F(Measure, OtherHeadersThanTheTreesAreRefused) {
  const auto other = test::sourceDir() + "/tests/support/device/isa/include/pto/pto-inst.hpp";
  const auto wrong = ascend::checkHeaderOrigin({"/opt/cann/include/pto/pto-inst.hpp", other},
                                               test::sourceDir() + "/tests/support/device/isa");
  ASSERT_FALSE(wrong);
  EXPECT_THAT(wrong.error().text(),
              HasSubstr("the compiler included /opt/cann/include/pto/pto-inst.hpp instead"));
  EXPECT_TRUE(ascend::checkHeaderOrigin({other}, test::sourceDir() + "/tests/support/device/isa"));
}

} // namespace
} // namespace ptotune
