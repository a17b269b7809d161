#include "Fakes.h"
#include "space/Rules.h"
#include "tuner/PointText.h"
#include "tuner/Prove.h"
#include "tuner/WorkList.h"

#include <gmock/gmock.h>

#include <algorithm>
#include <atomic>
#include <set>

namespace ptotune::test {
namespace {

using ::testing::ElementsAre;
using ::testing::Pair;

TEST(Tuner, LegalAsExpected) {
  const Job job = smallJob();
  for (const Problem& problem : job.problems) {
    const Enumeration all = enumerate(problem, job.soc, job.space, [](const Point&) {});
    EXPECT_EQ(all.raw, kLegal);
    EXPECT_EQ(all.legal, kLegal) << problem.text();
  }
}

// Every point was answered, so that none is faster than the best; of a device, or of a search that
// did not end, nothing is proven.
TEST(Tuner, ACompleteSearchInExactTimesIsAProof) {
  const Job job = smallJob({1024});
  FakeRunner runner;
  runner.runner = kSimRunner;
  FakeStore store;
  ProvenResult result{.tune = mustTune(job, runner, store), .proofs = {}};
  const auto proof = proofOf(job, result, 0);
  ASSERT_TRUE(proof);
  EXPECT_EQ(proof->bound, *result.tune.problems[0].best->time());
  EXPECT_EQ(proof->points, kLegal);
  EXPECT_EQ(proof->space, contentId(job.space));
  EXPECT_EQ(proof->spaceName, job.space.name);

  ProvenResult broken = result;
  broken.tune.problems[0].complete = false;
  EXPECT_FALSE(proofOf(job, broken, 0));
  ProvenResult measured = result;
  measured.tune.environment.runner = "ascend";
  EXPECT_FALSE(proofOf(job, measured, 0));
  // A search that proves a bound is asked first; without one it says 0.
  result.proofs = {search::Proof{.bound = 1e-9}};
  EXPECT_EQ(proofOf(job, result, 0)->bound, 1e-9);
  result.proofs = {search::Proof{}};
  EXPECT_FALSE(proofOf(job, result, 0));
}

TEST(Tuner, MeasuresAndStoresTheSeedBeforeAnythingElse) {
  const Job job = smallJob();
  FakeRunner runner;
  FakeStore store;
  mustTune(job, runner, store, {.jobs = 2, .batch = 5});
  ASSERT_GE(store.batches.size(), 2u);
  ASSERT_EQ(store.batches.front().size(), job.problems.size());
  for (std::size_t index = 0; index < job.problems.size(); ++index) {
    EXPECT_EQ(store.batches.front()[index].point, Point());
    EXPECT_EQ(store.batches.front()[index].problem, job.problems[index]);
    EXPECT_EQ(store.batches.front()[index].status, TrialStatus::correct);
  }
  EXPECT_EQ(runner.prepared().front().point, Point());
}

TEST(Tuner, MeasuresEqualProgramsOnceAndPreparesEachPointOnceForAllProblems) {
  const Job job = smallJob();
  FakeRunner runner;
  FakeStore store;
  const TuneResult result = mustTune(job, runner, store);
  EXPECT_EQ(runner.prepared().size(), kLegal);
  EXPECT_EQ(runner.measured().size(), 2 * kDistinct);
  EXPECT_THAT(store.statuses(), ElementsAre(Pair(TrialStatus::correct, 2 * kDistinct),
                                            Pair(TrialStatus::pruned, 2 * (kLegal - kDistinct))));
  for (const ProblemResult& one : result.problems) {
    EXPECT_EQ(one.distinct, kDistinct);
    EXPECT_EQ(one.evaluated, kDistinct);
    EXPECT_TRUE(one.complete);
    EXPECT_TRUE(one.failures.empty());
  }
}

TEST(Tuner, PrunedTrialsNameTheMeasuredPointAndCarryItsProgram) {
  const Job job = smallJob({1024});
  FakeRunner runner;
  FakeStore store;
  mustTune(job, runner, store);
  std::map<Hash, Point> measured;
  for (const Trial& trial : store.trials())
    if (trial.status == TrialStatus::correct)
      EXPECT_TRUE(measured.emplace(trial.programHash, trial.point).second);
  for (const Trial& trial : store.trials()) {
    if (trial.status != TrialStatus::pruned)
      continue;
    ASSERT_TRUE(measured.contains(trial.programHash));
    EXPECT_EQ(trial.detail, "same program as " + shortText(measured[trial.programHash]));
    EXPECT_TRUE(trial.seconds.empty());
    EXPECT_FALSE(trial.sourceHash.empty());
  }
}

TEST(Tuner, FindsTheFastestPointAndComparesWithTheSeed) {
  const Job job = smallJob({1024});
  FakeRunner runner;
  FakeStore store;
  const TuneResult result = mustTune(job, runner, store);
  const ProblemResult& one = result.problems.front();
  // The fake's time falls with TILE_S1 and QK_PRELOAD and rises with SlotNum and without unit flag.
  ASSERT_TRUE(one.best);
  EXPECT_EQ(one.best->point, *Point::parse("SlotNum=6", Point()));
  ASSERT_TRUE(one.seed);
  EXPECT_EQ(one.seed->point, Point());
  EXPECT_GT(*one.seed->time(), *one.best->time());
  EXPECT_EQ(one.ties, 0u);
  ASSERT_TRUE(one.defaultPoint);
  EXPECT_EQ(*one.defaultPoint->time(), *one.seed->time());
  // Upstream's manual kernel has a FIFO depth of 8, which the best point has not.
  ASSERT_TRUE(one.manual);
  EXPECT_EQ(one.manual->point, Point());
}

TEST(Tuner, SeedWinsATie) {
  const Job job = smallJob();
  FakeRunner runner;
  runner.seconds = [](const Candidate&) { return 1e-6; };
  FakeStore store;
  const TuneResult result = mustTune(job, runner, store);
  for (const ProblemResult& one : result.problems) {
    ASSERT_TRUE(one.best);
    EXPECT_EQ(one.best->point, Point());
    EXPECT_EQ(one.ties, kDistinct - 1);
  }
}

TEST(Tuner, TooLargeSpacesAreRefused) {
  Space space = smallJob().space;
  EXPECT_TRUE(exhaustible(space).ok());
  std::vector<std::int64_t> many(kMostPoints / 24 + 1, 1); // the others make 24 points
  setDomain(space, Param::tileS1, many);
  ASSERT_FALSE(exhaustible(space).ok());
  many.pop_back();
  setDomain(space, Param::tileS1, many);
  EXPECT_TRUE(exhaustible(space).ok());
}

TEST(Tuner, FailuresAreTrialsAndNotErrors) {
  const Job job = smallJob({1024});
  FakeRunner runner;
  runner.builds = [](const Point& point) { return point.qkPreload() != 3; };
  runner.status = [](const Candidate& candidate) {
    return candidate.point.tileS1() == 128 ? TrialStatus::hang : TrialStatus::correct;
  };
  FakeStore store;
  const TuneResult result = mustTune(job, runner, store);
  // A third of the 48 points does not build; of the other 32, half hang, and of each pair that
  // differs in LocalSlotNum one is measured.
  EXPECT_THAT(store.statuses(),
              ElementsAre(Pair(TrialStatus::correct, 8), Pair(TrialStatus::compile, 16),
                          Pair(TrialStatus::hang, 8), Pair(TrialStatus::pruned, 16)));
  const ProblemResult& one = result.problems.front();
  EXPECT_THAT(one.failures,
              ElementsAre(Pair(TrialStatus::compile, 16), Pair(TrialStatus::hang, 8)));
  EXPECT_TRUE(one.complete);
  ASSERT_TRUE(one.firstFailure);
  ASSERT_TRUE(one.best);
  EXPECT_EQ(one.best->point.tileS1(), 256);
  for (const Trial& trial : store.trials())
    if (trial.status == TrialStatus::compile)
      EXPECT_EQ(trial.detail, "cannot be built");

  runner.forget();
  const TuneResult again = mustTune(job, runner, store);
  EXPECT_TRUE(runner.prepared().empty());
  EXPECT_EQ(again.problems.front().failures, one.failures);
  EXPECT_EQ(again.problems.front().firstFailure->point, one.firstFailure->point);
}

TEST(Tuner, ProblemWithoutAnyTimeHasNoBest) {
  FakeRunner runner;
  runner.status = [](const Candidate&) { return TrialStatus::timeout; };
  FakeStore store;
  const TuneResult result = mustTune(smallJob({1024}), runner, store);
  EXPECT_FALSE(result.problems.front().best);
  EXPECT_FALSE(result.problems.front().seed);
  EXPECT_THAT(result.problems.front().failures, ElementsAre(Pair(TrialStatus::timeout, kDistinct)));
}

TEST(Tuner, StopFinishesWhatRunsAndTheNextRunDoesTheRest) {
  const Job job = smallJob();
  FakeRunner whole;
  FakeStore wholeStore;
  const std::string expected = answerText(mustTune(job, whole, wholeStore));

  for (const int stopAfter : {1, 2, 7, 30}) {
    FakeRunner runner;
    FakeStore store;
    TuneProgress progress;
    std::atomic<int> count = 0;
    runner.onMeasure = [&](const Candidate&) {
      if (++count == stopAfter)
        progress.stop = true;
    };
    const auto stopped = tune(job, runner, store, {.jobs = 2, .batch = 4}, progress);
    ASSERT_TRUE(stopped.ok());
    EXPECT_TRUE(stopped->interrupted);
    const int measured = static_cast<int>(runner.measured().size());
    EXPECT_GE(measured, stopAfter);
    EXPECT_LE(measured, stopAfter + 1) << "one more may have been running";
    EXPECT_EQ(store.statuses()[TrialStatus::correct], measured) << "every finished one is stored";
    EXPECT_FALSE(stopped->problems.back().complete);
    EXPECT_EQ(progress.measured, static_cast<std::uint64_t>(measured));

    const TuneResult rest = mustTune(job, runner, store, {.jobs = 2, .batch = 4});
    EXPECT_FALSE(rest.interrupted);
    EXPECT_EQ(runner.measured().size(), 2 * kDistinct) << "nothing is measured twice";
    EXPECT_EQ(answerText(rest), expected);
  }
}

TEST(Tuner, StopAfterTheLastMeasurementIsNoInterruption) {
  const Job job = smallJob({1024});
  FakeRunner runner;
  FakeStore store;
  mustTune(job, runner, store);
  TuneProgress progress;
  progress.stop = true;
  const auto result = tune(job, runner, store, {.jobs = 2}, progress);
  ASSERT_TRUE(result.ok());
  EXPECT_FALSE(result->interrupted);
}

TEST(Tuner, AnswerAndStoredTrialsDoNotDependOnThreadsOrBatches) {
  const Job job = smallJob();
  std::set<std::string> answers, stored;
  for (const TuneOptions& options :
       {TuneOptions{.jobs = 1}, TuneOptions{.jobs = 4}, TuneOptions{.jobs = 3, .batch = 1},
        TuneOptions{.jobs = 8, .batch = 7}}) {
    FakeRunner runner;
    FakeStore store;
    answers.insert(answerText(mustTune(job, runner, store, options)));
    std::string text;
    for (const Trial& trial : store.trials())
      text += trial.problem.text() + " " + trial.point.text() + " " + name(trial.status) + " " +
              trial.detail + "\n";
    stored.insert(text);
  }
  EXPECT_EQ(answers.size(), 1u);
  EXPECT_EQ(stored.size(), 1u);
}

TEST(Tuner, FailedWriteIsAnErrorAndKeepsEarlierBatches) {
  const Job job = smallJob();
  FakeRunner runner;
  FakeStore store;
  store.failAfter = 3;
  TuneProgress progress;
  const auto result = tune(job, runner, store, {.jobs = 2, .batch = 4}, progress);
  ASSERT_FALSE(result.ok());
  EXPECT_EQ(result.error().message, "disk full");
  EXPECT_EQ(store.batches.size(), 3u);
  const int kept = store.statuses()[TrialStatus::correct];
  EXPECT_GT(kept, 0);

  store.failAfter = SIZE_MAX;
  runner.forget();
  mustTune(job, runner, store, {.jobs = 2, .batch = 4});
  EXPECT_EQ(runner.measured().size(), static_cast<std::size_t>(2 * kDistinct - kept));
}

// What a device has measured is stored before the next measurement begins, whatever the batch.
TEST(Tuner, MeasurementsOfADeviceAreStoredAtOnce) {
  const Job job = smallJob();
  FakeRunner runner;
  FakeStore store;
  runner.isExact = false;
  std::size_t measured = 0;
  runner.onMeasure = [&](const Candidate&) {
    EXPECT_EQ(static_cast<std::size_t>(store.statuses()[TrialStatus::correct]), measured);
    ++measured;
  };
  mustTune(job, runner, store, {.jobs = 1, .batch = 20});
  EXPECT_EQ(measured, 2u * kDistinct);
  EXPECT_THAT(store.statuses(), ElementsAre(Pair(TrialStatus::correct, 2 * kDistinct),
                                            Pair(TrialStatus::pruned, 2 * (kLegal - kDistinct))));
}

TEST(Tuner, FailedReadIsAnErrorBeforeAnythingRuns) {
  FakeRunner runner;
  FakeStore store;
  store.loads = false;
  TuneProgress progress;
  const auto result = tune(smallJob(), runner, store, {.jobs = 2}, progress);
  ASSERT_FALSE(result.ok());
  EXPECT_EQ(result.error().message, "cannot read");
  EXPECT_TRUE(runner.prepared().empty());
}

TEST(Tuner, SeedOutsideTheSpaceIsMeasuredFirstButNotCounted) {
  Job job = smallJob({1024});
  job.seed.set(Param::qkPreload, 5); // the space has 2, 3 and 4
  ASSERT_FALSE(job.space.contains(job.seed).ok());
  FakeRunner runner;
  FakeStore store;
  const TuneResult result = mustTune(job, runner, store);
  EXPECT_EQ(store.batches.front().front().point, job.seed);
  const ProblemResult& one = result.problems.front();
  EXPECT_EQ(one.enumeration.legal, kLegal);
  EXPECT_EQ(one.distinct, kDistinct);
  EXPECT_EQ(one.evaluated, kDistinct + 1);
  ASSERT_TRUE(one.seed);
  EXPECT_EQ(one.seed->point, job.seed);
}

TEST(Tuner, IllegalSeedIsNotMeasured) {
  Job job = smallJob({1024, 1024 + 128}); // TILE_S1 = 256 does not divide the second
  FakeRunner runner;
  FakeStore store;
  const TuneResult result = mustTune(job, runner, store);
  EXPECT_TRUE(result.problems[0].seed);
  EXPECT_FALSE(result.problems[1].seed);
  ASSERT_TRUE(result.problems[1].best);
  EXPECT_EQ(result.problems[1].best->point.tileS1(), 128);
  for (const Candidate& candidate : runner.measured())
    EXPECT_TRUE(candidate.problem.s1 == 1024 || candidate.point.tileS1() == 128);
}

TEST(Tuner, ProblemsWithDifferentKernelsAreLoweredApart) {
  Job job = smallJob({1024});
  job.problems.push_back({.head = 64, .s0 = 1024, .s1 = 1024});
  FakeRunner runner;
  FakeStore store;
  const TuneResult result = mustTune(job, runner, store);
  std::map<std::int64_t, std::uint64_t> prepared;
  for (const Candidate& candidate : runner.prepared())
    ++prepared[candidate.problem.head];
  EXPECT_EQ(prepared[128], result.problems[0].enumeration.legal);
  EXPECT_EQ(prepared[64], result.problems[1].enumeration.legal);
  EXPECT_GT(prepared[64], 0u);
}

TEST(Tuner, PreparationIsChargedToOneTrialOfEachPoint) {
  FakeRunner runner;
  FakeStore store;
  mustTune(smallJob({1024, 2048, 4096}), runner, store);
  std::map<Point, int> charged;
  for (const Trial& trial : store.trials())
    charged[trial.point] += trial.prepareSeconds > 0 ? 1 : 0;
  ASSERT_EQ(charged.size(), kLegal);
  for (const auto& [point, count] : charged)
    EXPECT_EQ(count, 1) << point.text();
}

TEST(Tuner, ProgressCountsEveryPair) {
  FakeRunner runner;
  FakeStore store;
  TuneProgress progress;
  ASSERT_TRUE(tune(smallJob(), runner, store, {.jobs = 2}, progress).ok());
  EXPECT_EQ(progress.total, 2u * kLegal);
  EXPECT_EQ(progress.done, 2u * kLegal);
  EXPECT_EQ(progress.measured, 2u * kDistinct);
}

} // namespace
} // namespace ptotune::test
