// What the store holds is not measured again.
#include "Fakes.h"

#include <gmock/gmock.h>

#include <vector>

namespace ptotune::test {
namespace {

TEST(StoredAnswers, SecondRunPreparesAndMeasuresNothing) {
  const Job job = smallJob();
  FakeRunner runner;
  FakeStore store;
  const TuneResult first = mustTune(job, runner, store);
  runner.forget();
  const std::size_t batches = store.batches.size();
  const TuneResult second = mustTune(job, runner, store);
  EXPECT_TRUE(runner.prepared().empty());
  EXPECT_TRUE(runner.measured().empty());
  EXPECT_EQ(store.batches.size(), batches);
  EXPECT_EQ(answerText(second), answerText(first));
  for (const ProblemResult& one : second.problems)
    EXPECT_EQ(one.evaluated, 0u);
}

TEST(StoredAnswers, AnotherEnvironmentSharesNothing) {
  const Job job = smallJob();
  FakeRunner runner;
  FakeStore store;
  mustTune(job, runner, store);
  runner.forget();
  runner.version = "fake-2";
  mustTune(job, runner, store);
  EXPECT_EQ(runner.measured().size(), 2 * kDistinct);
}

TEST(StoredAnswers, AddedProblemLeavesStoredOnesAlone) {
  FakeRunner runner;
  FakeStore store;
  mustTune(smallJob({1024}), runner, store);
  runner.forget();
  const TuneResult result = mustTune(smallJob({1024, 2048}), runner, store);
  EXPECT_EQ(runner.measured().size(), kDistinct);
  for (const Candidate& candidate : runner.measured())
    EXPECT_EQ(candidate.problem.s1, 2048);
  EXPECT_EQ(result.problems[0].evaluated, 0u);
  EXPECT_EQ(result.problems[1].evaluated, kDistinct);
}

TEST(StoredAnswers, PrunedTrialIsNoAnswerWithoutTheTrialOfItsProgram) {
  const Job job = smallJob({1024});
  FakeRunner runner;
  FakeStore store;
  const TuneResult first = mustTune(job, runner, store);
  store.forget([](const Trial& trial) { return trial.status == TrialStatus::correct; });
  runner.forget();
  const TuneResult second = mustTune(job, runner, store);
  EXPECT_EQ(runner.measured().size(), kDistinct);
  EXPECT_EQ(answerText(second), answerText(first));
}

TEST(StoredAnswers, StoredRejectionIsNoAnswer) {
  const Job job = smallJob({1024});
  FakeRunner runner;
  FakeStore store;
  Trial rejected{.problem = job.problems[0], .point = Point()};
  rejected.status = TrialStatus::constraints;
  ASSERT_TRUE(store.record(runner.environment(), std::vector{rejected}).ok());
  const TuneResult result = mustTune(job, runner, store);
  EXPECT_EQ(result.problems[0].evaluated, kDistinct);
  EXPECT_TRUE(result.problems[0].seed);
}

TEST(StoredAnswers, ProgramMeasuredOutsideTheSpaceServesItsPoints) {
  FakeRunner runner;
  FakeStore store;
  Job wide = smallJob({1024});
  setDomain(wide.space, Param::localSlotNum, {4, 8});
  wide.seed.set(Param::localSlotNum, 4);
  mustTune(wide, runner, store);
  runner.forget();
  const Job job = smallJob({1024}); // the same programs, other values of LocalSlotNum
  const TuneResult result = mustTune(job, runner, store);
  EXPECT_TRUE(runner.measured().empty());
  EXPECT_EQ(result.problems[0].distinct, kDistinct);
  ASSERT_TRUE(result.problems[0].best);
  EXPECT_TRUE(job.space.contains(result.problems[0].best->point).ok());
}

} // namespace
} // namespace ptotune::test
